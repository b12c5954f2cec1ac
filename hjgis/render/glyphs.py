"""Level text by the thousand: the glyphs of all of it in a few calls, without shaping each text."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontDatabase, QGlyphRun, QPainter, QRawFont

from hjgis.render.fonts import FAMILIES
from hjgis.render.letters import first_of, letters_of

# Qt holds Python's lock for as long as a call lasts.
_GLYPHS_AT_ONCE: Final = 4000
_POINTS_PER_INCH: Final = 72.0
_SCREEN_DPI: Final = 96.0
# Number of the font, glyph in it, advance in pixels.
_Glyph = tuple[int, int, float]


class GlyphWriter:
    """Collects texts in one font and colour and draws them together.

    Only for letters that stand side by side as they are: Chinese, Latin, digits, punctuation. A
    text with other letters is not taken.
    """

    def __init__(self, font: QFont) -> None:
        self._fonts = _raw_fonts(font)
        self._letters: dict[str, _Glyph] = {}
        self._texts: list[str] = []
        self._starts: list[tuple[float, float]] = []

    def add(self, text: str, left: float, baseline: float) -> bool:
        """Take a text whose baseline starts at a place; return whether it was taken."""
        known = self._letters
        if not all(letter in known or self._learn(letter) for letter in text):
            return False
        self._texts.append(text)
        self._starts.append((left, baseline))
        return True

    def draw(self, painter: QPainter) -> None:
        """Draw what was taken, with the painter's pen."""
        if not self._texts:
            return
        letters, at = letters_of(self._texts)
        glyphs = [self._letters[letter] for letter in letters]
        fonts, indexes, advances = (np.array(column)[at] for column in zip(*glyphs, strict=True))
        lengths, (left, baseline) = np.array(list(map(len, self._texts))), np.array(self._starts).T
        before = np.cumsum(advances) - advances
        x = before + np.repeat(left - before[first_of(lengths)], lengths)
        y = np.repeat(baseline, lengths)
        for number, font in enumerate(self._fonts):
            these = np.flatnonzero(fonts == number)
            for start in range(0, len(these), _GLYPHS_AT_ONCE):
                some = these[start : start + _GLYPHS_AT_ONCE]
                run = QGlyphRun()
                run.setRawFont(font)
                run.setGlyphIndexes(indexes[some].tolist())
                run.setPositions(list(map(QPointF, x[some].tolist(), y[some].tolist())))
                painter.drawGlyphRun(QPointF(0.0, 0.0), run)
        self._texts, self._starts = [], []

    def _learn(self, letter: str) -> bool:
        """Look for a letter in our fonts; return whether one has it."""
        if not _stands_alone(letter):
            return False
        for which, font in enumerate(self._fonts):
            indexes = font.glyphIndexesForString(letter)
            if len(indexes) == 1 and indexes[0]:
                advance = font.advancesForGlyphIndexes(indexes)[0].x()
                self._letters[letter] = (which, indexes[0], advance)
                return True
        return False


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
