"""Level text by the thousand: the glyphs of all of it in a few calls, without shaping each text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontDatabase, QGlyphRun, QPainter, QRawFont

from hjgis.render.fonts import FAMILIES

# Qt holds Python's lock for as long as a call lasts.
_GLYPHS_AT_ONCE: Final = 4000
_POINTS_PER_INCH: Final = 72.0
_SCREEN_DPI: Final = 96.0


class GlyphWriter:
    """Collects texts in one font and colour and draws them together.

    Only for letters that stand side by side as they are: Chinese, Latin, digits, punctuation. A
    text with other letters is not taken.
    """

    def __init__(self, font: QFont) -> None:
        self._fonts = _raw_fonts(font)
        self._letters: dict[str, tuple[int, int, float] | None] = {}
        self._indexes: list[list[int]] = [[] for _font in self._fonts]
        self._places: list[list[QPointF]] = [[] for _font in self._fonts]

    def add(self, text: str, left: float, baseline: float) -> bool:
        """Take a text whose baseline starts at a place; return whether it was taken."""
        known, found = self._letters, []
        for letter in text:
            if letter not in known:
                known[letter] = self._found(letter)
            glyph = known[letter]
            if glyph is None:
                return False
            found.append(glyph)
        for which, index, advance in found:
            self._indexes[which].append(index)
            self._places[which].append(QPointF(left, baseline))
            left += advance
        return True

    def draw(self, painter: QPainter) -> None:
        """Draw what was taken, with the painter's pen."""
        for font, indexes, places in zip(self._fonts, self._indexes, self._places, strict=True):
            for start in range(0, len(indexes), _GLYPHS_AT_ONCE):
                run = QGlyphRun()
                run.setRawFont(font)
                run.setGlyphIndexes(indexes[start : start + _GLYPHS_AT_ONCE])
                run.setPositions(places[start : start + _GLYPHS_AT_ONCE])
                painter.drawGlyphRun(QPointF(0.0, 0.0), run)
        self._indexes = [[] for _font in self._fonts]
        self._places = [[] for _font in self._fonts]

    def _found(self, letter: str) -> tuple[int, int, float] | None:
        """Return font, glyph and advance of a letter; None if no font has it."""
        if not _stands_alone(letter):
            return None
        for which, font in enumerate(self._fonts):
            indexes = font.glyphIndexesForString(letter)
            if len(indexes) == 1 and indexes[0]:
                return which, indexes[0], font.advancesForGlyphIndexes(indexes)[0].x()
        return None


def _raw_fonts(font: QFont) -> list[QRawFont]:
    """Return the installed ones of our families as they are drawn, in order of liking."""
    installed, result = set(QFontDatabase.families()), []
    for family in FAMILIES:
        if family in installed:
            one = QFont(font)
            one.setFamilies([family])
            raw = QRawFont.fromFont(one)
            raw.setPixelSize(font.pointSizeF() * _SCREEN_DPI / _POINTS_PER_INCH)
            result.append(raw)
    return result


def _stands_alone(letter: str) -> bool:
    """Whether a letter looks the same whatever stands beside it."""
    number = ord(letter)
    latin = 0x20 <= number < 0x250 and number not in range(0x7F, 0xA0)
    return latin or 0x2010 <= number < 0x2600 or 0x3000 <= number < 0xA000 or number >= 0xFF00
