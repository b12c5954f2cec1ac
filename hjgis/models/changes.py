"""One user action as a value: features before and after."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.models.assets import AssetType, Value
from hjgis.models.attachments import Content

Extent = tuple[float, float, float, float]
# Among a change's facts: which feature each new one was cut from, uuid to uuid in one layer.
BORN_OF: Final = "born_of"
# And which feature, of this or another project, each copy was made of.
COPY_OF: Final = "copy_of"


@dataclass(frozen=True, slots=True, order=True)
class FeatureKey:
    """Identity of a feature: its layer and its uuid."""

    layer: str
    uuid: str

    def __str__(self) -> str:
        return f"{self.layer}/{self.uuid}"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; a new version is a new object.

    Attributes
    ----------
    geometry : shapely geometry or None
        In the project CRS, x east, y north, metres; Z as surveyed.
    values : mapping
        Every field of the asset type, None where nothing is known.
    fid : int or None
        Row number in the file; None until it is stored.
    """

    key: FeatureKey
    geometry: BaseGeometry | None
    values: Mapping[str, Value]
    fid: int | None = None

    def with_values(self, **values: Value) -> Feature:
        """Return this feature with some values replaced."""
        return Feature(self.key, self.geometry, {**self.values, **values}, self.fid)

    def with_geometry(self, geometry: BaseGeometry | None) -> Feature:
        """Return this feature at another place."""
        return Feature(self.key, geometry, self.values, self.fid)


@dataclass(frozen=True, slots=True)
class Change:
    """One feature before and after; either may be missing, not both."""

    before: Feature | None
    after: Feature | None

    @property
    def key(self) -> FeatureKey:
        """Identity of the feature that changes."""
        feature = self.after or self.before
        assert feature is not None
        return feature.key

    def __invert__(self) -> Change:
        return Change(self.after, self.before)


@dataclass(frozen=True, slots=True)
class BulkInsert:
    """Many new features of one layer.

    Attributes
    ----------
    geometry : array of shapely geometries, shape (n,)
        In the project CRS; None where a feature has no place.
    columns : mapping of str to sequence
        Field name to n values; fields left out become null.
    uuids : sequence of str, optional
        Identities; new ones are given when left out.
    """

    layer: str
    geometry: NDArray[np.object_]
    columns: Mapping[str, Sequence[Value]]
    uuids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """New values in some columns of many features; `before` is what must be stored now."""

    layer: str
    fids: NDArray[np.int64]
    columns: Mapping[str, Sequence[Value]]
    before: Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class BulkDelete:
    """Many features of one layer go; `uuids` are what must be stored at `fids` now."""

    layer: str
    fids: NDArray[np.int64]
    uuids: Sequence[str]


Bulk = BulkInsert | BulkUpdate | BulkDelete


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of the project before and after, such as how its layers are arranged; None: none."""

    key: str
    before: str | None
    after: str | None

    def __invert__(self) -> FactChange:
        return FactChange(self.key, self.after, self.before)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one user action does; stored whole or not at all.

    Attributes
    ----------
    label : str
        Stable key such as ``edit.move``, put into words when shown.
    params : mapping
        Facts for those words, e.g. ``{"count": 3, "layer": "manhole"}``.
    source : str
        Where it comes from: ``user``, ``import`` or ``foreign``.
    new_layer : AssetType or None
        The layer that comes with the change, mostly with its first features, and goes with it.
    facts : tuple of FactChange
        What becomes of facts of the project.
    contents : tuple of Content
        What the attachments among its changes name; stored with them, and kept when they go.
    """

    label: str
    changes: tuple[Change, ...] = ()
    bulk: tuple[Bulk, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    source: str = "user"
    new_layer: AssetType | None = None
    facts: tuple[FactChange, ...] = ()
    contents: tuple[Content, ...] = ()

    def __invert__(self) -> ChangeSet:
        """Return the change that takes this one back.

        Raises
        ------
        ValueError
            If there are bulk parts: the journal takes those back, not the value.
        """
        if self.bulk:
            raise ValueError("a bulk change is taken back through the journal")
        inverse = tuple(~change for change in reversed(self.changes))
        facts = tuple(~fact for fact in self.facts)
        return ChangeSet(self.label, inverse, (), self.params, self.source, facts=facts)

    def __bool__(self) -> bool:
        return bool(self.changes or self.bulk or self.facts or self.new_layer)


@dataclass(frozen=True, slots=True)
class LayerDelta:
    """What happened to one layer: row numbers, touched fields and the area to repaint."""

    inserted: NDArray[np.int64]
    updated: NDArray[np.int64]
    deleted: NDArray[np.int64]
    fields: frozenset[str]
    geometry: bool
    extent: Extent | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What listeners hear after a change is stored."""

    change_id: int
    label: str
    params: Mapping[str, Any]
    layers: Mapping[str, LayerDelta]
    facts: frozenset[str] = frozenset()


def new_uuid() -> str:
    """Return one new identity (UUID version 7, RFC 9562)."""
    return new_uuids(1)[0]


def new_uuids(count: int) -> list[str]:
    """Return `count` new identities in ascending order (UUID version 7, RFC 9562).

    Millisecond time stamp, then a counter in the 12 bits of rand_a that carries over
    into the time stamp, then 62 random bits.
    """
    started_ms = time.time_ns() // 1_000_000
    noise = os.urandom(8 * count).hex()
    result = []
    for index in range(count):
        stamp = f"{started_ms + (index >> 12):012x}"
        tail = noise[16 * index : 16 * index + 16]
        variant = "89ab"[int(tail[0], 16) & 3]
        result.append(
            f"{stamp[:8]}-{stamp[8:]}-7{index & 0xFFF:03x}-{variant}{tail[1:4]}-{tail[4:]}"
        )
    return result
