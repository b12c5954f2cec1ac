from __future__ import annotations

import pytest

from hjgis.models.pinyin import Spelling, is_meant, spelling


def test_a_word_is_spelled_whole_and_by_initials() -> None:
    assert spelling("污水井") == Spelling("wushuijing", "wsj")


def test_heteronyms_are_read_as_in_their_word() -> None:
    assert spelling("重庆路").initials == "cql"
    assert spelling("重型").initials == "zx"


def test_latin_letters_and_digits_stay_and_signs_are_left_out() -> None:
    assert spelling("PE管 (DN300)") == Spelling("peguandn300", "pegdn300")


@pytest.mark.parametrize("typed", ["ws", "WS", "wushui", "污", "水", "sg", " ws "])
def test_what_is_typed_finds_the_word(typed: str) -> None:
    assert is_meant("污水管", typed)


@pytest.mark.parametrize("typed", ["ys", "雨", "wg", "w-s"])
def test_what_is_not_in_it_does_not(typed: str) -> None:
    assert not is_meant("污水管", typed)


@pytest.mark.parametrize("text", ["𠮷野家", "㐂", "😀", "مرحبا", ""])
def test_rare_signs_are_no_trouble(text: str) -> None:
    assert is_meant(text, text)
    assert not is_meant(text, "ws")
