"""The map: shows the painted picture and what lies over it, passes the mouse to the tool."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol, cast

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.typed import begins_place
from hjgis.render.frame import MapFrame
from hjgis.ui.map import overlays
from hjgis.ui.map.blitting import blit, covered, in_window, rects
from hjgis.ui.map.frame_painter import FramePainter
from hjgis.ui.map.map_layers import Hit, MapLayers
from hjgis.ui.map.marked_view import MarkedView
from hjgis.ui.map.message import FloatingMessage
from hjgis.ui.map.navigation import Navigation
from hjgis.ui.map.pictures import FrameRequest, Picture
from hjgis.ui.map.typing_box import TypingBox
from hjgis.ui.selection import Selection
from hjgis.ui.soon import Soon
from hjgis.ui.tools.base import PICK_PX, SNAP_PX, MapMouse, Preview, Tool
from hjgis.ui.tools.navigate import PanTool
from hjgis.ui.tools.select import IdentifyTool, hits_at
from hjgis.ui.tools.zoom import ZoomTool

GROUND: Final = "#fbfbf9"
_HOVER: Final = "#44515e"


class Underlays(Protocol):
    """Pictures beneath the map, such as tiles and orthophotos."""

    @property
    def changed(self) -> SignalInstance:
        """Something else is to be seen."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be seen."""

    def request(self, frame: MapFrame, ratio: float) -> None:
        """Get ready, in the background, for what is going to be seen."""

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Paint at once what is ready, in window pixels."""


class MapCanvas(MarkedView):
    """A map of layers in memory; it never reads the database and never stores."""

    mouse_moved = Signal(float, float)
    drawn = Signal()
    escaped = Signal()
    mark_pressed = Signal(int)

    def __init__(
        self,
        layers: MapLayers,
        selection: Selection,
        reader: Callable[[], AbstractContextManager[Project]],
        parent: QWidget | None = None,
        *,
        underlays: Underlays | None = None,
    ) -> None:
        super().__init__(parent)
        self._layers, self._selection, self._underlays = layers, selection, underlays
        self._picture: Picture | None = None
        self._painter = FramePainter(reader, self)
        self._navigation = Navigation(self, self.show_all)
        self._tool: Tool = PanTool(self)
        self._zoom_tool = ZoomTool(self, self)
        self._mouse: MapMouse | None = None
        self._hover: Hit | None = None
        self._worded = False
        self._azimuths = False
        self.snapping = True
        self.message = FloatingMessage(self)
        self.typing = TypingBox(self)
        self._instruments = overlays.Instruments()
        self._soon = Soon(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # Letters are shortcuts on the map; an input method would swallow them.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setMinimumSize(240, 180)
        self._connect()

    def _connect(self) -> None:
        self._hear_tool()
        self._soon.due.connect(self._request)
        self._painter.painted.connect(self._show)
        self._painter.failed.connect(self._tell_failure)
        self.view_changed.connect(self.refresh)
        self._layers.changed.connect(self._soon.ask)
        self._selection.changed.connect(self._soon.ask)
        self._navigation.hand_changed.connect(self._follow_hand)
        self._navigation.preview_changed.connect(self.update)
        if self._underlays is not None:
            self._underlays.changed.connect(self.update)

    # -- the picture ---------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether the picture is behind what should be seen."""
        return self._soon.is_asked or self._painter.busy

    def show_all(self) -> None:
        """Show everything that is switched on."""
        extent = self._layers.extent()
        if extent is not None:
            self.show_extent(extent)

    def refresh(self) -> None:
        """Paint the picture again, soon; what there is goes to its new place at once."""
        self.update()
        self._soon.ask()

    def mark_at(self, place: QPointF | None, *, within_px: float = PICK_PX) -> Hit | None:
        """Mark the topmost feature at a place of the window, and return it; None: none."""
        self._hover = None
        if place is not None:
            x, y = self._frame.to_map(place.x(), place.y())
            denominator, near = self._frame.scale_denominator, within_px * self._frame.m_per_px
            hits = self._layers.pick(x, y, within=near, denominator=denominator)
            self._hover = next(iter(hits), None)
        self.update()
        return self._hover

    def stop(self) -> None:
        """Paint no more; before the project closes."""
        self._soon.forget()
        self._settled.stop()
        self._painter.stop()
        # What the hand does now would ask the tool for a hint, and that the project.
        self._navigation.blockSignals(True)

    # -- the tool ------------------------------------------------------------------------

    @property
    def tool(self) -> Tool:
        """What the mouse does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Give the mouse to another tool; what the old one had under way is given up."""
        self.typing.close_box()
        self._tool.cancel()
        self._tool.preview_changed.disconnect(self.update)
        self._tool.hint_changed.disconnect(self._tell_hint)
        self._tool, self._hover = tool, None
        tool.azimuths = self._azimuths
        self._hear_tool()
        self._follow_hand()
        self.update()

    def begin_typing(self, text: str) -> bool:
        """Let a place be typed that begins so; return whether one may be."""
        if not (self._tool.takes_places and begins_place(text)):
            return False
        self._tool.look_at((self._frame.center_x, self._frame.center_y))
        self.typing.open(text)
        return True

    @property
    def azimuths(self) -> bool:
        """Whether typed angles are azimuths, clockwise from north."""
        return self._azimuths

    def count_angles(self, *, azimuths: bool) -> None:
        """Let typed angles be azimuths, or run anticlockwise from east, from now on."""
        self._azimuths = self._tool.azimuths = azimuths
        self.typing.show_angles(azimuths=azimuths)
        self._tell_hint()
        self.update()

    def use_zoom_box(self) -> None:
        """Let the mouse pull boxes to zoom to."""
        self.set_tool(self._zoom_tool)

    def toggle_snapping(self) -> None:
        """Snap or do not snap."""
        self.snapping = not self.snapping

    # -- events --------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        del event
        self.fit_window()
        self.message.place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._navigation.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._navigation.press(event, pans=self._tool.pans) or self._press_mark(event):
            return
        self._tool.press(self._map_mouse(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        mouse, marks = self._map_mouse(event), self._marks()
        self._mouse = mouse
        self.mouse_moved.emit(mouse.x, mouse.y)
        if self._navigation.move(event):
            return
        self._tool.move(mouse)
        self._look_under(mouse, free=event.buttons() == Qt.MouseButton.NoButton)
        # Most moves change nothing but the coordinates in the status bar.
        if marks != self._marks() or self._worded or self._tool.preview().text:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._navigation.release(event) and event.button() == Qt.MouseButton.LeftButton:
            self._tool.release(self._map_mouse(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._navigation.double_click(event, pans=self._tool.pans):
            self._tool.double_click(self._map_mouse(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # The right button belongs to the tool: it finishes what is drawn.
        event.accept()

    def event(self, event: QEvent) -> bool:
        # Where the tool wants a key, the shortcut of the same key has to wait.
        wanted = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if wanted and self._tool.wants(cast("QKeyEvent", event).key()):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif self.begin_typing(event.text()):
            pass
        elif not (self._tool.key(event.key()) or self._navigation.key_press(event)):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._navigation.key_release(event):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._navigation.let_go()
        super().focusOutEvent(event)

    def leaveEvent(self, event: object) -> None:
        del event
        self._mouse = self._hover = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with self._painter.hold_back():
            self._paint(event)

    def _paint(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shots = self._shots(self._picture) if self._picture is not None else []
        self._paint_ground(painter, event.rect(), shots)
        if self._underlays is not None:
            self._underlays.paint(painter, self._frame)
        blit(painter, shots, self._frame)
        painted = self._picture.request.ratio if self._picture is not None else None
        if painted not in (None, self.devicePixelRatioF()) and not self.busy:
            # The window has come to a screen with finer or coarser pixels.
            self._soon.ask()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_overlays(painter)
        painter.end()

    def picture_image(self) -> QImage | None:
        """Return the features as they are seen now, without what lies below or over them.

        None where nothing has been painted yet.
        """
        if self._picture is None:
            return None
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        image.fill(QColor(GROUND))
        painter = QPainter(image)
        blit(painter, self._shots(self._picture), self._frame)
        painter.end()
        return image

    # -- inside --------------------------------------------------------------------------

    def _shots(self, picture: Picture) -> list[tuple[QImage, MapFrame]]:
        """Return what is to be copied; labels of another scale would be stretched."""
        ratio = self._frame.m_per_px / self.devicePixelRatioF()
        same = math.isclose(picture.base.frame.m_per_px, ratio, rel_tol=1e-9)
        shots = picture.shots if same else (picture.base, picture.selection)
        return [(shot.image, shot.frame) for shot in shots if shot]

    def _paint_ground(
        self, painter: QPainter, area: QRect, shots: list[tuple[QImage, MapFrame]]
    ) -> None:
        """Paint the ground where nothing opaque is going to lie."""
        bare = QRegion(area)
        if shots and not shots[0][0].hasAlphaChannel():
            bare -= QRegion(covered(shots[0][1], self._frame))
        for rect in rects(bare):
            painter.fillRect(rect, QColor(GROUND))

    def _paint_overlays(self, painter: QPainter) -> None:
        frame, area = self._frame, QRectF(self.rect())
        self._paint_areas(painter)
        if self._hover is not None:
            overlays.paint_shapes(painter, frame, (self._hover.geometry,), color=_HOVER)
        self._paint_signs(painter)
        previews = (self._tool.preview(), self._navigation.preview())
        for preview in previews:
            self._paint_preview(painter, preview)
        self._paint_position(painter)
        self._instruments.paint(painter, frame)
        if self._mouse is not None and self._mouse.snap is not None:
            overlays.paint_snap(painter, frame, self._mouse.snap, area)
        text = next((preview.text for preview in reversed(previews) if preview.text), "")
        self._worded = bool(text)
        if text and self._mouse is not None:
            overlays.paint_text(painter, QPointF(*self._mouse.px), text, area)
        if self._layers.is_loaded and self._layers.is_empty:
            words = _("Nothing is here yet. Import data, or draw the first feature.")
            overlays.paint_notice(painter, area, words)

    def _paint_preview(self, painter: QPainter, preview: Preview) -> None:
        if preview.shapes:
            overlays.paint_shapes(painter, self._frame, preview.shapes)
        if len(preview.handles):
            overlays.paint_handles(painter, self._frame, preview.handles, preview.chosen)
        if preview.box is not None:
            overlays.paint_box(painter, self._frame, preview.box)

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
                origin=self._tool.origin,
                edited=self._tool.edited_layers(),
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
            (self._frame.center_x, self._frame.center_y),
        )

    def _press_mark(self, event: QMouseEvent) -> bool:
        """Say which finding is pressed, while the mouse only looks at things."""
        left = event.button() == Qt.MouseButton.LeftButton
        if self.marks is None or not left or not isinstance(self._tool, IdentifyTool):
            return False
        at = event.position()
        pressed = self.marks.at((at.x(), at.y()), self._frame)
        if pressed is not None:
            self.mark_pressed.emit(pressed)
        return pressed is not None

    def _marks(self) -> tuple[object, ...]:
        """Return what is marked under the mouse."""
        snap = self._mouse.snap if self._mouse is not None else None
        return (snap, self._hover and (self._hover.layer, self._hover.fid))

    def _hear_tool(self) -> None:
        self._tool.preview_changed.connect(self.update)
        self._tool.hint_changed.connect(self._tell_hint)

    def _look_under(self, mouse: MapMouse, *, free: bool) -> None:
        self._hover = None
        if free and self._tool.hovers:
            self._hover = next(iter(hits_at(self._layers, mouse)), None)

    def _escape(self) -> None:
        if self._navigation.cancel():
            return
        idle = self._tool.is_idle
        self._tool.cancel()
        if idle:
            self.escaped.emit()

    def _follow_hand(self) -> None:
        self.setCursor(self._navigation.cursor or self._tool.cursor)
        self._tell_hint()

    def _tell_hint(self) -> None:
        self.hint_changed.emit(self._navigation.hint or self._tool.hint())

    def _request(self) -> None:
        if not self.is_placed and (self._layers.is_loaded or not self._layers.is_empty):
            self._show_most()
            self.visit()
            self._soon.forget()
        ratio = self.devicePixelRatioF()
        if self._underlays is not None:
            self._underlays.request(self._frame, ratio)
        sources, selected, fids = self._layers.sources(), None, None
        layer = self._selection.layer
        # A record is selected, too, and is nowhere on the map.
        if layer is not None and layer in self._layers and self._layers[layer].visible:
            selected = self._layers[layer].source
            fids = self._selection.fids
        # Nothing shows through: an opaque picture is copied in half the time.
        opaque = self._underlays is None or self._underlays.is_empty
        self._painter.request(
            FrameRequest(
                self._frame, ratio, sources, selected, fids, ground=GROUND if opaque else None
            )
        )

    def _show_most(self) -> None:
        """Start where nearly all features are; what lies farther out would make them small."""
        extent = self._layers.main_extent()
        if extent is not None:
            self.show_extent(extent)

    def _tell_failure(self, error: HjgisError) -> None:
        self.message.say(str(error))

    def _show(self, picture: Picture) -> None:
        before, self._picture = self._picture, picture
        follows = before is not None and picture.number == before.number + 1
        if picture.patch is not None and follows:
            # An edit is to be seen at once, and nothing else has to be copied for it.
            self.repaint(in_window(picture.patch, picture.base.frame, self._frame))
        else:
            self.update()
        self.drawn.emit()
