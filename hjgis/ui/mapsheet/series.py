"""Many sheets at once: along roads, by grid, standard sheets, what is selected, targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.composition import Place, scale_text
from hjgis.cartography.series_cut import SeriesKind, series_places, series_sheet
from hjgis.errors import HjgisError
from hjgis.i18n import N_, _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.sheets import Sheet
from hjgis.progress import Progress
from hjgis.ui.dialogs.lists import add_tick, button_row, ticked
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.latest import Latest
from hjgis.ui.mapsheet import delivering
from hjgis.ui.mapsheet.design import Wish
from hjgis.ui.page_parts import MARGINS, frame_list

_KINDS: Final[tuple[tuple[SeriesKind, str], ...]] = (
    ("grid", N_("By unit grid")),
    ("road", N_("Along the roads")),
    ("sheet", N_("Standard sheets")),
    ("selected", N_("What is selected, one by one")),
    ("target", N_("By target of the board")),
)


class SeriesDialog(QDialog):
    """Asks which sheets; `wanted` carries sheet, places, file, whether one file, whether an index.

    Parameters
    ----------
    wish : Wish
        Theme, paper and scale of all sheets.
    selected : callable
        What is selected on the map.
    """

    wanted = Signal(object, object, object, bool, bool)

    def __init__(
        self,
        project: Project,
        wish: Wish,
        selected: Callable[[], Sequence[FeatureKey]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Map series"))
        self._project, self._wish, self._selected = project, wish, selected
        self._latest = Latest(project, _("Cutting the sheets"), self)
        self.kind, self.sheets, self.said = QComboBox(), QListWidget(), QLabel()
        self.index = QCheckBox(_("With an index map"))
        self.many = QCheckBox(_("A file for each sheet"))
        self.write = QPushButton(_("Export the series…"))
        self.all, self.none = QPushButton(_("All")), QPushButton(_("None"))
        self._lay_out()
        self.all.clicked.connect(self._tick_all)
        self.none.clicked.connect(self._tick_none)
        self.kind.currentIndexChanged.connect(self.refresh)
        self.sheets.itemChanged.connect(self._count)
        self.write.clicked.connect(self._ask_target)
        self._latest.failed.connect(self._tell)
        # Shown first, then cut: a large project takes a moment.
        QTimer.singleShot(0, self, self.refresh)

    def _lay_out(self) -> None:
        for key, words in _KINDS:
            self.kind.addItem(_(words), key)
        self.index.setChecked(True)
        frame_list(self.sheets)
        self.sheets.setAccessibleName(_("Sheets of the series"))
        self.said.setWordWrap(True)
        self.write.setObjectName("primary")
        rows = QFormLayout()
        rows.addRow(_("Sheets"), self.kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addLayout(rows)
        column.addWidget(self.sheets, 1)
        told = QHBoxLayout()
        told.addWidget(self.said, 1)
        told.addWidget(self.all)
        told.addWidget(self.none)
        column.addLayout(told)
        column.addWidget(self.index)
        column.addWidget(self.many)
        row = button_row(self, ())
        row.insertWidget(row.count() - 1, self.write)
        column.addLayout(row)
        for button in (self.all, self.none):
            button.setAutoDefault(False)
        self.write.setDefault(True)
        self.resize(460, 560)

    @property
    def busy(self) -> bool:
        """Whether the sheets are still being cut."""
        return self._latest.busy

    @property
    def sheet(self) -> Sheet:
        """What the sheets are printed on: standard sheets have a paper of their own."""
        kind = self.kind.currentData()
        return series_sheet(kind) if kind == "sheet" else self._wish.sheet

    def refresh(self) -> None:
        """Cut the town anew."""
        kind, wish, paper = str(self.kind.currentData()), self._wish, self.sheet
        selected = tuple(self._selected()) if kind == "selected" else None

        def cut(project: Project, progress: Progress) -> tuple[Place, ...]:
            return series_places(
                project,
                kind,
                sheet=paper,
                theme=wish.theme,
                scale=wish.scale,
                selected=selected,
                progress=progress,
            )

        self.sheets.clear()
        self.write.setEnabled(False)
        self.said.setText(_("Cutting the sheets") + "…")
        self._latest.ask(cut, self._show)

    def _show(self, places: tuple[Place, ...]) -> None:
        self.sheets.blockSignals(True)
        for place in places:
            # Sheets of cells are named by their number.
            name = place.name if place.name != place.number else ""
            words = " ".join(filter(None, (place.number, name, scale_text(place.scale))))
            add_tick(self.sheets, words, place, on=True)
        self.sheets.blockSignals(False)
        self._count()

    def _tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    def _tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def _tick(self, state: Qt.CheckState) -> None:
        self.sheets.blockSignals(True)
        for row in range(self.sheets.count()):
            self.sheets.item(row).setCheckState(state)
        self.sheets.blockSignals(False)
        self.sheets.viewport().update()
        self._count()

    def _count(self) -> None:
        count = len(ticked(self.sheets))
        words = ngettext_("{count} sheet", "{count} sheets", count)
        self.said.setText(words.format(count=count))
        self.write.setEnabled(count > 0)

    def _tell(self, error: HjgisError) -> None:
        self.said.setText(str(error))

    def _ask_target(self) -> None:
        many = self.many.isChecked()
        name = f"{self._project.path.stem}-{self._wish.theme.id}.pdf"
        kinds = delivering.file_kinds() if many else delivering.file_kinds().partition(";;")[0]
        start = self._project.path.with_name(name)
        out = ask_target(self, _("Export the series"), start, kinds)
        if out is not None:
            self.write_to(out)

    def write_to(self, out: Path) -> None:
        """Have the ticked sheets written, and go."""
        places = tuple(ticked(self.sheets))
        one, index = not self.many.isChecked(), self.index.isChecked()
        self.wanted.emit(self.sheet, places, out, one, index)
        self.accept()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._latest.stop()
