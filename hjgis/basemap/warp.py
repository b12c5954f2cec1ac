"""From a picture's pixels to the map's: a coarse mesh of true places, and sampling between.

Pixels are packed: one uint32 holds red, green, blue and alpha, premultiplied, a byte each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import Extent

Pixels = NDArray[np.uint32]
Floats = NDArray[np.float64]
Places = Callable[[Floats, Floats], tuple[Floats, Floats]]

# Between nodes so far apart no projection bends by more than a small part of a pixel.
MESH_PX: Final = 32
# Every second byte of a pixel, so that two of them are reckoned with at once.
_LANES: Final = np.uint32(0x00FF00FF)
_8: Final = np.uint32(8)
_2: Final = np.uint32(2)
_WHOLE: Final = 256
# No picture is so large; what lies farther out is not known rather than reckoned with.
_FAR_PX: Final = 1e9


@dataclass(frozen=True, slots=True)
class Mesh:
    """Where the map's pixels lie in a picture.

    Attributes
    ----------
    columns, rows : array of float, shape (m, width_px)
        The picture's pixel coordinates under the map's pixel columns, on every
        `MESH_PX`-th line of the map; NaN where the picture's system does not reach.
    scale : float
        Picture pixels that one pixel of the map covers along a side; 0 where nothing is known.
    """

    columns: Floats
    rows: Floats
    width_px: int
    height_px: int
    scale: float


def mesh(extent: Extent, width_px: int, height_px: int, places: Places) -> Mesh:
    """Lay a mesh over a part of the map.

    Parameters
    ----------
    extent : tuple of float
        In the project CRS.
    places : callable
        Gives the picture's pixel coordinates (column, row) of places in the project CRS, both
        arrays of shape (n,).
    """
    nodes_x = np.arange(-(-width_px // MESH_PX) + 1) * MESH_PX
    nodes_y = np.arange(-(-height_px // MESH_PX) + 1) * MESH_PX
    x = extent[0] + nodes_x * (extent[2] - extent[0]) / width_px
    y = extent[3] - nodes_y * (extent[3] - extent[1]) / height_px
    grid_x, grid_y = np.meshgrid(x, y)
    flat_u, flat_v = places(grid_x.ravel(), grid_y.ravel())
    known = (np.abs(flat_u) < _FAR_PX) & (np.abs(flat_v) < _FAR_PX)
    u = np.where(known, flat_u, np.nan).reshape(grid_x.shape)
    v = np.where(known, flat_v, np.nan).reshape(grid_x.shape)
    middles = np.arange(width_px) + 0.5
    columns = np.array([np.interp(middles, nodes_x, line) for line in u])
    rows = np.array([np.interp(middles, nodes_x, line) for line in v])
    return Mesh(columns, rows, width_px, height_px, _scale(u, v))


def _scale(u: Floats, v: Floats) -> float:
    across_u, across_v = np.diff(u, axis=1)[:-1], np.diff(v, axis=1)[:-1]
    down_u, down_v = np.diff(u, axis=0)[:, :-1], np.diff(v, axis=0)[:, :-1]
    areas = np.abs(across_u * down_v - across_v * down_u)
    areas = areas[np.isfinite(areas)]
    return float(np.sqrt(np.median(areas))) / MESH_PX if len(areas) else 0.0


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A cut-out of a picture at one of its levels, with a ring of one pixel around it.

    Attributes
    ----------
    pixels : array, shape (height + 2, width + 2)
    left, top : int
        Pixel of the level at ``pixels[1, 1]``.
    scale : tuple of float
        Full-size pixels that one pixel of the level covers, across and down.
    size : tuple of float
        Width and height of the whole picture in full-size pixels.
    """

    pixels: Pixels
    left: int
    top: int
    scale: tuple[float, float]
    size: tuple[float, float]


def strips(shape: Mesh) -> int:
    """Return in how many strips `sample` works."""
    return len(shape.columns) - 1


def sample(mosaic: Mosaic, shape: Mesh, strip: int) -> Pixels:
    """Return the map's pixels of one strip of the mesh, between four neighbours each.

    Returns
    -------
    array, shape (rows of the strip, width_px)
        0 outside the picture.
    """
    count = min(MESH_PX, shape.height_px - strip * MESH_PX)
    share = ((np.arange(count) + 0.5) / MESH_PX).astype(np.float32)[:, None]
    u, u_inside = _along(shape.columns, strip, share, mosaic, axis=0)
    v, v_inside = _along(shape.rows, strip, share, mosaic, axis=1)
    height, width = mosaic.pixels.shape
    column, right = _split(u, width)
    row, below = _split(v, height)
    mixed = _mixed(mosaic.pixels.ravel(), row * width + column, width, right, below)
    for inside in (u_inside, v_inside):
        if inside is not None:
            mixed[~inside] = 0
    return mixed


def _along(
    lines: Floats, strip: int, share: NDArray[np.float32], mosaic: Mosaic, *, axis: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    """Return positions in the mosaic along one axis; None for inside where all of them are."""
    scale, start = mosaic.scale[axis], (mosaic.left, mosaic.top)[axis]
    ends = lines[strip : strip + 2]
    # The ring and half a pixel to the middle of the first one.
    upper, lower = (ends / scale - start + 0.5).astype(np.float32)
    position = upper + (lower - upper) * share
    if ends.min() >= 0 and ends.max() < mosaic.size[axis]:
        return position, None
    low, high = 0.5 - start, mosaic.size[axis] / scale - start + 0.5
    inside = (position >= np.float32(low)) & (position < np.float32(high))
    return np.where(inside, position, np.float32(0)), inside


def _split(position: NDArray[np.float32], limit: int) -> tuple[NDArray[np.int64], Pixels]:
    """Return the pixel before each position and the share of the next one, in 256ths."""
    fixed = (position * np.float32(_WHOLE)).astype(np.int64)
    np.clip(fixed, 0, (limit - 1) * _WHOLE - 1, out=fixed)
    return fixed >> 8, (fixed & 255).astype(np.uint32)


def _mixed(
    flat: Pixels, first: NDArray[np.int64], width: int, right: Pixels, below: Pixels
) -> Pixels:
    corners = [np.take(flat, first + step) for step in (0, 1, width, width + 1)]
    result = np.zeros(first.shape, np.uint32)
    for shift in (np.uint32(0), _8):
        lanes = [(corner >> shift) & _LANES for corner in corners]
        top = _between(lanes[0], lanes[1], right)
        bottom = _between(lanes[2], lanes[3], right)
        result |= _between(top, bottom, below) << shift
    return result


def _between(start: Pixels, end: Pixels, share: Pixels) -> Pixels:
    """Mix two bytes in each number; a byte times 256 does not reach the next one."""
    mixed = start * (np.uint32(_WHOLE) - share)
    mixed += end * share
    mixed >>= _8
    mixed &= _LANES
    return mixed


def halved(pixels: Pixels) -> Pixels:
    """Return a picture of half the size, each pixel the mean of four.

    Parameters
    ----------
    pixels : array, shape (2 n, 2 m)
    """
    four = (pixels[::2, ::2], pixels[::2, 1::2], pixels[1::2, ::2], pixels[1::2, 1::2])
    result = np.zeros(four[0].shape, np.uint32)
    for shift in (np.uint32(0), _8):
        total = sum(((quarter >> shift) & _LANES for quarter in four), np.zeros_like(result))
        result |= ((total >> _2) & _LANES) << shift
    return result


def packed(rgba: NDArray[np.uint8]) -> Pixels:
    """Premultiply and pack red, green, blue and alpha.

    Parameters
    ----------
    rgba : array, shape (height, width, 4)
    """
    alpha = rgba[..., 3:]
    if not (alpha == 255).all():
        colors = rgba[..., :3].astype(np.uint16) * alpha
        rgba = np.concatenate([((colors + 127) // 255).astype(np.uint8), alpha], axis=-1)
    result: Pixels = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
    return result
