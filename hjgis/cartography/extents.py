"""Where on the ground a sheet's subject lies, and its middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from hjgis.layers.project import Project
from hjgis.models.changes import Extent

_BOUNDARY: Final = "boundary"
# A boundary that holds so many of the features is the place that the map is of.
_MOST: Final = 0.95
# A boundary more than so many times as large as the map is not what the map is centred on.
_MUCH_LARGER: Final = 2.0


def subject_extent(
    project: Project, names: Sequence[str], subject: Sequence[str] = ()
) -> Extent | None:
    """Return the box around what a map is of, not counting what lies outside its boundary.

    That are the assets and the map's subject; if there are none, all layers. One misplaced
    feature must not shrink the map of the town to a dot.
    """
    held = _held(project, names, subject)
    whole = union(list(held.values()))
    limit = town_extent(project, held) if whole and _BOUNDARY in names else None
    if whole is None or limit is None:
        return whole
    inside = [
        extent if _holds(limit, extent) else _extent_within(project, name, limit)
        for name, extent in held.items()
    ]
    whole = union(inside) or whole
    low = (max(whole[0], limit[0]), max(whole[1], limit[1]))
    high = (min(whole[2], limit[2]), min(whole[3], limit[3]))
    return (*low, *high) if low[0] < high[0] and low[1] < high[1] else whole


def town_extent(project: Project, held: dict[str, Extent]) -> Extent | None:
    """Return the smallest boundary's box that holds most features of some layers.

    Parameters
    ----------
    held : dict of str to Extent
        Layers by name and the boxes around them.

    Returns
    -------
    Extent or None
        The box around all boundaries if none holds most; None if there are no boundaries.
    """
    whole = project.extent(_BOUNDARY) if _BOUNDARY in project.types else None
    shapes = project.table(_BOUNDARY, ()).geometry if whole is not None else None
    if shapes is None:
        return whole
    boxes = shapely.bounds(shapes)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    counts = {name: project.count(name) for name in held}
    for row in np.argsort(areas, kind="stable").tolist():
        x_min, y_min, x_max, y_max = map(float, boxes[row])
        box = (x_min, y_min, x_max, y_max)
        inside = sum(
            counts[name] if _holds(box, extent) else len(project.store.fids_within(name, box))
            for name, extent in held.items()
        )
        if inside >= _MOST * sum(counts.values()):
            return box
    return whole


def middle_of(extent: Extent) -> tuple[float, float]:
    """Return the middle of a box."""
    return (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2


def middle(extent: Extent, town: Extent | None, size_m: tuple[float, float]) -> tuple[float, float]:
    """Return the middle of a map of a size: near the town's, with all of an extent on it.

    Where the town is far larger than the map, as a county is, its middle says nothing.
    """
    x, y = middle_of(extent)
    if town is None:
        return x, y
    wanted_x, wanted_y = middle_of(town)
    if town[2] - town[0] > _MUCH_LARGER * size_m[0] or town[3] - town[1] > _MUCH_LARGER * size_m[1]:
        return x, y
    free_x = max((size_m[0] - (extent[2] - extent[0])) / 2, 0.0)
    free_y = max((size_m[1] - (extent[3] - extent[1])) / 2, 0.0)
    return (
        min(max(wanted_x, x - free_x), x + free_x),
        min(max(wanted_y, y - free_y), y + free_y),
    )


def union(extents: Sequence[Extent | None]) -> Extent | None:
    """Return the box around boxes; None if there is none."""
    found = [extent for extent in extents if extent is not None]
    if not found:
        return None
    x_min, y_min, x_max, y_max = zip(*found, strict=True)
    return (min(x_min), min(y_min), max(x_max), max(y_max))


def town_of(project: Project, names: Sequence[str], subject: Sequence[str] = ()) -> Extent | None:
    """Return the box of the boundary within which the subject of a map lies."""
    held = _held(project, names, subject)
    return town_extent(project, held) if held and _BOUNDARY in names else None


def _held(project: Project, names: Sequence[str], subject: Sequence[str]) -> dict[str, Extent]:
    """Return the layers that say where a map is, with their boxes."""
    extents = {name: project.extent(name) for name in names}
    there = {name: extent for name, extent in extents.items() if extent is not None}
    kinds = {name: project.asset_type(name).kind for name in there}
    assets = {n: there[n] for n in there if kinds[n] == "asset" or n in subject}
    return assets or {n: there[n] for n in there if kinds[n] == "reference"}


def _extent_within(project: Project, name: str, limit: Extent) -> Extent | None:
    shapes = project.table(name, (), extent=limit).geometry
    if shapes is None or not len(shapes):
        return None
    x_min, y_min, x_max, y_max = map(float, shapely.total_bounds(shapes))
    return (x_min, y_min, x_max, y_max)


def _holds(box: Extent, extent: Extent) -> bool:
    low = box[0] <= extent[0] and box[1] <= extent[1]
    return low and box[2] >= extent[2] and box[3] >= extent[3]
