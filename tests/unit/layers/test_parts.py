from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.layers.parts import BLOCK, Part
from hjgis.models.changes import Extent
from hjgis.models.shapes import Dimension, Shapes


def boxes_of(count: int, *, seed: int) -> list[shapely.Geometry]:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 1000, (count, 2))
    return [shapely.box(x, y, x + 5, y + 3) for x, y in low.tolist()]


def part_of(geometry: list[shapely.Geometry], dimension: Dimension = 2) -> Part:
    held = np.array([*geometry, None], dtype=object)[:-1]
    fids = np.arange(10, 10 + len(held))
    classes = (fids % 3).astype(np.uint8)
    return Part.of(Shapes.of(held, dimension, fids=fids, classes=classes))


def found(part: Part, extent: Extent) -> list[int]:
    return sorted(part.shapes.fids[part.rows_meeting(extent)].tolist())


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 5),
    st.tuples(*[st.floats(-100, 1100)] * 2),
    st.floats(0, 700),
)
def test_blocks_find_what_looking_at_all_would(
    seed: int, corner: tuple[float, float], side: float
) -> None:
    shapes = boxes_of(1500, seed=seed)
    extent = (*corner, corner[0] + side, corner[1] + side)
    bounds = shapely.bounds(shapes)
    meets = (bounds[:, 0] <= extent[2]) & (bounds[:, 2] >= extent[0])
    meets &= (bounds[:, 1] <= extent[3]) & (bounds[:, 3] >= extent[1])
    assert found(part_of(shapes), extent) == (np.flatnonzero(meets) + 10).tolist()


def test_runs_cover_the_rows_that_meet_and_inside_ones_need_no_look() -> None:
    part = part_of(boxes_of(20_000, seed=1))
    extent = (200.0, 200.0, 700.0, 700.0)
    runs = list(part.runs(extent, most=1024))
    covered = np.concatenate([np.arange(run.start, run.stop) for run in runs])
    assert len(set(covered.tolist())) == len(covered)
    assert set(part.rows_meeting(extent).tolist()) <= set(covered.tolist())
    assert max(run.stop - run.start for run in runs) <= 1024
    assert any(run.inside for run in runs)
    for run in runs:
        boxes = part.boxes(run.start, run.stop)
        lies_in = (boxes[:, :2] >= 200).all() and (boxes[:, 2:] <= 700).all()
        assert lies_in or not run.inside


def test_neighbours_on_the_map_are_neighbours_in_memory() -> None:
    part = part_of(boxes_of(20 * BLOCK, seed=2))
    sides = part.blocks[:, 2:] - part.blocks[:, :2]
    # Of 20 blocks over a square of 1000 m, each would be 224 m wide if they were square.
    assert np.median(sides) < 400


def test_what_is_gone_is_found_no_more_and_the_original_stays() -> None:
    part = part_of(boxes_of(700, seed=3))
    less = part.without(np.array([10, 12, 12, 5]))
    everything = (-10.0, -10.0, 2000.0, 2000.0)
    assert set(found(part, everything)) - set(found(less, everything)) == {10, 12}
    assert (part.count, less.count) == (700, 698)
    assert less.rows_of(np.array([10, 11])).tolist() == part.rows_of(np.array([11])).tolist()
    assert sorted(less.present().fids.tolist()) == found(less, everything)
    assert less.without(np.array([10])) is less


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 400), min_size=20, max_size=600),
    st.lists(st.integers(10, 309), max_size=20),
    st.booleans(),
)
def test_many_features_are_found_as_each_alone_would_be(
    fids: list[int], gone: list[int], sparse: bool
) -> None:
    scale = 1000 if sparse else 1
    whole = part_of(boxes_of(300, seed=5))
    shapes = replace(whole.shapes, fids=whole.shapes.fids * scale)
    part = replace(whole, shapes=shapes).without(np.array(gone, np.int64) * scale)
    asked = np.array(fids) * scale
    alone = [part.rows_of(asked[at : at + 1]) for at in range(len(asked))]
    assert part.rows_of(asked).tolist() == np.concatenate(alone).tolist()
    around, boxes = part.boxes_around(asked), part.shapes.boxes()[part.rows_of(asked)]
    if len(boxes):
        assert around.min(axis=0).tolist()[:2] == boxes.min(axis=0).tolist()[:2]
        assert around.max(axis=0).tolist()[2:] == boxes.max(axis=0).tolist()[2:]


def test_a_part_knows_its_classes() -> None:
    part = part_of(boxes_of(9, seed=4)).without(np.array([10]))
    assert part.class_counts[:3].tolist() == [3, 2, 3]


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_nothing_is_found_in_an_empty_part(dimension: Dimension) -> None:
    part = Part.of(Shapes.empty(dimension))
    assert found(part, (0, 0, 1, 1)) == []
    assert list(part.runs((0, 0, 1, 1))) == []
    assert part.rows_of(np.array([1])).tolist() == []
