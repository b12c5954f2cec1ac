"""Pictures to lay under a map, made where a test wants them."""

from __future__ import annotations

import io
import math
import sqlite3
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import Extent
from hjgis.models.crs import Transform, parse_crs

WHITE, RED = (255, 255, 255), (255, 0, 0)
TILE_PX = 256
Tile = tuple[int, int, int]


def tile_at(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Return column and row, counted from the north, of a place in tiles of a zoom."""
    count = 2**zoom
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return (lon + 180) / 360 * count, (1 - north) / 2 * count


def encoded(pixels: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    from PIL import Image

    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, kind, lossless=True, quality=95)
    return memory.getvalue()


def plain(color: tuple[int, ...], side_px: int = TILE_PX) -> NDArray[np.uint8]:
    return np.full((side_px, side_px, len(color)), color, np.uint8)


def write_mbtiles(
    path: Path, tiles: Mapping[Tile, bytes | None], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write tiles, by zoom, column and row from the north."""
    zooms = [zoom for zoom, _column, _row in tiles] or [0]
    facts = {"format": "png", "minzoom": str(min(zooms)), "maxzoom": str(max(zooms))}
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    database.execute(
        "CREATE TABLE tiles"
        " (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
    )
    database.execute("CREATE UNIQUE INDEX at ON tiles (zoom_level, tile_column, tile_row)")
    given = facts if metadata is None else metadata
    database.executemany("INSERT INTO metadata VALUES (?, ?)", given.items())
    database.executemany(
        "INSERT INTO tiles VALUES (?, ?, ?, ?)",
        [(zoom, column, 2**zoom - 1 - row, data) for (zoom, column, row), data in tiles.items()],
    )
    database.commit()
    database.close()
    return path


def marked_tiles(lon: float, lat: float, zoom: int, *, around: int = 1) -> dict[Tile, bytes]:
    """Return white tiles with a red mark whose middle lies at a place."""
    at_x, at_y = tile_at(lon, lat, zoom)
    west, north = int(at_x) - around, int(at_y) - around
    side = (2 * around + 1) * TILE_PX
    picture = marked(side, (at_x - west) * TILE_PX, (at_y - north) * TILE_PX)
    result = {}
    for row in range(2 * around + 1):
        for column in range(2 * around + 1):
            top, left = row * TILE_PX, column * TILE_PX
            cut = picture[top : top + TILE_PX, left : left + TILE_PX]
            result[zoom, west + column, north + row] = encoded(cut)
    return result


def marked(side_px: int, x_px: float, y_px: float, *, reach_px: int = 6) -> NDArray[np.uint8]:
    """Return a white picture with a red square about a place; its middle is a fraction of a pixel
    true."""
    along_x, along_y = (
        np.clip(reach_px + 0.5 - np.abs(np.arange(side_px) + 0.5 - middle), 0, 1)
        for middle in (x_px, y_px)
    )
    share = along_y[:, None] * along_x
    result = np.full((side_px, side_px, 3), 255, np.uint8)
    result[..., 1:] = np.round(255 * (1 - share))[..., None]
    return result


def write_geotiff(path: Path, bands: NDArray[Any], extent: Extent | None, **options: Any) -> Path:
    """Write bands of shape (count, height, width) over an extent; without one, nowhere."""
    import rasterio

    count, height, width = bands.shape
    profile = {"driver": "GTiff", "crs": "EPSG:4545", **options}
    colormap, alpha = profile.pop("colormap", None), profile.pop("alpha", False)
    if extent is not None:
        x_min, y_min, x_max, y_max = extent
        across, down = (x_max - x_min) / width, (y_max - y_min) / height
        profile.setdefault("transform", rasterio.Affine(across, 0, x_min, 0, -down, y_max))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            path, "w", width=width, height=height, count=count, dtype=bands.dtype, **profile
        ) as data:
            data.write(bands)
            if colormap:
                data.write_colormap(1, colormap)
            if alpha:
                data.colorinterp = [*data.colorinterp[:-1], rasterio.enums.ColorInterp.alpha]
    return path


def red_middle(rgba: NDArray[np.uint8], extent: Extent) -> tuple[float, float]:
    """Return where on the map the middle of what is red lies."""
    red = 255.0 - rgba[..., 1]
    red[rgba[..., 3] < 255] = 0
    assert red.sum() > 0, "nothing red"
    rows, columns = np.indices(red.shape) + 0.5
    height, width = red.shape
    x = float((columns * red).sum() / red.sum())
    y = float((rows * red).sum() / red.sum())
    return (
        extent[0] + x / width * (extent[2] - extent[0]),
        extent[3] - y / height * (extent[3] - extent[1]),
    )


def place(lon: float, lat: float, crs: str = "EPSG:4545") -> tuple[float, float]:
    """Return where a longitude and latitude lie in a system."""
    transform = Transform(parse_crs("EPSG:4326"), parse_crs(crs))
    x, y = transform.points(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def around(x: float, y: float, m_per_px: float, *, width_px: int, height_px: int) -> Extent:
    """Return the extent of a view about a place."""
    across, up = width_px / 2 * m_per_px, height_px / 2 * m_per_px
    return x - across, y - up, x + across, y + up
