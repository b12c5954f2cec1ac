"""hjgis: a desktop GIS for the asset inventory of a town."""

from __future__ import annotations

__version__ = "0.1.0"
