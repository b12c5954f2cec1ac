"""How much room the items of a sheet take in a column or a band."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hjgis.cartography import chart_item, figures_table, overview
from hjgis.cartography.legend import (
    LEAST_SIZE,
    TEXT_MM,
    legend_columns,
    legend_height,
    most_columns,
)
from hjgis.models.sheets import Box, ItemKind, SheetItem

if TYPE_CHECKING:
    from hjgis.cartography.composition import Composition

# How high the letters of the title block are on A3.
FACT_MM: Final = 2.5
GAP_MM: Final = 3.0
SIDE_MM: Final = 3.0
_LEGEND_COLUMN_MM: Final = 56.0
# A legend is made smaller before others leave, but not to the last.
_LEGEND_SMALLER: Final = 0.85
# Height of a text's letters on A3, and of its lines in letters.
WORDS_MM: Final = 3.0
LINE: Final = 1.5


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a column's length an item takes, mm: at least, best, and at most."""

    least: float
    best: float
    most: float


def need(item: SheetItem, composition: Composition, column: Box, *, across: bool) -> Need:
    """Return what an item takes of a column's height, or of a band's width."""
    k = composition.sheet.furniture
    if across:
        return _WIDTHS[item.kind](item, composition, band_height(column, k))
    return _HEIGHTS[item.kind](item, composition, column.width - 2 * SIDE_MM * k)


def band_height(column: Box, k: float) -> float:
    """Return how high things in a band are, mm."""
    return column.height - 1.6 * GAP_MM * k


def _fixed(millimetres: float) -> _Needs:
    def fixed(_item: SheetItem, composition: Composition, _cross: float) -> Need:
        length = millimetres * composition.sheet.furniture
        return Need(length, length, length)

    return fixed


def _facts_height(item: SheetItem, composition: Composition, _cross: float) -> Need:
    k = enlarged(item, composition, FACT_MM)
    lines = len(composition.facts)
    return Need(4.6 * k * lines, 5.6 * k * lines, 6.4 * k * lines)


def letters_mm(item: SheetItem, composition: Composition, usual_mm: float) -> float:
    """Return how high an item's letters are: as somebody said, or as usual on such a paper."""
    return item.size_mm or usual_mm * composition.sheet.furniture


def enlarged(item: SheetItem, composition: Composition, usual_mm: float) -> float:
    """Return by how much an item is larger than on A3: as its paper, or as somebody said."""
    return letters_mm(item, composition, usual_mm) / usual_mm


def _legend_height(item: SheetItem, composition: Composition, width: float) -> Need:
    return legend_in(item, composition, width, 0.0)


def legend_in(item: SheetItem, composition: Composition, width: float, free: float) -> Need:
    """Return what a legend takes of a column that has so much left: more columns need less."""
    k, rows = enlarged(item, composition, TEXT_MM), composition.legend
    most, columns = most_columns(width, k), 1
    best = legend_height(rows, k)
    while best > free and columns < most:
        columns += 1
        best = legend_height(rows, k, columns=columns)
    smaller = max(_LEGEND_SMALLER * k, min(LEAST_SIZE, k))
    least = legend_height(rows, smaller, columns=most_columns(width, smaller))
    return Need(min(least, best), best, 1.16 * best if columns == 1 else best)


def _legend_width(item: SheetItem, composition: Composition, height: float) -> Need:
    k = enlarged(item, composition, TEXT_MM)
    best = _LEGEND_COLUMN_MM * k * legend_columns(composition.legend, height, k)
    smaller = max(_LEGEND_SMALLER * k, min(LEAST_SIZE, k))
    least = 38.0 * smaller * legend_columns(composition.legend, height, smaller)
    return Need(min(best, least), best, 1.4 * best)


def _overview_height(_item: SheetItem, composition: Composition, width: float) -> Need:
    assert composition.overview is not None
    k = composition.sheet.furniture
    most = overview.TITLE_MM * k + width * composition.overview.aspect
    return Need(min(32 * k, most), min(46 * k, most), most)


def _overview_width(_item: SheetItem, composition: Composition, height: float) -> Need:
    assert composition.overview is not None
    k = composition.sheet.furniture
    most = (height - overview.TITLE_MM * k) / composition.overview.aspect
    return Need(min(32 * k, most), min(60 * k, most), most)


def _table_height(item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    k = enlarged(item, composition, figures_table.LETTERS_MM)
    whole = figures_table.table_height(composition.figures, k)
    return Need(min(figures_table.least_height(composition.figures, k), whole), whole, whole)


def _table_width(item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    k, columns = (
        enlarged(item, composition, figures_table.LETTERS_MM),
        len(composition.figures.header),
    )
    best = k * (30 + 17 * (columns - 1))
    return Need(0.8 * best, best, 1.3 * best)


def _chart_height(item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    assert composition.figures.chart is not None
    k, chart = enlarged(item, composition, figures_table.LETTERS_MM), composition.figures.chart
    whole = chart_item.chart_height(chart, k)
    # A chart without some of its bars tells less than the table does.
    least = whole if chart.kind != "pie" else chart_item.least_height(chart, k)
    return Need(least, whole, whole)


def _chart_width(item: SheetItem, composition: Composition, _cross: float) -> Need:
    k = enlarged(item, composition, figures_table.LETTERS_MM)
    return Need(50 * k, 66 * k, 90 * k)


def stacked_need(
    items: tuple[SheetItem, SheetItem], composition: Composition, column: Box, *, cut: bool
) -> tuple[Need, float] | None:
    """Return the width of two items of a band that stand one above the other.

    Parameters
    ----------
    cut : bool
        Whether that may leave out what has no room.

    Returns
    -------
    (Need, float) or None
        Width, and the upper one's share of the height; None if they are too high for that.
    """
    k = composition.sheet.furniture
    high = band_height(column, k)
    heights = [_HEIGHTS[item.kind](item, composition, 0.0) for item in items]
    needed = sum(each.least if cut else each.best for each in heights)
    if needed + GAP_MM * k > high:
        return None
    first, second = (_WIDTHS[item.kind](item, composition, high) for item in items)
    width = Need(
        max(first.least, second.least), max(first.best, second.best), max(first.most, second.most)
    )
    wanted = [each.best for each in heights]
    return width, wanted[0] / sum(wanted)


def _text_height(item: SheetItem, composition: Composition, width: float) -> Need:
    size = letters_mm(item, composition, WORDS_MM)
    lines = sum(
        max(1, math.ceil(figures_table.wide(line) * size / width))
        for line in item.text.splitlines() or [""]
    )
    whole = LINE * size * lines
    return Need(whole, whole, whole)


_Needs = Callable[[SheetItem, "Composition", float], Need]
_HEIGHTS: Final[dict[ItemKind, _Needs]] = {
    "north": _fixed(22.0),
    "scale": _fixed(18.0),
    "logo": _fixed(20.0),
    "number": _fixed(7.0),
    "secrecy": _fixed(7.0),
    "title": _fixed(12.0),
    "neighbours": _fixed(24.0),
    "facts": _facts_height,
    "legend": _legend_height,
    "overview": _overview_height,
    "table": _table_height,
    "chart": _chart_height,
    "text": _text_height,
}
_WIDTHS: Final[dict[ItemKind, _Needs]] = {
    "north": _fixed(28.0),
    "scale": _fixed(66.0),
    "logo": _fixed(30.0),
    "number": _fixed(40.0),
    "secrecy": _fixed(30.0),
    "title": _fixed(80.0),
    "neighbours": _fixed(48.0),
    "facts": _fixed(84.0),
    "legend": _legend_width,
    "overview": _overview_width,
    "table": _table_width,
    "chart": _chart_width,
    "text": _fixed(50.0),
}
