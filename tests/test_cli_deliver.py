"""Giving data out from a shell: packages, exports and the register."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper
import shapely
from PySide6.QtWidgets import QApplication

from hjgis import cli
from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests.network import build

GIVEN = ("--to", "示例施工队", "--for", "管网改造")
BARE = ("--no-report", "--no-map")


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """Fonts need a running Qt; the suite's one application will do."""
    assert qapp is not None


class NoWindow:
    def window(self, project: Path | None) -> int:
        raise AssertionError(f"no window was asked for: {project}")

    def screenshot(self, project: Path, out: Path, **options: object) -> None:
        raise AssertionError(f"no picture was asked for: {project} {out} {options}")


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], NoWindow())


@pytest.fixture
def town(blank: Path, tmp_path: Path) -> Path:
    path = Path(shutil.copy(blank, tmp_path / "旗 town.gpkg"))
    with Project.open(path) as project:
        build(project)
    return path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[str, str]]:
    def tell() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return tell


Said = Callable[[], tuple[str, str]]


def register(town: Path, said: Said) -> list[dict[str, object]]:
    said()
    assert run("deliveries", town, "--json") == 0
    found: list[dict[str, object]] = json.loads(said()[0])["deliveries"]
    return found


def test_place_and_password_are_looked_at_before_anything_else(
    town: Path, tmp_path: Path, said: Said
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there.gpkg").write_bytes(b"x")
    (tmp_path / "words.txt").write_text("密码", "utf-8")
    wrong = ("--layers", "nothing")
    tries = (
        (("deliver", town, tmp_path / "there", *GIVEN, *wrong), "exists already"),
        (("deliver", town, tmp_path / "none" / "a.zip", *GIVEN, *wrong), "no folder"),
        (
            ("deliver", town, tmp_path / "a.zip", *GIVEN, *wrong, "--password-file",
             tmp_path / "words.txt"),
            "Latin letters",
        ),
        (("export", town, tmp_path / "there.gpkg", "--format", "gpkg", *wrong), "exists already"),
        (("export", town, "/proc/hjgis", *wrong), "Cannot write"),
    )  # fmt: skip
    before = sorted(tmp_path.iterdir())
    for arguments, words in tries:
        assert run(*arguments) != 0
        assert words in said()[1]
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(("name", "is_file"), [("a.gpkg", True), ("b.DXF", True), ("c", False)])
def test_an_export_without_format_is_what_its_name_ends_like(
    town: Path, tmp_path: Path, name: str, is_file: bool
) -> None:
    assert run("export", town, tmp_path / name, "--layers", "manhole") == 0
    assert (tmp_path / name).is_file() == is_file
    assert (tmp_path / name / "manhole.shp").is_file() != is_file


def test_who_encrypts_is_told_what_opens_it(town: Path, tmp_path: Path, said: Said) -> None:
    (tmp_path / "words.txt").write_text("Pass 1!\n", "utf-8")
    given = ("--password-file", tmp_path / "words.txt")
    assert run("deliver", town, tmp_path / "a.zip", *GIVEN, *BARE, *given) == 0
    assert "7-Zip" in said()[1]
    assert run("deliver", town, tmp_path / "b.zip", *GIVEN, *BARE) == 0
    assert "7-Zip" not in said()[1]


def test_a_package_is_made_listed_and_comes_back(town: Path, tmp_path: Path, said: Said) -> None:
    out = tmp_path / "包.zip"
    assert run("deliver", town, out, *GIVEN, "--formats", "shp,gpkg", "--json") == 0
    facts = json.loads(said()[0])
    assert facts["path"] == str(out) and out.is_file()  # noqa: PT018
    assert facts["delivery"]["recipient"] == "示例施工队"
    assert {layer["name"] for layer in facts["formats"]["gpkg"]} == set(facts["counts"])
    (entry,) = register(town, said)
    assert entry == facts["delivery"]
    assert run("deliveries", town) == 0
    assert "示例施工队" in said()[0]
    assert run("return", town, out, "--json", "--dry-run") == 0


def test_a_dry_run_tells_and_writes_nothing(town: Path, tmp_path: Path, said: Said) -> None:
    before = town.read_bytes()
    assert run("deliver", town, tmp_path / "a", *GIVEN, "--dry-run", "--json") == 0
    facts = json.loads(said()[0])
    assert (facts["delivery"], facts["files"], facts["secrecy"]) == (None, [], "内部")
    assert not (tmp_path / "a").exists()
    assert town.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "who gets the data"),
        ((*GIVEN, "--formats", "dwg"), 2, "no format dwg"),
        ((*GIVEN, "--layers", "nonsense"), 2, "no layer nonsense"),
        ((*GIVEN, "--fields", "manhole"), 2, "LAYER=FIELD"),
        ((*GIVEN, "--fields", "manhole=nonsense"), 2, "no field nonsense"),
        ((*GIVEN, "--query", "nonsense"), 2, "no query nonsense"),
        ((*GIVEN, "--secrecy", "公开"), 2, "cannot be delivered as 公开"),
        ((*GIVEN, "--extent", "0,0,1,1"), 3, "nothing to deliver"),
        ((*GIVEN, "--encrypt"), 2, "HJGIS_PASSWORD"),
        ((*GIVEN, "--password-file", "/nonsense"), 3, "nonsense"),
        ((*GIVEN, "--area", "/nonsense.shp"), 3, "nonsense"),
        ((*GIVEN, "--crs", "EPSG:0"), 3, "EPSG:0"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_left(
    town: Path, tmp_path: Path, said: Said, options: tuple[str, ...], code: int, words: str
) -> None:
    assert run("deliver", town, tmp_path / "a.zip", *options) == code
    err = said()[1]
    assert words in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [town.name]
    assert register(town, said) == []


def test_passwords_come_from_a_file_or_the_environment(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pw").write_text("Pass 1\n", "utf-8-sig")
    kept = tmp_path / "pw"
    given = ("deliver", town)
    assert run(*given, tmp_path / "a.zip", *GIVEN, *BARE, "--password-file", kept) == 0
    monkeypatch.setenv("HJGIS_PASSWORD", "Pass 1")
    assert run(*given, tmp_path / "b.zip", *GIVEN, *BARE, "--encrypt") == 0
    for name in ("a.zip", "b.zip"):
        with pyzipper.AESZipFile(tmp_path / name) as archive:
            archive.setpassword(b"Pass 1")
            assert archive.testzip() is None
        with zipfile.ZipFile(tmp_path / name) as plain, pytest.raises(RuntimeError):
            plain.read(plain.namelist()[0])
    (tmp_path / "pw").write_text("\n", "utf-8")
    assert run(*given, tmp_path / "c.zip", *GIVEN, "--password-file", kept) == 3
    assert run(*given, tmp_path / "c", *GIVEN, "--encrypt") == 2


def test_an_area_of_a_file_in_another_system_chooses(
    town: Path, tmp_path: Path, said: Said
) -> None:
    with Project.open(town, write=False) as project:
        first = project.table("manhole", []).geometry[0]
    import geopandas

    frame = geopandas.GeoDataFrame(geometry=[first.buffer(1.0)], crs="EPSG:4545")
    frame.to_crs("EPSG:4490").to_file(tmp_path / "施工区.gpkg")
    wanted = ("--layers", "manhole", "--area", tmp_path / "施工区.gpkg")
    assert run("deliver", town, tmp_path / "a", *GIVEN, *BARE, *wanted, "--json") == 0
    assert json.loads(said()[0])["counts"] == {"manhole": 1}
    frame.set_geometry([shapely.Point(428_000, 4_528_000)], crs="EPSG:4545").to_file(
        tmp_path / "点.gpkg"
    )
    points = ("--area", tmp_path / "点.gpkg")
    assert run("deliver", town, tmp_path / "b", *GIVEN, *points) == 3
    assert "holds no area" in said()[1]
    both = ("--extent", "0,0,1,1", *points)
    assert run("deliver", town, tmp_path / "b", *GIVEN, *both) == 2


def test_an_export_is_entered_in_the_register_with_who_and_what_for(
    town: Path, tmp_path: Path, said: Said
) -> None:
    assert run("export", town, tmp_path / "a", "--layers", "manhole") == 0
    assert run("export", town, tmp_path / "b", "--layers", "manhole", *GIVEN) == 0
    latest, first = register(town, said)
    assert (first["recipient"], first["purpose"]) == ("own use", "export")
    assert (latest["recipient"], latest["purpose"]) == ("示例施工队", "管网改造")
    assert first["counts"] == {"manhole": 3}


def test_an_export_keeps_the_same_things_back(town: Path, tmp_path: Path, said: Said) -> None:
    with Project.open(town) as project:
        (key, *_rest) = project.table("manhole", []).uuids
        values = {"surveyor": "张调查", "secrecy": "秘密"}
        project.session.apply(set_values(project, [FeatureKey("manhole", key)], values))
        rest = [FeatureKey("manhole", uuid) for uuid in _rest]
        project.session.apply(set_values(project, rest, {"surveyor": "李调查"}))
    assert run("export", town, tmp_path / "a", "--layers", "manhole", "--json") == 0
    out, err = said()
    (layer,) = json.loads(out)["layers"]
    assert (layer["written"], "surveyor" in layer["names"]) == (2, False)
    assert "1 feature (secrecy 秘密)" in err
    assert "field Surveyor" in err
    assert "李调查".encode("gbk") not in (tmp_path / "a" / "manhole.dbf").read_bytes()
    assert run("export", town, tmp_path / "b", "--secrecy", "公开") == 2


def test_a_project_that_is_open_elsewhere_gives_nothing_out(
    town: Path, tmp_path: Path, said: Said
) -> None:
    with Project.open(town):
        for command in (
            ("deliver", town, tmp_path / "a", *GIVEN),
            ("export", town, tmp_path / "a"),
        ):
            assert run(*command) == 3
            assert "Traceback" not in said()[1]
        # What is only told needs no register.
        assert run("deliver", town, tmp_path / "a", *GIVEN, "--dry-run") == 0
    assert not (tmp_path / "a").exists()


def test_shapefiles_get_their_symbols_when_asked(town: Path, tmp_path: Path, said: Said) -> None:
    assert run("export", town, tmp_path / "a", "--format", "shp") == 0
    assert run("export", town, tmp_path / "b", "--format", "shp", "--symbols") == 0
    assert not [*(tmp_path / "a").glob("*.qml")]
    looks = {path.stem for path in (tmp_path / "b").glob("*.qml")}
    assert looks == {path.stem for path in (tmp_path / "b").glob("*.shp")} != set()
    said()
