"""New features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.geometry import fitted
from hjgis.models.reading import FeatureReader

# A line's end belongs to a node that lies this near, metres: what snapping leaves at most.
END_TOLERANCE: Final = 0.001


def add_feature(
    reader: FeatureReader,
    layer: str,
    geometry: BaseGeometry,
    values: Mapping[str, Value] | None = None,
) -> ChangeSet:
    """Add one feature with the catalogue's defaults.

    A line of a kind that ends on nodes is linked to the nodes that lie at its ends.

    Parameters
    ----------
    geometry : shapely geometry
        In the project CRS.
    values : mapping, optional
        What is known already; goes before defaults and links.
    """
    asset = reader.asset_type(layer)
    known = asset.empty_values()
    if asset.ends_on and isinstance(geometry, shapely.LineString):
        known.update(end_nodes(reader, asset, geometry))
    known.update(values or {})
    feature = Feature(FeatureKey(layer, new_uuid()), fitted(geometry, asset.geometry), known)
    return ChangeSet("edit.add", (Change(None, feature),), params={"layer": layer, "count": 1})


def end_nodes(
    reader: FeatureReader, asset: AssetType, line: shapely.LineString
) -> dict[str, Value]:
    """Return ``from_node`` and ``to_node`` of a line by the nodes at its ends; None for none."""
    first, last = shapely.get_point(line, 0), shapely.get_point(line, -1)
    return {
        "from_node": _node_at(reader, asset, first),
        "to_node": _node_at(reader, asset, last),
    }


def _node_at(reader: FeatureReader, asset: AssetType, point: shapely.Point) -> str | None:
    near = END_TOLERANCE
    box = (point.x - near, point.y - near, point.x + near, point.y + near)
    found = [feature for layer in asset.ends_on for feature in reader.within(layer, box)]
    return found[0].key.uuid if found else None
