"""A layer written as SVG, a tenth as long as Qt writes it.

A symbol is written once and used at each of its places; plain lines and areas are paths whose
vertices follow one another by whole hundredths of a millimetre. What is drawn is what Qt draws of
the same symbols and the same `Drawing` (SVG 1.1, 5.6 and 8.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPainterPath, QPen

from hjgis.models.sheets import Box
from hjgis.progress import SILENT, Progress
from hjgis.render.batches import Drawing
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.placed import drawings, symbols_placed

_CAPS: Final = {
    Qt.PenCapStyle.FlatCap: "butt",
    Qt.PenCapStyle.RoundCap: "round",
    Qt.PenCapStyle.SquareCap: "square",
}
_JOINS: Final = {
    Qt.PenJoinStyle.MiterJoin: "miter",
    Qt.PenJoinStyle.RoundJoin: "round",
    Qt.PenJoinStyle.BevelJoin: "bevel",
}
_CURVE: Final = 3
# Between two looks at the cancel button.
_LOT: Final = 2000


def layer_svg(
    frame: MapFrame, layer: LayerPaint, box: Box, *, name: str, progress: Progress = SILENT
) -> Iterator[str] | None:
    """Return a layer as pieces of SVG; None if it has more than symbols, plain lines and areas.

    Parameters
    ----------
    box : Box
        Where the frame stands on the paper; what reaches out is not seen.
    name : str
        With which the ids begin; no other part of the document may begin so.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    if layer.selected is not None or not layer.style.visible_at(frame.scale_denominator):
        return None
    if layer.style.kind == "marker":
        return _clipped(frame, box, name, _symbols(frame, layer, name, progress))
    found = drawings(frame, layer, progress=progress)
    if found is None:
        return None
    return _clipped(frame, box, name, _paths(found, layer.style.opacity))


def _clipped(frame: MapFrame, box: Box, name: str, pieces: Iterator[str]) -> Iterator[str]:
    left, top = frame.px(box.x), frame.px(box.y)
    yield (
        f'<defs><clipPath id="{name}c"><rect width="{frame.width_px:.2f}"'
        f' height="{frame.height_px:.2f}"/></clipPath></defs>\n'
        f'<g transform="translate({left:.2f},{top:.2f})" clip-path="url(#{name}c)">\n'
    )
    yield from pieces
    yield "</g>\n"


def _symbols(frame: MapFrame, layer: LayerPaint, name: str, progress: Progress) -> Iterator[str]:
    """Yield each symbol once, then where it stands, feature by feature in drawing order."""
    symbols, points, classes = symbols_placed(frame, layer, progress=progress)
    yield "<defs>\n"
    for number, strokes in enumerate(symbols):
        drawn = "".join(
            _element(_outline(one.path), one.pen, one.brush, layer.style.opacity) for one in strokes
        )
        yield f'<g id="{name}s{number}">{drawn}</g>\n'
    yield "</defs>\n"
    places = np.rint(points).astype(np.int64)
    for start in range(0, len(places), _LOT):
        progress.check()
        some = slice(start, start + _LOT)
        yield "".join(
            f'<use xlink:href="#{name}s{number}" x="{x}" y="{y}"/>\n'
            for number, (x, y) in zip(classes[some].tolist(), places[some].tolist(), strict=True)
        )


def _paths(found: Sequence[Drawing], opacity: float) -> Iterator[str]:
    for drawing in found:
        path = "".join(_lines(drawing))
        if path:
            yield _element(path, drawing.pen, drawing.brush, opacity)


def _lines(drawing: Drawing) -> Iterator[str]:
    """Yield each line or ring: where it begins, then the steps from vertex to vertex."""
    places = np.rint(drawing.coords).astype(np.int64)
    steps = np.diff(places, axis=0, prepend=places[:1]).tolist()
    for start, end in pairwise(drawing.ends.tolist()):
        if end <= start:
            continue
        x, y = places[start].tolist()
        closed = end - start > 2 and (places[start] == places[end - 1]).all()
        moves = steps[start + 1 : end - 1 if closed else end]
        yield f"M{x} {y}"
        if moves:
            yield "l" + " ".join(f"{across} {down}" for across, down in moves)
        if closed:
            yield "z"


def _outline(path: QPainterPath) -> str:
    """Return a path of Qt as SVG writes it."""
    parts, at = [], 0
    while at < path.elementCount():
        element = path.elementAt(at)
        count = _CURVE if element.isCurveTo() else 1
        letter = "C" if element.isCurveTo() else "M" if element.isMoveTo() else "L"
        points = (path.elementAt(at + more) for more in range(count))
        parts.append(letter + " ".join(f"{one.x:.4g} {one.y:.4g}" for one in points))
        at += count
    return "".join(parts)


def _element(path: str, pen: QPen, brush: QBrush, opacity: float) -> str:
    return f'<path d="{path}"{_filling(brush, opacity)}{_stroking(pen, opacity)}/>\n'


def _filling(brush: QBrush, opacity: float) -> str:
    if brush.style() == Qt.BrushStyle.NoBrush:
        return ' fill="none"'
    color = brush.color()
    return f' fill="{color.name()}"{_seen("fill", color.alphaF() * opacity)} fill-rule="evenodd"'


def _stroking(pen: QPen, opacity: float) -> str:
    if pen.style() == Qt.PenStyle.NoPen:
        return ""
    color = pen.color()
    text = (
        f' stroke="{color.name()}"{_seen("stroke", color.alphaF() * opacity)}'
        f' stroke-width="{pen.widthF():.6g}" stroke-linecap="{_CAPS[pen.capStyle()]}"'
        f' stroke-linejoin="{_JOINS[pen.joinStyle()]}"'
    )
    # Qt counts dashes in widths of the pen.
    dashes = ",".join(f"{length * pen.widthF():.6g}" for length in pen.dashPattern())
    return f'{text} stroke-dasharray="{dashes}"' if dashes else text


def _seen(what: str, opacity: float) -> str:
    return "" if opacity >= 1 else f' {what}-opacity="{opacity:.4g}"'
