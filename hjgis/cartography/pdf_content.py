"""A layer's drawings written as the content of a PDF page, ten times as fast as Qt writes it.

Where tens of thousands of lines, rings and dots stand on a sheet, writing their numbers and packing
them takes most of the time. Here arrays are written as arrays: every vertex is a record of as many
bytes, since all numbers are whole hundredths of a millimetre from a corner so far outside that
they have the same number of digits. What is drawn is what Qt draws of the same `Drawing`
(ISO 32000-2, 8.4 and 8.5).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from hjgis.models.sheets import Box
from hjgis.render.batches import Drawing
from hjgis.render.frame import MM_PER_INCH, MapFrame

# The best packing takes six times as long as a good one, and saves a quarter.
_MUCH_BYTES: Final = 100_000
_FAST, _BEST = 1, 6
_DIGITS: Final = 4
_FEWEST: Final = 5
_CAPS: Final = {
    Qt.PenCapStyle.FlatCap: 0,
    Qt.PenCapStyle.RoundCap: 1,
    Qt.PenCapStyle.SquareCap: 2,
}
_JOINS: Final = {
    Qt.PenJoinStyle.MiterJoin: 0,
    Qt.PenJoinStyle.RoundJoin: 1,
    Qt.PenJoinStyle.BevelJoin: 2,
}


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a page draws.

    Attributes
    ----------
    packed : bytes
        The stream, deflated, from the page's lower left corner in points.
    states : mapping of str to (float, float)
        Graphics states that it names: how opaque areas and lines are.
    """

    packed: bytes
    states: Mapping[str, tuple[float, float]]


def content(
    drawings: Sequence[Drawing],
    frame: MapFrame,
    *,
    box: Box,
    height_mm: float,
    opacity: float = 1.0,
) -> Content:
    """Write drawings on a sheet.

    Parameters
    ----------
    drawings : sequence of Drawing
        Positions in whole dots of the frame.
    box : Box
        Where the frame stands on the paper; what reaches out is not seen.
    height_mm : float
        Of the paper.
    opacity : float
        Of all that is drawn, besides that of its colours.
    """
    writer = _Writer(drawings, opacity)
    unit = 72 / frame.dpi
    dots_per_mm = frame.dpi / MM_PER_INCH
    left, top = box.x * dots_per_mm, box.y * dots_per_mm
    head = (
        f"{unit:.10f} 0 0 -{unit:.10f} 0 {height_mm * 72 / MM_PER_INCH:.5f} cm\n"
        f"{left:.3f} {top:.3f} {frame.width_px:.3f} {frame.height_px:.3f} re W n\n"
        f"1 0 0 1 {left - writer.shift[0]:.3f} {top - writer.shift[1]:.3f} cm\n"
    )
    stream = b"".join((b"q\n", head.encode(), *writer.pieces(), b"Q"))
    level = _FAST if len(stream) > _MUCH_BYTES else _BEST
    return Content(zlib.compress(stream, level), writer.states)


class _Writer:
    """Writes drawings, moved so that all numbers have the same number of digits.

    Attributes
    ----------
    shift : array of int32, shape (2,)
        What is added to every position.
    """

    def __init__(self, drawings: Sequence[Drawing], opacity: float) -> None:
        self._drawings = [one for one in drawings if len(one.coords) and _painting(one)]
        self._opacity = opacity
        self.states: dict[str, tuple[float, float]] = {}
        coords = np.concatenate([np.empty((0, 2)), *(one.coords for one in self._drawings)])
        # What lies column by column is searched many times as fast.
        self._places = np.ascontiguousarray(np.rint(coords).astype(np.int32).T)
        low = self._places.min(axis=1, initial=0)
        reach = int((self._places.max(axis=1, initial=0) - low).max())
        self._width = _FEWEST
        while reach >= 9 * 10 ** (self._width - 1):
            self._width += 1
        self.shift = 10 ** (self._width - 1) - low

    def pieces(self) -> Iterator[bytes]:
        """Yield the operators of each drawing."""
        text, start = self._vertices(), 0
        # Few pens and brushes draw all, and are asked once.
        manners: dict[tuple[int, int], bytes] = {}
        for drawing in self._drawings:
            end, tools = start + len(drawing.coords), (id(drawing.pen), id(drawing.brush))
            yield manners.get(tools) or manners.setdefault(tools, self._manner(drawing))
            yield text[start:end].tobytes()
            yield _painting(drawing)
            start = end

    def _manner(self, drawing: Drawing) -> bytes:
        """Return what sets the pen and the brush."""
        pen, brush = drawing.pen, drawing.brush
        area, line = (round(one.color().alpha() * self._opacity) for one in (brush, pen))
        state = f"A{area}L{line}"
        self.states[state] = (area / 255, line / 255)
        return "\n".join((f"/{state} gs", *_filling(brush), *_stroking(pen), "")).encode()

    def _vertices(self) -> NDArray[np.uint8]:
        """Return all vertices as text, one in a row: ``12345 12345 l``."""
        width = self._width
        text = np.full((self._places.shape[1], 2 * width + 4), ord(" "), np.uint8)
        for axis, start in ((0, 0), (1, width + 1)):
            high, low = np.divmod(self._places[axis] + self.shift[axis], 10**_DIGITS)
            more = width - _DIGITS
            for column in range(more):
                text[:, start + column] = high // 10 ** (more - 1 - column) % 10 + ord("0")
            four = _digits()[low].view(np.uint8).reshape(-1, _DIGITS)
            text[:, start + more : start + width] = four
        text[:, -2], text[:, -1] = ord("l"), ord("\n")
        first, last = self._lines()
        text[first, -2] = ord("m")
        same = (self._places[:, first] == self._places[:, last]).all(axis=0)
        closed = last[same & (last > first + 1)]
        text[closed, :-2], text[closed, -2] = ord(" "), ord("h")
        return text

    def _lines(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the last vertex of each line or ring."""
        lengths = np.concatenate([[0], *(np.diff(one.ends) for one in self._drawings)])
        ends = np.cumsum(lengths)
        some = lengths > 0
        return (ends - lengths)[some], ends[some] - 1


@cache
def _digits() -> NDArray[np.uint32]:
    """Return the digits of all numbers below ten thousand, each four bytes of text."""
    numbers = b"".join(b"%04d" % number for number in range(10**_DIGITS))
    return np.frombuffer(numbers, np.uint32)


def _painting(drawing: Drawing) -> bytes:
    strokes = drawing.pen.style() != Qt.PenStyle.NoPen
    if drawing.brush.style() != Qt.BrushStyle.NoBrush:
        return b"B*\n" if strokes else b"f*\n"
    return b"S\n" if strokes else b""


def _filling(brush: QBrush) -> Iterator[str]:
    if brush.style() != Qt.BrushStyle.NoBrush:
        yield f"{_rgb(brush.color())} rg"


def _stroking(pen: QPen) -> Iterator[str]:
    if pen.style() != Qt.PenStyle.NoPen:
        # Qt counts dashes in widths of the pen.
        dashes = " ".join(f"{length * pen.widthF():.3f}" for length in pen.dashPattern())
        yield f"{_rgb(pen.color())} RG {pen.widthF():.3f} w"
        yield f"{_CAPS[pen.capStyle()]} J {_JOINS[pen.joinStyle()]} j [{dashes}] 0 d"


def _rgb(color: QColor) -> str:
    return f"{color.redF():.6f} {color.greenF():.6f} {color.blueF():.6f}"
