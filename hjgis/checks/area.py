"""The area that the features of a project lie in: its boundary layer, or the county."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.checks.rules.register import limits_of
from hjgis.layers.project import Project
from hjgis.models.rule_settings import FACT

BOUNDARY: Final = "boundary"
RULE: Final = "geometry.outside_boundary"


def project_area(
    boundary: NDArray[np.object_], crs: str, limits: Mapping[str, Any]
) -> BaseGeometry | None:
    """Return where features may lie, tolerance included; None if nobody says.

    Parameters
    ----------
    boundary : array of shapely geometries
        Those of the boundary layer, project CRS.
    crs : str
        Of the project, e.g. ``EPSG:4545``.
    limits : mapping
        Those of the rule `RULE`: tolerance in metres, the county's extents by CRS.
    """
    valid = boundary[shapely.is_valid(boundary) & ~shapely.is_empty(boundary)]
    if len(valid):
        area: BaseGeometry = shapely.union_all(valid)
    elif crs in limits["extents"]:
        area = shapely.box(*limits["extents"][crs])
    else:
        return None
    within: BaseGeometry = shapely.buffer(area, limits["tolerance_m"])
    return within


class ProjectArea:
    """Says of places whether they are outside; looked up when first asked."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known = False
        self._area: BaseGeometry | None = None

    def forget(self) -> None:
        """Look it up again when next asked: the boundary has changed."""
        self._known = False

    def beyond_m(self, x: float, y: float) -> float:
        """Return how far outside a place is, metres; 0 inside and where nobody says."""
        if not self._known:
            self._area, self._known = self._found(), True
        return 0.0 if self._area is None else float(self._area.distance(shapely.Point(x, y)))

    def _found(self) -> BaseGeometry | None:
        project = self._project
        boundary = project.table(BOUNDARY, []).geometry
        assert boundary is not None
        limits = limits_of(RULE, project.info(FACT))
        try:
            area = project_area(boundary, project.crs.text, limits)
        except (KeyError, TypeError, ValueError):
            # The check says what is wrong with the limits.
            return None
        extent = project.extent()
        if area is None or (extent is not None and not area.intersects(shapely.box(*extent))):
            # A town elsewhere: who works there knows it.
            return None
        shapely.prepare(area)
        return area
