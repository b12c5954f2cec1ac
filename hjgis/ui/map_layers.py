"""The layers as the map holds them: columns in memory, what is shown, what is locked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.layers import snapping
from hjgis.layers.columns import LayerColumns, most_extent, read_columns, usual_extent
from hjgis.layers.project import Project
from hjgis.layers.snapping import Snap
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, Extent, FeatureKey
from hjgis.models.reading import LayerTable
from hjgis.models.style import Style
from hjgis.models.stylefile import style_for
from hjgis.progress import SILENT, Progress
from hjgis.render.features import LayerPaint, layer_paint

# Below this, shares of the features say nothing.
_MANY: Final = 500
_DIMENSIONS: Final = {"Point": 0, "LineString": 1, "MultiLineString": 1}


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature under the mouse; `away` is its distance in metres."""

    layer: str
    fid: int
    uuid: str
    away: float
    geometry: BaseGeometry

    @property
    def key(self) -> FeatureKey:
        """Identity of the feature."""
        return FeatureKey(self.layer, self.uuid)


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer on the map."""

    asset: AssetType
    style: Style
    columns: LayerColumns
    paint: LayerPaint
    visible: bool = True
    locked: bool = False

    def shows_at(self, denominator: float) -> bool:
        """Whether it is switched on and its scale range holds 1 : `denominator`."""
        return self.visible and self.style.visible_at(denominator)


def read_all(project: Project, progress: Progress = SILENT) -> dict[str, LayerColumns]:
    """Read every layer's columns; may run in a worker with its own reader."""
    result = {}
    for done, (layer, asset) in enumerate(project.types.items()):
        progress.report(done, len(project.types), layer)
        progress.check()
        result[layer] = read_columns(project, layer, style_for(asset))
    return result


def paint_of(columns: LayerColumns, asset: AssetType, style: Style) -> LayerPaint:
    """Make columns ready to paint; classes and labels are in the columns already."""
    bare = replace(style, class_field=None, label=None)
    table = LayerTable(columns.layer, columns.fids, columns.uuids, columns.geometry, {})
    shapes = layer_paint(table, bare, label=asset.label)
    texts = tuple(columns.texts) if style.label else ()
    return replace(shapes, style=style, classes=columns.classes, texts=texts)


class MapLayers(QObject):
    """All layers of the map, lowest first."""

    changed = Signal()
    shown_changed = Signal()
    loaded = Signal()

    def __init__(self, types: Mapping[str, AssetType], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layers = {layer: _empty(asset) for layer, asset in types.items()}
        self._early: list[Announcement] = []
        self.is_loaded = False

    def __iter__(self) -> Iterator[MapLayer]:
        return iter(self._layers.values())

    def __contains__(self, layer: object) -> bool:
        return layer in self._layers

    def __getitem__(self, layer: str) -> MapLayer:
        return self._layers[layer]

    @property
    def is_empty(self) -> bool:
        """Whether no layer holds a feature with a place."""
        return not any(len(held.columns) for held in self)

    def load(self, columns: Mapping[str, LayerColumns], reader: Project) -> None:
        """Take what was read, then what was changed while it was being read."""
        self.is_loaded = True
        for layer, read in columns.items():
            self._put(layer, read)
        for announcement in self._early:
            self._update(announcement, reader)
        self._early.clear()
        self.loaded.emit()
        self.changed.emit()

    def follow(self, announcement: Announcement, reader: Project) -> None:
        """Take up a stored change: only the touched rows are read."""
        if not self.is_loaded:
            self._early.append(announcement)
            return
        self._update(announcement, reader)
        self.changed.emit()

    def add(self, asset: AssetType, reader: Project) -> None:
        """Take up a layer that was added to the project, at the bottom."""
        columns = read_columns(reader, asset.id, style_for(asset))
        self._layers = {asset.id: _empty(asset), **self._layers}
        self._put(asset.id, columns)
        self.loaded.emit()
        self.changed.emit()

    def set_visible(self, layer: str, *, visible: bool) -> None:
        """Switch a layer on or off."""
        if self._layers[layer].visible != visible:
            self._layers[layer] = replace(self._layers[layer], visible=visible)
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

    def set_locked(self, layer: str, *, locked: bool) -> None:
        """Keep a layer from being edited on the map, or let it be."""
        self._layers[layer] = replace(self._layers[layer], locked=locked)
        self.shown_changed.emit()

    def paints(self) -> tuple[LayerPaint, ...]:
        """Return what is to be painted, lowest first."""
        return tuple(layer.paint for layer in self if layer.visible and len(layer.columns))

    def selected_paint(self, layer: str, fids: NDArray[np.int64]) -> LayerPaint | None:
        """Return the selected features of a layer, ready to paint with a halo."""
        held = self._layers[layer]
        some = held.columns.taken(held.columns.rows_of(fids))
        if not len(some) or not held.visible:
            return None
        paint = paint_of(some, held.asset, replace(held.style, label=None))
        return replace(paint, selected=np.ones(len(some), np.bool_))

    def extent(self, layer: str | None = None) -> Extent | None:
        """Return the box around a layer, or around all that are switched on.

        The few features that lie far from all others (swapped or missing coordinates) are left
        out: they would make the town a dot.
        """
        if layer is not None:
            return usual_extent(self._layers[layer].columns.bounds)
        shown = [held.columns.bounds for held in self if held.visible]
        return usual_extent(np.concatenate([np.empty((0, 4)), *shown]))

    def main_extent(self) -> Extent | None:
        """Return the box that holds nearly all assets; of everything where there are few."""
        assets = [held.columns.bounds for held in self if held.asset.kind == "asset"]
        bounds = np.concatenate([np.empty((0, 4)), *assets])
        return most_extent(bounds) if len(bounds) >= _MANY else self.extent()

    def extent_of(self, layer: str, fids: NDArray[np.int64]) -> Extent | None:
        """Return the box around some features."""
        columns = self._layers[layer].columns
        return columns.taken(columns.rows_of(fids)).extent()

    def pick(self, x: float, y: float, *, within: float, denominator: float) -> list[Hit]:
        """Return the features near a place, the one most likely meant first.

        Points before lines before areas, assets before reference layers, then the nearest,
        then the topmost.
        """
        ranked = []
        for height, held in enumerate(self):
            if held.shows_at(denominator):
                rank = (held.asset.kind == "reference", _DIMENSIONS.get(held.asset.geometry, 2))
                ranked += [(rank, hit.away, -height, hit) for hit in _hits(held, x, y, within)]
        ranked.sort(key=lambda entry: entry[:3])
        return [entry[3] for entry in ranked]

    def within(self, extent: Extent, denominator: float) -> dict[str, NDArray[np.int64]]:
        """Return row numbers by layer of what is seen inside a box, topmost layer first."""
        found = {}
        for held in reversed(list(self)):
            if held.shows_at(denominator):
                rows = held.columns.meeting(extent)
                if len(rows):
                    found[held.asset.id] = held.columns.fids[rows]
        return found

    def snap(
        self,
        x: float,
        y: float,
        *,
        tolerance: float,
        denominator: float,
        without: Collection[str] = (),
    ) -> Snap | None:
        """Return the best place to snap to among the layers that are seen."""
        seen = [held.columns for held in self if held.shows_at(denominator)]
        return snapping.nearest(seen, x, y, tolerance=tolerance, without=without)

    def _update(self, announcement: Announcement, reader: Project) -> None:
        for layer, delta in announcement.layers.items():
            held = self._layers.get(layer)
            if held is not None:
                self._put(layer, held.columns.updated(delta, reader, held.style))

    def _put(self, layer: str, columns: LayerColumns) -> None:
        held = self._layers[layer]
        paint = paint_of(columns, held.asset, held.style)
        self._layers[layer] = replace(held, columns=columns, paint=paint)


def _hits(held: MapLayer, x: float, y: float, within: float) -> Iterator[Hit]:
    columns = held.columns
    rows, away = columns.near(x, y, within)
    for row, distance in zip(rows.tolist(), away.tolist(), strict=True):
        uuid, shape = str(columns.uuids[row]), columns.geometry[row]
        yield Hit(columns.layer, int(columns.fids[row]), uuid, distance, shape)


def _empty(asset: AssetType) -> MapLayer:
    style = style_for(asset)
    nothing = np.empty(0, object)
    table = LayerTable(
        asset.id,
        np.empty(0, np.int64),
        nothing,
        nothing,
        dict.fromkeys(style.columns, nothing),
    )
    columns = LayerColumns.of(table, style)
    return MapLayer(asset, style, columns, paint_of(columns, asset, style))
