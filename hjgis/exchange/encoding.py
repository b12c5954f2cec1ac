"""Which encoding a foreign table is in, and how that is known.

Given by the user, then ``.cpg``, then the language byte, then detection. What is declared must
decode every byte; otherwise that is reported and detection decides, or the user is asked.
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
from hjgis.exchange.dbf import LANGUAGES, Table
from hjgis.i18n import _

Source = Literal["given", "cpg", "ldid", "detected", "format"]
_CANDIDATES: Final = ("utf-8", "gb18030", "big5", "cp1250", "cp1251", "cp1252")
_GB_PAGES: Final = {"936", "cp936", "gb2312", "gbk", "gb18030", "ms936", "windows-936", "ansi 936"}
_COMMON_HAN: Final = re.compile(
    "[路街井管灯厕园公市政号水雨污电气热通中大小东西南北上下新国民人国語语简繁體体]"
)


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
    texts = [text for text in set(table.texts()) if not text.isascii()]
    if given:
        return _given(given, texts)
    warnings: list[str] = []
    for name, source in _declared(table, cpg):
        if name is not None and _decodes(name, texts):
            return Encoding(name, source, tuple(warnings))
        if name is not None:
            where = ".cpg" if source == "cpg" else _("the language byte")
            message = _("{where} says {name}, but not all text is {name}; looked at the bytes.")
            warnings.append(message.format(where=where, name=name))
    return Encoding(_detect(texts), "detected", tuple(warnings))


def of_text(data: bytes, given: str | None) -> Encoding:
    """Decide the encoding of a text file such as CSV."""
    if given:
        return _given(given, [data])
    if data.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig", "format")
    return Encoding(_detect([data] if not data.isascii() else []), "detected")


def python_name(text: str) -> str | None:
    """Return Python's name of an encoding as people and ``.cpg`` files write it; None if unknown."""
    word = text.strip().casefold()
    if word in _GB_PAGES:
        return "gbk" if word != "gb18030" else word
    for name in (
        word,
        f"cp{word}",
        word.replace("ansi ", "cp"),
        word.replace("iso8859", "iso-8859"),
    ):
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return None


def _declared(table: Table, cpg: Path | None) -> list[tuple[str | None, Source]]:
    result: list[tuple[str | None, Source]] = []
    if cpg is not None:
        word = cpg.read_bytes().decode("ascii", "replace").strip("\ufeff\x00 \r\n")
        result.append((python_name(word), "cpg"))
    if table.language_byte:
        result.append((LANGUAGES.get(table.language_byte), "ldid"))
    return result


def _given(given: str, texts: Iterable[bytes]) -> Encoding:
    name = python_name(given)
    if name is None:
        raise InputError(_("There is no encoding {name}.").format(name=given))
    if not _decodes(name, texts):
        message = _("Not all text is {name}; leave --encoding out to have it recognised.")
        raise InputError(message.format(name=given))
    return Encoding(name, "given")


def _decodes(name: str, texts: Iterable[bytes]) -> bool:
    try:
        return all(_is_plain(text.decode(name)) for text in texts)
    except UnicodeDecodeError:
        # A value cut inside a character is the writer's fault, not a sign of another encoding.
        return name in ("gbk", "gb18030", "big5") and _mostly(name, texts)


def _mostly(name: str, texts: Iterable[bytes]) -> bool:
    """Whether every text decodes once a lone lead byte at its end is left out."""
    for text in texts:
        try:
            text.decode(name)
        except UnicodeDecodeError as error:
            if error.start != len(text) - 1:
                return False
    return True


def _is_plain(text: str) -> bool:
    return not any(
        unicodedata.category(sign) in ("Cc", "Cn", "Co") for sign in text if sign > "\x1f"
    )


def _detect(texts: list[bytes]) -> str:
    """Return the one encoding that fits all bytes and reads plausibly.

    UTF-8 is strict enough to be believed when it fits. GB18030 and Big5 accept much that
    they should not, so the words must look like Chinese too.
    """
    if not texts:
        return "utf-8"
    if _decodes("utf-8", texts):
        return "utf-8"
    sample = b" ".join(texts)
    fits = [name for name in _CANDIDATES[1:] if _decodes(name, texts)]
    chinese = [
        name for name in ("gb18030", "big5") if name in fits and _reads_chinese(sample, name)
    ]
    if len(chinese) == 1:
        return "gbk" if chinese[0] == "gb18030" and _decodes("gbk", texts) else chinese[0]
    likely = [name for name in _ranked(sample, fits) if name not in chinese]
    raise InputQuestion(
        _("The encoding of the text cannot be told for certain."),
        "--encoding",
        tuple(dict.fromkeys((*("gbk" if n == "gb18030" else n for n in chinese), *likely))),
    )


def _reads_chinese(sample: bytes, name: str) -> bool:
    """Whether most signs are Han of the everyday planes and some are words of the trade."""
    text = sample.decode(name, "replace")
    signs = [sign for sign in text if sign > "\x7f"]
    han = [sign for sign in signs if "\u4e00" <= sign <= "\u9fff"]
    everyday = sum(_is_everyday(sign) for sign in han)
    return bool(han) and len(han) > 0.6 * len(signs) and everyday > 0.7 * len(han)


def _is_everyday(sign: str) -> bool:
    """Whether a sign is in level 1 of GB 2312 or common in traditional text."""
    if _COMMON_HAN.match(sign):
        return True
    try:
        lead = sign.encode("gb2312")[0]
    except UnicodeEncodeError:
        try:
            return 0xA4 <= sign.encode("big5")[0] <= 0xC6
        except UnicodeEncodeError:
            return False
    return 0xB0 <= lead <= 0xD7


def _ranked(sample: bytes, fits: list[str]) -> list[str]:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample, cp_isolation=fits or None)
    order = [python_name(match.encoding) for match in best]
    return [name for name in dict.fromkeys([*order, *fits]) if name]
