"""Writes text with a halo: as text on paper, as a picture on the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath

from hjgis.models.styles.style import LabelStyle
from hjgis.render.fonts import font_px, map_font, paint_text, text_path
from hjgis.render.frame import FINE_DPI, MapFrame
from hjgis.render.halos import HaloMaker
from hjgis.render.symbols import color

# A text and where its baseline starts, from the middle of the label.
Piece = tuple[str, QPointF]
_OPAQUE: Final = 255


class Writer(Protocol):
    """Writes the pieces of one label."""

    def write(self, middle: QPointF, turn_deg: float, pieces: Sequence[Piece]) -> None:
        """Write pieces around a middle in device pixels, turned clockwise."""

    def write_level(self, text: str, left: float, baseline: float) -> None:
        """Write one level text whose baseline starts at a place."""


class VectorPen:
    """Text stays text, its halo is an area below all letters of the layer; for PDF and SVG."""

    def __init__(self, painter: QPainter, style: LabelStyle, frame: MapFrame) -> None:
        self._painter, self._bold = painter, style.bold
        self._size_px, self._ink = frame.px(style.size_mm), color(style.color)
        halo_px = frame.px(style.halo_mm)
        whole = frame.dpi >= FINE_DPI
        self._halos = HaloMaker(self._size_px, halo_px, whole=whole) if halo_px > 0 else None
        self._halo = color(style.halo)
        self._texts: list[tuple[str, float, float, float]] = []

    def write_level(self, text: str, left: float, baseline: float) -> None:
        """Remember one level text until all are shown."""
        self._texts.append((text, left, baseline, 0.0))

    def write(self, middle: QPointF, turn_deg: float, pieces: Sequence[Piece]) -> None:
        """Remember pieces until all are shown."""
        turn = math.radians(turn_deg)
        across, down = math.cos(turn), math.sin(turn)
        for text, at in pieces:
            x = middle.x() + at.x() * across - at.y() * down
            y = middle.y() + at.x() * down + at.y() * across
            self._texts.append((text, x, y, turn_deg))

    def show(self) -> None:
        """Write all halos, then all letters."""
        painter = self._painter
        painter.save()
        if self._halos is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._halo)
            for text, x, y, turn_deg in self._texts:
                painter.drawPolygon(self._halos.path(text, x, y, turn_deg))
        if self._bold:
            self._write_bold()
        else:
            self._write_plain()
        painter.restore()

    def _write_plain(self) -> None:
        painter = self._painter
        painter.setFont(map_font(self._size_px, painter.device()))
        painter.setPen(self._ink)
        for text, x, y, turn_deg in self._texts:
            if turn_deg:
                painter.translate(x, y)
                painter.rotate(turn_deg)
                painter.drawText(0, 0, text)
                painter.rotate(-turn_deg)
                painter.translate(-x, -y)
            else:
                painter.drawText(QPointF(x, y), text)

    def _write_bold(self) -> None:
        painter = self._painter
        for text, x, y, turn_deg in self._texts:
            painter.save()
            painter.translate(x, y)
            painter.rotate(turn_deg)
            paint_text(
                painter, QPointF(0, 0), text, size_px=self._size_px, ink=self._ink, bold=True
            )
            painter.restore()


class TextSheet:
    """All labels of a picture; their halos are made at once, whatever their number.

    Labels do not overlap, so it does not matter that all halos lie below all letters. Use it in
    ``with``: an image must not go before the painter that is at work on it.
    """

    def __init__(self, painter: QPainter, frame: MapFrame) -> None:
        self._painter, self._frame = painter, frame
        self._pens: dict[tuple[str, float], _RasterPen] = {}

    def pen(self, font: QFont, style: LabelStyle) -> Writer:
        """Return what writes the labels of a layer."""
        key = (style.halo, self._frame.px(style.halo_mm))
        if key not in self._pens:
            self._pens[key] = _RasterPen(self._frame, *key)
        self._pens[key].use(font, color(style.color))
        return self._pens[key]

    def show(self) -> None:
        """Put halos and letters onto the painter."""
        for pen in self._pens.values():
            pen.show(self._painter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pen in self._pens.values():
            pen.end()


class _RasterPen:
    """Labels with the same halo, written into an image of their own."""

    def __init__(self, frame: MapFrame, halo: str, halo_px: float) -> None:
        size = (round(frame.width_px), round(frame.height_px))
        self._image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        self._image.fill(Qt.GlobalColor.transparent)
        self._painter = QPainter(self._image)
        self._painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        self._halo, self._halo_px = color(halo), halo_px

    def use(self, font: QFont, ink: QColor) -> None:
        self._painter.setFont(font)
        self._painter.setPen(ink)
        self._ink, self._size_px = ink, font_px(font, self._image)

    def write_level(self, text: str, left: float, baseline: float) -> None:
        self._painter.drawText(QPointF(left, baseline), text)

    def write(self, middle: QPointF, turn_deg: float, pieces: Sequence[Piece]) -> None:
        painter = self._painter
        if turn_deg == 0.0:
            for text, at in pieces:
                self.write_level(text, middle.x() + at.x(), middle.y() + at.y())
            return
        painter.translate(middle)
        painter.rotate(turn_deg)
        for text, at in pieces:
            if turn_deg % 90.0 == 0.0:
                painter.drawText(at, text)
                continue
            # Letters as pictures stand on whole pixels: slanted words would go in steps.
            painter.translate(at)
            painter.fillPath(_outlines(text, self._size_px), self._ink)
            painter.translate(-at)
        painter.resetTransform()

    def end(self) -> None:
        if self._painter.isActive():
            self._painter.end()

    def show(self, painter: QPainter) -> None:
        self.end()
        if self._halo_px > 0:
            halo = _haloed(self._image, self._halo, self._halo_px)
            painter.drawImage(0, 0, halo)
        painter.drawImage(0, 0, self._image)


@lru_cache(maxsize=4096)
def _outlines(text: str, size_px: float) -> QPainterPath:
    return text_path(text, size_px)


def _haloed(image: QImage, halo: QColor, radius_px: float) -> QImage:
    """Return a picture of everything in an image, grown by a radius, in one colour."""
    height, width = image.height(), image.width()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4)
    alpha = _grown(pixels[..., 3], radius_px)
    result = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    target = np.frombuffer(result.bits(), np.uint32).reshape(height, width)
    if halo == QColor(Qt.GlobalColor.white):
        # Nearly all halos: each channel is the coverage itself.
        np.multiply(alpha, np.uint32(0x01010101), out=target)
    else:
        np.take(_ramp(halo), alpha, out=target, mode="clip")
    return result


def _ramp(ink: QColor) -> NDArray[np.uint32]:
    """Return a colour, premultiplied, at every coverage from 0 to 255."""
    alpha = np.arange(256) * ink.alphaF()
    channels = [ink.red(), ink.green(), ink.blue()]
    red, green, blue = (np.rint(alpha * value / _OPAQUE).astype(np.uint32) for value in channels)
    opaque = np.rint(alpha).astype(np.uint32) << np.uint32(24)
    result: NDArray[np.uint32] = opaque | red << np.uint32(16) | green << np.uint32(8) | blue
    return result


def _grown(alpha: NDArray[np.uint8], radius_px: float) -> NDArray[np.uint8]:
    """Return the highest coverage within a radius of every pixel; soft edges stay soft."""
    source = np.ascontiguousarray(alpha)
    # Around a letter's soft edge the halo is nearly as full as around its stem.
    np.minimum(source, _OPAQUE // 2, out=source)
    source *= 2
    wide = [source]
    for aside in range(1, math.ceil(radius_px + 1)):
        wider = wide[-1].copy()
        _take_over(wider, source, 0, aside)
        _take_over(wider, source, 0, -aside)
        wide.append(wider)
    result = np.zeros_like(source)
    for down, aside in _disc(radius_px):
        _take_over(result, wide[aside], down, 0)
    return result


@lru_cache(maxsize=64)
def _disc(radius_px: float) -> list[tuple[int, int]]:
    """Return the rows of pixels that a halo covers: how far down, how far to both sides."""
    reach = math.ceil(radius_px + 1)
    rows = []
    for down in range(-reach, reach + 1):
        # A pixel is covered that lies, by half, within the radius of the edge of this one.
        asides = [x for x in range(reach) if math.hypot(down, x) <= radius_px + 0.5]
        if asides:
            rows.append((down, asides[-1]))
    return rows


def _take_over(result: NDArray[np.uint8], source: NDArray[np.uint8], down: int, right: int) -> None:
    height, width = source.shape
    target = result[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    moved = source[max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    np.maximum(target, moved, out=target)
