"""Coordinates typed on the map: a box that opens with the first digit."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.ui.tools.base import Tool

_KEPT: Final = "azimuths"
_EDGE_PX: Final = 12
_WIDTH_PX: Final = 300


class Host(Protocol):
    """The map."""

    @property
    def tool(self) -> Tool:
        """Whoever is to have the place."""

    @property
    def azimuths(self) -> bool:
        """Whether typed angles are azimuths, clockwise from north."""

    def count_angles(self, *, azimuths: bool) -> None:
        """Let typed angles be azimuths, or run anticlockwise from east, from now on."""

    def keep_in_view(self, x: float, y: float) -> None:
        """Bring a place into the middle unless it is well seen."""


class TypingBox(QFrame):
    """Says at each letter how it is understood; Enter takes it, Esc leaves it.

    Nobody has to click into it: it has the keyboard while it is open, the map has it otherwise.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        assert hasattr(canvas, "tool")
        assert hasattr(canvas, "azimuths")
        assert hasattr(canvas, "count_angles")
        assert hasattr(canvas, "keep_in_view")
        self._host: Host = canvas
        self.setObjectName("typingBox")
        self._line, self._words = QLineEdit(), QLabel()
        self._line.setClearButtonEnabled(True)
        self.angles = QCheckBox(_("Angles as azimuths (degrees.MMSS)"))
        self.angles.setToolTip(
            _("Clockwise from north; 45.3020 is 45°30′20″. Otherwise anticlockwise from east.")
        )
        self._words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(4)
        column.addWidget(self._line)
        column.addWidget(self._words)
        column.addWidget(self.angles)
        self.angles.toggled.connect(self._count_angles)
        self._line.textChanged.connect(self._read_back)
        self._line.returnPressed.connect(self._take)
        self._line.installEventFilter(self)
        self.hide()

    def open(self, text: str) -> None:
        """Show the box with a first letter in it."""
        self._line.setText(text)
        self._place()
        self.show()
        self.raise_()
        self._line.setFocus()
        self._line.deselect()
        self._line.setCursorPosition(len(text))

    def show_angles(self, *, azimuths: bool) -> None:
        """Show how angles are counted."""
        self.angles.setChecked(azimuths)

    def close_box(self) -> None:
        """Give the keyboard back to the map."""
        if self.isVisible():
            self.hide()
            canvas = self.parent()
            assert isinstance(canvas, QWidget)
            canvas.setFocus()

    @property
    def text(self) -> str:
        """What is typed so far."""
        return self._line.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if escape and event.type() == QEvent.Type.KeyPress:
            self.close_box()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A line edit leaves Enter to its parents: the map would finish the sketch.
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self.close_box()

    def _count_angles(self, azimuths: bool) -> None:
        if azimuths != self._host.azimuths:
            self._host.count_angles(azimuths=azimuths)
        self._read_back(self._line.text())
        if self.isVisible():
            self._line.setFocus()

    def _read_back(self, text: str) -> None:
        self._words.setText(self._host.tool.read_back(text) if text else "")
        self._place()

    def _take(self) -> None:
        try:
            self._host.tool.typed(self._line.text())
        except EditRefused as error:
            # What was typed stays, to be mended.
            self._words.setText(str(error))
            self._place()
            return
        latest = self._host.tool.latest
        if latest is not None:
            self._host.keep_in_view(*latest)
        self.close_box()

    def _place(self) -> None:
        canvas = self.parent()
        assert isinstance(canvas, QWidget)
        self.setFixedWidth(_WIDTH_PX)
        self.adjustSize()
        # The lower corners belong to the overview and the scale bar.
        self.move(_EDGE_PX, _EDGE_PX)


def keep_angles(host: Host, kept: QSettings) -> None:
    """Remember how typed angles are counted."""
    kept.setValue(_KEPT, host.azimuths)


def restore_angles(host: Host, kept: QSettings) -> None:
    """Count typed angles as was chosen before."""
    host.count_angles(azimuths=kept.value(_KEPT, False) in (True, "true"))
