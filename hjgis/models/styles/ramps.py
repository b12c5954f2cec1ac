"""Ramps: the colours that classes of a map get (``resources/ramps.toml``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

RampKind = Literal["sequential", "diverging", "qualitative"]
SEQUENTIAL, QUALITATIVE = "blues", "kinds"
# Of what is joined as others: a colour of none of the ramps.
OTHERS_COLOR: Final = "#9aa3ab"
_KINDS: Final = ("sequential", "diverging", "qualitative")
# From linear sRGB to CIE XYZ over the white of D65 (IEC 61966-2-1), and CIE L*a*b* (CIE 15).
_XYZ: Final = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
_WHITE: Final = _XYZ.sum(axis=1)
_EDGE: Final = 6 / 29


@dataclass(frozen=True, slots=True)
class Ramp:
    """Colours in an order.

    Attributes
    ----------
    hexes : tuple of str
        ``#rrggbb``; sequential ones from light to dark.
    """

    id: str
    kind: RampKind
    label: Label
    hexes: tuple[str, ...]
    basis: str

    @property
    def most(self) -> int | None:
        """How many classes it can tell apart; None for any number."""
        return len(self.hexes) if self.kind == "qualitative" else None

    def colors(self, count: int) -> tuple[str, ...]:
        """Return the colours of so many classes; a qualitative ramp has no more than `most`."""
        if self.kind == "qualitative":
            return self.hexes[:count]
        if count == 1:
            return (self.hexes[len(self.hexes) * 2 // 3],)
        known = lab(self.hexes)
        at = np.linspace(0, len(self.hexes) - 1, count)
        mixed = [np.interp(at, np.arange(len(self.hexes)), known[:, axis]) for axis in range(3)]
        return _hexes(np.stack(mixed, axis=1))


def ramps() -> tuple[Ramp, ...]:
    """Return all ramps, in the order of the file.

    Raises
    ------
    DictionaryError
        If the file does not load; names the ramp and the key.
    """
    return _loaded(paths.resources() / "ramps.toml")


def ramp(ramp_id: str, kind: RampKind = "sequential") -> Ramp:
    """Return a ramp; of a name that is none, such as an empty one, the usual of its kind."""
    known = {entry.id: entry for entry in ramps()}
    usual = QUALITATIVE if kind == "qualitative" else SEQUENTIAL
    return known.get(ramp_id) or known[usual]


def lab(hexes: Sequence[str]) -> NDArray[np.float64]:
    """Return CIE L*a*b* of colours ``#rrggbb``, shape (n, 3)."""
    share = linear_rgb(hexes) @ _XYZ.T / _WHITE
    f = np.where(share > _EDGE**3, np.cbrt(share), share / (3 * _EDGE**2) + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def linear_rgb(hexes: Sequence[str]) -> NDArray[np.float64]:
    """Return the light of colours ``#rrggbb``, 0 to 1, shape (n, 3) (IEC 61966-2-1)."""
    rgb = np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in hexes]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def hexes_of(linear: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the colours of some light, shape (n, 3); what no screen can show is cut off."""
    light = np.clip(linear, 0, 1)
    rgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    levels = np.rint(255 * rgb).astype(int).tolist()
    return tuple("#" + "".join(f"{level:02x}" for level in color) for color in levels)


def _hexes(colors: NDArray[np.float64]) -> tuple[str, ...]:
    lightness, a, b = colors.T
    y = (lightness + 16) / 116
    f = np.stack([y + a / 500, y, y - b / 200], axis=1)
    share = np.where(f > _EDGE, f**3, 3 * _EDGE**2 * (f - 4 / 29))
    return hexes_of((share * _WHITE) @ np.linalg.inv(_XYZ).T)


@cache
def _loaded(path: Path) -> tuple[Ramp, ...]:
    entries = read_toml(path).get("ramp")
    if not isinstance(entries, list) or not entries:
        raise DictionaryError(f"{path.name}: ramp: missing")
    found = tuple(_ramp(path, entry) for entry in entries)
    for wanted in (SEQUENTIAL, QUALITATIVE):
        if wanted not in {entry.id for entry in found}:
            raise DictionaryError(f"{path.name}: {wanted}: missing")
    return found


def _ramp(path: Path, raw: dict[str, Any]) -> Ramp:
    where = f"{path.name}: ramp {raw.get('id')!r}"
    known = {"id", "kind", "label", "colors", "basis"}
    if set(raw) != known:
        raise DictionaryError(f"{where}: {', '.join(sorted(known ^ set(raw)))}: missing or unknown")
    colors = raw["colors"]
    if raw["kind"] not in _KINDS or len(colors) < 2:
        raise DictionaryError(f"{where}: kind, or too few colours")
    try:
        lab(colors)
    except (TypeError, ValueError) as error:
        raise DictionaryError(f"{where}: colors: {error}") from error
    return Ramp(raw["id"], raw["kind"], raw["label"], tuple(colors), raw["basis"])
