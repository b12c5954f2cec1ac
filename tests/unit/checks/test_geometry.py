from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.checks.rules.geometry import same_geometry
from hjgis.layers.project import Project
from tests.unit.checks.faults import (
    BOW_TIE,
    STRAIGHT,
    X,
    Y,
    add,
    at,
    found,
    issues,
    line,
    square,
)


def array(*geometry: object) -> np.ndarray:
    result = np.empty(len(geometry), dtype=object)
    result[:] = geometry
    return result


def test_a_crossed_outline_says_where_it_crosses(project: Project) -> None:
    add(project, "parking_bay", BOW_TIE)
    (issue,) = issues(project, "geometry.invalid")
    assert (issue.x, issue.y) == (X + 5, Y + 5)
    assert issue.message == (
        "Invalid: the outline crosses itself, at X(N) 4528005.00 Y(E) 428005.00"
    )


def test_a_line_without_length_is_invalid(project: Project) -> None:
    uuid = add(project, "pipe_line", line((0, 0), (0, 0)))
    (issue,) = issues(project, "geometry.invalid")
    assert issue.uuid == uuid
    assert "too few different points" in issue.message


def test_invalid_shapes_stop_no_other_check(project: Project) -> None:
    uuid = add(project, "parking_bay", BOW_TIE)
    assert found(project, "attribute.required") == {uuid}
    assert found(project, "geometry") == {uuid}


# -- drawn twice ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (at(), at()),
        (at(), at(0.0009)),
        (at(), shapely.Point(X, Y, 1040.0)),
        (line(*STRAIGHT), line(*reversed(STRAIGHT))),
        (line((0, 0), (20, 5), (50, 0)), line((50, 0.0005), (20, 5), (0, 0))),
        (square(0, 0, 5), shapely.reverse(square(0, 0, 5))),
        (
            shapely.MultiPolygon([square(0, 0, 5), square(9, 0, 5)]),
            shapely.MultiPolygon([square(9, 0, 5), square(0, 0, 5)]),
        ),
    ],
    ids=["point", "half a millimetre", "height", "direction", "both", "ring", "parts"],
)
def test_geometries_alike_are_the_same(one: object, other: object) -> None:
    first, second = same_geometry(array(at(700), one, other), 0.001)
    assert (first.tolist(), second.tolist()) == ([1], [2])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (at(), at(0.0011)),
        (line(*STRAIGHT), line((0, 0), (25, 0.002), (50, 0))),
        (line((0, 0), (0, 50)), line((0, 0), (50, 50), (0, 50))),
        (square(0, 0, 5), square(0, 0, 6)),
        (square(0, 0, 5), square(1, 1, 3)),
    ],
    ids=["a millimetre apart", "bent", "longer way", "bigger", "inside, same middle"],
)
def test_geometries_that_differ_are_not(one: object, other: object) -> None:
    first, _second = same_geometry(array(one, other), 0.001)
    assert len(first) == 0


def test_a_heap_of_copies_is_pairs_and_not_their_square() -> None:
    heap = array(*[at()] * 5000)
    first, second = same_geometry(heap, 0.001)
    assert len(first) == 4999
    assert set(first) | set(second) == set(range(5000))


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_twin(count: int) -> None:
    assert len(same_geometry(array(*[at()] * count), 0.001)[0]) == 0


def test_each_twin_names_the_other(project: Project) -> None:
    a = add(project, "park", square(0, 0, 5), park_name="North")
    b = add(project, "park", square(0, 0, 5))
    said = {issue.uuid: issue.message for issue in issues(project, "geometry.duplicate")}
    assert said == {a: f"Same place as {b[:8]}", b: "Same place as North"}


# -- outside -------------------------------------------------------------------------------------


def test_without_a_boundary_the_county_is_the_limit(project: Project) -> None:
    add(project, "toilet", at())
    swapped = add(project, "toilet", shapely.Point(Y, X))
    zero = add(project, "toilet", shapely.Point(0, 0))
    assert found(project, "geometry.outside_boundary") == {swapped, zero}


def test_in_another_coordinate_system_nobody_knows_the_limit(tmp_path: Path) -> None:
    with Project.create(tmp_path / "bangor.gpkg", "EPSG:26919") as project:
        add(project, "toilet", shapely.Point(518_000, 4_961_000))
        assert found(project, "geometry.outside_boundary") == set()


def test_the_first_vertex_outside_is_the_place(project: Project) -> None:
    add(project, "boundary", shapely.MultiPolygon([square(0, 0, 100)]))
    add(project, "pipe_line", line((0, 0), (50, 700), (60, 900)))
    (issue,) = issues(project, "geometry.outside_boundary")
    assert (issue.x, issue.y) == (X + 50, Y + 700)


def test_all_boundaries_together_bound_the_project(project: Project) -> None:
    add(project, "boundary", shapely.MultiPolygon([square(0, 0, 100)]))
    add(project, "boundary", shapely.MultiPolygon([square(5000, 0, 100)]))
    add(project, "toilet", at(5050, 50))
    assert found(project, "geometry.outside_boundary") == set()
