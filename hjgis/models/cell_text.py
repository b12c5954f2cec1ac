"""Text of the data in cells of a spreadsheet: never a formula."""

from __future__ import annotations

import re
from typing import Final, TypeVar

T = TypeVar("T")
_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANKS: Final = ("\t", "\r", "\n")
_SUSPECT: Final = frozenset((*_STARTS, "'", " "))
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# What the XML of a workbook cannot hold.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_cell(value: T) -> T | str:
    """Return a value as it may go into a CSV or XLSX that somebody opens in a spreadsheet.

    Text that a spreadsheet would take for a formula gets an apostrophe in front, by which Excel
    and WPS know it as text (OWASP, CSV Injection), and so does text that looks marked already;
    written numbers such as -1.5 stay. Control characters, which no workbook can hold, are left out.
    Other values are returned unchanged.
    """
    if not isinstance(value, str):
        return value
    # Most text is like that, and cells are many.
    if value[:1] not in _SUSPECT and value.isprintable():
        return value
    text = without_controls(value)
    inner = text.lstrip("'")
    # A spreadsheet passes over blanks before a formula.
    bare = inner.lstrip()
    starts = bare != "" and (inner.startswith(_BLANKS) or bare.startswith(_STARTS))
    return f"'{text}" if starts and not _NUMBER.fullmatch(bare) else text


def without_controls(text: str) -> str:
    """Return a text without what the XML of a workbook cannot hold."""
    return _CONTROL.sub("", text)


def from_cell(value: T) -> T | str:
    """Return what `as_cell` was given: without the apostrophe by which a text is marked."""
    if isinstance(value, str) and value.startswith("'") and as_cell(value[1:]) == value:
        return value[1:]
    return value
