"""What spreadsheets do to values, in their own files and in the text that they save.

Long numbers lose digits, dates become days since 1900, keyboards set to Chinese write digits twice
as wide (DOMAIN 5.6).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.report import Problem
from hjgis.exchange.workbooks.workbook_grids import EXACT
from hjgis.i18n import _

# A number that a spreadsheet has written shorter than it was: 1.50802E+16.
_SHORTENED: Final = re.compile(r"\d(\.\d+)?[Ee]\+?1[4-9]")
_WIDE: Final = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_DATES: Final = ("日期", "时间", "時間", "年月", "date")
# Day 1 is 1900-01-01, and there was a 29th of February 1900: so Lotus and so Excel have it.
_DAY_0: Final = dt.datetime(1899, 12, 30)
# From 1954 to 2064: no other number of a town stands under such a heading.
_DAYS: Final = (20_000, 60_000)
Columns = dict[str, NDArray[Any]]


def looked_at(columns: Mapping[str, NDArray[Any]]) -> tuple[Columns, tuple[Problem, ...]]:
    """Return columns with their dates as dates, and what is odd in them.

    Nothing else is changed: digits that were lost are not to be had back.

    Parameters
    ----------
    columns : mapping of str to array, each of shape (n,)

    Returns
    -------
    columns : dict of str to array, each of shape (n,)
    problems : tuple of Problem
        Rows counted from 1.
    """
    result: Columns = {}
    found: list[Problem] = []
    for title, values in columns.items():
        dates = _dates(title, values)
        if dates is None:
            result[title] = values
            found += [*_lost_digits(title, values), *_wide(title, values)]
        else:
            result[title] = dates
            found.append(_told_dates(title, values, dates))
    return result, tuple(found)


def _dates(title: str, values: NDArray[Any]) -> NDArray[Any] | None:
    """Return a column of days since 1900 as dates; None if it is none."""
    if not any(word in title.casefold() for word in _DATES):
        return None
    numbers = [_plain(value) for value in values.tolist()]
    known = [number for number in numbers if number is not None]
    if not known or not all(map(is_day, known)):
        return None
    result = np.empty(len(values), dtype=object)
    result[:] = [None if number is None else date_of(number) for number in numbers]
    return result


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


def is_day(value: object) -> bool:
    """Whether a number under a heading of dates is a day since 1900."""
    return isinstance(value, int | float) and _DAYS[0] <= value <= _DAYS[1]


def date_of(days: float) -> str:
    """Return days since 1900 as a date, with the time of day if there is one."""
    moment = _DAY_0 + dt.timedelta(seconds=round(days * 86_400))
    whole = moment.time() == dt.time()
    return moment.date().isoformat() if whole else moment.isoformat(" ")


def _told_dates(title: str, values: NDArray[Any], dates: NDArray[Any]) -> Problem:
    rows = [row for row, date in enumerate(dates.tolist(), 1) if date is not None]
    words = _("days since 1900 were read as dates, e.g. {number} as {date}")
    first = rows[0] - 1
    said = words.format(number=f"{values[first]:g}", date=dates[first])
    return Problem.of_rows(rows, title, "date-as-number", said)


def _lost_digits(title: str, values: NDArray[Any]) -> Iterator[Problem]:
    """Yield long numbers of which a spreadsheet has kept the first 15 digits."""
    if values.dtype != object and not bool(np.any(np.abs(values) >= EXACT)):
        return
    for row, value in enumerate(values.tolist(), 1):
        long = isinstance(value, int | float) and abs(value) >= EXACT
        if long or (isinstance(value, str) and _SHORTENED.fullmatch(value)):
            words = _(
                "{value} was kept as a number, so only its first 15 digits can be right; have the"
                " column delivered as text"
            )
            yield Problem(row, title, "digits-lost", words.format(value=value))


def _wide(title: str, values: NDArray[Any]) -> Iterator[Problem]:
    """Yield that letters or digits are twice as wide: to a computer they are other ones."""
    if values.dtype != object:
        return
    texts = enumerate(values.tolist(), 1)
    found = [(row, text) for row, text in texts if isinstance(text, str) and _WIDE.search(text)]
    if found:
        words = _("full-width letters or digits, e.g. {text}; taken as they are")
        said = words.format(text=found[0][1])
        yield Problem.of_rows([row for row, _text in found], title, "full-width", said)
