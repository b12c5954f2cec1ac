"""Which foreign records have a geometry that the layer can hold, and why the others have not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import symptoms
from hjgis.exchange.coordinates import finite
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.report import Problems
from hjgis.i18n import _
from hjgis.models.assets import AssetType
from hjgis.models.crs import Crs, Transform
from hjgis.models.geometry import fitted
from hjgis.models.shapes import FARTHEST_M

_METRES_M: Final = 0.001
_DEGREES_M: Final = 0.01
_BULK: Final = 0.5
Kept = tuple[NDArray[np.intp], NDArray[np.object_]]


def tolerance_m(transform: Transform) -> float:
    """Return how near two places must be to be the same, metres.

    Degrees are often written with seven decimals, which is a centimetre.
    """
    return _DEGREES_M if transform.source.is_geographic else _METRES_M


def records(
    layer: ForeignLayer,
    asset: AssetType,
    transform: Transform,
    problems: Problems,
    *,
    among: NDArray[np.intp] | None = None,
) -> Kept:
    """Return the records that can be taken and their geometries, in the project CRS.

    Invalid polygons and lines are taken as they are and listed; what has no geometry of the
    layer's type is left out, one problem a record.

    Parameters
    ----------
    among : array of int, optional
        Only these records are looked at.

    Returns
    -------
    rows : array of int, shape (m,)
        Record numbers from 0.
    shapes : array of shapely geometries, shape (m,)
    """
    if not asset.is_spatial:
        return np.arange(len(layer)), layer.geometry
    shapes, reasons = _fitted(layer, asset)
    wanted = np.arange(len(layer)) if among is None else among
    wrong = reasons[wanted].astype(bool)
    for row in wanted[wrong]:
        _leave_out(int(row), reasons[row], problems)
    kept = wanted[~wrong]
    kept, moved = _moved(kept, shapes[kept], transform, problems)
    _note_invalid(kept, moved, problems)
    _note_strays(kept, moved, transform.target, problems)
    return kept, moved


def _leave_out(row: int, reason: tuple[str, str], problems: Problems) -> None:
    problems.add(row + 1, None, reason[0], _("left out: {why}").format(why=reason[1]))


def _fitted(
    layer: ForeignLayer, asset: AssetType
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the geometries in the layer's type, and kind and words where one has none."""
    given = layer.geometry
    reasons = np.full(len(given), None, dtype=object)
    shapes = given.copy()
    faults = (
        (~finite(given), ("invalid-geometry", _("a coordinate is no number"))),
        (shapely.is_empty(given), ("empty-geometry", _("empty geometry"))),
        (shapely.is_missing(given), ("null-geometry", _("no geometry"))),
        (layer.unreadable, ("invalid-geometry", _("the geometry cannot be read"))),
    )
    for where, reason in faults:
        for row in np.flatnonzero(where):
            reasons[row] = reason
    wanted = shapely.GeometryType[asset.geometry.upper()]
    others = (shapely.get_type_id(given) != wanted) & ~reasons.astype(bool)
    for row in np.flatnonzero(others):
        shapes[row] = fitted(given[row], asset.geometry)
        reasons[row] = _misfit(shapes[row], asset)
    if asset.geometry == "LineString":
        sound = np.flatnonzero(~reasons.astype(bool))
        with np.errstate(over="ignore"):  # a length without end is one
            lengths = shapely.length(shapes[sound])
        for row in sound[lengths == 0]:
            reasons[row] = ("invalid-geometry", _("a line without length"))
    return (shapely.force_2d(shapes) if asset.z == "none" else shapes), reasons


def _misfit(shape: Any, asset: AssetType) -> tuple[str, str] | None:
    given, wanted = shape.geom_type, asset.geometry
    if given == f"Multi{wanted}":
        count = len(shape.geoms)
        return "multi-part", _("{count} parts, where one is needed").format(count=count)
    if given != wanted:
        text = _("{given}, where {wanted} is needed").format(given=given, wanted=wanted)
        return "mixed-geometry", text
    return None


def _moved(
    kept: NDArray[np.intp], shapes: NDArray[np.object_], transform: Transform, problems: Problems
) -> Kept:
    """Transform; records that lie outside what the transformation can do are left out."""
    if not len(shapes):
        return kept, shapes
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    moved = xy if transform.identity else np.column_stack(transform.points(xy[:, 0], xy[:, 1]))
    outside = np.zeros(len(shapes), dtype=bool)
    outside[owner[~(np.abs(moved) < FARTHEST_M).all(axis=1)]] = True
    for row in kept[outside]:
        why = _("outside the area of {crs}").format(crs=transform.target.name)
        _leave_out(int(row), ("outside-crs", why), problems)
    shapes = shapes[~outside]
    return kept[~outside], shapes if transform.identity else transform.geometry(shapes)


def _note_strays(
    kept: NDArray[np.intp], shapes: NDArray[np.object_], project: Crs, problems: Problems
) -> None:
    """List what reaches out of the county where the bulk lies in it: numbers typed wrong, or 0."""
    if not len(shapes):
        return
    west, south, east, north = symptoms.county_box(project.text)
    bounds = shapely.bounds(shapes)
    inside = ((bounds >= (west, south, west, south)) & (bounds <= (east, north, east, north))).all(
        axis=1
    )
    if inside.mean() >= _BULK:
        for row in kept[~inside]:
            words = _("lies outside the county; taken as it is")
            problems.add(int(row) + 1, None, "outside-county", words)


def _note_invalid(kept: NDArray[np.intp], shapes: NDArray[np.object_], problems: Problems) -> None:
    with np.errstate(over="ignore", invalid="ignore"):  # coordinates beyond all reason
        wrong = ~shapely.is_valid(shapes)
        reasons = shapely.is_valid_reason(shapes[wrong])
    for row, reason in zip(kept[wrong], reasons, strict=True):
        message = _("taken, but invalid: {reason}").format(reason=reason)
        problems.add(int(row) + 1, None, "invalid-geometry", message)
