"""Which columns a layer's table shows, in which order and how wide; kept with the window."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QSettings

from hjgis.models.naming import name_fields
from hjgis.ui.itemmodels import FeatureTableModel
from hjgis.ui.panels.table_view import CellView

_log = logging.getLogger("hjgis.ui")
_KEY: Final = "table_columns"
_WIDEST_PX: Final = 2_000
_NARROWEST_PX: Final = 30
_SAMPLE_ROWS: Final = 20
# A layer with so many rows that were not drawn by hand is an imported one.
_IMPORTED_ROWS: Final = 20
# Columns whose values are worked out are there for those who ask for them.
_SHOWN_MEASURES: Final = ("@length", "@area")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Columns from left to right, those of them that are hidden, and widths in pixels."""

    order: tuple[str, ...]
    hidden: frozenset[str]
    widths: Mapping[str, int]


class ColumnLayouts:
    """Remembers an arrangement for each layer that was ever arranged.

    Where nobody has moved columns, those of an imported layer are put so that its values are seen:
    what names a feature, what is filled in, what is empty. That is found once: as values are
    typed, no column changes its place.
    """

    def __init__(self) -> None:
        self._by_layer: dict[str, Arrangement] = {}
        self._usual: dict[str, tuple[str, ...]] = {}

    def take(self, view: CellView, model: FeatureTableModel) -> None:
        """Remember how the columns are now."""
        if model.asset is None or not model.columns:
            return
        header = view.horizontalHeader()
        order = [header.logicalIndex(at) for at in range(len(model.columns))]
        hidden = {c.name for at, c in enumerate(model.columns) if view.isColumnHidden(at)}
        widths = {
            c.name: view.columnWidth(at)
            for at, c in enumerate(model.columns)
            if not view.isColumnHidden(at)
        }
        names = tuple(model.columns[at].name for at in order)
        if names == self._usual.get(model.asset.id):
            # It was found for the rows of this project; others are arranged by theirs.
            names = ()
        self._by_layer[model.asset.id] = Arrangement(names, frozenset(hidden), widths)

    def put(self, view: CellView, model: FeatureTableModel) -> None:
        """Arrange the columns as they were, or as they should be at first."""
        if model.asset is None:
            return
        kept = self._by_layer.get(model.asset.id)
        order = kept.order if kept else ()
        place(view, model, order or self._usual_order(model))
        for at, column in enumerate(model.columns):
            measured = column.field is None and column.name not in _SHOWN_MEASURES
            hidden = column.name in kept.hidden if kept else measured
            view.setColumnHidden(at, hidden)
            width = kept.widths.get(column.name) if kept else None
            view.setColumnWidth(at, width or _fitting(view, model, at))

    def _usual_order(self, model: FeatureTableModel) -> tuple[str, ...]:
        """Return the order of a layer that nobody has arranged; none: the catalogue's."""
        assert model.asset is not None
        layer = model.asset.id
        if layer not in self._usual and len(model.fids) and model.came_many(_IMPORTED_ROWS):
            names, filled = name_fields(model.asset), model.filled()
            columns = [column.name for column in model.columns]
            naming = [name for name in names if name in filled]
            rest = [name for name in columns if name not in naming]
            # A stable sort: those that hold something stand as in the catalogue, then the others.
            self._usual[layer] = (*naming, *sorted(rest, key=lambda name: name not in filled))
        return self._usual.get(layer, ())

    def restore(self, kept: QSettings) -> None:
        """Read what `keep` has written; what cannot be read is left out."""
        try:
            stored = json.loads(str(kept.value(_KEY, "{}")))
            self._by_layer = {str(layer): _read(entry) for layer, entry in stored.items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            _log.info("the columns of tables are not readable: %r", error)

    def keep(self, kept: QSettings) -> None:
        """Write all arrangements."""
        entries = {
            layer: {"order": one.order, "hidden": sorted(one.hidden), "widths": dict(one.widths)}
            for layer, one in self._by_layer.items()
        }
        kept.setValue(_KEY, json.dumps(entries))


def place(view: CellView, model: FeatureTableModel, order: tuple[str, ...]) -> None:
    """Put columns into an order; those it does not name come after, in the catalogue's order."""
    header = view.horizontalHeader()
    known = [name for name in order if any(c.name == name for c in model.columns)]
    rest = [c.name for c in model.columns if c.name not in known]
    for at, name in enumerate((*known, *rest)):
        header.moveSection(header.visualIndex(model.column_of(name)), at)


def _read(entry: Any) -> Arrangement:
    widths = {
        str(name): min(max(int(width), _NARROWEST_PX), _WIDEST_PX)
        for name, width in entry["widths"].items()
    }
    return Arrangement(tuple(map(str, entry["order"])), frozenset(entry["hidden"]), widths)


def _fitting(view: CellView, model: FeatureTableModel, column: int) -> int:
    """Return a width for the heading and the first rows, in pixels."""
    metrics = view.fontMetrics()
    texts = [model.shown(row, column) for row in range(min(_SAMPLE_ROWS, len(model.fids)))]
    wide = max((metrics.horizontalAdvance(text[:60]) for text in texts), default=0)
    heading = metrics.horizontalAdvance(model.columns[column].heading) + 30
    return max(heading, min(wide + 16, 220))
