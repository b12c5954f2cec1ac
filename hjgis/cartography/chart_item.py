"""A chart on a sheet, painted with the sheet's own letters: bars that lie, or a pie.

Why not by matplotlib, as in files: see `charts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF

from hjgis.cartography.figures import Chart, Slice
from hjgis.cartography.figures_table import LETTERS_MM, cell_text, more_text
from hjgis.cartography.page import Page
from hjgis.i18n import _
from hjgis.models.sheets import Box
from hjgis.render.symbols import brush, solid_pen

TITLE_MM: Final = 6.5
BAR_MM: Final = 4.4
_KEY_MM: Final = 4.4
_PIE_MM: Final = 34.0
_WIDEST_MM: Final = 74.0
_LEAST_BARS: Final = 5
_NAMES: Final = 0.36
# Less would be written as nothing.
_LEAST_SHARE: Final = 0.005
_NUMBERS: Final = 0.19
_FULL_TURN: Final = 360 * 16


def chart_height(chart: Chart, k: float, *, bars: int | None = None) -> float:
    """Return how high a chart is with all its bars, or with so many, mm."""
    if chart.kind == "pie":
        return k * (TITLE_MM + _PIE_MM + _KEY_MM * math.ceil(len(chart.slices()) / 2))
    count = len(chart.categories) if bars is None else min(bars, len(chart.categories))
    keys = _KEY_MM * math.ceil(len(chart.series) / 2) if len(chart.series) > 1 else 0.0
    return k * (TITLE_MM + BAR_MM * count + keys + 1.0)


def least_height(chart: Chart, k: float) -> float:
    """Return the least height in which a chart tells anything, mm."""
    if chart.kind == "pie":
        return 0.8 * chart_height(chart, k)
    return chart_height(chart, k, bars=_LEAST_BARS) + BAR_MM * k


def paint_chart(page: Page, box: Box, chart: Chart, *, letters_mm: float) -> None:
    """Paint a chart into a box; bars that have no room are counted below."""
    k = letters_mm / LETTERS_MM
    title = Box(box.x, box.y, box.width, TITLE_MM * k)
    words = f"{chart.title}（{chart.unit}）" if chart.unit else chart.title
    page.text(title, words, 1.15 * letters_mm, align="center", bold=True)
    room = Box(box.x, title.bottom, box.width, box.height - title.height)
    if chart.kind == "pie":
        _paint_pie(page, room, chart, letters_mm)
    else:
        _paint_bars(page, room, chart, letters_mm)


def _paint_bars(page: Page, box: Box, chart: Chart, letters_mm: float) -> None:
    k = letters_mm / LETTERS_MM
    names = [name for name, _values in chart.series]
    keys = [(name, chart.ink(i)) for i, name in enumerate(names)] if len(names) > 1 else []
    keys_mm = _KEY_MM * k * math.ceil(len(keys) / 2)
    free, step = box.height - keys_mm, BAR_MM * k
    count = len(chart.categories)
    shown = count if count * step <= free + 0.01 else max(math.floor(free / step) - 1, 0)
    longest = max(map(chart.total, range(shown)), default=0.0) or 1.0
    left = box.x + _NAMES * box.width
    unit = (box.right - _NUMBERS * box.width - left) / longest
    for i in range(shown):
        y = box.y + i * step
        name = Box(box.x, y, left - box.x - 0.6 * k, step)
        page.text(name, chart.categories[i], letters_mm, align="right")
        end = _paint_bar(page, Box(left, y + 0.18 * step, unit, 0.64 * step), chart, i)
        place = Box(end + 0.8 * k, y, box.right - end - 0.8 * k, step)
        known = not all(math.isnan(values[i]) for _name, values in chart.series)
        number = chart.text(chart.total(i)) if known else cell_text(None)
        page.text(place, number, letters_mm)
    page.line((left, box.y), (left, box.y + shown * step), mm=0.15 * k)
    if shown < count:
        more = Box(box.x, box.y + shown * step, box.width, step)
        page.text(more, more_text(count - shown), 0.9 * letters_mm, ink="#4a5560")
    below = box.y + (shown + (shown < count)) * step
    _paint_keys(page, Box(box.x, below, box.width, keys_mm), keys, letters_mm)


def _paint_bar(page: Page, unit: Box, chart: Chart, category: int) -> float:
    """Paint the parts of a bar one behind the other from a box of one unit; return its end."""
    end = unit.x
    for series, (_name, values) in enumerate(chart.series):
        if values[category] > 0:
            length = unit.width * values[category]
            page.fill(Box(end, unit.y, length, unit.height), chart.ink(series, category))
            end += length
    return end


def _paint_pie(page: Page, box: Box, chart: Chart, letters_mm: float) -> None:
    k = letters_mm / LETTERS_MM
    slices = chart.slices()
    if not slices:
        page.text(box, _("Nothing to show"), letters_mm, align="center")
        return
    whole = sum(part.value for part in slices)
    keys_mm = _KEY_MM * k * math.ceil(len(slices) / 2)
    # Words far from the circle would not be looked for.
    wide = min(box.width, _WIDEST_MM * k)
    box = Box(box.x + (box.width - wide) / 2, box.y, wide, box.height)
    size = min(box.height - keys_mm - 1.5 * k, box.width, 1.5 * _PIE_MM * k)
    circle = page.rect(Box(box.x + (box.width - size) / 2, box.y, size, size))
    _paint_slices(page, circle, slices, whole)
    said = [(f"{part.name} {_share_text(part.value / whole)}", part.ink) for part in slices]
    _paint_keys(page, Box(box.x, box.bottom - keys_mm, box.width, keys_mm), said, letters_mm)


def _share_text(share: float) -> str:
    return f"{share:.0%}" if share >= _LEAST_SHARE else "<1%"


def _paint_slices(page: Page, circle: QRectF, slices: Sequence[Slice], whole: float) -> None:
    page.painter.setPen(solid_pen("#ffffff", 0.2 * page.px_per_mm))
    start = _FULL_TURN // 4
    for part in slices:
        span = round(part.value / whole * _FULL_TURN)
        page.painter.setBrush(brush(part.ink))
        # Angles go against the clock; people read with it.
        page.painter.drawPie(circle, start - span, span)
        start -= span


def _paint_keys(page: Page, box: Box, keys: Sequence[tuple[str, str]], letters_mm: float) -> None:
    k = letters_mm / LETTERS_MM
    for i, (name, ink) in enumerate(keys):
        x = box.x + (i % 2) * box.width / 2
        y = box.y + (i // 2) * _KEY_MM * k
        page.fill(Box(x, y + 1.1 * k, 2.6 * k, 2.2 * k), ink)
        page.text(Box(x + 3.4 * k, y, box.width / 2 - 4 * k, _KEY_MM * k), name, letters_mm)
