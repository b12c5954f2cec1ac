"""What is seen of the map: where, how large, and the way back; nothing is painted here."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.ui.map.viewport import (
    ViewHistory,
    at_denominator,
    centred,
    filled,
    fitted,
    panned,
    resized,
    same_view,
    shrunk,
)

_STEP: Final = 1.5625
_SETTLED_MS: Final = 400
# Share of the window from its middle beyond which a place is near the edge.
_NEAR_EDGE: Final = 0.38
# A little more than one feature is needed to know where one is.
_CLOSEST_SHOWN: Final = 250.0


class MapView(QWidget):
    """A window onto the map; every way to look elsewhere ends in `set_frame`."""

    view_changed = Signal(object)
    hint_changed = Signal(str)
    history_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = MapFrame.at_scale((0.0, 0.0), 2000, width_px=100, height_px=100)
        self._history = ViewHistory()
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self.visit)
        self.is_placed = False
        self.scale_locked = False

    @property
    def frame(self) -> MapFrame:
        """What is seen, in window pixels."""
        return self._frame

    @property
    def history(self) -> ViewHistory:
        """The views that were looked at."""
        return self._history

    def set_frame(self, frame: MapFrame) -> None:
        """Look at another part of the map; size and resolution are the window's."""
        frame = resized(frame, self.width(), self.height())
        self.is_placed = True
        if not same_view(frame, self._frame):
            self._frame = frame
            self._settled.start()
            self.view_changed.emit(frame)

    def start_at(self, frame: MapFrame) -> None:
        """Look here until the layers are read; then all of them are shown."""
        self._frame = resized(frame, self.width(), self.height())

    def fit_window(self) -> None:
        """Take up another size of the window; middle and scale stay."""
        self._frame = resized(self._frame, self.width(), self.height())
        self.view_changed.emit(self._frame)

    # -- moving --------------------------------------------------------------------------

    def pan_by(self, dx_px: float, dy_px: float) -> None:
        """Drag the map by window pixels right and down, by whole pixels of the device."""
        self.set_frame(panned(self._frame, dx_px, dy_px, ratio=self.devicePixelRatioF()))

    def centre_on(self, x: float, y: float) -> None:
        """Bring a place into the middle as near as whole device pixels allow."""
        frame = self._frame
        self.pan_by((frame.center_x - x) / frame.m_per_px, (y - frame.center_y) / frame.m_per_px)

    def keep_in_view(self, x: float, y: float) -> None:
        """Bring a place into the middle where it is near the edge of what is seen, or outside."""
        frame = self._frame
        aside = abs(x - frame.center_x) / frame.m_per_px > frame.width_px * _NEAR_EDGE
        above = abs(y - frame.center_y) / frame.m_per_px > frame.height_px * _NEAR_EDGE
        if aside or above:
            self.centre_on(x, y)

    def show_place(self, x: float, y: float, denominator: float) -> None:
        """Show a place at the scale 1 : `denominator`; with a locked scale only move there."""
        frame = centred(self._frame, x, y)
        self.set_frame(frame if self.scale_locked else at_denominator(frame, denominator))

    def show_extent(self, extent: Extent) -> None:
        """Show all of a box; with a locked scale only its middle."""
        if self.scale_locked:
            middle = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
            self.set_frame(centred(self._frame, *middle))
        else:
            frame = fitted(self._frame, extent)
            self.set_frame(at_denominator(frame, max(frame.scale_denominator, _CLOSEST_SHOWN)))

    # -- zooming -------------------------------------------------------------------------

    def set_denominator(self, denominator: float) -> None:
        """Show the middle of the map at the scale 1 : `denominator`."""
        self.set_frame(at_denominator(self._frame, denominator))

    def zoom_by(self, factor: float, about_px: tuple[float, float] | None = None) -> None:
        """Zoom in by a factor; the place at `about_px` stays where it is."""
        if self._may_zoom():
            denominator = self._frame.scale_denominator / factor
            self.set_frame(at_denominator(self._frame, denominator, about_px=about_px))

    def zoom_in(self) -> None:
        """Zoom in about the middle."""
        self.zoom_by(_STEP)

    def zoom_out(self) -> None:
        """Zoom out about the middle."""
        self.zoom_by(1 / _STEP)

    def fill_with(self, box: Extent) -> None:
        """Zoom in until a box fills the window; with a locked scale only go to its middle."""
        if self._may_zoom():
            self.set_frame(filled(self._frame, box))
        else:
            self.centre_on((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)

    def shrink_into(self, box: Extent) -> None:
        """Zoom out until what is seen now lies in the place of a box."""
        if self._may_zoom():
            self.set_frame(shrunk(self._frame, box))

    def lock_scale(self, locked: bool) -> None:
        """Keep the scale, or let it go."""
        self.scale_locked = locked

    def _may_zoom(self) -> bool:
        if self.scale_locked:
            self.hint_changed.emit(_("The scale is locked; the lock is beside the scale box"))
        return not self.scale_locked

    # -- back and forth ------------------------------------------------------------------

    def visit(self) -> None:
        """Remember what is seen now."""
        self._settled.stop()
        self._history.visit(self._frame)
        self.history_changed.emit()

    def previous_view(self) -> None:
        """Go back to the view before."""
        self.visit()
        if self._history.has_previous:
            self._go(self._history.previous())

    def next_view(self) -> None:
        """Go forth again."""
        if self._history.has_next:
            self._go(self._history.next())

    def _go(self, frame: MapFrame) -> None:
        self.set_frame(frame)
        self._settled.stop()
        self.history_changed.emit()
