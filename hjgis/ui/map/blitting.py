"""Copies painted pictures to where they belong now, pixel for pixel wherever that is possible."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, cast

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter, QRegion, QTransform

from hjgis.render.frame import MapFrame

_FAR_PX: Final = 2.0**20


def blit(painter: QPainter, shots: Iterable[tuple[QImage, MapFrame]], window: MapFrame) -> None:
    """Draw images of the map, each with what it shows in its own pixels, into the window.

    At the window's scale each pixel of an image becomes one pixel of the device, so that nothing
    is blurred however many of them a window pixel has. At another scale the images are stretched,
    without smoothing: that takes ten times as long, and the next picture is on its way.
    """
    ratio = painter.device().devicePixelRatioF()
    painter.save()
    for image, shown in shots:
        scale = shown.m_per_px * ratio / window.m_per_px
        left, top = _corner(shown, window)
        if math.isclose(scale, 1, rel_tol=1e-9):
            painter.setTransform(_on_pixels(painter, left, top))
            painter.drawImage(QPointF(0, 0), image)
            painter.resetTransform()
        else:
            size = QSizeF(image.size()) * scale / ratio
            painter.drawImage(QRectF(QPointF(left, top), size), image)
    painter.restore()


def covered(shown: MapFrame, window: MapFrame) -> QRect:
    """Return the window pixels that an image lies on wholly."""
    left, top = _corner(shown, window)
    scale = shown.m_per_px / window.m_per_px
    right, bottom = left + shown.width_px * scale, top + shown.height_px * scale
    # One less at each side: where the image goes, it is rounded to a pixel of the device.
    sides = (left + 1, top + 1, right - 1, bottom - 1)
    # Far outside, pixel numbers do not fit Qt's integers.
    at = [round(min(max(side, -_FAR_PX), _FAR_PX)) for side in sides]
    return QRect(QPoint(at[0], at[1]), QPoint(at[2], at[3]) - QPoint(1, 1))


def in_window(part: QRect, shown: MapFrame, window: MapFrame) -> QRect:
    """Return the window pixels that some pixels of an image may lie on."""
    left, top = _corner(shown, window)
    scale = shown.m_per_px / window.m_per_px
    # One more at each side: where the image goes, it is rounded to a pixel of the device.
    sides = (
        left + part.left() * scale - 1,
        top + part.top() * scale - 1,
        left + (part.right() + 1) * scale + 1,
        top + (part.bottom() + 1) * scale + 1,
    )
    at = [min(max(side, -_FAR_PX), _FAR_PX) for side in sides]
    corner = QPoint(math.floor(at[0]), math.floor(at[1]))
    return QRect(corner, QPoint(math.ceil(at[2]), math.ceil(at[3])))


def rects(region: QRegion) -> list[QRect]:
    """Return the rectangles that a region consists of."""
    # The stub does not know that a region can be iterated.
    return list(cast("Iterable[QRect]", region))


def _corner(shown: MapFrame, window: MapFrame) -> tuple[float, float]:
    """Return where the upper left corner of an image lies, in window pixels."""
    scale = shown.m_per_px / window.m_per_px
    right = (shown.center_x - window.center_x) / window.m_per_px
    down = (window.center_y - shown.center_y) / window.m_per_px
    return (
        right + window.width_px / 2 - shown.width_px / 2 * scale,
        down + window.height_px / 2 - shown.height_px / 2 * scale,
    )


def _on_pixels(painter: QPainter, left: float, top: float) -> QTransform:
    """Return the transform from pixels of an image to whole pixels of the device."""
    device = painter.deviceTransform()
    place = device.map(QPointF(left, top))
    inverted, _possible = device.inverted()
    return QTransform.fromTranslate(round(place.x()), round(place.y())) * inverted
