"""Which columns a table shows, in which order; found by their names or by pinyin."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
)

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.pinyin import is_meant
from hjgis.progress import Progress
from hjgis.ui.dialogs.table.frame import TableDialog
from hjgis.ui.page_parts import frame_list
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.table_columns import place

_ROLE: Final = Qt.ItemDataRole.UserRole
_CHECKED: Final = Qt.CheckState.Checked
_OFF: Final = Qt.CheckState.Unchecked


class ColumnsDialog(TableDialog):
    """A list of all columns to tick and to drag."""

    def __init__(self, panel: TablePanel) -> None:
        super().__init__(panel, _("Columns"), _("Show"))
        self.search, self.list = QLineEdit(), QListWidget()
        self.search.setPlaceholderText(_("Find a column, also by pinyin"))
        self.search.setClearButtonEnabled(True)
        frame_list(self.list)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.every, self.none = QPushButton(_("All")), QPushButton(_("None"))
        self.filled = QPushButton(_("Only filled ones"))
        self.reset = QPushButton(_("As at first"))
        self._lay_out()
        self._fill()
        self.search.textChanged.connect(self._filter)
        self.every.clicked.connect(self._tick_all)
        self.none.clicked.connect(self._tick_none)
        self.filled.clicked.connect(self.tick_filled)
        self.reset.clicked.connect(self._as_at_first)
        self.ok.clicked.connect(self._show)
        self.search.setFocus()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.every, self.none, self.filled, self.reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        hint = QLabel(_("Drag a column up or down to change the order."))
        hint.setObjectName("muted")
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(hint)
        self.body.addLayout(row)
        self.resize(460, 560)

    def _fill(self) -> None:
        view, model = self.panel.view, self.panel.model
        header = view.horizontalHeader()
        for position in range(len(model.columns)):
            at = header.logicalIndex(position)
            self._add(at, shown=not view.isColumnHidden(at))

    def _add(self, at: int, *, shown: bool) -> None:
        column = self.panel.model.columns[at]
        item = QListWidgetItem(column.heading)
        item.setData(_ROLE, column.name)
        item.setToolTip(f"{column.heading}\n{column.name}")
        flags = Qt.ItemFlag
        item.setFlags(
            flags.ItemIsEnabled
            | flags.ItemIsSelectable
            | flags.ItemIsUserCheckable
            | flags.ItemIsDragEnabled
        )
        item.setCheckState(_CHECKED if shown else _OFF)
        self.list.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _filter(self, typed: str) -> None:
        for item in self._items():
            item.setHidden(bool(typed.strip()) and not is_meant(item.text(), typed))

    def _tick_all(self) -> None:
        self._tick(frozenset(item.data(_ROLE) for item in self._items()))

    def _tick_none(self) -> None:
        self._tick(frozenset())

    def tick_filled(self) -> None:
        """Tick the columns that hold something in at least one row."""
        layer = self.asset.id

        def work(project: Project, progress: Progress) -> frozenset[str]:
            return project.store.filled_fields(layer, progress)

        self.run(self.project.last_fid(layer), work, self._tick)

    def _tick(self, names: frozenset[str]) -> None:
        """Tick just these, among the columns that the search leaves to be seen."""
        for item in self._items():
            if not item.isHidden():
                item.setCheckState(_CHECKED if item.data(_ROLE) in names else _OFF)

    def _as_at_first(self) -> None:
        self.search.clear()
        self.list.clear()
        for at, column in enumerate(self.panel.model.columns):
            self._add(at, shown=column.field is not None)

    def _show(self) -> None:
        view, model = self.panel.view, self.panel.model
        shown = {item.data(_ROLE) for item in self._items() if item.checkState() == _CHECKED}
        if not shown:
            self.say(_("Tick at least one column."), wrong=True)
            return
        place(view, model, tuple(item.data(_ROLE) for item in self._items()))
        for at, column in enumerate(model.columns):
            view.setColumnHidden(at, column.name not in shown)
            if (
                column.name in shown
                and view.columnWidth(at) < view.horizontalHeader().minimumSectionSize()
            ):
                view.resizeColumnToContents(at)
        self.panel.layouts.take(view, model)
        self.accept()
