"""Pictures under the map: files of tiles and georeferenced pictures, drawn in the project CRS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.basemap.geotiff import RASTER_SUFFIXES, RasterFile
from hjgis.basemap.mbtiles import TileFile
from hjgis.basemap.pyramid import Pyramid, TileCache, draw, is_too_small
from hjgis.basemap.warp import Floats, mesh
from hjgis.errors import InputError
from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.gcj02 import from_gcj02, to_gcj02
from hjgis.progress import SILENT, Progress

SUFFIXES: Final = (".mbtiles", *RASTER_SUFFIXES)
_GRID: Final = 33


class PictureFile(Pyramid, Protocol):
    """An open picture that says where it lies."""

    path: Path
    crs: Crs

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about it."""

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return pixel column and row of places in the picture's own CRS."""

    def coordinates(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Return the places of pixels in the picture's own CRS."""

    def box(self) -> tuple[float, float, float, float]:
        """Return the part that holds something: left, top, right, bottom in pixels."""

    def close(self) -> None:
        """Let the file go."""


class Basemap:
    """One open picture, drawn in the project CRS.

    It may be used in the thread that opened it only.

    Attributes
    ----------
    name : str
        The file's.
    extent : tuple of float
        Box around it in the project CRS.
    """

    def __init__(self, picture: PictureFile, crs: Crs, *, gcj02: bool) -> None:
        self._picture = picture
        self._tiles = TileCache(picture)
        self._there, self._back, self._doubts = _ways(picture, crs, gcj02=gcj02)
        self.name = picture.path.name
        self.extent = self._extent()
        self._too_small = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about it: damaged tiles, doubts about its place."""
        said = [*self._doubts, *self._picture.notes]
        if self._too_small:
            said.append(_("Zoom in: it has no tiles for so small a scale"))
        return tuple(said)

    def render(
        self, extent: Extent, width_px: int, height_px: int, progress: Progress = SILENT
    ) -> NDArray[np.uint8]:
        """Draw a part of the map.

        Parameters
        ----------
        extent : tuple of float
            In the project CRS, metres.

        Returns
        -------
        array, shape (height_px, width_px, 4)
            Red, green, blue and alpha, premultiplied; transparent where there is nothing.

        Raises
        ------
        Cancelled
            If the user asks to stop.
        """
        shape = mesh(extent, width_px, height_px, self._pixels)
        self._too_small = is_too_small(self._picture, shape)
        pixels = draw(self._picture, self._tiles, shape, progress)
        return pixels.view(np.uint8).reshape(height_px, width_px, 4)

    def close(self) -> None:
        """Let the file go."""
        self._picture.close()

    def _pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        # Where a projection ends it gives infinity, which `mesh` knows as no place.
        with np.errstate(invalid="ignore", over="ignore"):
            return self._picture.places(*self._there(x, y))

    def _extent(self) -> Extent:
        left, top, right, bottom = self._picture.box()
        columns, rows = np.meshgrid(
            np.linspace(left, right, _GRID), np.linspace(top, bottom, _GRID)
        )
        column, row = columns.ravel(), rows.ravel()
        with np.errstate(invalid="ignore", over="ignore"):
            x, y = self._back(*self._picture.coordinates(column, row))
        # A picture of the world reaches to where the project's projection makes no sense.
        again_column, again_row = self._pixels(x, y)
        most = 1e-4 * max(right - left, bottom - top)
        with np.errstate(invalid="ignore"):
            sound = (np.abs(again_column - column) < most) & (np.abs(again_row - row) < most)
        if not sound.any():
            message = _("{path} lies outside the area of the project's coordinate system.")
            raise InputError(message.format(path=self._picture.path.name))
        x, y = x[sound], y[sound]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def open_basemap(
    path: Path, crs: Crs, *, gcj02: bool = False, assumed_crs: str | None = None
) -> Basemap:
    """Open a picture to draw under a map.

    Parameters
    ----------
    crs : Crs
        The project's.
    gcj02 : bool
        The picture is shifted by GCJ-02, as those of public Chinese map services are.
    assumed_crs : str, optional
        Where a picture lies that does not say it itself; see `models.crs.parse_crs`.

    Raises
    ------
    InputError
        If the file is missing, damaged or no picture that is read here.
    InputQuestion
        If the picture does not say in which coordinate system it lies.
    """
    suffix = path.suffix.casefold()
    if not path.is_file():
        raise InputError(_("There is no file {path}.").format(path=path))
    if suffix not in SUFFIXES:
        message = _("{path} is no picture that hjgis reads: MBTiles, GeoTIFF, PNG or JPEG.")
        raise InputError(message.format(path=path.name))
    if path.with_name(path.name + "-wal").exists():
        # An open project looks so. To open and close it a second time would drop its locks.
        message = _("{path} is being written by a program; close it there first.")
        raise InputError(message.format(path=path.name))
    picture: PictureFile = (
        TileFile(path) if suffix == ".mbtiles" else RasterFile(path, crs, assumed_crs)
    )
    try:
        return Basemap(picture, crs, gcj02=gcj02)
    except InputError:
        picture.close()
        raise


_Way = Callable[[Floats, Floats], tuple[Floats, Floats]]


def _ways(picture: PictureFile, crs: Crs, *, gcj02: bool) -> tuple[_Way, _Way, tuple[str, ...]]:
    """Return the ways from the project to the picture's own coordinates and back, and doubts."""
    try:
        if gcj02:
            return *_shifted_ways(picture.crs, crs), ()
        there, back = Transform(crs, picture.crs), Transform(picture.crs, crs)
    except RuntimeError as error:
        # pyproj's own kind of it: two systems that nothing connects.
        message = _("{path} lies in {crs}, from which no way leads to the project's system.")
        text = message.format(path=picture.path.name, crs=picture.crs.name)
        raise InputError(text) from error
    message = _("From {source} no exact way to the project's system is known: tens of metres off")
    doubts = (message.format(source=picture.crs.name),) if back.ballpark else ()
    return there.points, back.points, doubts


def _shifted_ways(own: Crs, crs: Crs) -> tuple[_Way, _Way]:
    """Return the same for a picture whose longitudes and latitudes are those of GCJ-02."""
    degrees = parse_crs("EPSG:4326")
    to_degrees, to_picture = Transform(crs, degrees), Transform(degrees, own)
    from_picture, to_project = Transform(own, degrees), Transform(degrees, crs)

    def there(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return to_picture.points(*to_gcj02(*to_degrees.points(x, y)))

    def back(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return to_project.points(*from_gcj02(*from_picture.points(x, y)))

    return there, back
