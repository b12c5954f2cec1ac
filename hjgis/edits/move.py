"""Features at another place; a node takes the ends of its pipes along."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.geometry import moved_point, with_end_at
from hjgis.models.reading import FeatureReader


def move_node(reader: FeatureReader, key: FeatureKey, to: shapely.Point) -> ChangeSet:
    """Move a point feature and, by identity, the pipe ends that belong to it.

    Parameters
    ----------
    to : Point
        In the project CRS; the feature keeps its own Z.
    """
    node = reader.get(key)
    if not isinstance(node.geometry, shapely.Point):
        raise TypeError(f"{key} is no point")
    moved = node.with_geometry(moved_point(node.geometry, to))
    lines = reader.lines_ending_at(key.uuid)
    changes = [Change(node, moved), *(Change(line, _dragged(line, key, to)) for line in lines)]
    distance_m = node.geometry.distance(shapely.Point(to.x, to.y))
    params = {"layer": key.layer, "count": 1, "lines": len(lines), "distance_m": distance_m}
    return ChangeSet("edit.move", tuple(changes), params=params)


def move_features(
    reader: FeatureReader, keys: Sequence[FeatureKey], dx: float, dy: float
) -> ChangeSet:
    """Shift features by metres east and north; pipe ends at shifted nodes come along."""
    shifted = {key: reader.get(key) for key in dict.fromkeys(keys)}
    changes = {key: Change(f, _shifted(f, dx, dy)) for key, f in shifted.items()}
    for key, feature in shifted.items():
        for line in reader.lines_ending_at(key.uuid):
            if line.key in shifted or not isinstance(feature.geometry, shapely.Point):
                continue
            so_far = changes[line.key].after if line.key in changes else line
            to = shapely.Point(feature.geometry.x + dx, feature.geometry.y + dy)
            assert so_far is not None
            changes[line.key] = Change(line, _dragged(so_far, key, to))
    params = {"count": len(shifted), "distance_m": float(np.hypot(dx, dy))}
    return ChangeSet("edit.move", tuple(changes.values()), params=params)


def _dragged(line: Feature, node: FeatureKey, to: shapely.Point) -> Feature:
    geometry = line.geometry
    if not isinstance(geometry, shapely.LineString):
        return line
    for name, first in (("from_node", True), ("to_node", False)):
        if line.values.get(name) == node.uuid:
            geometry = with_end_at(geometry, to, first=first)
    return line.with_geometry(geometry)


def _shifted(feature: Feature, dx: float, dy: float) -> Feature:
    if feature.geometry is None:
        return feature

    def shift(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = coords + np.array([dx, dy, 0.0][: coords.shape[1]])
        return moved

    moved = shapely.transform(feature.geometry, shift, include_z=feature.geometry.has_z)
    return feature.with_geometry(moved)
