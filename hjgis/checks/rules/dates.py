"""Checks of dates and years: possible, not to come, in their order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, limits_of, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings

_DATES: Final = ("date", "datetime")
# Year-month-day, maybe with an hour; Python itself reads weeks and dates without dashes too.
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?", re.ASCII)
_NO_DAY: Final = np.iinfo(np.int64).min


def _dated(asset: AssetType) -> tuple[str, ...] | None:
    return tuple(field.name for field in asset.fields if field.type in _DATES) or None


def _past(asset: AssetType) -> tuple[str, ...] | None:
    return tuple(name for name in _past_names() if asset.has(name)) or None


def _past_names() -> Sequence[str]:
    limits = limits_of("date.in_future")
    return (*limits["fields"], *limits["year_fields"])


def _ordered(asset: AssetType) -> tuple[str, ...] | None:
    pairs = _pairs(asset)
    return tuple(dict.fromkeys(name for pair in pairs for name in pair)) or None


def _pairs(asset: AssetType) -> list[tuple[str, str]]:
    given = limits_of("date.reversed")["pairs"]
    return [(a, b) for a, b in given if asset.has(a) and asset.has(b)]


def days_of(value: object) -> int | None:
    """Return a date or moment as the days since 1970; None if it is none."""
    written = _DAY.fullmatch(str(value))
    if written is None:
        return None
    try:
        return (dt.date.fromisoformat(written[1]) - dt.date(1970, 1, 1)).days
    except ValueError:
        return None


def today() -> int:
    """Return the day of today as the days since 1970."""
    return (dt.date.today() - dt.date(1970, 1, 1)).days


def _spans(features: Features, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first and last day that a date or a year may mean, days since 1970.

    A year that is meant as a whole: 2020 is not before 2020-03-01. Where nothing usable is
    stored the first is the lowest number there is.
    """
    if features.asset.field(name).type in _DATES:
        column = features.texts(name)
        known = [days_of(value) for value in column.values.tolist()]
        days = np.array([_NO_DAY if day is None else day for day in (*known, None)], np.int64)
        return days[column.codes], days[column.codes]
    year = features.numbers(name)
    usable = (year >= 1) & (year < 9999)
    start = (np.where(usable, year, 1970).astype(np.int64) - 1970).astype("datetime64[Y]")
    first = start.astype("datetime64[D]").astype(np.int64)
    last = (start + 1).astype("datetime64[D]").astype(np.int64) - 1
    return np.where(usable, first, _NO_DAY), np.where(usable, last, _NO_DAY)


def _said(features: Features, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    """Return dates as they are stored, years without decimals."""
    values = features.objects(name, rows)
    values[:] = [str(int(v)) if isinstance(v, float) else str(v) for v in values.tolist()]
    return values


@rule(
    "date.impossible",
    title=N_("Date that is none"),
    explanation=N_(
        "The date does not exist (30 February), is not written year-month-day, or lies before the"
        " earliest year that is plausible; 1900-01-01 and 1899-12-30 are what a spreadsheet makes"
        " of an empty cell. Correct it, or empty the field."
    ),
    message={
        "": N_("{field}: “{value}” is no date"),
        "early": N_("{field}: {value} lies before {year}"),
    },
    reads=Reads(_dated, geometry=False),
    limits=("earliest_year",),
)
def impossible(survey: Survey) -> Iterator[Findings]:
    """Find dates that do not exist, or lie before all that is there."""
    year = min(max(int(survey.limits["earliest_year"]), dt.MINYEAR), dt.MAXYEAR)
    first = (dt.date(year, 1, 1) - dt.date(1970, 1, 1)).days
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _dated(asset) or ():
            column = features.texts(name)
            days = [days_of(value) for value in column.values.tolist()]
            kinds = ["none" if day is None else "early" if day < first else "" for day in days]
            case = np.array([*kinds, ""], dtype="U5")[column.codes]
            rows = np.flatnonzero(case != "")
            yield features.found(
                rows,
                part=("field",),
                case=np.where(case[rows] == "early", "early", ""),
                field=name,
                value=column.objects(rows),
                year=year,
            )


@rule(
    "date.in_future",
    title=N_("Date to come"),
    explanation=N_(
        "The field says when something was made, laid, surveyed or inspected, and names a day or"
        " year that has not been yet. Usually day and month or two digits of the year were"
        " exchanged. Correct it; what is planned belongs into the fields for plans."
    ),
    message=N_("{field} {value} is still to come"),
    reads=Reads(_past, geometry=False),
    limits=("fields", "year_fields"),
)
def in_future(survey: Survey) -> Iterator[Findings]:
    """Find days and years of what has happened that are later than today."""
    now = today()
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _past(asset) or ():
            first, _last = _spans(features, name)
            rows = np.flatnonzero(first > now)
            value = _said(features, name, rows)
            yield features.found(rows, part=("field",), field=name, value=value)


@rule(
    "date.reversed",
    title=N_("Dates in the wrong order"),
    explanation=N_(
        "Something ended before it began: changed before it was first recorded, laid after it was"
        " surveyed, made after it was installed. One of the two is wrong: look at the papers and"
        " correct it. A year counts as a whole, so the same year is never wrong."
    ),
    message=N_("{field} {value} is later than {field_after} {after}"),
    reads=Reads(_ordered, geometry=False),
    limits=("pairs",),
)
def in_wrong_order(survey: Survey) -> Iterator[Findings]:
    """Find pairs of dates or years of which the earlier one is later."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        for before, after in _pairs(asset):
            first, _to = _spans(features, before)
            _from, last = _spans(features, after)
            rows = np.flatnonzero((first > last) & (last != _NO_DAY))
            yield features.found(
                rows,
                part=("field", "field_after"),
                field=before,
                field_after=after,
                value=_said(features, before, rows),
                after=_said(features, after, rows),
            )
