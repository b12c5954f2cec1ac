"""What statistics ask and answer: features counted and measured by one or two things they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.query import Part
from hjgis.models.validation import UNKNOWN, display

MEASURES: Final = ("count", "length", "area", "sum", "mean", "min", "max")
_OF_FIELD: Final = frozenset(("sum", "mean", "min", "max"))
_NUMBERS: Final = ("integer", "number")
_DATES: Final = ("date", "datetime")
_DIMENSION_OF: Final = {"Point": 0, "LineString": 1, "Polygon": 2}
# Metres in a kilometre, square metres in a hectare: lengths and areas are told in those.
KILOMETRE_M: Final = 1_000.0
HECTARE_M2: Final = 10_000.0
_IN, _YEAR = "in:", ":year"
# Chinese towns count pipes in thousandths of a kilometre and land in square metres of a hectare.
_DECIMALS: Final = {"count": 0, "length": 3, "area": 4, "sum": 2, "mean": 2, "min": 2, "max": 2}


class NoSuchStatistics(ValueError):
    """A question that makes no sense; the message is for people."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What features are sorted by: a field, the year of a date, or the area they lie in.

    Attributes
    ----------
    area : str or None
        A layer of areas; a feature counts for the one that holds its middle.
    """

    field: str = ""
    year: bool = False
    area: str | None = None

    @property
    def text(self) -> str:
        """How it is written: ``material``, ``made_date:year``, ``in:grid``."""
        return f"{_IN}{self.area}" if self.area else self.field + (_YEAR if self.year else "")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is told of the features of a cell; `field` for those that add up values."""

    kind: str = "count"
    field: str = ""

    @property
    def text(self) -> str:
        """How it is written: ``count``, ``sum:cables``."""
        return f"{self.kind}:{self.field}" if self.field else self.kind

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return _DECIMALS[self.kind]


@dataclass(frozen=True, slots=True)
class Question:
    """Statistics of a layer's features that meet all conditions, by up to two dimensions."""

    layer: str
    by: tuple[Dimension, ...] = ()
    measure: Measure = Measure()
    conditions: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Some features: how many, and the numbers of those that have one.

    Attributes
    ----------
    known : int
        How many have a number: a length, an area, a value in the field.
    total, low, high : float
        Sum, smallest and greatest of them; metres, square metres or the field's unit.
    """

    count: int = 0
    known: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.count + other.count,
            self.known + other.known,
            self.total + other.total,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def told(self, measure: Measure) -> float | None:
        """Return the number that a measure tells; kilometres, hectares, the field's unit."""
        if measure.kind == "count":
            return self.count
        if not self.known:
            return None
        if measure.kind in ("length", "area"):
            return self.total / (KILOMETRE_M if measure.kind == "length" else HECTARE_M2)
        numbers = {"sum": self.total, "min": self.low, "max": self.high}
        return numbers.get(measure.kind, self.total / self.known)


Cell = tuple[Value, Value]


@dataclass(frozen=True, slots=True)
class CrossTable:
    """The answer.

    Attributes
    ----------
    rows, columns : tuple
        Values of the first and of the second dimension, in the order in which they are shown;
        None: nothing is stored, or in no area. One None where there is no such dimension.
    cells : mapping of (row, column) to Figures
        Cells without features are left out.
    """

    question: Question
    rows: tuple[Value, ...]
    columns: tuple[Value, ...]
    cells: Mapping[Cell, Figures] = field(default_factory=dict)

    def cell(self, row: Value, column: Value) -> Figures:
        """Return the figures of a cell."""
        return self.cells.get((row, column), Figures())

    def row_total(self, row: Value) -> Figures:
        """Return the figures of a row."""
        return sum((self.cell(row, column) for column in self.columns), Figures())

    def column_total(self, column: Value) -> Figures:
        """Return the figures of a column."""
        return sum((self.cell(row, column) for row in self.rows), Figures())

    @property
    def total(self) -> Figures:
        """The figures of all."""
        return sum(self.cells.values(), Figures())


# -- reading -----------------------------------------------------------------------------------


def read_dimension(text: str, asset: AssetType, types: Mapping[str, AssetType]) -> Dimension:
    """Read how a dimension is written.

    Raises
    ------
    NoSuchStatistics
        If there is no such field, layer of areas or date.
    """
    if text.startswith(_IN):
        area = text.removeprefix(_IN)
        if area not in types or not types[area].geometry.endswith("Polygon"):
            raise NoSuchStatistics(_("There is no layer of areas {name}.").format(name=area))
        return Dimension(area=area)
    name = text.removesuffix(_YEAR)
    if not asset.has(name):
        message = _("{layer} has no field {field}.")
        raise NoSuchStatistics(message.format(layer=label(asset.label), field=name))
    year = text.endswith(_YEAR)
    if year and asset.field(name).type not in _DATES:
        message = _("{field} is no date.")
        raise NoSuchStatistics(message.format(field=label(asset.field(name).label)))
    return Dimension(name, year)


def read_measure(text: str, asset: AssetType) -> Measure:
    """Read how a measure is written.

    Raises
    ------
    NoSuchStatistics
        If it is unknown or does not fit the layer.
    """
    kind, _colon, name = text.partition(":")
    if kind not in MEASURES or bool(name) != (kind in _OF_FIELD):
        message = _("A measure is count, length, area, or sum, mean, min, max with :FIELD.")
        raise NoSuchStatistics(message)
    measure = Measure(kind, name)
    if measure not in measures_of(asset):
        message = _("{layer} has nothing to tell of {measure}.")
        raise NoSuchStatistics(message.format(layer=label(asset.label), measure=text))
    return measure


def measures_of(asset: AssetType) -> tuple[Measure, ...]:
    """Return what can be told of a layer's features."""
    dimension = _DIMENSION_OF.get(asset.geometry.removeprefix("Multi"), 0)
    own = [Measure("length")] if dimension == 1 else [Measure("area")] if dimension == 2 else []
    names = [entry.name for entry in asset.fields if entry.type in _NUMBERS]
    kinds = ("sum", "mean", "min", "max")
    return (Measure(), *own, *(Measure(kind, name) for name in names for kind in kinds))


def dimensions_of(asset: AssetType, types: Mapping[str, AssetType]) -> tuple[Dimension, ...]:
    """Return what a layer's features can be sorted by: years, fields, areas."""
    result = []
    for entry in asset.fields:
        if entry.type in _DATES:
            result.append(Dimension(entry.name, year=True))
        elif not entry.unique:
            result.append(Dimension(entry.name))
    areas = [other.id for other in types.values() if other.geometry.endswith("Polygon")]
    where = [Dimension(area=area) for area in areas if area != asset.id] if asset.is_spatial else []
    return (*result, *where)


# -- order and words -----------------------------------------------------------------------------


def ordered(
    values: Iterable[Value], dimension: Dimension, asset: AssetType, catalogue: Catalogue
) -> tuple[Value, ...]:
    """Return values as tables show them: a list's order, rising numbers; 不详 and none last."""
    places: dict[Value, int] = {}
    if not dimension.area and asset.field(dimension.field).type == "code":
        codes = catalogue.codes(asset.field(dimension.field).codes or "").codes
        places = {entry.code: number for number, entry in enumerate(codes)}

    def rank(value: Value) -> tuple[int, int, float, str]:
        last = 2 if value is None else 1 if value == UNKNOWN else 0
        number = float(value) if isinstance(value, int | float) else 0.0
        return last, places.get(value, len(places)), number, str(value)

    return tuple(sorted(set(values), key=rank))


def value_words(
    value: Value, dimension: Dimension | None, asset: AssetType, catalogue: Catalogue
) -> str:
    """Return what a row or column of a table is called."""
    if dimension is None:
        return _("all")
    if value is None:
        return _("(in none)") if dimension.area else _("(empty)")
    if dimension.area or dimension.year:
        return str(value)
    entry = asset.field(dimension.field)
    # SQL knows truth as 1 and 0.
    return display(entry, bool(value) if entry.type == "boolean" else value, catalogue)


def dimension_words(dimension: Dimension, asset: AssetType, types: Mapping[str, AssetType]) -> str:
    """Return what a dimension is called."""
    if dimension.area:
        name = label(types[dimension.area].label) if dimension.area in types else dimension.area
        return _("by area: {name}").format(name=name)
    name = label(asset.field(dimension.field).label)
    return _("{field} (year)").format(field=name) if dimension.year else name


def measure_words(measure: Measure, asset: AssetType) -> str:
    """Return what a measure is called, with its unit."""
    plain = {"count": _("Count"), "length": _("Length (km)"), "area": _("Area (ha)")}
    if measure.kind in plain:
        return plain[measure.kind]
    entry = asset.field(measure.field)
    unit = f" ({entry.unit})" if entry.unit else ""
    templates = {
        "sum": _("Sum of {field}"),
        "mean": _("Mean of {field}"),
        "min": _("Smallest {field}"),
        "max": _("Greatest {field}"),
    }
    return templates[measure.kind].format(field=label(entry.label)) + unit


def title_of(question: Question, asset: AssetType, types: Mapping[str, AssetType]) -> str:
    """Return what a table of statistics is called."""
    by = " × ".join(dimension_words(entry, asset, types) for entry in question.by)
    what = f"{label(asset.label)} · {measure_words(question.measure, asset)}"
    return f"{what} · {by}" if by else what
