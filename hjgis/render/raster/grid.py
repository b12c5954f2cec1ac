"""Class masks: one byte a pixel, written by the hundred thousand, grown into symbols, coloured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame

Mask = NDArray[np.uint8]
Picture = NDArray[np.uint32]
# A row of a footprint: how far down it is, its first and its last column.
Span = tuple[int, int, int]
Footprint = tuple[Span, ...]
DOT: Final[Footprint] = ((0, 0, 0),)


@dataclass(frozen=True, slots=True)
class Grid:
    """The pixels of a frame and `pad` more at each side, where symbols may stand that reach in.

    Coordinates turn into pixels from the grid's upper left corner; the pixel of a place is the
    whole part of both.
    """

    frame: MapFrame
    pad: int

    @property
    def width(self) -> int:
        """Columns, the padding included."""
        return round(self.frame.width_px) + 2 * self.pad

    @property
    def height(self) -> int:
        """Rows, the padding included."""
        return round(self.frame.height_px) + 2 * self.pad

    @property
    def extent(self) -> Extent:
        """What the grid covers on the map."""
        return self.frame.grown(self.pad)

    def mask(self) -> Mask:
        """Return an empty mask."""
        return np.zeros((self.height, self.width), np.uint8)

    def place(
        self, coords: NDArray[np.float64], *, shift: float = 0.0
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return columns and rows of map coordinates, shape (n, 2), as fractions of pixels."""
        frame = self.frame
        scale = 1 / frame.m_per_px
        # The centre is taken off in float64: large coordinates keep their millimetres.
        x = coords[:, 0] - frame.center_x
        x *= scale
        x += frame.width_px / 2 + self.pad + shift
        y = frame.center_y - coords[:, 1]
        y *= scale
        y += frame.height_px / 2 + self.pad + shift
        return x.astype(np.float32), y.astype(np.float32)

    def write(
        self,
        mask: Mask,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        values: NDArray[np.uint8],
        *,
        inside: bool,
    ) -> None:
        """Write values at places; of several in one pixel the last one stays.

        Parameters
        ----------
        inside : bool
            All places are known to lie in the grid.
        """
        if not inside:
            there = (x >= 0) & (y >= 0) & (x < self.width) & (y < self.height)
            if not there.all():
                x, y, values = x[there], y[there], values[there]
        at = y.astype(np.int32)
        at *= self.width
        at += x.astype(np.int32)
        mask.reshape(-1)[at] = values


class Masks:
    """One mask for all classes of one shape and size.

    In a single one, a small symbol would wipe out a large one on the same pixel.

    Parameters
    ----------
    shapes : sequence
        What decides the mask of each class; equal ones share it, None has no mask.
    """

    def __init__(self, grid: Grid, shapes: Sequence[object]) -> None:
        self._grid = grid
        kinds = list(dict.fromkeys(shape for shape in shapes if shape is not None))
        self.members = [
            [index for index, shape in enumerate(shapes) if shape == kind] for kind in kinds
        ]
        self.masks = [grid.mask() for _kind in kinds]
        self._group = np.full(256, len(kinds), np.uint8)
        for group, classes in enumerate(self.members):
            self._group[np.array(classes) + 1] = group
        self._alone = len(kinds) == 1 and None not in shapes

    def write(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        values: NDArray[np.uint8],
        *,
        inside: bool,
    ) -> None:
        """Write values at places, each into the mask of its class; see `Grid.write`."""
        if self._alone:
            self._grid.write(self.masks[0], x, y, values, inside=inside)
            return
        groups = self._group[values]
        for group, mask in enumerate(self.masks):
            mine = np.flatnonzero(groups == group)
            if len(mine):
                self._grid.write(mask, x[mine], y[mine], values[mine], inside=inside)


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour of a symbol: what its pixels are (0xAARRGGBB, premultiplied) and where."""

    footprint: Footprint
    color: int


class Canvas:
    """The picture of one layer being put together, as large as a grid."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._pixels: Picture = np.zeros((grid.height, grid.width), np.uint32)

    def lay(self, mask: Mask, footprint: Footprint, colors: NDArray[np.uint32]) -> None:
        """Colour a mask grown by a footprint.

        Parameters
        ----------
        colors : array of uint32, shape (256,)
            By mask value; premultiplied. Half-transparent ones only fill what is empty. A value
            without a colour must not occur.
        """
        drawn = grown(mask, footprint)
        # Of booleans the marked ones are found several times as fast as of numbers.
        marked = np.flatnonzero(drawn != 0)
        values, pixels = drawn.reshape(-1)[marked], self._pixels.reshape(-1)
        found = colors[values]
        opaque = (colors >> 24) == 255
        if not opaque[1 + np.flatnonzero(colors[1:])].all():
            kept = opaque[values] | (pixels[marked] == 0)
            marked, found = marked[kept], found[kept]
        pixels[marked] = found

    def show(self, painter: QPainter, opacity: float = 1.0) -> None:
        """Put the picture onto a painter whose origin is the frame's upper left corner."""
        pad, grid = self._grid.pad, self._grid
        inner = np.ascontiguousarray(self._pixels[pad : grid.height - pad, pad : grid.width - pad])
        height, width = inner.shape
        # The image has no memory of its own: it must be painted while the array lives.
        image = QImage(
            inner.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        painter.save()
        painter.setOpacity(painter.opacity() * opacity)
        painter.drawImage(0, 0, image)
        painter.restore()


def grown(mask: Mask, footprint: Footprint) -> Mask:
    """Put the footprint onto every marked pixel; of several values the highest stays."""
    if footprint == DOT:
        return mask
    result = np.zeros_like(mask)
    rows: dict[tuple[int, int], Mask] = {}
    height = mask.shape[0]
    for down, first, last in footprint:
        if (first, last) not in rows:
            rows[first, last] = _widened(mask, first, last)
        source = rows[first, last]
        target = result[max(down, 0) : height + min(down, 0)]
        np.maximum(target, source[max(-down, 0) : height - max(down, 0)], out=target)
    return result


def _widened(mask: Mask, first: int, last: int) -> Mask:
    """Return the mask with every pixel drawn out from column `first` to column `last`."""
    result, width = mask, 1
    while width < last - first + 1:
        step = min(width, last - first + 1 - width)
        wider = result.copy()
        np.maximum(wider[:, step:], result[:, :-step], out=wider[:, step:])
        result, width = wider, width + step
    if first == 0:
        return result
    moved = np.zeros_like(mask)
    if first > 0:
        moved[:, first:] = result[:, :-first]
    else:
        moved[:, :first] = result[:, -first:]
    return moved


def disc(diameter_px: float) -> Footprint:
    """Return the pixels of a round pen; one of even width leans to the upper left."""
    width = max(round(diameter_px), 1)
    low = -(width // 2)
    lean = 0.5 if width % 2 == 0 else 0.0
    radius = max(diameter_px, 1.0) / 2
    spans = []
    for row in range(low, low + width):
        free = radius**2 - (row + lean) ** 2
        reach = free**0.5 if free > 0 else 0.0
        columns = [c for c in range(low, low + width) if abs(c + lean) <= max(reach, 0.5)]
        spans.append((row, columns[0], columns[-1]))
    return tuple(spans)


def spans_of(shape: NDArray[np.bool_]) -> Footprint:
    """Return the footprint of a small picture whose middle is the middle of a pixel.

    A row with gaps is filled between its first and its last pixel.
    """
    middle_row, middle_column = shape.shape[0] // 2, shape.shape[1] // 2
    spans = []
    for row, marked in enumerate(shape):
        columns = np.flatnonzero(marked)
        if len(columns):
            first, last = int(columns[0]) - middle_column, int(columns[-1]) - middle_column
            spans.append((row - middle_row, first, last))
    return tuple(spans)


def reach_of(footprints: Sequence[Footprint]) -> int:
    """Return by how many pixels footprints reach out from their middle."""
    sides = (abs(side) for shape in footprints for span in shape for side in span)
    return max(sides, default=0)


def premultiplied(color: int, alpha: float = 1.0) -> int:
    """Return 0xAARRGGBB with its colours multiplied by its alpha and a further one."""
    a = (color >> 24) / 255 * alpha
    red, green, blue = ((color >> shift & 255) * a for shift in (16, 8, 0))
    return round(a * 255) << 24 | round(red) << 16 | round(green) << 8 | round(blue)


def over(one: int, other: int) -> int:
    """Return a premultiplied colour laid over another."""
    below = 1 - (one >> 24) / 255
    channels = (
        min(round((one >> shift & 255) + (other >> shift & 255) * below), 255) << shift
        for shift in (24, 16, 8, 0)
    )
    return sum(channels)


def mixed(one: int, other: int, share: float) -> int:
    """Return premultiplied colours mixed, `share` of the other."""
    channels = (
        round((one >> shift & 255) * (1 - share) + (other >> shift & 255) * share) << shift
        for shift in (24, 16, 8, 0)
    )
    return sum(channels)
