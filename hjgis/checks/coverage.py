"""How much of an area lies near enough to something: toilets, parks, bike stations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.area import BOUNDARY
from hjgis.checks.survey import Survey
from hjgis.models.issues import Findings

SERVICE_AREA: Final = "service_area"
BUILT_UP: Final = "建成区"
# Places that an area is looked at in, and those that the boxes of its parts are divided into at
# most.
_PLACES: Final = 40_000
_MOST_CELLS: Final = 4_000_000
_M2_IN_KM2: Final = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What part of an area is near enough.

    Attributes
    ----------
    percent : float
        0 to 100.
    bare_km2 : float
        What is too far.
    spot : (x, y)
        The place in the area that is farthest off, project CRS.
    """

    percent: float
    bare_km2: float
    spot: tuple[float, float]


def coverage(
    area: BaseGeometry, sources: Sequence[tuple[NDArray[np.object_], float]]
) -> Coverage | None:
    """Measure what part of an area is within reach, by looking at tens of thousands of places.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Project CRS, metres.
    sources : sequence of (array of shapely geometries, float)
        Things, none of them missing or empty, and how far each serves, metres.

    Returns
    -------
    Coverage or None
        None for an area that has no size. Each place stands for a square of about a
        forty-thousandth of the area.
    """
    if area.is_empty or not area.area > 0:
        return None
    xy = _places_in(area)
    if not len(xy):
        return None
    beyond = np.full(len(xy), np.inf)
    for shapes, reach_m in sources:
        if len(shapes):
            beyond = np.minimum(beyond, _distances(xy, shapes) - reach_m)
    bare = beyond > 0
    share = float(np.count_nonzero(bare)) / len(xy)
    east, north = xy[int(np.argmax(beyond))].tolist()
    return Coverage(100.0 * (1.0 - share), share * area.area / _M2_IN_KM2, (east, north))


def _distances(xy: NDArray[np.float64], shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how far places are from the nearest point or area, 0 inside."""
    points = np.asarray(shapely.points(xy), dtype=object)
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    # The nearest side of an outline is found far quicker than the nearest outline.
    targets = np.concatenate([shapes[shapely.get_dimensions(shapes) < 2], _sides(areas)])
    (at, _target), away = shapely.STRtree(targets).query_nearest(
        points, all_matches=False, return_distance=True
    )
    distance = np.full(len(xy), np.inf)
    distance[at] = away
    for part in shapely.get_parts(areas):
        shapely.prepare(part)
        xmin, ymin, xmax, ymax = part.bounds
        near = (xy[:, 0] >= xmin) & (xy[:, 0] <= xmax) & (xy[:, 1] >= ymin) & (xy[:, 1] <= ymax)
        near[near] = shapely.contains_xy(part, xy[near])
        distance[near] = 0.0
    return distance


def _sides(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the straight sides of all outlines, holes too."""
    rings = shapely.get_rings(shapely.get_parts(areas))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.flatnonzero(ring[:-1] == ring[1:]) if len(ring) else np.empty(0, np.intp)
    ends = np.stack([xy[starts], xy[starts + 1]], axis=1)
    return np.asarray(shapely.linestrings(ends), dtype=object)


def _places_in(area: BaseGeometry) -> NDArray[np.float64]:
    """Return the middles of the squares of a grid that lie in an area, row after row."""
    parts = shapely.get_parts(area)
    boxes = shapely.bounds(parts)
    looked_at_m2 = float(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).sum())
    side = float(max(np.sqrt(area.area / _PLACES), np.sqrt(looked_at_m2 / _MOST_CELLS)))
    corner = boxes[:, :2].min(axis=0)
    found = []
    # Part by part: nobody looks at what lies between parts that are far apart.
    for part, box in zip(parts, boxes, strict=True):
        shapely.prepare(part)
        first, end = np.ceil((box.reshape(2, 2) - corner) / side - 0.5).astype(np.int64)
        cells = np.meshgrid(np.arange(first[0], end[0]), np.arange(first[1], end[1]))
        column, row = (some.ravel() for some in cells)
        xy = corner + side * (np.column_stack([column, row]) + 0.5)
        inside = shapely.contains_xy(part, xy)
        found.append((row[inside], xy[inside]))
    rows = np.concatenate([row for row, _xy in found])
    xy = np.concatenate([xy for _row, xy in found])
    return np.asarray(xy[np.lexsort((xy[:, 0], rows))])


def served_area(survey: Survey, purpose: str) -> BaseGeometry | None:
    """Return the service areas of a purpose, or else the built-up area; None if neither is drawn.

    The rule has to have declared ``purpose`` of the service areas and ``level`` of the boundaries.
    """
    for layer, field, wanted in ((SERVICE_AREA, "purpose", purpose), (BOUNDARY, "level", BUILT_UP)):
        if survey.has(layer):
            features = survey.features(layer)
            area = united(features.geometry[features.texts(field).isin([wanted])])
            if area is not None:
                return area
    return None


def united(polygons: NDArray[np.object_]) -> BaseGeometry | None:
    """Return the area of all valid polygons together; None if there is none."""
    usable = polygons[shapely.is_valid(polygons) & ~shapely.is_empty(polygons)]
    area: BaseGeometry = shapely.union_all(usable)
    return area if len(usable) and area.area > 0 else None


def finding(layer: str, found: Coverage | None, least_percent: float, **facts: float) -> Findings:
    """Return one finding about a layer, at the place farthest off, if too little is covered."""
    count = int(found is not None and found.percent < least_percent)
    percent, bare_km2, spot = 0.0, 0.0, (np.nan, np.nan)
    if found is not None:
        percent, bare_km2, spot = found.percent, found.bare_km2, found.spot
    said = {"percent": percent, "bare_km2": bare_km2, "least_percent": least_percent, **facts}
    nobody = np.full(count, None, dtype=object)
    where = np.full((count, 2), spot, dtype=np.float64)
    return Findings(layer, np.zeros(count, np.int64), nobody, where, said)


def there(shapes: NDArray[np.object_], rows: Collection[bool] | None = None) -> NDArray[np.object_]:
    """Return the shapes that have a place, of some rows only if given."""
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if rows is not None:
        usable &= np.asarray(rows, dtype=bool)
    return shapes[usable]
