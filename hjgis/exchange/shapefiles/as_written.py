"""What a text becomes where it is written in an encoding and a width: no change of anybody's."""

from __future__ import annotations

from typing import Final, get_args

from hjgis.exchange.outgoing import Encoding, Substitute
from hjgis.exchange.shapefiles.pages import encoded
from hjgis.models.assets import Value

# A DBF holds so many bytes of a text; a cut leaves whole characters.
_DBF_BYTES: Final = 254
_LONGEST_CHARACTER: Final = 4
_WRITTEN_IN: Final[dict[str, Encoding]] = {"gbk": "gbk", "gb18030": "gbk", "utf-8": "utf-8"}
_SUBSTITUTES: Final[tuple[Substitute, ...]] = get_args(Substitute)


def is_written(stored: Value, given: Value, encoding: str) -> bool:
    """Whether a text is what an encoding has signs for and a DBF room for of the stored one."""
    if not (isinstance(stored, str) and isinstance(given, str)):
        return False
    if encoding not in _WRITTEN_IN:
        return _is_cut(stored, given, encoding)
    page = _WRITTEN_IN[encoding]
    written = {encoded(stored, page, substitute).decode(page) for substitute in _SUBSTITUTES}
    # Blanks at the ends are those of the column; each side may have lost its own.
    return any(
        text.strip() == given.strip() or _is_cut(text, given, page) for text in {stored, *written}
    )


def _is_cut(whole: str, given: str, encoding: str) -> bool:
    """Whether a text is as much of another one as a DBF has room for."""
    length = len(given.encode(encoding, "replace"))
    full = _DBF_BYTES - _LONGEST_CHARACTER < length <= _DBF_BYTES
    too_long = len(whole.encode(encoding, "replace")) > _DBF_BYTES
    return full and too_long and whole.startswith(given)
