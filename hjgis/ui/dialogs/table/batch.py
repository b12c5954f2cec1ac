"""One value for a field of many rows; what it replaces is shown before."""

from __future__ import annotations

from collections import Counter
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
from hjgis.ui.page_parts import tab_after
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.table_delegate import make_editor

_GROUPS_SHOWN: Final = 200


class BatchDialog(TableDialog):
    """Field, value, and how many rows change from what to what."""

    def __init__(self, panel: TablePanel) -> None:
        super().__init__(panel, _("Set a field"), _("Set"))
        self.rows, self.fields = RowsChoice(panel), field_box(panel)
        self.only_empty = QCheckBox(_("Only where the field is empty"))
        self.editor: QWidget = QLineEdit()
        self.table = preview([_("Is now"), _("Rows"), _("New value")], stretch=0)
        self._stored: tuple[NDArray[np.int64], list[Value]] = (np.empty(0, np.int64), [])
        self._form = QFormLayout()
        self._form.addRow(_("Rows"), self.rows)
        self._form.addRow(_("Field"), self.fields)
        self._form.addRow(_("New value"), self.editor)
        self._form.addRow("", self.only_empty)
        self.body.addLayout(self._form)
        self.body.addWidget(self.table, 1)
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

        def work(project: Project, _progress: Progress) -> tuple[NDArray[np.int64], list[Value]]:
            table = project.table(layer, [name], fids=fids.tolist(), geometry=False)
            return table.fids, table.columns[name].tolist()

        self.run(len(fids), work, self._take)

    def _take(self, stored: tuple[NDArray[np.int64], list[Value]]) -> None:
        self._stored = stored
        self._refresh()

    def _refresh(self) -> None:
        self.table.setRowCount(0)
        try:
            new = coerce(self.field, self._line().text(), self.project.catalogue)
        except BadValue as error:
            self.ok.setEnabled(False)
            self.say(f"{title_of(self.field)}: {error}", wrong=True)
            return
        counts = Counter(self._affected(new).values())
        doubt = problem(self.field, new, self.project.catalogue) or ""
        self.table.setRowCount(min(len(counts), _GROUPS_SHOWN))
        for row, (old, count) in enumerate(counts.most_common(_GROUPS_SHOWN)):
            put(self.table, row, 0, self.shown_value(self.field, old))
            put(self.table, row, 1, grouped(count))
            color = DOUBTFUL if doubt else None
            put(self.table, row, 2, self.shown_value(self.field, new), color=color, tip=doubt)
        total = sum(counts.values())
        self.ok.setEnabled(total > 0)
        # An empty line may be a value that was not typed yet: the button is to say what it does.
        self.ok.setText(_("Set") if new is not None else _("Empty the field"))
        words = ngettext_("{count} row changes", "{count} rows change", total)
        if new is None:
            words = ngettext_("The field is emptied in {count} row",
                              "The field is emptied in {count} rows", total)  # fmt: skip
        text = words.format(count=grouped(total))
        self.say(f"{text}. {_('Note')}: {doubt}" if doubt else text)

    def _affected(self, new: Value) -> dict[int, Value]:
        """Return the rows that would change, with what they hold now."""
        fids, values = self._stored
        only = self.only_empty.isChecked()
        return {
            fid: old
            for fid, old in zip(fids.tolist(), values, strict=True)
            if old != new and (not only or is_missing(old))
        }

    def _set(self) -> None:
        new = coerce(self.field, self._line().text(), self.project.catalogue)
        fids = list(self._affected(new))
        layer, name = self.asset.id, self.field.name

        def make(project: Project) -> ChangeSet:
            return set_each(project, layer, fids, {name: [new] * len(fids)})

        self.ask(len(fids), make)
        self.accept()
