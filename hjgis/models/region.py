"""Where the county lies, and in which systems its coordinates are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

Box = tuple[float, float, float, float]
_KINDS: Final = ("usual", "degrees", "miswritten")


@dataclass(frozen=True, slots=True)
class LikelySystem:
    """One way in which coordinates of the county are written.

    Attributes
    ----------
    crs : str
        What an import takes as the system: a code, a PROJ string, GCJ-02, BD-09 or DMS.
    datum : str or None
        Name of the old datum that it belongs to.
    """

    crs: str
    kind: Literal["usual", "degrees", "miswritten"]
    label: Label
    basis: str
    confidence: str
    datum: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """The county.

    Attributes
    ----------
    box_deg : tuple of float
        West, south, east and north, degrees.
    margin_deg : float
        So far outside the box still counts as inside, degrees.
    old_datum_m : tuple of float
        Least and most that places in an old datum lie off if they are read as CGCS2000, metres.
    common_points : mapping of str to tuple of str
        What the columns of a table of common points may be called, folded.
    """

    label: Label
    box_deg: Box
    margin_deg: float
    old_datum_m: tuple[float, float]
    systems: tuple[LikelySystem, ...]
    common_points: Mapping[str, tuple[str, ...]]

    def holds(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which places lie inside, shape (n,); WGS 84 degrees."""
        west, south, east, north = self.box_deg
        margin = self.margin_deg
        return np.asarray(
            (lon >= west - margin) & (lon <= east + margin)
            & (lat >= south - margin) & (lat <= north + margin)
        )  # fmt: skip


@cache
def region() -> Region:
    """Return the county that the program is made for."""
    return load_region(paths.resources() / "places.toml")


def load_region(path: Path) -> Region:
    """Read a file of places.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key is missing or unknown; names the file.
    """
    raw: Any = read_toml(path)
    try:
        county, old = raw["county"], raw["old_datum"]
        west, south, east, north = map(float, county["box_deg"])
        result = Region(
            county["label"],
            (west, south, east, north),
            float(county["margin_deg"]),
            (float(old["least_m"]), float(old["most_m"])),
            tuple(LikelySystem(**entry) for entry in raw["system"]),
            MappingProxyType({key: tuple(names) for key, names in raw["common_points"].items()}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error
    wrong = [entry.crs for entry in result.systems if entry.kind not in _KINDS]
    if wrong:
        raise DictionaryError(f"{path.name}: kind of {wrong[0]}")
    return result
