"""The sentence that a table's rows must meet."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from hjgis.i18n import _, grouped, label
from hjgis.models.query import Query
from hjgis.models.sentence_parser import NotUnderstood
from hjgis.models.sentences import problems
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS
from hjgis.ui.sentence.counting import Counting
from hjgis.ui.sentence.editor import SentenceEditor
from hjgis.ui.sentence.rows import ConditionRow
from hjgis.ui.sentence.surroundings import Surroundings


class FilterDialog(QDialog):
    """Asks for conditions on one layer, and says how many rows meet them."""

    def __init__(self, around: Surroundings, query: Query, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        asset = around.project.asset_type(query.layer)
        self.setWindowTitle(_("Filter {layer}").format(layer=label(asset.label)))
        self._around = around
        self._counting = Counting(around.project, self)
        self._count = QLabel()
        self.editor = SentenceEditor(around)
        self._ok = QDialogButtonBox.StandardButton.Ok
        self._buttons = ok_cancel(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(self.editor, 1)
        column.addWidget(self._count)
        column.addWidget(self._buttons)
        self.editor.changed.connect(self._recount)
        self.editor.accepted.connect(self._accept_if_usable)
        self._counting.found.connect(self._found)
        self._counting.failed.connect(self._count.setText)
        self.finished.connect(self._counting.stop)
        self.editor.show_query(query, asset)
        first = self.editor.rows[0]
        if isinstance(first, ConditionRow):
            first.focus_row()
        self.resize(720, 340)

    def query(self) -> Query | None:
        """Return what was put together; None while it is not finished."""
        try:
            query = self.editor.query()
        except NotUnderstood:
            return None
        return None if problems(query, self._around.project.types) else query

    def _recount(self) -> None:
        query = self.query()
        self._buttons.button(self._ok).setEnabled(query is not None)
        self._count.setText(_("Counting…") if query is not None else "")
        self._counting.ask(query)

    def _found(self, query: Query, fids: object) -> None:
        total = self._around.project.count(query.layer)
        text = _("{count} of {total} found")
        self._count.setText(text.format(count=grouped(len(fids)), total=grouped(total)))  # type: ignore[arg-type]

    def _accept_if_usable(self) -> None:
        if self.query() is not None:
            self.accept()
