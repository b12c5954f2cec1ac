"""A chart beside a list: drawn in the background, for the room that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

if TYPE_CHECKING:
    from hjgis.cartography.figures import Chart

_LEAST: Final = QSize(240, 96)
_RESIZED_MS: Final = 200


class ChartView(QLabel):
    """Shows a picture of a chart; `resized` when another picture would fit better."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Or what was drawn for much room would never let the panel be smaller again.
        self.setMinimumSize(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setStyleSheet("background: #ffffff")
        self._soon = QTimer(self, interval=_RESIZED_MS, singleShot=True)
        self._soon.timeout.connect(self._tell)

    def drawing(self) -> Callable[[Chart], bytes]:
        """Return what draws a chart for the room that there is now, in any thread."""
        ratio = self.devicePixelRatioF()
        size = self.size().expandedTo(_LEAST) * ratio
        return partial(_drawn, width_px=size.width(), height_px=size.height(), scale=ratio)

    def show_picture(self, picture: bytes) -> None:
        """Show what was drawn."""
        pixmap = QPixmap()
        pixmap.loadFromData(picture)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self.setPixmap(pixmap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._soon.start()

    def _tell(self) -> None:
        if self.isVisible():
            self.resized.emit()


def _drawn(chart: Chart, *, width_px: int, height_px: int, scale: float) -> bytes:
    from hjgis.cartography import charts

    # What it is of stands above it in the panel.
    untitled = replace(chart, title="")
    return charts.picture(untitled, width_px=width_px, height_px=height_px, scale=scale)
