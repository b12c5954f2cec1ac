"""A sentence put together row by row, and said in words below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _
from hjgis.models.assets import AssetType
from hjgis.models.query import Condition, Location, Part, Query
from hjgis.models.sentence_parser import NotUnderstood
from hjgis.models.sentences import problems, sentence
from hjgis.ui.page_parts import tab_after
from hjgis.ui.sentence.rows import ConditionRow, PlaceRow, Row, WordsRow
from hjgis.ui.sentence.surroundings import Surroundings


class SentenceEditor(QWidget):
    """Rows with 且 or 或 between them; `changed` when they say something else."""

    changed = Signal()
    accepted = Signal()

    def __init__(self, around: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._around = around
        self._asset: AssetType | None = None
        self._any = False
        self._rows: list[Row] = []
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._add_field = QPushButton(_("+ Condition"))
        self._add_place = QPushButton(_("+ Place"))
        self._add_words = QPushButton(_("+ In words"))
        self._lay_out()
        self._add_field.clicked.connect(partial(self._add, "field"))
        self._add_place.clicked.connect(partial(self._add, "place"))
        self._add_words.clicked.connect(partial(self._add, "words"))
        self._add_shortcuts()

    def _lay_out(self) -> None:
        inside = QWidget()
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 4, 0)
        whole.setSpacing(8)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        whole.addLayout(self._list)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        self._area = area
        buttons = QHBoxLayout()
        for button in (self._add_field, self._add_place, self._add_words):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._add_field.setToolTip(_("Ctrl+Enter"))
        self._add_place.setToolTip(_("Near, inside, across … features of another layer"))
        self._add_words.setToolTip(_("For brackets and whatever rows cannot show"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        whole.addLayout(buttons)
        whole.addStretch(1)
        column.addWidget(area, 1)
        column.addWidget(self._said)

    def _add_shortcuts(self) -> None:
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, work in (
            ("Ctrl+Return", partial(self._add, "field")),
            ("Alt+Del", self._remove_current),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(here)
            shortcut.activated.connect(work)

    # -- what it says ----------------------------------------------------------------------

    @property
    def layer(self) -> str:
        """The layer that is asked."""
        return self._asset.id if self._asset else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows from top to bottom."""
        return tuple(self._rows)

    def show_layer(self, asset: AssetType) -> None:
        """Ask another layer; one empty row."""
        self.show_query(Query(asset.id), asset)

    def show_query(self, query: Query, asset: AssetType | None = None) -> None:
        """Show a query; `asset` is its layer where that is known already."""
        self._asset = asset or self._around.project.asset_type(query.layer)
        self._any = query.any
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        for part in query.conditions:
            self._append(self._row_of(part))
        if not query.conditions:
            self._append(ConditionRow(self._asset, self._around))
        self._tell()

    def query(self) -> Query:
        """Return what the rows ask.

        Raises
        ------
        NotUnderstood
            Naming the row that is not finished.
        """
        parts = []
        for number, row in enumerate(self._rows, 1):
            try:
                parts.append(row.part())
            except NotUnderstood as error:
                text = _("Row {number}: {error}") if len(self._rows) > 1 else "{error}"
                raise NotUnderstood(text.format(number=number, error=error)) from error
        return Query(self.layer, tuple(parts), any=self._any and len(parts) > 1)

    def _row_of(self, part: Part) -> Row:
        assert self._asset is not None
        if isinstance(part, Condition) and part.field not in ("uuid", "fid"):
            row = ConditionRow(self._asset, self._around)
            row.show_part(part)
            return row
        if isinstance(part, Location):
            place = PlaceRow(self._around)
            place.show_part(part)
            return place
        said = WordsRow(self._asset, self._around)
        said.show_part(part)
        return said

    # -- rows --------------------------------------------------------------------------------

    def _add(self, kind: str) -> None:
        if self._asset is None:
            return
        row: Row
        if kind == "place":
            row = PlaceRow(self._around)
        elif kind == "words":
            row = WordsRow(self._asset, self._around)
        else:
            row = ConditionRow(self._asset, self._around)
        self._append(row)
        if isinstance(row, ConditionRow):
            row.focus_row()
        self._area.ensureWidgetVisible(row)
        self._tell()

    def _append(self, row: Row) -> None:
        self._rows.append(row)
        self._list.addWidget(row)
        row.changed.connect(self._tell)
        row.accepted.connect(self.accepted)
        row.remove_wanted.connect(self._remove)
        row.join_changed.connect(self._join)
        self._show_joins()

    def _remove(self, row: Row) -> None:
        self._rows.remove(row)
        row.hide()
        row.deleteLater()
        if not self._rows and self._asset is not None:
            self._append(ConditionRow(self._asset, self._around))
        self._show_joins()
        self._tell()

    def _remove_current(self) -> None:
        focus = self.focusWidget()
        for row in self._rows:
            if focus is not None and row.isAncestorOf(focus):
                self._remove(row)
                return

    def _join(self, way: str) -> None:
        self._any = way == "any"
        self._show_joins()
        self._tell()

    def _show_joins(self) -> None:
        """Let all rows say the same word; the first says none."""
        for number, row in enumerate(self._rows):
            row.join.setCurrentIndex(int(self._any))
            policy = row.join.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            row.join.setSizePolicy(policy)
            row.join.setVisible(number > 0)

    def _tell(self) -> None:
        tab_after(self._area, self._rows)
        project = self._around.project
        try:
            query = self.query()
        except NotUnderstood as error:
            self._said.setObjectName("muted")
            self._said.setText(str(error))
        else:
            wrong = problems(query, project.types)
            said = " ".join(wrong) or sentence(query, project.types, project.catalogue)
            self._said.setObjectName("error" if wrong else "")
            self._said.setText(said)
        self._said.style().polish(self._said)
        self.changed.emit()
