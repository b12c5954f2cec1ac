"""How a pipe survey is laid out: which of its tables list points, which lines, which both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.exchange import tables
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.sources import read_layer, summaries
from hjgis.exchange.table_layers import end_columns, number_column
from hjgis.i18n import _
from hjgis.models.catalogue_files import read_toml
from hjgis.progress import SILENT, Progress


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """One table of a survey; a table of both has a number and the ends of its lines.

    Attributes
    ----------
    ends : tuple of str or None
        Columns that name the nodes of a line.
    number : str or None
        Column that numbers the points; None in a table of lines.
    place : tuple of str or None
        Columns of east and north.
    """

    name: str
    ends: tuple[str, str] | None
    number: str | None
    place: tuple[str, str] | None

    @property
    def scope(self) -> str:
        """What the tables of one pair have in common in their names."""
        return tables.pair_name(self.name)


@dataclass(frozen=True, slots=True)
class Layout:
    """What ``survey.toml`` says; headings are folded."""

    label: Mapping[str, str]
    north: frozenset[str]
    east: frozenset[str]
    to_manhole: tuple[str, ...]


@cache
def layout() -> Layout:
    """Return how tables of surveys are laid out."""
    raw: Any = read_toml(paths.resources() / "survey.toml")
    north, east = (frozenset(map(_folded, raw[key])) for key in ("north", "east"))
    return Layout(raw["label"], north, east, tuple(raw["to_manhole"]))


def survey_tables(
    source: Path,
    encoding: str | None = None,
    *,
    x: str | None = None,
    y: str | None = None,
    progress: Progress = SILENT,
) -> list[SurveyTable]:
    """Return the tables of points and of lines that a source holds; others are passed over.

    Parameters
    ----------
    x, y : str, optional
        Columns of east and north where their headings do not say it.

    Raises
    ------
    InputError
        If the source cannot be read.
    Cancelled
        If `progress` says so.
    """
    result = []
    for entry in summaries(source, given_encoding=encoding, spatial=False, progress=progress):
        ends, number = end_columns(entry.columns), number_column(entry.columns)
        told = x in entry.columns and y in entry.columns
        place = (str(x), str(y)) if told else _place_columns(entry.columns)
        if ends is None:
            if number is not None:
                result.append(SurveyTable(entry.name, None, number, place))
        else:
            # A line names its points; only with places beside them it is a point as well.
            both = number is not None and place is not None
            result.append(SurveyTable(entry.name, ends, number if both else None, place))
    if any(table.number and table.place for table in result):
        # Whatever else has numbers is a list about the points, not their places.
        result = [table for table in result if table.ends or table.place]
    return result


def is_whole(tables: Sequence[SurveyTable]) -> bool:
    """Whether there are points and lines that name them."""
    return any(t.number for t in tables) and any(t.ends for t in tables)


def read_table(
    source: Path, table: SurveyTable, encoding: str | None, progress: Progress
) -> ForeignLayer:
    """Read a table; only one of points has places, and its rows that say nothing are filled.

    Raises
    ------
    InputQuestion
        If it lists points and nothing says which columns hold their coordinates.
    """
    spatial = table.number is not None
    east, north = table.place if spatial and table.place else (None, None)
    layer = read_layer(
        source,
        layer=table.name,
        given_encoding=encoding,
        x=east,
        y=north,
        spatial=spatial,
        progress=progress,
    )
    return _filled_down(layer, table) if table.ends and table.number else layer


def first_rows(table: SurveyTable, layer: ForeignLayer) -> NDArray[np.intp]:
    """Return the rows of points, each in its first row only where lines stand beside them."""
    numbers = layer.columns[str(table.number)].tolist()
    if table.ends is None:
        return np.arange(len(numbers))
    first: dict[str, int] = {}
    for row, number in enumerate(numbers):
        first.setdefault(str(number).strip(), row)
    return np.array(sorted(first.values()), dtype=np.intp)


def line_rows(table: SurveyTable, layer: ForeignLayer) -> NDArray[np.intp]:
    """Return the rows of lines; where points stand beside them each line once, whoever names it."""
    assert table.ends is not None
    if table.number is None:
        return np.arange(len(layer))
    seen: set[frozenset[str]] = set()
    rows = []
    pairs = zip(*(layer.columns[end].tolist() for end in table.ends), strict=True)
    for row, pair in enumerate(pairs):
        key = frozenset(str(number).strip() for number in pair)
        if not any(map(is_null, pair)) and key not in seen:
            seen.add(key)
            rows.append(row)
    return np.array(rows, dtype=np.intp)


def _place_columns(columns: Iterable[str]) -> tuple[str, str] | None:
    """Return the columns of east and north by their headings."""
    facts, folded = layout(), {_folded(name): name for name in columns}
    east = next((folded[key] for key in folded if key in facts.east), None)
    north = next((folded[key] for key in folded if key in facts.north), None)
    return None if east is None or north is None else (east, north)


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold().split("(")[0]
    return "".join(sign for sign in plain if sign.isalnum())


def _filled_down(layer: ForeignLayer, table: SurveyTable) -> ForeignLayer:
    """Return a table of points and lines in one, blank repeated cells filled from above.

    A point with k pipes has k rows there, of which only the first says all (DOMAIN 2.5).
    """
    assert table.number is not None
    numbers = layer.columns[table.number].tolist()
    above = list(range(len(numbers)))
    for row in range(1, len(numbers)):
        if is_null(numbers[row]) or numbers[row] == numbers[row - 1]:
            above[row] = above[row - 1]
    if above == list(range(len(numbers))):
        return layer
    first = np.array(above)
    columns = dict(layer.columns)
    columns[table.number] = columns[table.number][first]
    geometry = layer.geometry.copy()
    blank = np.array([shape is None for shape in geometry], dtype=bool)
    geometry[blank] = geometry[first][blank]
    words = _("{count} rows without a number of their own belong to the point above.")
    said = words.format(count=sum(is_null(number) for number in numbers))
    return replace(layer, columns=columns, geometry=geometry, warnings=(*layer.warnings, said))
