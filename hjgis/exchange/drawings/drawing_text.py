"""Text in a DXF: what AutoCAD writes for signs that a drawing cannot hold as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Control signs and the caret itself are written with a caret.
_CARETS: Final = {number: f"^{chr(number + 64)}" for number in range(32)} | {ord("^"): "^ "}
_CARET: Final = re.compile(r"\^([@-_ ])")
_CODED: Final = re.compile(r"(?:\\[Uu]\+[0-9A-Fa-f]{4})+")
# Text of somebody that looks like a coded sign.
_LOOKS_CODED: Final = re.compile(r"\\(?=[UuMm]\+)")
_BACKSLASH: Final = r"\U+005C"
# What must not be torn apart.
_SIGNS: Final = re.compile(r"(?:\\U\+D[89AB][0-9A-F]{2})?\\U\+[0-9A-F]{4}|\^.|.", re.DOTALL)


def escaped(text: str, encoding: str) -> str:
    r"""Return a text as a drawing in this encoding holds it.

    Control signs become ``^J``, a caret ``^ ``, signs that the encoding has not ``\U+00B2``
    (two of these beyond the first 65 536 signs).
    """
    if "\\" in text:
        text = _LOOKS_CODED.sub(lambda _found: _BACKSLASH, text)
    if not text.isprintable() or "^" in text:
        text = text.translate(_CARETS)
    return coded(text, encoding)


def coded(text: str, encoding: str) -> str:
    r"""Return a text with ``\U+XXXX`` for signs that the encoding has not."""
    if text.isascii():
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_coded(sign, encoding) for sign in text)
    return text


@lru_cache(maxsize=8192)
def _coded(sign: str, encoding: str) -> str:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        units = sign.encode("utf-16-be", "surrogatepass")
        halves = (units[at : at + 2] for at in range(0, len(units), 2))
        return "".join(rf"\U+{half.hex().upper()}" for half in halves)
    return sign


def pieces(text: str, encoding: str, *, first: int, room: int) -> list[str]:
    """Cut an escaped text into pieces of whole signs.

    Parameters
    ----------
    first, room : int
        Bytes that the first piece and the others may have.
    """
    if len(text.encode(encoding)) <= first:
        return [text]
    made = [""]
    left = first
    for sign in _SIGNS.findall(text):
        size = len(sign.encode(encoding))
        if size > left:
            made.append("")
            left = room
        made[-1] += sign
        left -= size
    return made


def decoded(text: str) -> str:
    r"""Return the text of a file with the signs that ``\U+XXXX`` stands for."""
    return _CODED.sub(_signs, text) if "+" in text else text


def _signs(found: re.Match[str]) -> str:
    units = bytes.fromhex("".join(found[0][at + 3 : at + 7] for at in range(0, len(found[0]), 7)))
    signs = units.decode("utf-16-be", "replace")
    # A line break would tear the file apart.
    return found[0] if any(sign < " " for sign in signs) else signs


def unescaped(text: str) -> str:
    """Return a text without carets; `decoded` comes first."""
    return _CARET.sub(lambda found: chr((ord(found[1]) - 64) % 126), text) if "^" in text else text
