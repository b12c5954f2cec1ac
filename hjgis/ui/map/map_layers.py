"""The layers as the map holds them: columns in memory, what is shown, what is locked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.checks.shading import Shading
from hjgis.layers import snapping
from hjgis.layers.columns import BatchReader, LayerColumns, most_extent, usual_extent
from hjgis.layers.snapping import Snap
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, Extent, LayerDelta
from hjgis.models.shapes import Shapes
from hjgis.models.styles.style import Style
from hjgis.models.styles.stylefile import style_for
from hjgis.render.map_picture import MapSource
from hjgis.ui.map.map_look import USUAL_LOOK, Dress, MapLook

# Below this, shares of the features say nothing.
_MANY: Final = 500
# More changed rows than this are read in the background.
_AT_ONCE: Final = 5_000
# A heap of features on one spot is not leafed through by hand.
_MOST_HITS: Final = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature under the mouse, one of the shapes there; `away` is its distance in metres."""

    layer: str
    fid: int
    away: float
    shapes: Shapes
    row: int

    @property
    def geometry(self) -> BaseGeometry:
        """The feature's form as it is drawn."""
        return self.shapes.geometry(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class MapFilter:
    """The features that a layer shows, all others being left out, and what they have in common.

    Attributes
    ----------
    reading : object
        The same as long as it is the same choice of features.
    """

    fids: NDArray[np.int64]
    words: str
    reading: object = field(default_factory=object)

    def of(self, columns: LayerColumns) -> LayerColumns:
        """Return the columns of these features alone."""
        return replace(columns.only(self.fids), reading=self.reading)

    def after(self, delta: LayerDelta) -> MapFilter:
        """Return the filter that lets through what was just edited, until it is asked again."""
        touched = (delta.inserted, delta.updated)
        return replace(self, fids=np.unique(np.concatenate([self.fids, *touched])))


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer on the map; `loading` while its rows are being read.

    Attributes
    ----------
    columns, everything : LayerColumns
        The features that are shown, and all.
    only : MapFilter or None
        Why these are not the same.
    attracts : bool
        Whether the mouse is drawn to it.
    """

    asset: AssetType
    style: Style
    columns: LayerColumns
    source: MapSource
    everything: LayerColumns
    visible: bool = True
    locked: bool = False
    loading: bool = True
    only: MapFilter | None = None
    attracts: bool = True

    @classmethod
    def of(cls, asset: AssetType) -> MapLayer:
        """Return a layer of which nothing is read yet."""
        style, columns = style_for(asset), LayerColumns.none(asset)
        source = MapSource(columns, style, asset.label)
        return cls(asset, style, columns, source, columns, attracts=asset.snapped)

    @property
    def count(self) -> int:
        """How many features the list of layers shows; a table's rows have no place on the map."""
        return len(self.columns if self.asset.is_spatial else self.columns.skipped.get("empty", ()))

    def holding(self, columns: LayerColumns, *, loading: bool = False) -> MapLayer:
        """Return the layer with other features."""
        shown = columns if self.only is None else self.only.of(columns)
        source = MapSource(shown, self.style, self.asset.label)
        return replace(self, columns=shown, everything=columns, source=source, loading=loading)

    def filtered(self, only: MapFilter | None) -> MapLayer:
        """Return the layer showing only some of its features, or all again."""
        return replace(self, only=only).holding(self.everything, loading=self.loading)

    def shows_at(self, denominator: float) -> bool:
        """Whether it is switched on and its scale range holds 1 : `denominator`."""
        return self.visible and self.style.visible_at(denominator)


class MapLayers(QObject):
    """All layers of the map, lowest first.

    `behind` names layers of which so much has changed that they must be read again.
    """

    changed = Signal()
    shown_changed = Signal()
    loaded = Signal()
    behind = Signal(object)
    look_changed = Signal()

    def __init__(self, types: Mapping[str, AssetType], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layers = {layer: MapLayer.of(asset) for layer, asset in types.items()}
        self._early: list[Announcement] = []
        self._snapped: Mapping[str, bool] = {}
        self._underneath: tuple[MapSource, ...] = ()
        self._shades: dict[str, Dress] = {}
        self._look = USUAL_LOOK

    def __iter__(self) -> Iterator[MapLayer]:
        return iter(self._layers.values())

    def __contains__(self, layer: object) -> bool:
        return layer in self._layers

    def __getitem__(self, layer: str) -> MapLayer:
        return self._layers[layer]

    @property
    def is_loaded(self) -> bool:
        """Whether all layers are read."""
        return not any(held.loading for held in self)

    @property
    def is_empty(self) -> bool:
        """Whether no layer holds a feature with a place."""
        return not any(held.columns.parts for held in self)

    def show_partly(self, columns: Mapping[str, LayerColumns]) -> None:
        """Show what is read of some layers so far."""
        for layer, read in columns.items():
            held = self._layers[layer]
            if held.loading:
                self._layers[layer] = held.holding(read, loading=True)
        self.changed.emit()

    def load(self, columns: Mapping[str, LayerColumns], reader: BatchReader) -> None:
        """Take what was read, then what was changed while it was being read."""
        for layer, read in columns.items():
            self._layers[layer] = self._layers[layer].holding(read)
        early, self._early = self._early, []
        for announcement in early:
            self._update(announcement, reader)
        self.loaded.emit()
        self.changed.emit()

    def begin(self, layers: Collection[str]) -> None:
        """Hear that these layers are being read again; what changes meanwhile is kept for then."""
        for layer in layers:
            self._layers[layer] = replace(self._layers[layer], loading=True)

    def follow(self, announcement: Announcement, reader: BatchReader) -> None:
        """Take up a stored change: only the touched rows are read."""
        self._update(announcement, reader)
        self.changed.emit()

    def set_visible(self, layer: str, *, visible: bool) -> None:
        """Switch a layer on or off."""
        if self._layers[layer].visible != visible:
            self._layers[layer] = replace(self._layers[layer], visible=visible)
            self.shown_changed.emit()
            self.changed.emit()

    @property
    def snapped(self) -> Mapping[str, bool]:
        """Where somebody chose otherwise than the catalogue: whether a layer attracts the mouse."""
        return self._snapped

    def set_snapped(self, chosen: Mapping[str, bool]) -> None:
        """Choose which layers attract the mouse; those that are not named do as usual."""
        self._snapped = {**chosen}
        for layer, held in self._layers.items():
            attracts = chosen.get(layer, held.asset.snapped)
            self._layers[layer] = replace(held, attracts=attracts)

    def set_filter(self, layer: str, only: MapFilter | None) -> None:
        """Show only some features of a layer, or all of them again."""
        self._layers[layer] = self._layers[layer].filtered(only)
        self.shown_changed.emit()
        self.changed.emit()

    def show_all(self) -> None:
        """Switch all layers on."""
        for layer in list(self._layers):
            self.set_visible(layer, visible=True)

    def hide_all(self) -> None:
        """Switch all layers off."""
        for layer in list(self._layers):
            self.set_visible(layer, visible=False)

    def arrange(self, types: Mapping[str, AssetType], locked: Collection[str]) -> None:
        """Take up order, names and locks of the layers, and layers that came or went."""
        new = [layer for layer in types if layer not in self._layers]
        before = [held.asset for held in self]
        self._layers = {
            layer: replace(
                self._layers.get(layer) or MapLayer.of(asset), asset=asset, locked=layer in locked
            )
            for layer, asset in types.items()
        }
        self.set_snapped(self._snapped)
        if before != [*types.values()]:
            self.loaded.emit()
        self.shown_changed.emit()
        self.changed.emit()
        if new:
            self.behind.emit(tuple(new))

    def sources(self) -> tuple[MapSource, ...]:
        """Return what is to be painted, lowest first."""
        own: list[MapSource] = []
        for held in self:
            shade = self._shades.get(held.asset.id)
            if shade is not None:
                own += (shade.source(held),) if held.columns.parts else ()
            elif held.visible:
                own += self._look.sources(held)
        return (*self._underneath, *own)

    def set_look(self, look: MapLook) -> None:
        """Let the map look as in a theme, or as usual again; layers switched off stay so."""
        if look is not self._look:
            self._look = look
            self.look_changed.emit()
            self.changed.emit()

    def is_on_map(self, held: MapLayer) -> bool:
        """Whether a layer is part of what the map is about now, be it switched off or not."""
        name = held.asset.id
        return name in self._shades or self._look.shows(name)

    def shows_at(self, held: MapLayer, denominator: float) -> bool:
        """Whether a layer is seen at the scale 1 : `denominator` as the map looks now."""
        name = held.asset.id
        if name in self._shades:
            return held.shows_at(denominator)
        seen = held.visible and self._look.shows(name)
        return seen and self._look.style(held).visible_at(denominator)

    def shade(self, layer: str, shading: Shading | None) -> None:
        """Colour a layer by what is reckoned of it, shown even if switched off; None: as usual."""
        if shading is None and layer not in self._shades:
            return
        if shading is None:
            del self._shades[layer]
        else:
            self._shades[layer] = Dress(shading.style, shading)
        self.changed.emit()

    def set_underneath(self, sources: tuple[MapSource, ...]) -> None:
        """Paint these below all layers; they cannot be picked."""
        if sources or self._underneath:
            self._underneath = sources
            self.changed.emit()

    def extent(self, layer: str | None = None) -> Extent | None:
        """Return the box around a layer, or around all that are switched on.

        The few features that lie far from all others (swapped or missing coordinates) are left
        out: they would make the town a dot.
        """
        if layer is not None:
            return usual_extent(self._layers[layer].columns.boxes())
        shown = [held.columns.boxes() for held in self if held.visible]
        return usual_extent(np.concatenate([np.empty((0, 4)), *shown]))

    def main_extent(self) -> Extent | None:
        """Return the box that holds nearly all assets; of everything where there are few."""
        assets = [held.columns.boxes() for held in self if held.asset.kind == "asset"]
        bounds = np.concatenate([np.empty((0, 4)), *assets])
        return most_extent(bounds) if len(bounds) >= _MANY else self.extent()

    def extent_of(self, layer: str, fids: NDArray[np.int64]) -> Extent | None:
        """Return the box around some features; None if they are nowhere on the map."""
        held = self._layers.get(layer)
        return held.columns.extent_of(fids) if held is not None else None

    def pick(self, x: float, y: float, *, within: float, denominator: float) -> list[Hit]:
        """Return the features near a place, the one most likely meant first.

        Points before lines before areas, assets before reference layers, then the nearest,
        then the topmost.
        """
        ranked = []
        for height, held in enumerate(self):
            if self.shows_at(held, denominator):
                rank = (held.asset.kind == "reference", held.columns.dimension)
                ranked += [(rank, hit.away, -height, hit) for hit in _hits(held, x, y, within)]
        ranked.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in ranked]

    def within(self, extent: Extent, denominator: float) -> dict[str, NDArray[np.int64]]:
        """Return row numbers by layer of what is seen inside a box, topmost layer first."""
        found = {}
        for held in reversed(list(self)):
            if self.shows_at(held, denominator):
                fids = held.columns.meeting(extent)
                if len(fids):
                    found[held.asset.id] = fids
        return found

    def snap(
        self,
        x: float,
        y: float,
        *,
        tolerance: float,
        denominator: float,
        without: Collection[tuple[str, int]] = (),
        origin: tuple[float, float] | None = None,
        edited: Collection[str] = (),
    ) -> Snap | None:
        """Return the best place to snap to among the layers that are seen and attract the mouse.

        Parameters
        ----------
        edited : collection of str
            The layers that are being worked on, which attract it whatever is chosen. Who works on
            areas of the administration means all of those.
        """
        at_areas = any(layer in self and not self[layer].asset.snapped for layer in edited)
        seen = [
            held.columns
            for held in self
            if (held.attracts or at_areas or held.asset.id in edited)
            and self.shows_at(held, denominator)
        ]
        return snapping.nearest(seen, x, y, tolerance=tolerance, without=without, origin=origin)

    def _update(self, announcement: Announcement, reader: BatchReader) -> None:
        behind = []
        for layer, delta in announcement.layers.items():
            held = self._layers.get(layer)
            if held is None:
                continue
            if held.loading:
                self._early.append(replace(announcement, layers={layer: delta}))
            elif _rows(delta) > _AT_ONCE:
                behind.append(layer)
            elif _is_seen(delta, held.style):
                columns = held.everything.updated(delta, reader, held.style)
                only = held.only.after(delta) if held.only is not None else None
                self._layers[layer] = replace(held, only=only).holding(columns)
        if behind:
            self.behind.emit(tuple(behind))


def _rows(delta: LayerDelta) -> int:
    return len(delta.inserted) + len(delta.updated) + len(delta.deleted)


def _is_seen(delta: LayerDelta, style: Style) -> bool:
    """Whether a change alters anything on the map."""
    shown = delta.geometry or len(delta.inserted) or len(delta.deleted)
    return bool(shown) or not delta.fields.isdisjoint(style.columns)


def _hits(held: MapLayer, x: float, y: float, within: float) -> Iterator[Hit]:
    found, away = held.columns.near(x, y, within, most=_MOST_HITS)
    for row, distance in enumerate(away.tolist()):
        yield Hit(held.asset.id, int(found.fids[row]), distance, found, row)
