"""Rows of a layer for Qt's views, read page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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

from hjgis.edits.attributes import set_each, set_unknown
from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.layers.table_rows import Order
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.identifiers import other_scheme
from hjgis.models.measures import MEASURES, measure, measures_of
from hjgis.models.query import Part
from hjgis.models.unknown import unknown_names
from hjgis.models.validation import BadValue, SaysUnknown, coerce, display, problem
from hjgis.ui.door import store

_PAGE: Final = 200
_KEPT_PAGES: Final = 40
_WRONG: Final = QColor("#fdecea")
_WORKED_OUT: Final = QColor("#5b6670")
LINKS: Final = ("from_node", "to_node")
# In a layer of no more rows than this, which ones and in what order is found at once.
AT_ONCE: Final = 20_000
_Index = QModelIndex | QPersistentModelIndex
_Row = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a field, or what the geometry tells (then `field` is None)."""

    name: str
    field: Field | None

    @property
    def title(self) -> str:
        """The heading without unit."""
        return label(self.field.label) if self.field else _(MEASURES[self.name][0])

    @property
    def unit(self) -> str:
        """The unit; empty if there is none."""
        return (self.field.unit or "") if self.field else MEASURES[self.name][1]

    @property
    def heading(self) -> str:
        """The heading with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self.field is None or self.field.type in ("integer", "number")

    @property
    def is_editable(self) -> bool:
        """Whether people may type into it: links to nodes are made on the map."""
        return self.field is not None and self.name not in LINKS


class FeatureTableModel(QAbstractTableModel):
    """One layer as a table: only row numbers are held, values come in pages of 200.

    `wanted` asks for other rows; who hears it answers with `show_rows`.

    Attributes
    ----------
    is_known : bool
        Whether it has been found which rows of the layer there are.
    """

    troubled = Signal(str)
    wanted = Signal()

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.asset: AssetType | None = None
        self.columns: tuple[Column, ...] = ()
        self.fids: NDArray[np.int64] = np.empty(0, np.int64)
        self.is_known = False
        self.conditions: tuple[Part, ...] = ()
        self.order: Order = ()
        self._pages: OrderedDict[int, tuple[Sequence[str], list[_Row]]] = OrderedDict()

    def show_layer(self, layer: str) -> None:
        """Show another layer, unfiltered and in row order."""
        self.beginResetModel()
        self.asset = self._project.asset_type(layer)
        fields = [Column(field.name, field) for field in self.asset.fields]
        measured = [Column(name, None) for name in measures_of(self.asset)]
        self.columns = (*fields, *measured)
        self.conditions, self.order = (), ()
        self.fids, self.is_known = np.empty(0, np.int64), False
        self._pages.clear()
        self.endResetModel()
        self.reload()

    def filter(self, conditions: Sequence[Part]) -> None:
        """Show only rows that meet the conditions."""
        self.conditions = tuple(conditions)
        self.reload()

    def sort_by(self, order: Order) -> None:
        """Sort by several columns, the first one counting most; none: in row order."""
        self.order = tuple(order)
        self.reload()

    def reload(self) -> None:
        """Ask anew which rows there are."""
        self.wanted.emit()

    def show_rows(self, fids: NDArray[np.int64]) -> None:
        """Show these rows, in this order."""
        self.beginResetModel()
        self._pages.clear()
        self.fids, self.is_known = fids, True
        self.endResetModel()

    def refresh_values(self, fids: NDArray[np.int64] | None = None) -> None:
        """Read values anew, of some rows or all; the rows are the same."""
        pages = list(self._pages)
        if fids is not None and pages:
            # Asked once for all of them: a change may be of a million rows.
            held = [self._page_fids(page) for page in pages]
            ends = np.cumsum([len(one) for one in held])[:-1]
            met = np.split(np.isin(np.concatenate(held), fids), ends)
            pages = [page for page, hit in zip(pages, met, strict=True) if hit.any()]
        last = self.columnCount() - 1
        for page in pages:
            del self._pages[page]
            end = min((page + 1) * _PAGE, len(self.fids)) - 1
            if end >= page * _PAGE:
                # What no page holds was never shown, or will be read when it is shown again.
                self.dataChanged.emit(self.index(page * _PAGE, 0), self.index(end, last))

    def row_of(self, fid: int) -> int | None:
        """Return the row that shows a feature; None if it is filtered out."""
        found = np.flatnonzero(self.fids == fid)
        return int(found[0]) if len(found) else None

    def column_of(self, name: str) -> int:
        """Return the column of a field or measure."""
        return next(at for at, column in enumerate(self.columns) if column.name == name)

    # -- Qt ------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.fids)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._align(0, section)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading + self._arrow(column.name)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column.field is None:
                return _("worked out from the geometry; cannot be edited here")
            return f"{column.field.name}\n{column.field.basis}"
        return None

    def _arrow(self, name: str) -> str:
        """Return how a column is sorted by; with its rank where there are several."""
        for rank, (key, falls) in enumerate(self.order, 1):
            if key == name:
                return f" {'▼' if falls else '▲'}{rank if len(self.order) > 1 else ''}"
        return ""

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        reader = _ROLES.get(role)
        if reader is None or self.asset is None or not index.isValid():
            return None
        return reader(self, index.row(), index.column())

    def flags(self, index: _Index) -> Qt.ItemFlag:
        usual = super().flags(index)
        if self._project.read_only or not self.columns[index.column()].is_editable:
            return usual
        return usual | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self.asset is None:
            return False
        before = self.value(index.row(), index.column())
        reason = self.put(index.row(), index.column(), value)
        if reason:
            title = self.columns[index.column()].title
            self.troubled.emit(_("{field}: {problem}").format(field=title, problem=reason))
        return not reason and before != self.value(index.row(), index.column())

    def put(self, row: int, column: int, text: object) -> str:
        """Store what was typed into a cell; return why that cannot be, nothing if it is done."""
        field = self.columns[column].field
        assert self.asset is not None
        assert field is not None
        try:
            changes = self._change(self.asset.id, row, field, text)
            if changes:
                store(self._project, changes, tell=self.troubled.emit)
        except (BadValue, HjgisError) as error:
            return str(error)
        return ""

    def _change(self, layer: str, row: int, field: Field, text: object) -> ChangeSet:
        try:
            new = coerce(field, text, self._project.catalogue)
        except SaysUnknown:
            key = FeatureKey(layer, self._row(row)[0])
            return set_unknown(self._project, [key], field.name)
        return set_each(self._project, layer, [int(self.fids[row])], {field.name: [new]})

    # -- reading -------------------------------------------------------------------------

    def filled(self) -> frozenset[str]:
        """Return the columns of which some rows, looked for all over the table, have a value."""
        assert self.asset is not None
        some = self.fids[:: -(-len(self.fids) // _PAGE) or 1]
        _uuids, rows = read_rows(self._project, self.asset.id, self.columns, np.sort(some))
        by_column = zip(self.columns, zip(*rows.values(), strict=True), strict=False)
        empty = (None, "")
        return frozenset(one.name for one, held in by_column if any(v not in empty for v in held))

    def came_many(self, rows: int) -> bool:
        """Whether so many rows, or more, were not drawn one by one."""
        assert self.asset is not None
        return len(self.fids) - self._project.history.drawn(self.asset.id) >= rows

    def value(self, row: int, column: int) -> Value:
        """Return a value as it is stored."""
        return self._row(row)[1][column]

    def shown(self, row: int, column: int) -> str:
        """Return a value as people read it."""
        return self.words(column, self.value(row, column))

    def words(self, column: int, value: Value) -> str:
        """Return how a value of a column is shown."""
        field = self.columns[column].field
        if field is None:
            return "" if value is None else f"{value:.2f}"
        return display(field, value, self._project.catalogue)

    def _row(self, row: int) -> tuple[str, _Row]:
        page = row // _PAGE
        if page not in self._pages:
            self._pages[page] = self._read(page)
            while len(self._pages) > _KEPT_PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        uuids, rows = self._pages[page]
        return uuids[row % _PAGE], rows[row % _PAGE]

    def _page_fids(self, page: int) -> NDArray[np.int64]:
        return self.fids[page * _PAGE : (page + 1) * _PAGE]

    def _read(self, page: int) -> tuple[Sequence[str], list[_Row]]:
        assert self.asset is not None
        fids = self._page_fids(page)
        uuids, rows = read_rows(self._project, self.asset.id, self.columns, fids)
        # A row that has just been deleted is empty until the table hears of it.
        empty: _Row = (None,) * len(self.columns)
        numbers = fids.tolist()
        return [uuids.get(f, "") for f in numbers], [rows.get(f, empty) for f in numbers]

    def _align(self, _row: int, column: int) -> Qt.AlignmentFlag:
        right = self.columns[column].is_number
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _trouble(self, row: int, column: int) -> str | None:
        field, value = self.columns[column].field, self.value(row, column)
        if field is None or self.asset is None:
            return None
        stored = zip(self.columns, self._row(row)[1], strict=True)
        others = {column.field.name: known for column, known in stored if column.field is not None}
        if value is None:
            lacking = field.required and field.applies(others)
            lacking = lacking and field.name not in unknown_names(others)
            return _("required, and empty") if lacking else None
        return problem(field, value, self._project.catalogue, others)

    def _tip(self, row: int, column: int) -> str | None:
        trouble, field = self._trouble(row, column), self.columns[column].field
        if trouble is not None or field is None or field.name != "component_id":
            return trouble
        assert self.asset is not None
        return other_scheme(self.value(row, column), self.asset, self._project.catalogue)

    def _background(self, row: int, column: int) -> QColor | None:
        return _WRONG if self._trouble(row, column) else None

    def _ink(self, _row: int, column: int) -> QColor | None:
        return _WORKED_OUT if self.columns[column].field is None else None


def read_rows(
    project: Project, layer: str, columns: Sequence[Column], fids: NDArray[np.int64]
) -> tuple[Mapping[int, str], Mapping[int, _Row]]:
    """Read identities and values of rows by row number, in the order of the columns."""
    names = [column.name for column in columns if column.field is not None]
    measured = [column.name for column in columns if column.field is None]
    table = project.table(layer, names, fids=fids.tolist(), geometry=bool(measured))
    read: dict[str, Sequence[Value]] = {n: v.tolist() for n, v in table.columns.items()}
    for name in measured:
        assert table.geometry is not None
        sizes = measure(name, table.geometry)
        read[name] = [None if np.isnan(size) else float(size) for size in sizes]
    numbers = table.fids.tolist()
    rows = zip(*(read[column.name] for column in columns), strict=True)
    return dict(zip(numbers, table.uuids.tolist(), strict=True)), dict(
        zip(numbers, rows, strict=True)
    )


_ROLES: Final[dict[int, Callable[[FeatureTableModel, int, int], Any]]] = {
    Qt.ItemDataRole.DisplayRole: FeatureTableModel.shown,
    Qt.ItemDataRole.EditRole: FeatureTableModel.shown,
    Qt.ItemDataRole.TextAlignmentRole: FeatureTableModel._align,
    Qt.ItemDataRole.BackgroundRole: FeatureTableModel._background,
    Qt.ItemDataRole.ForegroundRole: FeatureTableModel._ink,
    Qt.ItemDataRole.ToolTipRole: FeatureTableModel._tip,
}
