"""What the pages of the import wizard have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from hjgis.i18n import _
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.importing.choices import FromFile
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.step_dialog import StepPage

_ABREAST: Final = 2
_WIDEST_PX: Final = 150


class Page(StepPage):
    """One step of the wizard; `answered` carries answers by the names of `Choices`."""

    answered = Signal(object)

    def show_standing(self, standing: Standing) -> None:
        """Show how far the import has come."""
        raise NotImplementedError


class Question(QFrame):
    """A card that asks something, with one button an answer."""

    answered = Signal(object)

    def __init__(self, words: str, answers: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self.setObjectName("question")
        said = QLabel(words)
        said.setWordWrap(True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(text) for text, _answer in answers), default=0)
        abreast = _ABREAST if widest <= _WIDEST_PX else 1
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 8, 8)
        grid.setSpacing(6)
        # A short answer stands beside the words, others below them.
        beside = len(answers) == 1 and widest <= _WIDEST_PX
        grid.setColumnStretch(0 if beside else abreast, 1)
        grid.addWidget(said, 0, 0, 1, 1 if beside else abreast + 1)
        for place, (text, answer) in enumerate(answers):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.setProperty("answer", answer)
            button.clicked.connect(self._clicked)
            row, column = (0, 1) if beside else (1 + place // abreast, place % abreast)
            grid.addWidget(button, row, column)

    def _clicked(self) -> None:
        button = self.sender()
        answer = button.property("answer") if button is not None else None
        if isinstance(answer, FromFile):
            answer = answer_from_file(self, answer)
        if answer is not None:
            self.answered.emit(answer)


def answer_from_file(parent: QWidget, wanted: FromFile) -> dict[str, Any] | None:
    """Ask for the file that is an answer; None if the user thought better of it."""
    name = file_dialogs.open_file(parent, _("Choose a file"), "", _(wanted.kinds))[0]
    return wanted.answer(Path(name)) if name else None
