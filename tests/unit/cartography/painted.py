"""Layers as they are painted, from shapes and symbols alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from hjgis.models.shapes import Dimension, Shapes
from hjgis.models.styles.style import FillSymbol, LineSymbol, Style, StyleClass, Symbol
from hjgis.render.features import LayerPaint, shapes_paint

# The middle of a sheet of these layers.
CENTER = (428_245.0, 4_528_395.0)
_KINDS: dict[int, Any] = {0: "marker", 1: "line", 2: "fill"}


def layer_of(
    name: str, shapes: Sequence[shapely.Geometry], *symbols: Symbol, opacity: float = 1.0
) -> LayerPaint:
    """Return shapes with one symbol after the other."""
    dimension: Dimension = shapely.get_dimensions(shapes[0])  # type: ignore[assignment]
    words = {"en": name, "zh_CN": name}
    classes = tuple(StyleClass((i,), words, symbol) for i, symbol in enumerate(symbols))
    style = Style(name, _KINDS[dimension], classes[-1], classes=classes[:-1], opacity=opacity)
    held = Shapes.of(
        np.array(shapes, object),
        dimension,
        fids=np.arange(1, len(shapes) + 1),
        classes=np.arange(len(shapes)).astype(np.uint8) % len(symbols),
    )
    return shapes_paint(name, held, style, label=words)


def scattered(count: int, seed: int, reach_m: float = 290.0) -> np.ndarray:
    """Return places around the middle."""
    return np.array(CENTER) + np.random.default_rng(seed).uniform(-reach_m, reach_m, (count, 2))


def lines() -> LayerPaint:
    """Return lines of three symbols."""
    starts = scattered(250, 2)
    bends = np.random.default_rng(3).normal(0, 15, (250, 4, 2)).cumsum(axis=1)
    shapes = shapely.linestrings(starts[:, None, :] + bends).tolist()
    # A long one that leaves the sheet on both sides and comes back, and one that ends in itself.
    x, y = CENTER
    shapes[0] = shapely.LineString([(x - 3e5, y), (x + 2e4, y + 50), (x - 2e4, y + 90), (x, y)])
    shapes[1] = shapely.LineString([(x, y), (x + 80, y), (x + 80, y + 60), (x, y)])
    cased = LineSymbol("#ffee88", 0.9, casing="#334455", casing_mm=0.2)
    dashed = LineSymbol("#2f6f9f", 0.5, dash_mm=(2.0, 1.0))
    return layer_of("pipe", shapes, cased, dashed, LineSymbol("#c8322f80", 0.7))


def areas(opacity: float = 1.0) -> LayerPaint:
    """Return areas of three symbols, one with a hole, some beyond the sheet."""
    low = scattered(120, 4)
    shapes = shapely.box(*low.T, *(low + 12.0).T).tolist()
    hole = shapely.Point(*CENTER).buffer(30).difference(shapely.Point(*CENTER).buffer(14))
    far = shapely.box(CENTER[0] + 100, CENTER[1] - 400, CENTER[0] + 9000, CENTER[1] - 40)
    shapes[:3] = [hole, far, shapely.MultiPolygon([hole.buffer(40), far])]
    pale = FillSymbol("#59814f33", "#59814f", 0.25)
    bare = FillSymbol("#2222cc", None, 0.0)
    dotted = FillSymbol("#ffeeaa", "#884400", 0.4, dash_mm=(1.0, 0.5))
    return layer_of("bay", shapes, pale, bare, dotted, opacity=opacity)
