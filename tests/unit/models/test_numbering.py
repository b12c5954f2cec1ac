from __future__ import annotations

import json

import pytest
import shapely

from hjgis.errors import EditRefused
from hjgis.models.numbering import (
    FACT,
    NumberPlan,
    NumberRange,
    read_ranges,
    store_ranges,
    with_range,
)

AREA = shapely.box(0, 0, 10, 10)
MINE = NumberRange("张三", 1, 999)


def test_they_are_read_back_as_written() -> None:
    ranges = [NumberRange("张三", 1, 5, ("manhole",), AREA, "东街", "150821"), MINE]
    (fact,) = store_ranges(None, ranges).facts
    assert fact.key == FACT
    assert read_ranges(fact.after) == ranges
    assert not store_ranges(fact.after, ranges)
    assert store_ranges(fact.after, []).facts[0].after is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "3",
        json.dumps([3, {}, {"operator": " ", "first": 1, "last": 2}]),
        json.dumps([{"operator": "a", "first": 5, "last": 2}]),
        json.dumps([{"operator": "a", "first": 0, "last": 2}]),
        json.dumps([{"operator": "a", "first": 1, "last": 2, "area": "00"}]),
    ],
)
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert read_ranges(text) == []


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (NumberRange("李四", 999, 2000), True),
        (NumberRange("李四", 1000, 2000), False),
        (NumberRange("李四", 1, 5, ("manhole",)), True),
        (NumberRange("李四", 1, 5, area=AREA), True),
        (NumberRange("李四", 1, 5, county="150821"), False),
        (NumberRange("李四", 1, 5, county="150826"), True),
        (NumberRange(" 张 三", 1, 5), False),
    ],
)
def test_no_two_operators_have_the_same_numbers(other: NumberRange, overlaps: bool) -> None:
    if not overlaps:
        assert with_range([MINE], other) == [MINE, other]
        return
    with pytest.raises(EditRefused) as refused:
        with_range([MINE], other)
    assert "张三 000001–000999" in str(refused.value)
    assert f"李四 {other.words}" in str(refused.value)


def test_ranges_of_different_kinds_do_not_meet() -> None:
    one = NumberRange("张三", 1, 9, ("manhole",))
    assert with_range([one], NumberRange("李四", 1, 9, ("toilet", "street_lamp")))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (NumberRange(" ", 1, 2), "operator"),
        (NumberRange("王五", 1, 2), "not on the list"),
        (NumberRange("张三", 5, 2), "lower number first"),
        (NumberRange("张三", 0, 2), "from 1"),
        (NumberRange("张三", 1, 1_000_000), "999999"),
        (NumberRange("张三", 1, 2, county="15"), "6 digits"),
    ],
)
def test_what_is_no_range_is_refused_in_words(entry: NumberRange, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        with_range([], entry, operators=["张三"])


def test_a_changed_range_does_not_meet_itself() -> None:
    wider = NumberRange("李四", 1, 5000)
    assert with_range([MINE], wider, at=0) == [wider]


def test_without_ranges_all_real_numbers_are_free() -> None:
    (one,) = NumberPlan(operator="x").own("manhole")
    assert (one.first, one.last) == (1, 899_999)
    assert NumberPlan((MINE,), "李四").own("manhole") == []
    assert NumberPlan((MINE,), "张三 ").own("manhole") == [MINE]


def test_a_range_without_end_is_left_out_and_the_others_hold() -> None:
    whole = '{"operator": "甲", "first": 1, "last": 5}'
    endless = '{"operator": "乙", "first": 6, "last": Infinity}'
    assert [one.operator for one in read_ranges(f"[{whole}, {endless}]")] == ["甲"]
