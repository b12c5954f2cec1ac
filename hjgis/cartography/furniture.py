"""Everything on a sheet but the map: title, frame, scale, north, title block, watermark."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QTransform

from hjgis.cartography.composition import Composition, scale_text
from hjgis.cartography.facts import Fact, degrees_text
from hjgis.cartography.item_needs import FACT_MM, enlarged, letters_mm
from hjgis.cartography.legend import TEXT_MM, paint_legend
from hjgis.cartography.more_items import MORE_PAINTERS, filled
from hjgis.cartography.page import Page, spaced
from hjgis.cartography.place_outline import paint_outline
from hjgis.i18n import _
from hjgis.models.sheets import Box, ItemKind, Sheet, SheetItem
from hjgis.render.fonts import outline, tidied
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.symbols import brush

_THIN_MM: Final = 0.15
_NEAT_MM: Final = 0.2
_OUTER_MM: Final = 0.9
_TITLE_MM: Final = 8.0
# Below this of its size a title goes into two lines.
_TITLE_SHRINK: Final = 0.72
_NAME_ROOM_MM: Final = 18.0
_MARK_MM: Final = 15.0
_MARK_STEP_MM: Final = (95.0, 62.0)
_MARK_INK: Final = "#80808028"
# What nobody could read on the map itself is white below; a text, a sign or a logo may lie over it.
_GROUNDED: Final[frozenset[ItemKind]] = frozenset(
    ("legend", "scale", "facts", "overview", "table", "chart", "neighbours")
)


def paint_items(page: Page, composition: Composition) -> None:
    """Paint everything that is on the paper but the map, in the sheet's order."""
    paint_outline(page, composition)
    for item in composition.items:
        if item.kind in _GROUNDED and item.box.meets(composition.sheet.map_mm):
            page.fill(item.box, "#ffffff")
            page.frame(item.box, _THIN_MM * composition.sheet.furniture)
        if item.kind in ITEM_PAINTERS:
            ITEM_PAINTERS[item.kind](page, item, composition)


def paint_frame(page: Page, sheet: Sheet) -> None:
    """Paint the neat line and the thick outer line."""
    page.frame(sheet.map_mm, _NEAT_MM * sheet.furniture)
    page.frame(sheet.map_mm.grown(sheet.border_mm), _OUTER_MM * sheet.furniture)


def _paint_column(page: Page, item: SheetItem, composition: Composition) -> None:
    # On a sheet of the standard division nothing but the map has a frame.
    if any(other.kind == "facts" and other.text for other in composition.sheet.items):
        return
    page.frame(item.box, 0.3 * composition.sheet.furniture)


def _paint_title(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the title in one line, smaller or in two lines if it is long, at last cut short."""
    box, words = item.box, filled(item.text, composition) or composition.title
    size = item.size_mm or min(_TITLE_MM * composition.sheet.furniture, 0.7 * box.height)
    words = spaced(words)
    if page.text_width(words, size) <= box.width / _TITLE_SHRINK:
        page.text(box, words, size, align="center", bold=True)
        return
    half = 0.5 * box.height
    for line, y in zip(_halves(words), (box.y, box.y + half), strict=True):
        place = Box(box.x, y, box.width, half)
        page.text(place, line, min(size, 0.8 * half), align="center", bold=True)


def _halves(words: str) -> tuple[str, str]:
    """Cut a title in two lines about alike, at a blank or sign if one is near the middle."""
    middle, reach = len(words) // 2, max(len(words) // 6, 1)
    breaks = [
        at
        for at in range(middle - reach, middle + reach + 1)
        if 0 < at < len(words) and words[at - 1] in " ·：:，,、（）()-—"
    ]
    at = min(breaks, key=lambda place: abs(place - middle), default=middle)
    return words[:at].rstrip(), words[at:].lstrip()


def _paint_secrecy(page: Page, item: SheetItem, composition: Composition) -> None:
    secrecy = _("Secrecy: {level}").format(level=composition.secrecy)
    size_mm = letters_mm(item, composition, 3.6)
    page.text(item.box, secrecy, size_mm, align="right", bold=True)


def _paint_number(page: Page, item: SheetItem, composition: Composition) -> None:
    words = filled(item.text, composition) or composition.place.number
    page.text(item.box, words, letters_mm(item, composition, 3.6), align="center", bold=True)


def _paint_north(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the arrow to grid north, and on which side of it true north lies by how much."""
    box, k = item.box, composition.sheet.furniture
    beside = box.width > 1.6 * box.height
    angle = composition.convergence_deg
    words = degrees_text(abs(angle))
    # The convergence counts from true north clockwise to grid north.
    true_north = _("True north: {angle} {side}").format(
        angle=words, side=_("east") if angle < 0 else _("west")
    )
    notes = [
        _("Arrow: grid north"),
        _("Convergence {angle}").format(angle=degrees_text(angle)),
        true_north,
    ]
    line = 4.0 * k
    if beside:
        arrow = Box(box.x, box.y, 0.36 * box.width, box.height)
        place = Box(arrow.right, box.y + (box.height - 3 * line) / 2, 0.64 * box.width, line)
    else:
        notes = notes[1:2]
        arrow = Box(box.x, box.y, box.width, box.height - line)
        place = Box(box.x, arrow.bottom, box.width, line)
    paint_north_arrow(page.painter, page.rect(arrow))
    for number, note in enumerate(notes):
        row = Box(place.x, place.y + number * line, place.width, line)
        page.text(row, note, 2.3 * k, align="left" if beside else "center")


def _paint_legend(page: Page, item: SheetItem, composition: Composition) -> None:
    frame = composition.frame(page.px_per_mm)
    k = enlarged(item, composition, TEXT_MM)
    paint_legend(page, item.box, composition.legend, frame, k=k)


def _paint_scale(page: Page, item: SheetItem, composition: Composition) -> None:
    """Paint the scale as a number and as a bar, and what the grid's numbers are."""
    box, k, frame = item.box, composition.sheet.furniture, composition.frame(page.px_per_mm)
    number = Box(box.x, box.y, box.width, 6 * k)
    note = Box(box.x, box.bottom - 4 * k, box.width, 4 * k)
    page.text(number, scale_text(composition.scale), 4.2 * k, align="center", bold=True)
    bar = page.rect(Box(box.x, number.bottom, box.width, note.y - number.bottom - 1.5 * k))
    paint_scale_bar(page.painter, bar, m_per_px=frame.m_per_px, dpi=frame.dpi, text_mm=2.3 * k)
    page.text(note, _("Grid: X north, Y east, in km"), 2.2 * k, align="center")


def _paint_facts(page: Page, item: SheetItem, composition: Composition) -> None:
    size_mm = letters_mm(item, composition, FACT_MM)
    if item.text:
        _paint_fact_lines(page, item, composition.facts, size_mm)
        return
    paint_facts(page, item.box, composition.facts, letters_mm=size_mm)
    page.frame(item.box, _THIN_MM * composition.sheet.furniture)


def _paint_fact_lines(
    page: Page, item: SheetItem, facts: tuple[Fact, ...], letters_mm: float
) -> None:
    """Paint some facts as lines, names of even width."""
    by_id = {fact.id: fact for fact in facts}
    chosen = [by_id[name] for name in item.text.split() if name in by_id]
    height = min(item.box.height / max(len(chosen), 1), 1.9 * letters_mm)
    names = 4.4 * letters_mm
    # Who signs needs room; a block at the right side is as wide as its values.
    widest = max((page.text_width(fact.value, letters_mm) for fact in chosen), default=0.0)
    width = min(names + max(widest, 24.0) + letters_mm, item.box.width)
    x = item.box.right - width if item.align == "right" else item.box.x
    for number, fact in enumerate(chosen):
        y = item.box.y + number * height
        page.even_text(Box(x, y, names, height), fact.name, letters_mm)
        value = Box(x + names, y, width - names, height)
        page.text(value, f"：{fact.value}", letters_mm)


def paint_facts(
    page: Page, box: Box, facts: tuple[Fact, ...], *, letters_mm: float = FACT_MM
) -> None:
    """Paint the title block: names left, values right, lines between."""
    k = letters_mm / FACT_MM
    height, names_mm = box.height / len(facts), _NAME_ROOM_MM * k
    split = box.x + names_mm
    for i, fact in enumerate(facts):
        top = box.y + i * height
        if i:
            page.line((box.x, top), (box.right, top), mm=_THIN_MM * k)
        name = Box(box.x + 2.2 * k, top, names_mm - 4.4 * k, height)
        page.even_text(name, fact.name, letters_mm)
        value = Box(split + 1.8 * k, top, box.right - split - 3 * k, height)
        page.text(value, fact.value, letters_mm)
    page.line((split, box.y), (split, box.bottom), mm=_THIN_MM * k)


def paint_margins(page: Page, sheet: Sheet) -> None:
    """Whiten the paper around the map; not every reader of SVG knows clipping."""
    area = sheet.map_mm
    width, height = sheet.paper_mm
    for box in (
        Box(0, 0, width, area.y),
        Box(0, area.bottom, width, height - area.bottom),
        Box(0, area.y, area.x, area.height),
        Box(area.right, area.y, width - area.right, area.height),
    ):
        page.fill(box, "#ffffff")


def paint_watermark(page: Page, area: Box) -> None:
    """Write across a part of the paper that the data are invented."""
    level = outline(_("Synthetic sample"), _MARK_MM * page.px_per_mm, bold=True)
    # Turned and rounded once: the same short numbers wherever it stands.
    mark = tidied(level * QTransform().rotate(-28))
    painter = page.painter
    painter.save()
    painter.setClipRect(QRectF(page.rect(area)))
    step_x, step_y = _MARK_STEP_MM
    for row in range(math.ceil(area.height / step_y)):
        for column in range(-1, math.ceil(area.width / step_x) + 1):
            x = area.x + (column + 0.5 + 0.5 * (row % 2)) * step_x
            y = area.y + (row + 0.5) * step_y
            painter.save()
            painter.translate(round(x * page.px_per_mm), round(y * page.px_per_mm))
            painter.fillPath(mark, brush(_MARK_INK))
            painter.restore()
    painter.restore()


_Paint = Callable[[Page, SheetItem, Composition], None]
ITEM_PAINTERS: Final[dict[ItemKind, _Paint]] = {
    "column": _paint_column,
    "title": _paint_title,
    "secrecy": _paint_secrecy,
    "number": _paint_number,
    "north": _paint_north,
    "legend": _paint_legend,
    "scale": _paint_scale,
    "facts": _paint_facts,
    **MORE_PAINTERS,
}
