from __future__ import annotations

import datetime as dt

import pytest

from hjgis.models.assets import Field, catalogue
from hjgis.models.validation import BadValue, coerce, display, problem


def field(kind: str, **more: object) -> Field:
    return Field("f", kind, {"en": "F"}, "F", "technical", **more)


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("text", "  陕坝 ", "陕坝"),
        ("text", "", None),
        ("text", 12.0, "12"),
        ("integer", "DN300", 300),
        ("integer", "Φ300", 300),
        ("integer", 300.0, 300),
        ("number", "1,5", 1.5),
        ("number", "1,234.5", 1234.5),
        ("number", "１．５", 1.5),
        ("number", "N/A", None),
        ("number", float("nan"), None),
        ("boolean", "是", True),
        ("boolean", 0, False),
        ("date", "2020.6.15", "2020-06-15"),
        ("date", "2020年6月5日", "2020-06-05"),
        ("date", "20200615", "2020-06-15"),
        ("date", dt.datetime(2020, 6, 15, 9, tzinfo=dt.UTC), "2020-06-15"),
    ],
)
def test_what_people_type_becomes_what_is_stored(kind: str, given: object, stored: object) -> None:
    assert coerce(field(kind), given, catalogue()) == stored


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("integer", "1.5"),
        ("integer", "abc"),
        ("number", "1.2.3"),
        ("number", float("inf")),
        ("boolean", "maybe"),
        ("date", "2020-13-01"),
        ("date", "不详"),
        ("datetime", "yesterday"),
    ],
)
def test_what_does_not_fit_is_said(kind: str, given: object) -> None:
    with pytest.raises(BadValue, match=str(given).replace(".", r"\.")):
        coerce(field(kind), given, catalogue())


def test_a_year_may_be_written_as_one() -> None:
    year = Field("built_year", "integer", {"en": "Y"}, "Y", "technical")
    assert coerce(year, "1998年", catalogue()) == 1998
    for wrong in ("1998.5", "不详"):
        with pytest.raises(BadValue):
            coerce(year, wrong, catalogue())
    with pytest.raises(BadValue):
        coerce(field("integer"), "300年", catalogue())


def test_a_code_is_taken_by_its_label_and_refused_when_unknown() -> None:
    state = field("code", codes="state")
    assert coerce(state, "完好", catalogue()) == "完好"
    with pytest.raises(BadValue, match="not in the list"):
        coerce(state, "sparkling", catalogue())


def test_an_open_list_takes_other_values() -> None:
    assert coerce(field("code", codes="unit"), "新单位", catalogue()) == "新单位"


def test_a_dash_is_a_flow_direction_where_the_list_says_so() -> None:
    assert coerce(field("code", codes="flow_direction"), "-", catalogue()) is not None
    assert coerce(field("code", codes="state"), "-", catalogue()) is None


def test_a_text_too_long_for_its_field_is_refused() -> None:
    with pytest.raises(BadValue, match="longer than 3"):
        coerce(field("text", max_length=3), "陕坝镇街", catalogue())


@pytest.mark.parametrize(
    ("value", "said"), [(5, None), (0.5, "less than 1 m"), (99, "more than 8 m"), (None, None)]
)
def test_a_value_out_of_range_is_a_problem_with_its_limit(value: float, said: str | None) -> None:
    assert problem(field("number", range=(1, 8), unit="m"), value, catalogue()) == said


def test_values_are_shown_as_people_read_them() -> None:
    assert display(field("code", codes="pipe_kind"), "WS", catalogue()) != "WS"
    assert display(field("boolean"), value=True, catalogue=catalogue()) == "yes"
    assert display(field("number"), 0.1 + 0.2, catalogue()) == "0.3"
