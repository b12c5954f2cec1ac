"""How the map looks besides its layers' own styles: a shading of one layer, a theme of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hjgis.checks.shading import Shading
from hjgis.layers.columns import LayerColumns
from hjgis.layers.parts import Part
from hjgis.models.shapes import Dimension, Shapes
from hjgis.models.styles.style import Style, SymbolKind
from hjgis.render.map_picture import MapSource

if TYPE_CHECKING:
    from hjgis.cartography.portraying import Themed
    from hjgis.render.features import LayerPaint
    from hjgis.ui.map.map_layers import MapLayer

_DIMENSIONS: Final[Mapping[SymbolKind, Dimension]] = {"marker": 0, "line": 1, "fill": 2}


class Dress:
    """A style, and the layer's features in it as long as they are the same."""

    def __init__(self, style: Style, shading: Shading | None = None) -> None:
        self.style = style
        self._shading = shading
        self._made: tuple[LayerColumns, MapSource] | None = None

    def source(self, held: MapLayer) -> MapSource:
        """Return what is painted of a layer."""
        if self._made is None or self._made[0] is not held.columns:
            columns = held.columns
            if self._shading is not None:
                columns = columns.classed(self._shading.of)
            self._made = held.columns, MapSource(columns, self.style, held.asset.label)
        return self._made[1]


@dataclass(frozen=True, slots=True, eq=False)
class MapLook:
    """What a theme makes of the map.

    Attributes
    ----------
    layers : tuple of str
        Those that are on the map at all; all if empty.
    dresses : mapping of str to Dress
        Layers that do not look as usual.
    added : mapping of str to tuple of MapSource
        What is painted beneath a layer.
    hidden : frozenset of str
        Layers that are not painted themselves.
    """

    layers: tuple[str, ...] = ()
    dresses: Mapping[str, Dress] = field(default_factory=dict)
    added: Mapping[str, tuple[MapSource, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def shows(self, layer: str) -> bool:
        """Whether a layer itself is on the map."""
        return (not self.layers or layer in self.layers) and layer not in self.hidden

    def style(self, held: MapLayer) -> Style:
        """Return the style in which a layer is painted."""
        dress = self.dresses.get(held.asset.id)
        return dress.style if dress is not None else held.style

    def sources(self, held: MapLayer) -> tuple[MapSource, ...]:
        """Return what is painted of a layer and where it stands, lowest first."""
        name = held.asset.id
        if self.layers and name not in self.layers:
            return ()
        added = self.added.get(name, ())
        if name in self.hidden or not held.columns.parts:
            return added
        dress = self.dresses.get(name)
        return (*added, held.source if dress is None else dress.source(held))


USUAL_LOOK = MapLook()


def look_of(themed: Themed, styles: Mapping[str, Style]) -> MapLook:
    """Return how the map looks in a theme.

    Parameters
    ----------
    styles : mapping of str to Style
        How each layer looks as usual.
    """
    about = themed.theme
    dresses = {}
    for layer, usual in styles.items():
        shading = themed.shadings.get(layer)
        style = usual if shading is None else shading.style
        if layer in about.subject:
            # What the map is about shows at every scale, as on the sheet.
            style = replace(style, max_denominator=math.inf)
        if style is not usual:
            dresses[layer] = Dress(style, shading)
    added = {layer: tuple(map(_source, paints)) for layer, paints in themed.added.items() if paints}
    return MapLook(about.layers, dresses, added, themed.hidden)


def _source(paint: LayerPaint) -> MapSource:
    shapes = Shapes(
        _DIMENSIONS[paint.style.kind],
        paint.fids,
        paint.classes,
        paint.coords,
        paint.rings,
        paint.features,
    )
    parts = (Part.of(shapes),) if len(shapes) else ()
    columns = LayerColumns(paint.layer, shapes.dimension, parts)
    # Its features are no rows of the file, of which a label could tell something.
    return MapSource(columns, replace(paint.style, label=None), paint.label)
