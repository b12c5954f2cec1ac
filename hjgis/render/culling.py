"""Which features a frame shows, and what of them."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.changes import Extent
from hjgis.models.styles.style import FillSymbol
from hjgis.render.features import LayerPaint

Coords = NDArray[np.float64]

_WORTH_CUTTING = 3


def in_view(layer: LayerPaint, extent: Extent) -> NDArray[np.int64]:
    """Return the rows whose box meets the extent and that no filter hides, in fid order."""
    box = layer.bounds
    meets = (box[:, 0] <= extent[2]) & (box[:, 2] >= extent[0])
    meets &= (box[:, 1] <= extent[3]) & (box[:, 3] >= extent[1])
    if layer.shown is not None:
        meets &= layer.shown
    return np.flatnonzero(meets)


def cut_to(layer: LayerPaint, extent: Extent) -> LayerPaint:
    """Return a layer with only what `in_view` finds; itself if that is much of it.

    Of what is read once for many sheets each sheet needs little, and looks at it often.
    """
    rows = in_view(layer, extent)
    if len(rows) * _WORTH_CUTTING > len(layer):
        return layer
    rings, parts = ranges(layer.features[rows], layer.features[rows + 1])
    vertices, ends = ranges(layer.rings[rings], layer.rings[rings + 1])
    return replace(
        layer,
        fids=layer.fids[rows],
        coords=layer.coords[vertices],
        rings=ends.astype(layer.rings.dtype),
        features=parts.astype(layer.features.dtype),
        bounds=layer.bounds[rows],
        classes=layer.classes[rows],
        texts=tuple(layer.texts[row] for row in rows.tolist()) if layer.texts else (),
        shown=None,
        selected=None if layer.selected is None else layer.selected[rows],
    )


def ranges(
    first: NDArray[np.signedinteger], last: NDArray[np.signedinteger]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all numbers from `first` up to `last` of each, and where each begins among them."""
    lengths = (last - first).astype(np.int64)
    offsets = _stacked(lengths)
    return np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], lengths), offsets


def in_paint_order(layer: LayerPaint, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort rows by the level of their class, then as they are (by fid)."""
    levels = np.array([item.level for item in layer.style.all_classes])
    return rows[np.argsort(levels[layer.classes[rows]], kind="stable")]


def clipped_parts(layer: LayerPaint, row: int, extent: Extent) -> list[Coords]:
    """Return the line parts or rings of a feature inside the extent.

    Rings get edges along the extent where they are cut; give an extent a little larger than
    what is seen. A feature that lies inside is returned as it is.
    """
    parts = list(layer.parts(row))
    if _inside(layer.bounds[row], extent):
        return parts
    if layer.style.kind == "marker":
        return [part for part in parts if _inside(np.tile(part[0], 2), extent)]
    if layer.style.kind == "line":
        return [piece for part in parts for piece in clip_line(part, extent)]
    rings = (clip_ring(part, extent) for part in parts)
    return [ring for ring in rings if len(ring) > 2]


def clip_line(coords: Coords, extent: Extent) -> list[Coords]:
    """Return the pieces of a line inside the extent, arrays of shape (n, 2)."""
    if len(coords) < 2:
        return []
    inside = shapely.clip_by_rect(shapely.LineString(coords), *extent)
    pieces = (shapely.get_coordinates(piece) for piece in shapely.get_parts(inside))
    return [piece for piece in pieces if len(piece) > 1]


def clip_lines(
    coords: Coords, ends: NDArray[np.int64], extent: Extent
) -> tuple[Coords, NDArray[np.int64], NDArray[np.int64]]:
    """Do what `clip_line` does with many lines at once; of a few this takes longer.

    Line k is ``coords[ends[k]:ends[k + 1]]``. Returned are the same of the pieces, and for each
    the line that it is of, rising.
    """
    lengths = np.diff(ends)
    long = np.flatnonzero(lengths > 1)
    at, _ends = ranges(ends[long], ends[long + 1])
    owner = np.repeat(np.arange(len(long)), lengths[long])
    lines = np.asarray(shapely.linestrings(coords[at], indices=owner), object)
    inside = shapely.clip_by_rect(lines, *extent)
    pieces, line = shapely.get_parts(inside, return_index=True)
    cut, owner = shapely.get_coordinates(pieces, return_index=True)
    # Of a line to infinity nobody knows where it is.
    known = np.isfinite(cut).all(axis=1)
    cut, lengths = cut[known], np.bincount(owner[known], minlength=len(pieces))
    kept = lengths > 1
    return cut[np.repeat(kept, lengths)], _stacked(lengths[kept]), long[line[kept]]


def clipped_together(
    layer: LayerPaint, rows: NDArray[np.int64], extent: Extent
) -> tuple[Coords, NDArray[np.int64], NDArray[np.int64]]:
    """Return lines or closed rings of several features inside the extent.

    Returns
    -------
    array, shape (v, 2)
    array, shape (r + 1,)
        Where each line or ring begins.
    array, shape (r,)
        Of which of the rows it is, counted from 0, rising.
    """
    if layer.style.kind == "line":
        rings, starts = ranges(layer.features[rows], layer.features[rows + 1])
        vertices, ends = ranges(layer.rings[rings], layer.rings[rings + 1])
        cut, cut_ends, line = clip_lines(layer.coords[vertices], ends, extent)
        return cut, cut_ends, np.searchsorted(starts, line, "right") - 1
    closed: list[Coords] = []
    owners: list[int] = []
    for number, row in enumerate(rows.tolist()):
        for ring in clipped_parts(layer, row, extent):
            known = ring[np.isfinite(ring).all(axis=1)]
            if len(known) > 2:
                same = (known[0] == known[-1]).all()
                closed.append(known if same else np.concatenate([known, known[:1]]))
                owners.append(number)
    lengths = np.array([len(ring) for ring in closed], np.int64)
    coords = np.concatenate([np.empty((0, 2)), *closed])
    return coords, _stacked(lengths), np.array(owners, np.int64)


def _stacked(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each begins of what has these lengths, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def clip_ring(ring: Coords, extent: Extent) -> Coords:
    """Return a ring cut at the extent's four sides (Sutherland-Hodgman), shape (n, 2).

    It works on rings that cross themselves too, and keeps even-odd filling right inside.
    """
    for axis, limit, keep_above in (
        (0, extent[0], True),
        (0, extent[2], False),
        (1, extent[1], True),
        (1, extent[3], False),
    ):
        if len(ring) < 3:
            break
        ring = _cut(ring, axis, limit if keep_above else -limit, sign=1 if keep_above else -1)
    return ring


def present_classes(layer: LayerPaint, extent: Extent) -> tuple[int, ...]:
    """Return the class indices of which something lies inside the extent, rising.

    Features of which only the box reaches in do not count: a legend must not name them.
    """
    rows = in_view(layer, extent)
    classes, box = layer.classes[rows], layer.bounds[rows]
    inside = (box[:, :2] >= extent[:2]).all(axis=1) & (box[:, 2:] <= extent[2:]).all(axis=1)
    found = []
    for index in np.flatnonzero(np.bincount(classes)).tolist():
        own = classes == index
        # What lies wholly inside nearly always settles it at the first look.
        for row in np.concatenate([rows[own & inside], rows[own & ~inside]]):
            if _reaches(layer, int(row), extent):
                found.append(index)
                break
    return tuple(found)


def _reaches(layer: LayerPaint, row: int, extent: Extent) -> bool:
    symbol = layer.style.all_classes[layer.classes[row]].symbol
    if not isinstance(symbol, FillSymbol):
        return bool(clipped_parts(layer, row, extent))
    if symbol.fill or symbol.hatch != "none":
        return _filled_area(clipped_parts(layer, row, extent)) > 0
    # Of an area that is not filled, only the outline is seen.
    return any(clip_line(ring, extent) for ring in layer.parts(row))


def _filled_area(rings: list[Coords]) -> float:
    """Return how much of some rings is filled: what a hole takes away is not seen."""
    rings = [ring for ring in rings if ring_area(ring) > 0]
    if len(rings) < 2:
        return sum(map(ring_area, rings))
    shapes = shapely.make_valid([shapely.Polygon(ring) for ring in rings])
    return float(shapely.area(reduce(shapely.symmetric_difference, shapes)))


def present_counts(layer: LayerPaint, extent: Extent) -> dict[int, int]:
    """Return of how many features something lies inside the extent, by class index."""
    rows = in_view(layer, extent)
    box = layer.bounds[rows]
    there = np.all((box[:, :2] >= extent[:2]) & (box[:, 2:] <= extent[2:]), axis=1)
    # Only those that cross the edge need a closer look.
    for at in np.flatnonzero(~there).tolist():
        there[at] = _reaches(layer, int(rows[at]), extent)
    classes, numbers = np.unique(layer.classes[rows[there]], return_counts=True)
    return dict(zip(classes.tolist(), numbers.tolist(), strict=True))


def ring_area(ring: Coords) -> float:
    """Return the area inside a ring, m², never negative."""
    if len(ring) < 3:
        return 0.0
    x, y = (ring - ring[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _inside(box: NDArray[np.float64], extent: Extent) -> bool:
    return bool(
        box[0] >= extent[0] and box[1] >= extent[1] and box[2] <= extent[2] and box[3] <= extent[3]
    )


def _cut(ring: Coords, axis: int, limit: float, *, sign: int) -> Coords:
    """Keep the side of the ring where ``sign * coordinate >= limit``."""
    above = sign * ring[:, axis] - limit
    inside = above >= 0
    if inside.all():
        return ring
    after, above_after = np.roll(ring, -1, axis=0), np.roll(above, -1)
    crosses = inside != (above_after >= 0)
    # Vertices may lie at infinity.
    with np.errstate(divide="ignore", invalid="ignore"):
        share = above / (above - above_after)
        crossing = ring + np.where(crosses, share, 0.0)[:, None] * (after - ring)
    pairs = np.stack([ring, crossing], axis=1).reshape(-1, 2)
    kept: Coords = pairs[np.stack([inside, crosses], axis=1).ravel()]
    return kept
