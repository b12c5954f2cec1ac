"""``hjgis targets``: as JSON, as a page and as a workbook."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from hjgis import cli
from tests.test_cli import Faces


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], Faces())


def test_targets_and_tasks_go_out_as_json_beside_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "town.gpkg", tmp_path / "目标.xlsx"
    assert run("new", path) == 0
    capsys.readouterr()
    assert run("targets", path, "--json", "--out", out) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [task["task"] for task in facts["tasks"]] == list(range(1, 24))
    assert {target["status"] for target in facts["targets"]} <= {"met", "short", "over", "info"}
    book = openpyxl.load_workbook(out, read_only=True)
    assert len(book.sheetnames) == 3
    book.close()


def test_a_file_of_another_kind_is_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    assert run("new", path) == 0
    assert run("targets", path, "--out", tmp_path / "board.docx") == 2
    assert not (tmp_path / "board.docx").exists()
