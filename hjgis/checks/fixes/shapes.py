"""Fixes of shapes: outlines that cross themselves, coordinates that were exchanged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.area import BOUNDARY, project_area
from hjgis.checks.fixes.register import Bench, Fault, fix
from hjgis.edits.vertices import Coords, geometry_of, rings_of
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.changes import Feature
from hjgis.models.geometry import fitted, mended

_AREA: Final = "project area"
# Coordinates with the number of the zone in front: 38 428 000 is 428 000 in zone 38.
_ZONE_M: Final = 1_000_000.0


@fix(
    "geometry.invalid",
    name="make-valid",
    title=N_("Make the shape valid"),
    explanation=N_(
        "Loops that cross are taken apart where they cross, spikes and doubled stretches go. The"
        " vertices stay where they are; how much the area changes is seen in the table. A shape"
        " that would fall into pieces is left, if its layer holds features in one piece."
    ),
)
def make_valid(bench: Bench, fault: Fault) -> None:
    """Make an area valid."""
    feature = bench.feature(fault)
    shape = _area_of(feature)
    valid = mended(shape)
    _put_shape(bench, feature, valid)


@fix(
    "geometry.invalid",
    name="order-corners",
    title=N_("Take the corners in order"),
    explanation=N_(
        "The four corners of an area were measured crosswise, so that it looks like a bow tie. They"
        " are joined round about, none of them moves. Only areas of four corners, none of which"
        " lies inside the others, are mended in this way."
    ),
)
def order_corners(bench: Bench, fault: Fault) -> None:
    """Join four corners round about."""
    feature = bench.feature(fault)
    parts = shapely.get_parts(_area_of(feature))
    ring = shapely.get_coordinates(parts, include_z=bool(shapely.has_z(parts).all()))
    corners = ring[:-1] if len(parts) == 1 else ring[:0]
    hull = shapely.convex_hull(shapely.MultiPoint(corners))
    around = shapely.get_coordinates(hull)[:-1]
    if len(corners) != 4 or hull.geom_type != "Polygon" or len(around) != 4:
        raise EditRefused(_("It is no area of four corners that cross."))
    _put_shape(bench, feature, hull)


@fix(
    "shape.repeated_vertex",
    "shape.short_segment",
    name="drop-vertices",
    title=N_("Leave out the needless vertices"),
    explanation=N_(
        "Of vertices that lie on one another, or nearer than a survey can tell apart, one stays."
        " The ends of lines, where nodes are, stay where they are."
    ),
    safe=True,
)
def drop_vertices(bench: Bench, fault: Fault) -> None:
    """Leave out vertices that are too near to the one before."""
    limits = bench.rule.limits
    least = float(limits.get("least_m", limits["tolerance_m"]))
    _rebuild(bench, bench.feature(fault), partial(_thinned, least_m=least))


def _thinned(coords: Coords, *, least_m: float) -> Coords:
    """Return the vertices that are farther from the last one kept; both ends always."""
    kept = [0]
    for at in range(1, len(coords) - 1):
        if np.hypot(*(coords[at, :2] - coords[kept[-1], :2])) > least_m:
            kept.append(at)
    while len(kept) > 1 and np.hypot(*(coords[-1, :2] - coords[kept[-1], :2])) <= least_m:
        kept.pop()
    return coords[[*kept, len(coords) - 1]]


@fix(
    "shape.spike",
    name="remove-spikes",
    title=N_("Take the spikes out"),
    explanation=N_(
        "The vertices at the points of spikes go, until none is left. The ends of lines stay. How"
        " much length or area changes is seen in the table: what really goes there and back is to"
        " be left."
    ),
)
def remove_spikes(bench: Bench, fault: Fault) -> None:
    """Take out vertices at which a line or outline turns back."""
    most = float(bench.rule.limits["most_deg"])
    _rebuild(bench, bench.feature(fault), partial(_blunt, most_deg=most))


def _blunt(coords: Coords, *, most_deg: float) -> Coords:
    ring = len(coords) > 3 and bool(np.all(coords[0] == coords[-1]))
    points = coords[:-1] if ring else coords
    while True:
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        one, two = before[:, :2] - points[:, :2], after[:, :2] - points[:, :2]
        turn = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
        angle = np.degrees(np.arctan2(turn, (one * two).sum(axis=1)))
        if not ring:
            angle[[0, -1]] = np.inf
        sharpest = int(np.argmin(angle))
        if angle[sharpest] >= most_deg:
            return np.concatenate([points, points[:1]]) if ring else points
        if len(points) <= (3 if ring else 2):
            raise EditRefused(_("Nothing would be left of it."))
        points = np.delete(points, sharpest, axis=0)


@fix(
    "shape.parts_touch",
    name="join-parts",
    title=N_("Join the parts"),
    explanation=N_(
        "Parts that continue one another end to end become one. No vertex moves; parts that do not"
        " touch stay parts."
    ),
    safe=True,
)
def join_parts(bench: Bench, fault: Fault) -> None:
    """Join the parts of a line that continue one another."""
    feature = bench.feature(fault)
    if feature.geometry is None:
        raise EditRefused(_("The feature has no place yet."))
    _put_shape(bench, feature, shapely.line_merge(feature.geometry))


@fix(
    "geometry.outside_boundary",
    name="swap-coordinates",
    title=N_("Exchange X and Y, or take the zone off"),
    explanation=N_(
        "Coordinates that were read in the wrong order, or with the number of their zone in front,"
        " are put right. It is done only where the feature then lies inside the project area."
    ),
)
def swap_coordinates(bench: Bench, fault: Fault) -> None:
    """Exchange coordinates where that brings a feature into the project area."""
    feature = bench.feature(fault)
    if feature.geometry is None:
        raise EditRefused(_("The feature has no place yet."))
    area = _project_area(bench)
    for shape in (_swapped(feature.geometry), _without_zone(feature.geometry)):
        if area is not None and area.covers(shape):
            bench.put(feature, feature.with_geometry(shape))
            return
    words = _("Neither exchanged nor without a zone do its coordinates lie in the project area.")
    raise EditRefused(words)


def _swapped(shape: BaseGeometry) -> BaseGeometry:
    return _moved(shape, lambda xyz: np.column_stack([xyz[:, 1], xyz[:, 0], xyz[:, 2:]]))


def _without_zone(shape: BaseGeometry) -> BaseGeometry:
    def shortened(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        result = xyz.copy()
        result[:, 0] %= _ZONE_M
        return result

    return _moved(shape, shortened)


def _moved(
    shape: BaseGeometry, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(shape, move, include_z=bool(shape.has_z))
    return moved


def _project_area(bench: Bench) -> BaseGeometry | None:
    if _AREA not in bench.memory:
        boundary = bench.project.table(BOUNDARY, []).geometry
        assert boundary is not None
        area = project_area(boundary, bench.project.crs.text, bench.rule.limits)
        bench.memory[_AREA] = area
    area = bench.memory[_AREA]
    assert area is None or isinstance(area, BaseGeometry)
    return area


def _rebuild(bench: Bench, feature: Feature, change: Callable[[Coords], Coords]) -> None:
    """Store a feature with the vertices of each of its lines and rings changed."""
    if feature.geometry is None:
        raise EditRefused(_("The feature has no place yet."))
    parts = [[change(ring) for ring in part] for part in rings_of(feature.geometry)]
    # A line keeps two vertices, a ring three and the first again.
    least = 4 if shapely.get_dimensions(feature.geometry) == 2 else 2
    if any(len(ring) < least for part in parts for ring in part):
        raise EditRefused(_("Too few points are left."))
    bench.put(feature, feature.with_geometry(geometry_of(parts, feature.geometry.geom_type)))


def _area_of(feature: Feature) -> BaseGeometry:
    shape = feature.geometry
    if shape is None or shapely.get_dimensions(shape) != 2:
        raise EditRefused(_("It is no area: move its vertices."))
    return shape


def _put_shape(bench: Bench, feature: Feature, shape: BaseGeometry) -> None:
    """Store a shape if its layer takes it."""
    wanted = bench.draft.asset_type(feature.key.layer).geometry
    result = fitted(shape, wanted)
    if result.is_empty:
        raise EditRefused(_("Nothing would be left of it."))
    if result.geom_type != wanted:
        words = _("It would fall into {count} pieces: split it or move its vertices.")
        raise EditRefused(words.format(count=len(shapely.get_parts(result))))
    bench.put(feature, feature.with_geometry(result))
