"""The satellite receiver: where it is plugged in, how good its place is, taking points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hjgis.exchange import receiver
from hjgis.exchange.receiver import Replay, SerialLine, Source
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType
from hjgis.models.positions import NONE, Average, Fix, receiver_rules
from hjgis.ui import file_dialogs, theme
from hjgis.ui.map.position_mark import shape_pixmap
from hjgis.ui.page_parts import FittingBox
from hjgis.ui.receiver.positioning import Positioning
from hjgis.ui.receiver.take_point import TakePoint

_SPEEDS: Final = (1, 2, 5, 10, 50)
_SIGN_PX: Final = 18
_FEWEST, _MOST = 2, 3600
_OLD: Final = "#92400e"
_WRONG: Final = "#a3211b"


class ReceiverPanel(QWidget):
    """Port and state above, what is done with the place below."""

    follow_changed = Signal(bool)

    def __init__(
        self,
        positioning: Positioning,
        taking: TakePoint,
        types: Mapping[str, AssetType],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._positioning, self._taking = positioning, taking
        self._make_source()
        self._make_facts()
        self._make_uses(types)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for row in (self._source_rows(), self._fact_rows(), self._use_rows()):
            column.addLayout(row)
        column.addStretch(1)
        self._connect()
        self._show_source()
        self._show()

    # -- building ------------------------------------------------------------------------

    def _make_source(self) -> None:
        self._port, self._baud, self._speed = QComboBox(), QComboBox(), QComboBox()
        # A port that the system does not list, such as that of a phone, is typed.
        self._port.setEditable(True)
        self._port.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._port.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = self._port.lineEdit()
        assert line is not None
        line.setPlaceholderText(_("No receiver found"))
        for baud in receiver.BAUDS:
            self._baud.addItem(str(baud), baud)
        self._baud.setCurrentIndex(receiver.BAUDS.index(receiver.USUAL_BAUD))
        self._baud.setToolTip(_("Speed of the line in baud; receivers at USB take any"))
        self._baud.setAccessibleName(self._baud.toolTip())
        for speed in _SPEEDS:
            self._speed.addItem(f"{speed}×", speed)
        self._speed.setToolTip(_("How many times as fast as it was recorded the log is played"))
        self._again = theme.flat_button("refresh", _("Look for receivers again"), 16)
        self._file = theme.flat_button("open", _("Play a log of a receiver (NMEA)…"), 16)
        self._go = QPushButton()

    def _make_facts(self) -> None:
        self._sign, self._quality, self._age = QLabel(), QLabel(), QLabel()
        self._sign.setFixedSize(QSize(_SIGN_PX, _SIGN_PX))
        self._satellites, self._hdop, self._error = QLabel(), QLabel(), QLabel()
        self._x, self._y, self._height = QLabel(), QLabel(), QLabel()
        for value in (self._x, self._y, self._height):
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._height.setWordWrap(True)
        self._height.setToolTip(
            _("Above the geoid that the receiver has built in; not a height of the 1985 datum")
        )

    def _make_uses(self, types: Mapping[str, AssetType]) -> None:
        self._follow = QCheckBox(_("Keep it in the map"))
        self._count = QSpinBox()
        self._count.setRange(_FEWEST, _MOST)
        self._count.setValue(self._positioning.wanted)
        self._count.setToolTip(_("So many places are gathered for the mean"))
        self._mean = QPushButton()
        self._forget = theme.flat_button(
            "close", _("Forget the mean; go back to the latest place"), 16
        )
        self._gathered, self._said = QLabel(), QLabel()
        # Their room is kept, so that nothing moves under the mouse when they speak.
        for words, lines in ((self._gathered, 2), (self._said, 3)):
            words.setWordWrap(True)
            words.setAlignment(Qt.AlignmentFlag.AlignTop)
            words.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 2)
        self._layer = FittingBox()
        self._layer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for layer in reversed(self._taking.layers):
            self._layer.addItem(label(types[layer].label), layer)
        self._layer.setCurrentIndex(self._layer.findData(self._taking.layer))
        self._layer.setToolTip(_("What the points that are taken become"))
        self._take = QPushButton()
        self._take.setObjectName("primary")
        self._asked = ""

    def _source_rows(self) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setSpacing(4)
        rows.addLayout(_row(self._port, self._again, self._file, stretch=self._port))
        rows.addLayout(_row(self._baud, self._speed, self._go, stretch=self._go))
        return rows

    def _fact_rows(self) -> QVBoxLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        facts = (
            (_("Satellites"), self._satellites, 0, 0),
            ("HDOP", self._hdop, 0, 2),
            (_("Accuracy"), self._error, 1, 0),
            (_("Fix age"), self._age, 1, 2),
            (_("X (north)"), self._x, 2, 0),
            (_("Y (east)"), self._y, 3, 0),
            (_("Altitude"), self._height, 4, 0),
        )
        for words, value, row, place in facts:
            name = QLabel(words)
            name.setObjectName("muted")
            grid.addWidget(name, row, place)
            grid.addWidget(value, row, place + 1, 1, 1 if row < 2 else 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        rows = QVBoxLayout()
        rows.setSpacing(4)
        rows.addLayout(_row(self._sign, self._quality, stretch=self._quality))
        rows.addLayout(grid)
        return rows

    def _use_rows(self) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setSpacing(4)
        rows.addWidget(self._follow)
        rows.addLayout(_row(self._mean, self._count, self._forget, stretch=self._mean))
        rows.addWidget(self._gathered)
        rows.addLayout(_row(self._layer, self._take, stretch=self._layer))
        rows.addWidget(self._said)
        return rows

    def _connect(self) -> None:
        self._port.currentTextChanged.connect(self._show_source)
        self._again.clicked.connect(self._list_ports)
        self._file.clicked.connect(self._ask_log)
        self._go.clicked.connect(self.toggle_listening)
        self._follow.toggled.connect(self.follow_changed)
        self._mean.clicked.connect(self.toggle_average)
        self._forget.clicked.connect(self._positioning.forget_average)
        self._layer.activated.connect(self._choose_layer)
        self._take.clicked.connect(self._taking.take)
        self._taking.told.connect(self._ask)
        self._taking.layer_changed.connect(self._show_layer)
        self._positioning.changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._positioning.running:
            self._list_ports()

    # -- where it is ---------------------------------------------------------------------

    @property
    def source(self) -> Source | None:
        """What is chosen; None where nothing is."""
        text = self._port.currentText().strip()
        chosen = self._port.currentData() if text == self._port.itemText(self._place()) else text
        if isinstance(chosen, Path):
            return Replay(chosen, float(self._speed.currentData()))
        return SerialLine(chosen, int(self._baud.currentData())) if chosen else None

    def play(self, log: Path) -> None:
        """Choose a log."""
        self._port.addItem(log.name, log)
        self._port.setCurrentIndex(self._port.count() - 1)

    @property
    def choice(self) -> str:
        """The port and its speed, to be chosen again next time; a log is not."""
        source = self.source
        return f"{source.port} {source.baud}" if isinstance(source, SerialLine) else ""

    def restore_choice(self, choice: str) -> None:
        """Choose what was chosen last time."""
        port, _space, baud = choice.rpartition(" ")
        if port and baud.isdigit():
            self._baud.setCurrentIndex(max(self._baud.findData(int(baud)), 0))
            place = self._port.findData(port)
            if place >= 0:
                self._port.setCurrentIndex(place)
            else:
                self._port.setEditText(port)

    def toggle_listening(self) -> None:
        """Listen to what is chosen, or no more."""
        if self._positioning.running:
            self._positioning.stop()
            return
        source = self.source
        if source is None:
            self._ask(_("Plug a receiver in, type its port, or choose a log to play."))
            return
        self._ask("")
        self._positioning.start(source)

    def _place(self) -> int:
        return max(self._port.currentIndex(), 0)

    def _list_ports(self) -> None:
        """List what is plugged in; logs and typed ports stay."""
        text = self._port.currentText()
        logs = [
            self._port.itemData(row)
            for row in range(self._port.count())
            if isinstance(self._port.itemData(row), Path)
        ]
        self._port.blockSignals(True)
        self._port.clear()
        for port in receiver.ports():
            name = port.device.removeprefix("/dev/")
            self._port.addItem(f"{name}  {port.words}".strip(), port.device)
        for log in logs:
            self._port.addItem(log.name, log)
        place = max(self._port.findText(text), self._port.findData(text) if text else -1)
        if place >= 0:
            self._port.setCurrentIndex(place)
        elif text:
            self._port.setEditText(text)
        self._port.blockSignals(False)
        self._show_source()

    def _ask_log(self) -> None:
        kinds = _("Logs of receivers (*.nmea *.log *.txt)")
        title = _("Play a log of a receiver")
        name, _kind = file_dialogs.open_file(self, title, "", kinds)
        if name:
            self.play(Path(name))

    def _show_source(self) -> None:
        is_log = isinstance(self.source, Replay)
        self._baud.setVisible(not is_log)
        self._speed.setVisible(is_log)
        self._port.setToolTip(self._port.currentText())

    # -- what is done with it ------------------------------------------------------------

    def toggle_follow(self) -> None:
        """Keep the receiver in the map, or let it go."""
        self._follow.toggle()

    def toggle_average(self) -> None:
        """Gather places for a mean, or stop at those there are."""
        if self._positioning.averaging:
            self._positioning.end_average()
        else:
            self._positioning.wanted = self._count.value()
            self._positioning.begin_average()

    def _choose_layer(self) -> None:
        self._taking.set_layer(self._layer.currentData())

    def _show_layer(self, layer: str) -> None:
        self._layer.setCurrentIndex(self._layer.findData(layer))

    def _ask(self, words: str) -> None:
        self._asked = words
        self._show_said()

    def _show_said(self) -> None:
        """Say what is wrong, else what is asked."""
        trouble = self._positioning.trouble
        self._said.setText(trouble or self._asked)
        self._said.setToolTip(trouble or self._asked)
        self._said.setStyleSheet(f"color: {_WRONG if trouble else _OLD}")

    # -- what is seen --------------------------------------------------------------------

    def _show(self) -> None:
        here = self._positioning
        running, fix = here.running, here.fix
        for widget in (self._port, self._again, self._file, self._baud, self._speed):
            widget.setEnabled(not running)
        self._go.setText(_("Disconnect") if running else _("Connect"))
        self._show_said()
        self._show_quality(fix)
        self._show_place(fix)
        self._show_mean(here.average)
        drawing = self._taking.sketch is not None
        self._layer.setEnabled(not drawing)
        self._take.setText(_("Set vertex") if drawing else _("Take point"))
        for button in (self._take, self._mean):
            button.setEnabled(here.placed is not None or here.averaging)

    def _show_quality(self, fix: Fix | None) -> None:
        quality = fix.quality if fix is not None else receiver_rules().quality(NONE)
        ratio = self.devicePixelRatioF()
        old = self._positioning.placed is not None and self._positioning.is_old
        color = receiver_rules().quality(NONE).color if old else quality.color
        self._sign.setPixmap(shape_pixmap(quality.shape, color, _SIGN_PX, ratio))
        waiting = self._positioning.running and fix is None
        self._quality.setText(_("Waiting for the receiver…") if waiting else label(quality.label))
        self._quality.setStyleSheet(f"font-weight: 600; color: {color}")
        self._satellites.setText(_number(fix.satellites if fix else None, "{:d}"))
        self._hdop.setText(_number(fix.hdop if fix else None, "{:.2f}"))
        limits = receiver_rules().limits
        poor = fix is not None and fix.hdop is not None and fix.hdop > limits.hdop
        self._hdop.setStyleSheet(f"color: {_OLD}; font-weight: 600" if poor else "")

    def _show_place(self, fix: Fix | None) -> None:
        place, here = self._positioning.placed, self._positioning
        error = place.fix.error_m if place is not None else None
        self._error.setText("–" if error is None else f"±{error:.{2 if error < 1 else 1}f} m")
        stated = place is not None and place.fix.stated_m is not None
        self._error.setToolTip(
            _("As the receiver itself states it (one standard deviation)")
            if stated
            else _("As is usual for this quality and HDOP; the receiver states none")
        )
        self._x.setText(_number(place.y if place else None, "{:.3f}"))
        self._y.setText(_number(place.x if place else None, "{:.3f}"))
        height = fix.height_m if fix is not None else None
        text = _("{height:.2f} m above its geoid")
        self._height.setText("–" if height is None else text.format(height=height))
        self._age.setText("–" if place is None else f"{min(here.age_s, 9999):.0f} s")
        old = place is not None and here.is_old
        self._age.setStyleSheet(f"color: {_OLD}; font-weight: 600" if old else "")

    def _show_mean(self, mean: Average | None) -> None:
        gathering = self._positioning.averaging
        self._mean.setText(_("Enough") if gathering else _("Average"))
        self._count.setEnabled(not gathering)
        self._forget.setVisible(mean is not None or gathering)
        if mean is None:
            latest = _("Without a mean the latest place is taken.")
            self._gathered.setText(_("Gathering places…") if gathering else latest)
            return
        words = _("{count} of {wanted}, {quality}: RMS {rms:.3f} m, farthest {spread:.3f} m")
        text = words.format(
            count=mean.count,
            wanted=self._positioning.wanted,
            quality=label(mean.quality.label),
            rms=mean.rms_m,
            spread=mean.spread_m,
        )
        if self._positioning.left_out:
            text += _("; {count} of lesser quality left out").format(
                count=self._positioning.left_out
            )
        self._gathered.setText(text)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _row(*widgets: QWidget, stretch: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget, int(widget is stretch))
    return row
