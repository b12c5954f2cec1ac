"""The page on the screen: it can be looked at closely, and what stands on it can be moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _
from hjgis.models.sheets import Box, Sheet, SheetItem
from hjgis.render.frame import MM_PER_INCH
from hjgis.ui.mapsheet.lens import Lens
from hjgis.ui.mapsheet.painting import Picture
from hjgis.ui.mapsheet.snapping import (
    Guides,
    Sides,
    Snapped,
    guides_for,
    moved,
    resized,
    snap_move,
    snap_resize,
)

_STEP: Final = 1.25
_SNAP_PX: Final = 6.0
_HANDLE_PX: Final = 8.0
_ACCENT: Final = QColor("#0b63c5")
_GUIDE: Final = QColor("#c2185b")
_BACK: Final = QColor("#dfe3e8")
_ARROWS: Final[dict[int, tuple[float, float]]] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
# What lies behind all others: a click there is meant for the map, or for nothing.
_BEHIND: Final = frozenset({"map", "column"})


@dataclass(frozen=True, slots=True)
class _Drag:
    """What the pressed mouse does: ``pan``, ``map`` (the place), ``item``, ``size``."""

    kind: str
    start: QPointF
    origin: QPointF
    sides: Sides = (False, False, False, False)


class PageView(QWidget):
    """Shows a page and lets it be changed with mouse and keys.

    Signals
    -------
    looked : the view has changed, or what is seen of the page.
    place_moved : by (east, north) metres.
    scale_wanted : so many steps of usual scales, positive for more ground.
    box_changed : item id and its new box; and whether it belongs to the keys' gesture.
    chosen : item id, empty for none.
    text_wanted : item id whose words are to be changed.
    taken_off : item id.
    """

    looked = Signal()
    place_moved = Signal(float, float)
    scale_wanted = Signal(int)
    box_changed = Signal(str, object, bool)
    chosen = Signal(str)
    text_wanted = Signal(str)
    taken_off = Signal(str)

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(280, 240))
        self.setAccessibleName(_("Preview of the page"))
        self._sheet = sheet
        self._picture: Picture | None = None
        self._lens = Lens(sheet.paper_mm)
        self._placed: dict[str, Box] = {}
        self._item_id, self._words = "", _("Drawing the preview…")
        self._drag: _Drag | None = None
        self._snapped: Snapped | None = None
        self._pulled = QPointF()
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(120)
        self._late.timeout.connect(self.looked)

    # -- what is shown -------------------------------------------------------------------

    @property
    def px_per_mm(self) -> float:
        """Device pixels a millimetre of paper."""
        return self._lens.zoom * self.devicePixelRatioF()

    @property
    def seen_px(self) -> QRect:
        """What of the page is seen, device pixels from the paper's corner."""
        ratio = self.devicePixelRatioF()
        part = self._lens.page.intersected(QRectF(self.rect())).translated(-self._lens.origin)
        return QRectF(part.topLeft() * ratio, part.size() * ratio).toAlignedRect()

    @property
    def zoom(self) -> float:
        """Of the size on paper; 1 is real size."""
        return self._lens.zoom * MM_PER_INCH / self.logicalDpiX()

    @property
    def is_late(self) -> bool:
        """Whether it is still to be told that the view has changed."""
        return self._late.isActive()

    def show_sheet(self, sheet: Sheet) -> None:
        """Lay out another sheet; the picture follows later."""
        other = sheet.paper_mm != self._sheet.paper_mm
        self._sheet = sheet
        if self._item_id and all(item.id != self._item_id for item in sheet.items):
            self.choose("")
        if other:
            self._lens.set_paper(sheet.paper_mm)
            self._look()
        self.update()

    def show_picture(self, picture: Picture) -> None:
        """Show what was painted."""
        self._picture, self._words = picture, ""
        self._placed = {item.id: item.box for item in picture.composition.items}
        self._pulled = QPointF()
        self.update()

    def show_words(self, words: str) -> None:
        """Show words where the page would be; empty: the page again."""
        self._words = words
        if words:
            self._picture = None
        self.update()

    def choose(self, item_id: str) -> None:
        """Choose an item, or none."""
        if item_id != self._item_id:
            self._item_id = item_id
            self.update()
            self.chosen.emit(item_id)

    def fit(self) -> None:
        """Show the whole page."""
        self._lens.fit()
        self._look()

    def real_size(self) -> None:
        """Show the page as large as it will be on paper."""
        real = self.logicalDpiX() / MM_PER_INCH
        self.zoom_at(QPointF(self.rect().center()), real / self._lens.zoom)

    def zoom_at(self, place: QPointF, factor: float) -> None:
        """Show the page larger or smaller; what lies under a place stays there."""
        self._lens.zoom_at(place, factor)
        self._look()

    def zoom_in(self) -> None:
        """Show the page larger."""
        self.zoom_at(QPointF(self.rect().center()), _STEP)

    def zoom_out(self) -> None:
        """Show the page smaller."""
        self.zoom_at(QPointF(self.rect().center()), 1 / _STEP)

    def rect_of(self, box: Box) -> QRectF:
        """Return where a box of the paper is on the screen."""
        return self._lens.rect_of(box)

    def box_of(self, item: SheetItem) -> Box:
        """Return where an item is: what flows is where there was room for it."""
        return self._placed.get(item.id, item.box) if item.flow else item.box

    def _look(self) -> None:
        self.update()
        self._late.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lens.set_room(self.size())
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        self._late.stop()
        super().hideEvent(event)

    # -- mouse ---------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turns:
                self.scale_wanted.emit(-1 if turns > 0 else 1)
        elif turns:
            self.zoom_at(event.position(), _STEP**turns)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag = _Drag("pan", place, self._lens.origin)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press(place)
        self._show_cursor(place)

    def _press(self, place: QPointF) -> None:
        sides = self._handle_at(place)
        if sides is not None:
            self._drag = _Drag("size", place, self._lens.origin, sides)
            return
        item = self._item_at(place)
        if item is not None:
            self.choose(item.id)
            self._drag = _Drag("pan" if item.locked else "item", place, self._lens.origin)
            return
        self.choose("")
        in_map = self.rect_of(self._sheet.map_mm).contains(place)
        self._drag = _Drag("map" if in_map else "pan", place, self._lens.origin)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag, place = self._drag, event.position()
        if drag is None:
            self._show_cursor(place)
            return
        by = place - drag.start
        if drag.kind == "pan":
            self._lens.pull_to(drag.origin + by)
            self._look()
        elif drag.kind == "map":
            self._pulled = by
        elif by.manhattanLength() >= 3 or self._snapped is not None:
            free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._snapped = self._box_for(drag, by / self._lens.zoom, free=free)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        snapped, self._snapped = self._snapped, None
        if drag is None:
            return
        if drag.kind == "map" and self._pulled.manhattanLength() >= 3:
            self._move_place(self._pulled)
        elif drag.kind in ("item", "size") and snapped is not None:
            self.box_changed.emit(self._item_id, snapped.box, False)
        self._show_cursor(event.position())
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self._item_at(event.position())
        if item is not None and item.kind in ("text", "title"):
            self.text_wanted.emit(item.id)

    def _move_place(self, by: QPointF) -> None:
        if self._picture is None:
            return
        m_per_px = self._picture.composition.scale / 1000 / self._lens.zoom
        self.place_moved.emit(-by.x() * m_per_px, by.y() * m_per_px)

    def _box_for(self, drag: _Drag, by_mm: QPointF, *, free: bool) -> Snapped:
        box, by = self.box_of(self._sheet.item(self._item_id)), (by_mm.x(), by_mm.y())
        paper, reach = self._sheet.paper_mm, _SNAP_PX / self._lens.zoom
        guides = Guides((), ()) if free else self._guides()
        if drag.kind == "item":
            return (
                Snapped(moved(box, by, paper))
                if free
                else snap_move(box, by, guides, within_mm=reach, sheet=self._sheet)
            )
        if free:
            return Snapped(resized(box, drag.sides, by, paper))
        return snap_resize(box, drag.sides, by, guides, within_mm=reach, sheet=self._sheet)

    def _guides(self) -> Guides:
        others = [
            self.box_of(item)
            for item in self._sheet.items
            if item.id != self._item_id and (item.id in self._placed or item.kind == "map")
        ]
        return guides_for(self._sheet, self._item_id, others)

    def _item_at(self, place: QPointF) -> SheetItem | None:
        for item in reversed(self._sheet.items):
            on_paper = item.shown and (item.id in self._placed or item.kind == "map")
            if not on_paper or not self.rect_of(self.box_of(item)).contains(place):
                continue
            if item.kind not in _BEHIND or (item.id == self._item_id and item.kind != "map"):
                return item
        return None

    def _handles(self) -> list[tuple[QRectF, Sides]]:
        """Return the handles of the chosen item with the sides that each moves."""
        item = self._chosen_item()
        if item is None or item.locked:
            return []
        area, half = self.rect_of(self._shown_box(item)), _HANDLE_PX / 2
        found = []
        for at_y in range(3):
            for at_x in range(3):
                if (at_x, at_y) != (1, 1):
                    x = area.left() + at_x * area.width() / 2
                    y = area.top() + at_y * area.height() / 2
                    rect = QRectF(x - half, y - half, 2 * half, 2 * half)
                    found.append((rect, (at_x == 0, at_y == 0, at_x == 2, at_y == 2)))
        return found

    def _handle_at(self, place: QPointF) -> Sides | None:
        for rect, sides in self._handles():
            if rect.adjusted(-2, -2, 2, 2).contains(place):
                return sides
        return None

    def _chosen_item(self) -> SheetItem | None:
        return next((one for one in self._sheet.items if one.id == self._item_id), None)

    def _shown_box(self, item: SheetItem) -> Box:
        dragged = self._snapped is not None and item.id == self._item_id
        return self._snapped.box if dragged and self._snapped else self.box_of(item)

    def _show_cursor(self, place: QPointF) -> None:
        self.setCursor(self._cursor_for(place))

    def _cursor_for(self, place: QPointF) -> Qt.CursorShape:
        sides = self._handle_at(place)
        if sides is not None:
            left, top, right, bottom = sides
            if not (top or bottom):
                return Qt.CursorShape.SizeHorCursor
            if not (left or right):
                return Qt.CursorShape.SizeVerCursor
            falling = (left and top) or (right and bottom)
            return Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor
        item = self._item_at(place)
        if item is not None and not item.locked:
            return Qt.CursorShape.SizeAllCursor
        if self._drag is not None:
            return Qt.CursorShape.ClosedHandCursor
        in_map = item is None and self.rect_of(self._sheet.map_mm).contains(place)
        return Qt.CursorShape.OpenHandCursor if in_map else Qt.CursorShape.ArrowCursor

    # -- keys ----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Arrow keys and Delete are ours before any shortcut of the window.
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and event.key() in (*_ARROWS, Qt.Key.Key_Delete):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, item = event.key(), self._chosen_item()
        if key == Qt.Key.Key_Escape and (self._drag is not None or self._item_id):
            self._call_off()
        elif key in _ARROWS and item is not None and not item.locked:
            step = 10.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            by = (_ARROWS[key][0] * step, _ARROWS[key][1] * step)
            self.box_changed.emit(item.id, moved(self.box_of(item), by, self._sheet.paper_mm), True)
        elif key in _ARROWS and item is None and self._picture is not None:
            step = 100.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 10.0
            right, down = (way * step * self._lens.zoom for way in _ARROWS[key])
            self._move_place(QPointF(-right, -down))
        elif key == Qt.Key.Key_Delete and item is not None and item.kind != "map":
            self.taken_off.emit(item.id)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return) and item is not None:
            self.text_wanted.emit(item.id)
        else:
            super().keyPressEvent(event)

    def _call_off(self) -> None:
        if self._drag is None:
            self.choose("")
        self._drag, self._snapped, self._pulled = None, None, QPointF()
        self.update()

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), _BACK)
        if self._words:
            painter.setPen(QColor("#3c4650"))
            area = self.rect().adjusted(40, 20, -40, -20)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self._words)
            return
        page = self._lens.page
        painter.fillRect(page.translated(3, 3), QColor("#b3bac2"))
        painter.fillRect(page, Qt.GlobalColor.white)
        if self._picture is not None:
            painter.setClipRect(page)
            self._paint_picture(painter, self._picture)
            painter.setClipping(False)
        self._paint_choice(painter)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        scale = self._lens.zoom / picture.px_per_mm
        size = picture.image.size()
        corner = self._lens.origin + QPointF(picture.left_px, picture.top_px) * scale
        area = QRectF(corner.x(), corner.y(), size.width() * scale, size.height() * scale)
        sharp = abs(self.px_per_mm / picture.px_per_mm - 1) < 1e-9
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not sharp)
        painter.drawImage(area, picture.image)
        if not self._pulled.isNull():
            # Until the map is painted where it was pulled to, the old one is shown there.
            painter.save()
            inside = self.rect_of(self._sheet.map_mm)
            painter.setClipRect(inside, Qt.ClipOperation.IntersectClip)
            painter.fillRect(inside, Qt.GlobalColor.white)
            painter.setClipRect(inside.translated(self._pulled), Qt.ClipOperation.IntersectClip)
            painter.drawImage(area.translated(self._pulled), picture.image)
            painter.restore()
        item = self._chosen_item()
        if self._snapped is not None and item is not None and item.kind != "map":
            self._paint_moved(painter, picture, item, self._snapped.box)

    def _paint_moved(self, painter: QPainter, picture: Picture, item: SheetItem, box: Box) -> None:
        k, was = picture.px_per_mm, self.box_of(item)
        left, top = was.x * k - picture.left_px, was.y * k - picture.top_px
        source = QRectF(left, top, was.width * k, was.height * k)
        painter.fillRect(self.rect_of(was), QColor(255, 255, 255, 190))
        painter.drawImage(self.rect_of(box), picture.image, source)

    def _paint_choice(self, painter: QPainter) -> None:
        item = self._chosen_item()
        if item is None:
            return
        if self._snapped is not None:
            painter.setPen(QPen(_GUIDE, 1, Qt.PenStyle.DashLine))
            page = self._lens.page
            for x in self._snapped.xs:
                at = self._lens.origin.x() + x * self._lens.zoom
                painter.drawLine(QPointF(at, page.top() - 8), QPointF(at, page.bottom() + 8))
            for y in self._snapped.ys:
                at = self._lens.origin.y() + y * self._lens.zoom
                painter.drawLine(QPointF(page.left() - 8, at), QPointF(page.right() + 8, at))
        style = Qt.PenStyle.DotLine if item.locked else Qt.PenStyle.SolidLine
        painter.setPen(QPen(_ACCENT, 1, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect_of(self._shown_box(item)))
        painter.setBrush(Qt.GlobalColor.white)
        for rect, _sides in self._handles():
            painter.drawRect(rect)
