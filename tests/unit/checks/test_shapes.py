from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.checks import runner
from hjgis.checks.rules.geometry import same_geometry, same_place, surely_valid
from hjgis.checks.rules.register import all_rules
from hjgis.layers.plain_blobs import MadeShapes
from hjgis.layers.project import Project
from tests.unit.checks.faults import BOW_TIE, X, Y, add, at, foreign, issues, line, square


def shapes(*given: object) -> np.ndarray:
    result = np.empty(len(given), dtype=object)
    result[:] = given
    return result


def test_what_is_surely_valid_is_valid_in_the_eyes_of_geos() -> None:
    rng = np.random.default_rng(3)
    rings = rng.integers(0, 4, (4000, 4, 2)).astype(float)
    quads = shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))
    sure = surely_valid(MadeShapes(quads).vertices)
    assert sure.sum() > 300
    assert shapely.is_valid(quads[sure]).all()


def test_what_is_not_simple_is_left_to_geos() -> None:
    given = shapes(
        BOW_TIE, line((0, 0), (0, 0)), None, shapely.Point(), shapely.Point(np.nan, 1.0),
        line((0, 0), (5, 0), (0, 0)),
    )  # fmt: skip
    assert not surely_valid(MadeShapes(given).vertices).any()
    simple = shapes(at(), line((0, 0), (5, 0)), line((0, 0), (5, 0), (9, 0)), square(0, 0, 5))
    assert surely_valid(MadeShapes(simple).vertices).all()


def test_points_in_one_place_are_found_as_other_shapes_are() -> None:
    rng = np.random.default_rng(5)
    xy = rng.integers(0, 12, (200, 2)) * 0.0008 + (X, Y)
    ours = {row for pair in zip(*same_place(xy, 0.001), strict=True) for row in pair}
    theirs = {row for pair in zip(*same_geometry(shapely.points(xy), 0.001), strict=True)
              for row in pair}  # fmt: skip
    assert ours == theirs


def test_a_spike_at_the_first_vertex_of_a_ring_is_seen(project: Project) -> None:
    ring = [(X + 10, Y + 60), (X + 9, Y), (X + 11, Y)]
    add(project, "park", shapely.Polygon(ring))
    (issue,) = issues(project, "shape.spike")
    assert (issue.x, issue.y) == (X + 10, Y + 60)


def test_bad_geometry_stops_no_check(project: Project) -> None:
    for layer in ("pipe_line", "park", "road", "grid", "parking_bay"):
        add(project, layer, None)
        add(project, layer, shapely.from_wkt("LINESTRING EMPTY") if layer == "pipe_line" else None)
    add(project, "parking_bay", BOW_TIE)
    add(project, "grid", BOW_TIE)
    add(project, "pipe_line", line((0, 0), (0, 0)))
    add(project, "toilet", at(), component_id="1", grid_id="x", initial_date="2020-01-01")
    foreign(project, "UPDATE toilet SET component_id = 'ü', initial_date = 'gestern'")
    report = runner.run(project)
    assert not report.failed
    assert {"date.impossible", "identity.component_id_form"} <= report.summary.keys()


@pytest.mark.parametrize("rule", sorted(all_rules()))
def test_an_empty_project_stops_no_check(rule: str, project: Project) -> None:
    if all_rules()[rule].enabled:
        assert not runner.run(project, only=[rule]).failed


def test_the_first_place_of_a_fault_counts_all_of_a_feature(project: Project) -> None:
    add(project, "pipe_line", line((0, 0), (9, 0), (9.02, 0), (20, 0), (20.01, 0), (30, 0)))
    (issue,) = issues(project, "shape.short_segment")
    assert issue.message == "2 segments are short, the shortest 0.010 m"
    assert (issue.x, issue.y) == (X + 20, Y)
