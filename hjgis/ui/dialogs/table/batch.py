"""One value for a field of many rows; what it replaces is shown before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from hjgis.edits.attributes import set_each
from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import Field, Value
from hjgis.models.changes import ChangeSet
from hjgis.models.validation import BadValue, coerce, is_missing, problem
from hjgis.progress import Progress
from hjgis.ui.dialogs.table.frame import (
    DOUBTFUL,
    RowsChoice,
    TableDialog,
    field_box,
    preview,
    put,
    title_of,
)
from hjgis.ui.page_parts import RIGHT, tab_after
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.table_delegate import make_editor

_GROUPS_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """What rows hold now: each value once, that of most rows first.

    Attributes
    ----------
    numbers : dict
        The place of each value among the values.
    counts : array of int64
        How many rows hold each.
    empty : array of bool
        Which are no values.
    fids : array of int64
        All rows, those of the first value first.
    """

    numbers: dict[Value, int]
    values: tuple[Value, ...]
    counts: NDArray[np.int64]
    empty: NDArray[np.bool_]
    fids: NDArray[np.int64]

    @classmethod
    def of(cls, fids: NDArray[np.int64], held: Sequence[Value]) -> _Held:
        """Group rows by what they hold."""
        met: dict[Value, int] = {}
        groups = np.fromiter((met.setdefault(v, len(met)) for v in held), np.int64)
        counts = np.bincount(groups, minlength=len(met))
        order, each = np.argsort(-counts, kind="stable"), [*met]
        values = tuple(each[at] for at in order.tolist())
        place = np.empty(len(met), np.int64)
        place[order] = np.arange(len(met))
        empty = np.fromiter(map(is_missing, values), bool, len(values))
        by_group = fids[np.argsort(place[groups], kind="stable")]
        numbers = {value: at for at, value in enumerate(values)}
        return cls(numbers, values, counts[order], empty, by_group)

    def affected(self, new: Value, *, only_empty: bool) -> NDArray[np.bool_]:
        """Return which values would be replaced."""
        affected = self.empty.copy() if only_empty else np.ones(len(self.values), bool)
        if new in self.numbers:
            affected[self.numbers[new]] = False
        return affected

    def rows(self, affected: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the rows that hold some of the values, rising."""
        return np.sort(self.fids[np.repeat(affected, self.counts)])


class BatchDialog(TableDialog):
    """Field, value, and how many rows change from what to what."""

    def __init__(self, panel: TablePanel) -> None:
        super().__init__(panel, _("Set a field"), _("Set"))
        self.rows, self.fields = RowsChoice(panel), field_box(panel)
        self.only_empty = QCheckBox(_("Only where the field is empty"))
        self.editor: QWidget = QLineEdit()
        self.table = preview([_("Is now"), _("New value"), _("Rows")], stretch=0, right=2)
        self._held = _Held.of(np.empty(0, np.int64), ())
        self._form = QFormLayout()
        self._form.addRow(_("Rows"), self.rows)
        self._form.addRow(_("Field"), self.fields)
        self._form.addRow(_("New value"), self.editor)
        self._form.addRow("", self.only_empty)
        self.body.addLayout(self._form)
        self.body.addWidget(self.table, 1)
        self.table.setColumnWidth(1, 200)
        self.table.setColumnWidth(2, 80)
        self.resize(560, 480)
        self.rows.currentIndexChanged.connect(self._read)
        self.fields.currentIndexChanged.connect(self._field_chosen)
        self.only_empty.toggled.connect(self._refresh)
        self.ok.clicked.connect(self._set)
        self._field_chosen()
        # The button would empty the field of all rows at the first key.
        self.editor.setFocus()

    @property
    def field(self) -> Field:
        """What is to be set."""
        return self.asset.field(str(self.fields.currentData()))

    def _line(self) -> QLineEdit:
        line = self.editor.lineEdit() if isinstance(self.editor, QComboBox) else self.editor
        assert isinstance(line, QLineEdit)
        return line

    def _field_chosen(self) -> None:
        editor = make_editor(self.field, self.project, self)
        self._form.replaceWidget(self.editor, editor)
        self.editor.hide()
        self.editor.deleteLater()
        self.editor = editor
        tab_after(self.fields, (editor, self.only_empty))
        self._line().setPlaceholderText(_("left empty, the field is emptied"))
        self._line().textChanged.connect(self._refresh)
        self._read()

    def _read(self) -> None:
        """Read what the rows hold now."""
        fids, name, layer = self.rows.fids(), self.field.name, self.asset.id

        def work(project: Project, _progress: Progress) -> _Held:
            table = project.table(layer, [name], fids=fids.tolist(), geometry=False)
            return _Held.of(table.fids, table.columns[name].tolist())

        self.run(len(fids), work, self._take)

    def _take(self, held: _Held) -> None:
        self._held = held
        self._refresh()

    def _refresh(self) -> None:
        self.table.setRowCount(0)
        try:
            new = coerce(self.field, self._line().text(), self.project.catalogue)
        except BadValue as error:
            self.ok.setEnabled(False)
            self.say(f"{title_of(self.field)}: {error}", wrong=True)
            return
        affected, held = self._affected(new), self._held
        doubt = problem(self.field, new, self.project.catalogue) or ""
        shown = np.flatnonzero(affected)[:_GROUPS_SHOWN].tolist()
        self.table.setRowCount(len(shown))
        for row, at in enumerate(shown):
            put(self.table, row, 0, self.shown_value(self.field, held.values[at]))
            color = DOUBTFUL if doubt else None
            put(self.table, row, 1, self.shown_value(self.field, new), color=color, tip=doubt)
            put(self.table, row, 2, grouped(int(held.counts[at]))).setTextAlignment(RIGHT)
        total = int(held.counts[affected].sum())
        self.ok.setEnabled(total > 0)
        # An empty line may be a value that was not typed yet: the button is to say what it does.
        self.ok.setText(_("Set") if new is not None else _("Empty the field"))
        words = ngettext_("{count} row changes", "{count} rows change", total)
        if new is None:
            words = ngettext_("The field is emptied in {count} row",
                              "The field is emptied in {count} rows", total)  # fmt: skip
        text = words.format(count=grouped(total))
        self.say(f"{text}. {_('Note')}: {doubt}" if doubt else text)

    def _affected(self, new: Value) -> NDArray[np.bool_]:
        return self._held.affected(new, only_empty=self.only_empty.isChecked())

    def _set(self) -> None:
        new = coerce(self.field, self._line().text(), self.project.catalogue)
        fids = self._held.rows(self._affected(new)).tolist()
        layer, name = self.asset.id, self.field.name

        def make(project: Project) -> ChangeSet:
            return set_each(project, layer, fids, {name: [new] * len(fids)})

        self.ask(len(fids), make)
        self.accept()
