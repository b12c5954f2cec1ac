"""The window's lower edge: hint, coordinates, scale, system, operator, running work."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from hjgis.i18n import _, grouped
from hjgis.models.crs import Crs
from hjgis.ui import theme

_ROOMY_PX: Final = 1000
_SCALES: Final = (100, 200, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000)


class StatusBar(QStatusBar):
    """Labels in one row; the hint takes what room is left."""

    denominator_chosen = Signal(float)
    lock_toggled = Signal(bool)
    cancel_requested = Signal()
    operator_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._hint = ElidedLabel()
        self.addWidget(self._hint, 1)
        self._bar, self._cancel = QProgressBar(), QToolButton()
        self._title = _WorkTitle()
        self._add_progress()
        self._coordinates = _label()
        self._coordinates.setMinimumWidth(self.fontMetrics().horizontalAdvance(_wide()) + 14)
        self._scale = ScaleBox()
        self._scale.denominator_chosen.connect(self.denominator_chosen)
        self._lock = QToolButton()
        self._lock.setCheckable(True)
        self._lock.setAutoRaise(True)
        self._lock.setIconSize(QSize(16, 16))
        self._lock.setToolTip(_("Lock the scale"))
        self._lock.setAccessibleName(self._lock.toolTip())
        self._lock.toggled.connect(self._locked)
        self._show_lock()
        self._crs, self._operator, self._saved = _label(), QToolButton(), _label()
        self._operator.setAutoRaise(True)
        self._operator.setObjectName("operator")
        self._operator.clicked.connect(self.operator_pressed)
        for widget in (self._coordinates, self._scale, self._lock):
            self.addPermanentWidget(widget)
        for part in (self._crs, self._operator, self._saved):
            self.addPermanentWidget(part)

    def _add_progress(self) -> None:
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        self._cancel.setAutoRaise(True)
        self._cancel.setIcon(theme.icon("close"))
        self._cancel.setIconSize(QSize(14, 14))
        self._cancel.setToolTip(_("Cancel"))
        self._cancel.clicked.connect(self.cancel_requested)
        for widget in (self._title, self._bar, self._cancel):
            self.addPermanentWidget(widget)
            widget.hide()

    def show_hint(self, text: str) -> None:
        """Say what the next click does."""
        self._hint.set_text(text)

    def show_place(self, x: float, y: float) -> None:
        """Show where the mouse is: X is north and Y is east, as surveyors write it."""
        self._coordinates.setText(_("X(N) {x:.2f}  Y(E) {y:.2f}").format(x=y, y=x))

    def show_denominator(self, denominator: float) -> None:
        """Show the scale."""
        self._scale.show_denominator(denominator)

    def show_crs(self, crs: Crs) -> None:
        """Show the short name of the coordinate system."""
        self._crs.setText(short_name(crs))
        words = f"{crs.called}\n{crs.text if len(crs.text) < 20 else ''}".strip()
        for part in (self._crs, self._coordinates):
            part.setToolTip(words)

    def show_operator(self, operator: str) -> None:
        """Show who edits."""
        self._operator.setText(operator or _("No operator name"))
        words = _("Operator: written into the history with each change; click to change it")
        self._operator.setToolTip(words)

    def show_saved(self, *, read_only: bool) -> None:
        """Say that nothing waits to be saved."""
        self._saved.setText(_("Read-only") if read_only else _("Saved"))
        self._saved.setToolTip(_("Each change is stored at once; there is nothing to save"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # On a small screen what the next click does matters more.
        self._crs.setVisible(self.width() >= _ROOMY_PX)

    def start_work(self, title: str) -> None:
        """Show the bar of a long job."""
        self._title.setText(title)
        self._title.setToolTip(title)
        self._bar.setRange(0, 0)
        for widget in (self._title, self._bar, self._cancel):
            widget.show()

    def show_progress(self, done: int, total: int, key: str) -> None:
        """Move the bar."""
        del key
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def end_work(self) -> None:
        """Take the bar away."""
        for widget in (self._title, self._bar, self._cancel):
            widget.hide()

    def _locked(self, locked: bool) -> None:
        self._scale.setEnabled(not locked)
        self._show_lock()
        self.lock_toggled.emit(locked)

    def _show_lock(self) -> None:
        self._lock.setIcon(theme.icon("lock" if self._lock.isChecked() else "unlock"))


class _WorkTitle(QLabel):
    """What is being done; on a small screen it is cut rather than making the window wider."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())


class ScaleBox(QComboBox):
    """An editable 1:N."""

    denominator_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumWidth(104)
        self.setToolTip(_("Scale; type 1:500 or 500"))
        self._shown = 0.0
        for scale in _SCALES:
            self.addItem(scale_text(scale), scale)
        self.activated.connect(self._chosen)
        line = self.lineEdit()
        assert line is not None
        line.returnPressed.connect(self._typed)

    def show_denominator(self, denominator: float) -> None:
        """Show a scale without asking for it."""
        self._shown = denominator
        self.setEditText(scale_text(denominator))

    def _chosen(self, row: int) -> None:
        self.denominator_chosen.emit(float(self.itemData(row)))

    def _typed(self) -> None:
        denominator = read_scale(self.currentText())
        if denominator is None:
            self.show_denominator(self._shown)
        else:
            self.denominator_chosen.emit(denominator)


class ElidedLabel(QWidget):
    """A text that is cut with an ellipsis instead of widening the window.

    `look` is how the stylesheet calls it.
    """

    def __init__(
        self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, *, look: str = ""
    ) -> None:
        super().__init__()
        self._text, self._mode = "", mode
        self._label = QLabel()
        self._label.setObjectName(look)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Show a text; all of it is in the tooltip."""
        self._text = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - 14, 0)
        self._label.setText(self._label.fontMetrics().elidedText(self._text, self._mode, room))


def scale_text(denominator: float) -> str:
    """Write a scale as 1:N with thousands apart."""
    return f"1:{grouped(denominator, '.0f')}"


def read_scale(text: str) -> float | None:
    """Read ``1:500``, ``1 500`` or ``500``; None for what is no scale."""
    digits = re.sub(r"[\s,，]", "", text.replace("：", ":").removeprefix("1:"))
    digits = digits.rpartition(":")[2]
    return float(digits) if digits.isascii() and digits.isdigit() and int(digits) > 0 else None


def short_name(crs: Crs) -> str:
    """Return a name for the status bar, e.g. ``CGCS2000 3°108``.

    The last number is the central meridian in degrees east; before it the width of the zone.
    """
    meridian = crs.central_meridian_deg
    if meridian is None or "CGCS2000" not in crs.name:
        return crs.name
    zone = "3°" if "3-degree" in crs.name else "6°"
    return f"CGCS2000 {zone}{meridian:g}"


def _label() -> QLabel:
    label = QLabel()
    label.setProperty("place", True)
    return label


def _wide() -> str:
    return _("X(N) {x:.2f}  Y(E) {y:.2f}").format(x=4_588_888.88, y=588_888.88)
