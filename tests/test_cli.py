from __future__ import annotations

import json
from pathlib import Path

import pytest

from hjgis import cli
from hjgis.cli import commands
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from tests.network import build
from tests.photos import make_photo


class Faces:
    """Notes what would be shown."""

    def __init__(self) -> None:
        self.shown: list[object] = []

    def window(self, project: Path | None) -> int:
        self.shown.append(project)
        return 0

    def screenshot(
        self, project: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
    ) -> None:
        self.shown.append((project, out, size, show, extent))


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], Faces())


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="li") as project:
        build(project)
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_info_prints_one_json_object(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("info", town, "--json") == 0
    facts = printed(capsys)
    assert (facts["crs"], facts["integrity"], len(facts["content_sha256"])) == (
        "EPSG:4545",
        "ok",
        64,
    )
    manhole = next(layer for layer in facts["layers"] if layer["name"] == "manhole")
    assert manhole == {
        "name": "manhole",
        "title": "Manhole",
        "kind": "asset",
        "geometry": "Point",
        "count": 3,
    }


def test_history_of_a_feature_names_who_and_what(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(town, write=False) as project:
        uuid = project.table("manhole", []).uuids[0]
    capsys.readouterr()
    assert run("history", town, "--feature", f"manhole/{uuid}", "--json") == 0
    (change,) = printed(capsys)["changes"]
    assert (change["operator"], change["label"], change["words"]) == (
        "li",
        "edit.add",
        "Add Manhole",
    )
    assert change["rows"] == [{"op": "insert", "old": None}]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("info", "missing.gpkg"), 3, "no file"),
        (("nonsense", "x"), 2, "Unknown command"),
        (("new", "{town}"), 3, "exists already"),
        (("new", "{folder}/a.gpkg", "--crs", "EPSG:4490"), 3, "projected"),
        (("new", "{folder}/a.gpkg", "--clean"), 2, "--sample"),
        (("new", "{folder}/none/a.gpkg"), 3, "no folder"),
        (("history", "{town}", "--feature", "manhole"), 2, "LAYER/UUID"),
        (("map", "{town}", "{folder}/m.pdf", "--series", "selected"), 2, "--query"),
        (
            ("import", "{town}", "{folder}/x.csv", "--to", "manhole", "--map", "A"),
            2,
            "SOURCE=FIELD",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    town: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    filled = [text.format(town=town, folder=town.parent) for text in arguments]
    assert run(*filled) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


@pytest.mark.parametrize(
    "arguments",
    [("history",), ("export", "a", "b", "--format", "dwg"), ("map", "a", "b", "--scale", "-5")],
)
def test_wrong_options_exit_with_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2


def test_a_bug_of_ours_exits_with_70(
    town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setitem(commands._COMMANDS, "info", broken)
    assert run("info", town) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_no_argument_opens_the_window_and_a_file_opens_in_it(town: Path) -> None:
    faces = Faces()
    assert cli.main([], faces) == 0
    assert cli.main([str(town)], faces) == 0
    assert faces.shown == [None, town]


def test_a_screenshot_hands_on_what_was_asked(town: Path) -> None:
    faces = Faces()
    cli.main(["screenshot", str(town), "o.png", "--size", "800x600", "--extent", "1,2,3,4"], faces)
    assert faces.shown == [(town, Path("o.png"), (800, 600), "main", (1, 2, 3, 4))]


def test_files_are_attached_from_a_shell(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(town, write=False) as project:
        uuid = project.table("manhole").uuids[0]
    photo = make_photo(tmp_path / "井.jpg")
    (tmp_path / "验收.pdf").write_bytes(b"%PDF-1.7 ...")
    asset = f"manhole/{uuid}"
    capsys.readouterr()
    arguments = ("attach", town, asset, photo, tmp_path / "验收.pdf")
    assert run(*arguments, "--json") == 0
    facts = printed(capsys)
    assert [entry["file_name"] for entry in facts["attached"]] == ["井.jpg", "验收.pdf"]
    assert [entry["role"] for entry in facts["attached"]] == ["照片", "资料"]
    assert "m from the asset" in facts["warnings"][0]
    assert run(*arguments, "--json") == 0
    assert printed(capsys)["already_there"] == 2
    with Project.open(town, write=False) as project:
        assert project.media.read(facts["attached"][0]["sha256"]) == photo.read_bytes()
    assert run("info", town, "--json") == 0
    size = photo.stat().st_size + len(b"%PDF-1.7 ...")
    assert printed(capsys)["attachments"] == {"count": 2, "bytes": size}
    assert run("attach", town, asset, photo, "--role", "before") == 0
    assert "1 file attached" in capsys.readouterr().out


def test_what_cannot_be_attached_stores_nothing(town: Path, tmp_path: Path) -> None:
    with Project.open(town, write=False) as project:
        uuid = project.table("manhole").uuids[0]
    photo = make_photo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes(b"")
    assert run("attach", town, f"manhole/{uuid}", photo, tmp_path / "b.jpg") == 3
    assert run("attach", town, "manhole", photo) == 2
    assert run("attach", town, "manhole/none", photo) == 3
    assert run("attach", town, f"manhole/{uuid}", photo, "--role", "nonsense") == 2
    with Project.open(town, write=False) as project:
        assert project.count("attachment") == 0
        assert project.media.stock().count == 0


def test_a_photo_above_the_limit_is_made_smaller_only_when_asked(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(town, write=False) as project:
        asset = f"manhole/{project.table('manhole').uuids[0]}"
    photo = make_photo(tmp_path / "a.jpg", size=(6200, 5000), noise=1, quality=98)
    assert photo.stat().st_size > 20 * 1024**2
    assert run("attach", town, asset, photo) == 3
    assert "--recompress stores a picture of" in capsys.readouterr().err
    assert run("attach", town, asset, photo, "--recompress") == 0
    with Project.open(town, write=False) as project:
        assert project.media.stock().size_bytes < 5 * 1024**2


def test_photos_of_a_copy_are_taken_over_from_a_shell(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.gpkg"
    with Project.open(town) as project:
        uuid = project.table("manhole").uuids[0]
        project.store.save_copy(copy)
    assert run("attach", copy, f"manhole/{uuid}", make_photo(tmp_path / "a.jpg")) == 0
    capsys.readouterr()
    for expected in (1, 0):
        assert run("attach", town, "--from", copy, "--json") == 0
        assert printed(capsys) == {"found": 1, "taken_over": expected}
    assert run("attach", town) == 2
    assert run("attach", town, "manhole/x", "--from", copy) == 2
