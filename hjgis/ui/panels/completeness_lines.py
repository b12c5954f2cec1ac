"""Lines of completeness as a table: sorted by a column, shares as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from hjgis.i18n import N_, _, grouped
from hjgis.reports import completeness as report
from hjgis.reports.completeness import Line
from hjgis.ui.page_parts import RIGHT
from hjgis.ui.panels.listed import Index, ListModel

SHARE: Final = 4
_WORST: Final = 5
_HEADS: Final = (
    *("", N_("Features"), N_("Required values"), N_("Gaps"), N_("How complete")),
    *(N_("Most gaps in"), N_("Gaps there")),
)
WIDTHS: Final = (180, 75, 105, 60, 150, 150, 100)
# The column that takes what room is left.
MOST_GAPS: Final = 5
# The colours of the map's classes (resources/shades), without their transparency.
_BAR: Final = ((0.6, "#c2453d"), (0.8, "#e59a54"), (0.95, "#e3c84a"), (1.0, "#9fcf93"))
_WHOLE: Final = "#3f8f5b"
# So much of a bar is seen at least.
_BAR_PX: Final = 48


class LinesModel(ListModel):
    """Lines of completeness, in the order of a column; the worst first at the beginning."""

    rows: Sequence[Line]

    def __init__(self, parent: QObject | None = None) -> None:
        right = {*range(1, len(_HEADS))} - {_WORST}
        super().__init__([_(words) if words else "" for words in _HEADS], parent, right=right)

    def show_lines(self, lines: Sequence[Line], heading: str) -> None:
        """Show other lines, which are of what the heading says."""
        self.headings = (heading, *self.headings[1:])
        self.show_rows(lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = _values(self.rows[index.row()])[index.column()]
        if role == Qt.ItemDataRole.UserRole:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column() == SHARE:
                return report.percent(value)
            return grouped(value) if isinstance(value, int) else value
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self.right:
            return RIGHT
        return None

    def keys(self) -> list[str]:
        """Return what the lines are about."""
        return [line.words for line in self.rows]

    def sorted(self, rows: Sequence[Line], column: int, *, down: bool) -> Sequence[Line]:
        known = [line for line in rows if _values(line)[column] is not None]
        unknown = [line for line in rows if _values(line)[column] is None]
        pairs = [(_values(line)[column], number) for number, line in enumerate(known)]
        pairs.sort(reverse=down)
        return [*(known[number] for _value, number in pairs), *unknown]


def _values(line: Line) -> tuple[Any, ...]:
    worst = (line.worst_words, line.worst_gaps) if line.worst else (None, None)
    return (line.words, line.features, line.asked, line.lacking, line.share, *worst)


class BarDelegate(QStyledItemDelegate):
    """Paints a share as a bar with its percentage."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        words = super().sizeHint(option, index)
        return QSize(words.width() + _BAR_PX, words.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        share = index.data(Qt.ItemDataRole.UserRole)
        box: QRect = option.rect.adjusted(6, 5, -66, -5)
        if share is not None:
            painter.fillRect(box, QColor("#e6e9ec"))
            filled = QRect(box)
            filled.setWidth(round(box.width() * share))
            painter.fillRect(filled, QColor(bar_colour(share)))
        super().paint(painter, option, index)


def bar_colour(share: float) -> str:
    """Return the colour of a share: the classes of the map."""
    return next((colour for below, colour in _BAR if share < below), _WHOLE)
