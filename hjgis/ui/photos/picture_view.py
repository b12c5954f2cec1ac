"""One picture to look at closely: wheel and keys zoom, it can be dragged and turned."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from hjgis.exchange.pictures import Shown

_STEP: Final = 1.25
_MOST: Final = 16.0


class PictureView(QGraphicsView):
    """Fits its picture until somebody zooms; `zoomed` says the scale, 1 being pixel by pixel."""

    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._scene.addItem(self._item)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setObjectName("preview")
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Arrow keys turn the pages of whoever shows this.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._fits = True
        self._turned_deg = 0

    def show_picture(self, picture: Shown) -> None:
        """Show a picture as a whole."""
        image = QImage(
            picture.rgb,
            picture.width_px,
            picture.height_px,
            3 * picture.width_px,
            QImage.Format.Format_RGB888,
        )
        self.show_pixmap(QPixmap.fromImage(image))

    def show_pixmap(self, pixmap: QPixmap) -> None:
        """Show a picture of Qt's, such as an icon."""
        self._item.setPixmap(pixmap)
        self._scene.setSceneRect(self._item.boundingRect())
        self._turned_deg = 0
        self.fit()

    def fit(self) -> None:
        """Show all of it, small ones not larger than they are."""
        self._fits = True
        self.resetTransform()
        self.rotate(self._turned_deg)
        box = self.mapFromScene(self._scene.sceneRect()).boundingRect()
        room = self.viewport().rect()
        if box.width() and box.height():
            scale = min(room.width() / box.width(), room.height() / box.height(), 1.0)
            self.scale(scale, scale)
        self.zoomed.emit(self.zoom)

    def zoom_by(self, steps: float) -> None:
        """Show it larger, or smaller where `steps` is negative."""
        factor = _STEP**steps
        if self.zoom * factor > _MOST or (steps < 0 and self._is_small()):
            return
        self._fits = False
        self.scale(factor, factor)
        self.zoomed.emit(self.zoom)

    def turn(self) -> None:
        """Turn it a quarter to the right; what is stored stays as it is."""
        self._turned_deg = (self._turned_deg + 90) % 360
        self.fit()

    @property
    def zoom(self) -> float:
        """Screen pixels for one of the picture."""
        matrix = self.transform()
        return float((matrix.m11() ** 2 + matrix.m12() ** 2) ** 0.5)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(event.angleDelta().y() / 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()

    def _is_small(self) -> bool:
        box = self.mapFromScene(self._scene.sceneRect()).boundingRect()
        return max(box.width(), box.height()) < 64
