"""The sample town: every planted fault is found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.checks import runner, targets
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    create_sample(folder / "town.gpkg", clean=False)
    create_sample(folder / "clean.gpkg", clean=True)
    return folder


def test_the_check_finds_what_the_answer_key_says_and_nothing_else(folder: Path) -> None:
    key = json.loads((paths.sample_data() / "answer_key.json").read_text("utf-8"))
    with Project.open(folder / "town.gpkg", write=False) as project:
        report = runner.run(project)
    found = {(i.rule, i.uuid) for i in report.issues if i.severity != "info"}
    assert found == {(row["rule"], row["uuid"]) for row in key}


def test_the_clean_town_has_no_error_and_no_warning(folder: Path) -> None:
    with Project.open(folder / "clean.gpkg", write=False) as project:
        report = runner.run(project)
    assert [issue for issue in report.issues if issue.severity != "info"] == []
    assert {entry.overall for entry in report.completeness.values()} == {1.0}


@pytest.mark.parametrize("town", ["town.gpkg", "clean.gpkg"])
def test_the_town_holds_what_the_notice_counts(folder: Path, town: str) -> None:
    with Project.open(folder / town, write=False) as project:
        found = {result.id: (result.actual, result.status) for result in targets.measure(project)}
    assert found["TG-05-PARK"] == (19, "met")
    assert found["TG-07-LED"] == (920, "met")
    assert found["TG-07-ROADS"] == (4, "met")
    assert found["TG-10-BIKE"] == (800, "met")
    assert found["TG-10-AREA"] == (15.0, "met")
