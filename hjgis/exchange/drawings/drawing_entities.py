"""Entities of a DXF, written one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.drawings.drawing_frame import APP, FIRST_HANDLE, FONT, Frame

_INVISIBLE = 1
_CLOSED, _IN_SPACE = 1, 8
_SPACE_VERTEX = 32


class Pen:
    """Writes entities into a file, each under a handle of its own.

    Texts and names are escaped already; lengths are units of the drawing.

    Attributes
    ----------
    box : array of float, shape (4,), or None
        What the entities cover: xmin, ymin, xmax, ymax.
    """

    def __init__(self, file: BinaryIO, frame: Frame) -> None:
        self.frame = frame
        self.box: NDArray[np.float64] | None = None
        self.next_handle = FIRST_HANDLE
        self._file = file
        self._space = frame.space

    def cover(self, coords: NDArray[np.float64]) -> None:
        """Note that entities lie here; shape (n, 2) or (n, 3)."""
        if len(coords):
            low, high = coords[:, :2].min(axis=0), coords[:, :2].max(axis=0)
            if self.box is not None:
                low, high = np.minimum(low, self.box[:2]), np.maximum(high, self.box[2:])
            self.box = np.concatenate((low, high))

    def block(self, name: str, layer: str, place: Sequence[float], *, app_data: Sequence[str],
              attributes: Sequence[tuple[str, str]], seen: tuple[str | None, str, float],
              beside: float) -> None:  # fmt: skip
        """Put a block at a place.

        Parameters
        ----------
        attributes : sequence of (tag, text)
        seen : (tag or None, layer, height)
            The one that is seen, where; the others are invisible.
        beside : float
            How far right of the place its text begins.
        """
        x, y, z = place
        tag_seen, text_layer, height = seen
        handle = self._handle()
        made = [
            f"{self._head('INSERT', handle, layer, self._space)}100\nAcDbBlockReference\n"
            f" 66\n     1\n  2\n{name}\n{_at(x, y, z)}{_extended(app_data)}"
        ]
        spot = f"{_at(x + beside, y, z)} 40\n{height!r}\n"
        for tag, text in attributes:
            shown = tag == tag_seen
            head = self._head("ATTRIB", self._handle(), text_layer if shown else layer, handle)
            made.append(
                f"{head}100\nAcDbText\n{spot}  1\n{text}\n  7\n{FONT}\n100\nAcDbAttribute\n"
                f"  2\n{tag}\n 70\n     {0 if shown else _INVISIBLE}\n"
            )
        made.append(self._head("SEQEND", self._handle(), layer, handle))
        self._write("".join(made))

    def polyline(self, layer: str, coords: NDArray[np.float64], *, closed: bool,
                 app_data: Sequence[str]) -> None:  # fmt: skip
        """Draw a polyline; one in space if `coords` have heights: shape (n, 3), not (n, 2)."""
        self.cover(coords)
        handle = self._handle()
        if coords.shape[1] == 3:
            self._in_space(handle, layer, coords, closed=closed, app_data=app_data)
            return
        corners = "".join(f" 10\n{x!r}\n 20\n{y!r}\n" for x, y in coords.tolist())
        self._write(
            f"{self._head('LWPOLYLINE', handle, layer, self._space)}100\nAcDbPolyline\n"
            f" 90\n{len(coords)}\n 70\n     {_CLOSED if closed else 0}\n"
            f"{corners}{_extended(app_data)}"
        )

    def _in_space(self, handle: str, layer: str, coords: NDArray[np.float64], *, closed: bool,
                  app_data: Sequence[str]) -> None:  # fmt: skip
        flags = _IN_SPACE | (_CLOSED if closed else 0)
        made = [
            f"{self._head('POLYLINE', handle, layer, self._space)}100\nAcDb3dPolyline\n"
            f" 66\n     1\n{_at(0.0, 0.0, 0.0)} 70\n     {flags}\n{_extended(app_data)}"
        ]
        made += [
            f"{self._head('VERTEX', self._handle(), layer, handle)}100\nAcDbVertex\n"
            f"100\nAcDb3dPolylineVertex\n{_at(x, y, z)} 70\n    {_SPACE_VERTEX}\n"
            for x, y, z in coords.tolist()
        ]
        made.append(self._head("SEQEND", self._handle(), layer, handle))
        self._write("".join(made))

    def text(self, text: str, layer: str, place: tuple[float, float], height: float, *,
             turn_deg: float = 0.0, middle: bool = False) -> None:  # fmt: skip
        """Write a text that begins at a place, or has its middle there."""
        x, y = place
        aligned = f" 72\n     1\n 11\n{x!r}\n 21\n{y!r}\n 31\n0.0\n" if middle else ""
        self._write(
            f"{self._head('TEXT', self._handle(), layer, self._space)}100\nAcDbText\n"
            f"{_at(x, y, 0.0)} 40\n{height!r}\n  1\n{text}\n 50\n{turn_deg!r}\n  7\n{FONT}\n"
            f"{aligned}100\nAcDbText\n{' 73' + chr(10) + '     2' + chr(10) if middle else ''}"
        )

    def _handle(self) -> str:
        self.next_handle += 1
        return f"{self.next_handle - 1:X}"

    def _head(self, kind: str, handle: str, layer: str, owner: str) -> str:
        return f"  0\n{kind}\n  5\n{handle}\n330\n{owner}\n100\nAcDbEntity\n  8\n{layer}\n"

    def _write(self, text: str) -> None:
        self._file.write(text.encode(self.frame.encoding))


def _at(x: float, y: float, z: float) -> str:
    return f" 10\n{x!r}\n 20\n{y!r}\n 30\n{z!r}\n"


def _extended(strings: Sequence[str]) -> str:
    return f"1001\n{APP}\n" + "".join(f"1000\n{string}\n" for string in strings)
