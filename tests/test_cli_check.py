"""``hjgis check`` and what is accepted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from hjgis import cli
from hjgis.checks import runner
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.exceptions import accept
from hjgis.models.rule_settings import FACT
from tests.test_cli import Faces
from tests.unit.checks.faults import add


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], Faces())


def test_what_is_accepted_fails_no_check_unless_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="li") as project:
        uuid = add(project, "toilet", None)
        issues = runner.run(project, only=["geometry.empty"]).issues
        day = dt.date(2025, 5, 1)
        project.session.apply(accept(None, issues, "planned", operator="li", on=day))
    capsys.readouterr()
    assert run("check", path, "--only", "geometry.empty", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["issues"] == []
    assert [one["uuid"] for one in facts["exceptions"]] == [uuid]
    assert run("check", path, "--only", "geometry.empty") == 0
    assert "1 finding is accepted" in capsys.readouterr().err
    assert run("check", path, "--only", "geometry.empty", "--no-exceptions", "--json") == 1
    facts = json.loads(capsys.readouterr().out)
    assert [issue["uuid"] for issue in facts["issues"]] == [uuid]
    assert facts["exceptions"] == []


def test_a_rule_that_cannot_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    with Project.open(path, operator="li") as project:
        text = '{"pipe.end_off_node":{"limits":{"tolerance_m":"far"}}}'
        project.session.apply(ChangeSet("check.rules", facts=(FactChange(FACT, None, text),)))
    capsys.readouterr()
    assert run("check", path, "--only", "topology") == 0
    said = capsys.readouterr().err
    assert "pipe.end_off_node" in said
    assert "tolerance_m cannot be far" in said
