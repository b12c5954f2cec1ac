"""A block from Excel or WPS: where each column goes, and what becomes of each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QWidget,
)

from hjgis.edits.cells import CellChange, add_records, set_cells
from hjgis.i18n import _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import ChangeSet
from hjgis.models.pasting import Block, PastedCell, cells_of, heading_fields, match_rows, read_block
from hjgis.models.query import Condition
from hjgis.ui.dialogs.table.frame import DOUBTFUL, REFUSED, TableDialog, preview, put
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.theme import MUTED, allow

_LISTED: Final = 200
# A row of boxes, and a scroll bar below where there are many.
_FIELDS_PX: Final = 42
_ASKED_AT_ONCE: Final = 10_000
_POSITION, _NEW = "position", "new"
_NOTHING: Final = "–"


def clipboard_block() -> Block:
    """Return what a spreadsheet has put on the clipboard; empty if there is no text."""
    mime = QGuiApplication.clipboard().mimeData()
    return read_block(mime.text()) if mime is not None and mime.hasText() else ()


class PasteDialog(TableDialog):
    """Shows every cell before and after; nothing is left out without consent."""

    def __init__(self, panel: TablePanel, block: Block) -> None:
        super().__init__(panel, _("Paste from a spreadsheet"), _("Store"))
        self._block = block
        current = panel.view.currentIndex()
        self._start = (max(current.row(), 0), max(current.column(), 0))
        self.heading = QCheckBox(_("The first row names the columns"))
        self.heading.setChecked(heading_fields(block[0], self.asset) is not None)
        self.to = QComboBox()
        self.columns = [QComboBox() for _cell in block[0]]
        self.consent = QCheckBox()
        self.table = preview([_("Row"), *(f"{at + 1}" for at in range(len(block[0])))], stretch=0)
        self._cells: list[PastedCell] = []
        self._targets: list[int | None] = []
        self._reasons: dict[int, str] = {}
        self._told = False
        for box in self.columns:
            self._offer_fields(box)
        self._lay_out()
        self._choose_fields()
        self.heading.toggled.connect(self._choose_fields)
        self.to.currentIndexChanged.connect(self.refresh)
        self.to.activated.connect(self._hear)
        for box in self.columns:
            box.currentIndexChanged.connect(self._field_changed)
        self.consent.toggled.connect(self._allow)
        self.ok.clicked.connect(self._store)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(_("Rows go to"), self.to)
        form.addRow("", self.heading)
        row, holder, area = QHBoxLayout(), QWidget(), QScrollArea()
        row.setContentsMargins(0, 0, 0, 0)
        row.setAlignment(Qt.AlignmentFlag.AlignTop)
        for at, box in enumerate(self.columns):
            box.setFixedWidth(160)
            box.setToolTip(_("What column {number} fills").format(number=at + 1))
            row.addWidget(box)
        row.addStretch(1)
        holder.setLayout(row)
        area.setWidget(holder)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFixedHeight(_FIELDS_PX)
        form.addRow(_("Columns fill"), area)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.body.addLayout(form)
        self.body.addWidget(self.table, 1)
        legend = QLabel(_("Red cells cannot be stored; yellow ones are stored as drafts."))
        legend.setObjectName("muted")
        self.body.addWidget(legend)
        self.body.addWidget(self.consent)
        self.resize(960, 560)

    def _offer_fields(self, box: QComboBox) -> None:
        box.addItem(_("(left out)"), None)
        for column in self.panel.model.columns:
            if column.is_editable:
                box.addItem(column.heading, column.name)
        box.setMaxVisibleItems(20)

    # -- what goes where -----------------------------------------------------------------

    @property
    def rows(self) -> Block:
        """The rows of data."""
        return self._block[1:] if self.heading.isChecked() else self._block

    def fields(self) -> list[str | None]:
        """Return what each column of the block fills."""
        return [box.currentData() for box in self.columns]

    def _choose_fields(self) -> None:
        """Let columns go to the fields that they name, or to those from the current cell on."""
        named = heading_fields(self._block[0], self.asset) if self.heading.isChecked() else None
        if named is None:
            shown = self.panel.view.visible_columns()
            at = shown.index(self._start[1]) if self._start[1] in shown else 0
            names = [self.panel.model.columns[column] for column in shown[at:]]
            named = tuple(column.name if column.is_editable else None for column in names)
        for place, box in enumerate(self.columns):
            name = named[place] if place < len(named) else None
            box.blockSignals(True)
            box.setCurrentIndex(max(box.findData(name), 0) if name else 0)
            box.blockSignals(False)
        self._field_changed()

    def _hear(self) -> None:
        self._told = True

    def _field_changed(self) -> None:
        """Offer as keys the fields that tell features apart, of those that are filled."""
        chosen, filled = self.to.currentData(), self.fields()
        self.to.blockSignals(True)
        self.to.clear()
        first = self._start[0] + 1
        self.to.addItem(_("the rows from row {number} on").format(number=first), _POSITION)
        for column in self.panel.model.columns:
            if column.field is not None and column.field.unique and column.name in filled:
                words = _("the rows with the same {field}").format(field=column.title)
                self.to.addItem(words, column.name)
        if not self.asset.is_spatial:
            self.to.addItem(_("new records"), _NEW)
        to = chosen if self._told else self._own_key()
        self.to.setCurrentIndex(max(self.to.findData(to), 0))
        self.to.blockSignals(False)
        self.refresh()

    def _own_key(self) -> str | None:
        """Return the key by which most rows of a table with headings are rows of this one.

        One row after the other, they would take the names of others.
        """
        if not self.heading.isChecked():
            return None
        for at in range(self.to.count()):
            field = self.to.itemData(at)
            if field not in (_POSITION, _NEW):
                keys = [key for key in self._keys(field) if key is not None]
                known = self._holders(field, keys)
                if keys and 2 * sum(key in known for key in keys) > len(keys):
                    return str(field)
        return None

    def refresh(self) -> None:
        """Work out anew what would be stored."""
        fields = self.fields()
        twice = {name for name in fields if name is not None and fields.count(name) > 1}
        self._cells = cells_of(self.rows, fields, self.asset, self.project.catalogue)
        self._targets, self._reasons = self._match()
        key = self.to.currentData()
        if key not in (_POSITION, _NEW):
            self._cells = [cell for cell in self._cells if cell.field != key]
        self._list()
        self._sum_up(twice)

    def _match(self) -> tuple[list[int | None], dict[int, str]]:
        """Return the row number that each row of the block means, and why there is none."""
        to, count = self.to.currentData(), len(self.rows)
        if to == _NEW:
            return [None] * count, {}
        if to == _POSITION:
            fids = self.panel.model.fids[self._start[0] :][:count].tolist()
            beyond = _("the table has no more rows")
            reasons = dict.fromkeys(range(len(fids), count), beyond)
            return [*fids, *([None] * (count - len(fids)))], reasons
        keys = self._keys(to)
        return match_rows(keys, self._holders(str(to), keys))

    def _keys(self, field: str) -> list[Value]:
        at = self.fields().index(field)
        read = cells_of(self.rows, [None] * at + [field], self.asset, self.project.catalogue)
        return [cell.value for cell in read]

    def _holders(self, field: str, keys: Sequence[Value]) -> Mapping[Value, list[int]]:
        wanted = list({key for key in keys if key is not None})
        holders: dict[Value, list[int]] = {}
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            among = tuple(wanted[start : start + _ASKED_AT_ONCE])
            found = self.project.store.ordered_fids(self.asset.id, [Condition(field, "in", among)])
            table = self.project.table(self.asset.id, [field], fids=found, geometry=False)
            for fid, value in zip(table.fids.tolist(), table.columns[field], strict=True):
                holders.setdefault(value, []).append(fid)
        return holders

    # -- what is seen --------------------------------------------------------------------

    def _list(self) -> None:
        fields, rows = self.fields(), self.rows[:_LISTED]
        known = [fid for fid in self._targets[:_LISTED] if fid is not None]
        names = self.row_names(known)
        used = [name for name in dict.fromkeys(fields) if name]
        stored = self.project.table(self.asset.id, used, fids=known, geometry=False)
        place = {fid: row for row, fid in enumerate(stored.fids.tolist())}
        by_place = {(cell.row, cell.field): cell for cell in self._cells}
        copied = self._block[0] if self.heading.isChecked() else ()
        headings = [*copied] or [f"{at + 1}" for at in range(len(self.columns))]
        self.table.setHorizontalHeaderLabels([_("Row"), *headings])
        self.table.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            fid = self._targets[row]
            new = self.to.currentData() == _NEW
            words = names[fid] if fid is not None else _("new") if new else _NOTHING
            why = self._reasons.get(row, "")
            put(self.table, row, 0, f"{words} {why}".strip(), color=REFUSED if why else None)
            for at, text in enumerate(cells):
                cell = by_place.get((row, fields[at] or ""))
                old = stored.columns[cell.field][place[fid]] if cell and fid in place else None
                self._list_cell(row, at, text, cell, old)
        self.table.resizeColumnsToContents()

    def _list_cell(self, row: int, at: int, text: str, cell: PastedCell | None, old: Value) -> None:
        if cell is None or row in self._reasons:
            item = put(self.table, row, at + 1, text)
            item.setForeground(QColor(MUTED))
            return
        field = self.asset.field(cell.field)
        before = self.shown_value(field, old)
        if cell.refused:
            put(self.table, row, at + 1, text, color=REFUSED, tip=cell.refused)
            return
        after = self.shown_value(field, cell.value)
        words = after if after == before else f"{before} → {after}"
        put(self.table, row, at + 1, words, color=DOUBTFUL if cell.doubt else None, tip=cell.doubt)

    def _sum_up(self, twice: set[str]) -> None:
        usable = self._usable()
        refused = [c for c in self._cells if c.refused and c.row not in self._reasons]
        doubtful = sum(bool(cell.doubt) for cell in usable)
        columns = sum(name is None for name in self.fields())
        left = [
            ngettext_("{count} cell cannot be stored", "{count} cells cannot be stored",
                      len(refused)).format(count=len(refused)) if refused else "",
            ngettext_("{count} row has no place", "{count} rows have no place",
                      len(self._reasons)).format(count=len(self._reasons)) if self._reasons else "",
            ngettext_("{count} column fills nothing", "{count} columns fill nothing",
                      columns).format(count=columns) if columns else "",
        ]  # fmt: skip
        said = [
            ngettext_("{count} cell can be stored", "{count} cells can be stored", len(usable))
            .format(count=len(usable)),
            ngettext_("{count} of them is a draft: out of range",
                      "{count} of them are drafts: out of range", doubtful)
            .format(count=doubtful) if doubtful else "",
        ]  # fmt: skip
        if refused:
            first = refused[0]
            where = _("row {row}, {field}: {reason}")
            title = self.panel.model.columns[self.panel.model.column_of(first.field)].title
            # As it is counted in the sheet that was copied, its heading too.
            row = first.row + 1 + self.heading.isChecked()
            said.append(where.format(row=row, field=title, reason=first.refused))
        out = [part for part in left if part]
        self.consent.setVisible(bool(out) and not twice)
        words = _("Store the others all the same ({what})")
        self.consent.setText(words.format(what=_("; ").join(out)))
        self.consent.setChecked(False)
        if twice:
            said = [_("Two columns fill the same field; choose another one for one of them.")]
        self.say(_("; ").join(part for part in said if part), wrong=bool(twice or refused))
        self._can = bool(usable) and not twice
        self._needs_consent = bool(out)
        self._allow()

    def _allow(self) -> None:
        agreed = not self._needs_consent or self.consent.isChecked()
        why = "" if agreed else _("Tick the box above: not everything can be stored.")
        allow(self.ok, "", why if self._can else _("There is nothing to store."))

    def _usable(self) -> list[PastedCell]:
        return [c for c in self._cells if not c.refused and c.row not in self._reasons]

    # -- storing -------------------------------------------------------------------------

    def _store(self) -> None:
        layer, usable = self.asset.id, self._usable()
        if self.to.currentData() == _NEW:
            rows: dict[int, dict[str, Value]] = {}
            for cell in usable:
                rows.setdefault(cell.row, {})[cell.field] = cell.value
            records = list(rows.values())

            def add(project: Project) -> ChangeSet:
                return add_records(project, layer, records)

            self.ask(len(records), add)
        else:
            changes = [
                CellChange(fid, cell.field, None, cell.value, cell.text)
                for cell in usable
                if (fid := self._targets[cell.row]) is not None
            ]

            def change(project: Project) -> ChangeSet:
                return set_cells(project, layer, changes)

            self.ask(len(changes), change)
        self.accept()
