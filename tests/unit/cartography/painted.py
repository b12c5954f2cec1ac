"""A layer as it is painted, from shapes and symbols alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from hjgis.models.shapes import Dimension, Shapes
from hjgis.models.styles.style import Style, StyleClass, Symbol
from hjgis.render.features import LayerPaint, shapes_paint

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
