"""Where a sheet lies on the earth, as PDF readers and as readers of pictures want to know it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hjgis.cartography.composition import Composition
from hjgis.models.crs import Crs, Transform


@dataclass(frozen=True, slots=True)
class Viewport:
    """The map of a sheet as ISO 32000-2, 12.10 describes it.

    Attributes
    ----------
    box_mm : tuple of float
        Left, top, right and bottom of the neat line, mm from the paper's upper left corner.
    corners_deg : tuple of float
        Latitude and longitude of its corners from the lower left one clockwise, in the datum of
        the map.
    epsg : int or None
        Code of the map's projected system.
    wkt : str
        Its definition as Esri writes it, which is what PDF readers know.
    """

    name: str
    box_mm: tuple[float, float, float, float]
    corners_deg: tuple[float, ...]
    epsg: int | None
    wkt: str


def viewport(composition: Composition) -> Viewport | None:
    """Return where a sheet's map lies.

    None if its coordinate system has transformation parameters of its own: those are secret, and
    whoever knows a map's place in both systems can reckon them.
    """
    crs = composition.crs
    if crs.definition.is_bound:
        return None
    geodetic = crs.definition.geodetic_crs
    if geodetic is None:
        return None
    x_min, y_min, x_max, y_max = composition.frame(1.0).extent
    east, north = np.array([x_min, x_min, x_max, x_max]), np.array([y_min, y_max, y_max, y_min])
    lon, lat = Transform(crs, Crs(geodetic)).points(east, north)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    box = composition.sheet.map_mm
    authority = crs.authority
    return Viewport(
        name=composition.title,
        box_mm=(box.x, box.y, box.right, box.bottom),
        corners_deg=tuple(np.stack([lat, lon], axis=1).ravel().tolist()),
        epsg=authority[1] if authority is not None and authority[0] == "EPSG" else None,
        wkt=crs.esri_wkt(),
    )


def world_file(composition: Composition, px_per_mm: float) -> str:
    """Return the six lines of a world file for a picture of the whole paper.

    The first pixel's middle is given in the project's coordinates; lines that only turn the
    picture are zero, since a sheet is north up.
    """
    box, (east, north) = composition.sheet.map_mm, composition.center
    m_per_mm = composition.scale / 1000
    m_per_px = m_per_mm / px_per_mm
    left = east - (box.x + box.width / 2) * m_per_mm
    top = north + (box.y + box.height / 2) * m_per_mm
    lines = (m_per_px, 0.0, 0.0, -m_per_px, left + m_per_px / 2, top - m_per_px / 2)
    return "".join(f"{line:.10f}\n" for line in lines)


def projection_file(composition: Composition) -> str:
    """Return the text of the ``.prj`` beside a picture; without secret parameters."""
    crs = composition.crs
    inner = crs.definition.source_crs if crs.definition.is_bound else None
    return crs.esri_wkt() if inner is None else Crs(inner).esri_wkt()
