"""The pages of asset files: blocks that flow down A4 paper, each painted when its page is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from hjgis.cartography.dossier import RECORD_SHARES, Cell, Dossier, Group, Picture
from hjgis.cartography.furniture import paint_watermark
from hjgis.cartography.page import INK, Page
from hjgis.cartography.well import paint_well
from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.models.sheets import Box

PAPER_MM: Final = (210.0, 297.0)
_AREA: Final = Box(18, 14, 178, 264)
_GREY: Final = "#8a949e"
_PALE: Final = "#eef1f4"
_RULE: Final = "#c5ccd3"
_TEXT_MM: Final = 2.7
_LINE_MM: Final = 3.9
_PAD_MM: Final = 0.9
_NAME_MM: Final = 32.0
_MAP_MM: Final = 84.0
_WELL_MM: Final = 74.0
_PICTURE_MM: Final = 62.0
_CONTENTS_ROWS: Final = 48

# Paints a block at the box that it is given on its page.
Paint = Callable[[Page, Box], None]


@dataclass(slots=True)
class Sheet:
    """One page: blocks with the boxes where they stand."""

    blocks: list[tuple[Box, Paint]] = field(default_factory=list)


class Flow:
    """Puts blocks one below the other, on as many pages as they need."""

    def __init__(self) -> None:
        self.sheets = [Sheet()]
        self._y = _AREA.y

    def add(self, height: float, paint: Paint, *, keep: float = 0.0) -> None:
        """Add a block; on a new page where it, and `keep` mm after it, would not fit."""
        if self._y + height + keep > _AREA.bottom and self._y > _AREA.y:
            self.sheets.append(Sheet())
            self._y = _AREA.y
        box = Box(_AREA.x, self._y, _AREA.width, height)
        self.sheets[-1].blocks.append((box, paint))
        self._y += height

    def space(self, height: float) -> None:
        """Leave room free."""
        self._y += height


def lay_out(page: Page, content: Dossier, paint_map: Paint | None) -> list[Sheet]:
    """Return the pages of one asset's file.

    Parameters
    ----------
    page : Page
        Of the device that is painted on: it measures texts.
    paint_map : callable or None
        Paints the location sketch; None for an asset without a place.
    """
    flow = Flow()
    flow.add(14, partial(_paint_title, content))
    _add_cells(flow, page, content.head)
    flow.space(2)
    if paint_map is not None:
        flow.add(_MAP_MM, partial(_paint_place, content, paint_map))
        flow.space(2)
    for group in content.groups:
        _add_group(flow, page, group)
    _add_pictures(flow, content.pictures)
    _add_records(flow, page, content)
    changes = content.history or (_("No change is recorded."),)
    _add_lines(flow, page, _("History of changes"), changes)
    return flow.sheets


def paint_sheet_of(
    page: Page, sheet: Sheet, content: Dossier, number: tuple[int, int, int]
) -> None:
    """Paint one page with its foot: number in the file, pages of the file, number in the print."""
    own, count, overall = number
    for box, paint in sheet.blocks:
        paint(page, box)
    if content.sample:
        paint_watermark(page, Box(0, 0, *PAPER_MM))
    foot = Box(_AREA.x, PAPER_MM[1] - 14, _AREA.width, 5)
    page.line((foot.x, foot.y), (foot.right, foot.y), mm=0.15, ink=_RULE)
    printed = _("Printed {date}").format(date=content.printed)
    note = _("{printed}, invented data") if content.sample else "{printed}"
    page.text(foot, note.format(printed=printed), 2.4, ink=_GREY)
    middle = _("{name}: page {own} of {count}").format(name=content.name, own=own, count=count)
    page.text(foot, middle, 2.4, align="center", ink=_GREY)
    page.text(foot, str(overall), 2.4, align="right", ink=_GREY)


# -- table of contents ---------------------------------------------------------------------


def contents_pages(entries: int) -> int:
    """Return how many pages a table of contents of so many entries has."""
    return -(-entries // _CONTENTS_ROWS)


def paint_contents(
    page: Page, entries: Sequence[tuple[str, int]], part: int, *, title: str, sample: bool
) -> None:
    """Paint one page of the table of contents: what, and on which page of the print."""
    page.text(Box(_AREA.x, _AREA.y, _AREA.width, 9), title, 5, bold=True)
    rows = entries[part * _CONTENTS_ROWS : (part + 1) * _CONTENTS_ROWS]
    for index, (words, number) in enumerate(rows):
        y = _AREA.y + 13 + index * 5.1
        at = part * _CONTENTS_ROWS + index + 1
        page.text(Box(_AREA.x, y, 10, 4), str(at), _TEXT_MM, ink=_GREY)
        page.text(Box(_AREA.x + 11, y, _AREA.width - 26, 4), words, _TEXT_MM)
        page.text(Box(_AREA.right - 14, y, 14, 4), str(number), _TEXT_MM, align="right")
        page.line((_AREA.x, y + 4.5), (_AREA.right, y + 4.5), mm=0.1, ink=_RULE)
    if sample:
        paint_watermark(page, Box(0, 0, *PAPER_MM))


# -- blocks --------------------------------------------------------------------------------


def _paint_title(content: Dossier, page: Page, box: Box) -> None:
    page.text(Box(box.x, box.y, box.width, 7), content.title, 5, bold=True)
    page.text(Box(box.x, box.y + 7.2, box.width, 5), content.name, 3.6)
    page.line((box.x, box.bottom - 0.8), (box.right, box.bottom - 0.8), mm=0.5)


def _paint_place(content: Dossier, paint_map: Paint, page: Page, box: Box) -> None:
    wide = box.width if content.well is None else box.width - _WELL_MM - 3
    paint_map(page, Box(box.x, box.y, wide, box.height))
    if content.well is not None:
        room = Box(box.right - _WELL_MM, box.y, _WELL_MM, box.height)
        page.frame(room, 0.2, _RULE)
        paint_well(page, room.grown(-1), content.well)


def _add_heading(flow: Flow, words: str, *, keep: float = 10.0) -> None:
    flow.space(1.6)
    flow.add(5.4, partial(_paint_heading, words), keep=keep)


def _paint_heading(words: str, page: Page, box: Box) -> None:
    page.fill(Box(box.x, box.y, box.width, 4.8), _PALE)
    page.text(Box(box.x + 1.5, box.y, box.width - 3, 4.8), words, 3.0, bold=True)


def _add_group(flow: Flow, page: Page, group: Group) -> None:
    _add_heading(flow, group.title)
    _add_cells(flow, page, group.cells)


def _add_cells(flow: Flow, page: Page, cells: Sequence[Cell]) -> None:
    """Add names and values in two columns; a long value wraps, a very long one has the width."""
    half = _AREA.width / 2
    waiting: list[tuple[Cell, list[str]]] = []
    for cell in cells:
        lines = wrapped(page, _shown(cell), half - _NAME_MM - 3, _TEXT_MM)
        if len(lines) > 3:
            _flush(flow, waiting)
            lines = wrapped(page, _shown(cell), _AREA.width - _NAME_MM - 3, _TEXT_MM)
            _add_long(flow, cell, lines)
            continue
        waiting.append((cell, lines))
        if len(waiting) == 2:
            _flush(flow, waiting)
    _flush(flow, waiting)


def _flush(flow: Flow, waiting: list[tuple[Cell, list[str]]]) -> None:
    if waiting:
        count = max(len(lines) for _cell, lines in waiting)
        flow.add(count * _LINE_MM + _PAD_MM, partial(_paint_row, tuple(waiting)))
        waiting.clear()


def _add_long(flow: Flow, cell: Cell, lines: Sequence[str]) -> None:
    """Add a long value in pieces that each fit on a page."""
    for start in range(0, len(lines), 8):
        some = list(lines[start : start + 8])
        name = cell if start == 0 else Cell("", "")
        flow.add(len(some) * _LINE_MM + _PAD_MM, partial(_paint_row, ((name, some),)))


def _paint_row(row: Sequence[tuple[Cell, list[str]]], page: Page, box: Box) -> None:
    for column, (cell, lines) in enumerate(row):
        x = box.x + column * box.width / 2
        page.text(Box(x, box.y, _NAME_MM, _LINE_MM), cell.name, _TEXT_MM, ink="#4a545e")
        for index, line in enumerate(lines):
            room = Box(x + _NAME_MM + 1, box.y + index * _LINE_MM, box.right - x, _LINE_MM)
            page.text(room, line, _TEXT_MM, ink=INK if cell.known else _GREY)
    page.line((box.x, box.bottom - 0.4), (box.right, box.bottom - 0.4), mm=0.08, ink=_RULE)


def _shown(cell: Cell) -> str:
    return cell.value if cell.known else _("(not filled in)")


def _add_pictures(flow: Flow, pictures: Sequence[Picture]) -> None:
    if not pictures:
        return
    _add_heading(flow, _("Photographs"), keep=_PICTURE_MM)
    for start in range(0, len(pictures), 2):
        flow.add(_PICTURE_MM, partial(_paint_pictures, tuple(pictures[start : start + 2])))


def _paint_pictures(pair: Sequence[Picture], page: Page, box: Box) -> None:
    width = box.width / 2 - 2
    for column, picture in enumerate(pair):
        room = Box(box.x + column * (width + 4), box.y, width, box.height - 7)
        image = _image(picture)
        if image.isNull():
            page.frame(room, 0.2, _RULE)
            page.text(room, _("This picture cannot be read."), _TEXT_MM, align="center", ink=_GREY)
        else:
            _draw_image(page, room, image)
        below = Box(room.x, room.bottom + 0.5, width, 4.5)
        page.text(below, picture.caption, _TEXT_MM, align="center")


def _image(picture: Picture) -> QImage:
    """Return a picture the right way up; a null one if it cannot be read."""
    try:
        content = QByteArray(picture.read())
    except HjgisError:
        return QImage()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    return reader.read()


def _draw_image(page: Page, room: Box, image: QImage) -> None:
    # More dots than paper shows would only make the file large: 8 a millimetre.
    most = round(room.width * 8), round(room.height * 8)
    if image.width() > most[0] or image.height() > most[1]:
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(*most, keep, smooth)
    area = page.rect(room)
    size = image.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    corner = area.center() - QPointF(size.width() / 2, size.height() / 2)
    page.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    page.painter.drawImage(QRectF(corner.x(), corner.y(), size.width(), size.height()), image)


def _add_records(flow: Flow, page: Page, content: Dossier) -> None:
    _add_heading(flow, _("Inspections and repairs"))
    if not content.records:
        none = _("No record.")
        flow.add(_LINE_MM + _PAD_MM, partial(_paint_line, none))
        return
    widths = [share * _AREA.width for share in RECORD_SHARES]
    for index, row in enumerate((content.record_heads, *content.records)):
        cells = [
            wrapped(page, text, width - 1.5, _TEXT_MM)
            for text, width in zip(row, widths, strict=True)
        ]
        height = max(map(len, cells)) * _LINE_MM + _PAD_MM
        flow.add(height, partial(_paint_record, cells, widths, index == 0), keep=0.0)


def _paint_record(
    cells: Sequence[Sequence[str]], widths: Sequence[float], head: bool, page: Page, box: Box
) -> None:
    x = box.x
    for lines, width in zip(cells, widths, strict=True):
        for index, line in enumerate(lines):
            room = Box(x, box.y + index * _LINE_MM, width - 1, _LINE_MM)
            page.text(room, line, _TEXT_MM, ink="#4a545e" if head else INK)
        x += width
    page.line((box.x, box.bottom - 0.4), (box.right, box.bottom - 0.4), mm=0.08, ink=_RULE)


def _add_lines(flow: Flow, page: Page, title: str, lines: Sequence[str]) -> None:
    _add_heading(flow, title)
    for line in lines:
        for part in wrapped(page, line, _AREA.width - 2, _TEXT_MM):
            flow.add(_LINE_MM, partial(_paint_line, part))


def _paint_line(text: str, page: Page, box: Box) -> None:
    page.text(Box(box.x, box.y, box.width, _LINE_MM), text, _TEXT_MM)


def wrapped(page: Page, text: str, width_mm: float, size_mm: float) -> list[str]:
    """Return a text in lines that fit a width; broken at spaces, or between Chinese letters."""
    lines = []
    for paragraph in text.splitlines() or [""]:
        rest = paragraph
        while rest and page.text_width(rest, size_mm) > width_mm:
            cut = _fitting(page, rest, width_mm, size_mm)
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        lines.append(rest)
    return lines


def _fitting(page: Page, text: str, width_mm: float, size_mm: float) -> int:
    """Return how many letters of a text fit, at least one, no short word torn apart."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if page.text_width(text[:middle], size_mm) <= width_mm:
            low = middle
        else:
            high = middle - 1
    back = low
    while back > 0 and back < len(text) and text[back - 1].isascii() and text[back].isascii():
        if text[back - 1].isspace() or text[back].isspace():
            break
        back -= 1
    return back if back > low // 2 else low
