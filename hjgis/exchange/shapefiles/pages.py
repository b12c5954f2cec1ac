"""Encodings of a shapefile, and what becomes of signs that one of them has not."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.outgoing import Encoding, Substitute
from hjgis.models.catalogue_files import read_toml
from hjgis.paths import resources

# In GBK and in every Chinese font; never mistaken for a question mark in the data.
MARK: Final = "〓"
_PLANE: Final = 0x10000
_SURROGATES: Final = range(0xD800, 0xE000)
# Ends a text for every reader of shapefiles, so no encoding has it.
_ZERO: Final = "\0"


def encoded(text: str, encoding: Encoding, substitute: Substitute) -> bytes:
    """Return a text in an encoding, with something in place of signs that it has not."""
    if _ZERO in text:
        text = text.replace(_ZERO, instead(_ZERO, encoding, substitute))
    return text.encode(encoding, f"hjgis.{substitute}")


def lacking(text: str, encoding: Encoding) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Return the code points of a text, and where there are some that an encoding has not."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    if encoding == "utf-8":
        return codes, np.flatnonzero(codes == 0)
    beyond = codes >= _PLANE
    return codes, np.flatnonzero(beyond | ~_held(encoding)[np.where(beyond, 0, codes)])


@lru_cache(maxsize=2)
def _held(encoding: Encoding) -> NDArray[np.bool_]:
    """Return of each character of the basic plane whether an encoding has it."""
    plane = "".join(chr(code) for code in range(1, _PLANE) if code not in _SURROGATES)
    held = np.zeros(_PLANE, bool)
    held[[*map(ord, plane.encode(encoding, "ignore").decode(encoding))]] = True
    return held


@lru_cache(maxsize=4096)
def instead(sign: str, encoding: Encoding, substitute: Substitute) -> str:
    """Return what is written for a sign that an encoding has not."""
    if substitute == "mark":
        return MARK
    known = _known_signs()
    if sign in known:
        return known[sign]
    plain = unicodedata.normalize("NFKD", sign)
    bare = "".join(known.get(part, part) for part in plain if not unicodedata.combining(part))
    return (
        bare
        if bare and bare.encode(encoding, "replace") == bare.encode(encoding, "ignore")
        else MARK
    )


@lru_cache(maxsize=1)
def _known_signs() -> Mapping[str, str]:
    return cast("Mapping[str, str]", read_toml(resources() / "nearest_signs.toml")["signs"])


def _marked(error: UnicodeError) -> tuple[str, int]:
    return _replaced(error, "mark")


def _transliterated(error: UnicodeError) -> tuple[str, int]:
    return _replaced(error, "transliterate")


def _replaced(error: UnicodeError, substitute: Substitute) -> tuple[str, int]:
    """Return what stands for what cannot be encoded, and where to go on; only GBK lacks signs."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(instead(sign, "gbk", substitute) for sign in signs), error.end


codecs.register_error("hjgis.mark", _marked)
codecs.register_error("hjgis.transliterate", _transliterated)
