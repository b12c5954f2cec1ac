"""Colours, fonts, icons and the one stylesheet."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QLibraryInfo, QSize, Qt, QTranslator
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from hjgis import i18n, paths
from hjgis.models.styles.style import Symbol
from hjgis.render.fonts import FAMILIES
from hjgis.render.frame import SCREEN_DPI
from hjgis.render.samples import sample_image

ACCENT: Final = "#0b63c5"
INK: Final = "#1f2933"
PAPER: Final = "#ffffff"
MUTED: Final = "#5b6670"
DONE: Final = "#2b7a3d"
DANGER: Final = "#b3261e"
_DISABLED: Final = "#838d97"
_FONT_PX: Final = 13
_PALETTE: Final = {
    QPalette.ColorRole.Window: "#f3f4f6",
    QPalette.ColorRole.WindowText: INK,
    QPalette.ColorRole.Base: PAPER,
    QPalette.ColorRole.AlternateBase: "#f7f8fa",
    QPalette.ColorRole.Text: INK,
    QPalette.ColorRole.Button: "#f3f4f6",
    QPalette.ColorRole.ButtonText: INK,
    QPalette.ColorRole.ToolTipBase: INK,
    QPalette.ColorRole.ToolTipText: PAPER,
    QPalette.ColorRole.Highlight: ACCENT,
    QPalette.ColorRole.HighlightedText: PAPER,
    QPalette.ColorRole.Link: ACCENT,
    QPalette.ColorRole.LinkVisited: ACCENT,
    QPalette.ColorRole.Accent: ACCENT,
    QPalette.ColorRole.PlaceholderText: "#6b7680",
}


def apply(application: QApplication) -> None:
    """Give the program its look; asked again, it changes nothing."""
    sheet = (paths.resources() / "ui" / "hjgis.qss").read_text("utf-8")
    if application.styleSheet() == sheet:
        # Qt would dress every widget there is once more.
        return
    # Where the desktop is dark, what the palette below does not name would be dark too.
    QGuiApplication.styleHints().setColorScheme(Qt.ColorScheme.Light)
    application.setStyle("Fusion")
    palette = application.style().standardPalette()
    for role, color in _PALETTE.items():
        palette.setColor(role, QColor(color))
    roles = QPalette.ColorRole
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED))
    application.setPalette(palette)
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPixelSize(_FONT_PX)
    application.setFont(font)
    application.setStyleSheet(sheet)


def translate_qt(application: QApplication, translator: QTranslator) -> None:
    """Let Qt's own buttons and menus speak the language in use."""
    application.removeTranslator(translator)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if i18n.language() == "zh_CN" and translator.load("qtbase_zh_CN", folder):
        application.installTranslator(translator)


@cache
def icon(name: str) -> QIcon:
    """Return one of the program's icons, sharp at the screen's pixel ratio."""
    source = (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")
    result = QIcon()
    ratio = max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
    for mode, color in ((QIcon.Mode.Normal, INK), (QIcon.Mode.Disabled, _DISABLED)):
        result.addPixmap(_pixmap(source.replace("currentColor", color), 24, ratio), mode)
    return result


def flat_button(name: str, tip: str, size_px: int = 20) -> QToolButton:
    """Return a button without a frame for an icon of ours."""
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(size_px, size_px))
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def allow(part: QWidget | QAction, tip: str, reason: str) -> None:
    """Let a part be used, or say instead of its tip why it cannot be."""
    part.setEnabled(not reason)
    part.setToolTip(reason or tip)


def large_icon(name: str, size_px: int) -> QPixmap:
    """Return one of the program's icons larger than on a button, in grey: it stands for a thing."""
    source = (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")
    ratio = max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
    return _pixmap(source.replace("currentColor", _DISABLED), size_px, ratio)


@lru_cache(maxsize=1024)
def symbol_icon(symbol: Symbol, width: int, height: int, ratio: float) -> QIcon:
    """Return what a symbol of the map looks like, so large, at a screen's pixel ratio."""
    width_px, height_px = round(width * ratio), round(height * ratio)
    image = sample_image(symbol, width_px=width_px, height_px=height_px, dpi=SCREEN_DPI * ratio)
    image.setDevicePixelRatio(ratio)
    return QIcon(QPixmap.fromImage(image))


def _pixmap(source: str, size_px: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(size_px, size_px) * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
