"""The notice's countable targets against what the layers hold."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks import targets
from hjgis.checks.targets import TargetResult
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.card import Card
from hjgis.ui.jobs import Jobs
from hjgis.ui.selection import Selection

_CARD_PX = 300
_COLOURS = {"met": "#2e7d32", "over": "#1565c0", "short": "#b3261e", "info": "#5f6368"}


class TargetsPanel(QWidget):
    """Cards: expected, actual, difference, who answers for it."""

    zoom_requested = Signal(object)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._selection, self._jobs = project, selection, jobs
        self._results: tuple[TargetResult, ...] = ()
        self._stale = True
        self._said = QLabel(_("Measuring…"))
        self._said.setObjectName("muted")
        again = QPushButton(_("Measure again"))
        again.clicked.connect(self.measure)
        head = QHBoxLayout()
        head.addWidget(self._said, 1)
        head.addWidget(again)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(head)
        column.addWidget(area, 1)
        bridge.changed.connect(self._outdate)

    def showEvent(self, event: QShowEvent) -> None:
        """Measure when first looked at, or when something has changed since."""
        super().showEvent(event)
        if self._stale:
            self.measure()

    def measure(self) -> None:
        """Measure all targets in the background."""
        self._stale = False
        project = self._project

        def work(progress: Progress) -> tuple[TargetResult, ...]:
            progress.check()
            with project.reader() as reader:
                return targets.measure(reader)

        self._jobs.run(work, self.show_results, title=_("Targets"))

    def show_results(self, results: tuple[TargetResult, ...]) -> None:
        """Show measured targets, those that can be measured first."""
        self._results = tuple(sorted(results, key=lambda r: (r.actual is None, r.status == "info")))
        counts = [sum(r.status == s for r in results) for s in ("met", "over", "short")]
        text = _("{met} reached, {over} over, {short} short; the rest is for information")
        self._said.setText(text.format(met=counts[0], over=counts[1], short=counts[2]))
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        columns = max(self.width() // _CARD_PX, 1)
        for number, result in enumerate(self._results):
            self._grid.addWidget(self._card(result), number // columns, number % columns)
        for number in range(columns):
            self._grid.setColumnStretch(number, 1)
        self._grid.setRowStretch(len(self._results) // columns + 1, 1)

    def _card(self, result: TargetResult) -> QWidget:
        card = Card()
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        title = QLabel(result.title)
        title.setWordWrap(True)
        figures = QLabel(_figures(result))
        figures.setObjectName("card_title")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(figures, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        if result.expected and result.actual is not None and result.status != "info":
            column.addWidget(_bar(result))
        state = QLabel(_state(result))
        state.setStyleSheet(f"color: {_COLOURS[result.status]}")
        state.setWordWrap(True)
        column.addWidget(state)
        units = QLabel(
            _("Task {task}: {units}").format(task=result.task, units="、".join(result.units))
        )
        units.setObjectName("muted")
        units.setWordWrap(True)
        units.setToolTip(f"{result.basis} [{result.confidence}]")
        column.addWidget(units)
        column.addStretch(1)
        if result.layer and len(result.fids):
            card.make_clickable()
            card.setToolTip(_("Click to select the features behind this number"))
            card.clicked.connect(partial(self._select, result))
        return card

    def _select(self, result: TargetResult) -> None:
        self._selection.set(result.layer, result.fids)
        if result.layer is not None:
            extent = self._project.extent(result.layer)
            if extent is not None:
                self.zoom_requested.emit(extent)

    def _outdate(self) -> None:
        self._stale = True
        if self.isVisible():
            self.measure()


def _bar(result: TargetResult) -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setFixedHeight(6)
    bar.setMaximum(1000)
    assert result.expected
    share = min(float(result.actual or 0) / float(result.expected), 1.0)
    bar.setValue(round(share * 1000))
    bar.setStyleSheet(f"QProgressBar::chunk {{ background: {_COLOURS[result.status]}; }}")
    return bar


def _figures(result: TargetResult) -> str:
    actual = "–" if result.actual is None else f"{result.actual:g}"
    expected = "" if result.expected is None else f" / {result.expected:g}"
    return f"{actual}{expected} {result.unit}".strip()


def _state(result: TargetResult) -> str:
    words = {
        "met": _("✔ reached"),
        "over": _("▲ over by {difference:g}"),
        "short": _("▼ short by {difference:g}"),
        "info": _("● for information"),
    }
    difference = abs(result.difference or 0)
    text = words[result.status].format(difference=difference)
    missing = ", ".join(result.missing)
    notes = [
        note
        for note in (result.note, missing and _("missing: {names}").format(names=missing))
        if note
    ]
    return "\n".join([text, *notes])
