"""The legend: what is in the frame, laid out in as many columns as it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.cartography.page import Page
from hjgis.i18n import _, label
from hjgis.models.sheets import Box
from hjgis.models.style import Symbol
from hjgis.render.culling import present_classes
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.samples import paint_sample

_TITLE_MM: Final = 4.2
_TITLE_ROOM_MM: Final = 7.5
_ROW_MM: Final = 5.4
_HEAD_MM: Final = 5.6
_GAP_MM: Final = 1.2
_SYMBOL_MM: Final = 11.0
_TEXT_MM: Final = 2.6
_MOST_COLUMNS: Final = 2
_SHRINK: Final = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the legend: a heading if it has no symbol."""

    text: str
    symbol: Symbol | None
    factor: float = 1.0
    new_group: bool = False


def legend_rows(layers: Sequence[LayerPaint], frame: MapFrame) -> list[Row]:
    """Return the rows for what lies in the frame and shows at its scale.

    Parameters
    ----------
    layers : sequence of LayerPaint
        In any order; the legend follows ``Style.legend``.
    """
    rows: list[Row] = []
    denominator = frame.scale_denominator
    for layer in sorted(layers, key=lambda layer: layer.style.legend):
        if layer.style.visible_at(denominator):
            rows.extend(_layer_rows(layer, frame))
    return rows


def _layer_rows(layer: LayerPaint, frame: MapFrame) -> list[Row]:
    present = present_classes(layer, frame.extent)
    factor = layer.style.size_factor(frame.scale_denominator)
    if not present:
        return []
    if not layer.style.classes:
        return [Row(label(layer.label), layer.style.default.symbol, factor, new_group=True)]
    entries = layer.style.legend_entries(present)
    head = Row(label(layer.label), None, new_group=True)
    return [head, *(Row(label(entry.label), entry.symbol, factor) for entry in entries)]


def paint_legend(page: Page, box: Box, rows: Sequence[Row], frame: MapFrame) -> None:
    """Paint the legend's title and rows, smaller if they would not fit."""
    page.text(
        Box(box.x, box.y, box.width, _TITLE_ROOM_MM - 1.5),
        _("Legend"),
        _TITLE_MM,
        align="center",
        bold=True,
    )
    area = Box(box.x, box.y + _TITLE_ROOM_MM, box.width, box.height - _TITLE_ROOM_MM)
    columns, size = _layout(rows, area.height)
    width = area.width / max(len(columns), 1)
    for i, column in enumerate(columns):
        y = area.y
        for row in column:
            y += _GAP_MM * size if row.new_group and y > area.y else 0.0
            height = _height(row) * size
            _paint_row(page, Box(area.x + i * width, y, width - 1, height), row, frame, size)
            y += height


def _layout(rows: Sequence[Row], height_mm: float) -> tuple[list[list[Row]], float]:
    """Return the rows in columns and by how much they are made smaller."""
    size = 1.0
    while True:
        for count in range(1, _MOST_COLUMNS + 1):
            columns = _flow(rows, height_mm / size)
            if len(columns) <= count:
                return _balanced(rows, columns), size
        size *= _SHRINK


def _balanced(rows: Sequence[Row], columns: list[list[Row]]) -> list[list[Row]]:
    """Return as many columns, of heights as alike as their groups allow."""
    heights = (_height(row) + (_GAP_MM if row.new_group else 0.0) for row in rows)
    height = sum(heights) / len(columns)
    while len(even := _flow(rows, height)) > len(columns):
        height += _ROW_MM / 4
    return even


def _flow(rows: Sequence[Row], height_mm: float) -> list[list[Row]]:
    columns: list[list[Row]] = [[]]
    used = 0.0
    for i, row in enumerate(rows):
        need = _height(row) + (_GAP_MM if row.new_group else 0.0)
        # A heading stays with its first entry.
        follows = _ROW_MM if row.symbol is None and i + 1 < len(rows) else 0.0
        if columns[-1] and used + need + follows > height_mm:
            columns.append([])
            used = 0.0
        columns[-1].append(row)
        used += need
    return columns


def _height(row: Row) -> float:
    return _HEAD_MM if row.symbol is None else _ROW_MM


def _paint_row(page: Page, box: Box, row: Row, frame: MapFrame, size: float) -> None:
    if row.symbol is None:
        page.text(box, row.text, _TEXT_MM * size, bold=True)
        return
    room = Box(box.x + 0.5, box.y, _SYMBOL_MM * size, box.height)
    paint_sample(page.painter, page.rect(room), row.symbol, frame=frame, factor=row.factor)
    left = room.right + 1.8 * size
    page.text(Box(left, box.y, box.right - left, box.height), row.text, _TEXT_MM * size)
