"""Text that was spoilt before it was saved: found, put into words, never changed.

Somebody read bytes in the wrong encoding and saved what he saw. Where no byte got lost on the way,
the bytes can be had back and read rightly; that is told beside the row, as a suggestion.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from numpy.typing import NDArray

from hjgis.exchange import han
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.report import Problem
from hjgis.i18n import _

# U+FFFD stands where a byte had no meaning; its UTF-8 bytes, taken for GBK, are 锟斤拷.
_LOST: Final = re.compile("\ufffd|锟斤拷|锟斤|斤拷")
# Only question marks: each was a sign that the encoding of the file did not have.
_QUESTIONS: Final = re.compile(r"[\W\d_]*\?\?[\W\d_]*")
# How much of what comes out must be everyday Chinese, and how far ahead of what went in. Right
# readings of real text stay over 0.6 (see encoding), so this leaves names with rare signs in.
_READS_WELL: Final = 0.5
_AHEAD: Final = 0.1
# Fewer signs than this may be chance, and so may rare ones, unless the layer has others that were
# spoilt the same way.
_SIGNS: Final = 2
_CHINESE: Final = (
    "CJK",
    "FULLWIDTH",
    "IDEOGRAPHIC",
    "LEFT",
    "RIGHT",
    "MIDDLE DOT",
    "MULTIPLICATION",
)
_UNPAIRED_SIGNS: Final = 3
_MOST_TOLD: Final = 30
# Stands for a sign of which a byte is lost.
_HOLE: Final = "\ufffd"
# One sign of UTF-8 from ASCII to the everyday Chinese, its later bytes perhaps question marks;
# the last one may be cut.
_TOKEN: Final = re.compile(
    rb"[\xe2-\xe9\xef][\x80-\xbf?][\x80-\xbf?]|[\xc3-\xdf][\x80-\xbf]|[\x20-\x7e]"
    rb"|[\xe2-\xe9\xef][\x80-\xbf]?$"
)
_LENGTHS: Final = {**dict.fromkeys(range(8), 1), 0xC: 2, 0xD: 2, 0xE: 3}


@dataclass(frozen=True, slots=True)
class _Way:
    """How text got spoilt: `truth` is what the bytes are, `taken` what they were taken for."""

    truth: str
    taken: str


_WAYS: Final = (
    _Way("utf-8", "cp1252"),
    _Way("gbk", "cp1252"),
    _Way("big5", "cp1252"),
    _Way("utf-8", "gbk"),
    _Way("utf-8", "big5"),
)
_WORDS: Final = {"cp1252": "Latin-1", "gbk": "GBK", "big5": "Big5", "utf-8": "UTF-8"}


def noted(layer: ForeignLayer) -> ForeignLayer:
    """Return the layer with what is spoilt in its names and texts among its problems."""
    names = [("", layer.name), *((name, name) for name in layer.columns)]
    texts = {name: _distinct(column) for name, column in layer.columns.items()}
    proven = _proven([text for _field, text in names], *texts.values())
    found = list(_of_names(names, proven))
    for name, distinct in texts.items():
        spoilt = {text: said for text in distinct if (said := _said(text, proven))}
        if spoilt:
            found += _of_column(name, layer.columns[name], spoilt)
    return replace(layer, problems=(*layer.problems, *found)) if found else layer


def _distinct(column: NDArray[Any]) -> list[str]:
    """Return the different texts of a column that can be spoilt at all."""
    if column.dtype != object:
        return []
    seen = {
        value
        for value in column.tolist()
        if isinstance(value, str) and (not value.isascii() or "??" in value)
    }
    return sorted(seen)


def _proven(*texts: Iterable[str]) -> frozenset[_Way]:
    """Return the ways in which some text is spoilt beyond doubt."""
    found = (_undone(text, _SIGNS) for some in texts for text in some)
    return frozenset(entry[0] for entry in found if entry)


def _of_names(names: Iterable[tuple[str, str]], proven: frozenset[_Way]) -> Iterator[Problem]:
    for field, text in names:
        said = _said(text, proven)
        if said:
            words = _("The name itself: {words}") if field else _("The layer's name: {words}")
            yield Problem(None, field or None, "mojibake", words.format(words=said))


def _of_column(name: str, column: NDArray[Any], spoilt: dict[str, str]) -> Iterator[Problem]:
    """Yield one problem a text, the first some only; the others together."""
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(column.tolist(), 1):
        if value in spoilt:
            rows.setdefault(value, []).append(row)
    told = list(rows)[:_MOST_TOLD]
    for text in told:
        yield Problem.of_rows(rows[text], name, "mojibake", spoilt[text])
    rest = [rows[text] for text in list(rows)[_MOST_TOLD:]]
    if rest:
        words = _("{count} more different texts are spoilt like these").format(count=len(rest))
        yield Problem.of_rows([row for some in rest for row in some], name, "mojibake", words)


def _said(text: str, proven: frozenset[_Way]) -> str:
    """Return what is to be told of a text; nothing if it is sound."""
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    lost = _("{text}: signs were lost before the file was saved; ask for the original")
    if _LOST.search(text) and _undone(text, _SIGNS) is None:
        return lost.format(text=shown)
    if _QUESTIONS.fullmatch(text):
        words = _("{text}: only question marks; text may have been lost before the file was saved")
        return words.format(text=shown)
    found = _undone(text, _SIGNS) or _undone(text, 1, proven)
    if found is None:
        return ""
    way, right = found
    if not right.replace(_HOLE, "").strip(" ?"):
        return lost.format(text=shown)
    right = right.replace(_HOLE, "?")
    words = _("{text} should read {right}: {truth} was taken for {taken} and saved so; not changed")
    return words.format(text=shown, right=right, truth=_WORDS[way.truth], taken=_WORDS[way.taken])


def _undone(text: str, signs: int, ways: Iterable[_Way] = _WAYS) -> tuple[_Way, str] | None:
    """Return how a text was spoilt and what it should read; None if it reads well as it is."""
    high = [sign for sign in text if sign > "\x7f"]
    if not high:
        return None
    latin = all(sign in _LATIN for sign in high if sign != _HOLE)
    for way in ways:
        if latin == (way.taken == "cp1252"):
            right = _UNDO[way.taken](text, way.truth)
            if right is not None and _is_better(right, text, way, signs):
                return way, right
    return None


def _is_better(right: str, text: str, way: _Way, signs: int) -> bool:
    now = [sign for sign in right if sign > "\x7f" and sign != _HOLE]
    holes = right.count(_HOLE)
    if way == _WAYS[0] and now and not holes:
        # UTF-8 has rules that other text does not keep by chance, Western words included.
        return all(unicodedata.category(sign)[0] != "C" for sign in now)
    if not now:
        return holes >= _SIGNS
    if signs == 1:
        return all(unicodedata.name(sign, "").startswith(_CHINESE) for sign in now)
    share = han.share("".join(now))
    return len(now) + holes >= signs and share >= _READS_WELL and share - han.share(text) >= _AHEAD


def _from_latin(text: str, truth: str) -> str | None:
    try:
        whole = text.replace(_HOLE, "?")
        data = bytes(_LATIN[sign] if sign > "\x7f" else ord(sign) for sign in whole)
        right = _utf8(data) if truth == "utf-8" else data.decode(truth)
    except (UnicodeDecodeError, KeyError):
        return None
    if truth == "utf-8" or right is None or _is_paired(data):
        return right
    # Big5 uses letters as second bytes, so Western words may look like it: only if they are long.
    return right if truth == "big5" and len(right) >= _UNPAIRED_SIGNS else None


def _is_paired(data: bytes) -> bool:
    """Whether high bytes come in twos, as in Chinese text and hardly ever in Western words."""
    return all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", data))


def _from_chinese(taken: str) -> Callable[[str, str], str | None]:
    def undo(text: str, _truth: str) -> str | None:
        try:
            return _utf8(text.replace(_HOLE, "?").encode(taken))
        except UnicodeEncodeError:
            return None

    return undo


def _utf8(data: bytes) -> str | None:
    """Decode UTF-8 in which bytes that nobody could show were saved as question marks.

    A sign that lacks a byte becomes `_HOLE`; None if the bytes are no UTF-8 even so.
    """
    signs, at = [], 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            return None
        token, at = found[0], found.end()
        whole = len(token) == _LENGTHS[token[0] >> 4] and (len(token) == 1 or b"?" not in token)
        try:
            signs.append(token.decode("utf-8") if whole else _HOLE)
        except UnicodeDecodeError:
            return None
    return "".join(signs)


def _latin_bytes() -> dict[str, int]:
    """Return the byte of each sign above ASCII in cp1252; where it has none, as in Latin-1."""
    result = {}
    for byte in range(0x80, 0x100):
        try:
            result[bytes([byte]).decode("cp1252")] = byte
        except UnicodeDecodeError:
            result[chr(byte)] = byte
    return {**{chr(byte): byte for byte in range(0x80, 0xA0)}, **result}


_LATIN: Final = _latin_bytes()
_UNDO: Final = {
    "cp1252": _from_latin,
    "gbk": _from_chinese("gbk"),
    "big5": _from_chinese("big5"),
}
