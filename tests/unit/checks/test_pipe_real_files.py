"""Pipe rules on networks of real towns: what they find is in the files, and nothing is nonsense."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hjgis.checks import runner
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project

FEET = 0.3048
INCHES = 25.4


@pytest.fixture(scope="module")
def bangor(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The sewers of Bangor with levels and sizes, feet and inches turned into metres."""
    town = real_data / "town-bangor"
    path = tmp_path_factory.mktemp("bangor") / "bangor.gpkg"
    with Project.create(path, operator="test") as project:
        for name, to in (("sanitaryManhole", "manhole"), ("sanitaryPipe", "pipe_line")):
            carry_out(project, plan_import(project, town / f"{name}.geojson", to=to))
        records = json.loads((town / "sanitaryPipe.geojson").read_text("utf-8"))["features"]
        _add_levels(project, [record["properties"] for record in records])
        yield project


def _add_levels(project: Project, records: list[dict[str, Any]]) -> None:
    fids = project.table("pipe_line", [], geometry=False).fids.tolist()
    rows = [
        (*(_times(facts[name], FEET) for name in ("BCD_UP_INV", "BCD_DN_INV")),
         _times(facts["HEIGHT"], INCHES, digits=0), fid)
        for fid, facts in zip(fids, records, strict=True)
    ]  # fmt: skip
    connection = sqlite3.connect(project.path)
    geometry_blob.register_functions(connection)
    with connection:
        connection.executemany(
            "UPDATE pipe_line SET start_elev_m = ?, end_elev_m = ?, diameter_mm = ?,"
            " flow_dir = '顺向', elev_basis = '管内底' WHERE fid = ?",
            rows,
        )
    connection.close()


def _times(value: object, factor: float, *, digits: int = 3) -> float | None:
    try:
        return round(float(str(value)) * factor, digits)
    except ValueError:
        return None


def test_levels_of_zero_are_told_once_and_used_nowhere(bangor: Project) -> None:
    report = runner.run(bangor, only=["pipe", "point", "attribute.placeholder"])
    assert not report.failed
    assert report.summary["attribute.placeholder"] > 100
    zero = {i.uuid for i in report.issues if i.rule == "attribute.placeholder"}
    for rule in ("pipe.steep", "pipe.adverse_slope"):
        assert zero.isdisjoint(i.uuid for i in report.issues if i.rule == rule)


def test_few_pipes_of_a_kept_network_are_at_fault(bangor: Project) -> None:
    found = Counter(issue.rule for issue in runner.run(bangor, only=["pipe", "point"]).issues)
    pipes = bangor.count("pipe_line")
    for rule in ("pipe.adverse_slope", "pipe.narrowing", "pipe.steep", "point.dead_end"):
        assert 0 < found[rule] < pipes / 50, rule
    assert found["pipe.both_ends_one_node"] == 10
    assert found["pipe.isolated_net"] == 14
    for rule in ("pipe.depth", "pipe.too_short", "point.ways", "point.wrong_connection"):
        assert found[rule] == 0, rule


def test_a_level_in_another_unit_is_found_by_its_slope(bangor: Project) -> None:
    (worst,) = (
        i for i in runner.run(bangor, only=["pipe.steep"]).issues if i.message.startswith("90°")
    )
    # 16301 feet downstream of 167: 163.01 without its point.
    assert "4917.64 m over 26.19 m" in worst.message


def test_a_model_of_a_water_net_is_no_survey_but_has_no_wrong_connection(
    real_data: Path, project: Project
) -> None:
    town = real_data / "water-ky4"
    for name, to in (("ky4_junctions", "pipe_point"), ("ky4_pipes", "pipe_line")):
        carry_out(
            project, plan_import(project, town / f"{name}.geojson", to=to, accept_ballpark=True)
        )
    report = runner.run(project, only=["pipe", "point"])
    assert not report.failed
    assert report.summary.keys() <= {
        *("pipe.end_without_node", "pipe.too_long", "point.feature_or_appendage"),
    }
