"""Which of the formats that we read and write GDAL knows here."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import _
from hjgis.models.health import Line

_NEEDED: Final = ("ESRI Shapefile", "GPKG", "DXF", "GeoJSON")
# Either of the two reads KML.
_KML: Final = ("LIBKML", "KML")


def gdal_version() -> str:
    """Return the version of GDAL that reads files.

    Raises
    ------
    ImportError
        If it cannot be loaded.
    """
    import pyogrio

    return str(pyogrio.__gdal_version_string__)


def gdal_lines() -> list[Line]:
    """Look at GDAL: both ways to it load, and the drivers that we need are there."""
    again = _("Install hjgis anew: a part of it is missing or damaged.")
    try:
        import fiona
        import pyogrio

        drivers = set(pyogrio.list_drivers())
    except (ImportError, OSError) as error:
        words = _("GDAL does not load ({kind}); no files can be imported or written")
        return [Line("gdal", "fault", words.format(kind=type(error).__name__), again)]
    lacking = [name for name in _NEEDED if name not in drivers]
    if not drivers & set(_KML):
        lacking.append("KML")
    versions = f"GDAL {gdal_version()}, pyogrio {pyogrio.__version__}, fiona {fiona.__version__}"
    if lacking:
        words = _("{version} lacks: {parts}").format(version=versions, parts=", ".join(lacking))
        return [Line("gdal", "fault", words, again)]
    parts = ", ".join((*_NEEDED, *(name for name in _KML if name in drivers)))
    return [Line("gdal", "ok", _("{version}, with {parts}").format(version=versions, parts=parts))]
