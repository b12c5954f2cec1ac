"""Shapes drawn together look as if drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QImage, QPainter

from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.render.batches import batches, path_of
from hjgis.render.culling import in_paint_order, in_view
from hjgis.render.painter import paint_layers
from hjgis.render.strokes import area_path


def _boxes(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    low = random.uniform(0, 100, (count, 2))
    return np.concatenate([low, low + random.uniform(0, 8, (count, 2))], axis=1)


@pytest.mark.parametrize("free", [False, True])
def test_a_shape_comes_after_all_that_it_lies_over(free: bool) -> None:
    boxes = _boxes(300, 1)
    classes = np.random.default_rng(2).integers(0, 3, 300).astype(np.uint8)
    found = batches(boxes, classes, np.full(3, free))
    assert found is not None
    assert len(found) < 150
    assert sorted(np.concatenate(found).tolist()) == list(range(300))
    turn = np.empty(300, int)
    for number, some in enumerate(found):
        assert len(set(classes[some].tolist())) == 1
        turn[some] = number
    areas = shapely.box(*boxes.T)
    for under in range(300):
        for over in range(under + 1, 300):
            if areas[under].intersects(areas[over]):
                alike = free and classes[under] == classes[over]
                assert alike or turn[under] < turn[over]


def test_few_shapes_and_a_crowd_are_drawn_one_by_one() -> None:
    free = np.zeros(1, bool)
    assert batches(_boxes(5, 1), np.zeros(5, np.uint8), free) is None
    crowd = np.tile([0.0, 0.0, 9.0, 9.0], (200, 1))
    assert batches(crowd, np.zeros(200, np.uint8), free) is None


@pytest.mark.parametrize("spread", ["alike", "some_huge", "flat", "far"])
def test_boxes_of_all_sizes_find_what_they_touch(spread: str) -> None:
    random = np.random.default_rng(7)
    low = random.uniform(-1e7 if spread == "far" else 0, 1e7 if spread == "far" else 900, (400, 2))
    size = random.uniform(0, 20, (400, 2))
    if spread == "some_huge":
        size[::80] = 700.0
    if spread == "flat":
        size[:, 1] = 0.0
    boxes = np.concatenate([low, low + size], axis=1)
    found = batches(boxes, np.zeros(400, np.uint8), np.zeros(1, bool))
    assert found is not None
    turn = np.empty(400, int)
    for number, some in enumerate(found):
        turn[some] = number
    areas = shapely.box(*boxes.T)
    under, over = shapely.STRtree(areas).query(areas, predicate="intersects")
    assert (turn[under[under < over]] < turn[over[under < over]]).all()


def test_boxes_that_only_meet_at_an_edge_count_as_touching() -> None:
    low = np.stack([np.arange(40) * 10.0, np.zeros(40)], axis=1)
    boxes = np.concatenate([low, low + 10], axis=1)
    found = batches(boxes, np.zeros(40, np.uint8), np.zeros(1, bool))
    assert found is not None
    assert [some.tolist() for some in found] == [[i] for i in range(40)]


def test_boxes_as_wide_as_a_country_need_no_more_memory_than_others() -> None:
    low = np.stack([np.arange(3000) * 5.0, np.zeros(3000)], axis=1)
    boxes = np.concatenate([low, low + 1], axis=1)
    boxes[::2] = [-1e7, -1e7, 1e7, 1e7]
    assert batches(boxes, np.zeros(3000, np.uint8), np.zeros(1, bool)) is None


def test_one_kind_in_any_order_is_one_batch_however_it_crowds() -> None:
    crowd = np.tile([0.0, 0.0, 9.0, 9.0], (200, 1))
    found = batches(crowd, np.ones(200, np.uint8), np.array([False, True]))
    assert found is not None
    assert [some.tolist() for some in found] == [list(range(200))]


def test_a_long_batch_is_divided() -> None:
    low = np.stack([np.arange(5000) * 10.0, np.zeros(5000)], axis=1)
    boxes = np.concatenate([low, low + 5], axis=1)
    found = batches(boxes, np.zeros(5000, np.uint8), np.zeros(1, bool))
    assert found is not None
    assert [len(some) for some in found] == [2000, 2000, 1000]


def test_a_path_made_at_once_is_the_path_made_ring_by_ring() -> None:
    rings = [np.array([[0, 0], [9, 0], [9, 9], [0, 0.0]]), np.array([[2, 1], [5, 1], [5, 4.5]])]
    made = path_of(np.concatenate(rings), np.array([0, 4, 7]))
    slowly = area_path(rings)
    assert made.fillRule() == slowly.fillRule()
    assert made.boundingRect() == slowly.boundingRect()
    first = [made.elementAt(i) for i in range(7)]
    assert [point.isMoveTo() for point in first] == [True, False, False, False, True, False, False]
    assert [(point.x, point.y) for point in first] == [tuple(xy) for ring in rings for xy in ring]


def test_no_ring_or_an_empty_one_is_no_harm() -> None:
    assert path_of(np.empty((0, 2)), np.zeros(1, int)).isEmpty()
    line = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert path_of(line, np.array([0, 2, 2])).elementCount() == 2


@pytest.mark.parametrize("kind", ["lines", "areas", "points"])
def test_together_on_paper_looks_as_one_by_one(frame, make_layer, kind: str) -> None:
    boxes = _boxes(120, 3) * 0.9
    shapes, symbols = {
        "lines": (
            shapely.linestrings(boxes.reshape(-1, 2, 2)),
            [LineSymbol("#cc2222", 0.8), LineSymbol("#2222cc", 1.0)],
        ),
        "areas": (
            shapely.box(*boxes.T),
            [FillSymbol("#cc2222", "#000000", 0.3), FillSymbol("#2222cc", "#ffffff", 0.3)],
        ),
        "points": (
            shapely.points(boxes[:, :2]),
            [
                MarkerSymbol("circle", 2.5, fill="#cc2222", stroke="#000000", stroke_mm=0.4),
                MarkerSymbol("square", 2.5, fill="#2222cc", stroke="#000000", stroke_mm=0.4),
            ],
        ),
    }[kind]
    kinds = [0, 1, 1] * 40
    whole = make_layer(shapes, *symbols, kinds=kinds)
    order = in_paint_order(whole, in_view(whole, frame.extent)).tolist()
    single = [make_layer([shapes[row]], *symbols, kinds=[kinds[row]]) for row in order]
    first, second = _painted(frame, [whole]), _painted(frame, single)
    differs = np.abs(first - second).max(axis=2)
    assert (first < 255).any()
    assert (differs > 96).mean() < 0.002


def _painted(frame, layers) -> np.ndarray:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    paint_layers(painter, frame, layers, vector=True)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(100, 200, 4)[:, :, :3].astype(int)
