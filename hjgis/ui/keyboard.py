"""What the keyboard comes to: it has a name for a screen reader, and Tab leads out of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QTabWidget,
    QWidget,
)

# A label belongs to what begins so near to its right or below it.
_NEAR_PX: Final = 60


class Keyboard(QObject):
    """Looks after whatever takes the focus: a name, unless it has one, and a way out."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.focusChanged.connect(self._focused)

    def _focused(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            return
        if not _said(now):
            now.setAccessibleName(name_beside(now))
        # Qt's own tables and texts keep Tab to themselves; between cells arrows go as well.
        if isinstance(now, QTableWidget):
            now.setTabKeyNavigation(False)
        elif isinstance(now, QPlainTextEdit):
            now.setTabChangesFocus(True)


def name_beside(widget: QWidget) -> str:
    """Return what the eye takes for the name of a part.

    Its own hint, else the label at its left or above it, else the title of what it stands in.
    """
    if isinstance(widget, QLineEdit) and widget.placeholderText():
        return widget.placeholderText()
    if widget.toolTip():
        return widget.toolTip()
    return _label_beside(widget) or _title_around(widget)


def _said(widget: QWidget) -> str:
    spoken = QAccessible.queryAccessibleInterface(widget)
    return spoken.text(QAccessible.Text.Name) if spoken is not None else ""


def _label_beside(widget: QWidget) -> str:
    parent = widget.parentWidget()
    if parent is None or isinstance(parent, QAbstractSpinBox | QComboBox):
        return ""
    labels = parent.findChildren(QLabel)
    shown = [label for label in labels if label.isVisible() and label.text().strip()]
    place = _place(widget, parent)
    near = [(_gap(_place(label, parent), place), label.text()) for label in shown]
    gap, text = min(near, default=(_NEAR_PX, ""))
    return text.rstrip(":： ") if gap < _NEAR_PX else ""


def _place(widget: QWidget, parent: QWidget) -> QRect:
    return QRect(widget.mapTo(parent, QPoint(0, 0)), widget.size())


def _gap(label: QRect, part: QRect) -> int:
    """Return how far a label stands to the left of a part or above it; far where it does not."""
    beside = label.top() < part.bottom() and part.top() < label.bottom()
    if beside and label.right() <= part.left() + 1:
        return part.left() - label.right()
    over = label.left() < part.right() and part.left() < label.right()
    if over and label.bottom() <= part.top() + 1:
        return part.top() - label.bottom()
    return _NEAR_PX


def _title_around(widget: QWidget) -> str:
    """Return the title of the group, page, panel or window that a part stands in."""
    outer: QWidget | None = widget
    while outer is not None:
        if isinstance(outer, QGroupBox) and outer.title():
            return outer.title()
        if isinstance(outer, QTabWidget):
            here = outer.currentWidget()
            if here is not None and (widget is outer or here.isAncestorOf(widget)):
                return outer.tabText(outer.currentIndex())
        if (isinstance(outer, QDockWidget) or outer.isWindow()) and outer.windowTitle():
            return outer.windowTitle()
        outer = outer.parentWidget()
    return widget.window().windowTitle()
