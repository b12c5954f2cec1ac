"""All that an edit may ask of the data, and how bulk reads look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent, Feature, FeatureKey


@dataclass(frozen=True, slots=True)
class LayerTable:
    """Columns of one layer, row i of every array being the same feature; in fid order.

    Attributes
    ----------
    fids : array of int64, shape (n,)
    uuids : array of str, shape (n,)
    geometry : array of shapely geometries, shape (n,), or None if not asked for
        In the project CRS; None where a feature has no place.
    columns : mapping of str to array of object, shape (n,)
        None where nothing is known.
    """

    layer: str
    fids: NDArray[np.int64]
    uuids: NDArray[np.object_]
    geometry: NDArray[np.object_] | None
    columns: Mapping[str, NDArray[np.object_]]


class FeatureReader(Protocol):
    """What edits read from: the open project, or a test's dictionary."""

    @property
    def types(self) -> Mapping[str, AssetType]:
        """What the layers hold, by layer."""

    def asset_type(self, layer: str) -> AssetType:
        """Return what the features of `layer` are."""

    def get(self, key: FeatureKey) -> Feature:
        """Return the stored feature; KeyError if there is none."""

    def get_many(self, keys: Iterable[FeatureKey]) -> list[Feature]:
        """Return the stored features, each once, in this order; KeyError if one is missing."""

    def known(self, keys: Iterable[FeatureKey]) -> Mapping[FeatureKey, Feature]:
        """Return those of some features that are stored."""

    def lines_ending_at_any(self, node_uuids: Iterable[str]) -> Mapping[str, tuple[Feature, ...]]:
        """Return for each of some nodes what `lines_ending_at` would."""

    def node(self, uuid: str) -> Feature | None:
        """Return the manhole or pipe point with this uuid, if there is one."""

    def lines_ending_at(self, node_uuid: str) -> tuple[Feature, ...]:
        """Return the pipes whose from_node or to_node is this node, by identity."""

    def within(self, layer: str, extent: Extent) -> tuple[Feature, ...]:
        """Return features whose box meets the extent, in fid order."""


class TableReader(FeatureReader, Protocol):
    """Who can also read columns of many rows at once: the open project."""

    def table(
        self,
        layer: str,
        names: Sequence[str] | None = None,
        *,
        fids: Iterable[int] | None = None,
        extent: Extent | None = None,
        geometry: bool = True,
    ) -> LayerTable:
        """Return columns of a layer's rows, in fid order."""
