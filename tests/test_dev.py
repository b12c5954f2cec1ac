"""`./dev` carries the program to computers without network."""

from __future__ import annotations

import hashlib
import inspect
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Stands for the program: writes down how it was called.
_HJGIS = """
import sys
from pathlib import Path

def main():
    with (Path(sys.prefix).parent / "called.txt").open("a") as file:
        print(*sys.argv[1:], file=file)
"""
_IMPORTS = "import zipfile\nfrom pathlib import Path\n"
_BACKEND = """
def build_editable(folder, settings=None, metadata=None):
    return wheel(folder, "hjgis", "").name
"""
# A system without one of the packages; packages are fetched as empty files.
_SYSTEM = {
    "apt-get": """
for word; do
    case $word in Dir::Cache::archives=*) folder=${word#*=} ;; esac
done
echo "$@" >>"$SAID"
: >"$folder/fonts-wqy-microhei_1.deb"
: >"$folder/libc6_1.deb"
""",
    "dpkg-query": """
case $* in
    *Provides*) echo "$INSTALLED" | sed 's/.*/installed &/' ;;
    *libc6) printf installed ;;
    *) exit 1 ;;
esac
""",
    "dpkg-deb": 'basename "$2" _1.deb',
    "dpkg": 'echo dpkg "$@" >>"$SAID"',
    "id": "echo 0",
    "fc-list": ":",
}


def wheel(folder: str | Path, name: str, source: str) -> Path:
    """Write a wheel by hand: one module that may be the command hjgis."""
    info, tag = f"{name}-1.dist-info", "py3-none-any"
    path = Path(folder) / f"{name}-1-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        if source:
            archive.writestr(f"{name}.py", source)
            archive.writestr(f"{info}/entry_points.txt", f"[console_scripts]\nhjgis={name}:main\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        said = f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: {tag}\n"
        archive.writestr(f"{info}/WHEEL", said)
        names = [*archive.namelist(), f"{info}/RECORD"]
        archive.writestr(f"{info}/RECORD", "".join(f"{one},,\n" for one in names))
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A program of one module that needs one package, with the real `dev`."""
    folder = tmp_path / "软件 程序"
    folder.mkdir()
    shutil.copy(ROOT / "dev", folder)
    (folder / "backend.py").write_text(_IMPORTS + inspect.getsource(wheel) + _BACKEND)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (tmp_path / "wheels").mkdir()
    made = wheel(tmp_path / "wheels", "needed", _HJGIS)
    line = f"needed==1 --hash=sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}\n"
    (folder / "requirements.lock").write_text(line)
    (folder / "requirements-dev.lock").write_text(line)
    return folder


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    bin_ = folder.parent / "bin"
    bin_.mkdir(exist_ok=True)
    for name, source in _SYSTEM.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{source}")
        (bin_ / name).chmod(0o755)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIP_") and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    environment |= {"PATH": f"{bin_}:{os.environ['PATH']}", "SAID": str(folder.parent / "said.txt")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "INSTALLED": "nothing", **more}
    return subprocess.run(
        ["sh", "dev", *words], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_a_pack_runs_where_there_is_no_network(checkout: Path, tmp_path: Path) -> None:
    packed = tmp_path / "离线包"
    needed = subprocess.run(
        ["sh", "-c", ". /dev/stdin; needed_packages"],
        input=(ROOT / "dev").read_text("utf-8").partition("# --- the virtual")[0],
        capture_output=True, text=True, cwd=checkout,
    )  # fmt: skip
    assert needed.returncode == 0, needed.stderr
    here = run(
        checkout, "pack", str(packed), INSTALLED=needed.stdout,
        PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path / "wheels"),
    )  # fmt: skip
    assert here.returncode == 0, here.stderr
    assert [path.name for path in (packed / "offline" / "wheels").iterdir()] == [
        "needed-1-py3-none-any.whl"
    ]
    assert not (packed / ".venv").exists()

    there = run(packed, "run", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert there.returncode == 0, there.stderr
    assert (packed / "called.txt").read_text().startswith("new ")
    said = (tmp_path / "said.txt").read_text("utf-8").splitlines()
    # What the other computer has already stays as it is.
    assert said[-1] == "dpkg -i offline/debs/fonts-wqy-microhei_1.deb"

    # With a display the desktop's menu gets an entry.
    home = tmp_path / "家"
    seen = run(packed, "run", DISPLAY=":0", HOME=str(home), XDG_DATA_HOME="")
    assert seen.returncode == 0, seen.stderr
    entry = (home / ".local/share/applications/hjgis.desktop").read_text("utf-8")
    assert f'Exec="{packed}/.venv/bin/hjgis" %f' in entry
