"""Which encoding a foreign table is in, and how that is known.

Given by the user, then ``.cpg``, then the language byte, then detection. What is declared must
decode every byte and must not read like nonsense where another one reads like Chinese; otherwise
that is reported and detection decides, or the user is asked.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import han
from hjgis.exchange.shapefiles.dbf import LANGUAGES, Table
from hjgis.i18n import _

Source = Literal["given", "cpg", "ldid", "detected", "format"]
_CANDIDATES: Final = ("utf-8", "gb18030", "cp950", "cp1250", "cp1251", "cp1252")
_GB_PAGES: Final = {"936", "cp936", "gb2312", "gbk", "gb18030", "ms936", "windows-936", "ansi 936"}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHINESE: Final = ("utf-8", "gb18030", "cp950")
# Looked for in the wide form, called by the narrow one where that is enough.
_NARROWER: Final = {"gb18030": "gbk", "cp950": "big5"}
# Share of everyday signs from which a text counts as Chinese, and how far ahead of the next
# reading it must be. Wrong readings of real files stay under 0.25, right ones over 0.6.
_READS_WELL: Final = 0.45
_AHEAD: Final = 0.3
# More than this tells nothing more and would take long.
_SAMPLE_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, how it is known, and what was declared wrongly."""

    name: str
    source: Source
    warnings: tuple[str, ...] = ()


def of_dbf(table: Table, cpg: Path | None, given: str | None) -> Encoding:
    """Decide the encoding of a DBF table.

    Raises
    ------
    InputError
        If the encoding given does not decode it.
    InputQuestion
        If no encoding is clearly the right one.
    """
    texts = sorted(table.foreign_texts())
    if given:
        return _given(given, texts)
    warnings: list[str] = []
    for word, name, source in _declared(table, cpg):
        if name is None and texts:
            message = _(".cpg says {name}, which is no encoding; looked at the bytes.")
            warnings.append(message.format(name=word or "-"))
        if name is not None and _decodes(name, texts) and not _nonsense(name, texts):
            return Encoding(name, source, tuple(warnings))
        if name is not None:
            where = ".cpg" if source == "cpg" else _("the language byte")
            message = _("{where} says {name}, but the text is not {name}; looked at the bytes.")
            warnings.append(message.format(where=where, name=name))
    return Encoding(_detect(texts), "detected", tuple(warnings))


def of_text(data: bytes, given: str | None) -> Encoding:
    """Decide the encoding of a text file such as CSV."""
    if given:
        return _given(given, [data])
    for mark, name in _MARKS:
        if data.startswith(mark) and _decodes(name, [data]):
            return Encoding(name, "format")
    return Encoding(_detect([data] if not data.isascii() else []), "detected")


def is_marked(data: bytes) -> bool:
    """Whether a text begins with a mark that says its encoding."""
    return any(data.startswith(mark) for mark, _name in _MARKS)


def python_name(text: str) -> str | None:
    """Return Python's name of an encoding as people and ``.cpg`` files write it, or None."""
    word = text.strip().casefold()
    if word in _GB_PAGES:
        return "gbk" if word != "gb18030" else word
    latin = re.fullmatch(r"(?:iso[ _-]?)?8859[ _-]?(\d{1,2})", word)
    names = (word, f"cp{word}", word.replace("ansi ", "cp"))
    for name in (f"iso8859-{latin[1]}",) if latin else names:
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return None


def _declared(table: Table, cpg: Path | None) -> list[tuple[str, str | None, Source]]:
    """Return what is declared, as it stands and as Python calls it, and where."""
    result: list[tuple[str, str | None, Source]] = []
    if cpg is not None:
        word = cpg.read_bytes().decode("ascii", "replace").strip("\ufeff\x00 \r\n")
        result.append((word, python_name(word), "cpg"))
    page = LANGUAGES.get(table.language_byte)
    if page is not None:
        result.append((page, page, "ldid"))
    return result


def codec(given: str) -> str:
    """Return Python's name of an encoding that the user names.

    Raises
    ------
    InputError
        If there is none.
    """
    name = python_name(given)
    if name is None:
        raise InputError(_("There is no encoding {name}.").format(name=given))
    return name


def _given(given: str, texts: Iterable[bytes]) -> Encoding:
    name = codec(given)
    if not _is_valid(name, texts) and not _decodes(name, texts):
        message = _("Not all text is {name}; name no encoding to have it recognised.")
        raise InputError(message.format(name=given))
    return Encoding(name, "given")


def _is_valid(name: str, texts: Iterable[bytes]) -> bool:
    """Whether every byte has a meaning, signs of no Unicode that Python knows included."""
    try:
        return all(text.decode(name) is not None for text in texts)
    except UnicodeDecodeError:
        return False


def _decodes(name: str, texts: Iterable[bytes]) -> bool:
    if name == "utf-8" and _is_valid(name, texts):
        # So strict that a sign which is too new to be known does not count against it.
        return True
    try:
        return all(_is_plain(text.decode(name)) for text in texts)
    except UnicodeDecodeError:
        # A value cut inside a character is the writer's fault, not a sign of another encoding.
        return name in ("gbk", "gb18030", "big5", "cp950", "utf-8") and _mostly(name, texts)


def _mostly(name: str, texts: Iterable[bytes]) -> bool:
    """Whether every text decodes once a last character that was cut is left out."""
    decoder = codecs.getincrementaldecoder(name)
    try:
        # Not final: what lacks its last bytes is waited for; what is wrong still fails.
        return all(_is_plain(decoder().decode(text)) for text in texts)
    except UnicodeDecodeError:
        return False


def _is_plain(text: str) -> bool:
    return not any(
        unicodedata.category(sign) in ("Cc", "Cn", "Co") for sign in set(text) if sign > "\x1f"
    )


def _shares(texts: Iterable[bytes]) -> dict[str, float]:
    """Return how Chinese the texts read in each encoding that decodes them, best first."""
    sample = b"\n".join(texts)[:_SAMPLE_BYTES]
    found = {
        name: han.share(sample.decode(name, "ignore")) for name in _CHINESE if _decodes(name, texts)
    }
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def _nonsense(name: str, texts: list[bytes]) -> bool:
    """Whether the texts read like Chinese in another encoding and not in this one."""
    if not texts:
        return False
    now = han.share(b"\n".join(texts)[:_SAMPLE_BYTES].decode(name, "ignore"))
    best, share = next(iter(_shares(texts).items()), ("", 0.0))
    return best != name and share >= _READS_WELL and share - now >= _AHEAD


def _detect(texts: list[bytes]) -> str:
    """Return the one encoding that fits all bytes and reads plausibly.

    UTF-8 is strict enough to be believed when it fits, unless the same bytes are good Chinese
    in another; GB18030 and Big5 accept much that they should not, so the text must read well.
    """
    if not texts or _is_accented_latin(texts):
        return "utf-8"
    shares = _shares(texts)
    (best, first), second = next(iter(shares.items()), ("", 0.0)), [*shares.values(), 0.0, 0.0][1]
    if first >= _READS_WELL and first - second >= _AHEAD:
        return _narrowest(best, texts)
    if "utf-8" in shares and first < _READS_WELL:
        return "utf-8"
    fits = [name for name in _CANDIDATES if _decodes(name, texts)]
    if first >= _READS_WELL:
        fits = list(dict.fromkeys((*shares, *fits)))
    else:
        fits = _ranked(b" ".join(texts)[:_SAMPLE_BYTES], fits)
    raise InputQuestion(
        _("The encoding of the text cannot be told for certain."),
        "--encoding",
        tuple(dict.fromkeys(_narrowest(name, texts) for name in fits)),
    )


def _is_accented_latin(texts: list[bytes]) -> bool:
    """Whether the texts are UTF-8 of Western words, whose pairs of bytes are Chinese signs too."""
    if not _decodes("utf-8", texts):
        return False
    signs = [sign for text in texts for sign in text.decode("utf-8", "ignore") if sign > "\x7f"]
    return sum(sign < "\u0250" for sign in signs) > len(signs) / 2


def _narrowest(name: str, texts: list[bytes]) -> str:
    narrow = _NARROWER.get(name)
    return narrow if narrow is not None and _decodes(narrow, texts) else name


def _ranked(sample: bytes, fits: list[str]) -> list[str]:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample, cp_isolation=fits or None)
    order = [python_name(match.encoding) for match in best]
    return [name for name in dict.fromkeys([*order, *fits]) if name]
