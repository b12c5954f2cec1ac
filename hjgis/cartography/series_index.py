"""The first page of a series: a map of where its sheets lie, and a list of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.cartography.composition import (
    Composer,
    Composition,
    MapJob,
    Place,
    fitting_scale,
    frame_on,
)
from hjgis.cartography.extents import middle_of, union
from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.page import Page
from hjgis.i18n import N_, _
from hjgis.models.changes import Extent
from hjgis.models.sheets import Box, Sheet
from hjgis.models.themes import Theme
from hjgis.progress import SILENT, Progress

# What tells where one is; the rest of the town would hide the sheets.
_BELOW: Final = ("boundary", "road")
_INK: Final = "#0d47a1"
_RULE: Final = "#9aa4ae"
_HEAD_FILL: Final = "#eef1f4"
_ROW_MM: Final = 4.2
_LOWEST_ROW_MM: Final = 2.7
_COLUMN_MM: Final = 92.0
_MARGIN_MM: Final = 20.0
_GAP_MM: Final = 3.0
# Of what a sheet shows, how much its area must be to be drawn instead of the sheet's own frame.
_MOST_OF_IT: Final = 0.25
# Heading and share of the width.
_COLUMNS: Final = ((N_("No."), 0.12), (N_("Sheet"), 0.32), (N_("Name"), 0.41), (N_("Page"), 0.15))
_ITEMS: Final = frozenset(
    ("map", "title", "secrecy", "column", "north", "scale", "facts", "logo", "text")
)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesIndex:
    """The pages before a series.

    Attributes
    ----------
    map_page : Composition
        The map of all sheets; `paint_frames` goes over it.
    lists : tuple of tuple of int
        Which places each further page lists; nothing if the first page has room for all.
    numbered : bool
        Whether pages are told, as in one document.
    """

    map_page: Composition
    sheet: Sheet
    places: tuple[Place, ...]
    lists: tuple[tuple[int, ...], ...]
    numbered: bool

    @property
    def pages(self) -> int:
        """How many pages come before the first sheet."""
        return 1 + len(self.lists)

    def paint_frames(self, page: Page) -> None:
        """Paint the sheets over the map with their numbers, and the list beside it."""
        self._paint_map(page)
        room = list_room(self.map_page)
        if room is None:
            return
        if not self.lists:
            self._paint_rows(page, room, range(len(self.places)))
            return
        words = _("List of sheets: from page 2")
        k = self.sheet.furniture
        page.text(Box(room.x, room.y, room.width, 6 * k), words, 2.6 * k, align="center")

    def paint_list(self, page: Page, number: int) -> None:
        """Paint one of the pages that only list."""
        k = self.sheet.furniture
        width, height = self.sheet.paper_mm
        edge = _MARGIN_MM * k
        page.fill(Box(0, 0, width, height), "#ffffff")
        head = Box(edge, edge * 0.4, width - 2 * edge, edge * 0.5)
        page.text(head, self.map_page.title, 5.0 * k, align="center", bold=True)
        rows = self.lists[number]
        columns = _columns(self.sheet)
        each = math.ceil(_list_rows(self.sheet))
        step = (width - 2 * edge) / columns
        for column in range(columns):
            part = rows[column * each : (column + 1) * each]
            if part:
                room = Box(edge + column * step, edge, step - 4 * k, height - 2 * edge)
                self._paint_rows(page, room, part)
        if self.map_page.sample:
            paint_watermark(page, Box(0, 0, width, height))

    def _paint_map(self, page: Page) -> None:
        frame, area = self.map_page.frame(1.0), self.sheet.map_mm
        k = self.sheet.furniture
        for i, place in enumerate(self.places):
            west, south, east, north = shown_area(self.sheet, place)
            left, top = frame.to_device(_corner(west, north))[0].tolist()
            right, bottom = frame.to_device(_corner(east, south))[0].tolist()
            box = Box(area.x + left, area.y + top, right - left, bottom - top)
            page.frame(box, 0.25 * k, _INK)
            size = min(4.0 * k, max(0.9, 0.45 * min(box.height, box.width)))
            page.text(box, str(i + 1), size, align="center", bold=True, ink=_INK)

    def _paint_rows(self, page: Page, room: Box, rows: Sequence[int]) -> None:
        height = min(_ROW_MM * self.sheet.furniture, room.height / (len(rows) + 1))
        size = height * 0.62
        columns = _COLUMNS if self.numbered else _COLUMNS[:-1]
        whole = sum(share for _words, share in columns)
        lefts = [room.x]
        for _words, share in columns:
            lefts.append(lefts[-1] + room.width * share / whole)
        page.fill(Box(room.x, room.y, room.width, height), _HEAD_FILL)
        lines = [[_(words) for words, _share in columns]]
        lines += [self._words(i) for i in rows]
        for line, words in enumerate(lines):
            y = room.y + line * height
            page.line((room.x, y), (room.right, y), mm=0.1, ink=_RULE)
            for text, left, right in zip(words, lefts, lefts[1:], strict=False):
                cell = Box(left + 0.6, y, right - left - 1.2, height)
                page.text(cell, text, size, bold=line == 0)
        bottom = room.y + len(lines) * height
        page.line((room.x, bottom), (room.right, bottom), mm=0.1, ink=_RULE)

    def _words(self, row: int) -> list[str]:
        place = self.places[row]
        return [str(row + 1), place.number, place.name, str(self.pages + row + 1)]


def series_index(
    job: MapJob,
    places: Sequence[Place],
    paper: Sheet,
    *,
    title: str,
    numbered: bool = True,
    progress: Progress = SILENT,
) -> SeriesIndex:
    """Compose the index of a series on the paper of its sheets.

    Parameters
    ----------
    title : str
        Of the index page.
    numbered : bool
        Whether the list tells pages.
    """
    kept = tuple(item for item in paper.items if item.kind in _ITEMS)
    index_sheet = replace(paper, items=kept)
    extent = union([frame_on(paper, place).extent for place in places])
    assert extent is not None
    own = Place(middle_of(extent), fitting_scale(extent, paper))
    about = Theme("index", {"en": "Index", "zh_CN": "索引图"}, _BELOW, _BELOW)
    index_job = replace(job, sheet=index_sheet, theme=about, title=title, measured="")
    page = Composer(index_job, (own,), progress=progress).page(own)
    room = list_room(page)
    fits = room is not None and (len(places) + 1) * _LOWEST_ROW_MM * paper.furniture <= room.height
    lists = () if fits else _paged(len(places), _columns(paper) * _list_rows(paper))
    return SeriesIndex(page, paper, tuple(places), lists, numbered)


def shown_area(paper: Sheet, place: Place) -> Extent:
    """Return what stands for a sheet on the index: what it is about, if that is most of it."""
    frame = frame_on(paper, place).extent
    if place.outline is None or shapely.is_empty(place.outline):
        return frame
    west, south, east, north = shapely.bounds(place.outline).tolist()
    whole = (frame[2] - frame[0]) * (frame[3] - frame[1])
    most = (east - west) * (north - south) >= _MOST_OF_IT * whole
    return (west, south, east, north) if most else frame


def _corner(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[x, y]])


def list_room(page: Composition) -> Box | None:
    """Return where the list stands on the first page: what the first column has free."""
    column = next((item.box for item in page.items if item.kind == "column"), None)
    if column is None:
        return None
    gap = _GAP_MM * page.sheet.furniture
    inside = [item for item in page.items if item.flow and _lies_in(item.box, column)]
    before = [item.box for item in inside if item.flow == "start"]
    behind = [item.box for item in inside if item.flow == "end"]
    left, right = column.x + gap, column.right - gap
    top, bottom = column.y + gap, column.bottom - gap
    if column.width > column.height:
        left = max((box.right + gap for box in before), default=left)
        right = min((box.x - gap for box in behind), default=right)
    else:
        top = max((box.bottom + gap for box in before), default=top)
        bottom = min((box.y - gap for box in behind), default=bottom)
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _lies_in(box: Box, column: Box) -> bool:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    return column.x <= middle_x <= column.right and column.y <= middle_y <= column.bottom


def _columns(paper: Sheet) -> int:
    k = paper.furniture
    return max(1, int((paper.paper_mm[0] - 2 * _MARGIN_MM * k) // (_COLUMN_MM * k)))


def _list_rows(paper: Sheet) -> int:
    """Return how many rows a column of a page of lists has below its heading."""
    k = paper.furniture
    return max(1, int((paper.paper_mm[1] - 2 * _MARGIN_MM * k) // (_ROW_MM * k)) - 1)


def _paged(count: int, most: int) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(range(i, min(i + most, count))) for i in range(0, count, most))
