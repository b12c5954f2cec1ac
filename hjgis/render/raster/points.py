"""Very many point symbols: the pixel of each is marked, then all of them are grown at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from hjgis.layers.parts import Part
from hjgis.models.styles.style import MarkerSymbol, Style
from hjgis.progress import SILENT, Progress
from hjgis.render.frame import MM_PER_INCH, MapFrame
from hjgis.render.raster.batches import batches
from hjgis.render.raster.grid import (
    Canvas,
    Footprint,
    Grid,
    Masks,
    Tone,
    disc,
    reach_of,
    spans_of,
)
from hjgis.render.symbols import sprite

# Pixels of a sprite that are hardly seen, and those that count as covered.
_SEEN: Final = 40
_COVERED: Final = 150
_HALO_MM: Final = (1.1, 0.6)
_HALO: Final = (0xFF1F2933, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class _Look:
    """The tones of a class, the lowest first."""

    tones: tuple[Tone, ...]

    @property
    def footprints(self) -> tuple[Footprint, ...]:
        return tuple(tone.footprint for tone in self.tones)


def paint_points(
    painter: QPainter,
    frame: MapFrame,
    parts: Sequence[Part],
    style: Style,
    *,
    halo: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Paint the points of a layer; a symbol keeps size, colours and place but for its glyph."""
    looks = _looks(style, frame, halo=halo)
    grid = Grid(frame, 1 + reach_of([shape for look in looks for shape in look.footprints]))
    canvas = Canvas(grid)
    for level in sorted({item.level for item in style.all_classes}):
        masks = Masks(grid, [look.footprints for look in looks])
        for batch in batches(parts, grid.extent, style, level, progress):
            # The middle of a sprite stands on the pixel that `rint(x - 0.5)` names.
            x, y = grid.place(batch.shapes.coords, shift=-0.5)
            values = batch.vertex_values()
            masks.write(np.rint(x), np.rint(y), values, inside=batch.inside)
        _lay(canvas, masks, looks)
    canvas.show(painter, style.opacity)


def _lay(canvas: Canvas, masks: Masks, looks: Sequence[_Look]) -> None:
    """Colour the masks, one shape after the other, its lower tones first."""
    for classes, mask in zip(masks.members, masks.masks, strict=True):
        if not mask.any():
            continue
        for tone, footprint in enumerate(looks[classes[0]].footprints):
            colors = np.zeros(256, np.uint32)
            for index in classes:
                colors[index + 1] = looks[index].tones[tone].color
            canvas.lay(mask, footprint, colors)


def _looks(style: Style, frame: MapFrame, *, halo: bool) -> list[_Look]:
    factor = style.size_factor(frame.scale_denominator)
    symbols = [item.symbol for item in style.all_classes]
    return [
        _look(symbol, frame.dpi, round(factor, 3), halo=halo)
        for symbol in symbols
        if isinstance(symbol, MarkerSymbol)
    ]


@lru_cache(maxsize=128)
def _look(symbol: MarkerSymbol, dpi: float, factor: float, *, halo: bool) -> _Look:
    px_per_mm = dpi / MM_PER_INCH
    tones = _tones(_pixels(sprite(symbol, px_per_mm, factor)), symbol)
    if halo:
        size_px = symbol.size_mm * factor * px_per_mm
        rings = (
            Tone(disc(size_px + 2 * wider * px_per_mm), color)
            for wider, color in zip(_HALO_MM, _HALO, strict=True)
        )
        tones = (*rings, *tones)
    return _Look(tones)


def _pixels(image: QImage) -> NDArray[np.uint32]:
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), image.bytesPerLine() // 4)[:, : image.width()]


def _tones(pixels: NDArray[np.uint32], symbol: MarkerSymbol) -> tuple[Tone, ...]:
    """Take a sprite apart: its soft edge, its stroke, its fill."""
    alpha = pixels >> 24
    seen, covered = alpha >= _SEEN, alpha >= _COVERED
    if not covered.any():
        covered = alpha == alpha.max()
    inner = np.zeros_like(covered)
    if symbol.fill and symbol.stroke:
        fill, stroke = _rgb(symbol.fill), _rgb(symbol.stroke)
        colors = _channels(pixels)
        inner = covered & (_apart(colors, fill) < _apart(colors, stroke))
    ring = covered & ~inner
    layers = [(seen, seen & ~covered), (covered, ring if ring.any() else covered), (inner, inner)]
    return tuple(
        Tone(spans_of(shape), _middle(pixels, sample)) for shape, sample in layers if sample.any()
    )


def _channels(pixels: NDArray[np.uint32]) -> NDArray[np.float64]:
    return np.stack([(pixels >> shift & 255).astype(float) for shift in (16, 8, 0)], axis=-1)


def _rgb(text: str) -> NDArray[np.float64]:
    color = QColor(text[:7])
    return np.array([color.red(), color.green(), color.blue()], float)


def _apart(colors: NDArray[np.float64], color: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = ((colors - color) ** 2).sum(axis=-1)
    return result


def _middle(pixels: NDArray[np.uint32], sample: NDArray[np.bool_]) -> int:
    """Return the median of some pixels; one that is all but opaque is made so."""
    chosen = pixels[sample]
    channels = [round(float(np.median(chosen >> shift & 255))) for shift in (24, 16, 8, 0)]
    if channels[0] >= _COVERED:
        channels = [255, *(min(round(c * 255 / channels[0]), 255) for c in channels[1:])]
    return channels[0] << 24 | channels[1] << 16 | channels[2] << 8 | channels[3]
