"""Find and replace: what is found is listed, with what it becomes, before anything is stored."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
)

from hjgis.edits.cells import CellChange, replaced_cells, set_cells
from hjgis.errors import HjgisError
from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from hjgis.models.replacing import Search
from hjgis.progress import Progress
from hjgis.ui.dialogs.table.frame import (
    AT_ONCE,
    DOUBTFUL,
    REFUSED,
    RowsChoice,
    TableDialog,
    preview,
    put,
    title_of,
)
from hjgis.ui.panels.table import TablePanel

_LISTED: Final = 1_000
_AFTER_MS: Final = 250
_FIELD_PX: Final = 130
_CHECKED: Final = Qt.CheckState.Checked
_VISIBLE: Final = "visible"


class ReplaceDialog(TableDialog):
    """What to find, what it becomes, where; and the list of all that is found."""

    def __init__(self, panel: TablePanel) -> None:
        super().__init__(panel, _("Find and replace"), _("Replace"))
        self.find_line, self.put_line = QLineEdit(), QLineEdit()
        self.rows, self.where = RowsChoice(panel, rather_all=True), QComboBox()
        self.whole = QCheckBox(_("Whole cell"))
        self.case = QCheckBox(_("Match case"))
        self.pattern = QCheckBox(_("Regular expression"))
        self.look = QPushButton(_("Find all"))
        self.look.setAutoDefault(False)
        headings = [_("Row"), _("Field"), _("Is now"), _("New value")]
        self.table = preview(headings, stretch=3)
        self.cells: list[CellChange] = []
        self._soon = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._fill_where()
        self._lay_out()
        for box in (self.rows, self.where):
            box.currentIndexChanged.connect(self._changed)
        for line in (self.find_line, self.put_line):
            line.textChanged.connect(self._changed)
        for tick in (self.whole, self.case, self.pattern):
            tick.toggled.connect(self._changed)
        self._soon.timeout.connect(self.look_for)
        self.look.clicked.connect(self.look_for)
        self.table.itemChanged.connect(self._count)
        self.ok.clicked.connect(self._replace)
        self._changed()

    def _lay_out(self) -> None:
        form, ticks = QFormLayout(), QHBoxLayout()
        form.addRow(_("Find"), self.find_line)
        form.addRow(_("Replace with"), self.put_line)
        form.addRow(_("In"), self.where)
        form.addRow(_("Rows"), self.rows)
        for tick in (self.whole, self.case, self.pattern):
            ticks.addWidget(tick)
        ticks.addStretch(1)
        ticks.addWidget(self.look)
        form.addRow("", ticks)
        self.body.addLayout(form)
        self.body.addWidget(self.table, 1)
        for column, width in enumerate((150, _FIELD_PX, 170)):
            self.table.setColumnWidth(column, width)
        self.resize(720, 560)
        self.find_line.setFocus()

    def _fill_where(self) -> None:
        model, view = self.panel.model, self.panel.view
        self.where.addItem(_("all columns that are shown"), _VISIBLE)
        self.where.addItem(_("all columns"), None)
        for at in view.visible_columns():
            column = model.columns[at]
            if column.is_editable:
                self.where.addItem(column.title, column.name)
        current = view.currentIndex()
        if current.isValid():
            found = self.where.findData(model.columns[current.column()].name)
            self.where.setCurrentIndex(max(found, 0))

    @property
    def search(self) -> Search:
        """What is asked for."""
        ticks = (self.whole, self.case, self.pattern)
        return Search(
            self.find_line.text(), self.put_line.text(), *(tick.isChecked() for tick in ticks)
        )

    def _fields(self) -> list[str]:
        model, chosen = self.panel.model, self.where.currentData()
        if chosen == _VISIBLE:
            columns = [model.columns[at] for at in self.panel.view.visible_columns()]
        else:
            columns = [c for c in model.columns if chosen is None or c.name == chosen]
        return [column.name for column in columns if column.is_editable]

    def _changed(self) -> None:
        self.cells = []
        self.table.setRowCount(0)
        self.ok.setEnabled(False)
        self.say("")
        asked = bool(self.find_line.text()) or self.whole.isChecked()
        self.look.setEnabled(asked)
        if asked and len(self.rows.fids()) <= AT_ONCE:
            self._soon.start()

    def look_for(self) -> None:
        """List all that is found."""
        self._soon.stop()
        if self.project.is_closed:
            return
        fids, fields, search = self.rows.fids(), self._fields(), self.search
        layer, catalogue = self.asset.id, self.project.catalogue

        def work(project: Project, progress: Progress) -> list[CellChange]:
            return replaced_cells(
                project, layer, fids, fields, search, catalogue=catalogue, progress=progress
            )

        self.run(len(fids), work, self._take)

    def failed(self, error: HjgisError) -> None:
        """Say what did not work; nothing is offered to be stored."""
        self.cells = []
        self.table.setRowCount(0)
        self.ok.setEnabled(False)
        super().failed(error)

    def _take(self, cells: list[CellChange]) -> None:
        # What cannot be stored is seen first.
        self.cells = sorted(cells, key=_refused_first)
        shown = self.cells[:_LISTED]
        names = self.row_names(cell.fid for cell in shown)
        self.table.blockSignals(True)
        self.table.setRowCount(len(shown))
        for row, cell in enumerate(shown):
            self._list(row, cell, names[cell.fid])
        self.table.blockSignals(False)
        fitting = self.table.sizeHintForColumn(1)
        self.table.setColumnWidth(1, min(max(fitting, _FIELD_PX), 2 * _FIELD_PX))
        self._count()

    def _list(self, row: int, cell: CellChange, name: str) -> None:
        field = self.asset.field(cell.field)
        item = put(self.table, row, 0, name)
        if not cell.refused:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(_CHECKED)
        put(self.table, row, 1, title_of(field))
        put(self.table, row, 2, self.shown_value(field, cell.old))
        text = cell.text if cell.text else _("(empty)")
        why = cell.refused or cell.doubt
        color = REFUSED if cell.refused else DOUBTFUL if cell.doubt else None
        put(self.table, row, 3, f"{text} – {why}" if why else text, color=color)

    def chosen(self) -> list[CellChange]:
        """Return the cells that are ticked, and those that are too many to be listed."""
        listed = [
            cell
            for row, cell in enumerate(self.cells[:_LISTED])
            if not cell.refused and self._is_ticked(row)
        ]
        return listed + [cell for cell in self.cells[_LISTED:] if not cell.refused]

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, 0)
        return item is not None and item.checkState() == _CHECKED

    def _count(self) -> None:
        chosen = len(self.chosen())
        refused = sum(bool(cell.refused) for cell in self.cells)
        found = ngettext_("{count} cell found", "{count} cells found", len(self.cells))
        text = found.format(count=grouped(len(self.cells)))
        if self.cells:
            text += _("; {count} will be replaced").format(count=grouped(chosen))
        if refused:
            text += _("; {count} cannot be and stay as they are").format(count=grouped(refused))
        if len(self.cells) > _LISTED:
            text += _("; the first {count} are listed").format(count=grouped(_LISTED))
        self.say(text)
        self.ok.setEnabled(chosen > 0)

    def _replace(self) -> None:
        layer, cells = self.asset.id, self.chosen()

        def make(project: Project) -> ChangeSet:
            return set_cells(project, layer, cells)

        self.ask(len(cells), make)
        self._changed()


def _refused_first(cell: CellChange) -> bool:
    return not cell.refused
