"""Points in a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.edits.along import with_ends_at
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.geometry import moved_point
from hjgis.models.reading import FeatureReader


def align_points(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Move points square onto the straight line through the two that lie farthest apart."""
    points, places = _points(reader, keys, least=3)
    start, end = _farthest(places)
    step = places[end] - places[start]
    share = ((places - places[start]) @ step) / (step @ step)
    return _moved(reader, points, places[start] + share[:, None] * step, "edit.align")


def distribute_points(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Move points onto the straight line between the two outermost, all equally far apart."""
    points, places = _points(reader, keys, least=3)
    start, end = _farthest(places)
    order = np.argsort((places - places[start]) @ (places[end] - places[start]), kind="stable")
    targets = np.empty_like(places)
    targets[order] = np.linspace(places[start], places[end], len(places))
    return _moved(reader, points, targets, "edit.distribute")


def _points(
    reader: FeatureReader, keys: Sequence[FeatureKey], *, least: int
) -> tuple[list[Feature], NDArray[np.float64]]:
    features = [reader.get(key) for key in dict.fromkeys(keys)]
    points = [feature for feature in features if isinstance(feature.geometry, shapely.Point)]
    places = shapely.get_coordinates([feature.geometry for feature in points])
    if len(points) < least or not np.ptp(places, axis=0).any():
        raise EditRefused(_("Select three points or more, not all at one place."))
    return points, places


def _farthest(places: NDArray[np.float64]) -> tuple[int, int]:
    """Return the two places that are farthest apart, the western (then southern) one first."""
    # The farthest pair lies on the hull, which has few corners.
    hull = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(places)))
    away = np.hypot(*(hull[:, None] - hull[None]).transpose(2, 0, 1))
    one, other = np.unravel_index(int(np.argmax(away)), away.shape)
    ends = sorted([tuple(hull[one]), tuple(hull[other])])
    first, last = (int(np.argmin(np.hypot(*(places - np.array(end)).T))) for end in ends)
    return first, last


def _moved(
    reader: FeatureReader,
    points: Sequence[Feature],
    targets: NDArray[np.float64],
    label: str,
) -> ChangeSet:
    changes: dict[FeatureKey, Change] = {}
    for feature, (x, y) in zip(points, targets.tolist(), strict=True):
        assert isinstance(feature.geometry, shapely.Point)
        to = shapely.Point(x, y)
        changes[feature.key] = Change(
            feature, feature.with_geometry(moved_point(feature.geometry, to))
        )
        for line in reader.lines_ending_at(feature.key.uuid):
            so_far = changes[line.key].after if line.key in changes else line
            assert so_far is not None
            changes[line.key] = Change(line, with_ends_at(so_far, feature.key.uuid, to))
    layers = {feature.key.layer for feature in points}
    params = {"layer": layers.pop() if len(layers) == 1 else "", "count": len(points)}
    return ChangeSet(label, tuple(changes.values()), params=params)
