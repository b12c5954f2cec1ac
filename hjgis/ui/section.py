"""A heading that folds what stands under it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget


class Section(QWidget):
    """A title and a body; `folded` says how it stands after a click, True for open."""

    folded = Signal(bool)

    def __init__(
        self, title: str, body: QWidget, *, opened: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._head = QToolButton()
        self._head.setObjectName("section")
        self._head.setText(title)
        self._head.setCheckable(True)
        self._head.setChecked(opened)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body = body
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._head)
        column.addWidget(body)
        self._head.toggled.connect(self._toggled)
        self._show(opened=opened)

    @property
    def is_open(self) -> bool:
        """Whether the body is to be seen."""
        return self._head.isChecked()

    def set_open(self, *, opened: bool) -> None:
        """Show or hide the body."""
        self._head.setChecked(opened)

    def _toggled(self, opened: bool) -> None:
        self._show(opened=opened)
        self.folded.emit(opened)

    def _show(self, *, opened: bool) -> None:
        self.body.setVisible(opened)
        arrow = Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        self._head.setArrowType(arrow)
