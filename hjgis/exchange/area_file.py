"""The area that somebody else's file describes: all its polygons together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.errors import InputError
from hjgis.exchange.coordinates import finite
from hjgis.exchange.places import located, transform_to
from hjgis.exchange.sources import read_layer
from hjgis.i18n import _
from hjgis.models.crs import Crs
from hjgis.progress import SILENT, Progress

_POLYGONAL = 2


def area_of_file(path: Path, crs: Crs, *, progress: Progress = SILENT) -> BaseGeometry:
    """Return the union of a file's polygons in the project CRS `crs`, metres.

    Closed lines, as drawings have them, count as polygons.

    Raises
    ------
    InputError
        If the file cannot be read or holds no area.
    InputQuestion
        If it does not say where it lies, or which layer is meant.
    """
    layer = read_layer(path, progress=progress)
    placement = located(layer, crs)
    if placement.question is not None:
        raise placement.question
    geometry, source = placement.layer.geometry, placement.crs
    geometry = geometry[finite(geometry) & ~shapely.is_missing(geometry)]
    if source is not None:
        geometry = transform_to(crs, source, accept_ballpark=False).geometry(geometry)
    parts = shapely.get_parts(shapely.get_parts(geometry))
    rings = parts[shapely.is_closed(parts) & (shapely.get_num_points(parts) > _POLYGONAL)]
    areas = parts[shapely.get_dimensions(parts) == _POLYGONAL]
    closed = [shapely.Polygon(ring.coords) for ring in rings]
    found = shapely.make_valid(np.array([*areas, *closed], dtype=object))
    whole = shapely.union_all(shapely.force_2d(found))
    if shapely.area(whole) == 0:
        raise InputError(
            _("{path} holds no area: no polygon and no closed line.").format(path=path)
        )
    return whole
