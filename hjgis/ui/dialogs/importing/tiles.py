"""Counts in a row, large enough to be read at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hjgis.i18n import grouped


class Tiles(QWidget):
    """One tile a count."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)

    def show_counts(self, counts: Sequence[tuple[str, int | str]]) -> None:
        """Show counts, or words, with their names, in place of those before."""
        while self._row.count():
            item = self._row.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name, count in counts:
            self._row.addWidget(_tile(name, count))
        self._row.addStretch(1)
        self.setVisible(bool(counts))


def _tile(name: str, count: int | str) -> QFrame:
    tile = QFrame()
    tile.setObjectName("tile")
    tile.setMinimumWidth(112)
    column = QVBoxLayout(tile)
    column.setContentsMargins(12, 6, 12, 6)
    column.setSpacing(0)
    number, words = QLabel(count if isinstance(count, str) else grouped(count)), QLabel(name)
    number.setObjectName("tile_count")
    words.setObjectName("muted")
    column.addWidget(number)
    column.addWidget(words)
    return tile
