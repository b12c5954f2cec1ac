"""The steps of a wizard at its left edge: done, here, to do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from hjgis.i18n import _
from hjgis.ui import theme
from hjgis.ui.page_parts import ROLE

_WIDTH_PX: Final = 176
_ROW_PX: Final = 40
_MARK_PX: Final = 22
_TO_DO: Final = "#5b6670"


class StepList(QListWidget):
    """Shows where one is; a click on a step before goes back to it."""

    chosen = Signal(str)

    def __init__(self, steps: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("steps")
        self.setFixedWidth(_WIDTH_PX)
        self.setIconSize(QSize(_MARK_PX, _MARK_PX))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for step, title in steps:
            item = QListWidgetItem(title)
            item.setData(ROLE, step)
            item.setSizeHint(QSize(_WIDTH_PX, _ROW_PX))
            self.addItem(item)
        self.itemClicked.connect(self._clicked)

    def show_steps(
        self, path: Sequence[str], here: int, *, finished: bool, elsewhere: Collection[str] = ()
    ) -> None:
        """Mark each step; those that are not on the path are not needed.

        Those `elsewhere` belong to another way through and are not shown.
        """
        number = 0
        for row in range(self.count()):
            item = self.item(row)
            step = item.data(ROLE)
            item.setHidden(step in elsewhere)
            number += step not in elsewhere
            needed = step in path
            place = path.index(step) if needed else -1
            done = needed and (place < here or finished)
            mark = _mark(str(number), done=done, here=needed and place == here and not finished)
            item.setIcon(mark if needed else _mark("–", done=False, here=False))
            reachable = done and not finished
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                if reachable or place == here
                else Qt.ItemFlag.NoItemFlags
            )
            state = _("done") if done else _("here") if place == here else _("to do")
            item.setToolTip(state if needed else _("not needed here"))
            font = item.font()
            font.setBold(place == here)
            item.setFont(font)
            if place == here:
                self.setCurrentRow(row)

    def _clicked(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(ROLE))


def _mark(text: str, *, done: bool, here: bool) -> QIcon:
    """Return a disc with a tick or a number: done, here and to do differ in shape too."""
    ratio = 2.0
    pixmap = QPixmap(QSize(_MARK_PX, _MARK_PX) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    disc = QRectF(1.5, 1.5, _MARK_PX - 3, _MARK_PX - 3)
    color = QColor(theme.DONE if done else theme.ACCENT if here else _TO_DO)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(color if done or here else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(disc)
    painter.setPen(QPen(QColor(theme.PAPER if done or here else _TO_DO), 1.8))
    if done:
        painter.drawPolyline([QPointF(6.5, 11.5), QPointF(9.8, 14.8), QPointF(15.5, 7.8)])
    else:
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon
