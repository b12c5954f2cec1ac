"""Where other pipes cross a way along pipes: how high, how wide in its section, and how near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.pipe_facts import plausible, size_names
from hjgis.checks.rules.register import limits_of
from hjgis.network.pipes import Pipes

_RULE: Final = "pipe.crossing"
# What lies so near is one place.
_SAME_M: Final = 1e-3
# A pipe is followed so far to both sides to know where it is heading.
_AHEAD_M: Final = 0.05
# A pipe that nearly runs along would be drawn as long as the way.
_FLATTEST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Crossing:
    """Another pipe that crosses the way on the map; metres, between its ends levels are even.

    Attributes
    ----------
    kind : str
        Code of the kind.
    at_m : float
        From the first node of the way.
    invert_m, top_m, cover_m : float
        Lowest and highest inside level and the earth above it; NaN where not known.
    wide_m : float
        How wide the section of the way cuts it, wider the more aslant; NaN where not known.
    box : bool
        Whether it is a culvert with a width and a height.
    clearance_m : float
        Space in height between both pipes, negative where they overlap; NaN where not known.
    close : bool
        Whether that is less than the check of crossings lets pass.
    """

    fid: int
    kind: str
    size: str
    at_m: float
    invert_m: float
    top_m: float
    cover_m: float
    wide_m: float
    box: bool
    clearance_m: float
    close: bool

    @property
    def known_m(self) -> tuple[float, ...]:
        """What is known of its levels, the lower one first."""
        return tuple(level for level in (self.invert_m, self.top_m) if np.isfinite(level))


def crossings(
    pipes: Pipes,
    way: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    levels: tuple[NDArray[np.float64], ...],
) -> Iterator[Crossing]:
    """Yield the pipes that cross a way, the first one first.

    Parameters
    ----------
    way : tuple of arrays, shapes (k,), (k,) and (k + 1,)
        Rows of the pipes that are gone along, the side at which each is entered, and how far each
        node is from the first, metres.
    levels : tuple of arrays, shape (n, 2)
        Inverts, tops and covers at both ends of all pipes, NaN where not known.
    """
    rows, sides, at = way
    part, other, spot = _met(pipes, rows)
    shapes = pipes.lines.geometry
    share = shapely.line_locate_point(shapes[rows[part]], spot, normalized=True)
    gone = np.where(sides[part] == 0, share, 1.0 - share)
    at_m = at[part] + gone * (at[part + 1] - at[part])
    # At a node that is passed over both its pipes are met.
    order = np.lexsort((at_m, other))
    other_, at_ = other[order], at_m[order]
    again = (np.diff(other_, prepend=-1) == 0) & (np.diff(at_, prepend=-1.0) < _SAME_M)
    chosen = np.sort(order[~again])
    chosen = chosen[np.argsort(at_m[chosen], kind="stable")]
    row, there, spot = rows[part[chosen]], other[chosen], spot[chosen]
    sine = _sine(shapes[row], shapes[there], spot)
    there_share = shapely.line_locate_point(shapes[there], spot, normalized=True)
    invert, top, cover = (_between(each[there], there_share) for each in levels)
    low, high = (_between(each[row], share[chosen]) for each in levels[:2])
    clearance = np.maximum(low - top, invert - high)
    yield from _told(pipes, there, at_m[chosen], (invert, top, cover), clearance, sine)


def _told(
    pipes: Pipes,
    rows: NDArray[np.int64],
    at_m: NDArray[np.float64],
    levels: tuple[NDArray[np.float64], ...],
    clearance: NDArray[np.float64],
    sine: NDArray[np.float64],
) -> Iterator[Crossing]:
    lines, least = pipes.lines, limits_of(_RULE)["clearance_m"]
    invert, top, cover = levels
    kinds, fids = lines.objects("kind", rows).tolist(), lines.fids[rows].tolist()
    diameter, width = (plausible(lines, name)[rows] / 1000 for name in ("diameter_mm", "width_mm"))
    box = np.isfinite(plausible(lines, "height_mm")[rows])
    wide = np.where(np.isnan(width) | ~box, diameter, width)
    sizes = np.where(np.isnan(wide), "", size_names(lines, rows))
    for i, fid in enumerate(fids):
        yield Crossing(
            fid=fid,
            kind=str(kinds[i] or ""),
            size=str(sizes[i]),
            at_m=float(at_m[i]),
            invert_m=float(invert[i]),
            top_m=float(top[i]),
            cover_m=float(cover[i]),
            wide_m=float(wide[i] / max(sine[i], _FLATTEST)),
            box=bool(box[i]),
            clearance_m=float(clearance[i]),
            close=bool(clearance[i] < least),
        )


def _met(
    pipes: Pipes, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_]]:
    """Return where other pipes go over or under those of a way: place in it, their row, the spot.

    What begins or ends there does not cross.
    """
    shapes, (west, south, east, north) = pipes.lines.geometry, pipes.boxes
    low_x, low_y = west[rows].min(), south[rows].min()
    high_x, high_y = east[rows].max(), north[rows].max()
    near = (west <= high_x) & (east >= low_x) & (south <= high_y) & (north >= low_y)
    near[rows] = False
    found = np.flatnonzero(near)
    if not len(found):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, object)
    tree = shapely.STRtree(shapes[rows])
    which, part = tree.query(shapes[found], predicate="intersects")
    other = found[which]
    shared = shapely.intersection(shapes[rows[part]], shapes[other])
    spot, of = shapely.get_parts(shared, return_index=True)
    # Lines are what two pipes have in common that are drawn along each other.
    kept = shapely.get_type_id(spot) == 0
    spot, of = spot[kept], of[kept]
    for vertex in (0, -1):
        ends = shapely.get_point(shapes[other[of]], vertex)
        kept = ~(shapely.distance(ends, spot) < _SAME_M)
        spot, of = spot[kept], of[kept]
    return part[of], other[of], spot


def _between(ends: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ends[:, 0] + share * (ends[:, 1] - ends[:, 0]))


def _sine(
    lines: NDArray[np.object_], others: NDArray[np.object_], spots: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Return the sine of the angle at which lines cross others."""
    one, two = _heading(lines, spots), _heading(others, spots)
    cross = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
    length = np.hypot(*one.T) * np.hypot(*two.T)
    return np.where(length > 0, cross / np.where(length > 0, length, 1.0), 1.0)


def _heading(lines: NDArray[np.object_], spots: NDArray[np.object_]) -> NDArray[np.float64]:
    at = shapely.line_locate_point(lines, spots)
    # A negative distance counts from the last vertex.
    before = shapely.line_interpolate_point(lines, np.maximum(at - _AHEAD_M, 0.0))
    after = shapely.line_interpolate_point(lines, at + _AHEAD_M)
    return np.column_stack(
        [shapely.get_x(after) - shapely.get_x(before), shapely.get_y(after) - shapely.get_y(before)]
    )
