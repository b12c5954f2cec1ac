"""What the windows of the table have in common: rows to choose, work with progress, a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import ChangeSet
from hjgis.models.validation import display
from hjgis.progress import SILENT, Progress
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import MARGINS, RIGHT, make_list
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.storing import reckoned

T = TypeVar("T")
# Previews are long: their rows are lower than those of other lists.
_ROW_PX: Final = 24
# So many rows are worked on at once; more of them in the background.
AT_ONCE: Final = 5_000
REFUSED: Final = QColor("#fdecea")
DOUBTFUL: Final = QColor("#fff3c4")
_SELECTED, _SHOWN, _EVERY = "selected", "shown", "every"


class TableDialog(QDialog):
    """A window beside the table; `wanted` carries what makes the edit."""

    wanted = Signal(object)

    def __init__(self, panel: TablePanel, title: str, act: str) -> None:
        super().__init__(panel)
        assert panel.model.asset is not None
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.panel, self.project = panel, panel.project
        self.asset: AssetType = panel.model.asset
        self.jobs = Jobs(self)
        self.body = QVBoxLayout()
        self.said, self.bar = QLabel(), QProgressBar()
        self.said.setWordWrap(True)
        self.said.hide()
        self.bar.hide()
        self.ok, self.stop = QPushButton(act), QPushButton(_("Stop"))
        self.shut = QPushButton(_("Close"))
        self.ok.setObjectName("primary")
        self.stop.hide()
        for button in (self.ok, self.stop, self.shut):
            # Enter in a line of text, or in an input method, must not press it.
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        row.addStretch(1)
        row.addWidget(self.ok)
        row.addWidget(self.shut)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addLayout(self.body, 1)
        column.addWidget(self.said)
        column.addLayout(row)
        self.stop.clicked.connect(self.jobs.cancel)
        self.shut.clicked.connect(self.reject)
        self.jobs.progressed.connect(self._show_progress)
        self.jobs.finished.connect(self._rest)
        self.wanted.connect(panel.wanted)
        self.finished.connect(self.jobs.stop)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a line above the buttons."""
        self.said.setObjectName("error" if wrong else "")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def run(
        self, rows: int, work: Callable[[Project, Progress], T], done: Callable[[T], None]
    ) -> None:
        """Do work on so many rows: at once, or in the background with progress and Stop."""
        if rows <= AT_ONCE:
            try:
                result = work(self.project, SILENT)
            except HjgisError as error:
                self.failed(error)
                return
            done(result)
            return
        reader = self.project.reader

        def apart(progress: Progress) -> T:
            with reader() as project:
                return work(project, progress)

        self.jobs.cancel()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.show()
        self.jobs.run(apart, done, title=self.windowTitle(), on_error=self.failed)

    def ask(self, count: int, make: Callable[[Project], ChangeSet]) -> None:
        """Ask for an edit of so many rows to be worked out and stored."""
        self.wanted.emit(partial(reckoned, self.project, count, make))

    def failed(self, error: HjgisError) -> None:
        """Say what did not work."""
        stopped = isinstance(error, Cancelled)
        self.say(_("Stopped; nothing was changed.") if stopped else str(error), wrong=True)

    def _show_progress(self, done: int, total: int, _key: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _rest(self) -> None:
        self.bar.hide()
        self.stop.hide()

    def row_names(self, fids: Iterable[int]) -> dict[int, str]:
        """Return how people call rows: by what is shown of them, or what tells them apart."""
        names = [f.name for f in self.asset.fields if f.unique or f.name == self.asset.display]
        numbers = [int(fid) for fid in fids]
        table = self.project.table(self.asset.id, names, fids=numbers, geometry=False)
        result = {fid: _("row {fid}").format(fid=fid) for fid in numbers}
        for row, fid in enumerate(table.fids.tolist()):
            words = [table.columns[name][row] for name in reversed(names)]
            result[fid] = next((str(word) for word in words if word), result[fid])
        return result

    def shown_value(self, field: Field, value: object) -> str:
        """Return a value as it is shown; what is empty is said to be."""
        assert value is None or isinstance(value, str | int | float | bool)
        return display(field, value, self.project.catalogue) or _("(empty)")


class RowsChoice(QComboBox):
    """Which rows: the selected ones, all that the table shows, or all of the layer."""

    def __init__(self, panel: TablePanel, *, rather_all: bool = False) -> None:
        super().__init__()
        self._panel = panel
        chosen, shown = panel.selected_fids(), panel.model.fids
        assert panel.model.asset is not None
        count = panel.project.count(panel.model.asset.id)
        if len(chosen):
            words = ngettext_("the selected row", "the {count} selected rows", len(chosen))
            self.addItem(words.format(count=grouped(len(chosen))), _SELECTED)
        words = _("all {count} rows that are shown")
        self.addItem(words.format(count=grouped(len(shown))), _SHOWN)
        if len(shown) != count:
            words = _("all {count} rows of the layer")
            self.addItem(words.format(count=grouped(count)), _EVERY)
        # One selected row is most often just where one stands.
        if rather_all and len(chosen) == 1:
            self.setCurrentIndex(1)
        self._selected = chosen

    def fids(self) -> NDArray[np.int64]:
        """Return their row numbers."""
        kind = self.currentData()
        if kind == _SELECTED:
            return self._selected
        if kind == _SHOWN:
            return self._panel.model.fids
        assert self._panel.model.asset is not None
        return self._panel.project.store.ordered_fids(self._panel.model.asset.id)


def field_box(panel: TablePanel) -> QComboBox:
    """Return a box with the fields that people may fill, the current column's first chosen."""
    box = QComboBox()
    for column in panel.model.columns:
        if column.is_editable and column.field is not None:
            box.addItem(column.heading, column.name)
    index = panel.view.currentIndex()
    if index.isValid():
        box.setCurrentIndex(max(box.findData(panel.model.columns[index.column()].name), 0))
    box.setMaxVisibleItems(20)
    return box


def preview(headings: Sequence[str], *, stretch: int, right: int | None = None) -> QTableWidget:
    """Return an empty list that is only looked at; the column `right` holds numbers."""
    table = QTableWidget(0, len(headings))
    make_list(table, headings)
    item = table.horizontalHeaderItem(right) if right is not None else None
    if item is not None:
        item.setTextAlignment(RIGHT)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    return table


def put(
    table: QTableWidget,
    row: int,
    column: int,
    text: str,
    *,
    color: QColor | None = None,
    tip: str = "",
) -> QTableWidgetItem:
    """Fill one cell of a list."""
    item = QTableWidgetItem(text)
    item.setToolTip(tip or text)
    if color is not None:
        item.setBackground(color)
    table.setItem(row, column, item)
    return item


def title_of(field: Field) -> str:
    """Return a field's label."""
    return label(field.label)
