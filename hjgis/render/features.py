"""A layer made ready to paint: flat coordinate arrays, classes, label texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import Label
from hjgis.models.reading import LayerTable
from hjgis.models.shapes import Dimension, Shapes
from hjgis.models.styles.style import Style, SymbolKind

_DIMENSIONS: Final[dict[SymbolKind, Dimension]] = {"marker": 0, "line": 1, "fill": 2}


@dataclass(frozen=True)
class LayerPaint:
    """One layer's features for painting and picking, row i of every array being the same feature.

    Attributes
    ----------
    coords : array of float64, shape (v, 2)
        All vertices in the project CRS.
    rings : array of int, shape (r + 1,)
        Ring (or line part, or point) k is ``coords[rings[k]:rings[k + 1]]``.
    features : array of int, shape (n + 1,)
        Feature i has the rings ``features[i]`` to ``features[i + 1] - 1``.
    bounds : array of float64, shape (n, 4)
        x_min, y_min, x_max, y_max of each feature.
    classes : array of uint8, shape (n,)
        Index into ``style.all_classes``.
    texts : sequence of str, length n
        Label of each feature, or empty if the style has no labels.
    shown, selected : array of bool, shape (n,), or None
        Filter and selection; None means all shown, none selected.
    """

    layer: str
    label: Label
    style: Style
    fids: NDArray[np.int64]
    coords: NDArray[np.float64]
    rings: NDArray[np.int32]
    features: NDArray[np.int32]
    bounds: NDArray[np.float64]
    classes: NDArray[np.uint8]
    texts: Sequence[str] = ()
    shown: NDArray[np.bool_] | None = None
    selected: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.fids)

    def parts(self, row: int) -> Iterator[NDArray[np.float64]]:
        """Yield the coordinates of each ring or line part of one feature."""
        for ring in range(self.features[row], self.features[row + 1]):
            yield self.coords[self.rings[ring] : self.rings[ring + 1]]


def layer_paint(
    table: LayerTable,
    style: Style,
    *,
    label: Label | None = None,
    selected_fids: NDArray[np.int64] | None = None,
) -> LayerPaint:
    """Make a layer ready to paint; features without a geometry are left out.

    Parameters
    ----------
    table : LayerTable
        With geometry and at least the columns ``style.columns``.
    label : mapping of language to str, optional
        The layer's name in legends; its id if not given.
    """
    geometry = table.geometry if table.geometry is not None else np.empty(0, object)
    drawn = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    columns = {name: table.columns[name][drawn] for name in style.columns}
    if style.class_field:
        classes = style.classify(columns[style.class_field])
    else:
        classes = np.zeros(len(drawn), np.uint8)
    dimension = _DIMENSIONS[style.kind]
    shapes = Shapes.of(geometry[drawn], dimension, fids=table.fids[drawn], classes=classes)
    texts = tuple(style.label.texts(columns)) if style.label else ()
    selected = None if selected_fids is None else np.isin(shapes.fids, selected_fids)
    return shapes_paint(table.layer, shapes, style, label=label, texts=texts, selected=selected)


def shapes_paint(
    layer: str,
    shapes: Shapes,
    style: Style,
    *,
    label: Label | None = None,
    texts: Sequence[str] = (),
    selected: NDArray[np.bool_] | None = None,
) -> LayerPaint:
    """Make shapes, whose classes are those of the style, ready to paint."""
    return LayerPaint(
        layer=layer,
        label=label or {"zh_CN": layer},
        style=style,
        fids=shapes.fids,
        coords=shapes.coords,
        rings=shapes.ring_offsets(),
        features=shapes.feature_offsets(),
        bounds=shapes.boxes(),
        classes=shapes.classes,
        texts=texts,
        selected=selected,
    )
