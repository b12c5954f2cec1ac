"""What a sheet says in words: coordinate system, convergence, secrecy, the title block."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import secrecy
from hjgis.models.assets import Catalogue
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, Transform, parse_crs

# First eccentricity squared of CGCS2000 (GRS 80).
_E2: Final = 0.006_694_380_023


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the title block.

    Attributes
    ----------
    id : str
        What a sheet calls it that shows only some facts.
    """

    name: str
    value: str
    id: str = ""


def convergence_deg(crs: Crs, x: float, y: float) -> float:
    """Return the meridian convergence: the angle from true north to grid north, clockwise.

    Parameters
    ----------
    x, y : float
        East and north in `crs`, metres.

    Returns
    -------
    float
        Degrees; west of the central meridian it is negative on the northern half of the earth.
    """
    to_degrees = Transform(crs, parse_crs("EPSG:4490"))
    step_m = 1000.0
    lon, lat = to_degrees.points(np.array([x, x]), np.array([y, y + step_m]))
    latitude = math.radians(float(lat.mean()))
    # On the ellipsoid a degree of longitude is not just cos(latitude) of one of latitude.
    curvature = (1 - _E2 * math.sin(latitude) ** 2) / (1 - _E2)
    east = (lon[1] - lon[0]) * math.cos(latitude) * curvature
    return math.degrees(math.atan2(east, lat[1] - lat[0]))


def is_on_earth(crs: Crs, extent: Extent) -> bool:
    """Whether a box in a coordinate system is somewhere, so that a map of it has a north."""
    if not all(map(math.isfinite, extent)):
        return False
    west, south, east, north = extent
    to_degrees = Transform(crs, parse_crs("EPSG:4490"))
    found = to_degrees.points(np.array([west, west, east, east]), np.array([south, north] * 2))
    return bool(np.isfinite(found).all())


def degrees_text(angle_deg: float) -> str:
    """Write an angle in degrees and minutes, e.g. ``-0°33′``."""
    minutes = round(abs(angle_deg) * 60)
    sign = "−" if angle_deg < 0 and minutes else ""
    return f"{sign}{minutes // 60}°{minutes % 60:02d}′"


def secrecy_text(catalogue: Catalogue, stated: str | None, levels: Iterable[str]) -> str:
    """Return the highest secrecy of a project and of the layers that are shown.

    Parameters
    ----------
    stated : str or None
        The project's own secrecy: a code or label of the list ``secrecy_class``.
    levels : iterable of str
        ``AssetType.secrecy`` of the layers on the sheet.
    """
    return catalogue.codes(secrecy.LIST).label_of(secrecy.highest(catalogue, stated, levels))


def is_secret(catalogue: Catalogue, stated: str | None, levels: Iterable[str]) -> bool:
    """Whether a sheet is a state secret: what it is put on and who gets it is regulated."""
    level = secrecy.highest(catalogue, stated, levels)
    return secrecy.rank(level) >= secrecy.rank(secrecy.SECRET)


def title_block(project: Project, *, issuer: str, on: date) -> tuple[Fact, ...]:
    """Return the lines of the title block; who checked and approved signs by hand."""
    source = _("Synthetic sample, invented data") if project.is_sample else project.title
    latest = project.history.entries(limit=1)
    return (
        Fact(_("Issued by"), issuer, "issuer"),
        Fact(_("Coordinates"), project.crs.called, "crs"),
        Fact(_("Heights"), _("1985 National Height Datum"), "heights"),
        Fact(_("Source"), source, "source"),
        Fact(_("Data until"), latest[0].at[:10] if latest else "", "until"),
        Fact(_("Date"), on.isoformat(), "date"),
        Fact(_("Drawn"), project.session.operator, "drawn"),
        Fact(_("Checked"), "", "checked"),
        Fact(_("Approved"), "", "approved"),
    )
