from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hjgis.models import catalogue_files
from hjgis.models.search import (
    field_forms,
    forms,
    grade,
    many_forms,
    meets,
    search_words,
    searched_fields,
    spans,
    squeezed,
    variants,
    words_of,
)
from tests.searched import Looking

CATALOGUE = catalogue_files.catalogue()
MANHOLE = CATALOGUE.type("manhole")


def occurs(typed: str, values: dict[str, str]) -> bool:
    looking = Looking(MANHOLE, CATALOGUE)
    return looking.occurs(words_of(typed), looking.texts(values))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("WS-0012", "ws0012"),
        ("ＷＳ－００１２", "ws0012"),
        ("人民路（东段）", "人民路东段"),
        ("𠮷野家", "𠮷野家"),
        ("a\0b", "ab"),
        ("😀*\"'", ""),
        ("مرحبا", "مرحبا"),
    ],
)
def test_case_width_and_signs_do_not_count(text: str, form: str) -> None:
    assert squeezed(text) == form


def test_what_is_typed_is_taken_as_words_and_a_part_of_another_is_left_out() -> None:
    assert words_of("  人民 污水　路 人民路 ") == ("人民路", "污水")
    assert words_of('NEAR( OR * "') == ("near", "or")
    assert words_of('* - " 😀') == ()


@pytest.mark.parametrize(
    "typed",
    [
        "15082601010000123",
        "150826 01 010 000123",
        "150826-01-010-000123",
        "１５０８２６０１０１００００１２３",
    ],
)
def test_a_component_id_may_be_typed_in_groups(typed: str) -> None:
    assert words_of(typed) == ("15082601010000123",)


@pytest.mark.parametrize("typed", ["0123", "15082601", "000123", "1508260100000123"])
def test_a_manhole_is_found_by_any_digits_of_its_id_and_by_its_older_id(typed: str) -> None:
    other = variants("1508260101000123", MANHOLE, CATALOGUE)
    stored = next(one for one in other if len(one) == 17)
    asked = "1508260101000123" if len(typed) == 16 else typed
    asked = stored[-6:] if typed == "000123" else asked
    asked = stored[:8] if typed == "15082601" else asked
    assert occurs(asked, {"component_id": stored})


@pytest.mark.parametrize(
    "typed", ["gc", "gongce", "公厕", "ce", "厕", "slgc", "shiligongce", "c01"]
)
def test_a_name_is_found_by_its_pinyin(typed: str) -> None:
    assert meets(words_of(typed), ["示例公厕01"])


@pytest.mark.parametrize("typed", ["ong", "hi", "ilig", "s1"])
def test_a_whole_pinyin_is_met_from_a_syllable_on_only(typed: str) -> None:
    assert not meets(words_of(typed), ["示例公厕01"])


def test_a_code_is_found_by_its_names_and_by_itself() -> None:
    kind = MANHOLE.field("cover_kind").codes
    code = CATALOGUE.codes(kind or "").codes[0]
    for word in (code.code, *code.label.values()):
        assert occurs(word, {"cover_kind": code.code})


def test_links_between_features_are_no_text() -> None:
    names = {field.name for field in searched_fields(CATALOGUE.type("pipe_line"))}
    assert not names & {"from_node", "to_node"}
    assert "pipe_no" in names


def test_all_words_must_occur_but_not_in_one_field() -> None:
    values = {"road_name": "人民路", "remarks": "井盖破损"}
    assert occurs("人民 破损", values)
    assert not occurs("人民 完好", values)


def test_parts_of_a_text_that_are_met_are_marked_in_the_text_as_it_is() -> None:
    text = "示例·公厕-01"
    assert [text[a:b] for a, b in spans(text, words_of("公厕01"))] == ["公厕-01"]
    assert [text[a:b] for a, b in spans(text, words_of("gc"))] == ["公厕"]
    assert spans(text, words_of("zz")) == []


def test_a_whole_name_is_better_than_its_beginning_and_that_better_than_a_part() -> None:
    grades = [grade(words_of(word), "属性表") for word in ("属性表", "sxb", "属性", "性表", "检查")]
    assert grades == [3, 3, 2, 1, 0]


def test_long_texts_are_found_as_they_are_written() -> None:
    text = "人民路与解放路交叉口东侧十二米处绿化带内第三个井盖旁边"
    assert forms(text, spelled=True) == text


def test_the_file_names_fields_of_the_catalogue() -> None:
    words = search_words()
    known = {field.name for asset in CATALOGUE.types.values() for field in asset.fields}
    listed = {*words.unspelled, *words.names, *words.beside, *words.units, *words.roads}
    assert listed <= known


@given(
    st.sampled_from(["exp_no", "location_desc", "component_name", "cover_kind"]),
    st.lists(
        st.one_of(st.text(max_size=12), st.text("WS-0（１é\u0301\0路", max_size=6), st.none()),
        max_size=8,
    ),
)
def test_forms_of_many_texts_are_those_of_each(name: str, texts: list[str | None]) -> None:
    field = MANHOLE.field(name)
    wanted = [field_forms(field, text, CATALOGUE) for text in texts]
    assert many_forms(field, texts, CATALOGUE) == wanted
    known = [text for text in texts if text is not None]
    wanted = [field_forms(field, text, CATALOGUE) for text in known]
    assert many_forms(field, known, CATALOGUE) == wanted
