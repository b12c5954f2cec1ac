"""Where the items of a sheet stand: what flows in a column takes the room that it needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hjgis.cartography import chart_item, figures_table, overview
from hjgis.cartography.legend import laid_out, left_out_text, legend_columns, legend_height
from hjgis.i18n import _
from hjgis.models.sheets import Box, ItemKind, Sheet, SheetItem

if TYPE_CHECKING:
    from hjgis.cartography.composition import Composition

# What goes first when a column is short of room.
_LEAVES_FIRST: Final[tuple[ItemKind, ...]] = ("chart", "overview", "logo", "table", "text")
_GAP_MM: Final = 3.0
_SIDE_MM: Final = 3.0
# Title blocks and arrows reach to the sides of their column.
_WHOLE_WIDTH: Final[frozenset[ItemKind]] = frozenset(("facts",))
_BAND: Final = 1.3
_LEGEND_COLUMN_MM: Final = 56.0


@dataclass(frozen=True, slots=True)
class Need:
    """How much of a column's length an item takes, mm: at least, best, and at most."""

    least: float
    best: float
    most: float


def arranged(composition: Composition) -> tuple[tuple[SheetItem, ...], tuple[str, ...]]:
    """Return the items that are on the paper, where they stand, and what had no room.

    Items without anything to say (a legend without entries, a number of a sheet that has none)
    are not on the paper.
    """
    sheet = composition.sheet
    shown = [item for item in sheet.items if item.shown and has_content(item, composition)]
    placed: dict[str, SheetItem] = {}
    notes: list[str] = []
    for column, inside in _columns(sheet, shown):
        found, lost = _flowed(column, inside, composition)
        placed |= {item.id: item for item in found}
        notes += [
            _("{item} has no room on this sheet.").format(item=kind_text(item)) for item in lost
        ]
    kept = [placed.get(item.id, item) for item in shown if not item.flow or item.id in placed]
    for item in kept:
        notes += _cut_notes(item, composition)
    return tuple(kept), tuple(notes)


def has_content(item: SheetItem, composition: Composition) -> bool:
    """Whether an item has anything to say on a sheet."""
    match item.kind:
        case "legend":
            return bool(composition.legend)
        case "number":
            return bool(item.text or composition.place.number)
        case "neighbours":
            return any(composition.place.neighbours)
        case "overview":
            return composition.overview is not None
        case "table":
            return composition.figures is not None and bool(composition.figures.rows)
        case "chart":
            chart = composition.figures.chart if composition.figures else None
            return chart is not None and bool(chart.categories)
        case "logo":
            return item.picture in composition.pictures
        case "text":
            return bool(item.text.strip())
        case "secrecy":
            return bool(composition.secrecy)
        case _:
            return True


def kind_text(item: SheetItem) -> str:
    """Name an item for people."""
    names: dict[ItemKind, str] = {
        "map": _("Map"),
        "title": _("Title"),
        "secrecy": _("Secrecy mark"),
        "number": _("Sheet number"),
        "neighbours": _("Index of neighbours"),
        "column": _("Column"),
        "north": _("North arrow"),
        "legend": _("Legend"),
        "scale": _("Scale"),
        "facts": _("Title block"),
        "overview": _("Location map"),
        "table": _("Table"),
        "chart": _("Chart"),
        "logo": _("Logo"),
        "text": _("Text"),
    }
    return names[item.kind]


def _columns(sheet: Sheet, shown: Sequence[SheetItem]) -> list[tuple[SheetItem, list[SheetItem]]]:
    """Return each column with what flows in it: what is named after it."""
    found: list[tuple[SheetItem, list[SheetItem]]] = []
    ids = {item.id for item in shown}
    for item in sheet.items:
        if item.kind == "column":
            found.append((item, []))
        elif item.flow and found and item.id in ids:
            found[-1][1].append(item)
    return found


def _flowed(
    column: SheetItem, items: Sequence[SheetItem], composition: Composition
) -> tuple[list[SheetItem], list[SheetItem]]:
    """Return the items of a column where they stand, and those that have no room."""
    k, box = composition.sheet.furniture, column.box
    across = box.width > _BAND * box.height
    length = (box.width - 2 * _SIDE_MM * k) if across else box.height
    needs = {item.id: _need(item, composition, box, across=across) for item in items}
    kept, lost = list(items), []
    while kept and sum(needs[item.id].least for item in kept) + _gaps(kept, k) > length:
        last = [item for kind in _LEAVES_FIRST for item in reversed(kept) if item.kind == kind]
        if not last:
            break
        kept.remove(last[0])
        lost.append(last[0])
    takes = _shared([needs[item.id] for item in kept], length - _gaps(kept, k))
    return _stacked(column, list(zip(kept, takes, strict=True)), k, across=across), lost


def _gaps(items: Sequence[SheetItem], k: float) -> float:
    """Return what lies between items and before the first; the title block stands on the edge."""
    return _GAP_MM * k * sum(item.kind not in _WHOLE_WIDTH for item in items)


def _shared(needs: Sequence[Need], length: float) -> list[float]:
    """Share a length out: first the least, then up to the best, then up to the most."""
    takes = [need.least for need in needs]
    for wanted in ([need.best for need in needs], [need.most for need in needs]):
        free = length - sum(takes)
        more = [max(high - take, 0.0) for high, take in zip(wanted, takes, strict=True)]
        finite = [min(value, length) for value in more]
        share = min(free / sum(finite), 1.0) if sum(finite) > 0 and free > 0 else 0.0
        takes = [take + share * value for take, value in zip(takes, finite, strict=True)]
    over = sum(takes) / length if length > 0 else 1.0
    return [take / over for take in takes] if over > 1 else takes


def _stacked(
    column: SheetItem, takes: Sequence[tuple[SheetItem, float]], k: float, *, across: bool
) -> list[SheetItem]:
    box, gap = column.box, _GAP_MM * k
    start = (box.x + _SIDE_MM * k - gap) if across else box.y
    end = (box.right - _SIDE_MM * k + gap) if across else box.bottom
    placed = []
    for item, take in takes:
        room = 0.0 if item.kind in _WHOLE_WIDTH else gap
        if item.flow == "start":
            at, start = start + room, start + room + take
        else:
            at, end = end - room - take, end - room - take
        side = 0.0 if item.kind in _WHOLE_WIDTH else _SIDE_MM * k
        if across:
            placed.append(replace(item, box=Box(at, box.y + gap, take, box.height - 1.6 * gap)))
        else:
            placed.append(replace(item, box=Box(box.x + side, at, box.width - 2 * side, take)))
    return placed


def _need(item: SheetItem, composition: Composition, column: Box, *, across: bool) -> Need:
    k = composition.sheet.furniture
    if across:
        return _WIDTHS[item.kind](item, composition, column.height - 1.6 * _GAP_MM * k)
    return _HEIGHTS[item.kind](item, composition, column.width - 2 * _SIDE_MM * k)


def _fixed(millimetres: float) -> _Needs:
    def need(_item: SheetItem, composition: Composition, _cross: float) -> Need:
        length = millimetres * composition.sheet.furniture
        return Need(length, length, length)

    return need


def _facts_height(item: SheetItem, composition: Composition, _cross: float) -> Need:
    k = item.size_mm / 2.5 if item.size_mm else composition.sheet.furniture
    lines = len(composition.facts)
    return Need(4.6 * k * lines, 6.4 * k * lines, 6.4 * k * lines)


def _legend_height(_item: SheetItem, composition: Composition, _cross: float) -> Need:
    k = composition.sheet.furniture
    best = legend_height(composition.legend, k)
    return Need(min(best, 45 * k), best, 1.16 * best)


def _legend_width(_item: SheetItem, composition: Composition, height: float) -> Need:
    k = composition.sheet.furniture
    count = legend_columns(composition.legend, height, k)
    best = _LEGEND_COLUMN_MM * k * count
    return Need(min(best, 50 * k), best, 1.4 * best)


def _overview_height(_item: SheetItem, composition: Composition, width: float) -> Need:
    assert composition.overview is not None
    k = composition.sheet.furniture
    most = overview.TITLE_MM * k + width * composition.overview.aspect
    return Need(min(32 * k, most), min(46 * k, most), most)


def _overview_width(_item: SheetItem, composition: Composition, height: float) -> Need:
    assert composition.overview is not None
    k = composition.sheet.furniture
    most = (height - overview.TITLE_MM * k) / composition.overview.aspect
    return Need(min(36 * k, most), min(60 * k, most), most)


def _table_height(_item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    k = composition.sheet.furniture
    whole = figures_table.table_height(composition.figures, k)
    return Need(min(figures_table.least_height(composition.figures, k), whole), whole, whole)


def _table_width(_item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    k, columns = composition.sheet.furniture, len(composition.figures.header)
    best = k * (30 + 17 * (columns - 1))
    return Need(0.8 * best, best, 1.3 * best)


def _chart_height(_item: SheetItem, composition: Composition, _cross: float) -> Need:
    assert composition.figures is not None
    assert composition.figures.chart is not None
    k, chart = composition.sheet.furniture, composition.figures.chart
    whole = chart_item.chart_height(chart, k)
    return Need(min(chart_item.least_height(chart, k), whole), whole, whole)


def _chart_width(_item: SheetItem, composition: Composition, _cross: float) -> Need:
    k = composition.sheet.furniture
    return Need(52 * k, 68 * k, 150 * k)


def _text_height(item: SheetItem, composition: Composition, width: float) -> Need:
    k = composition.sheet.furniture
    size = item.size_mm or 3.0 * k
    lines = sum(
        max(1, math.ceil(wide(line) * size / width)) for line in item.text.splitlines() or [""]
    )
    return Need(1.5 * size * lines, 1.5 * size * lines, 1.5 * size * lines)


def wide(text: str) -> float:
    """Return about how wide a text is, in heights of its letters; no font is asked."""
    return sum(1.0 if ord(sign) >= 0x2E80 else 0.56 for sign in text)


def _cut_notes(item: SheetItem, composition: Composition) -> list[str]:
    """Say what of an item has no room in its box."""
    k = composition.sheet.furniture
    if item.kind == "legend":
        lost = laid_out(composition.legend, item.box, k=k).left_out
        return [_("Legend: {words}").format(words=left_out_text(lost))] if lost else []
    if item.kind == "table" and composition.figures is not None:
        size = item.size_mm / 2.4 if item.size_mm else k
        shown = figures_table.rows_shown(composition.figures, item.box.height, size)
        lost = len(composition.figures.rows) - shown
        if lost:
            return [_("Table: {words}").format(words=figures_table.more_text(lost))]
    return []


_Needs = Callable[[SheetItem, "Composition", float], Need]
_HEIGHTS: Final[dict[ItemKind, _Needs]] = {
    "north": _fixed(25.0),
    "scale": _fixed(19.0),
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
