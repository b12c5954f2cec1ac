"""Findings mended from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hjgis.layers.project import Project
from tests.test_cli import run
from tests.unit.checks.faults import add, at, line


@pytest.fixture
def lamps(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="li") as project:
        add(project, "street_lamp", at(), lamp_type="煤油灯")
        add(project, "street_lamp", at(30), lamp_type="LED。")
    return path


def kinds(path: Path) -> list[object]:
    with Project.open(path, write=False) as project:
        return project.table("street_lamp", ["lamp_type"]).columns["lamp_type"].tolist()


def test_a_dry_run_says_what_would_change_and_stores_nothing(
    lamps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("fix", lamps, "attribute.code", "--fix", "to-remarks", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "煤油灯  –" in out
    assert "2" in out.splitlines()[-1]
    assert kinds(lamps) == ["煤油灯", "LED。"]


def test_what_is_mended_is_stored_as_one_change(
    lamps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    # One of the two is like no code: it is left, and the exit code says so.
    assert run("fix", lamps, "attribute.code", "--fix", "code-by-name", "--json") == 1
    facts = json.loads(capsys.readouterr().out)
    assert (facts["fix"], facts["stored"], facts["done"]) == ("code-by-name", True, 1)
    assert facts["refused"][0]["why"]
    (change,) = facts["changes"]
    assert change["action"] == "change"
    assert change["fields"]["lamp_type"] == ["LED。", "LED"]
    assert kinds(lamps) == ["煤油灯", "LED"]
    with Project.open(lamps) as project:
        project.session.undo()
    assert kinds(lamps) == ["煤油灯", "LED。"]


def test_every_reason_why_some_are_left_is_told_with_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="li") as project:
        far = add(project, "manhole", at(900))
        for north in (0, 10):
            add(project, "pipe_line", line((0, north), (50, north)), from_node=far)
        near = add(project, "manhole", at(0, 50.5))
        add(project, "pipe_line", line((0, 50), (0, 50.5)), from_node=near, to_node=near)
    capsys.readouterr()
    assert run("fix", path, "pipe.end_off_node", "--fix", "end-to-node") == 1
    told = capsys.readouterr().err
    assert "2 cannot be: Its node lies more than 5 m away." in told
    assert "1 cannot be: A pipe would be left without length." in told


def test_a_fix_that_asks_needs_an_answer_of_its_list(
    lamps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ("fix", lamps, "attribute.code", "--fix", "code-chosen")
    capsys.readouterr()
    assert run(*chosen) == 2
    assert "LED" in capsys.readouterr().err
    assert run(*chosen, "--value", "氢灯") == 2
    assert run(*chosen, "--value", "LED") == 0
    assert kinds(lamps) == ["LED", "LED"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no.rule",), "attribute.code"),
        (("attribute.code",), "to-remarks"),
        (("attribute.code", "--fix", "nothing"), "to-remarks"),
        (("target.unmet",), "target.unmet"),
        (("geometry.empty", "--fix", "delete", "--value", "x"), "--value"),
    ],
)
def test_what_cannot_be_meant_is_a_question_of_usage(
    lamps: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    capsys.readouterr()
    assert run("fix", lamps, *arguments) == 2
    assert said in capsys.readouterr().err
