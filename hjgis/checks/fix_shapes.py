"""Fixes of shapes: outlines that cross themselves, coordinates that were exchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.area import BOUNDARY, project_area
from hjgis.checks.fixes import Bench, Fault, fix
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
    corners = shapely.get_coordinates(parts[0])[:-1] if len(parts) == 1 else np.empty((0, 2))
    hull = shapely.convex_hull(shapely.MultiPoint(corners))
    around = shapely.get_coordinates(hull)[:-1]
    if len(corners) != 4 or hull.geom_type != "Polygon" or len(around) != 4:
        raise EditRefused(_("It is no area of four corners that cross."))
    _put_shape(bench, feature, hull)


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
