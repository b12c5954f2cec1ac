"""What it means that a word occurs in a feature: one normal form of texts and of what is typed.

A text counts without case, width, spaces and signs: ``WS-0012`` is found by ``ws0012`` and by
``ＷＳ０012``. A word occurs where it is a part of such a text, or of how it is typed in pinyin. A
feature is found where each word that was typed occurs in one of its texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.catalogue_files import read_toml
from hjgis.models.identifiers import convert
from hjgis.models.naming import name_fields, number_of
from hjgis.models.pinyin import spelling

# Longer texts are sentences: nobody types them in pinyin, or begins in the middle of them.
_SPELLED_AT_MOST: Final = 20
_BEGUN_INSIDE_AT_MOST: Final = 10
_HAN_SIGNS: Final = "㐀-䶿一-鿿豈-﫿\U00020000-\U0003fffd"
_HAN: Final = re.compile(f"[{_HAN_SIGNS}]+")
_RUNS: Final = re.compile(f"([{_HAN_SIGNS}]+)|([^{_HAN_SIGNS}]+)")
_ID_DIGITS: Final = (16, 17)
_SCHEMES: Final = {16: 17, 17: 16}


@dataclass(frozen=True, slots=True)
class SearchWords:
    """The file ``search.toml``: how fields are searched and what others call our commands."""

    unspelled: frozenset[str]
    unsearched: frozenset[str]
    names: tuple[str, ...]
    beside: tuple[str, ...]
    units: tuple[str, ...]
    roads: tuple[str, ...]
    synonyms: Mapping[str, tuple[str, ...]]
    layers: Mapping[str, tuple[str, ...]]


@cache
def search_words() -> SearchWords:
    """Read the file ``search.toml``.

    Raises
    ------
    DictionaryError
        If it does not load; names the key.
    """
    raw = read_toml(paths.resources() / "search.toml")
    try:
        fields = cast("dict[str, list[str]]", raw.pop("fields"))
        synonyms = cast("dict[str, list[str]]", raw.pop("synonyms"))
        layers = cast("dict[str, list[str]]", raw.pop("layers"))
        unspelled = frozenset(fields.pop("unspelled"))
        unsearched = frozenset(fields.pop("unsearched"))
        listed = {name: tuple(entries) for name, entries in fields.items()}
        return SearchWords(
            unspelled=unspelled,
            unsearched=unsearched,
            synonyms={action: tuple(words) for action, words in synonyms.items()},
            layers={layer: tuple(words) for layer, words in layers.items()},
            **listed,
        )
    except (KeyError, TypeError) as error:
        raise DictionaryError(f"search.toml: {error}") from error


# -- the normal form -----------------------------------------------------------------------


def squeezed(text: str) -> str:
    """Return a text without case, width, spaces and signs: only letters and digits."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that were typed, the longest first; what is a part of another is left out.

    A component id may be typed in groups of digits.
    """
    parts = [squeezed(part) for part in unicodedata.normalize("NFKC", text).split()]
    parts = [part for part in parts if part]
    joined = "".join(parts)
    if joined.isdigit() and len(joined) in _ID_DIGITS:
        return (joined,)
    result: list[str] = []
    seen = ""
    for part in sorted(set(parts), key=lambda part: (-len(part), part)):
        if part not in seen:
            result.append(part)
            seen += f" {part}"
    return tuple(result)


def forms(text: str, *, spelled: bool) -> str:
    """Return all that a text may be found by, with spaces between.

    Parameters
    ----------
    spelled : bool
        Also by its pinyin: the initials from any sign on, the whole from any syllable on.
    """
    plain = squeezed(text)
    if not spelled or plain.isascii() or len(plain) > _SPELLED_AT_MOST:
        return plain
    if not _HAN.search(plain):
        return plain
    syllables = _syllables(plain)
    begun = range(len(syllables) if len(syllables) <= _BEGUN_INSIDE_AT_MOST else 1)
    wholes = ("".join(syllables[first:]) for first in begun)
    return " ".join((plain, _initials(plain), *map(_as_whole, wholes)))


def _as_whole(pinyin: str) -> str:
    """Return a whole pinyin so that it is met from its beginning only.

    停车 is no 公厕, though ``gc`` stands in ``tingche``: all but the first sign is in capitals,
    which no text in normal form has.
    """
    return pinyin[0] + pinyin[1:].upper()


def typed_forms(word: str) -> tuple[str, ...]:
    """Return a word in the forms in which `forms` may hold it."""
    whole = _as_whole(word)
    return (word, whole) if word.isascii() and whole != word else (word,)


# Runs of Han signs are spelled for themselves: a million numbered names have few of them.


def _initials(plain: str) -> str:
    """Return the pinyin initials of a text in normal form."""
    return _HAN.sub(lambda run: spelling(run[0]).initials, plain)


def _syllables(plain: str) -> list[str]:
    """Return the pinyin of a text in normal form, what stands between Han signs as one."""
    result: list[str] = []
    for run, between in _RUNS.findall(plain):
        result += spelling(run).syllables if run else (between,)
    return result


# -- which texts a feature has -------------------------------------------------------------


def searched_fields(asset: AssetType) -> tuple[Field, ...]:
    """Return the fields whose values are searched: words and codes, no links between features."""
    links = {name for pair in asset.topology.pairs[:1] for name in pair} if asset.ends_on else set()
    out = links | search_words().unsearched
    return tuple(f for f in asset.fields if f.type in ("text", "code") and f.name not in out)


def naming_fields(asset: AssetType) -> frozenset[str]:
    """Return the fields that tell a feature from others: found there, it is meant."""
    return frozenset(name_fields(asset)) | {one.name for one in asset.fields if one.unique}


def field_forms(field: Field, value: Value, catalogue: Catalogue) -> str:
    """Return all that a stored value may be found by; a code by its names in all languages."""
    if value is None or isinstance(value, bytes):
        return ""
    text = str(value)
    codes = catalogue.code_lists.get(field.codes) if field.codes else None
    code = codes.get(text) if codes is not None else None
    if code is None:
        return forms(text, spelled=field.name not in search_words().unspelled)
    each = (code.code, *code.label.values())
    return " ".join(dict.fromkeys(" ".join(forms(one, spelled=True) for one in each).split()))


def many_forms(field: Field, values: Sequence[Value], catalogue: Catalogue) -> list[str]:
    """Return the `field_forms` of many values, mostly a third as long as one by one."""
    texts = [value for value in values if isinstance(value, str)]
    joined = "\0".join(texts)
    spelled = field.name not in search_words().unspelled
    together = (
        len(texts) == len(values) == joined.count("\0") + 1
        and field.codes not in catalogue.code_lists
        and (joined.isascii() or not spelled)
    )
    if not together:
        return [field_forms(field, value, catalogue) for value in values]
    # Nothing joins with a zero, so each text becomes what it becomes by itself.
    plain = joined.lower()
    if not joined.isascii():
        plain = unicodedata.normalize("NFKC", joined).casefold()
    parts = plain.split("\0")
    return [part if part.isalnum() else "".join(filter(str.isalnum, part)) for part in parts]


def variants(word: str, asset: AssetType, catalogue: Catalogue) -> tuple[str, ...]:
    """Return what a word means in a layer, one of which must occur.

    The word, how a whole pinyin is kept, and a component id in the other scheme.
    """
    if len(word) not in _SCHEMES or not (word.isascii() and word.isdigit()):
        return typed_forms(word)
    other = convert(word, asset, catalogue, 16 if len(word) == 17 else 17)
    return (word,) if other is None else (word, other)


# -- what is shown -------------------------------------------------------------------------


def spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return which parts of a text the words meet: pairs of first sign and sign after the last.

    Where a word meets only the pinyin initials, the signs that they stand for.
    """
    plain, places = _placed(text)
    found: list[tuple[int, int]] = []
    for word in words:
        at = plain.find(word)
        if at < 0 and word.isascii() and not plain.isascii():
            # One initial a sign; where a sign has none it is left as it is.
            initials = _initials(plain)
            at = initials.find(word) if len(initials) == len(plain) else -1
        if at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
    return sorted(found)


def _placed(text: str) -> tuple[str, list[int]]:
    """Return the normal form of a text, and for each of its signs where it comes from."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for one in squeezed(sign):
            signs.append(one)
            places.append(place)
    return "".join(signs), places


def meets(words: Sequence[str], texts: Iterable[str]) -> bool:
    """Whether each word occurs in one of some texts or in their pinyin."""
    known = " ".join(map(_forms_of_name, texts))
    return all(any(form in known for form in typed_forms(word)) for word in words)


def grade(words: Sequence[str], text: str) -> int:
    """Return how well words meet a text: 3 all of it, 2 its beginning, 1 a part, 0 not at all."""
    if not words or not meets(words, [text]):
        return 0
    known, first = f" {_forms_of_name(text)} ", typed_forms(words[0])
    whole = any(f" {form} " in known for form in first)
    return 3 if whole else 2 if any(f" {form}" in known for form in first) else 1


@lru_cache(maxsize=4096)
def _forms_of_name(text: str) -> str:
    """Return the forms of one of the few names that are looked at again and again."""
    return forms(text, spelled=True)


def title_of(asset: AssetType, values: Mapping[str, Value], catalogue: Catalogue) -> str:
    """Return what a feature is called; empty where nothing names it."""
    named = number_of(asset, values, catalogue)
    others = (values.get(name) for name in search_words().names)
    return named or next((str(value) for value in others if value), "")


def beside(asset: AssetType, values: Mapping[str, Value], title: str) -> str:
    """Return where a feature is and who looks after it, in a line."""
    names = [name for name in search_words().beside if asset.has(name) and values.get(name)]
    texts = dict.fromkeys(str(values[name]) for name in names)
    return " · ".join(text for text in texts if text != title)


def shown(field: Field, value: Value, catalogue: Catalogue) -> str:
    """Return a value of a searched field as people read it."""
    text = str(value)
    codes = catalogue.code_lists.get(field.codes or "")
    return codes.label_of(text) if codes is not None else text
