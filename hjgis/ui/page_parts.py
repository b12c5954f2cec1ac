"""Parts that the pages of dialogs are made of: headings, grey words, lists to choose from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.ui.fitted_columns import FittedColumns
from hjgis.ui.on_screen import fit

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROLE: Final = Qt.ItemDataRole.UserRole
# Of a window, around what is in it.
MARGINS: Final = (16, 16, 16, 12)
_SMALLEST: Final = QSize(1000, 600)
# What a window has around it: its title.
_FRAME: Final = QSize(0, 40)
_ROW_PX: Final = 28
# So much of what scrolls is seen at least.
_LEAST_PX: Final = 160


def heading(text: str) -> QLabel:
    """Return a line above a part of a page."""
    made = QLabel(text)
    made.setObjectName("card_title")
    return made


def open_at(dialog: QWidget, size: QSize) -> None:
    """Give a large window its size, or that of the window it belongs to where that is smaller.

    At 150 % a screen of 1366 × 768 has room for 911 × 470 only.
    """
    around = dialog.parentWidget()
    if around is not None:
        screen = around.screen().availableSize() - _FRAME
        size = size.boundedTo(around.window().size().expandedTo(_SMALLEST.boundedTo(screen)))
    dialog.resize(size)


def grow(dialog: QWidget) -> None:
    """Make a window as tall as what it says by now needs and the screen has room for."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        wanted = max(layout.totalHeightForWidth(dialog.width()), layout.totalMinimumSize().height())
        dialog.resize(dialog.width(), max(dialog.height(), wanted))
        fit(dialog)


def muted(text: str = "") -> QLabel:
    """Return a grey text that wraps."""
    made = QLabel(text)
    made.setObjectName("muted")
    made.setWordWrap(True)
    return made


def error_text(text: str = "") -> QLabel:
    """Return a red text that wraps."""
    made = QLabel(text)
    made.setObjectName("error")
    made.setWordWrap(True)
    return made


def scrolled(content: QWidget) -> QScrollArea:
    """Return an area that shows all of `content`, or scrolls where the screen has no room."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


class Scrolled(QScrollArea):
    """As large as all of what is in it, and scrolls where a screen has no room for that."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusObjectChanged.connect(self._follow)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, _LEAST_PX)

    def _follow(self, now: object) -> None:
        """Bring what the keyboard goes to into sight, whichever key took it there."""
        if isinstance(now, QWidget) and self._content.isAncestorOf(now):
            self.ensureWidgetVisible(now)


def tab_after(before: QWidget, parts: Iterable[QWidget]) -> None:
    """Let Tab go from `before` through `parts` in their order: what is made late comes last."""
    chain, at = [before], before.nextInFocusChain()
    while at is not None and at is not before:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.window() is before.window():
            chain.append(at)
        at = at.nextInFocusChain()
    for part in parts:
        for stop in [one for one in chain if part is one or part.isAncestorOf(one)]:
            QWidget.setTabOrder(before, stop)
            before = stop


def column_of(page: QWidget) -> QVBoxLayout:
    """Return the column that a page's content stands in."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return column


def set_up_headings(header: QHeaderView) -> None:
    """Let headings stand where the words below them stand, whatever row is chosen."""
    header.setDefaultAlignment(LEFT)
    header.setHighlightSections(False)


def list_of(
    headings: Sequence[str], widths: Sequence[int], *, right: Collection[int] = ()
) -> QTableWidget:
    """Return a table to look at and choose from.

    A width of 0 takes the room that is left, the others are changed for their words
    (`FittedColumns`); columns of numbers are `right`.
    """
    table = QTableWidget(0, len(headings))
    make_list(table, headings)
    header = table.horizontalHeader()
    for place in right:
        item = table.horizontalHeaderItem(place)
        if item is not None:
            item.setTextAlignment(RIGHT)
    for place, width in enumerate(widths):
        mode = QHeaderView.ResizeMode
        header.setSectionResizeMode(place, mode.Interactive if width else mode.Stretch)
        if width:
            table.setColumnWidth(place, width)
    FittedColumns(table, widths, squeezed=True)
    return table


def set_widths(header: QHeaderView, widths: Sequence[int]) -> None:
    """Give columns their widths, or those of their headings where these are longer; 0: as it is."""
    header.ensurePolished()
    for place, width in enumerate(widths):
        if width:
            header.resizeSection(place, max(width, header.sectionSizeHint(place)))


def fit_columns(tree: QTreeWidget, widest: Sequence[int]) -> None:
    """Make columns as wide as what is seen of them; the last one takes the room that is left."""
    for place, most in enumerate(widest):
        tree.resizeColumnToContents(place)
        tree.setColumnWidth(place, min(tree.columnWidth(place), most))


def line_up(*forms: QFormLayout) -> None:
    """Let the fields of forms that stand one below the other begin at one line."""
    role = QFormLayout.ItemRole.LabelRole
    items = [form.itemAt(row, role) for form in forms for row in range(form.rowCount())]
    labels = [part for item in items if item and (part := item.widget()) is not None]
    widest = max(label.sizeHint().width() for label in labels)
    for label in labels:
        label.setMinimumWidth(widest)


def make_list(table: QTableWidget, headings: Sequence[str]) -> None:
    """Give a table the look of all lists: whole rows are chosen, one at a time, without a grid."""
    table.setHorizontalHeaderLabels(list(headings))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    # A long text is cut at its end, not after the last whole word.
    table.setWordWrap(False)
    table.setObjectName("framed")
    set_up_headings(table.horizontalHeader())


def frame_list(listed: QListWidget) -> None:
    """Give a list of words the look of all lists; to be asked before it is filled.

    A long text is cut at its end: its tooltip is to have it all.
    """
    listed.setObjectName("framed")
    # Or the rows keep the height that they had before the stylesheet came.
    listed.setResizeMode(QListWidget.ResizeMode.Adjust)
    listed.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def align_right(tree: QTreeWidget, column: int) -> None:
    """Put the heading of a column of numbers above its numbers."""
    head = tree.headerItem()
    if head is not None:
        head.setTextAlignment(column, RIGHT)


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


class FittingBox(QComboBox):
    """A choice whose words end in an ellipsis where there is no room for them."""

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = (
            self.style()
            .subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
            .width()
        )
        words, right = option.currentText, Qt.TextElideMode.ElideRight
        fitting = self.fontMetrics().elidedText(words, right, room - 4)
        option.currentText = fitting
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def narrow(box: QComboBox, letters: int = 12) -> None:
    """Let a choice be narrower than its longest entry; the list that drops down is not."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(letters)
