"""The hand on the map: what mouse, keys, wheel and fingers do with any tool."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from hjgis.i18n import _
from hjgis.ui.map.map_view import MapView
from hjgis.ui.tools.base import DRAG_PX, MapMouse, Preview
from hjgis.ui.tools.zoom import ZoomTool

_NOTCH: Final = 120
_WHEEL_FACTOR: Final = 1.25
_FINE: Final = 0.25
# Windows tells a pinch on a touchpad as a wheel with Ctrl; a notch of it is much of a pinch.
_PINCH_FACTOR: Final = 2.0
_KEY_PAN_PX: Final = 80
_PAGE: Final = 0.9
_Button, _Key, _Keys = Qt.MouseButton, Qt.Key, Qt.KeyboardModifier
_ARROWS: Final = {
    _Key.Key_Left: (1, 0),
    _Key.Key_Right: (-1, 0),
    _Key.Key_Up: (0, 1),
    _Key.Key_Down: (0, -1),
}
_HOLDS: Final = (_Key.Key_Space, _Key.Key_Z)


class Navigation(QObject):
    """Looks around in a MapView; each method says whether the event was its own."""

    hand_changed = Signal()
    preview_changed = Signal()

    def __init__(self, view: MapView, show_all: Callable[[], None]) -> None:
        super().__init__(view)
        self._view, self._show_all = view, show_all
        self._zoom = ZoomTool(view, self)
        self._zoom.preview_changed.connect(self.preview_changed)
        self._held: int | None = None
        self._drag_px: QPointF | None = None
        self._zooming = False
        # Where the wheel button went down a second time; let go there, it shows everything.
        self._twice_px: QPointF | None = None
        # How far a pinch has grown, and where its middle was.
        self._pinch: tuple[float, QPointF] | None = None
        view.grabGesture(Qt.GestureType.PinchGesture)
        view.installEventFilter(self)

    @property
    def cursor(self) -> Qt.CursorShape | None:
        """The shape of the mouse, if it is not the tool's."""
        if self._drag_px is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._held == _Key.Key_Space:
            return Qt.CursorShape.OpenHandCursor
        return self._zoom.cursor if self._held == _Key.Key_Z or self._zooming else None

    @property
    def hint(self) -> str:
        """What a drag does while a key is held; empty where it is the tool's."""
        if self._held == _Key.Key_Space:
            return _("Drag to move the map")
        return self._zoom.hint() if self._held == _Key.Key_Z else ""

    def preview(self) -> Preview:
        """Return what is to be seen above the map."""
        return self._zoom.preview()

    # -- mouse ---------------------------------------------------------------------------

    def press(self, event: QMouseEvent, *, pans: bool) -> bool:
        """Hear that a button went down; `pans` says that the tool leaves the left one to us."""
        button = event.button()
        if button == _Button.BackButton:
            self._view.previous_view()
        elif button == _Button.ForwardButton:
            self._view.next_view()
        elif button == _Button.LeftButton and self._zooms(event, pans=pans):
            self._zooming = True
            # With the pan tool Shift asks for the box, so that only Alt turns it round.
            self._zoom.press(self._map_mouse(event, shift=not pans or self._held is not None))
        elif button == _Button.MiddleButton or (
            button == _Button.LeftButton and (self._held == _Key.Key_Space or pans)
        ):
            self._drag_px = event.position()
        else:
            return False
        self.hand_changed.emit()
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Hear that the mouse moved."""
        if self._zooming:
            self._zoom.move(self._map_mouse(event))
        elif self._drag_px is not None and self._pinch is None:
            self._drag(self._drag_px, event.position())
        return self._zooming or self._drag_px is not None or self._pinch is not None

    def release(self, event: QMouseEvent) -> bool:
        """Hear that a button went up."""
        if self._zooming and event.button() == _Button.LeftButton:
            self._zooming = False
            self.hand_changed.emit()
            self._zoom.release(self._map_mouse(event))
        elif self._drag_px is not None:
            self._drag_px = None
            self.hand_changed.emit()
            self._end_twice(event)
        else:
            return False
        return True

    def double_click(self, event: QMouseEvent, *, pans: bool) -> bool:
        """Hear the second press of a double click."""
        at = event.position()
        if event.button() == _Button.MiddleButton:
            self._twice_px = at
        elif event.button() == _Button.LeftButton and pans and self._held is None:
            self._view.zoom_by(2.0, (at.x(), at.y()))
            return True
        return self.press(event, pans=pans)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the cursor; two fingers on a touchpad that tells them apart move the map."""
        event.accept()
        pixels, at = event.pixelDelta(), event.position()
        ctrl = bool(event.modifiers() & _Keys.ControlModifier)
        if _is_swipe(event) and not ctrl:
            self._view.pan_by(pixels.x(), pixels.y())
            return
        angle = event.angleDelta().y()
        factor, steps = _WHEEL_FACTOR, angle / _NOTCH
        if ctrl and angle % _NOTCH:
            factor = _PINCH_FACTOR
        elif ctrl:
            steps *= _FINE
        if angle:
            self._view.zoom_by(factor**steps, (at.x(), at.y()))

    # -- keys ----------------------------------------------------------------------------

    def key_press(self, event: QKeyEvent) -> bool:
        """Use a key that no tool wanted."""
        key, modifiers = event.key(), event.modifiers() & ~_Keys.KeypadModifier
        if key in _HOLDS and modifiers in (_Keys.NoModifier, _Keys.ShiftModifier):
            if not event.isAutoRepeat():
                self._hold(key)
        elif key in _ARROWS and modifiers in (_Keys.NoModifier, _Keys.ShiftModifier):
            self._pan(Qt.Key(key), page=modifiers == _Keys.ShiftModifier)
        elif key in (_Key.Key_Plus, _Key.Key_Equal, _Key.Key_PageUp):
            self._view.zoom_in()
        elif key in (_Key.Key_Minus, _Key.Key_PageDown):
            self._view.zoom_out()
        else:
            return False
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """Hear that a key went up."""
        if event.key() != self._held:
            return False
        if not event.isAutoRepeat():
            self._hold(None)
        return True

    def let_go(self) -> None:
        """Forget held keys: their release goes to whoever has the focus now."""
        self._hold(None)

    def cancel(self) -> bool:
        """Give up a box that is being pulled open; return whether there was one."""
        zooming, self._zooming = self._zooming, False
        if zooming:
            self._zoom.cancel()
            self.hand_changed.emit()
        return zooming

    # -- fingers -------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Use what two fingers do on a touchpad or a touch screen."""
        del watched
        if isinstance(event, QNativeGestureEvent):
            return self._on_touchpad(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._on_screen(pinch)
                event.accept()
                return True
        return False

    def _on_touchpad(self, event: QNativeGestureEvent) -> bool:
        kind, at = event.gestureType(), event.position()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            # The value is by how much of itself the map grows; no pinch turns it over.
            self._view.zoom_by(max(1 + event.value(), 0.1), (at.x(), at.y()))
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._view.zoom_by(2.0, (at.x(), at.y()))
        else:
            return False
        event.accept()
        return True

    def _on_screen(self, pinch: QPinchGesture) -> None:
        """Zoom about the middle of two fingers and move with it."""
        middle, total = QPointF(self._view.mapFromGlobal(pinch.centerPoint())), 1.0
        if self._pinch is None:
            # The first finger has pressed the mouse button; with the second it means no drag.
            self._drag_px = None
            self.cancel()
        else:
            # Qt may tell one step twice; measured from what is known, the second changes nothing.
            total, before = max(pinch.totalScaleFactor(), 0.01), self._pinch[1]
            self._view.pan_by(middle.x() - before.x(), middle.y() - before.y())
            self._view.zoom_by(total / self._pinch[0], (middle.x(), middle.y()))
        self._pinch = (total, middle)
        if pinch.state() in (Qt.GestureState.GestureFinished, Qt.GestureState.GestureCanceled):
            self._pinch = None
            self.hand_changed.emit()

    # -- inside --------------------------------------------------------------------------

    def _zooms(self, event: QMouseEvent, *, pans: bool) -> bool:
        shift = bool(event.modifiers() & _Keys.ShiftModifier)
        return self._held == _Key.Key_Z or (pans and shift and self._held is None)

    def _drag(self, start: QPointF, now: QPointF) -> None:
        """Move the map with the hand; what whole device pixels leave over waits for the next."""
        ratio = self._view.devicePixelRatioF()
        dx = round((now.x() - start.x()) * ratio) / ratio
        dy = round((now.y() - start.y()) * ratio) / ratio
        self._drag_px = start + QPointF(dx, dy)
        self._view.pan_by(dx, dy)

    def _end_twice(self, event: QMouseEvent) -> None:
        twice, self._twice_px = self._twice_px, None
        moved = event.position() - twice if twice is not None else QPointF()
        if twice is not None and math.hypot(moved.x(), moved.y()) < DRAG_PX:
            self._show_all()

    def _pan(self, key: Qt.Key, *, page: bool) -> None:
        right, down = _ARROWS[key]
        wide, high = self._view.width() * _PAGE, self._view.height() * _PAGE
        step = (wide, high) if page else (_KEY_PAN_PX, _KEY_PAN_PX)
        self._view.pan_by(right * step[0], down * step[1])

    def _hold(self, key: int | None) -> None:
        self._held = key
        self.hand_changed.emit()

    def _map_mouse(self, event: QMouseEvent, *, shift: bool = True) -> MapMouse:
        at, frame, keys = event.position(), self._view.frame, event.modifiers()
        return MapMouse(
            *frame.to_map(at.x(), at.y()),
            (at.x(), at.y()),
            frame.m_per_px,
            frame.scale_denominator,
            event.button(),
            keys if shift else keys & ~_Keys.ShiftModifier,
        )


def _is_swipe(event: QWheelEvent) -> bool:
    """Whether two fingers swipe over a touchpad that tells their way in pixels."""
    return (
        event.device().type() == QInputDevice.DeviceType.TouchPad
        and event.phase() != Qt.ScrollPhase.NoScrollPhase
        and not event.pixelDelta().isNull()
    )
