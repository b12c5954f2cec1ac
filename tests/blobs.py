"""Geometries as a GeoPackage keeps them."""

from __future__ import annotations

import numpy as np
from shapely.geometry.base import BaseGeometry

from hjgis.layers import geometry_blob


def blob_of(geometry: BaseGeometry | None, srs_id: int) -> bytes | None:
    """Return the blob of one geometry."""
    array = np.empty(1, dtype=object)
    array[0] = geometry
    return geometry_blob.encode(array, srs_id)[0]
