"""The legend of a theme as a list: sign, words, how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from hjgis.i18n import _, grouped, label
from hjgis.models.styles.style import Style
from hjgis.ui.theme import MUTED, symbol_icon

if TYPE_CHECKING:
    from hjgis.cartography.legend import Row
    from hjgis.cartography.portraying import Themed

_SIGN_PX: Final = QSize(26, 16)
_EDGE_PX: Final = 4


class LegendList(QListWidget):
    """Shows rows of a legend, and below them what else is to be known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Legend"))
        self.setIconSize(_SIGN_PX)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setViewportMargins(_EDGE_PX, 0, _EDGE_PX, 0)

    def show_rows(self, rows: Sequence[Row], notes: Sequence[str] = ()) -> None:
        """Show these instead of what is shown."""
        self.clear()
        bold = QFont(self.font())
        bold.setBold(True)
        for row in rows:
            item = QListWidgetItem(row.text)
            if row.symbol is None:
                item.setFont(bold)
            else:
                item.setIcon(self._sign(row))
            item.setToolTip(row.text)
            self.addItem(item)
        for note in notes:
            item = QListWidgetItem(note)
            item.setForeground(QColor(MUTED))
            item.setToolTip(note)
            self.addItem(item)

    @property
    def words_px(self) -> int:
        """How wide the list is where no row goes on in a second line."""
        widest = 0
        for row in range(self.count()):
            item = self.item(row)
            sign = 0 if item.icon().isNull() else _SIGN_PX.width() + 2 * _EDGE_PX
            widest = max(widest, QFontMetrics(item.font()).horizontalAdvance(item.text()) + sign)
        return widest + self.verticalScrollBar().sizeHint().width() + 2 * _EDGE_PX

    def _sign(self, row: Row) -> QIcon:
        assert row.symbol is not None
        size = _SIGN_PX.width(), _SIGN_PX.height()
        return symbol_icon(row.symbol, *size, self.devicePixelRatioF())


def themed_rows(themed: Themed, names: dict[str, str]) -> list[Row]:
    """Return the classes that a theme makes, each with how many features of the project it has.

    Parameters
    ----------
    names : dict of str to str
        What the layers are called.
    """
    rows: list[Row] = []
    for paints in themed.added.values():
        for paint in paints:
            counts = np.bincount(paint.classes, minlength=len(paint.style.all_classes))
            rows += _rows(label(paint.label), paint.style, counts.tolist())
    for layer, shading in themed.shadings.items():
        counts = np.bincount(shading.classes, minlength=len(shading.style.all_classes))
        title = label(shading.title) if shading.title else names.get(layer, layer)
        rows += _rows(title, shading.style, counts.tolist())
    return rows


def _rows(title: str, style: Style, counts: Sequence[int]) -> list[Row]:
    from hjgis.cartography.legend import Row

    if not style.classes:
        return [Row(f"{title} ({grouped(counts[0])})", style.default.symbol)] if counts[0] else []
    rows = [Row(title, None)]
    if any(counts[: style.keyed]):
        rows += [Row(label(entry.label), entry.symbol) for entry in style.key]
    # Sizes of one name, as of negative numbers, are one line.
    joined: dict[str, tuple[Row, int]] = {}
    for entry, count in list(zip(style.all_classes, counts, strict=True))[style.keyed :]:
        if count:
            words = label(entry.label)
            before = joined[words][1] if words in joined else 0
            joined[words] = Row(words, entry.symbol), before + count
    return [
        *rows,
        *(Row(f"{row.text} ({grouped(count)})", row.symbol) for row, count in joined.values()),
    ]
