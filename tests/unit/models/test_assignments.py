from __future__ import annotations

import json

import pytest
import shapely

from hjgis.models.assignments import (
    Assignment,
    assign,
    assignments_text,
    read_assignments,
    somebody_elses,
)

WEST, EAST = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
LEFT, RIGHT, FAR = shapely.Point(5, 5), shapely.Point(15, 5), shapely.Point(50, 5)


def test_they_are_read_back_as_written() -> None:
    entries = [Assignment("张三", ("manhole", "pipe_line"), WEST), Assignment("李四")]
    assert read_assignments(assignments_text(entries)) == entries
    change = assign(None, entries)
    assert change.facts[0].after == assignments_text(entries)
    assert not assign(change.facts[0].after, entries)
    assert assign(change.facts[0].after, []).facts[0].after is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "3",
        json.dumps([3, None, "x"]),
        json.dumps([{"operator": " "}]),
        json.dumps([{"operator": "a", "area": "00"}]),
        json.dumps([{"operator": "a", "area": shapely.to_wkb(LEFT, hex=True)}]),
    ],
)
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert read_assignments(text) == []
    good = {"operator": "张三", "layers": []}
    rows = json.loads(text) if text.startswith("[") else []
    assert read_assignments(json.dumps([*rows, good])) == [Assignment("张三")]


@pytest.mark.parametrize(
    ("operator", "layer", "places", "owner"),
    [
        ("张三", "manhole", [LEFT], ""),
        ("张三", "manhole", [RIGHT], "李四"),
        ("张三", "manhole", [LEFT, RIGHT], "李四"),
        # Nobody's: outside all areas, or a kind that is nobody's.
        ("张三", "manhole", [FAR], ""),
        ("张三", "park", [RIGHT], ""),
        ("张三", "manhole", [None], ""),
        # A kind that is somebody's everywhere.
        ("张三", "street_lamp", [LEFT], "王五"),
        ("王五", "street_lamp", [RIGHT], ""),
        # Who has nothing assigned works in other people's areas too.
        ("赵六", "manhole", [LEFT], "张三"),
        # On the border it is both's.
        ("张三", "manhole", [shapely.Point(10, 5)], ""),
    ],
)
def test_whose_an_edit_is(
    operator: str, layer: str, places: list[shapely.Point | None], owner: str
) -> None:
    entries = [
        Assignment("张三", ("manhole",), WEST),
        Assignment("李四", ("manhole",), EAST),
        Assignment("王五", ("street_lamp",)),
    ]
    assert somebody_elses(entries, operator, layer, places) == owner
