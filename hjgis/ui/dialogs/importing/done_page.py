"""Step 7: what was stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QPushButton

from hjgis.errors import HjgisError
from hjgis.exchange import at_once
from hjgis.exchange.at_once import Outcome
from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.page_parts import cell, column_of, list_of, muted

# Layers of drawings have long names.
_WIDEST_PX: Final = 260


class DonePage(Page):
    """Counts, and where to look next; of several layers what became of each."""

    map_wanted = Signal()
    table_wanted = Signal()
    another_wanted = Signal()
    next_layer_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._outcomes: Sequence[Outcome] = ()
        self._source = Path()
        self.said = QLabel()
        self.said.setObjectName("heading")
        self.said.setWordWrap(True)
        self.tiles, self.undo_words = Tiles(), muted()
        self.layers = list_of(
            [_("Layer"), _("Becomes"), _("New"), _("Left out"), _("Remarks")],
            [190, 210, 60, 70, 0],
            right=(2, 3),
        )
        # Why a layer was left takes more than one line.
        self.layers.setWordWrap(True)
        rows = self.layers.verticalHeader()
        rows.setMinimumSectionSize(rows.defaultSectionSize())
        rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.show_map = QPushButton(_("Show on the map"))
        self.show_map.setObjectName("primary")
        self.open_table = QPushButton(_("Open the table"))
        self.next_layer = QPushButton()
        self.take_back = QPushButton(_("Take all of it back"))
        self.save = QPushButton(_("Save the report…"))
        self.another = QPushButton(_("Import another file"))
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button, signal in (
            (self.show_map, self.map_wanted),
            (self.open_table, self.table_wanted),
            (self.next_layer, self.next_layer_wanted),
            (self.take_back, self.back_wanted),
            (self.save, self._save),
            (self.another, self.another_wanted),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column = self._column = column_of(self)
        column.setSpacing(14)
        column.addWidget(self.said)
        column.addWidget(self.tiles)
        column.addWidget(self.layers, 1)
        column.addWidget(self.undo_words)
        column.addLayout(row)
        column.addStretch(0)

    def show_standing(self, standing: Standing) -> None:
        choices, self._outcomes = standing.choices, standing.outcomes
        many = bool(self._outcomes)
        if choices is None or (standing.trial is None and not many):
            return
        self._source = choices.source
        name = standing.found.next_layer if standing.found and not many else None
        self.next_layer.setVisible(name is not None)
        following = _("Next layer: {name}").format(name=name)
        metrics, right = self.next_layer.fontMetrics(), Qt.TextElideMode.ElideRight
        self.next_layer.setText(metrics.elidedText(following, right, _WIDEST_PX))
        self.next_layer.setToolTip(following)
        self._arrange(many=many)
        if many:
            self._show_outcomes()
            return
        words = _("{source} is imported.")
        self.said.setText(words.format(source=choices.source.name))
        self.undo_words.setText(_("It is one change: one undo (Ctrl+Z) takes all of it back."))
        self.tiles.show_counts(standing.stored)

    def _arrange(self, *, many: bool) -> None:
        for part in (self.layers, self.take_back, self.save):
            part.setVisible(many)
        self._column.setStretch(self._column.count() - 1, int(not many))
        for button in (self.show_map, self.open_table, self.take_back):
            button.setEnabled(True)

    def _show_outcomes(self) -> None:
        """Say of each layer what became of it."""
        taken = [one.report for one in self._outcomes if one.report is not None]
        left = len(self._outcomes) - len(taken)
        words = ngettext_("{count} layer imported", "{count} layers imported", len(taken))
        said = [self._source.name, words.format(count=grouped(len(taken)))]
        if left:
            words = ngettext_("{count} layer left", "{count} layers left", left)
            said.append(words.format(count=grouped(left)))
        self.said.setText("   ·   ".join(said))
        self.undo_words.setText(_("Each layer is one change: Ctrl+Z takes them back one by one."))
        self.tiles.show_counts(())
        self.layers.setRowCount(len(self._outcomes))
        for row, outcome in enumerate(self._outcomes):
            for place, text in enumerate(self._words_of(outcome)):
                self.layers.setItem(row, place, cell(text, right=place in (2, 3)))
        stored = any(report.imported for report in taken)
        for button in (self.show_map, self.open_table, self.take_back):
            button.setEnabled(stored)

    def _words_of(self, outcome: Outcome) -> tuple[str, ...]:
        report, name = outcome.report, outcome.wanted.layer.name
        if report is None:
            return name, _("not imported"), "", "", outcome.left
        counts = (grouped(report.imported), grouped(report.rejected))
        becomes = at_once.becomes(self._project, outcome.wanted)
        return name, becomes, *counts, wording.problem_count(report)

    def show_taken_back(self) -> None:
        """Say that nothing of it is stored any more."""
        self.undo_words.setText(_("All of it is taken back; the project is as it was before."))
        for button in (self.show_map, self.open_table, self.take_back):
            button.setEnabled(False)

    def _save(self) -> None:
        proposal = str(Path.home() / _("{name} report.csv").format(name=self._source.name))
        title, kinds = _("Save the report"), _("Tables (*.csv)")
        chosen = file_dialogs.save_file(self, title, proposal, kinds)[0]
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, path: Path) -> None:
        """Write what became of the layers into a table."""
        try:
            at_once.write_report(self._project, self._outcomes, path)
        except HjgisError as error:
            self.undo_words.setText(str(error))
            return
        self.undo_words.setText(_("The report is in {path}.").format(path=path))
