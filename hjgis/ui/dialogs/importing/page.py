"""What the pages of the import wizard have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _
from hjgis.ui.dialogs.importing.choices import FromFile
from hjgis.ui.dialogs.importing.work import Standing

_ABREAST: Final = 2
_WIDEST_PX: Final = 150
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROLE: Final = Qt.ItemDataRole.UserRole


class Page(QWidget):
    """One step of the wizard.

    `answered` carries answers by the names of `Choices`; `changed` says that `missing` may have.
    """

    answered = Signal(object)
    changed = Signal()

    def show_standing(self, standing: Standing) -> None:
        """Show how far the import has come."""
        raise NotImplementedError

    @property
    def missing(self) -> str:
        """What must be done before the next step, in words; nothing if it can be taken."""
        return ""


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
    name = QFileDialog.getOpenFileName(parent, _("Choose a file"), "", _(wanted.kinds))[0]
    return wanted.answer(Path(name)) if name else None


def heading(text: str) -> QLabel:
    """Return a line above a part of a page."""
    made = QLabel(text)
    made.setObjectName("card_title")
    return made


def muted(text: str = "") -> QLabel:
    """Return a grey text that wraps."""
    made = QLabel(text)
    made.setObjectName("muted")
    made.setWordWrap(True)
    return made


def column_of(page: QWidget) -> QVBoxLayout:
    """Return the column that a page's content stands in."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return column


def list_of(
    headings: Sequence[str], widths: Sequence[int], *, right: Collection[int] = ()
) -> QTableWidget:
    """Return a table to look at and choose from.

    A width of 0 takes the room that is left; columns of numbers are `right`.
    """
    table = QTableWidget(0, len(headings))
    table.setHorizontalHeaderLabels(list(headings))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(28)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setObjectName("framed")
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    for place in right:
        item = table.horizontalHeaderItem(place)
        if item is not None:
            item.setTextAlignment(RIGHT)
    for place, width in enumerate(widths):
        mode = QHeaderView.ResizeMode
        header.setSectionResizeMode(place, mode.Interactive if width else mode.Stretch)
        if width:
            table.setColumnWidth(place, width)
    return table


def cell(text: str, *, right: bool = False, data: object = None) -> QTableWidgetItem:
    """Return a cell whose whole text is its tooltip."""
    item = QTableWidgetItem(text)
    item.setToolTip(text)
    item.setData(ROLE, data)
    if right:
        item.setTextAlignment(RIGHT)
    return item


def model_of(entries: Iterable[tuple[str, object]]) -> QStandardItemModel:
    """Return words and data that many choices can share: to fill each of its own is slow."""
    model = QStandardItemModel()
    for text, data in entries:
        item = QStandardItem(text)
        item.setData(data, ROLE)
        model.appendRow(item)
    return model


def narrow(box: QComboBox) -> None:
    """Let a choice be narrower than its longest entry; the list that drops down is not."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
