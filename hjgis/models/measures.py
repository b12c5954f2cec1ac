"""What a geometry tells by itself: length, area, place; for tables and calculations."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.i18n import N_
from hjgis.models.assets import AssetType

# Name to heading and unit. A name begins with @, as no field does.
MEASURES: Final = {
    "@length": (N_("Length on the map"), "m"),
    "@area": (N_("Area on the map"), "m²"),
    "@north": (N_("X (north)"), "m"),
    "@east": (N_("Y (east)"), "m"),
}
_PLACE: Final = ("@north", "@east")


def measures_of(asset: AssetType) -> tuple[str, ...]:
    """Return the measures that make sense for the features of a layer."""
    if not asset.is_spatial:
        return ()
    if "Polygon" in asset.geometry:
        return ("@area", "@length", *_PLACE)
    return ("@length", *_PLACE) if "Line" in asset.geometry else _PLACE


def measure(name: str, geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return lengths, areas or coordinates of geometries, shape (n,); NaN where there is none.

    Parameters
    ----------
    name : str
        ``@length`` (of an area: its perimeter) or ``@area``, metres and square metres in the
        project CRS; ``@north`` or ``@east``: the place of a point, the centroid of others.
    geometry : array of shapely geometries, shape (n,)
        Project CRS; None where a feature has no place.
    """
    if name in ("@length", "@area"):
        sizes = np.asarray((shapely.length if name == "@length" else shapely.area)(geometry), float)
        return np.where(shapely.is_missing(geometry), np.nan, sizes)
    spots = shapely.centroid(geometry)
    return np.asarray((shapely.get_y if name == "@north" else shapely.get_x)(spots), float)
