"""Encodings of a shapefile, and what becomes of signs that one of them has not."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
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


def lacking(codes: NDArray[np.uint32], encoding: Encoding) -> NDArray[np.bool_]:
    """Say which characters, given as code points, an encoding has not.

    A zero byte ends a text for every reader of shapefiles, so no encoding has it.
    """
    if encoding == "utf-8":
        return np.asarray(codes == 0)
    beyond = codes >= _PLANE
    return np.asarray(beyond | ~_held(encoding)[np.where(beyond, 0, codes)])


@lru_cache(maxsize=4)
def _held(encoding: Encoding) -> NDArray[np.bool_]:
    """Return of each character of the basic plane whether an encoding has it."""
    held = np.zeros(_PLANE, bool)
    for code in range(1, _PLANE):
        held[code] = code not in _SURROGATES and _encodes(chr(code), encoding)
    return held


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def substitutes(
    signs: Collection[str], encoding: Encoding, substitute: Substitute
) -> Mapping[int, str]:
    """Return what is written for signs that an encoding has not, as `str.translate` takes it."""
    if substitute == "mark":
        return {ord(sign): MARK for sign in signs}
    return {ord(sign): _nearest(sign, encoding) for sign in signs}


@lru_cache(maxsize=4096)
def _nearest(sign: str, encoding: Encoding) -> str:
    known = _known_signs()
    if sign in known:
        return known[sign]
    plain = unicodedata.normalize("NFKD", sign)
    bare = "".join(known.get(part, part) for part in plain if not unicodedata.combining(part))
    return bare if bare and "\0" not in bare and _encodes(bare, encoding) else MARK


@lru_cache(maxsize=1)
def _known_signs() -> Mapping[str, str]:
    return cast("Mapping[str, str]", read_toml(resources() / "nearest_signs.toml")["signs"])
