"""What rows of assets look like, from ``resources/arrays.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml


@dataclass(frozen=True, slots=True)
class BayForm:
    """How a parking bay lies at the kerb.

    Attributes
    ----------
    code : str
        What is stored.
    angle_deg : float
        Between kerb and bay: 0 parallel, 90 square to it.
    length_m, width_m : float
        Of the bay itself.
    """

    id: str
    code: str
    label: Label
    angle_deg: float
    length_m: float
    width_m: float
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Numbering:
    """Running numbers such as ``YS001``, ``YS002``."""

    prefix: str = ""
    start: int = 1
    digits: int = 1
    step: int = 1

    def texts(self) -> Iterator[str]:
        """Yield the numbers, without an end."""
        number = self.start
        while True:
            yield f"{self.prefix}{number:0{self.digits}d}"
            number += self.step


@cache
def row_fields(layer: str) -> Mapping[str, str]:
    """Return which fields and codes a row of a layer's features uses, by purpose."""
    entry = _tables().get(layer, {})
    return MappingProxyType({k: v for k, v in entry.items() if isinstance(v, str)})


@cache
def bay_forms() -> tuple[BayForm, ...]:
    """Return the ways in which bays lie at a kerb.

    Raises
    ------
    DictionaryError
        If the file that comes with the program is not what it should be.
    """
    try:
        entries = _tables()["parking_bay"]["form_of"]
        return tuple(BayForm(**entry) for entry in entries)  # type: ignore[attr-defined]
    except (KeyError, TypeError) as error:
        raise DictionaryError(f"arrays.toml: {error}") from error


@cache
def _tables() -> Mapping[str, Mapping[str, object]]:
    return read_toml(paths.resources() / "arrays.toml")  # type: ignore[return-value]
