"""Rows of a layer for Qt's views, read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor

from hjgis.edits.attributes import set_values
from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import FeatureKey
from hjgis.models.query import Part
from hjgis.models.validation import BadValue, coerce, display, problem

_PAGE: Final = 200
_KEPT_PAGES: Final = 40
_WRONG: Final = QColor("#fdecea")
_Index = QModelIndex | QPersistentModelIndex


class FeatureTableModel(QAbstractTableModel):
    """One layer as a table: only row numbers are held, values come in pages of 200."""

    troubled = Signal(str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.asset: AssetType | None = None
        self.fids: NDArray[np.int64] = np.empty(0, np.int64)
        self.conditions: tuple[Part, ...] = ()
        self._order: tuple[str | None, bool] = (None, False)
        self._pages: OrderedDict[int, tuple[Sequence[str], list[Sequence[Value]]]] = OrderedDict()

    def show_layer(self, layer: str) -> None:
        """Show another layer, unfiltered and in row order."""
        self.asset = self._project.asset_type(layer)
        self.conditions, self._order = (), (None, False)
        self.reload()

    def filter(self, conditions: Sequence[Part]) -> None:
        """Show only rows that meet the conditions."""
        self.conditions = tuple(conditions)
        self.reload()

    def reload(self) -> None:
        """Read which rows there are anew."""
        self.beginResetModel()
        self._pages.clear()
        if self.asset is not None:
            order, descending = self._order
            self.fids = self._project.store.fids(
                self.asset.id, self.conditions, order=order, descending=descending
            )
        self.endResetModel()

    def refresh_values(self) -> None:
        """Read values anew; the rows are the same."""
        self._pages.clear()
        if len(self.fids):
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.fids) - 1, self.columnCount() - 1)
            )

    def row_of(self, fid: int) -> int | None:
        """Return the row that shows a feature; None if it is filtered out."""
        found = np.flatnonzero(self.fids == fid)
        return int(found[0]) if len(found) else None

    # -- Qt ------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.fids)

    def columnCount(self, parent: _Index | None = None) -> int:
        if self.asset is None or (parent is not None and parent.isValid()):
            return 0
        return len(self.asset.fields)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if self.asset is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        field = self.asset.fields[section]
        if role == Qt.ItemDataRole.DisplayRole:
            unit = f" ({field.unit})" if field.unit else ""
            return f"{label(field.label)}{unit}"
        return f"{field.name}\n{field.basis}" if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        reader = _ROLES.get(role)
        if reader is None or self.asset is None or not index.isValid():
            return None
        return reader(self, index.row(), index.column())

    def flags(self, index: _Index) -> Qt.ItemFlag:
        usual = super().flags(index)
        editable = self.asset is not None and not self._project.read_only
        node = editable and self.asset.fields[index.column()].name in ("from_node", "to_node")  # type: ignore[union-attr]
        return usual | Qt.ItemFlag.ItemIsEditable if editable and not node else usual

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self.asset is None:
            return False
        field = self.asset.fields[index.column()]
        uuid, stored = self._row(index.row())
        try:
            new = coerce(field, value, self._project.catalogue)
            if new == stored[index.column()]:
                return False
            key = FeatureKey(self.asset.id, uuid)
            changes = set_values(self._project, [key], {field.name: new})
            self._project.session.apply(changes)
        except (BadValue, HjgisError) as error:
            self.troubled.emit(f"{label(field.label)}: {error}")
            return False
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if self.asset is None or column < 0:
            return
        self._order = (self.asset.fields[column].name, order == Qt.SortOrder.DescendingOrder)
        self.reload()

    # -- reading -------------------------------------------------------------------------

    def shown(self, row: int, column: int) -> str:
        """Return a value as people read it."""
        assert self.asset is not None
        value = self._row(row)[1][column]
        return display(self.asset.fields[column], value, self._project.catalogue)

    def _row(self, row: int) -> tuple[str, Sequence[Value]]:
        page = row // _PAGE
        if page not in self._pages:
            self._pages[page] = self._read(page)
            while len(self._pages) > _KEPT_PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        uuids, rows = self._pages[page]
        return uuids[row % _PAGE], rows[row % _PAGE]

    def _read(self, page: int) -> tuple[Sequence[str], list[Sequence[Value]]]:
        assert self.asset is not None
        fids = self.fids[page * _PAGE : (page + 1) * _PAGE]
        table = self._project.table(self.asset.id, fids=fids.tolist(), geometry=False)
        # The table comes in row order, the view in its own.
        order = np.argsort(np.argsort(fids, kind="stable"), kind="stable")
        columns = [table.columns[name][order] for name in self.asset.field_names]
        rows: list[Sequence[Value]] = list(zip(*columns, strict=True))
        return table.uuids[order].tolist(), rows

    def _align(self, _row: int, column: int) -> Qt.AlignmentFlag:
        assert self.asset is not None
        right = self.asset.fields[column].type in ("integer", "number")
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _trouble(self, row: int, column: int) -> str | None:
        assert self.asset is not None
        field, value = self.asset.fields[column], self._row(row)[1][column]
        if value is None:
            return _("required, and empty") if field.required else None
        return problem(field, value, self._project.catalogue)

    def _background(self, row: int, column: int) -> QColor | None:
        return _WRONG if self._trouble(row, column) else None


_ROLES: Final[dict[int, Callable[[FeatureTableModel, int, int], Any]]] = {
    Qt.ItemDataRole.DisplayRole: FeatureTableModel.shown,
    Qt.ItemDataRole.EditRole: FeatureTableModel.shown,
    Qt.ItemDataRole.TextAlignmentRole: FeatureTableModel._align,
    Qt.ItemDataRole.BackgroundRole: FeatureTableModel._background,
    Qt.ItemDataRole.ToolTipRole: FeatureTableModel._trouble,
}
