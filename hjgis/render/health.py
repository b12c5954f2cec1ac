"""Whether letters and screens are there to draw with; Qt must run."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication

from hjgis.i18n import _
from hjgis.models.health import Line
from hjgis.render.fonts import FAMILIES

_SMALLEST_PX: Final = (911, 512)


def qt_lines() -> list[Line]:
    """Look at fonts, Qt and the screens; in the thread that draws."""
    return [_font_line(), _platform_line(), *_screen_lines()]


def qt_version() -> str:
    """Return the version of Qt in use."""
    return str(qVersion())


def _font_line() -> Line:
    there = set(QFontDatabase.families())
    found = [family for family in FAMILIES if family in there]
    if found:
        words = _("Chinese letters: {fonts}")
        return Line("fonts", "ok", words.format(fonts=", ".join(found)))
    todo = _("Install one of: {fonts}.").format(fonts=", ".join(FAMILIES))
    return Line("fonts", "fault", _("no font with Chinese letters"), todo)


def _platform_line() -> Line:
    platform = QGuiApplication.platformName()
    said = _("Qt {version}, {platform}").format(version=qt_version(), platform=platform)
    if platform == "offscreen":
        return Line("qt", "ok", _("{qt} (no window can be seen)").format(qt=said))
    return Line("qt", "ok", said)


def _screen_lines() -> list[Line]:
    lines = []
    for screen in QGuiApplication.screens():
        size = screen.availableSize()
        said = _("screen {width} × {height}, scaled {percent} %, {dpi} dots per inch").format(
            width=size.width(),
            height=size.height(),
            percent=round(screen.devicePixelRatio() * 100),
            dpi=round(screen.logicalDotsPerInch()),
        )
        small = size.width() < _SMALLEST_PX[0] or size.height() < _SMALLEST_PX[1]
        if small and QGuiApplication.platformName() != "offscreen":
            lines.append(
                Line("screen", "warning", said, _("Choose a smaller scale for the screen."))
            )
        else:
            lines.append(Line("screen", "ok", said))
    return lines
