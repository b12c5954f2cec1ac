"""A block of cells from a spreadsheet, and what becomes of a table's rows with it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.i18n import _
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.cell_text import from_cell
from hjgis.models.validation import BadValue, coerce, problem

Block = tuple[tuple[str, ...], ...]
# Of a row's cells so many must be names of fields, or it is a row of data.
_HEADING_SHARE: Final = 0.6
_UNIT: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]\s*$")


@dataclass(frozen=True, slots=True)
class PastedCell:
    """One cell: what was copied, what it means, and what is wrong with it.

    Attributes
    ----------
    row : int
        Row of the block, the heading left out.
    refused : str
        Why it cannot be stored; nothing if it can.
    doubt : str
        What is wrong with it although it can be stored, such as a number out of range.
    """

    row: int
    field: str
    text: str
    value: Value = None
    refused: str = ""
    doubt: str = ""


def read_block(text: str) -> Block:
    """Read what a spreadsheet puts on the clipboard: tabs between cells, one row a line.

    A cell in quotation marks may hold tabs, line breaks and doubled quotation marks; a quotation
    mark that is not closed before the end of a cell (12") is a letter like others. Rows are filled
    up to the same length; empty rows at the end are left out. An apostrophe that marks a text
    which is no formula is left out, too.
    """
    rows: list[list[str]] = [[]]
    place = 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    while place <= len(text):
        cell, place = _cell(text, place)
        rows[-1].append(from_cell(cell))
        if place >= len(text):
            break
        if text[place] == "\n":
            rows.append([])
        place += 1
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    return tuple(tuple(row + [""] * (width - len(row))) for row in rows)


def _cell(text: str, start: int) -> tuple[str, int]:
    if text[start : start + 1] == '"':
        content, place = "", start + 1
        while True:
            end = text.find('"', place)
            if end < 0:
                break
            content += text[place:end]
            if text[end + 1 : end + 2] == '"':
                content, place = content + '"', end + 2
                continue
            if text[end + 1 : end + 2] in ("", "\t", "\n"):
                return content, end + 1
            break
    ends = [at for at in (text.find("\t", start), text.find("\n", start)) if at >= 0]
    end = min(ends, default=len(text))
    return text[start:end], end


def heading_fields(row: Sequence[str], asset: AssetType) -> tuple[str | None, ...] | None:
    """Return the field that each cell of a heading names; None if the row is no heading.

    Labels in both languages, names, short names and the names that other people's tables use are
    known, with or without a unit.
    """
    words = _words(asset)
    found = [words.get(_plain(cell)) or words.get(_plain(_UNIT.sub("", cell))) for cell in row]
    written = sum(bool(cell.strip()) for cell in row)
    named = sum(name is not None for name in found)
    if not named or named < _HEADING_SHARE * written:
        return None
    # A field that is named twice is filled from the first column.
    return tuple(name if name not in found[:at] else None for at, name in enumerate(found))


def _words(asset: AssetType) -> dict[str, str]:
    words: dict[str, str] = {}
    for choose in (_own_words, _short_words):
        for field in asset.fields:
            for word in choose(field):
                words.setdefault(_plain(word), field.name)
    return words


def _plain(word: str) -> str:
    return word.strip().casefold()


def _own_words(field: Field) -> list[str]:
    return [field.name, *field.label.values()]


def _short_words(field: Field) -> list[str]:
    return [field.short, *field.sources]


def cells_of(
    block: Block, fields: Sequence[str | None], asset: AssetType, catalogue: Catalogue
) -> list[PastedCell]:
    """Return every cell of a block that goes into a field, read through the one door of values.

    Parameters
    ----------
    fields : sequence of str or None
        What each column of the block fills; None: nothing.
    """
    result = []
    chosen = [(at, asset.field(name)) for at, name in enumerate(fields) if name is not None]
    for number, row in enumerate(block):
        for at, field in chosen:
            if at < len(row):
                result.append(_read(number, field, row[at], catalogue))
    return result


def _read(row: int, field: Field, text: str, catalogue: Catalogue) -> PastedCell:
    try:
        value = coerce(field, text, catalogue)
    except BadValue as error:
        return PastedCell(row, field.name, text, refused=str(error))
    return PastedCell(row, field.name, text, value, doubt=problem(field, value, catalogue) or "")


def match_rows(
    keys: Sequence[Value], known: Mapping[Value, Sequence[int]]
) -> tuple[list[int | None], dict[int, str]]:
    """Return which stored row each row of a block means, by the value of a key column.

    Parameters
    ----------
    keys : sequence
        The key of each row of the block.
    known : mapping of value to row numbers
        Who has a key now.

    Returns
    -------
    list of int or None
        Row number for each row of the block; None where that cannot be said.
    dict of int to str
        Why, in words.
    """
    found: list[int | None] = []
    reasons: dict[int, str] = {}
    seen: set[Value] = set()
    for row, key in enumerate(keys):
        holders = known.get(key, ()) if key is not None else ()
        if key is None:
            reasons[row] = _("the key is empty")
        elif key in seen:
            reasons[row] = _("{key} stands twice in what was copied").format(key=key)
        elif not holders:
            reasons[row] = _("nothing here has the key {key}").format(key=key)
        elif len(holders) > 1:
            message = _("{count} rows here have the key {key}")
            reasons[row] = message.format(count=len(holders), key=key)
        seen.add(key)
        found.append(None if row in reasons else holders[0])
    return found, reasons
