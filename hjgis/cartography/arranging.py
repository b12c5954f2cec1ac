"""Where the items of a sheet stand: what flows in a column takes the room that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hjgis.cartography import figures_table
from hjgis.cartography.item_needs import (
    GAP_MM,
    SIDE_MM,
    Need,
    band_height,
    enlarged,
    legend_in,
    need,
    stacked_need,
)
from hjgis.cartography.legend import TEXT_MM, laid_out, left_out_text
from hjgis.i18n import _
from hjgis.models.sheets import Box, ItemKind, Sheet, SheetItem

if TYPE_CHECKING:
    from hjgis.cartography.composition import Composition

# What goes first when a column is short of room.
_LEAVES_FIRST: Final[tuple[ItemKind, ...]] = ("chart", "overview", "logo", "table", "text")
# Of a sheet that shows so much of the town, a location map tells little: that goes before all.
_MOST_OF_TOWN: Final = 0.4
# Title blocks reach to the sides of their column.
_WHOLE_WIDTH: Final[frozenset[ItemKind]] = frozenset(("facts",))
_BAND: Final = 1.3


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in a column: an item, or two of a band one above the other."""

    items: tuple[SheetItem, ...]
    need: Need
    upper: float = 1.0

    @property
    def flow(self) -> str:
        return self.items[0].flow

    @property
    def whole(self) -> bool:
        """Whether it reaches to the sides of its column and needs no gap."""
        return self.items[0].kind in _WHOLE_WIDTH


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
            _("{item} has no room on this sheet.").format(item=kind_text(item))
            for item in lost
            if not _told_otherwise(item, found, composition)
        ]
    kept = [placed.get(item.id, item) for item in shown if not item.flow or item.id in placed]
    for item in kept:
        notes += _cut_notes(item, composition)
    return tuple(kept), tuple(notes)


def _told_otherwise(item: SheetItem, found: Sequence[SheetItem], composition: Composition) -> bool:
    """Whether the sheet tells by itself what an item without room would."""
    if item.kind == "overview":
        return _shows_town(composition)
    return item.kind == "chart" and any(other.kind == "table" for other in found)


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
        "title": _("Map title"),
        "secrecy": _("Secrecy mark"),
        "number": _("Sheet number"),
        "neighbours": _("Index of neighbours"),
        "column": _("Side column"),
        "north": _("North arrow"),
        "legend": _("The legend"),
        "scale": _("Scale"),
        "facts": _("Title block"),
        "overview": _("Location map"),
        "table": _("Table"),
        "chart": _("Chart"),
        "logo": _("Logo"),
        "text": _("Free text"),
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
    length = (box.width - 2 * SIDE_MM * k) if across else box.height
    kept, lost = list(items), []

    def placed(*, cut: bool) -> tuple[list[_Slot], bool]:
        slots = _slots(kept, composition, box, cut=cut) if across else _lone(kept, composition, box)
        # A table is whole before others come.
        whole = not across and any(item.kind in ("chart", "overview") for item in kept)
        needs = (_needed(slot, whole=whole) for slot in slots)
        return slots, sum(needs) + _gaps(slots, k) <= length

    slots, fits = placed(cut=False)
    while not fits:
        spare = [item for item in kept if item.kind == "overview" and _shows_town(composition)]
        if not spare:
            slots, fits = placed(cut=True)
        last = spare[0] if spare else None if fits else _leaving(kept)
        if last is None:
            break
        kept.remove(last)
        lost.append(last)
        slots, fits = placed(cut=False)
    free = length - _gaps(slots, k)
    if not across:
        slots = [_legend_slot(slot, slots, composition, box, free) for slot in slots]
    tables = [slot.items[0].kind == "table" for slot in slots]
    takes = _shared([slot.need for slot in slots], free, first=tables)
    return _stacked(column, list(zip(slots, takes, strict=True)), k, across=across), lost


def _lone(items: Sequence[SheetItem], composition: Composition, column: Box) -> list[_Slot]:
    return [_Slot((item,), need(item, composition, column, across=False)) for item in items]


def _slots(
    items: Sequence[SheetItem], composition: Composition, column: Box, *, cut: bool
) -> list[_Slot]:
    """Return the places of a band; table and chart share one if it is high enough."""
    slots: list[_Slot] = []
    for item in items:
        before = slots[-1].items[0] if slots and len(slots[-1].items) == 1 else None
        if item.kind == "chart" and before is not None and before.kind == "table":
            both = stacked_need((before, item), composition, column, cut=cut)
            if both is not None:
                slots[-1] = _Slot((before, item), *both)
                continue
        slots.append(_Slot((item,), need(item, composition, column, across=True)))
    return slots


def _legend_slot(
    slot: _Slot, slots: Sequence[_Slot], composition: Composition, column: Box, free: float
) -> _Slot:
    """Return a legend's place with as many columns as the others' room asks for."""
    if slot.items[0].kind != "legend":
        return slot
    others = sum(other.need.best for other in slots if other is not slot)
    width = column.width - 2 * SIDE_MM * composition.sheet.furniture
    return replace(slot, need=legend_in(slot.items[0], composition, width, free - others))


def _leaving(kept: Sequence[SheetItem]) -> SheetItem | None:
    leaving = [item for kind in _LEAVES_FIRST for item in reversed(kept) if item.kind == kind]
    return leaving[0] if leaving else None


def _shows_town(composition: Composition) -> bool:
    """Whether the sheet itself shows where it lies."""
    if composition.overview is None:
        return False
    (x, y, right, top), whole = composition.frame(1.0).extent, composition.overview.extent
    seen = (min(right, whole[2]) - max(x, whole[0])) * (min(top, whole[3]) - max(y, whole[1]))
    return seen > _MOST_OF_TOWN * (whole[2] - whole[0]) * (whole[3] - whole[1])


def _gaps(slots: Sequence[_Slot], k: float) -> float:
    """Return what lies between items and before the first; the title block stands on the edge."""
    return GAP_MM * k * (1 + sum(not slot.whole for slot in slots))


def _needed(slot: _Slot, *, whole: bool) -> float:
    table = whole and slot.items[0].kind == "table"
    return slot.need.best if table else slot.need.least


def _shared(needs: Sequence[Need], length: float, first: Sequence[bool]) -> list[float]:
    """Share a length out: first the least, then up to the best, then up to the most.

    Parameters
    ----------
    first : sequence of bool
        Which come to their best before the others.
    """
    takes = [each.least for each in needs]
    urgent = [n.best if soon else n.least for n, soon in zip(needs, first, strict=True)]
    for wanted in (urgent, [each.best for each in needs], [each.most for each in needs]):
        free = length - sum(takes)
        more = [max(high - take, 0.0) for high, take in zip(wanted, takes, strict=True)]
        finite = [min(value, length) for value in more]
        share = min(free / sum(finite), 1.0) if sum(finite) > 0 and free > 0 else 0.0
        takes = [take + share * value for take, value in zip(takes, finite, strict=True)]
    over = sum(takes) / length if length > 0 else 1.0
    return [take / over for take in takes] if over > 1 else takes


def _stacked(
    column: SheetItem, takes: Sequence[tuple[_Slot, float]], k: float, *, across: bool
) -> list[SheetItem]:
    """Return the items in their places, from the column's start and from its end."""
    box, gap = column.box, GAP_MM * k
    start = (box.x + SIDE_MM * k - gap) if across else box.y
    end = (box.right - SIDE_MM * k + gap) if across else box.bottom
    placed: list[SheetItem] = []
    for slot, take in takes:
        room = 0.0 if slot.whole else gap
        if slot.flow == "start":
            at, start = start + room, start + room + take
        else:
            at, end = end - room - take, end - room - take
        if across:
            placed += _upright(slot, Box(at, box.y + gap, take, band_height(box, k)), gap)
        else:
            side = 0.0 if slot.whole else SIDE_MM * k
            place = Box(box.x + side, at, box.width - 2 * side, take)
            placed.append(replace(slot.items[0], box=place))
    return placed


def _upright(slot: _Slot, place: Box, gap: float) -> list[SheetItem]:
    if len(slot.items) == 1:
        return [replace(slot.items[0], box=place)]
    upper = (place.height - gap) * slot.upper
    low = Box(place.x, place.y + upper + gap, place.width, place.height - gap - upper)
    return [
        replace(slot.items[0], box=Box(place.x, place.y, place.width, upper)),
        replace(slot.items[1], box=low),
    ]


def _cut_notes(item: SheetItem, composition: Composition) -> list[str]:
    """Say what of an item has no room in its box."""
    k = composition.sheet.furniture
    if item.kind == "legend":
        size = enlarged(item, composition, TEXT_MM)
        lost = laid_out(composition.legend, item.box, k=size).left_out
        return [_("Legend: {words}").format(words=left_out_text(lost))] if lost else []
    if item.kind == "title":
        lines = 2 * item.box.width / (0.6 * min(0.4 * item.box.height, item.size_mm or 8 * k))
        cut = figures_table.wide(item.text or composition.title) > lines
        return [_("The title is too long for this sheet and is cut short.")] if cut else []
    if item.kind == "table" and composition.figures is not None:
        size = enlarged(item, composition, figures_table.LETTERS_MM)
        shown = figures_table.rows_shown(composition.figures, item.box.height, size)
        lost = len(composition.figures.rows) - shown
        if lost:
            return [_("Table: {words}").format(words=figures_table.more_text(lost))]
    return []
