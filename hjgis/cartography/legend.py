"""The legend: what is in the frame, laid out in as many columns as it needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.cartography.page import Page, spaced
from hjgis.i18n import _, grouped, label
from hjgis.models.sheets import Box
from hjgis.models.styles.style import MarkerSymbol, Style, Symbol
from hjgis.render.culling import present_classes, present_counts
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.samples import paint_sample

_TITLE_MM: Final = 4.2
_TITLE_ROOM_MM: Final = 8.0
_ROW_MM: Final = 5.4
_HEAD_MM: Final = 5.6
_GAP_MM: Final = 1.2
_SYMBOL_MM: Final = 10.0
TEXT_MM: Final = 2.6
# Narrower columns would cut most words.
_COLUMN_MM: Final = 31.0
_LARGEST: Final = 1.15
_SHRINK: Final = 0.95
# Smaller letters are not read on paper.
LEAST_LETTERS_MM: Final = 1.6
LEAST_SIZE: Final = LEAST_LETTERS_MM / TEXT_MM
_GUTTER_MM: Final = 2.5
# A word that would make all letters smaller than this is written smaller by itself.
_EVEN: Final = 0.75
# Between a sign and its words.
_WORDS_MM: Final = 1.8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the legend: a heading if it has no symbol.

    Attributes
    ----------
    true_size : bool
        Whether the sign is as large as on the map, and the line as high as that needs.
    """

    text: str
    symbol: Symbol | None
    factor: float = 1.0
    new_group: bool = False
    true_size: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows in columns, by how much they are larger than usual, how many have no room."""

    columns: tuple[tuple[Row, ...], ...]
    size: float
    left_out: int = 0


def legend_rows(
    layers: Sequence[LayerPaint], frame: MapFrame, *, counts: bool = False
) -> list[Row]:
    """Return the rows for what lies in the frame and shows at its scale.

    Parameters
    ----------
    layers : sequence of LayerPaint
        In any order; the legend follows ``Style.legend``.
    counts : bool
        Whether each line says how many features of it the frame meets.
    """
    rows: list[Row] = []
    denominator = frame.scale_denominator
    for layer in sorted(layers, key=lambda layer: layer.style.legend):
        if layer.style.visible_at(denominator):
            rows.extend(_layer_rows(layer, frame, counts=counts))
    return rows


def _layer_rows(layer: LayerPaint, frame: MapFrame, *, counts: bool) -> list[Row]:
    present = present_classes(layer, frame.extent)
    factor = layer.style.size_factor(frame.scale_denominator)
    if not present:
        return []
    style = layer.style
    number = present_counts(layer, frame.extent) if counts else {}
    head = Row(label(layer.label), None, new_group=True)
    if not style.classes and label(style.default.label) in ("", head.text):
        words = _with_count(head.text, number.get(0))
        return [Row(words, style.default.symbol, factor, new_group=True)]
    if style.keyed:
        return [head, *_sized_rows(style, present, factor)]
    # What has no class comes last, whatever it is called.
    return [
        head,
        *(
            Row(_with_count(label(entry.label), number.get(index)), entry.symbol, factor)
            for index in present
            for entry in style.legend_entries([index])
        ),
    ]


def _sized_rows(style: Style, present: Sequence[int], factor: float) -> list[Row]:
    """Return some sizes for all that are there, and classes of one name as one line."""
    rows = []
    if any(index < style.keyed for index in present):
        rows = [
            Row(label(entry.label), entry.symbol, factor, true_size=True) for entry in style.key
        ]
    told = {label(style.all_classes[i].label): i for i in reversed(present) if i >= style.keyed}
    others = (style.all_classes[index] for index in reversed(told.values()))
    return [*rows, *(Row(label(entry.label), entry.symbol, factor) for entry in others)]


def _with_count(words: str, count: int | None) -> str:
    return words if count is None else f"{words} ({grouped(count)})"


def legend_height(rows: Sequence[Row], k: float, *, columns: int = 1) -> float:
    """Return how high a legend in so many columns is at its usual size, mm."""
    whole = sum(map(_need, rows))
    if columns > 1:
        even = _balanced(rows, [[]] * columns, whole + 1.0)
        whole = max((sum(map(_need, column)) for column in even), default=0.0)
    return k * (_TITLE_ROOM_MM + whole + 1.0)


def legend_columns(rows: Sequence[Row], height_mm: float, k: float) -> int:
    """Return into how many columns of a height a legend's rows go at their usual size."""
    return len(_flow(rows, height_mm / k - _TITLE_ROOM_MM - 1.0))


def most_columns(width_mm: float, k: float) -> int:
    """Return how many columns have room side by side."""
    return max(1, math.floor(width_mm / (_COLUMN_MM * k)))


def laid_out(rows: Sequence[Row], box: Box, *, k: float = 1.0) -> Layout:
    """Return the rows as they stand in a legend's box, `k` times as large as on A3 if they fit.

    More columns come first, then smaller letters down to `LEAST_LETTERS_MM`; then rows are left
    out.
    """
    size, least = k * _LARGEST, min(LEAST_SIZE, k)
    while True:
        height = box.height - _TITLE_ROOM_MM * k
        most = most_columns(box.width, size)
        columns = _flow(rows, height / size)
        # Larger letters are for one column only.
        if len(columns) <= (most if size <= k else 1) and _widest(rows) * size <= box.width:
            return Layout(_balanced(rows, columns, height / size), size)
        if size <= least:
            return _cut(columns, most, size)
        size = max(size * _SHRINK, least)


def _cut(columns: list[list[Row]], most: int, size: float) -> Layout:
    kept, rest = columns[:most], columns[most:]
    lost = [row for column in rest for row in column]
    if lost and kept:
        lost.insert(0, kept[-1].pop())
    while kept and kept[-1] and kept[-1][-1].symbol is None:
        lost.insert(0, kept[-1].pop())
    count = sum(row.symbol is not None for row in lost)
    return Layout(tuple(map(tuple, kept)), size, count)


def paint_legend(
    page: Page, box: Box, rows: Sequence[Row], frame: MapFrame, *, k: float = 1.0
) -> None:
    """Paint the legend's title and rows, smaller if they would not fit."""
    title = Box(box.x, box.y, box.width, (_TITLE_ROOM_MM - 1.5) * k)
    page.text(title, spaced(_("Legend")), _TITLE_MM * k, align="center", bold=True)
    top = box.y + _TITLE_ROOM_MM * k
    layout = laid_out(rows, box, k=k)
    size = layout.size
    widths = _widths(page, layout, box.width)
    letters = _letters(page, layout, widths)
    x, y = box.x, top
    for column, width in zip(layout.columns, widths, strict=True):
        y = top
        for row in column:
            y += _GAP_MM * size if row.new_group and y > top else 0.0
            height = _height(row) * size
            place = Box(x, y, width - _GUTTER_MM * size, height)
            _paint_row(page, place, row, frame, (size, letters))
            y += height
        x += width
    if layout.left_out:
        place = Box(box.right - widths[-1], y, widths[-1] - 1, _ROW_MM * size)
        page.text(place, left_out_text(layout.left_out), letters)


def _letters(page: Page, layout: Layout, widths: Sequence[float]) -> float:
    """Return how large all letters of a legend are, mm: as the longest words have room."""
    size = layout.size
    shares = [
        _words_room(row, width - _GUTTER_MM * size, size) / words
        for column, width in zip(layout.columns, widths, strict=True)
        for row in column
        if (words := page.text_width(row.text, TEXT_MM * size)) > 0
    ]
    return TEXT_MM * size * min(max(min(shares, default=1.0), _EVEN), 1.0)


def _words_room(row: Row, width_mm: float, size: float) -> float:
    sign = 0.0 if row.symbol is None else 0.5 + (_sign_room(row) + _WORDS_MM) * size
    return width_mm - sign


def _widths(page: Page, layout: Layout, width: float) -> list[float]:
    """Share a legend's width out to its columns, by what their words need."""
    needs = [
        max(_row_width(page, row, layout.size) for row in column) + _GUTTER_MM * layout.size
        for column in layout.columns
    ]
    if not needs:
        return []
    # Wide columns give way until the others have what they need.
    widths, free = list(needs), width
    order = sorted(range(len(needs)), key=needs.__getitem__)
    for done, at in enumerate(order):
        widths[at] = min(needs[at], free / (len(order) - done))
        free -= widths[at]
    return [each + free / len(needs) for each in widths]


def _row_width(page: Page, row: Row, size: float) -> float:
    return page.text_width(row.text, TEXT_MM * size) - _words_room(row, 0.0, size)


def left_out_text(count: int) -> str:
    """Say how many entries of a legend have no room."""
    return _("{count} more not listed").format(count=count)


def _balanced(
    rows: Sequence[Row], columns: list[list[Row]], most_mm: float
) -> tuple[tuple[Row, ...], ...]:
    """Return as many columns, of heights as alike as their groups allow."""
    height = sum(map(_need, rows)) / max(len(columns), 1)
    while height < most_mm and len(columns) > 1:
        even = _flow(rows, height)
        if len(even) <= len(columns):
            return tuple(map(tuple, even))
        height += _ROW_MM / 2
    return tuple(map(tuple, columns))


def _flow(rows: Sequence[Row], height_mm: float) -> list[list[Row]]:
    columns: list[list[Row]] = [[]]
    used = 0.0
    for i, row in enumerate(rows):
        need = _need(row)
        # A heading stays with its first entry.
        follows = _height(rows[i + 1]) if row.symbol is None and i + 1 < len(rows) else 0.0
        if columns[-1] and used + need + follows > height_mm:
            columns.append([])
            used = 0.0
        columns[-1].append(row)
        used += need
    return columns


def _need(row: Row) -> float:
    return _height(row) + (_GAP_MM if row.new_group else 0.0)


def _height(row: Row) -> float:
    if row.true_size and isinstance(row.symbol, MarkerSymbol):
        return max(_ROW_MM, row.symbol.size_mm * row.factor + 0.8)
    return _HEAD_MM if row.symbol is None else _ROW_MM


def _sign_room(row: Row) -> float:
    if row.true_size and isinstance(row.symbol, MarkerSymbol):
        return max(_SYMBOL_MM, row.symbol.size_mm * row.factor)
    return _SYMBOL_MM


def _widest(rows: Sequence[Row]) -> float:
    return max(map(_sign_room, rows), default=0.0) + 4 * TEXT_MM


def _paint_row(page: Page, box: Box, row: Row, frame: MapFrame, sizes: tuple[float, float]) -> None:
    size, letters = sizes
    if row.symbol is None:
        page.text(box, row.text, letters, bold=True)
        return
    room = Box(box.x + 0.5, box.y, _sign_room(row) * size, box.height)
    paint_sample(
        page.painter,
        page.rect(room),
        row.symbol,
        frame=frame,
        factor=row.factor,
        true_size=row.true_size,
    )
    left = room.right + _WORDS_MM * size
    page.text(Box(left, box.y, box.right - left, box.height), row.text, letters)
