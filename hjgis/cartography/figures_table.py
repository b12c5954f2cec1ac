"""A table of figures on a sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from hjgis.cartography.figures import Cell, Figures
from hjgis.cartography.page import Page
from hjgis.i18n import _
from hjgis.models.sheets import Box

ROW_MM: Final = 4.4
TITLE_MM: Final = 6.5
LETTERS_MM: Final = 2.4
_NOTE_MM: Final = 3.6
_LEAST_ROWS: Final = 5
_WIDEST_EM: Final = 8.0
_NAME_AND_NUMBER: Final = 2
# The rest of its cell has the number.
_BAR_SHARE: Final = 0.62
_FREE_EM: Final = 1.3
# Signs from here on are as wide as high.
_FULL_WIDTH: Final = 0x2E80


def table_height(figures: Figures, k: float, *, rows: int | None = None) -> float:
    """Return how high the table is with all its rows, or with so many, mm."""
    count = len(figures.rows) if rows is None else min(rows, len(figures.rows))
    lines = 1 + count + bool(figures.total)
    return k * (TITLE_MM + ROW_MM * lines + (_NOTE_MM if figures.note else 0.0) + 0.5)


def rows_shown(figures: Figures, height_mm: float, k: float) -> int:
    """Return how many rows have room in a table of a height; one line says how many more."""
    if table_height(figures, k) <= height_mm + 0.01:
        return len(figures.rows)
    free = height_mm - table_height(figures, k, rows=0)
    return max(math.floor(free / (ROW_MM * k)) - 1, 0)


def least_height(figures: Figures, k: float) -> float:
    """Return the least height in which a table tells anything, mm."""
    few = min(len(figures.rows), _LEAST_ROWS)
    return table_height(figures, k, rows=few) + (ROW_MM * k if few < len(figures.rows) else 0.0)


def more_text(count: int) -> str:
    """Say how many rows of a table have no room."""
    return _("… {count} more").format(count=count)


def paint_table(
    page: Page, box: Box, figures: Figures, *, letters_mm: float, bars: bool = False
) -> None:
    """Paint title, header, as many rows as have room, the total, and the note.

    Parameters
    ----------
    bars : bool
        Whether a single column of numbers shows them as bars too, where there is no chart.
    """
    k = letters_mm / LETTERS_MM
    title = Box(box.x, box.y, box.width, TITLE_MM * k)
    page.text(title, figures.title, 1.15 * letters_mm, align="center", bold=True)
    shown = rows_shown(figures, box.height, k)
    top, high = title.bottom, ROW_MM * k
    edges, places = _edges(box, figures), digits(figures)
    edges.append(box.right)
    bars = bars and len(figures.header) == _NAME_AND_NUMBER
    lines: list[tuple[Sequence[Cell], bool]] = [(figures.header, True)]
    lines += [(row, False) for row in figures.rows[:shown]]
    if shown < len(figures.rows):
        lines.append(((more_text(len(figures.rows) - shown),), False))
    if figures.total:
        lines.append((figures.total, True))
    for number, (cells, bold) in enumerate(lines):
        y = top + number * high
        if number == 0:
            page.fill(Box(box.x, y, box.width, high), "#e9edf2")
        if bars and figures.chart is not None and 0 < number <= shown:
            _paint_bar(page, Box(edges[1], y, edges[2] - edges[1], high), figures, number - 1)
        _paint_cells(page, edges, (y, high), (cells, places), (letters_mm, bold))
        page.line((box.x, y), (box.right, y), mm=0.12 * k)
    bottom = top + len(lines) * high
    for x in edges[:-1]:
        page.line((x, top), (x, bottom), mm=0.12 * k)
    page.line((box.x, bottom), (box.right, bottom), mm=0.12 * k)
    if figures.note:
        note = Box(box.x, bottom, box.width, _NOTE_MM * k)
        page.text(note, figures.note, 0.8 * letters_mm, ink="#4a5560")


def _edges(box: Box, figures: Figures) -> list[float]:
    """Return the sides of the columns, each as wide as what stands in it needs."""
    rows = (figures.header, *figures.rows, figures.total)
    needs = [
        min(max(wide(cell_text(row[i])) for row in rows if i < len(row)), _WIDEST_EM) + _FREE_EM
        for i in range(len(figures.header))
    ]
    unit = box.width / sum(needs)
    edges = [box.x]
    for need in needs:
        edges.append(edges[-1] + need * unit)
    return edges


def digits(figures: Figures) -> list[int]:
    """Return how many digits each column has after the point: as many as one of its numbers."""
    columns = zip(*(row for row in (*figures.rows, figures.total) if row), strict=True)
    return [max((_digits_of(cell) for cell in column), default=0) for column in columns]


def _digits_of(cell: Cell) -> int:
    if not isinstance(cell, float) or not math.isfinite(cell):
        return 0
    return len(f"{cell:.2f}".rstrip("0").partition(".")[2])


def _paint_bar(page: Page, box: Box, figures: Figures, row: int) -> None:
    """Paint a number as a bar in its cell, in the colour that it has on the map."""
    chart = figures.chart
    numbers = [line[1] if isinstance(line[1], int | float) else 0.0 for line in figures.rows]
    longest = max(numbers, default=0.0)
    if chart is None or longest <= 0 or math.isnan(numbers[row]):
        return
    room = _BAR_SHARE * box.width * numbers[row] / longest
    place = Box(box.x + 0.4, box.y + 0.22 * box.height, room, 0.56 * box.height)
    page.fill(place, chart.ink(0, row))


def wide(text: str) -> float:
    """Return about how wide a text is, in heights of its letters; no font is asked."""
    return sum(1.0 if ord(sign) >= _FULL_WIDTH else 0.56 for sign in text)


def _paint_cells(
    page: Page,
    edges: list[float],
    band: tuple[float, float],
    line: tuple[Sequence[Cell], Sequence[int]],
    letters: tuple[float, bool],
) -> None:
    (cells, places), (size, bold) = line, letters
    for i, cell in enumerate(cells):
        place = Box(edges[i] + 0.5 * size, band[0], edges[i + 1] - edges[i] - size, band[1])
        words = cell_text(cell, places[i] if i < len(places) else None)
        page.text(place, words, size, align="right" if i else "left", bold=bold)


def cell_text(cell: Cell, places: int | None = None) -> str:
    """Write a cell: thousands apart, so many digits after the point or two at most."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "—"
    if isinstance(cell, str):
        return cell
    if places is not None:
        return f"{cell:,.{places}f}"
    return f"{cell:,.0f}" if float(cell).is_integer() else f"{cell:,.2f}"
