"""Every word that users see is there in Chinese, and the compiled catalogue is fresh."""

from __future__ import annotations

import ast
import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hjgis import i18n

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources/i18n/zh_CN/LC_MESSAGES"
KEYWORDS = {"_": None, "N_": None, "ngettext_": (1, 2)}


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with (FOLDER / "hjgis.po").open("rb") as file:
        return read_po(file, locale="zh_CN")


@pytest.fixture(scope="module")
def used() -> set[str]:
    found = extract_from_dir(str(ROOT / "hjgis"), keywords=KEYWORDS, comment_tags=())
    texts = (message[2] for message in found)
    return {text if isinstance(text, str) else text[0] for text in texts}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_word_is_translated(used: set[str], chinese: Catalog) -> None:
    missing = sorted(text for text in used if not (chinese.get(text) and chinese.get(text).string))
    assert not missing, missing[:10]
    # What is marked as a guess is left out of the compiled catalogue.
    assert not [message.id for message in chinese if message.id and message.fuzzy]


def test_no_translation_is_left_over(used: set[str], chinese: Catalog) -> None:
    ids = {m.id if isinstance(m.id, str) else m.id[0] for m in chinese if m.id}
    assert not ids - used


def test_no_word_is_both_counted_and_not(chinese: Catalog) -> None:
    # gettext finds what is counted only where it is asked for with a count.
    source = "".join(path.read_text("utf-8") for path in (ROOT / "hjgis").rglob("*.py"))
    plain = {
        ast.literal_eval(text) for text in re.findall(r'\bN?_\(\s*("(?:[^"\\\n]|\\.)*")', source)
    }
    both = plain & {m.id[0] for m in chinese if m.id and not isinstance(m.id, str)}
    assert not both


def test_a_translation_has_the_placeholders_of_its_source(chinese: Catalog) -> None:
    for message in chinese:
        if isinstance(message.id, str) and message.id:
            assert placeholders(str(message.string)) == placeholders(message.id), message.id


def test_translations_are_chinese(chinese: Catalog) -> None:
    same = [
        m.id
        for m in chinese
        if isinstance(m.id, str)
        and re.search(r"[a-z]{4} [a-z]", m.id)
        and not re.search(r"[一-鿿]", str(m.string))
    ]
    assert not same


def test_the_compiled_catalogue_is_fresh(chinese: Catalog) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, chinese)
    assert (FOLDER / "hjgis.mo").read_bytes() == fresh.getvalue()


@pytest.mark.parametrize(
    ("named", "language"),
    [("", "zh_CN"), ("C.UTF-8", "zh_CN"), ("zh_CN.UTF-8", "zh_CN"), ("en_US.UTF-8", "en")],
)
def test_chinese_starts_where_the_locale_does_not_say_english(
    monkeypatch: pytest.MonkeyPatch, named: str, language: str
) -> None:
    for variable in ("HJGIS_LANGUAGE", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LC_ALL", named)
    i18n.set_language(None)
    assert i18n.language() == language
