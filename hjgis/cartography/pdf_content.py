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

# The best packing of a megabyte takes ten times as long as a good one, and saves a third.
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
    shift : array of int, shape (2,)
        What is added to every position.
    """

    def __init__(self, drawings: Sequence[Drawing], opacity: float) -> None:
        self._drawings = [drawing for drawing in drawings if len(drawing.coords)]
        self._opacity = opacity
        self.states: dict[str, tuple[float, float]] = {}
        lows = [drawing.coords.min(axis=0) for drawing in self._drawings]
        highs = [drawing.coords.max(axis=0) for drawing in self._drawings]
        low = np.min(lows, axis=0, initial=0.0).astype(np.int64)
        reach = int((np.max(highs, axis=0, initial=0.0) - low).max())
        self._width = _FEWEST
        while reach >= 9 * 10 ** (self._width - 1):
            self._width += 1
        self.shift = 10 ** (self._width - 1) - low

    def pieces(self) -> Iterator[bytes]:
        """Yield the operators of each drawing."""
        for drawing in self._drawings:
            paint = _painting(drawing)
            if paint:
                yield self._manner(drawing)
                yield self._path(drawing)
                yield paint

    def _manner(self, drawing: Drawing) -> bytes:
        """Return what sets the pen and the brush."""
        pen, brush = drawing.pen, drawing.brush
        alphas = tuple(
            round(color.alpha() * self._opacity) for color in (brush.color(), pen.color())
        )
        state = f"A{alphas[0]}L{alphas[1]}"
        self.states[state] = (alphas[0] / 255, alphas[1] / 255)
        return "\n".join((f"/{state} gs", *_filling(brush), *_stroking(pen), "")).encode()

    def _path(self, drawing: Drawing) -> bytes:
        """Return lines and rings as records of one vertex each."""
        width, coords, ends = self._width, drawing.coords, drawing.ends
        text = np.full((len(coords), 2 * width + 4), ord(" "), np.uint8)
        whole = np.rint(coords).astype(np.int64) + self.shift
        for axis, start in ((0, 0), (1, width + 1)):
            high, low = np.divmod(whole[:, axis], 10**_DIGITS)
            more = width - _DIGITS
            text[:, start : start + more] = _digits()[high][:, -more:]
            text[:, start + more : start + width] = _digits()[low]
        text[:, -2], text[:, -1] = ord("l"), ord("\n")
        some = np.diff(ends) > 0
        first, last = ends[:-1][some], ends[1:][some] - 1
        text[first, -2] = ord("m")
        closed = last[(last > first + 1) & (whole[first] == whole[last]).all(axis=1)]
        text[closed, :-2], text[closed, -2] = ord(" "), ord("h")
        return text.tobytes()


@cache
def _digits() -> NDArray[np.uint8]:
    """Return the digits of all numbers below ten thousand, shape (10000, 4)."""
    number = np.arange(10**_DIGITS)[:, None]
    return (number // 10 ** np.arange(_DIGITS - 1, -1, -1) % 10 + ord("0")).astype(np.uint8)


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
