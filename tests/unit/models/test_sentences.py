"""Queries in words, and words understood."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.i18n import set_language
from hjgis.models.catalogue_files import catalogue
from hjgis.models.query import Condition, Group, Location, Part, Query, where_clause
from hjgis.models.sentence_parser import NotUnderstood, parse
from hjgis.models.sentences import problems, sentence, words

CATALOGUE = catalogue()
TYPES = CATALOGUE.types
WIDE = Condition("diameter_mm", ">", 300)
NO_MATERIAL = Condition("material", "empty")
SEWERS = Query("pipe_line", (Condition("kind", "=", "WS"),))


def said(query: Query, language: str = "zh_CN") -> str:
    set_language(language)
    return sentence(query, TYPES, CATALOGUE)


def read(text: str, layer: str = "pipe_line") -> Query:
    return parse(text, layer, TYPES, CATALOGUE)


def test_all_operators_and_relations_have_words_in_both_languages() -> None:
    known = words()
    for word in (*known.operators.values(), *known.relations.values(), *known.joins.values()):
        assert word.label["en"]
        assert word.label["zh_CN"]


def test_a_sentence_reads_as_people_say_it() -> None:
    query = Query(
        "manhole",
        (Condition("cover_size_mm", ">", 300), Condition("chamber_material", "empty"),
         Location("near", SEWERS, 50.0)),
    )  # fmt: skip
    assert said(query) == (
        "窨井: 井盖尺寸 大于 300 毫米 且 井室材质 为空 且 距离 管线段 (管线种类 为 污水) 50 米以内"
    )
    assert said(query, "en") == (
        "Manhole: Cover, diameter or long side greater than 300 mm and Chamber material is empty"
        " and at most 50 m from Pipe (Pipe kind is Sewage)"
    )


def test_groups_dates_lists_and_chosen_features_are_said() -> None:
    query = Query(
        "manhole",
        (
            Group(
                (Condition("smart", "=", True), Condition("built_year", "between", (1990, 2000)))
            ),
            Group((Condition("made_date", ">", "2020-01-01"),), "none"),
            Condition("uuid", "in", ("a", "b")),
        ),
        any=True,
    )
    text = said(query)
    assert " 或 " in text
    assert "非 (" in text
    assert "晚于 2020-01-01" in text
    assert "1990 至 2000" in text
    area = Query("manhole", (Location("within", shapely.box(0, 0, 100, 200)),))
    assert "2.00" in said(area)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("管径>300 且 材质 为空", (WIDE, NO_MATERIAL)),
        ("管径＞300且材质为空", (WIDE, NO_MATERIAL)),
        ("管径 大于 300毫米，材质未填", (WIDE, NO_MATERIAL)),
        ("管线段: 管径 > 300 mm", (WIDE,)),
        ("Nominal diameter > 300 and Material is empty", (WIDE, NO_MATERIAL)),
        ("diameter_mm>300", (WIDE,)),
        ("管径≥DN300", (Condition("diameter_mm", ">=", 300),)),
        ("管线种类 污水", (Condition("kind", "=", "WS"),)),
        ("管径 介于 300 至 500", (Condition("diameter_mm", "between", (300, 500)),)),
        ("管径 介于 300~500 毫米", (Condition("diameter_mm", "between", (300, 500)),)),
        ("材质 属于 混凝土、钢", (Condition("material", "in", ("T", "G")),)),
        ("材质 不属于 砼 或 铸铁 且 管径>300",
         (Condition("material", "not_in", ("T", "ZT")), WIDE)),
        ("材质 不详", (Condition("material", "unknown"),)),
        ("所在道路 为 和平路 且 管径>300", (Condition("road_name", "=", "和平路"), WIDE)),
        ("所在道路 为 且末路", (Condition("road_name", "=", "且末路"),)),
        ('所在道路 包含 "A 且 管径>3"', (Condition("road_name", "contains", "A 且 管径>3"),)),
        ("图上长度 小于 5 米", (Condition("@length_m", "<", 5.0),)),
        ("管段长度<5", (Condition("length_m", "<", 5.0),)),
        ("X(北)>4500000", (Condition("@north", ">", 4500000.0),)),
        ("距离 窨井 50 米以内", (Location("near", Query("manhole"), 50.0),)),
        ("距窨井50米内", (Location("near", Query("manhole"), 50.0),)),
        ("within 50 m of Manhole", (Location("near", Query("manhole"), 50.0),)),
        ("at most 5 m from Manhole", (Location("near", Query("manhole"), 5.0),)),
        ("位于 公园 内 且 管径>300", (Location("within", Query("park")), WIDE)),
        ("相交于 管线(管线种类 为 污水)", (Location("intersects", SEWERS),)),
        ("非 (管径>300 且 材质为空)", (Group((Group((WIDE, NO_MATERIAL)),), "none"),)),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(text: str, parts: tuple[Part, ...]) -> None:
    assert read(text) == Query("pipe_line", parts)


def test_or_binds_looser_than_and() -> None:
    either = read("管径>300 且 材质为空 或 管线种类 为 污水")
    assert either == Query(
        "pipe_line", (Group((WIDE, NO_MATERIAL)), Condition("kind", "=", "WS")), any=True
    )
    both = read("管径>300 且 (材质为空 或 管线种类 为 污水)")
    assert both.conditions[1] == Group((NO_MATERIAL, Condition("kind", "=", "WS")), "any")


@pytest.mark.parametrize(
    ("text", "naming"),
    [
        ("颜色 为 红", "颜色"),
        ("管径", "Nominal diameter"),
        ("管径 大于", "管径"),
        ("管径 大于 很多", "很多"),
        ("材质 为 巧克力", "巧克力"),
        ("管径>300 且", "且"),
        ("管径>300 且 (材质为空", "材质为空"),
        ("距离 月亮 50 米", "月亮"),
        ("距离 窨井", "窨井"),
        ("管径 介于 300", "300"),
        ("", "early"),
        ("(" * 40, "brackets"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, naming: str) -> None:
    with pytest.raises(NotUnderstood, match=naming.replace("(", r"\(")):
        read(text)


def conditions() -> st.SearchStrategy[Part]:
    texts = st.text('路和且或 aB1%_"“(（、,;0-9', min_size=1, max_size=8).filter(
        lambda text: text == text.strip() and text not in ("-", "/", "—")
    )
    numbers = st.integers(-5, 5000)
    lengths = st.integers(0, 900).map(float)
    dates = st.dates().map(lambda day: day.isoformat())
    codes = st.sampled_from(["ZT", "G", "T"])
    compared = st.sampled_from(["=", "!=", ">", ">=", "<", "<="])

    def listed(values: st.SearchStrategy) -> st.SearchStrategy[tuple]:
        return st.lists(values, min_size=1, max_size=3).map(tuple)

    return st.one_of(
        st.builds(Condition, st.just("diameter_mm"), compared, numbers),
        st.builds(Condition, st.just("diameter_mm"), st.just("between"),
                  st.tuples(numbers, numbers)),
        st.builds(Condition, st.just("material"), st.sampled_from(["=", "!="]), codes),
        st.builds(Condition, st.just("material"), st.sampled_from(["in", "not_in"]),
                  listed(codes)),
        st.builds(Condition, st.sampled_from(["material", "road_name"]),
                  st.sampled_from(["empty", "not_empty", "unknown"])),
        st.builds(Condition, st.just("road_name"),
                  st.sampled_from(["contains", "starts", "ends", "=", "!="]), texts),
        st.builds(Condition, st.just("survey_date"),
                  st.sampled_from([">", "<", ">=", "<=", "="]), dates),
        st.builds(Condition, st.just("survey_date"), st.just("in_year"), st.integers(1900, 2100)),
        st.builds(Condition, st.just("survey_date"), st.just("last_days"), st.integers(0, 900)),
        st.builds(Condition, st.just("is_gravity"), st.just("="), st.booleans()),
        st.builds(Condition, st.just("@length_m"), st.sampled_from([">", "<="]), lengths),
        st.builds(Location, st.just("near"), st.just(Query("manhole")), lengths),
        st.builds(Location, st.sampled_from(["within", "contains", "intersects", "touches"]),
                  st.just(Query("road", (Condition("road_name", "contains", "x"),)))),
    )  # fmt: skip


def deeper(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    # One part in a group is the part itself, and neither is said twice.
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Group, several, st.sampled_from(["all", "any", "none"])),
        st.builds(Group, st.tuples(parts), st.just("none")),
    )


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.recursive(conditions(), deeper, max_leaves=4), min_size=1, max_size=3),
    either=st.booleans(),
    language=st.sampled_from(["en", "zh_CN"]),
)
def test_what_is_said_is_understood_again(parts: list[Part], either: bool, language: str) -> None:
    query = Query("pipe_line", tuple(parts), any=either and len(parts) > 1)
    text = said(query, language)
    # In brackets or not, the same is said.
    assert said(read(text), language) == text


def test_a_field_that_is_gone_is_told_and_the_query_kept() -> None:
    query = Query("manhole", (Condition("colour", "=", "red"), Condition("exp_no", "smells", "x")))
    assert problems(query, TYPES) == [
        "Manhole has no field colour.",
        "There is no comparison smells.",
    ]
    assert "colour" in said(query, "en")
    assert problems(Query("ufo"), TYPES) == ["There is no layer ufo."]
    inner = Query("manhole", (Location("near", Query("ufo"), 5.0),))
    assert problems(inner, TYPES) == ["There is no layer ufo."]
    assert problems(SEWERS, TYPES) == []


@pytest.mark.parametrize(
    ("part", "naming"),
    [
        (Condition("exp_no", "=", ("a", "b")), "one value"),
        (Condition("cover_size_mm", "between", 5), "two values"),
        (Condition("made_date", "in_year", "soon"), "number"),
        (Condition("@north", ">", "x"), "number"),
        (Condition("@north", "contains", 1.0), "cannot be asked"),
        (Location("beside", Query("park")), "beside"),
        (Group((Condition("exp_no", "empty"),), "most"), "most"),
    ],
)
def test_what_a_damaged_query_asks_is_told_before_it_is_asked(part: Part, naming: str) -> None:
    found = problems(Query("manhole", (part,)), TYPES)
    assert any(naming in text for text in found)


def test_of_a_moment_its_day_is_asked_for() -> None:
    query = read("taken_at >= 2024-05-01", "attachment")
    assert query.conditions == (Condition("taken_at", ">=", "2024-05-01"),)
    clause, values = where_clause(TYPES["attachment"], query.conditions)
    assert ("substr" in clause, values) == (True, ["2024-05-01"])


def test_a_long_number_is_said_with_all_its_digits() -> None:
    asked = Query("manhole", (Condition("ground_elev_m", ">", 38512345.12345),))
    assert "38512345.12345" in said(asked)
    assert read(said(asked), "manhole") == asked
