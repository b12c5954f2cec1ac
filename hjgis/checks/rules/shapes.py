"""Checks of how lines and areas are drawn: vertices, spikes, slivers, parts, heights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.reading import Vertices

# Shapely's numbers of types.
_POINT: Final = 0
_RING: Final = 2
_POLYGON: Final = 3
_RIGHT_DEG: Final = 90
# Shapely adds up in another order.
_SURELY: Final = 1.01


def _shaped(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.is_spatial and asset.geometry != "Point" else None


def _lines(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.geometry in ("LineString", "MultiLineString") else None


def _areas(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.geometry in ("Polygon", "MultiPolygon") else None


def _many_parts(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.geometry == "MultiLineString" else None


def _with_heights(asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.is_spatial and asset.z == "optional" else None


class Paths:
    """The vertices of all lines and rings of a layer in one array.

    Parameters
    ----------
    xy : array of float64, shape (n, 2)
    row : array of int, shape (n,)
        The feature of each vertex.
    path : array of int, shape (n,)
        The line or ring of each vertex, rising.
    ring : array of bool, shape (n,)
        Whether that is a ring, whose last vertex is its first.
    """

    def __init__(
        self,
        xy: NDArray[np.float64],
        row: NDArray[np.intp],
        path: NDArray[np.intp],
        ring: NDArray[np.bool_],
    ) -> None:
        self.xy, self.row, self.path, self.ring = xy, row, path, ring

    @cached_property
    def follows(self) -> NDArray[np.bool_]:
        """Say of all vertices but the last whether another of the same path follows."""
        return np.asarray(self.path[1:] == self.path[:-1])

    @cached_property
    def steps(self) -> NDArray[np.intp]:
        """Vertices after which another of the same path follows."""
        return np.flatnonzero(self.follows)

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """How far it is from the vertices of `steps` to the next ones, metres."""
        return np.asarray(np.hypot(*np.diff(self.xy, axis=0)[self.follows].T))


def paths_of(features: Features) -> Paths:
    """Return lines and rings of a layer; points and empty geometries have none."""
    return features.computed("paths", partial(_paths, features))


def _paths(features: Features) -> Paths:
    known = features.vertices
    if not np.any((known.kind == Vertices.OTHER) | (known.kind == _POINT)):
        # Each of one path: nothing has to be taken apart.
        row = np.repeat(np.arange(len(features)), known.count)
        return Paths(known.xy, row, row, (known.kind == _POLYGON)[row])
    shapes = features.geometry
    parts, row = shapely.get_parts(shapes, return_index=True)
    if features.asset.geometry in ("Polygon", "MultiPolygon"):
        paths, owner = shapely.get_rings(parts, return_index=True)
        row = row[owner]
    else:
        paths = parts
    xy, path = shapely.get_coordinates(paths, return_index=True)
    ring = shapely.get_type_id(paths) == _RING
    return Paths(xy, row[path], path, ring[path])


def _first_of_each(
    features: Features, row: NDArray[np.intp], xy: NDArray[np.float64], value: NDArray[np.float64]
) -> Findings:
    """Return one finding a feature: where the least value is, and how many there are."""
    order = np.lexsort((value, row))
    rows, at, count = np.unique(row[order], return_index=True, return_counts=True)
    chosen = order[at]
    return features.found(rows, xy=xy[chosen], value=value[chosen], count=count)


@rule(
    "shape.repeated_vertex",
    title=N_("Vertex given twice"),
    explanation=N_(
        "Two vertices that follow one another are in the same place. It does no harm on the map,"
        " but other programs may stumble over it, and moving one of them makes a spike. Delete one."
    ),
    message=N_("{count} vertices lie on the one before"),
    reads=Reads(_shaped),
    limits=("tolerance_m",),
)
def repeated_vertex(survey: Survey) -> Iterator[Findings]:
    """Find vertices no farther from the one before than the tolerance."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        paths = paths_of(features)
        steps, length = paths.steps, paths.lengths
        twice = length <= survey.limits["tolerance_m"]
        at = steps[twice]
        yield _first_of_each(features, paths.row[at], paths.xy[at], length[twice])


@rule(
    "shape.short_segment",
    title=N_("Very short segment"),
    explanation=N_(
        "Two vertices that follow one another are nearer than a survey can tell apart. Usually the"
        " mouse was clicked twice, or a line was clipped. Delete one of them."
    ),
    message=N_("{count} segments are short, the shortest {value:.3f} m"),
    reads=Reads(_shaped),
    limits=("least_m", "tolerance_m"),
)
def short_segment(survey: Survey) -> Iterator[Findings]:
    """Find segments shorter than the least length; vertices given twice are another rule's."""
    low, high = survey.limits["tolerance_m"], survey.limits["least_m"]
    for asset in survey.layers:
        features = survey.features(asset.id)
        paths = paths_of(features)
        steps, length = paths.steps, paths.lengths
        short = (length > low) & (length < high)
        at = steps[short]
        yield _first_of_each(features, paths.row[at], paths.xy[at], length[short])


@rule(
    "shape.spike",
    title=N_("Spike in a line or outline"),
    explanation=N_(
        "The line or outline turns back on itself within a few degrees: a vertex was dragged out by"
        " mistake, or the way goes there and back. Length and area are wrong by it. Delete the"
        " vertex at the point of the spike."
    ),
    message=N_("Turns back with an angle of {value:.1f}° ({count} places)"),
    reads=Reads(_shaped),
    limits=("most_deg",),
)
def spike(survey: Survey) -> Iterator[Findings]:
    """Find vertices at which the angle between both segments is smaller than the limit."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        paths = paths_of(features)
        before, at, after = _corners(paths, survey.limits["most_deg"])
        one, two = paths.xy[before] - paths.xy[at], paths.xy[after] - paths.xy[at]
        along = one[:, 0] * two[:, 0] + one[:, 1] * two[:, 1]
        turn = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
        angle = np.degrees(np.arctan2(turn, along))
        real = (np.abs(one).max(axis=1, initial=0) > 0) & (np.abs(two).max(axis=1, initial=0) > 0)
        sharp = real & (angle < survey.limits["most_deg"])
        where = at[sharp]
        yield _first_of_each(features, paths.row[where], paths.xy[where], angle[sharp])


def _corners(
    paths: Paths, most_deg: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return vertices with one before and one after on their path, in rings each may be one.

    Those whose angle is clearly wider are left out.
    """
    same, step = paths.follows, np.diff(paths.xy, axis=0).T
    square = step[0] ** 2 + step[1] ** 2
    narrow = _may_be_narrower(step[:, :-1], step[:, 1:], square[:-1], square[1:], most_deg)
    middle = np.flatnonzero(same[1:] & same[:-1] & narrow) + 1
    before, after = middle - 1, middle + 1
    if not paths.ring.any():
        return before, middle, after
    # The first vertex of a ring is its last one, too.
    starts = np.flatnonzero(np.append(True, ~same))
    ends = np.append(starts[1:], len(paths.path)) - 1
    rings = paths.ring[starts] & (ends - starts >= 3)
    first, last = starts[rings], ends[rings]
    one, two = last - 1, first
    narrow = _may_be_narrower(step[:, one], step[:, two], square[one], square[two], most_deg)
    first, last = first[narrow], last[narrow]
    return (
        np.concatenate([before, last - 1]),
        np.concatenate([middle, first]),
        np.concatenate([after, first + 1]),
    )


def _may_be_narrower(
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    one_square: NDArray[np.float64],
    two_square: NDArray[np.float64],
    most_deg: float,
) -> NDArray[np.bool_]:
    """Say between which steps, one after the other, the angle may be smaller: by cosines."""
    if most_deg > _RIGHT_DEG:
        return np.ones(one.shape[1], dtype=bool)
    along = one[0] * two[0] + one[1] * two[1]
    # A little less, as both sides are rounded.
    least = np.cos(np.radians(most_deg)) ** 2 * (1 - 1e-6)
    return np.asarray((along <= 0) & (along * along >= least * one_square * two_square))


@rule(
    "shape.self_crossing",
    title=N_("Line that crosses itself"),
    explanation=N_(
        "The line crosses or touches itself between its vertices. A pipe or road in one piece does"
        " not; usually a vertex was drawn in the wrong order. Move or delete it; a loop that really"
        " exists is divided where it closes."
    ),
    message=N_("The line crosses itself"),
    reads=Reads(_lines),
)
def self_crossing(survey: Survey) -> Iterator[Findings]:
    """Find lines that are not simple; with fewer than four vertices they cannot cross."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        known = features.vertices
        able = np.flatnonzero((known.count > 3) | (known.kind == Vertices.OTHER))
        shapes = features.shapes(able)
        many = shapely.get_num_coordinates(shapes) > 3
        able, shapes = able[many], shapes[many]
        if asset.geometry == "MultiLineString":
            # Parts may meet as they like; each of them must be simple.
            parts, owner = shapely.get_parts(shapes, return_index=True)
            crossed = np.unique(owner[~shapely.is_simple(parts)])
        else:
            crossed = np.flatnonzero(~shapely.is_simple(shapes))
        yield features.found(able[crossed])


@rule(
    "shape.sliver",
    title=N_("Sliver of an area"),
    explanation=N_(
        "The area is so narrow that it can only have come from boundaries that do not fit. Delete"
        " it, or join it to the one beside it."
    ),
    message=N_("{area:.2f} m² only {width_m:.2f} m wide on average"),
    reads=Reads(_areas),
    limits=("least_width_m",),
)
def sliver(survey: Survey) -> Iterator[Findings]:
    """Find parts of areas whose mean width, twice the area by the outline, is under the limit."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        asked = _perhaps_narrow(features, survey.limits["least_width_m"])
        parts, row = shapely.get_parts(features.shapes(asked), return_index=True)
        row = asked[row]
        area, outline = shapely.area(parts), shapely.length(parts)
        width = np.divide(2 * area, outline, out=np.full(len(parts), np.inf), where=outline > 0)
        narrow = np.flatnonzero(width < survey.limits["least_width_m"])
        # Of an outline that crosses itself the area is none.
        narrow = narrow[shapely.is_valid(parts[narrow])]
        rows, first = np.unique(row[narrow], return_index=True)
        chosen = narrow[first]
        xy = shapely.get_coordinates(shapely.centroid(parts[chosen]))
        yield features.found(rows, xy=xy, area=area[chosen], width_m=width[chosen])


def _perhaps_narrow(features: Features, width_m: float) -> NDArray[np.intp]:
    """Return areas that may be narrower: most are denied by their vertices alone."""
    known = features.vertices
    asked = known.kind == Vertices.OTHER
    rows = np.flatnonzero(known.kind == _POLYGON)
    if len(rows):
        starts, xy = known.offsets(rows)[:-1], known.of(rows)
        # From the first corner of each: far from zero, products lose their last metres.
        x, y = (xy - np.repeat(xy[starts], known.count[rows], axis=0)).T
        side = np.hypot(np.diff(x, append=0.0), np.diff(y, append=0.0))
        cross = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
        # What leads from one ring to the next is no side.
        side[starts[1:] - 1] = cross[starts[1:] - 1] = side[-1] = 0.0
        area, outline = np.abs(np.add.reduceat(cross, starts)) / 2, np.add.reduceat(side, starts)
        asked[rows] = ~(2 * area > _SURELY * width_m * outline)
    return np.flatnonzero(asked)


@rule(
    "shape.parts_touch",
    title=N_("Parts that are one line"),
    explanation=N_(
        "The line is stored in several parts that continue one another end to end. It looks like"
        " one, but measures along it (chainage, spacing of lamps) start anew at each part. Join"
        " the parts."
    ),
    message=N_("{count} parts would be {joined}"),
    reads=Reads(_many_parts),
)
def parts_touch(survey: Survey) -> Iterator[Findings]:
    """Find lines of several parts that can be joined end to end."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        others = np.flatnonzero(features.vertices.kind == Vertices.OTHER)
        shapes = features.shapes(others)
        count = shapely.get_num_geometries(shapes)
        several = count > 1
        joined = shapely.get_num_geometries(shapely.line_merge(shapes[several]))
        fewer = joined < count[several]
        yield features.found(
            others[several][fewer], count=count[several][fewer], joined=joined[fewer]
        )


@rule(
    "shape.height",
    title=N_("Implausible height"),
    explanation=N_(
        "The height of a vertex is 0 where others have one, or lies outside the heights of the"
        " county. Often heights are of another system, in another unit, or a missing one was"
        " written as 0. Correct the height, or take it out."
    ),
    message={
        "": N_("Height {value:.2f} m is outside {low:.0f} to {high:.0f} m"),
        "zero": N_("Height 0 where others of the layer have one"),
    },
    reads=Reads(_with_heights, Scope.LAYER),
    limits=("low_m", "high_m", "systems"),
)
def height(survey: Survey) -> Iterator[Findings]:
    """Find heights outside the county's, in its own systems; 0 only if others are not."""
    low, high = survey.limits["low_m"], survey.limits["high_m"]
    if survey.project.crs.text not in survey.limits["systems"]:
        return
    for asset in survey.layers:
        features = survey.features(asset.id)
        with_z = np.flatnonzero(shapely.has_z(features.geometry))
        xyz, row = shapely.get_coordinates(
            features.geometry[with_z], include_z=True, return_index=True
        )
        z = xyz[:, 2]
        if not np.any(np.isfinite(z) & (z != 0)):
            # All flat: a file that was saved with heights that nobody measured.
            continue
        wrong = np.flatnonzero((z == 0) | (z < low) | (z > high))
        rows, first = np.unique(row[wrong], return_index=True)
        chosen = wrong[first]
        yield features.found(
            with_z[rows],
            xy=xyz[chosen, :2],
            case=np.where(z[chosen] == 0, "zero", ""),
            value=z[chosen],
            low=low,
            high=high,
        )
