"""Ramps to choose from, and single colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QComboBox, QPushButton, QWidget

from hjgis.i18n import _, label
from hjgis.models.styles.color_sight import apart_for_all, apart_in_grey
from hjgis.models.styles.ramps import ramp, ramps

_BAND_PX: Final = QSize(96, 14)
_SHOWN: Final = 5


class RampBox(QComboBox):
    """Ramps with their colours; `ramp_chosen` carries an id."""

    ramp_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(_BAND_PX)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setAccessibleName(_("Colours"))
        self._qualitative: bool | None = None
        self.activated.connect(self._tell)

    def show_ramp(self, ramp_id: str, *, qualitative: bool) -> None:
        """Offer ramps for values or for numbers, one of them chosen."""
        if qualitative != self._qualitative:
            self._qualitative = qualitative
            self.clear()
            for one in ramps():
                if (one.kind == "qualitative") == qualitative:
                    self.addItem(band(one.colors(one.most or _SHOWN)), label(one.label), one.id)
        chosen = ramp(ramp_id, "qualitative" if qualitative else "sequential")
        self.setCurrentIndex(self.findData(chosen.id))

    def _tell(self) -> None:
        self.ramp_chosen.emit(str(self.currentData()))


class ColorButton(QPushButton):
    """Shows a colour and asks for another; `color_chosen` carries it as ``#rrggbb``."""

    color_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = "#0b63c5"
        self.setIconSize(QSize(40, 14))
        self.setAutoDefault(False)
        self.clicked.connect(self._ask)

    @property
    def color(self) -> str:
        """The colour that is shown."""
        return self._color

    def show_color(self, color: str) -> None:
        """Show a colour."""
        self._color = color
        self.setIcon(band([color[:7]]))
        self.setText(color[:7])

    def _ask(self) -> None:
        wanted = QColorDialog.getColor(QColor(self._color[:7]), self, _("Colour"))
        if wanted.isValid():
            self.show_color(wanted.name())
            self.color_chosen.emit(wanted.name())


def band(colors: Sequence[str]) -> QIcon:
    """Return colours side by side."""
    picture = QPixmap(_BAND_PX)
    painter = QPainter(picture)
    width = _BAND_PX.width() / max(len(colors), 1)
    for at, color in enumerate(colors):
        painter.fillRect(QRectF(at * width, 0, width + 1, _BAND_PX.height()), QColor(color))
    painter.end()
    return QIcon(picture)


def sight_words(colors: Sequence[str]) -> str:
    """Say whether everybody, and grey print, tells colours apart."""
    hexes = [color[:7] for color in dict.fromkeys(colors)]
    if len(hexes) < 2:
        return ""
    for_all, in_grey = apart_for_all(hexes), apart_in_grey(hexes)
    if for_all and in_grey:
        return _("Told apart by colour-blind people and in grey print.")
    if for_all:
        return _("Told apart by colour-blind people, but not in grey print.")
    if in_grey:
        return _("Told apart in grey print, but not by colour-blind people.")
    return _("Some are told apart neither by colour-blind people nor in grey print.")
