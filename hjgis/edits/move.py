"""Features elsewhere, turned or larger; a node takes the ends of its pipes along."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.edits.along import with_ends_at, without_node
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.geometry import mended, moved_point
from hjgis.models.reading import FeatureReader

Coords = NDArray[np.float64]


def move_node(
    reader: FeatureReader, key: FeatureKey, to: shapely.Point, *, detach: bool = False
) -> ChangeSet:
    """Move a point feature and, by identity, the pipe ends that belong to it.

    Parameters
    ----------
    to : Point
        In the project CRS; the feature keeps its own Z.
    detach : bool
        Leave the pipes where they are; their ends become free.

    Raises
    ------
    EditRefused
        If a pipe would be left without length.
    """
    node = reader.get(key)
    if not isinstance(node.geometry, shapely.Point):
        raise TypeError(f"{key} is no point")
    moved = node.with_geometry(moved_point(node.geometry, to))
    lines = reader.lines_ending_at(key.uuid)
    changes = [Change(node, moved)]
    for line in lines:
        followed = without_node(line, key.uuid) if detach else with_ends_at(line, key.uuid, to)
        changes.append(Change(line, followed))
    distance_m = node.geometry.distance(shapely.Point(to.x, to.y))
    params = {"layer": key.layer, "count": 1, "lines": len(lines), "distance_m": distance_m}
    label = "edit.detach" if detach and lines else "edit.move"
    return ChangeSet(label, tuple(changes), params=params)


def move_features(
    reader: FeatureReader, keys: Sequence[FeatureKey], dx: float, dy: float
) -> ChangeSet:
    """Shift features by metres east and north."""
    step = np.array([dx, dy])
    params = {"distance_m": math.hypot(dx, dy)}
    return _transformed(reader, keys, "edit.move", lambda xy: xy + step, params)


def rotate_features(
    reader: FeatureReader, keys: Sequence[FeatureKey], angle_deg: float, about: shapely.Point
) -> ChangeSet:
    """Turn features about a place, counterclockwise."""
    turn = math.radians(angle_deg)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    centre = np.array([about.x, about.y])
    params = {"angle_deg": angle_deg}
    return _transformed(
        reader, keys, "edit.rotate", lambda xy: (xy - centre) @ matrix + centre, params
    )


def scale_features(
    reader: FeatureReader, keys: Sequence[FeatureKey], factor: float, about: shapely.Point
) -> ChangeSet:
    """Make features larger or smaller about a place.

    Raises
    ------
    ValueError
        If the factor is not above 0.
    """
    if factor <= 0:
        raise ValueError("a scale is above 0")
    centre = np.array([about.x, about.y])
    params = {"factor": factor}
    return _transformed(
        reader, keys, "edit.scale", lambda xy: (xy - centre) * factor + centre, params
    )


def _transformed(
    reader: FeatureReader,
    keys: Sequence[FeatureKey],
    label: str,
    place: Callable[[Coords], Coords],
    params: Mapping[str, object],
) -> ChangeSet:
    """Put features elsewhere; a line that is one of them goes as a whole.

    An end of it whose node stays is held by that node.
    """
    chosen = {feature.key: feature for feature in reader.get_many(keys)}
    ending = reader.lines_ending_at_any(key.uuid for key in chosen)
    changes = {key: Change(f, _placed(f, place)) for key, f in chosen.items()}
    for key, feature in list(chosen.items()):
        _hold_ends(reader, changes, chosen, key)
        if not isinstance(feature.geometry, shapely.Point):
            continue
        to = shapely.Point(*place(np.array([[feature.geometry.x, feature.geometry.y]]))[0])
        for line in ending[key.uuid]:
            if line.key not in chosen:
                so_far = changes[line.key].after if line.key in changes else line
                assert so_far is not None
                changes[line.key] = Change(line, with_ends_at(so_far, key.uuid, to))
    layers = {key.layer for key in chosen}
    layer = layers.pop() if len(layers) == 1 else ""
    facts = {"count": len(chosen), "layer": layer, **params}
    return ChangeSet(label, tuple(changes.values()), params=facts)


def _hold_ends(
    reader: FeatureReader,
    changes: dict[FeatureKey, Change],
    chosen: dict[FeatureKey, Feature],
    key: FeatureKey,
) -> None:
    """Keep the ends of a moved line at those of its nodes that stay."""
    if not reader.asset_type(key.layer).ends_on:
        return
    moving = {other.uuid for other in chosen}
    after = changes[key].after
    assert after is not None
    for name in ("from_node", "to_node"):
        uuid = after.values.get(name)
        node = reader.node(uuid) if isinstance(uuid, str) and uuid not in moving else None
        if node is not None and isinstance(node.geometry, shapely.Point):
            after = with_ends_at(after, node.key.uuid, node.geometry)
    changes[key] = Change(chosen[key], after)


def _placed(feature: Feature, place: Callable[[Coords], Coords]) -> Feature:
    if feature.geometry is None:
        return feature

    def placed(coords: Coords) -> Coords:
        result = coords.copy()
        result[:, :2] = place(coords[:, :2])
        return result

    moved = shapely.transform(feature.geometry, placed, include_z=feature.geometry.has_z)
    if not moved.is_valid and feature.geometry.is_valid:
        kind = moved.geom_type
        moved = mended(moved)
        if moved.geom_type != kind:
            raise EditRefused(_("The area would fall into pieces there."))
    return feature.with_geometry(moved)
