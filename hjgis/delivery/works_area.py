"""The area of works, read from a file of any format that can be imported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.importing import plan_import
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert
from hjgis.progress import SILENT, Progress


def read_area(project: Project, path: Path, *, progress: Progress = SILENT) -> BaseGeometry:
    """Return what the polygons of a file cover together, project CRS; nothing is stored.

    Raises
    ------
    InputError
        If the file cannot be read, does not say where it lies or holds no polygons.
    Cancelled
        If `progress` says so.
    """
    try:
        found = plan_import(project, path, as_reference=f"area of {path.name}", progress=progress)
    except InputQuestion as question:
        message = _("The area in {path} cannot be used as it is: {question}")
        raise InputError(message.format(path=path, question=question)) from question
    shapes = [bulk.geometry for bulk in found.changes.bulk if isinstance(bulk, BulkInsert)]
    geometry = np.concatenate([np.empty(0, dtype=object), *shapes])
    areas = geometry[shapely.get_dimensions(geometry) == 2]
    if not len(areas) or len(areas) < len(geometry):
        message = _("{path} holds something else than polygons, so it is no area.")
        raise InputError(message.format(path=path))
    return shapely.union_all(shapely.make_valid(areas))
