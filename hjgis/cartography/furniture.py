"""Everything on a sheet but the map: title, frame, scale, north, title block, watermark."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF

from hjgis.cartography.composition import Composition
from hjgis.cartography.facts import Fact, degrees_text
from hjgis.cartography.page import Page
from hjgis.cartography.sheet import Box, Sheet
from hjgis.i18n import _
from hjgis.render.fonts import outline
from hjgis.render.frame import MapFrame
from hjgis.render.instruments import paint_north_arrow, paint_scale_bar
from hjgis.render.symbols import brush

_THIN_MM: Final = 0.15
_NEAT_MM: Final = 0.2
_OUTER_MM: Final = 0.9
_TITLE_MM: Final = 8.0
_FACT_MM: Final = 2.5
_NAME_ROOM_MM: Final = 17.0
_MARK_MM: Final = 15.0
_MARK_STEP_MM: Final = (95.0, 62.0)
_MARK_INK: Final = "#80808028"


def paint_frame(page: Page, sheet: Sheet) -> None:
    """Paint the neat line, the thick outer line and the column's frame."""
    page.frame(sheet.map_mm, _NEAT_MM)
    page.frame(sheet.map_mm.grown(sheet.border_mm), _OUTER_MM)
    page.frame(sheet.column_mm, 0.3)


def paint_titles(page: Page, composition: Composition) -> None:
    """Paint the map's name above it and the secrecy in the upper right corner."""
    sheet = composition.sheet
    size_mm = min(_TITLE_MM, sheet.title_mm.height * 0.7)
    page.text(sheet.title_mm, composition.title, size_mm, align="center", bold=True)
    secrecy = _("Secrecy: {level}").format(level=composition.secrecy)
    page.text(sheet.secrecy_mm, secrecy, 3.6, align="right", bold=True)


def paint_north(page: Page, composition: Composition) -> None:
    """Paint the arrow to grid north and by how much true north differs."""
    box = composition.sheet.north_mm
    note_mm = 4.0
    paint_north_arrow(page.painter, page.rect(Box(box.x, box.y, box.width, box.height - note_mm)))
    note = _("Convergence {angle}").format(angle=degrees_text(composition.convergence_deg))
    page.text(Box(box.x, box.bottom - note_mm, box.width, note_mm), note, 2.2, align="center")


def paint_scale(page: Page, composition: Composition, frame: MapFrame) -> None:
    """Paint the scale as a number and as a bar, and what the grid's numbers are."""
    box = composition.sheet.scale_mm
    number, note = Box(box.x, box.y, box.width, 6), Box(box.x, box.bottom - 4, box.width, 4)
    page.text(number, scale_text(composition.scale), 4.2, align="center", bold=True)
    bar = page.rect(Box(box.x, number.bottom, box.width, note.y - number.bottom - 1.5))
    paint_scale_bar(page.painter, bar, m_per_px=frame.m_per_px, dpi=frame.dpi)
    page.text(note, _("Grid: X north, Y east, in km"), 2.2, align="center")


def scale_text(denominator: float) -> str:
    """Write a scale with its thousands apart: ``1:25 000``."""
    return "1:" + f"{denominator:,.0f}".replace(",", " ")


def paint_facts(page: Page, box: Box, facts: tuple[Fact, ...]) -> None:
    """Paint the title block: names left, values right, lines between."""
    height = box.height / len(facts)
    split = box.x + _NAME_ROOM_MM
    for i, fact in enumerate(facts):
        top = box.y + i * height
        page.line((box.x, top), (box.right, top), mm=_THIN_MM)
        page.text(Box(box.x + 1.5, top, _NAME_ROOM_MM - 3, height), fact.name, _FACT_MM)
        value = Box(split + 1.5, top, box.right - split - 3, height)
        page.text(value, fact.value, _FACT_MM)
    page.line((split, box.y), (split, box.bottom), mm=_THIN_MM)


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


def paint_divisions(page: Page, sheet: Sheet) -> None:
    """Rule off the title block where it stands inside the column."""
    page.frame(sheet.facts_mm, _THIN_MM)


def paint_watermark(page: Page, area: Box) -> None:
    """Write across a part of the paper that the data are invented."""
    mark = outline(_("Synthetic sample"), _MARK_MM * page.px_per_mm, bold=True)
    painter = page.painter
    painter.save()
    painter.setClipRect(QRectF(page.rect(area)))
    step_x, step_y = _MARK_STEP_MM
    for row in range(math.ceil(area.height / step_y)):
        for column in range(-1, math.ceil(area.width / step_x) + 1):
            x = area.x + (column + 0.5 + 0.5 * (row % 2)) * step_x
            y = area.y + (row + 0.5) * step_y
            painter.save()
            painter.translate(x * page.px_per_mm, y * page.px_per_mm)
            painter.rotate(-28)
            painter.fillPath(mark, brush(_MARK_INK))
            painter.restore()
    painter.restore()
