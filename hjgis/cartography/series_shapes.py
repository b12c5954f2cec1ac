"""What a series is cut by: cells, roads, features, and where something of a theme lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.feature_words import NAME, words_of
from hjgis.errors import UsageError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.themes import Theme
from hjgis.progress import SILENT, Progress

# What lies within so much of a cell's edge is not seen to lie in it, metres.
_HAIR_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Features to cut sheets by, in fid order.

    Attributes
    ----------
    kind : str
        What people call the layer.
    ids : tuple of str
        What identifies each for people, empty if nothing does.
    names : tuple of str
        What each is called, empty if nobody said.
    """

    kind: str
    shapes: NDArray[np.object_]
    uuids: tuple[str, ...]
    ids: tuple[str, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.uuids)

    def taken(self, rows: NDArray[np.bool_]) -> Cut:
        """Return only these features."""
        keep = np.flatnonzero(rows).tolist()
        uuids, ids, names = (
            tuple(column[i] for i in keep) for column in (self.uuids, self.ids, self.names)
        )
        return Cut(self.kind, self.shapes[rows], uuids, ids, names)


def read_shapes(
    project: Project,
    layer: str,
    *,
    extent: Extent | None = None,
    uuids: frozenset[str] | None = None,
    fids: NDArray[np.int64] | None = None,
) -> Cut:
    """Read features of a layer that have a place, and what they are called."""
    asset = project.asset_type(layer)
    identity = [name for name in ("grid_id",) if asset.has(name)]
    table = project.table(
        layer, identity, fids=None if fids is None else fids.tolist(), extent=extent
    )
    assert table.geometry is not None
    keep = _placed(table.geometry)
    if extent is not None:
        keep &= shapely.intersects(table.geometry, shapely.box(*extent))
    if uuids is not None:
        keep &= np.isin(table.uuids, list(uuids))
    table = table.taken(keep)
    assert table.geometry is not None
    words = words_of(project, layer, NAME, fids=table.fids)
    own = tuple(map(str, table.uuids.tolist()))
    ids = table.columns[identity[0]].tolist() if identity else [None] * len(own)
    return Cut(
        label(asset.label),
        table.geometry,
        own,
        tuple(str(said or "") for said in ids),
        tuple(words.of(fid) for fid in table.fids.tolist()),
    )


def theme_layers(project: Project, about: Theme) -> tuple[str, ...]:
    """Return the layers that a theme is about: one sheet without any of them tells nothing.

    Those are its subject and what it portrays; of a theme of everything, all assets.
    """
    held = project.map_types
    named = [*about.subject, *(entry.layer for entry in about.portrayals)]
    if not about.layers:
        named += [name for name, asset in held.items() if asset.kind == "asset"]
    found = [name for name in dict.fromkeys(named) if name in held]
    return tuple(found or (name for name in about.layers if name in held))


def holding(
    project: Project,
    layers: Sequence[str],
    areas: NDArray[np.object_],
    progress: Progress = SILENT,
) -> NDArray[np.bool_]:
    """Say of areas whether something of some layers lies in them, shape as `areas`."""
    held = np.zeros(len(areas), bool)
    tree = shapely.STRtree(areas)
    extent = tuple(shapely.total_bounds(areas).tolist())
    for done, name in enumerate(layers):
        progress.report(done, len(layers), "read")
        progress.check()
        shapes = _shapes(project, name, extent)
        held[tree.query(shapes, predicate="intersects")[1]] = True
    return held


def cells_held(
    project: Project,
    layers: Sequence[str],
    side_m: float,
    *,
    extent: Extent | None,
    most: int,
    progress: Progress = SILENT,
) -> NDArray[np.int64]:
    """Return the cells of a square division in which something of some layers lies.

    Parameters
    ----------
    side_m : float
        How large cells are; cell (0, 0) has its south-west corner at the zero of the system.
    extent : tuple of float, optional
        Only cells of which some part lies in this box.
    most : int
        Of cells that are worth looking at; see `UsageError`.

    Returns
    -------
    array of int64, shape (n, 2)
        Column and row of each, each once, ordered.

    Raises
    ------
    UsageError
        If a single feature is so large that it reaches into far more than `most` cells.
    """
    found = [np.empty((0, 2), np.int64)]
    for done, name in enumerate(layers):
        progress.report(done, len(layers), "read")
        progress.check()
        found.append(_cells_of(_shapes(project, name, extent), side_m, extent, 50 * most))
    return np.unique(np.concatenate(found), axis=0)


def _cells_of(
    shapes: NDArray[np.object_], side_m: float, extent: Extent | None, most: int
) -> NDArray[np.int64]:
    if not len(shapes):
        return np.empty((0, 2), np.int64)
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    spans = np.floor(shapely.bounds(shapes) / side_m).astype(np.int64)
    if extent is not None:
        low = np.floor(np.array(extent[:2]) / side_m).astype(np.int64)
        high = np.ceil(np.array(extent[2:]) / side_m).astype(np.int64) - 1
        spans = np.hstack([np.maximum(spans[:, :2], low), np.minimum(spans[:, 2:], high)])
        inside = (spans[:, :2] <= spans[:, 2:]).all(axis=1)
        shapes, points, spans = shapes[inside], points[inside], spans[inside]
    # A point lies in one cell; an edge belongs to the cell in the north or east of it.
    return np.unique(
        np.concatenate(
            [spans[points][:, :2], _crossed(shapes[~points], spans[~points], side_m, most)]
        ),
        axis=0,
    )


def _crossed(
    shapes: NDArray[np.object_], spans: NDArray[np.int64], side_m: float, most: int
) -> NDArray[np.int64]:
    """Return the cells that shapes reach into, not only with their boxes."""
    counts = np.prod(spans[:, 2:] - spans[:, :2] + 1, axis=1)
    several = np.unique(spans[counts > 1], axis=0)
    reach = int(np.prod(several[:, 2:] - several[:, :2] + 1, axis=1).max(initial=0))
    if reach > most:
        message = _("One feature reaches over {count} sheets; choose a smaller scale or area.")
        raise UsageError(message.format(count=reach))
    near = [spans[counts == 1][:, :2]]
    for left, low, right, high in several.tolist():
        columns, rows = np.meshgrid(np.arange(left, right + 1), np.arange(low, high + 1))
        near.append(np.column_stack([columns.ravel(), rows.ravel()]))
    cells: NDArray[np.int64] = np.unique(np.concatenate(near), axis=0)
    if not len(cells):
        return cells
    low = cells * side_m + _HAIR_M
    high = (cells + 1) * side_m - _HAIR_M
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    held: NDArray[np.int64] = cells[np.unique(tree.query(shapes, predicate="intersects")[1])]
    return held


def _shapes(project: Project, layer: str, extent: Extent | None) -> NDArray[np.object_]:
    geometry = project.table(layer, (), extent=extent).geometry
    assert geometry is not None
    return geometry[_placed(geometry)]


def _placed(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which shapes lie somewhere: empty ones and those at infinity do not."""
    return np.asarray(np.isfinite(shapely.bounds(geometry)).all(axis=1), bool)
