from __future__ import annotations

import datetime as dt

import pytest

from hjgis.models.assets import Catalogue, Code, CodeList, Field
from hjgis.models.catalogue_files import catalogue
from hjgis.models.validation import (
    BadValue,
    SaysUnknown,
    coerce,
    display,
    fitting_codes,
    problem,
)


def field(kind: str, **more: object) -> Field:
    return Field("f", kind, {"en": "F"}, "F", "technical", **more)


def two_codes() -> Catalogue:
    entries = (
        Code("1", {"en": "Steel", "zh_CN": "钢"}, aliases=("钢安",)),
        Code("2", {"en": "Tank", "zh_CN": "缸"}, aliases=("缸岸",)),
    )
    codes = CodeList("two", {"en": "Two"}, entries, "", "")
    return Catalogue({}, {"two": codes}, {})


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


@pytest.mark.parametrize(
    ("kind", "unit", "given", "stored"),
    [
        ("integer", "mm", "Φ700", 700),
        ("integer", "mm", "DN300mm", 300),
        ("number", "m", "1 200", 1200.0),
        ("number", "m", "１２．５", 12.5),
        ("number", "m", "3.5m", 3.5),
        ("number", "m", "3.5 米", 3.5),
        ("number", "m", "35cm", 0.35),
        ("integer", "mm", "0.7m", 700),
        ("number", "m²", "1.5公顷", 15_000.0),
        ("number", "kV", "380V", 0.38),
        ("number", "m", "1,234,567", 1_234_567.0),
        ("number", "m", "0,125", 0.125),
        ("number", "m", "−30", -30.0),
        ("date", None, "2020/6/15", "2020-06-15"),
        ("date", None, "２０２０．６．１５", "2020-06-15"),
        ("date", None, "今天", dt.datetime.now().astimezone().date().isoformat()),
        ("date", None, "today", dt.datetime.now().astimezone().date().isoformat()),
    ],
)
def test_units_and_dates_are_read_as_people_write_them(
    kind: str, unit: str | None, given: str, stored: object
) -> None:
    read = coerce(field(kind, unit=unit), given, catalogue())
    assert read == pytest.approx(stored) if kind == "number" else read == stored


@pytest.mark.parametrize(
    ("kind", "unit", "given", "why"),
    [
        ("number", "m", "1,200", "may be 1200 or 1.200"),
        ("number", "m", "3.5kV", "unit here is m"),
        ("number", None, "35cm", "not a number"),
        ("number", "mm", "300x400", "not a number"),
        ("number", "m", "1_000", "not a number"),
        ("number", "m", "1e999", "not a number"),
        ("integer", None, "99999999999999999999", "too large"),
        ("date", None, "2020-02-30", "month 2 of 2020 has 29 days"),
        ("date", None, "2020.13.1", "no month 13"),
        ("date", None, "6.15", "type the year"),
        ("date", None, "6月15日", "type the year"),
        ("date", None, "20.6.15", "four digits"),
        ("date", None, "2020.6", "type the day"),
        ("date", None, "0000-01-01", "not a date"),
        ("text", None, "\ud842", "cut in two"),
    ],
)
def test_what_may_mean_two_things_or_nothing_is_refused_with_the_reason(
    kind: str, unit: str | None, given: str, why: str
) -> None:
    with pytest.raises(BadValue, match=why):
        coerce(field(kind, unit=unit), given, catalogue())


def test_ten_thousand_characters_are_refused_with_limit_and_length() -> None:
    with pytest.raises(BadValue, match=r"longer than 30 characters: it has 10000"):
        coerce(field("text", max_length=30), "字" * 10_000, catalogue())


@pytest.mark.parametrize("text", ["𠮷野家 㐂", "👷🏽‍♂️ 井", "بئر", "a\u200fb", "Ω≈ç"])
def test_rare_characters_emoji_and_other_scripts_are_kept(text: str) -> None:
    assert coerce(field("text"), text, catalogue()) == text


@pytest.mark.parametrize("text", ["陕\x00坝", "陕\u202e坝", "\ufeff陕坝", "陕\u200b坝", "陕\x7f坝"])
def test_signs_that_nobody_sees_are_left_out(text: str) -> None:
    assert coerce(field("text"), text, catalogue()) == "陕坝"


@pytest.mark.parametrize(
    ("codes", "given", "stored"),
    [
        ("pipe_kind", "ws", "WS"),
        ("manhole_kind", "wsjg", "污水井盖"),
        ("manhole_kind", "wushuijinggai", "污水井盖"),
        ("manhole_kind", "wsj", "污水井盖"),
        ("cover_material", "qmzt", "球墨铸铁"),
        ("cover_shape", "？", None),
    ],
)
def test_codes_are_found_by_how_they_are_typed_in_pinyin(
    codes: str, given: str, stored: str | None
) -> None:
    if stored is None:
        with pytest.raises(SaysUnknown):
            coerce(field("code", codes=codes), given, catalogue())
        return
    assert coerce(field("code", codes=codes), given, catalogue()) == stored


def test_letters_that_mean_several_codes_are_refused_with_their_names() -> None:
    with pytest.raises(BadValue, match=r"may be one of .*Steel"):
        coerce(field("code", codes="two"), "ga", two_codes())


def test_unknown_is_a_code_a_word_or_said_to_be_no_value() -> None:
    assert coerce(field("code", codes="cover_shape"), "不详", catalogue()) == "不详"
    assert coerce(field("text"), "不详", catalogue()) == "不详"
    for kind in ("number", "integer", "date", "boolean"):
        with pytest.raises(SaysUnknown):
            coerce(field(kind), "不详", catalogue())


def test_a_code_that_does_not_belong_to_its_parent_is_told() -> None:
    detail = catalogue().type("pipe_line").field("material_detail")
    assert problem(detail, "SMSN", catalogue()) is None
    assert problem(detail, "SMSN", catalogue(), {"material": "SM"}) is None
    assert problem(detail, "SMSN", catalogue(), {"material": None}) is None
    said = problem(detail, "SMSN", catalogue(), {"material": "PVC"})
    assert said == "Asbestos cement does not belong to Polyvinyl chloride"
    fitting = fitting_codes(detail, catalogue(), {"material": "SM"})
    assert [entry.code for entry in fitting] == ["SMSN", "其他", "不详"]


def test_all_digits_of_a_long_whole_number_are_read() -> None:
    field = Field("n", "integer", {"en": "n"}, "n", "other")
    for text in ("15082611010000001", "9223372036854775807", "-9007199254740993"):
        assert coerce(field, text, catalogue()) == int(text)
    with pytest.raises(BadValue, match="too large"):
        coerce(field, "9223372036854775808", catalogue())
