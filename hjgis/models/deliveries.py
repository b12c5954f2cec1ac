"""Deliveries: what somebody is to be given, and the register of what was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Part = Literal["report", "map", "photos", "symbols"]
PARTS: Final[tuple[Part, ...]] = ("report", "map", "photos", "symbols")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be delivered; what it leaves out follows from the rules of `delivery.toml`.

    Attributes
    ----------
    recipient, purpose : str
        Who gets it and what for; both are asked for.
    secrecy : str
        Code of the list ``secrecy_class`` that it is marked with; empty: the highest of its layers.
    layers : tuple of str
        Kinds, in the order of the project.
    fields : mapping of str to tuple of str
        Fields of a layer that go out; all that may where a layer is not named.
    formats : tuple of str
        ``shp``, ``dxf``, ``xlsx``, ``geojson``, ``kml``, ``gpkg``, ``csv``.
    crs, encoding, drawing, substitute : str
        As in `exchange.outgoing.Writing`; `crs` empty: that of the project, for GeoJSON and KML
        always degrees.
    parts : tuple of str
        What lies beside the data: ``report`` (of the checks), ``map`` (PDF), ``photos``,
        ``symbols`` (beside shapefiles, for QGIS).
    theme : str
        Which theme the map shows; empty: the layers as they are.
    contractor : str
        Trade of the recipient, an id of ``delivery.toml``: its list of fields goes out where
        `fields` does not name a layer; empty: all fields.
    approved : str
        Who approved that more ground goes out than the rules allow without; empty: nobody.
    """

    recipient: str
    purpose: str
    layers: tuple[str, ...]
    formats: tuple[str, ...] = ("shp",)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrecy: str = ""
    crs: str = ""
    encoding: Literal["gbk", "utf-8"] = "gbk"
    drawing: Literal["R2004", "R2010"] = "R2004"
    substitute: Literal["mark", "transliterate"] = "mark"
    parts: tuple[Part, ...] = ("report", "map")
    theme: str = ""
    contractor: str = ""
    approved: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the order as the register and the manifest keep it."""
        names = self.__slots__
        return {
            name: {k: list(v) for k, v in self.fields.items()}
            if name == "fields"
            else getattr(self, name)
            for name in names
        }


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry of the register.

    Attributes
    ----------
    number : int
        Running number in the project, from 1.
    uuid : str
        Identity of the package; stands in its manifest.
    at, operator : str
        When (ISO 8601 with the offset of the place) and by whom.
    change : int
        The last change of the journal that is in it: what was given can be told from there.
    recipient, purpose, secrecy : str
        As in the order.
    package : str
        Name of the folder or archive, without its place.
    sha256 : str
        Of the manifest, which holds the digests of all files.
    area_km2 : float
        Of what the features cover together.
    counts : mapping of str to int
        Features by layer.
    order : mapping
        The order in full, and the area in words.
    """

    number: int
    uuid: str
    at: str
    operator: str
    change: int
    recipient: str
    purpose: str
    secrecy: str
    package: str
    sha256: str
    area_km2: float
    counts: Mapping[str, int]
    order: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How people call it: date and running number, ``20200615-3``."""
        return f"{self.at[:10].replace('-', '')}-{self.number}"

    def facts(self) -> str:
        """Return what the register keeps in one column: counts, area and order as JSON."""
        return json.dumps(
            {"area_km2": self.area_km2, "counts": dict(self.counts), "order": dict(self.order)},
            ensure_ascii=False,
            sort_keys=True,
        )
