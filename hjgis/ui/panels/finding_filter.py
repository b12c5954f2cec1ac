"""The line above the findings: which of them are listed, and by what they are grouped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton, QWidget

from hjgis.checks.arranging import GROUPINGS
from hjgis.i18n import N_, _, grouped
from hjgis.models.issues import Severity
from hjgis.ui.composing import NameLine
from hjgis.ui.flowing import Flowing
from hjgis.ui.severity_icon import severity_icon

_WORDS: Final = {
    Severity.ERROR: N_("Errors"),
    Severity.WARNING: N_("Warnings"),
    Severity.INFO: N_("Notes"),
}
_TYPED_MS: Final = 250
_LINE_PX: Final = 96


class FindingFilter(Flowing):
    """Says by `changed` that another list is wanted.

    `view_toggled` and `selection_toggled` ask to list only what is in sight or selected.
    """

    changed = Signal()
    view_toggled = Signal(bool)
    selection_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, gap=4)
        self.line = NameLine(hint=_("Search findings, names and rules"))
        self.line.setClearButtonEnabled(True)
        self.line.setMinimumWidth(_LINE_PX)
        self.buttons = {severity: _severity_button(severity) for severity in Severity}
        self.groupings = QComboBox()
        for key, words in GROUPINGS.items():
            self.groupings.addItem(_(words), key)
        self.in_view, self.selected = QPushButton(_("In view")), QPushButton(_("Selected"))
        self.in_view.setToolTip(_("List only what lies in the part of the map that is seen"))
        self.selected.setToolTip(_("List only what is found on the features selected now"))
        self.waiting = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self._lay_out()
        self.line.textChanged.connect(self._typed)
        self.line.returnPressed.connect(self._tell)
        self.waiting.timeout.connect(self.changed)
        self.groupings.currentIndexChanged.connect(self._tell)
        for button in self.buttons.values():
            button.toggled.connect(self._tell)
        self.in_view.toggled.connect(self.view_toggled)
        self.selected.toggled.connect(self.selection_toggled)

    def _lay_out(self) -> None:
        narrowing = (self.in_view, self.selected)
        for button in narrowing:
            button.setCheckable(True)
            button.setStyleSheet("padding: 4px 8px")
        severities = tuple(self.buttons.values())
        self.fill((self.line, *severities, self.groupings, *narrowing))

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.line.text().strip()

    @property
    def grouping(self) -> str:
        """By what the findings are grouped."""
        return str(self.groupings.currentData())

    @property
    def severities(self) -> frozenset[Severity]:
        """Which are listed."""
        return frozenset(s for s, button in self.buttons.items() if button.isChecked())

    def choose(self, severities: frozenset[Severity]) -> None:
        """List only some severities."""
        before = self.severities
        for severity, button in self.buttons.items():
            button.blockSignals(True)
            button.setChecked(severity in severities)
            button.blockSignals(False)
        if before != severities:
            self._tell()

    def show_counts(self, counts: Mapping[Severity, int]) -> None:
        """Say how many there are of each severity."""
        for severity, button in self.buttons.items():
            button.setText(grouped(counts.get(severity, 0)))

    def _typed(self) -> None:
        self.waiting.start()

    def _tell(self) -> None:
        self.waiting.stop()
        self.changed.emit()


def _severity_button(severity: Severity) -> QToolButton:
    button = QToolButton()
    button.setIcon(severity_icon(severity))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setCheckable(True)
    button.setChecked(True)
    button.setObjectName("severity")
    button.setToolTip(_("{what}: list them or leave them out").format(what=_(_WORDS[severity])))
    button.setAccessibleName(_(_WORDS[severity]))
    return button
