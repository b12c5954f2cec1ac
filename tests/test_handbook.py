"""The handbook says what the program says: names, keys, pictures, links."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest

from benchmarks.handbook import (
    ACTION,
    NAMES,
    SHIPPED,
    SOURCES,
    START,
    TERMS,
    actions,
    files,
    source,
)
from benchmarks.handbook_pictures import MOST_BYTES, PICTURES
from hjgis.paths import resources
from hjgis.ui.handbook.places import FIRST, PAGE_OF

PAGES = (*NAMES, TERMS)
KEY = re.compile(r"\b(?:(?:Ctrl|Alt|Shift)\+\w+|F\d+)\b")


def _shipped(name: str) -> str:
    return (SHIPPED / f"{name}.html").read_text("utf-8")


def _targets(html: str, attribute: str) -> Iterator[str]:
    return (found[1] for found in re.finditer(rf'\b{attribute}="([^"]*)"', html))


def test_the_pages_that_ship_are_fresh() -> None:
    for name, text in files().items():
        assert (SHIPPED / name).read_text("utf-8") == text, f"{name}: run ./dev pages"


def test_every_source_is_a_page_and_nothing_else_ships() -> None:
    assert {path.stem for path in SOURCES.glob("*.md")} == set(NAMES)
    assert {path.stem for path in SHIPPED.glob("*.html")} == set(PAGES)
    listed = json.loads((SHIPPED / "contents.json").read_text("utf-8"))
    assert [page["name"] for page in listed] == list(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_of_a_page_exist_and_lie_in_the_handbook(name: str) -> None:
    html = _shipped(name)
    for target in (*_targets(html, "href"), *_targets(html, "src")):
        path, _hash, place = target.partition("#")
        assert re.fullmatch(r"[\w-]+\.(html|css|png)", path), target
        assert (SHIPPED / path).is_file(), target
        assert not place or f'id="{place}"' in _shipped(path.removesuffix(".html")), target


def test_every_page_is_reached_from_the_contents() -> None:
    reached = set(_targets(_shipped(START).split("<main>")[1], "href"))
    assert {f"{name}.html" for name in PAGES} - {f"{START}.html"} <= reached


def test_every_picture_is_shown_and_small() -> None:
    shown = {src for name in PAGES for src in _targets(_shipped(name), "src")}
    made = {path.name: path.stat().st_size for path in SHIPPED.glob("*.png")}
    assert shown == set(made) == {f"{picture.scene}.png" for picture in PICTURES}
    assert max(made.values()) <= MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_source_calls_actions_what_the_program_calls_them(name: str) -> None:
    said = [
        (words, form, actions()[action]) for words, form, action in ACTION.findall(source(name))
    ]
    wrong = [
        words
        for words, form, named in said
        if words != (named.key if form == "key" else named.name)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_a_source_writes_no_key_that_the_table_does_not_give(name: str) -> None:
    assert KEY.findall(ACTION.sub("", source(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_source_quotes_stands_in_the_window(name: str) -> None:
    quoted = re.findall("「(.+?)」", source(name))
    assert [words for words in quoted if words not in _window_words()] == []


def test_every_page_about_a_window_exists() -> None:
    assert {FIRST, *PAGE_OF.values()} <= set(NAMES)


@cache
def _window_words() -> frozenset[str]:
    words = gettext.translation("hjgis", resources() / "i18n", languages=["zh_CN"])
    return frozenset(text.rstrip("：") for text in words._catalog.values())  # type: ignore[attr-defined]
