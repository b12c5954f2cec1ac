"""The map: shows the painted picture, lets the user look around, passes the mouse to the tool."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.ui import overlays
from hjgis.ui.frame_painter import MARGIN_PX, FramePainter, FrameRequest, Picture
from hjgis.ui.map_layers import Hit, MapLayers
from hjgis.ui.message import FloatingMessage
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import SNAP_PX, MapMouse, Tool
from hjgis.ui.tools.navigate import PanTool
from hjgis.ui.tools.select import hits_at
from hjgis.ui.viewport import (
    ViewHistory,
    at_denominator,
    centred,
    fitted,
    panned,
    resized,
    same_view,
)

_WHEEL_STEP: Final = 1.25
_KEY_PAN_PX: Final = 80
_SETTLED_MS: Final = 400
_ARROWS: Final = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapCanvas(QWidget):
    """A map of layers in memory; it never reads the database and never stores."""

    view_changed = Signal(object)
    mouse_moved = Signal(float, float)
    hint_changed = Signal(str)
    history_changed = Signal()
    drawn = Signal()
    escaped = Signal()

    def __init__(
        self, layers: MapLayers, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._layers, self._selection = layers, selection
        self._frame = MapFrame.at_scale((0.0, 0.0), 2000, width_px=100, height_px=100)
        self._placed = False
        self._picture: Picture | None = None
        self._painter = FramePainter(self)
        self._history = ViewHistory()
        self._tool: Tool = PanTool(self)
        self._mouse: MapMouse | None = None
        self._hover: Hit | None = None
        self._drag_px: QPointF | None = None
        self._space = False
        self.scale_locked = False
        self.snapping = True
        self.message = FloatingMessage(self)
        self._soon, self._settled = _timer(self, 0), _timer(self, _SETTLED_MS)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # Letters are shortcuts on the map; an input method would swallow them.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setMinimumSize(240, 180)
        self._connect()

    def _connect(self) -> None:
        self._hear_tool()
        self._soon.timeout.connect(self._request)
        self._settled.timeout.connect(self._visit)
        self._painter.painted.connect(self._show)
        self._layers.changed.connect(self.refresh)
        self._selection.changed.connect(self.refresh)

    # -- the view ------------------------------------------------------------------------

    @property
    def frame(self) -> MapFrame:
        """What is seen, in window pixels."""
        return self._frame

    @property
    def busy(self) -> bool:
        """Whether the picture is behind what should be seen."""
        return self._soon.isActive() or self._painter.busy

    @property
    def history(self) -> ViewHistory:
        """The views that were looked at."""
        return self._history

    def set_frame(self, frame: MapFrame) -> None:
        """Look at another part of the map; size and resolution are the window's."""
        frame = resized(frame, self.width(), self.height())
        self._placed = True
        if same_view(frame, self._frame):
            return
        self._frame = frame
        self._settled.start()
        self.view_changed.emit(frame)
        self.refresh()

    def start_at(self, frame: MapFrame) -> None:
        """Look here until the layers are read; then all of them are shown."""
        self._frame = resized(frame, self.width(), self.height())

    def show_extent(self, extent: Extent) -> None:
        """Show all of a box; with a locked scale only its middle."""
        if self.scale_locked:
            middle = ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
            self.set_frame(centred(self._frame, *middle))
        else:
            # A little more than one feature is needed to know where one is.
            self.set_frame(_not_closer_than(fitted(self._frame, extent), 250.0))

    def show_all(self) -> None:
        """Show everything that is switched on."""
        extent = self._layers.extent()
        if extent is not None:
            self.show_extent(extent)

    def _show_most(self) -> None:
        """Start where nearly all features are; what lies farther out would make them small."""
        extent = self._layers.main_extent()
        if extent is not None:
            self.show_extent(extent)

    def set_denominator(self, denominator: float) -> None:
        """Show the middle of the map at the scale 1 : `denominator`."""
        self.set_frame(at_denominator(self._frame, denominator))

    def zoom_by(self, factor: float, about_px: tuple[float, float] | None = None) -> None:
        """Zoom in by a factor; the place at `about_px` stays where it is."""
        if self.scale_locked:
            self.hint_changed.emit(_("The scale is locked; the lock is beside the scale box"))
            return
        denominator = self._frame.scale_denominator / factor
        self.set_frame(at_denominator(self._frame, denominator, about_px=about_px))

    def zoom_in(self) -> None:
        """Zoom in about the middle."""
        self.zoom_by(_WHEEL_STEP**2)

    def zoom_out(self) -> None:
        """Zoom out about the middle."""
        self.zoom_by(_WHEEL_STEP**-2)

    def lock_scale(self, locked: bool) -> None:
        """Keep the scale, or let it go."""
        self.scale_locked = locked

    def toggle_snapping(self) -> None:
        """Snap or do not snap."""
        self.snapping = not self.snapping

    def previous_view(self) -> None:
        """Go back to the view before."""
        self._visit()
        if self._history.has_previous:
            self._go(self._history.previous())

    def next_view(self) -> None:
        """Go forth again."""
        if self._history.has_next:
            self._go(self._history.next())

    def refresh(self) -> None:
        """Paint the picture again, soon."""
        self._soon.start()

    def stop(self) -> None:
        """Paint no more; before the project closes."""
        self._soon.stop()
        self._settled.stop()
        self._painter.stop()

    # -- the tool ------------------------------------------------------------------------

    @property
    def tool(self) -> Tool:
        """What the mouse does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Give the mouse to another tool; what the old one had under way is given up."""
        self._tool.cancel()
        self._tool.preview_changed.disconnect(self.update)
        self._tool.hint_changed.disconnect(self._tell_hint)
        self._tool, self._hover = tool, None
        self._hear_tool()
        self._set_cursor()
        self._tell_hint()
        self.update()

    # -- events --------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._frame = resized(self._frame, event.size().width(), event.size().height())
        self.message.place()
        self.view_changed.emit(self._frame)
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        at = event.position()
        if steps:
            self.zoom_by(_WHEEL_STEP**steps, (at.x(), at.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        middle = event.button() == Qt.MouseButton.MiddleButton
        left = event.button() == Qt.MouseButton.LeftButton
        if middle or (left and (self._space or self._tool.pans)):
            self._drag_px = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._tool.press(self._map_mouse(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        mouse = self._map_mouse(event)
        self._mouse = mouse
        self.mouse_moved.emit(mouse.x, mouse.y)
        if self._drag_px is not None:
            moved = event.position() - self._drag_px
            self._drag_px = event.position()
            self.set_frame(panned(self._frame, moved.x(), moved.y()))
            return
        self._tool.move(mouse)
        self._look_under(mouse, free=event.buttons() == Qt.MouseButton.NoButton)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag_px is not None:
            self._drag_px = None
            self._set_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._tool.release(self._map_mouse(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._tool.pans:
            at = event.position()
            self.zoom_by(2.0, (at.x(), at.y()))
        else:
            self._tool.double_click(self._map_mouse(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # The right button belongs to the tool: it finishes what is drawn.
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self._set_cursor()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif self._tool.key(key):
            return
        elif key in _ARROWS:
            dx, dy = _ARROWS[Qt.Key(key)]
            self.set_frame(panned(self._frame, dx * _KEY_PAN_PX, dy * _KEY_PAN_PX))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._set_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # The release of Space goes to whoever has the focus then.
        self._space = False
        self._set_cursor()
        super().focusOutEvent(event)

    def leaveEvent(self, event: object) -> None:
        del event
        self._mouse = self._hover = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        if self._picture is not None:
            self._blit(painter, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_overlays(painter)
        painter.end()

    # -- inside --------------------------------------------------------------------------

    def _blit(self, painter: QPainter, picture: Picture) -> None:
        old, new = picture.request.frame, self._frame
        scale = old.m_per_px / new.m_per_px
        left = (old.center_x - new.center_x) / new.m_per_px + new.width_px / 2
        top = (new.center_y - old.center_y) / new.m_per_px + new.height_px / 2
        width = (old.width_px + 2 * MARGIN_PX) * scale
        height = (old.height_px + 2 * MARGIN_PX) * scale
        target = QRectF(left - width / 2, top - height / 2, width, height)
        if scale == 1:
            target.moveTopLeft(QPointF(target.topLeft().toPoint()))
        for image in (picture.base, picture.selection):
            if image is not None:
                painter.drawImage(target, image)

    def _paint_overlays(self, painter: QPainter) -> None:
        frame, preview = self._frame, self._tool.preview()
        if self._hover is not None:
            overlays.paint_shapes(painter, frame, (self._hover.geometry,), color="#44515e")
        if preview.shapes:
            overlays.paint_shapes(painter, frame, preview.shapes)
        if preview.box is not None:
            overlays.paint_box(painter, frame, preview.box)
        overlays.paint_instruments(painter, frame)
        if self._mouse is not None and self._mouse.snap is not None:
            overlays.paint_snap(painter, frame, self._mouse.snap)
        if preview.text and self._mouse is not None:
            at = QPointF(*self._mouse.px)
            overlays.paint_text(painter, at, preview.text, QRectF(self.rect()))
        if self._layers.is_loaded and self._layers.is_empty:
            text = _("Nothing is here yet. Import data, or draw the first feature.")
            overlays.paint_notice(painter, QRectF(self.rect()), text)

    def _map_mouse(self, event: QMouseEvent) -> MapMouse:
        at = event.position()
        x, y = self._frame.to_map(at.x(), at.y())
        denominator, snap = self._frame.scale_denominator, None
        if self._tool.snaps and self.snapping:
            snap = self._layers.snap(
                x,
                y,
                tolerance=SNAP_PX * self._frame.m_per_px,
                denominator=denominator,
                without=self._tool.not_snapped_to(),
            )
        return MapMouse(
            snap.x if snap else x,
            snap.y if snap else y,
            (at.x(), at.y()),
            self._frame.m_per_px,
            denominator,
            event.button(),
            event.modifiers(),
            snap,
            (x, y),
        )

    def _hear_tool(self) -> None:
        self._tool.preview_changed.connect(self.update)
        self._tool.hint_changed.connect(self._tell_hint)

    def _look_under(self, mouse: MapMouse, *, free: bool) -> None:
        self._hover = None
        if free and self._tool.hovers:
            self._hover = next(iter(hits_at(self._layers, mouse)), None)

    def _escape(self) -> None:
        preview = self._tool.preview()
        idle = not (preview.shapes or preview.box)
        self._tool.cancel()
        if idle:
            self.escaped.emit()

    def _set_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else self._tool.cursor)

    def _tell_hint(self) -> None:
        self.hint_changed.emit(self._tool.hint())

    def _visit(self) -> None:
        self._settled.stop()
        self._history.visit(self._frame)
        self.history_changed.emit()

    def _go(self, frame: MapFrame) -> None:
        self.set_frame(frame)
        self._settled.stop()
        self.history_changed.emit()

    def _request(self) -> None:
        if not self._placed and self._layers.is_loaded:
            self._show_most()
            self._visit()
            self._soon.stop()
        layer, fids = self._selection.layer, self._selection.fids
        chosen = self._layers.selected_paint(layer, fids) if layer else None
        selected = (chosen,) if chosen is not None else ()
        ratio = self.devicePixelRatioF()
        self._painter.request(FrameRequest(self._frame, ratio, self._layers.paints(), selected))

    def _show(self, picture: Picture) -> None:
        self._picture = picture
        self.update()
        self.drawn.emit()


def _timer(parent: QWidget, wait_ms: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(wait_ms)
    return timer


def _not_closer_than(frame: MapFrame, denominator: float) -> MapFrame:
    return at_denominator(frame, max(frame.scale_denominator, denominator))
