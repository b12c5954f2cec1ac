"""GeoTIFF and other georeferenced pictures, read through rasterio."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.basemap.pyramid import TileKey
from hjgis.basemap.warp import Floats, Pixels, packed
from hjgis.errors import HjgisError, InputError, InputQuestion
from hjgis.i18n import _, ngettext_
from hjgis.models.crs import Crs, parse_crs

# GDAL reads much more, projects among it; a file is shown to the driver of its suffix only.
_DRIVERS: Final = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
}
RASTER_SUFFIXES: Final = tuple(_DRIVERS)
_TILE_PX: Final = 512
# So many levels beyond the stored overviews are still read from them; the next are made of tiles.
_READ_AHEAD: Final = 2
# What is so small is drawn at once in any case.
_WITHOUT_OVERVIEWS_PX: Final = 4096
_SAMPLE_PX: Final = 512
_SAMPLE_WINDOWS: Final = 5
_STRETCH_PERCENT: Final = (2.0, 98.0)


class RasterFile:
    """A georeferenced picture as a pyramid of tiles; level 0 is full size.

    It may be used in the thread that made it only.
    """

    tile_px = _TILE_PX

    def __init__(self, path: Path, project: Crs, assumed_crs: str | None) -> None:
        """Open a file.

        Raises
        ------
        InputError
            If it is damaged, no picture, or says not where it lies.
        InputQuestion
            If it does not say in which coordinate system it lies, and nothing is assumed.
        """
        self.path = path
        self._data = _opened(path)
        try:
            self._to_map = _position(self._data, path)
            self._to_pixels = ~self._to_map
            self.crs = _crs(self._data, path, project, assumed_crs)
            self._look = _Look(self._data)
        except HjgisError:
            self._data.close()
            raise
        width, height = self._data.width, self._data.height
        largest = max([1, *self._data.overviews(1)])
        self.coarsest = max(0, math.ceil(math.log2(max(width, height) / 64)))
        stored = round(math.log2(largest)) + 1 + _READ_AHEAD
        self.stored_levels = min(stored, self.coarsest + 1)
        self._lacks_overviews = max(width, height) / largest > _WITHOUT_OVERVIEWS_PX
        self._damaged: set[TileKey] = set()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels."""
        return float(self._data.width), float(self._data.height)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about it."""
        said = []
        if self._damaged:
            count = len(self._damaged)
            words = ngettext_(
                "{count} damaged tile is left out", "{count} damaged tiles are left out", count
            )
            said.append(words.format(count=count))
        if self._lacks_overviews:
            said.append(_("It has no overviews, so that drawing it small takes long"))
        return tuple(said)

    def close(self) -> None:
        """Let the file go."""
        self._data.close()

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return pixel column and row of places in the picture's own CRS."""
        a, b, c, d, e, f = tuple(self._to_pixels)[:6]
        return a * x + b * y + c, d * x + e * y + f

    def coordinates(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Return the places of pixels in the picture's own CRS."""
        a, b, c, d, e, f = tuple(self._to_map)[:6]
        return a * column + b * row + c, d * column + e * row + f

    def box(self) -> tuple[float, float, float, float]:
        """Return all of it: left, top, right, bottom in pixels."""
        return 0.0, 0.0, *self.size

    def scale(self, level: int) -> tuple[float, float]:
        """Return how many pixels a pixel of a level covers; overviews round their size up."""
        width, height = self.size
        return width / math.ceil(width / 2**level), height / math.ceil(height / 2**level)

    def read(self, key: TileKey) -> Pixels | None:
        """Return a tile; one that cannot be read is transparent and counted."""
        import rasterio

        across, down = self.scale(key.level)
        left, top = key.column * _TILE_PX, key.row * _TILE_PX
        width = min(_TILE_PX, round(self._data.width / across) - left)
        height = min(_TILE_PX, round(self._data.height / down) - top)
        if left < 0 or top < 0 or width <= 0 or height <= 0:
            return None
        window = (left * across, top * down, width * across, height * down)
        result = np.zeros((_TILE_PX, _TILE_PX), np.uint32)
        try:
            with _quiet():
                result[:height, :width] = packed(self._look.rgba(window, (height, width)))
        except rasterio.errors.RasterioError:
            self._damaged.add(key)
        return result


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what GDAL complains of from the terminal; what matters is raised besides."""
    log = logging.getLogger("rasterio")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _opened(path: Path) -> Any:
    import rasterio

    try:
        with _quiet(), warnings.catch_warnings():
            # That it does not say where it lies is told in our own words.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            data = rasterio.open(path, driver=_DRIVERS[path.suffix.casefold()])
    except rasterio.errors.RasterioError as error:
        message = _("{path} cannot be read: {error}")
        raise InputError(message.format(path=path.name, error=str(error)[:300])) from error
    if data.count and "complex" not in data.dtypes[0]:
        return data
    data.close()
    raise InputError(_("{path} holds no picture.").format(path=path.name))


def _position(data: Any, path: Path) -> Any:
    """Return the affine transform from pixels to places."""
    import rasterio.transform

    result = data.transform
    if result.is_identity and data.gcps[0]:
        result = rasterio.transform.from_gcps(data.gcps[0])
    if result.is_identity or result.is_degenerate:
        message = _(
            "{path} does not say where it lies: it is no GeoTIFF and has no world file beside it."
        )
        raise InputError(message.format(path=path.name))
    return result


def _crs(data: Any, path: Path, project: Crs, assumed: str | None) -> Crs:
    told = data.crs or data.gcps[1]
    if told:
        crs = parse_crs(told.to_wkt())
        if crs.is_geographic or crs.definition.is_projected:
            return crs
    if assumed:
        return parse_crs(assumed)
    message = _("{path} does not say in which coordinate system it lies.")
    candidates = dict.fromkeys((project.text, "EPSG:4524", "EPSG:4490", "EPSG:3857"))
    raise InputQuestion(message.format(path=path.name), "--crs", tuple(candidates))


class _Look:
    """How the bands of a picture become colours."""

    def __init__(self, data: Any) -> None:
        from rasterio.enums import ColorInterp, MaskFlags

        self._data = data
        meanings = list(data.colorinterp)
        colors = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
        self._palette = _palette(data) if meanings[0] == ColorInterp.palette else None
        if all(color in meanings for color in colors):
            self._bands = [meanings.index(color) + 1 for color in colors]
        else:
            plain = [n for n, what in enumerate(meanings, 1) if what != ColorInterp.alpha]
            self._bands = plain[:3] if len(plain) >= 3 else plain[:1]
        self._bands = self._bands or [1]
        flags = (data.mask_flag_enums[band - 1] for band in self._bands)
        self._opaque = all(MaskFlags.all_valid in flag for flag in flags)
        stretched = self._palette is None and data.dtypes[0] != "uint8"
        self._limits = self._found_limits() if stretched else None

    def rgba(
        self, window: tuple[float, float, float, float] | None, shape: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Read a window (left, top, width, height) in this size, shape (height, width, 4)."""
        bands, mask = self._read(window, shape)
        result = np.empty((*shape, 4), np.uint8)
        if self._palette is not None:
            result[:] = self._palette[np.minimum(bands[0], len(self._palette) - 1)]
            result[..., 3] = np.minimum(result[..., 3], mask)
            return result
        if self._limits is not None:
            bands = np.stack(
                [_stretched(band, *ends) for band, ends in zip(bands, self._limits, strict=True)]
            )
        result[..., :3] = np.moveaxis(bands, 0, -1)
        result[..., 3] = mask
        return result

    def _read(
        self, window: tuple[float, float, float, float] | None, shape: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        from rasterio.enums import Resampling
        from rasterio.windows import Window

        # The mean of two palette numbers is a third colour.
        how = Resampling.nearest if self._palette is not None else Resampling.average
        cut = None if window is None else Window(*window)
        bands = self._data.read(
            self._bands, window=cut, out_shape=(len(self._bands), *shape), resampling=how
        )
        mask = np.full(shape, 255, np.uint8)
        if not self._opaque:
            mask = self._data.dataset_mask(window=cut, out_shape=shape, resampling=how)
        if bands.dtype.kind == "f":
            numbers = np.isfinite(bands).all(axis=0)
            mask = np.where(numbers, mask, np.uint8(0))
            bands = np.where(numbers, bands, 0)
        return bands, mask

    def _found_limits(self) -> list[tuple[float, float]]:
        """Return between which values each band is stretched, from a sample of it."""
        import rasterio

        samples = []
        try:
            with _quiet():
                for window, shape in _sample_windows(self._data):
                    bands, mask = self._read(window, shape)
                    samples.append(bands[:, mask > 0].astype(np.float64))
        except rasterio.errors.RasterioError:
            # What is damaged there is told tile by tile.
            pass
        values = np.concatenate([np.empty((len(self._bands), 0)), *samples], axis=1)
        if not values.size:
            return [(0.0, 1.0)] * len(self._bands)
        return [
            (float(low), float(high))
            for low, high in np.percentile(values, _STRETCH_PERCENT, axis=1).T
        ]


_Window = tuple[float, float, float, float] | None


def _sample_windows(data: Any) -> list[tuple[_Window, tuple[int, int]]]:
    """Return what to look at: all of it, small, or where that would take long parts of it."""
    width, height = data.width, data.height
    shrink = max(1.0, max(width, height) / _SAMPLE_PX)
    if data.overviews(1) or shrink <= 2 ** (_READ_AHEAD + 1):
        return [(None, (max(1, round(height / shrink)), max(1, round(width / shrink))))]
    side = 256
    steps = (np.arange(_SAMPLE_WINDOWS) + 0.5) / _SAMPLE_WINDOWS
    return [
        (
            (float(int(max(0, x * width - side / 2))), float(int(max(0, y * height - side / 2))),
             float(min(side, width)), float(min(side, height))),
            (min(side, height), min(side, width)),
        )
        for x in steps
        for y in steps
    ]  # fmt: skip


def _stretched(band: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    share = (band.astype(np.float32) - low) / max(high - low, 1e-9)
    result: NDArray[np.uint8] = (np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)
    return result


def _palette(data: Any) -> NDArray[np.uint8]:
    colors = data.colormap(1)
    result = np.zeros((max(colors) + 1, 4), np.uint8)
    for number, color in colors.items():
        result[number] = color
    return result
