"""Letters: Chinese font families, sizes in device pixels, Qt that draws without a window."""

from __future__ import annotations

import os
import sys
import unicodedata
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPaintDevice,
    QPaintEngine,
    QPainter,
    QPainterPath,
    QPen,
    QTransform,
)

FAMILIES: Final = ("Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei")
_POINTS_PER_INCH: Final = 72.0
_OUTLINE_PX: Final = 100
_LARGE_PX: Final = 60.0
_BOLDER: Final = 0.035
# Controls, marks of direction, spaces and ends of lines.
_UNSEEN: Final = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp", "Mn"))
_running: list[QGuiApplication] = []


def ensure_application() -> None:
    """Start Qt for drawing if the program has not; without a display it draws offscreen.

    Fonts need it; a window's own application is left as it is.
    """
    if QCoreApplication.instance() is None:
        if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        ):
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _running.append(QGuiApplication([]))


def missing_chinese_font() -> bool:
    """Whether none of the families that hold Chinese letters is installed."""
    return not set(FAMILIES) & set(QFontDatabase.families())


def missing_letters(text: str) -> str:
    """Return the letters of a text that no installed font holds, each once, in order.

    What is not seen anyway, such as the end of a line, is not missing.
    """
    return "".join(sorted(letter for letter in set(text) if not _is_held(letter)))


@lru_cache(maxsize=20_000)
def _is_held(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN or _measure().inFontUcs4(ord(letter))


@lru_cache(maxsize=1)
def _measure() -> QFontMetricsF:
    font = QFont()
    font.setFamilies(FAMILIES)
    return QFontMetricsF(font)


def map_font(size_px: float, device: QPaintDevice) -> QFont:
    """Return the font whose height is `size_px` pixels of `device`, fractions kept.

    Hinting is off: text takes the same room on the screen, in the preview and on paper.
    """
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setPointSizeF(max(size_px, 0.5) * _POINTS_PER_INCH / device.logicalDpiY())
    return font


def font_px(font: QFont, device: QPaintDevice) -> float:
    """Return how high a font of `map_font` is, in pixels of `device`."""
    return font.pointSizeF() * device.logicalDpiY() / _POINTS_PER_INCH


def metrics(font: QFont, device: QPaintDevice) -> QFontMetricsF:
    """Return the measures of `font` in pixels of `device`."""
    return QFontMetricsF(font, device)


def paint_text(
    painter: QPainter, at: QPointF, text: str, *, size_px: float, ink: QColor, bold: bool = False
) -> None:
    """Write `text` with its baseline starting at `at`.

    Bold text on paper is the plain one with its outlines thickened: Chinese families seldom have
    a bold face, and the one that Qt makes up stands twice in a PDF for whoever copies the text.
    """
    picture = painter.paintEngine().type() == QPaintEngine.Type.Raster
    font = map_font(size_px, painter.device())
    font.setBold(bold and picture)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(at, text)
    if bold and not picture:
        pen = QPen(ink, size_px * _BOLDER)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.save()
        painter.translate(at)
        painter.strokePath(_tidy_text(text, size_px), pen)
        painter.restore()


@lru_cache(maxsize=256)
def _tidy_text(text: str, size_px: float) -> QPainterPath:
    return tidied(text_path(text, size_px))


@lru_cache(maxsize=64)
def outline(text: str, size_px: float, *, bold: bool = False) -> QPainterPath:
    """Return the outlines of a short text, its ink centred on (0, 0).

    For letters that belong to a symbol: outlines look alike on every device, and do not turn up
    when somebody copies the text out of a sheet.
    """
    path = text_path(text, size_px, bold=bold)
    path.translate(-path.boundingRect().center())
    return path


@lru_cache(maxsize=8192)
def letter_advance(letter: str) -> float:
    """Return how far a letter moves the next one, for letters one pixel high."""
    return QFontMetricsF(_outline_font()).horizontalAdvance(letter) / _OUTLINE_PX


def text_path(text: str, size_px: float, *, bold: bool = False) -> QPainterPath:
    """Return the outlines of a text whose baseline starts at (0, 0)."""
    path = QPainterPath()
    path.addText(QPointF(0, 0), _outline_font(bold=bold), text)
    scale = size_px / _OUTLINE_PX
    return path * QTransform.fromScale(scale, scale)


def _outline_font(*, bold: bool = False) -> QFont:
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # A path knows no device, so points would mean the screen's: pixels, then scaled.
    font.setPixelSize(_OUTLINE_PX)
    font.setBold(bold)
    return font


def tidied(path: QPainterPath) -> QPainterPath:
    """Round a path's points to what its own size can show; short numbers make short files."""
    result = QPainterPath(path)
    box = path.boundingRect()
    places = 0 if max(box.width(), box.height()) >= _LARGE_PX else 2
    for i in range(result.elementCount()):
        element = result.elementAt(i)
        result.setElementPositionAt(i, round(element.x, places), round(element.y, places))
    return result
