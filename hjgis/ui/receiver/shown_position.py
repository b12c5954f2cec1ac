"""The receiver on the map: its mark, and the map that goes along with it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.map.position_mark import PositionMark
from hjgis.ui.receiver.positioning import Positioning


class ShownPosition(QObject):
    """Shows where the receiver is, and keeps that in what is seen while it is followed."""

    def __init__(
        self, positioning: Positioning, canvas: MapCanvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._positioning, self._canvas = positioning, canvas
        self.is_followed = False
        positioning.changed.connect(self._show)
        positioning.moved.connect(self._go_along)

    def follow(self, on: bool) -> None:
        """Keep the receiver in what is seen, or let it go."""
        self.is_followed = on
        if on and (place := self._positioning.placed) is not None:
            self._canvas.keep_in_view(place.x, place.y)

    def _show(self) -> None:
        place, mean = self._positioning.placed, self._positioning.average
        if place is None:
            self._canvas.show_position(None)
            return
        fix = place.fix
        self._canvas.show_position(
            PositionMark(
                place.x,
                place.y,
                fix.error_m,
                fix.quality.shape,
                fix.quality.color,
                fix.course_deg,
                fix.speed_ms,
                self._positioning.is_old,
                (mean.x, mean.y) if mean is not None else None,
            )
        )

    def _go_along(self, x: float, y: float) -> None:
        # Whoever drags the map just now is looking at something else.
        if self.is_followed and not QGuiApplication.mouseButtons():
            self._canvas.keep_in_view(x, y)
