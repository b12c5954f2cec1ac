"""Which cell of the grid a place lies in."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.checks.cells import cell_outlines, cells_at
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid

BOXES = np.array([shapely.box(x, y, x + 10, y + 10) for y in (0, 10) for x in (0, 10, 20)])


def test_each_place_is_in_the_first_cell_that_holds_it() -> None:
    xy = np.random.default_rng(1).uniform(-5, 35, (500, 2))
    held = cells_at(xy, BOXES)
    for spot, cell in zip(shapely.points(xy), held.tolist(), strict=True):
        around = np.flatnonzero(shapely.covers(BOXES, spot))
        assert cell == (around[0] if len(around) else -1)
    assert len({*held.tolist()}) == 1 + len(BOXES)


@pytest.mark.parametrize(
    ("outlines", "expected"),
    [(BOXES, 0), (BOXES[::-1], 1), (BOXES[:0], -1)],
    ids=["in order", "turned round", "none"],
)
def test_on_a_corner_of_several_cells_the_first_one_counts(
    outlines: np.ndarray, expected: int
) -> None:
    assert cells_at(np.array([[10.0, 10.0], [np.nan, np.nan]]), outlines).tolist() == [expected, -1]


def test_a_cell_whose_outline_crosses_itself_holds_what_lies_in_its_parts() -> None:
    bow = np.array([shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])])
    assert cells_at(np.array([[1.0, 5.0], [5.0, 1.0]]), bow).tolist() == [0, -1]


def test_of_no_places_none_is_in_a_cell() -> None:
    assert cells_at(np.empty((0, 2)), BOXES).tolist() == []


def test_cells_without_id_or_outline_are_left_out(project: Project) -> None:
    keys = [FeatureKey("grid", new_uuid()) for _ in range(3)]
    outlines, ids = (BOXES[0], None, BOXES[2]), ("G1", "G2", None)
    project.session.apply(
        ChangeSet(
            "edit.add",
            tuple(
                Change(None, Feature(key, outline, {"grid_id": name}))
                for key, outline, name in zip(keys, outlines, ids, strict=True)
            ),
        )
    )
    found, shapes = cell_outlines(project)
    assert found.tolist() == ["G1"]
    assert shapely.equals(shapes, BOXES[:1]).all()
