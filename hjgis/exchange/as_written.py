"""What a text becomes where it is written in an encoding and a width: no change of anybody's."""

from __future__ import annotations

from typing import Final

from hjgis.models.assets import Value

# In GBK and in every Chinese font; never mistaken for a question mark in the data.
MISSING_SIGN: Final = "〓"
# A DBF holds so many bytes of a text; a cut leaves whole characters.
_DBF_BYTES: Final = 254
_LONGEST_CHARACTER: Final = 4


def is_written(stored: Value, given: Value, encoding: str) -> bool:
    """Whether a text is what an encoding has signs for and a DBF room for of the stored one."""
    if not (isinstance(stored, str) and isinstance(given, str)):
        return False
    signs = "".join(sign if _encodes(sign, encoding) else MISSING_SIGN for sign in stored)
    if given == signs:
        return True
    length = len(given.encode(encoding, "replace"))
    cut = _DBF_BYTES - _LONGEST_CHARACTER < length <= _DBF_BYTES
    whole = len(signs.encode(encoding, "replace"))
    return cut and whole > _DBF_BYTES and (stored.startswith(given) or signs.startswith(given))


def _encodes(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
