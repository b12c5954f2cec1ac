"""A picture in levels of tiles: what is stored is read, what is not is made; a cache; drawing."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.basemap.warp import Mesh, Mosaic, Pixels, halved, sample, strips
from hjgis.progress import Progress

_CACHE_BYTES: Final = 160_000_000
# A picture is drawn from the level whose pixels are at most so much smaller than the map's.
_FINEST_SHARE: Final = 1.7
_MOST_TILES: Final = 900


class TileKey(NamedTuple):
    """A tile: its level (0 is the finest, each next has half the size), column and row."""

    level: int
    column: int
    row: int


class Pyramid(Protocol):
    """A picture in square tiles of `tile_px`, the first one at its upper left."""

    tile_px: int
    stored_levels: int
    """How many levels `read` can give, from 0 on."""
    coarsest: int
    """The last level that may be drawn; what is not stored is made by halving."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels of level 0."""

    def scale(self, level: int) -> tuple[float, float]:
        """Return how many pixels of level 0 a pixel of a stored level covers."""

    def read(self, key: TileKey) -> Pixels | None:
        """Return a tile of a stored level, or None where there is none."""


class TileCache:
    """Tiles of a pyramid, the latest used in memory."""

    def __init__(self, pyramid: Pyramid, *, most_bytes: int = _CACHE_BYTES) -> None:
        self._pyramid = pyramid
        self._tiles: OrderedDict[TileKey, Pixels | None] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, key: TileKey, progress: Progress) -> Pixels | None:
        """Return a tile: stored, made of four finer ones, or cut from a coarser one.

        Raises
        ------
        Cancelled
            If the user asks to stop.
        """
        if key in self._tiles:
            self._tiles.move_to_end(key)
            return self._tiles[key]
        progress.check()
        if key.level >= self._pyramid.stored_levels:
            tile = self._made(key, progress)
        else:
            tile = self._pyramid.read(key)
            if tile is None and key.level + 1 < self._pyramid.stored_levels:
                tile = self._enlarged(key, progress)
        self._keep(key, tile)
        return tile

    def _made(self, key: TileKey, progress: Progress) -> Pixels | None:
        side = self._pyramid.tile_px
        whole: Pixels | None = None
        for down in (0, 1):
            for across in (0, 1):
                finer = TileKey(key.level - 1, 2 * key.column + across, 2 * key.row + down)
                tile = self.get(finer, progress)
                if tile is not None:
                    whole = np.zeros((2 * side, 2 * side), np.uint32) if whole is None else whole
                    at = (slice(down * side, (down + 1) * side),
                          slice(across * side, (across + 1) * side))  # fmt: skip
                    whole[at] = tile
        return None if whole is None else halved(whole)

    def _enlarged(self, key: TileKey, progress: Progress) -> Pixels | None:
        coarse = TileKey(key.level + 1, key.column // 2, key.row // 2)
        tile = self.get(coarse, progress)
        if tile is None:
            return None
        half = self._pyramid.tile_px // 2
        top, left = key.row % 2 * half, key.column % 2 * half
        return tile[top : top + half, left : left + half].repeat(2, axis=0).repeat(2, axis=1)

    def _keep(self, key: TileKey, tile: Pixels | None) -> None:
        self._tiles[key] = tile
        self._bytes += 0 if tile is None else tile.nbytes
        while self._bytes > self._most_bytes and len(self._tiles) > 1:
            self._forget(next(iter(self._tiles)))

    def _forget(self, key: TileKey) -> None:
        dropped = self._tiles.pop(key, None)
        self._bytes -= 0 if dropped is None else dropped.nbytes


def draw(pyramid: Pyramid, tiles: TileCache, shape: Mesh, progress: Progress) -> Pixels:
    """Return what a part of the map shows of a picture.

    Returns
    -------
    array, shape (height_px, width_px)
        Packed pixels, 0 where there is nothing.

    Raises
    ------
    Cancelled
        If the user asks to stop.
    """
    result = np.zeros((shape.height_px, shape.width_px), np.uint32)
    mosaic = _mosaic(pyramid, tiles, shape, progress) if shape.scale else None
    if mosaic is None:
        return result
    top = 0
    for strip in range(strips(shape)):
        progress.check()
        painted = sample(mosaic, shape, strip)
        result[top : top + len(painted)] = painted
        top += len(painted)
    return result


def is_too_small(pyramid: Pyramid, shape: Mesh) -> bool:
    """Whether the map's scale is beyond what the picture can be halved to."""
    return shape.scale > 0 and _level(shape.scale) > pyramid.coarsest


def _level(scale: float) -> int:
    return max(0, math.ceil(math.log2(max(scale, 1.0) / _FINEST_SHARE)))


def _scale(pyramid: Pyramid, level: int) -> tuple[float, float]:
    """Return what a pixel of any level covers; each level that is made covers twice as much."""
    last = min(level, pyramid.stored_levels - 1)
    across, down = pyramid.scale(last)
    return across * 2 ** (level - last), down * 2 ** (level - last)


def _mosaic(pyramid: Pyramid, tiles: TileCache, shape: Mesh, progress: Progress) -> Mosaic | None:
    level = _level(shape.scale)
    if level > pyramid.coarsest:
        return None
    window = _window(pyramid, shape, level)
    while window is not None and _tile_count(window, pyramid.tile_px) > _MOST_TILES:
        # A projection that is bent so far that one scale does not fit all of it.
        level += 1
        if level > pyramid.coarsest:
            return None
        window = _window(pyramid, shape, level)
    if window is None:
        return None
    left, top, right, bottom = window
    pixels = np.zeros((bottom - top + 2, right - left + 2), np.uint32)
    _fill(pixels[1:-1, 1:-1], (left, top), level, tiles, pyramid.tile_px, progress)
    pixels[0], pixels[-1] = pixels[1], pixels[-2]
    pixels[:, 0], pixels[:, -1] = pixels[:, 1], pixels[:, -2]
    return Mosaic(pixels, left, top, _scale(pyramid, level), pyramid.size)


def _window(pyramid: Pyramid, shape: Mesh, level: int) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of what is needed of a level, None if nothing is."""
    box = []
    for values, size, scale in zip(
        (shape.columns, shape.rows), pyramid.size, _scale(pyramid, level), strict=True
    ):
        low, high = np.nanmin(values) / scale, np.nanmax(values) / scale
        last = math.ceil(size / scale - 1e-6)
        box.append((max(0, math.floor(low) - 1), min(last, math.ceil(high) + 1)))
    (left, right), (top, bottom) = box
    return (left, top, right, bottom) if left < right and top < bottom else None


def _tile_count(window: tuple[int, int, int, int], side: int) -> int:
    left, top, right, bottom = window
    return (-(-right // side) - left // side) * (-(-bottom // side) - top // side)


def _fill(
    area: NDArray[np.uint32],
    start: tuple[int, int],
    level: int,
    tiles: TileCache,
    side: int,
    progress: Progress,
) -> None:
    """Copy tiles into the part of a level that begins at `start`."""
    height, width = area.shape
    left, top = start
    for row in range(top // side, -(-(top + height) // side)):
        for column in range(left // side, -(-(left + width) // side)):
            tile = tiles.get(TileKey(level, column, row), progress)
            if tile is None:
                continue
            x, y = column * side - left, row * side - top
            into = area[max(y, 0) : y + side, max(x, 0) : x + side]
            skip_y, skip_x = max(-y, 0), max(-x, 0)
            rows, columns = into.shape
            into[:] = tile[skip_y : skip_y + rows, skip_x : skip_x + columns]
