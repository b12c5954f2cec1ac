"""MBTiles: picture tiles of a web map in one SQLite file."""

from __future__ import annotations

import io
import math
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from hjgis.basemap.pyramid import TileKey
from hjgis.basemap.warp import Floats, Pixels, packed
from hjgis.errors import InputError
from hjgis.i18n import _, ngettext_
from hjgis.models.crs import Crs, parse_crs

# Half the side of the square that the web's Mercator map fills, metres.
_HALF_M: Final = math.pi * 6_378_137.0
_DEEPEST_ZOOM: Final = 30
# Four finer tiles make one; beyond this a town's tiles would all be read for one look.
_MADE_LEVELS: Final = 3
_LARGEST_TILE_PX: Final = 2048
_VECTOR_FORMATS: Final = {"pbf", "mvt", "geojson", "json"}
_GZIP: Final = b"\x1f\x8b"


class TileFile:
    """The tiles of an MBTiles file as a pyramid; level 0 is the deepest zoom.

    It may be used in the thread that made it only.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises
        ------
        InputError
            If it is damaged, holds no tiles, or vector tiles.
        """
        self.path = path
        self.crs: Crs = parse_crs("EPSG:3857")
        # Immutable: no lock is taken and no file written beside it, so a CD or a share will do.
        name = f"file:{quote(str(path))}?mode=ro&immutable=1"
        try:
            self._db = sqlite3.connect(name, uri=True)
            self._facts = _facts(self._db)
            self._zooms = self._found_zooms()
            self.tile_px = self._first_side()
        except sqlite3.Error as error:
            message = _("{path} cannot be read: {error}")
            raise InputError(message.format(path=path.name, error=error)) from error
        self.stored_levels = self._zooms[1] - self._zooms[0] + 1
        self.coarsest = self.stored_levels - 1 + _MADE_LEVELS
        self._damaged: set[TileKey] = set()

    @property
    def size(self) -> tuple[float, float]:
        """Pixels of the whole world at the deepest zoom."""
        side = float(self.tile_px * 2 ** self._zooms[1])
        return side, side

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about it."""
        count = len(self._damaged)
        words = ngettext_(
            "{count} damaged tile is left out", "{count} damaged tiles are left out", count
        )
        return (words.format(count=count),) if count else ()

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def scale(self, level: int) -> tuple[float, float]:
        """Return how many pixels of level 0 a pixel of a level covers."""
        return float(2**level), float(2**level)

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return the pixel column and row of places in web Mercator metres."""
        px_per_m = self.size[0] / (2 * _HALF_M)
        return (x + _HALF_M) * px_per_m, (_HALF_M - y) * px_per_m

    def coordinates(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Return the web Mercator metres of pixels of level 0."""
        m_per_px = 2 * _HALF_M / self.size[0]
        return column * m_per_px - _HALF_M, _HALF_M - row * m_per_px

    def box(self) -> tuple[float, float, float, float]:
        """Return the part that holds tiles: left, top, right, bottom in pixels of level 0."""
        return self._stated_box() or self._tiled_box()

    def read(self, key: TileKey) -> Pixels | None:
        """Return a tile; one that is damaged is transparent and counted."""
        zoom = self._zooms[1] - key.level
        if not (0 <= key.column < 2**zoom and 0 <= key.row < 2**zoom):
            return None
        try:
            data = self._data(zoom, key.column, key.row)
            return None if data is None else packed(_decoded(data, self.tile_px))
        except (sqlite3.Error, OSError, SyntaxError, ValueError):
            # SyntaxError is what Pillow raises for a PNG that is broken.
            self._damaged.add(key)
            return np.zeros((self.tile_px, self.tile_px), np.uint32)

    def _data(self, zoom: int, column: int, row: int) -> bytes | None:
        # Rows are counted from the south.
        found = self._db.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (zoom, column, 2**zoom - 1 - row),
        ).fetchone()
        if found is None or found[0] is None:
            return None
        return bytes(found[0]) if isinstance(found[0], bytes) else b""

    def _found_zooms(self) -> tuple[int, int]:
        """Return the first and the deepest zoom that hold tiles."""
        ends = [_whole(self._facts.get(name)) for name in ("minzoom", "maxzoom")]
        if None in ends or not all(self._has(zoom) for zoom in ends):
            row = self._db.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
            ends = list(row)
        low, high = ends
        if not isinstance(low, int) or not isinstance(high, int):
            raise InputError(_("{path} holds no tiles.").format(path=self.path.name))
        if not 0 <= low <= high <= _DEEPEST_ZOOM:
            message = _("{path} has zoom levels {low} to {high}, which cannot be.")
            raise InputError(message.format(path=self.path.name, low=low, high=high))
        return low, high

    def _has(self, zoom: int | None) -> bool:
        query = "SELECT 1 FROM tiles WHERE zoom_level = ? LIMIT 1"
        return self._db.execute(query, (zoom,)).fetchone() is not None

    def _first_side(self) -> int:
        """Return how many pixels wide the tiles are, from the first that is a picture.

        Raises
        ------
        InputError
            If they are vectors, or none of the first ones is a picture.
        """
        query = "SELECT tile_data FROM tiles WHERE tile_data IS NOT NULL LIMIT 20"
        vectors = self._facts.get("format", "").casefold() in _VECTOR_FORMATS
        for (data,) in () if vectors else self._db.execute(query):
            vectors = isinstance(data, bytes) and data.startswith(_GZIP)
            side = 0 if vectors or not isinstance(data, bytes) else _side_px(data)
            if vectors or side:
                break
        else:
            side = 0
        if vectors:
            message = _("{path} holds vector tiles; only picture tiles (PNG, JPEG, WebP) are read.")
            raise InputError(message.format(path=self.path.name))
        if not side:
            message = _("None of the first tiles of {path} is a picture.")
            raise InputError(message.format(path=self.path.name))
        return side

    def _stated_box(self) -> tuple[float, float, float, float] | None:
        try:
            west, south, east, north = map(float, self._facts.get("bounds", "").split(","))
        except ValueError:
            return None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            return None
        latitudes = np.radians(np.clip([north, south], -85.05, 85.05))
        y = np.arctanh(np.sin(latitudes)) * _HALF_M / math.pi
        x = np.array([west, east]) / 180 * _HALF_M
        (left, right), (top, bottom) = self.places(x, y)
        return float(left), float(top), float(right), float(bottom)

    def _tiled_box(self) -> tuple[float, float, float, float]:
        zoom, deepest = self._zooms
        query = (
            "SELECT min(tile_column), max(tile_column), min(tile_row), max(tile_row)"
            " FROM tiles WHERE zoom_level = ?"
        )
        west, east, south, north = self._db.execute(query, (zoom,)).fetchone()
        side = float(self.tile_px * 2 ** (deepest - zoom))
        return (
            west * side,
            (2**zoom - 1 - north) * side,
            (east + 1) * side,
            (2**zoom - south) * side,
        )


def _facts(connection: sqlite3.Connection) -> dict[str, str]:
    try:
        rows = connection.execute("SELECT name, value FROM metadata").fetchall()
    except sqlite3.OperationalError:
        # Required by the format, yet left out by some; the tiles tell the rest.
        return {}
    return {str(name): str(value) for name, value in rows}


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdigit() else None


def _side_px(data: bytes) -> int:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width if image.width <= _LARGEST_TILE_PX else 0
    except (OSError, SyntaxError, ValueError):
        return 0


def _decoded(data: bytes, side_px: int) -> NDArray[np.uint8]:
    """Return red, green, blue and alpha of a PNG, JPEG or WebP tile."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        if max(image.size) > _LARGEST_TILE_PX:
            raise ValueError(image.size)
        whole = image.convert("RGBA")
    if whole.size != (side_px, side_px):
        whole = whole.resize((side_px, side_px), Image.Resampling.BILINEAR)
    return np.asarray(whole)
