"""Other people's vector files to be seen under the map without being imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.coordinates import finite
from hjgis.exchange.places import located, transform_to
from hjgis.exchange.sources import read_layer
from hjgis.i18n import _, ngettext_
from hjgis.models.crs import Crs
from hjgis.models.shapes import FARTHEST_M, Dimension, Shapes
from hjgis.progress import SILENT, Progress

_DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)


@dataclass(frozen=True, slots=True, eq=False)
class UnderlayFile:
    """What a file shows, in the project CRS.

    Attributes
    ----------
    shapes : tuple of Shapes
        Areas, lines and points, whichever there are, in the order in which they are drawn.
    notes : tuple of str
        What is not shown, in words.
    """

    name: str
    shapes: tuple[Shapes, ...]
    notes: tuple[str, ...]


def read_underlay(
    path: Path, crs: Crs, *, assumed_crs: str | None = None, progress: Progress = SILENT
) -> UnderlayFile:
    """Read a file and bring it into the project CRS, once.

    Parameters
    ----------
    crs : Crs
        The project's.
    assumed_crs : str, optional
        Where it lies if it does not say so.

    Raises
    ------
    InputError
        If it is missing, damaged, of no format that is read here, or open as a project.
    InputQuestion
        If it does not say in which coordinate system it lies, or which layer is meant.
    """
    layer = read_layer(path, progress=progress)
    placement = located(layer, crs, crs=assumed_crs)
    if placement.question is not None:
        raise placement.question
    layer, source = placement.layer, placement.crs
    geometry = layer.geometry
    shown = finite(geometry) & ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    shapes = geometry[shown]
    ballpark: tuple[str, ...] = ()
    if source is not None:
        # A picture underneath is looked at, not measured: a word is enough.
        transform = transform_to(crs, source, accept_ballpark=True)
        shapes = transform.geometry(shapes)
        if transform.ballpark:
            words = _("From {source} no real transformation is known: tens of metres off.")
            ballpark = (words.format(source=source.name),)
    near = (np.abs(shapely.bounds(shapes)) < FARTHEST_M).all(axis=1)
    left_out = len(layer) - int(near.sum())
    words = ngettext_(
        "{count} feature has no place that can be shown",
        "{count} features have no place that can be shown",
        left_out,
    )
    notes = (words.format(count=left_out),) if left_out else ()
    if not near.any():
        notes = (_("Nothing in this file can be shown"),)
    return UnderlayFile(
        path.name, _by_dimension(shapes[near]), (*notes, *ballpark, *layer.warnings)
    )


def _by_dimension(geometry: NDArray[np.object_]) -> tuple[Shapes, ...]:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    dimensions = shapely.get_dimensions(parts)
    found = []
    for dimension in reversed(_DIMENSIONS):
        mine = parts[dimensions == dimension]
        if len(mine):
            fids, classes = np.arange(1, len(mine) + 1), np.zeros(len(mine), np.uint8)
            found.append(Shapes.of(mine, dimension, fids=fids, classes=classes))
    return tuple(found)
