"""Geometry checks: is every geometry there, valid, in its place and drawn once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.area import BOUNDARY, project_area
from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.pairs import crowded, near_pairs
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.reading import Vertices

_POINT: Final = 0
_LINE: Final = 1
_AREA: Final = 3
_CORNERS: Final = 4
# The box inside an area is made smaller until it fits, down to a hundredth.
_SMALLER: Final = 0.85
_LEAST_SHARE: Final = 0.01
_REASON: Final = re.compile(r"^(?P<reason>[^[]*?)\s*(?:\[(?P<x>\S+) (?P<y>[^\s\]]+).*\])?$")


def _any_place(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.is_spatial else None


def _named_assets(asset: AssetType) -> tuple[str, ...] | None:
    return name_fields(asset) if asset.kind == "asset" else None


def _assets_and_boundary(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.kind == "asset" or asset.id == BOUNDARY else None


@rule(
    "geometry.empty",
    title=N_("No geometry"),
    explanation=N_(
        "The record has attributes but no place on the map, so it is on no map and in no count by"
        " area. Draw it, or delete the record."
    ),
    message=N_("It has no place on the map"),
    reads=Reads(_any_place),
)
def empty(survey: Survey) -> Iterator[Findings]:
    """Find features without a geometry, or with one that has no coordinates."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        yield features.found(features.nowhere)


@rule(
    "geometry.invalid",
    title=N_("Invalid geometry"),
    explanation=N_(
        "The shape contradicts itself: an outline crosses itself, a hole lies outside, a line has"
        " no length. Areas and overlays of it are wrong, and other programs may refuse it. The"
        " place is marked: move the vertices there."
    ),
    message={
        "": N_("Invalid: {reason}"),
        "place": N_("Invalid: {reason}, at X(N) {north:.2f} Y(E) {east:.2f}"),
    },
    reads=Reads(_any_place),
)
def invalid(survey: Survey) -> Iterator[Findings]:
    """Find geometries that are not valid in the sense of ISO 19125-1."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        asked = np.flatnonzero(~features.nowhere & ~surely_valid(features.vertices))
        broken = asked[~shapely.is_valid(features.shapes(asked))]
        yield _told(features, broken)


def surely_valid(vertices: Vertices) -> NDArray[np.bool_]:
    """Say which geometries are certainly valid, of the simple ones that most are.

    Points and lines of two vertices, and areas of one convex ring of four vertices; what this
    denies may be valid all the same, or missing. A million are looked at in the time in which GEOS
    looks at some thousand.
    """
    kind, count = vertices.kind, vertices.count
    result = np.asarray(kind == _POINT)
    for rows, check in (
        (np.flatnonzero((kind == _LINE) & (count == 2)), _has_length),
        (np.flatnonzero((kind == _AREA) & (count == _CORNERS + 1)), _convex),
    ):
        if len(rows):
            result[rows] = check(vertices.of(rows).reshape(len(rows), -1, 2))
    # Of longer lines only their length is asked: GEOS calls one valid that has any.
    rows = np.flatnonzero((kind == _LINE) & (count > 2))
    first, last = vertices.first[rows], vertices.first[rows] + vertices.count[rows] - 1
    start, end = vertices.xy[first], vertices.xy[last]
    result[rows] = (start[:, 0] != end[:, 0]) | (start[:, 1] != end[:, 1])
    return result


def _has_length(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((xy[:, 0, 0] != xy[:, 1, 0]) | (xy[:, 0, 1] != xy[:, 1, 1]))


def _convex(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which closed rings turn the same way at each of their four corners.

    A polygon of four coordinates and a closing one has no hole. Turning the same way four times
    it goes around once: twice would take five corners.
    """
    # Coordinates that are no place on earth may be too great to be multiplied.
    with np.errstate(invalid="ignore", over="ignore"):
        # By corner first, so that one step goes through all rings.
        corners = np.ascontiguousarray(xy.transpose(2, 1, 0))
        east, north = np.diff(corners, axis=1)
        turn = east * np.roll(north, -1, axis=0) - north * np.roll(east, -1, axis=0)
        length = np.maximum(np.abs(east).max(axis=0), np.abs(north).max(axis=0)) ** 2
        # What is nearly straight is left to GEOS, which computes without rounding.
        clear = np.abs(turn).min(axis=0) > 1e-9 * length
        around = (turn > 0).all(axis=0) | (turn < 0).all(axis=0)
    closed = (corners[:, 0] == corners[:, -1]).all(axis=0)
    return np.asarray(clear & around & closed)


def _told(features: Features, broken: NDArray[np.intp]) -> Findings:
    """Say of invalid geometries what is wrong, and where GEOS knows it."""
    said = [*map(_reason, shapely.is_valid_reason(features.shapes(broken)))]
    xy = np.array([at for _words, at in said], dtype=np.float64).reshape(len(broken), 2)
    placed = np.isfinite(xy).all(axis=1)
    return features.found(
        broken,
        xy=xy,
        case=np.where(placed, "place", ""),
        reason=np.array([words for words, _at in said], dtype=object),
        east=xy[:, 0],
        north=xy[:, 1],
    )


def _reason(said: str) -> tuple[str, tuple[float, float]]:
    """Take GEOS's ``Self-intersection[428000.5 4528000.25]`` apart."""
    found = _REASON.match(said)
    if found is None or found["x"] is None:
        return said, (np.nan, np.nan)
    return found["reason"], (float(found["x"]), float(found["y"]))


@rule(
    "geometry.duplicate",
    title=N_("Drawn twice"),
    explanation=N_(
        "Two features of one layer lie in the same place; lines count whichever way they run."
        " Usually one was recorded or imported twice. Delete the one with less in it."
    ),
    message=N_("Same place as {name}"),
    reads=Reads(_named_assets, Scope.NEIGHBOURS, reach="tolerance_m"),
    limits=("tolerance_m",),
)
def duplicate(survey: Survey) -> Iterator[Findings]:
    """Find features of one layer that have the same geometry within the tolerance."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        present = np.flatnonzero(~features.nowhere)
        tolerance_m = survey.limits["tolerance_m"]
        if asset.geometry == "Point":
            first, second = same_place(features.xy[present], tolerance_m)
        else:
            box = features.boxes[present]
            # Most have nobody near: only the rest is worth comparing vertex by vertex.
            present = present[crowded((box[:, :2] + box[:, 2:]) / 2, 2 * tolerance_m)]
            first, second = same_geometry(features.shapes(present), tolerance_m)
        each, other = np.concatenate([first, second]), np.concatenate([second, first])
        order = np.lexsort((other, each))
        rows, at = np.unique(each[order], return_index=True)
        twin = present[other[order][at]]
        yield features.found(
            present[rows], other=features.uuids_of(twin), name=names(features, twin)
        )


def same_place(
    xy: NDArray[np.float64], tolerance_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find points in one place within a tolerance, as `same_geometry` does for all shapes.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
        Projected, metres, finite.
    """
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    copy = np.zeros(len(order), bool)
    copy[1:] = (np.diff(xy[order], axis=0) == 0).all(axis=1)
    group = np.cumsum(~copy) - 1
    leader = order[~copy]
    left, right = near_pairs(xy[leader], np.nextafter(tolerance_m, np.inf))
    first = np.concatenate([leader[group[copy]], leader[left]])
    second = np.concatenate([order[copy], leader[right]])
    return np.minimum(first, second), np.maximum(first, second)


def same_geometry(
    geometry: NDArray[np.object_], tolerance_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find geometries that are the same in plan within a tolerance.

    Parameters
    ----------
    geometry : array of shapely geometries, shape (n,)
        In a projected CRS with metre axes, none missing or empty; Z is not looked at.

    Returns
    -------
    first, second : arrays of int, shape (k,)
        Pairs of rows that are the same, the lower row first. Every row that has a twin is
        in at least one pair; of more than two alike not every pair is given.
    """
    import pandas

    plan = shapely.normalize(shapely.force_2d(geometry))
    # Exact copies first: thousands at one place must not become millions of pairs.
    group, _different = pandas.factorize(np.asarray(shapely.to_wkb(plan), dtype=object))
    _, kept = np.unique(group, return_index=True)
    leader = kept[group]
    copies = np.flatnonzero(leader != np.arange(len(plan)))
    left, right = _near_copies(plan[kept], tolerance_m)
    first = np.concatenate([leader[copies], kept[left]])
    second = np.concatenate([copies, kept[right]])
    return np.minimum(first, second), np.maximum(first, second)


def _near_copies(
    plan: NDArray[np.object_], tolerance_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of different normalized geometries that agree vertex by vertex."""
    box = shapely.bounds(plan)
    centre = np.asarray(shapely.points((box[:, :2] + box[:, 2:]) / 2), dtype=object)
    tree = shapely.STRtree(centre)
    # Twins' boxes differ by the tolerance in x and in y at most, so their centres by its diagonal.
    left, right = tree.query(centre, predicate="dwithin", distance=1.5 * tolerance_m)
    left, right = left[left < right], right[left < right]
    same = shapely.equals_exact(plan[left], plan[right], tolerance_m)
    # A line whose ends are about level may have been normalized the other way round.
    same |= shapely.equals_exact(plan[left], shapely.reverse(plan[right]), tolerance_m)
    return left[same], right[same]


@rule(
    "geometry.outside_boundary",
    title=N_("Outside the project area"),
    explanation=N_(
        "A vertex lies farther outside the boundary layer than the tolerance; without a boundary"
        " the extent of the county is taken, where the coordinate system is known to be the"
        " county's. Usually X and Y are exchanged, the zone is wrong, or a point was read from"
        " zero."
    ),
    message=N_("X(N) {north:.2f} Y(E) {east:.2f} is outside the project area"),
    reads=Reads(_assets_and_boundary),
    limits=("tolerance_m", "extents"),
)
def outside_boundary(survey: Survey) -> Iterator[Findings]:
    """Find vertices that lie farther outside the boundary than the tolerance."""
    boundary = survey.whole(BOUNDARY).geometry
    area = project_area(boundary, survey.project.crs.text, survey.limits)
    if area is None:
        return
    shapely.prepare(area)
    inside = _box_inside(area)
    for asset in survey.layers:
        if asset.kind != "asset":
            continue
        features = survey.features(asset.id)
        asked = np.flatnonzero(~_surely_inside(features.boxes, inside))
        xy, row = shapely.get_coordinates(features.shapes(asked), return_index=True)
        outside = ~shapely.contains_xy(area, xy)
        rows, first = np.unique(row[outside], return_index=True)
        at = xy[outside][first]
        yield features.found(asked[rows], xy=at, east=at[:, 0], north=at[:, 1])


def _box_inside(area: BaseGeometry) -> NDArray[np.float64]:
    """Return a box that lies wholly in an area, as large as halving finds; empty if none does."""
    middle = area.representative_point()
    xmin, ymin, xmax, ymax = area.bounds
    share = 1.0
    while share > _LEAST_SHARE:
        east, north = share * (xmax - xmin) / 2, share * (ymax - ymin) / 2
        centre = area.centroid if share > 1 / 2 else middle
        box = (centre.x - east, centre.y - north, centre.x + east, centre.y + north)
        if area.contains(shapely.box(*box)):
            return np.array(box)
        share *= _SMALLER
    return np.array([np.inf, np.inf, -np.inf, -np.inf])


def _surely_inside(bounds: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which boxes lie in a box; those of missing and empty geometries do not."""
    return np.asarray(
        (bounds[:, :2] >= box[:2]).all(axis=1) & (bounds[:, 2:] <= box[2:]).all(axis=1)
    )
