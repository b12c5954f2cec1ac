"""The house keeps its own rules: who imports whom, what is locked, what is shipped."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PySide6.QtGui import QPen

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hjgis"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


# Imports


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run(
        [sys.executable, "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def contracts(verdict: str, said: str) -> set[str]:
    return {line.split(f" {verdict}")[0] for line in said.splitlines() if f" {verdict}" in line}


def write_package(folder: Path, modules: dict[str, str]) -> None:
    rooms = ("errors", "paths", "i18n", "logs", "progress", "settings")
    empty = dict.fromkeys((f"{room}.py" for room in rooms), "") | {"__init__.py": ""}
    for name, source in {**empty, "models/__init__.py": "", **modules}.items():
        path = folder / "hjgis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(source, "utf-8")
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())


ALL_CONTRACTS = {contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}


def test_every_room_keeps_the_import_contracts() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert contracts("KEPT", outcome.stdout) == ALL_CONTRACTS


def test_the_picture_of_the_rooms_is_that_of_the_contract() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    picture = page.partition("## Rooms")[2].partition("```text\n")[2].partition("```")[0]
    drawn = [set(re.split(r"\s{2,}", line)[0].split(" | ")) for line in picture.splitlines()]
    stack = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [{name.strip("() ") for name in line.split("|")} for line in stack]
    built = {path.stem for path in PACKAGE.iterdir()}
    assert drawn == [line & built for line in rooms if line & built]


def test_each_contract_is_broken_by_an_import_it_forbids(tmp_path: Path) -> None:
    strangers = (
        "import PySide6, sqlite3, fiona, rasterio, openpyxl, matplotlib, pyproj, geopandas\n"
        "import pynmeagps, pypdf, pyzipper, serial, simpleeval\n"
    )
    write_package(
        tmp_path,
        {"models/assets.py": "import hjgis.edits.move\n", "edits/move.py": strangers},
    )
    outcome = lint_imports(tmp_path)
    assert outcome.returncode == 1
    assert contracts("BROKEN", outcome.stdout) == ALL_CONTRACTS


def test_each_contract_lets_its_own_room_import(tmp_path: Path) -> None:
    write_package(
        tmp_path,
        {
            "ui/canvas.py": "import PySide6.QtWidgets\nimport hjgis.layers.store\n",
            "basemap/source.py": "import sqlite3, rasterio, PIL\n",
            "exchange/tables.py": "import fiona, openpyxl, geopandas\n",
            "exchange/receiver.py": "import pynmeagps, serial\n",
            "exchange/photos.py": "import PIL\n",
            "exchange/archives.py": "import pyzipper\n",
            "cartography/charts.py": "import matplotlib\n",
            "cartography/pdf_layers.py": "import pypdf\n",
            "layers/store.py": "import sqlite3, sqlite_utils\nimport hjgis.models.crs\n",
            "models/expression_values.py": "import simpleeval\n",
            "models/crs.py": "import pyproj\nimport hjgis.errors\n",
        },
    )
    outcome = lint_imports(tmp_path)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_room_that_no_contract_lists_breaks_the_rooms(tmp_path: Path) -> None:
    write_package(tmp_path, {"helpers/__init__.py": ""})
    outcome = lint_imports(tmp_path)
    assert contracts("BROKEN", outcome.stdout) == {"Rooms: who may import whom"}


PAINT = frozenset({"QtCore", "QtGui", "QtPrintSupport", "QtSvg"})
WINDOW = PAINT | {"QtWidgets", "QtSvgWidgets", "QtTest"}
QT_OF_ROOM = {"ui": WINDOW, "render": PAINT, "cartography": PAINT}


def qt_modules(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                dotted = [alias.name for alias in names]
            case ast.ImportFrom(module="PySide6", names=names):
                dotted = [f"PySide6.{alias.name}" for alias in names]
            case ast.ImportFrom(module=str(module)):
                dotted = [module]
            case _:
                continue
        yield from (name.split(".")[1] for name in dotted if name.startswith("PySide6."))


@pytest.mark.parametrize(
    "source",
    [
        "import PySide6.QtWidgets",
        "import PySide6.QtWidgets as widgets",
        "from PySide6 import QtWidgets",
        "from PySide6.QtWidgets import QWidget",
        "def later():\n    from PySide6.QtWidgets import QWidget",
    ],
)
def test_qt_modules_sees_every_way_to_import_one(source: str) -> None:
    assert list(qt_modules(source)) == ["QtWidgets"]


def test_widgets_are_imported_in_ui_only() -> None:
    strays = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for module in qt_modules(path.read_text("utf-8"))
        if module not in QT_OF_ROOM.get(path.relative_to(PACKAGE).parts[0], frozenset())
    ]
    assert strays == []


# Each costs 0.3 to 1.5 s to import, which nobody should wait for before the first map.
SLOW = ("fiona", "geopandas", "matplotlib", "pandas", "pyogrio", "rasterio", "sqlite_utils")


@pytest.mark.parametrize("module", ["hjgis.__main__", "hjgis.layers.project"])
def test_the_way_to_the_first_map_imports_nothing_slow(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({set(SLOW)} & sys.modules.keys()))"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == []


# Dependencies


def test_qt_calls_that_return_nothing_keep_their_reference_to_none() -> None:
    pen = QPen()
    before = sys.getrefcount(None)
    for width_px in range(1000):
        pen.setWidth(width_px)
    assert abs(sys.getrefcount(None) - before) < 100


def locked(name: str) -> dict[str, Requirement]:
    text = (ROOT / name).read_text("utf-8")
    entries = re.findall(r"^([a-z0-9][^\\\n]*?) *\\\n((?: +--hash=sha256:\w{64}.*\n)+)", text, re.M)
    assert len(entries) == len(re.findall(r"^\w.*==", text, re.M)), "an entry without hashes"
    requirements = [Requirement(entry) for entry, _hashes in entries]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def declared(group: str) -> list[Requirement]:
    found = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
    found += [Requirement(line) for line in PYPROJECT["build-system"]["requires"]]
    if group == "dev":
        lines = PYPROJECT["dependency-groups"]["dev"]
        found += [Requirement(line) for line in lines if isinstance(line, str)]
    return found


@pytest.mark.parametrize(
    ("name", "group"), [("requirements.lock", "run"), ("requirements-dev.lock", "dev")]
)
def test_lock_holds_a_fitting_version_of_every_declared_package(name: str, group: str) -> None:
    pins = locked(name)
    for wanted in declared(group):
        (pin,) = pins[canonicalize_name(wanted.name)].specifier
        assert pin.version in wanted.specifier, wanted


def test_tests_run_on_the_versions_that_users_get() -> None:
    for_use, for_tests = locked("requirements.lock"), locked("requirements-dev.lock")
    assert for_use.items() <= for_tests.items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_no_registry_and_no_folder(name: str) -> None:
    words = (ROOT / name).read_text("utf-8").split()
    assert [word for word in words if "://" in word or word.startswith(("/", "--index"))] == []


def test_what_the_build_needs_is_what_the_install_group_locks() -> None:
    assert PYPROJECT["dependency-groups"]["install"] == PYPROJECT["build-system"]["requires"]


def test_wheel_carries_the_resources_and_the_sample(tmp_path: Path) -> None:
    build = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("resources", "sample_data"):
        ours = {f"hjgis/_{path.relative_to(ROOT)}" for path in files_of(ROOT / folder)}
        assert ours
        assert ours <= inside
    assert "hjgis/py.typed" in inside


def files_of(folder: Path) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]


# Files


def test_no_module_is_longer_than_five_hundred_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert len(lengths) > 500
    assert not {name: length for name, length in lengths.items() if length > 500}
