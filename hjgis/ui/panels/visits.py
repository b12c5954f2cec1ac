"""Places to visit: where something is probably missing, road by road, and what takes them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    QTimer,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks.visits import listed
from hjgis.i18n import N_, _, grouped, ngettext_
from hjgis.models.pinyin import is_meant
from hjgis.models.visits import Visit
from hjgis.progress import Progress
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.flowing import Flowing
from hjgis.ui.map.finding_marks import FindingMarks
from hjgis.ui.measured import Measured, Work
from hjgis.ui.panels.listed import Index, ListModel, refill, set_up_list
from hjgis.ui.workspace import Workspace

# Field of a visit, heading, width in px; the reason takes what is left.
_COLUMNS: Final = (
    ("number", N_("No."), 50),
    ("title", N_("What to look for"), 170),
    ("road", N_("Road"), 120),
    ("grid", N_("Grid"), 140),
    ("reason", N_("Reason"), 300),
)
_SEARCH_PX: Final = 170
_TYPED_MS: Final = 150
_AROUND_M: Final = 80.0
# Nothing but the ring around the place that is looked at.
_NO_MARKS: Final = (np.empty(0, np.int64), np.empty((0, 2)), np.empty(0, np.uint8))
_LAYERS: Final = N_(
    "Shapefiles (*.shp);;GeoPackages (*.gpkg);;GeoJSON files (*.geojson);;Tables (*.csv)"
)


class VisitModel(ListModel):
    """The places that are shown, sorted by a column."""

    rows: Sequence[Visit]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__([_(words) for _name, words, _width in _COLUMNS], parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return str(getattr(self.rows[index.row()], _COLUMNS[index.column()][0]))
        return None

    def keys(self) -> list[str]:
        """Return which findings the rows are."""
        return [visit.issue for visit in self.rows]

    def sorted(self, rows: Sequence[Visit], column: int, *, down: bool) -> Sequence[Visit]:
        name = _COLUMNS[column][0]
        known = [visit for visit in rows if getattr(visit, name) != ""]
        known.sort(key=lambda visit: getattr(visit, name), reverse=down)
        return (*known, *(visit for visit in rows if getattr(visit, name) == ""))


class VisitsPanel(QWidget):
    """A list that is filtered and sorted; a row shows its place, all of them go on paper."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._space = workspace
        self._project, self._jobs = workspace.project, workspace.jobs
        self._checking = workspace.checking
        self._visits: tuple[Visit, ...] = ()
        self._measured = Measured(
            self,
            workspace.jobs,
            title=_("Places to visit"),
            prepare=self._work,
            show=self.show_visits,
        )
        self._typed = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self.kind, self.road = QComboBox(), QComboBox()
        self.search = NameLine(hint=_("Search: reason, road, grid"))
        self.sheet = QPushButton(_("Visit sheet…"))
        self.export = QPushButton(_("Export as a layer…"))
        self.note = QLabel()
        self.model = VisitModel(self)
        self.view = QTableView()
        self._build()
        self._measured.said.connect(self.note.setText)
        self._typed.timeout.connect(self._filter)
        self.search.textChanged.connect(self._typed.start)
        for box in (self.kind, self.road):
            box.currentIndexChanged.connect(self._filter)
        self.sheet.clicked.connect(self._ask_sheet)
        self.export.clicked.connect(self._ask_layer)
        self.view.selectionModel().currentRowChanged.connect(self._go)
        self.view.clicked.connect(self._go)
        self._checking.changed.connect(self._measured.outdate)
        self._checking.state_changed.connect(self._show_unchecked)

    def _build(self) -> None:
        for box in (self.kind, self.road):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(_SEARCH_PX)
        self.note.setObjectName("muted")
        row = Flowing((self.kind, self.road, self.search, self.note, self.sheet, self.export))
        nothing = _("Nothing is listed. A check (F9) finds what must be seen on the spot.")
        widths = [width for _name, _words, width in _COLUMNS]
        set_up_list(self.view, self.model, widths, nothing=nothing)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(4)
        column.addWidget(row)
        column.addWidget(self.view, 1)
        self._fill()

    def _work(self) -> Work | None:
        """Return how to list what the checks found; they run first if they never did."""
        report, project = self._checking.report, self._project
        if report is None:
            self._checking.run()
            return None

        def work(progress: Progress) -> tuple[Visit, ...]:
            progress.check()
            with project.reader() as reader:
                return listed(reader, report)

        return work

    def _show_unchecked(self) -> None:
        if self._checking.report is None:
            running = self._checking.running
            self.note.setText(_("Checking…") if running else _("Not checked yet: F9 checks."))

    def show_visits(self, visits: tuple[Visit, ...]) -> None:
        """Show a list."""
        self._visits = visits
        self._fill()

    def _fill(self) -> None:
        for box, everything, name in (
            (self.kind, _("Everything"), "title"),
            (self.road, _("All roads"), "road"),
        ):
            counts = Counter(getattr(visit, name) for visit in self._visits)
            entries = [
                (f"{value or _('(no road)')} ({grouped(count)})", value)
                for value, count in counts.most_common()
            ]
            refill(box, [(everything, None), *entries])
        self._filter()

    def _filter(self) -> None:
        kind, road = self.kind.currentData(), self.road.currentData()
        typed = self.search.text().strip()
        shown = [
            visit
            for visit in self._visits
            if kind in (None, visit.title)
            and road in (None, visit.road)
            and (not typed or _fits(visit, typed))
        ]
        self.model.show_rows(shown)
        words = ngettext_("{count} place", "{count} places", len(shown))
        self.note.setText(words.format(count=grouped(len(shown))))
        for button in (self.sheet, self.export):
            button.setEnabled(bool(shown))

    def _go(self, index: QModelIndex) -> None:
        """Show the place of a row on the map."""
        if not index.isValid():
            return
        visit = self.model.rows[index.row()]
        near = _AROUND_M
        x, y = visit.x, visit.y
        self._space.canvas.show_extent((x - near, y - near, x + near, y + near))
        marks = self._space.canvas.marks or FindingMarks(*_NO_MARKS)
        marks.current = (x, y)
        self._space.canvas.show_marks(marks)

    def _ask_sheet(self) -> None:
        self._ask(_("Visit sheet"), _("PDF files (*.pdf)"), self.write_sheet)

    def _ask_layer(self) -> None:
        self._ask(_("Export as a layer"), _(_LAYERS), self.write_layer)

    def _ask(self, title: str, kinds: str, write: Callable[[Path], None]) -> None:
        folder = self._project.path.parent / _("places to visit")
        path = ask_target(self, title, folder, kinds)
        if path is not None:
            write(path)

    def write_sheet(self, path: Path) -> None:
        """Write the shown places as a field sheet, in the order of roads."""
        from hjgis.cartography.visit_sheet import write_visit_sheet

        project, visits = self._project, self._in_order()

        def work(progress: Progress) -> Path:
            with project.reader() as reader:
                write_visit_sheet(reader, visits, path, progress=progress)
            return path

        self._jobs.run(work, self._written, title=_("Visit sheet"))

    def write_layer(self, path: Path) -> None:
        """Write the shown places as a layer of points."""
        from hjgis.exchange.visit_layer import write_visits

        project, visits = self._project, self._in_order()

        def work(progress: Progress) -> Path:
            progress.check()
            with project.reader() as reader:
                return write_visits(reader, visits, path)

        self._jobs.run(work, self._written, title=_("Export as a layer"))

    def _in_order(self) -> list[Visit]:
        return sorted(self.model.rows, key=lambda visit: visit.number)

    def _written(self, path: Path) -> None:
        self._space.canvas.message.say(_("Written: {path}").format(path=path))


def _fits(visit: Visit, typed: str) -> bool:
    texts = (visit.title, visit.reason, visit.road, visit.grid)
    return any(is_meant(text, typed) for text in texts if text)
