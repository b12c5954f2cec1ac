"""A delivery goes out and comes back, from a shell."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, FeatureKey
from tests.returns import edited, zipped
from tests.test_cli import run
from tests.unit.checks.faults import add, at

ASKED = (
    "--to", "示例施工队", "--for", "更换灯具", "--layers", "street_lamp", "--secrecy", "internal",
    "--no-map", "--no-report",
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="甲") as project:
        for number in range(6):
            add(project, "street_lamp", at(30 * number), pole_no=f"L{number}", road_name="示范路")
    return path


@pytest.fixture
def package(town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    out = tmp_path / "交付"
    assert run("deliver", town, out, *ASKED) == 0
    capsys.readouterr()
    return out


def facts(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def relit(package: Path) -> None:
    """Let the contractor change one lamp, move another, take one out and put a new one up."""

    def edit(records: list[Any]) -> list[Any]:
        records[0]["properties"]["BZ"] = "已换灯"
        x, y, *rest = records[1]["geometry"]["coordinates"]
        records[1]["geometry"] = {"type": "Point", "coordinates": (x, y + 2.5, *rest)}
        new = {**records[2], "properties": {**records[2]["properties"], "UUID": None, "DGBH": "新"}}
        new["geometry"] = {"type": "Point", "coordinates": (x, y + 80, *rest)}
        return [*records[:3], *records[4:], new]

    edited(package / "数据" / "shp" / "street_lamp.shp", edit)


def test_a_delivery_that_comes_back_untouched_changes_nothing(
    town: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("return", town, package, "--json") == 0
    found = facts(capsys)
    assert set(found["counts"].values()) == {0}
    assert (found["taken"], found["warnings"], found["problems"]) == (0, [], [])
    assert found["unchanged_files"]


def test_a_return_is_previewed_taken_over_and_taken_back(
    town: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relit(package)
    with Project.open(town) as project:
        start = project.content_sha256()
    assert run("return", town, package, "--dry-run", "--json") == 0
    found = facts(capsys)
    assert found["counts"] == {"new": 1, "changed": 2, "conflict": 0, "missing": 1, "already": 0}
    assert (found["by"], found["taken"]) == ("示例施工队", 0)
    assert found["new"][0]["title"] == "新"
    by_kind = {entry["kind"]: entry for entry in found["differences"]}
    assert by_kind["missing"]["title"] == "L3"
    with Project.open(town) as project:
        assert project.content_sha256() == start

    assert run("return", town, package, "--by", "示例二队") == 0
    said = capsys.readouterr().out
    assert "2 changed, 1 new, 1 missing, 0 in conflict, 0 here already; 3 taken over" in said
    assert "remarks: – → 已换灯" in said
    assert run("history", town) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert "示例二队" in line
    assert found["delivery"] in line
    assert run("return", town, package, "--json") == 0
    assert facts(capsys)["counts"] == {
        "new": 0, "changed": 0, "conflict": 0, "missing": 1, "already": 3
    }  # fmt: skip
    with Project.open(town) as project:
        assert project.count("street_lamp") == 7
        project.session.undo()
        assert project.content_sha256() == start


def test_values_of_a_return_are_told_as_in_the_window(
    town: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Project.open(town) as project:
        asset = project.asset_type("street_lamp")
        height, kind = (asset.field(name).short for name in ("pole_height_m", "lamp_type"))

    def edit(records: list[Any]) -> list[Any]:
        records[0]["properties"] |= {height: 8.0, kind: "高压钠灯"}
        return records

    edited(package / "数据" / "shp" / "street_lamp.shp", edit)
    assert run("return", town, package, "--dry-run") == 0
    words = "lamp_type: – → High-pressure sodium; pole_height_m: – → 8\n"
    assert words in capsys.readouterr().out


def test_only_what_is_told_is_taken_and_conflicts_only_if_theirs_count(
    town: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relit(package)
    with Project.open(town, operator="甲") as project:
        key = next(iter(project.table("street_lamp", []).uuids))
        lamp = project.get(FeatureKey("street_lamp", str(key)))
        ours = Change(lamp, lamp.with_values(remarks="我们也改了"))
        project.session.apply(ChangeSet("edit.attributes", (ours,)))
    assert run("return", town, package, "--take", "missing") == 0
    out = capsys.readouterr().out
    assert "1 in conflict" in out
    assert "1 taken over" in out
    assert "我们也改了 (delivered: –) → 已换灯" in out
    with Project.open(town) as project:
        assert project.count("street_lamp") == 5
    assert run("return", town, package, "--take", "changed", "--conflicts", "theirs") == 0
    with Project.open(town) as project:
        remarks = project.table("street_lamp", ["remarks"]).columns["remarks"].tolist()
    assert "已换灯" in remarks
    assert run("return", town, package, "--take", "all") == 2
    assert "--take" in capsys.readouterr().err


def test_an_archive_with_a_password_comes_back(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "密码.txt"
    secret.write_text("secret-123\n", "utf-8")
    out = tmp_path / "交付.zip"
    locked = ("--password-file", secret)
    assert run("deliver", town, out, *ASKED, *locked) == 0
    # The contractor unpacks, edits and packs again, with the same password.
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(b"secret-123")
        archive.extractall(tmp_path / "解包")
    (root,) = (tmp_path / "解包").iterdir()
    relit(root)
    back = zipped(root, tmp_path / "返还.zip", password="secret-123")
    capsys.readouterr()
    assert run("return", town, back) == 3
    assert "--password-file" in capsys.readouterr().err
    assert run("return", town, back, *locked, "--json") == 0
    assert facts(capsys)["taken"] == 3
    # Packed without a password and without a folder it is the same.
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as plain:
        for path in root.rglob("*"):
            plain.write(path, path.relative_to(root).as_posix())
    assert run("return", town, tmp_path / "b.zip", "--json") == 0
    assert facts(capsys)["counts"]["already"] == 3


def test_a_return_while_the_project_is_open_elsewhere_is_refused_but_can_be_looked_at(
    town: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relit(package)
    with Project.open(town):
        assert run("return", town, package) == 3
        assert capsys.readouterr().err
        assert run("return", town, package, "--dry-run") == 0
    assert "Nothing was stored" in capsys.readouterr().err


def test_a_package_of_another_project_is_told_and_answered(
    town: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    relit(package)
    other = tmp_path / "other.gpkg"
    assert run("new", other) == 0
    capsys.readouterr()
    assert run("return", other, package) == 3
    assert "--delivery present" in capsys.readouterr().err
    assert run("return", other, package, "--delivery", "present", "--json") == 0
    assert facts(capsys)["counts"]["new"] == 6
    with Project.open(other) as project:
        assert project.count("street_lamp") == 6
    shutil.rmtree(package)
    assert run("return", town, package) == 3
