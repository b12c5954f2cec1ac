"""What a kind looks like as a sheet that people fill in and send back: columns and cells."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hjgis.exchange import marks
from hjgis.exchange.foreign import unique
from hjgis.exchange.workbooks.workbook_grids import EXACT
from hjgis.i18n import _, label
from hjgis.models.assets import RECORD_OF, AssetType, Catalogue, Field, Value
from hjgis.models.cell_text import without_controls
from hjgis.models.crs import Crs
from hjgis.models.records import FOLLOWING
from hjgis.models.unknown import FIELD as UNKNOWN_FIELDS
from hjgis.models.validation import BadValue, SaysUnknown, coerce, display

Cell = str | int | float | None
Trouble = tuple[str, str]

# Above the headings stands a hidden row that says what each column is: it stays with its column
# whatever is renamed, moved or sorted.
_KEY: Final = re.compile(r"hjgis:([^.]+)\.(.+)")
FORMAT: Final = 1
# The sheet that says how the workbook was made.
ABOUT: Final = "_hjgis"
UUID: Final = "uuid"
# Names of columns that are no fields.
X, Y, Z = ":x", ":y", ":z"
START, END = (":x1", ":y1"), (":x2", ":y2")
LENGTH, AREA = ":length", ":area"
OWNER: Final = ":owner"
# Says nothing to people, so that it is there and hidden.
_HIDDEN: Final = frozenset(
    {
        UNKNOWN_FIELDS,
        "from_node",
        "to_node",
        "source_file",
        "source_row",
        *RECORD_OF,
        *FOLLOWING.values(),
    }
)
# What says what a feature is stands before who looks after it.
_FIRST_GROUP: Final = "identity"
TEXT: Final = "@"
_METRES: Final = "0.000"
_DEGREES: Final = "0.000000000"
_FORMATS: Final[Mapping[str, str]] = {
    "integer": "0",
    "number": "0.0##",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
}
# What a cell holds, in UTF-16 units (ECMA-376, Excel's limits).
LONGEST: Final = 32_767
# Written so in a cell, it would be read as one sign (ECMA-376 22.9.2.19).
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# Before there was a 29th of February 1900 that never was; see `spreadsheets`.
_DAY_0: Final = dt.datetime(1899, 12, 30)
_FIRST_DAY: Final = dt.datetime(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes
    ----------
    name : str
        Field, or one of the names above.
    role : str
        ``value`` is filled in, ``key`` tells features apart, ``told`` is for reading only,
        ``hidden`` is not shown.
    format : str
        How a spreadsheet shows numbers in it.
    field : Field or None
        None where it is no field.
    """

    name: str
    heading: str
    role: Literal["value", "key", "told", "hidden"]
    format: str
    field: Field | None = None


def key_of(asset: AssetType, column: Column) -> str:
    """Return what the hidden row says of a column."""
    return f"hjgis:{asset.id}.{column.name}"


def read_key(cell: object) -> tuple[str, str] | None:
    """Return kind and name of a column by the hidden row; None where that says nothing."""
    found = _KEY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return (found[1], found[2]) if found else None


def is_key_row(cells: Iterable[object]) -> bool:
    """Whether a row is the hidden one that says what the columns are."""
    return any(read_key(cell) for cell in cells)


def columns(asset: AssetType, crs: Crs) -> tuple[Column, ...]:
    """Return the columns of a kind: what it is called, where it is, what it is, its identity.

    Parameters
    ----------
    crs : Crs
        Of the coordinates.
    """
    first = [field for field in asset.fields if field.unique or field.name == asset.display]
    first.sort(key=lambda field: field.name != asset.display)
    rest = [field for field in asset.fields if field not in first]
    rest.sort(key=lambda field: field.group != _FIRST_GROUP)
    found = [
        *(_of_field(field, "key" if field.unique else "value") for field in first),
        *_of_place(asset, crs),
        *(_of_field(field, "value") for field in rest if field.name not in _HIDDEN),
        *(_of_field(field, "hidden") for field in rest if field.name in _HIDDEN),
        # Any reader knows it by that name, ours too.
        Column(UUID, UUID, "hidden", TEXT),
    ]
    headings = unique(column.heading for column in found)
    return tuple(
        Column(one.name, heading, one.role, one.format, one.field)
        for one, heading in zip(found, headings, strict=True)
    )


def _of_field(field: Field, role: Literal["value", "key", "hidden"]) -> Column:
    unit = f"({field.unit})" if field.unit else ""
    heading = f"{'*' if field.required else ''}{label(field.label)}{unit}"
    return Column(field.name, heading, role, _FORMATS.get(field.type, TEXT), field)


def _of_place(asset: AssetType, crs: Crs) -> Iterator[Column]:
    north, east = marks.headings(crs)
    shown = _DEGREES if crs.is_geographic else _METRES
    if asset.is_record:
        yield Column(OWNER, _("Number of the asset"), "told", TEXT)
    elif asset.geometry == "Point":
        yield Column(X, north, "value", shown)
        yield Column(Y, east, "value", shown)
        if asset.z != "none":
            yield Column(Z, _("Height of the point(m)"), "told", _METRES)
    elif asset.geometry == "LineString":
        for names, heading in ((START, _("Start: {axis}")), (END, _("End: {axis}"))):
            for name, axis in zip(names, (north, east), strict=True):
                yield Column(name, heading.format(axis=axis), "told", shown)
    if crs.is_geographic:
        return
    if "Line" in asset.geometry:
        yield Column(LENGTH, _("Length on the map(m)"), "told", _METRES)
    elif "Polygon" in asset.geometry:
        yield Column(AREA, _("Area on the map(m²)"), "told", "0.00")


class Cells:
    """Values of one field as its cells show them; each different one is looked at once."""

    def __init__(self, field: Field, catalogue: Catalogue) -> None:
        self._field, self._catalogue = field, catalogue
        self._known: dict[Value, tuple[Cell, tuple[Trouble, ...]]] = {}

    def of(self, values: Sequence[Value]) -> list[Cell]:
        """Return the cells of a column: text, or a number that its format shows."""
        return [None if value is None else self._shown(value)[0] for value in values]

    def troubles(self, values: Sequence[Value]) -> Iterator[tuple[int, Trouble]]:
        """Yield where a value does not get into its cell whole: place, kind and words."""
        spoilt = {value: told for value, (_cell, told) in self._known.items() if told}
        if spoilt:
            for place, value in enumerate(values):
                for trouble in spoilt.get(value, ()):
                    yield place, trouble

    def reads_back(self, value: Value) -> Value:
        """Return what a value is after it was written and read."""
        cell = None if value is None else self._shown(value)[0]
        if isinstance(cell, str):
            cell = cell.replace("_x005F_", "_")
        try:
            return coerce(self._field, cell, self._catalogue)
        except BadValue:
            return None

    def _shown(self, value: Value) -> tuple[Cell, tuple[Trouble, ...]]:
        # True is 1 to a dict.
        if isinstance(value, bool):
            return display(self._field, value, self._catalogue), ()
        if isinstance(value, int | float):
            return _number(value), ()
        if value not in self._known:
            self._known[value] = self._written(str(value))
        return self._known[value]

    def _written(self, value: str) -> tuple[Cell, tuple[Trouble, ...]]:
        if self._field.type in ("date", "datetime"):
            moment = _moment(self._field, value)
            if moment is not None:
                return moment, ()
        if self._field.type == "code":
            return self._named(value)
        return written(value)

    def _named(self, value: str) -> tuple[Cell, tuple[Trouble, ...]]:
        """Return the name of a code, or the code where its name means another one."""
        codes = self._catalogue.codes(self._field.codes or "")
        name = codes.label_of(value)
        cell, troubles = written(name if codes.parse(name) == value else value)
        if codes.get(value) is None and value in {label(entry.label) for entry in codes.codes}:
            said = _("{value} is not in the list, but called so is another code")
            troubles = (("type", said.format(value=value)),)
        return cell, troubles


def written(text: str) -> tuple[str | None, tuple[Trouble, ...]]:
    """Return a text as the XML of a cell holds it, and what is lost of it."""
    if not text:
        return None, (("empty", _("empty text reads back as nothing")),)
    troubles = []
    plain = without_controls(text)
    if plain != text:
        said = _("{count} control characters are left out")
        troubles.append(("unencodable", said.format(count=len(text) - len(plain))))
    if "\r" in plain:
        plain = plain.replace("\r\n", "\n").replace("\r", "\n")
        troubles.append(("unencodable", _("line breaks become those of a spreadsheet")))
    units = plain.encode("utf-16-le")
    if len(units) > 2 * LONGEST:
        plain = units[: 2 * LONGEST].decode("utf-16-le", "ignore")
        said = _("cut after {limit} characters: it has {length}")
        troubles.append(("truncated", said.format(limit=f"{LONGEST:,}", length=len(text))))
    return _ESCAPED.sub("_x005F_", plain) or None, tuple(troubles)


def says_unknown(field: Field, cell: object, catalogue: Catalogue) -> bool:
    """Whether a cell says 不详 where the field has no value for that."""
    if not isinstance(cell, str):
        return False
    try:
        coerce(field, cell, catalogue)
    except SaysUnknown:
        return True
    except BadValue:
        return False
    return False


def _number(value: float) -> Cell:
    if not math.isfinite(value):
        return str(value)
    if abs(value) < EXACT:
        return value
    # A spreadsheet keeps 15 digits of a number.
    return str(value) if isinstance(value, int) else f"{value:.0f}"


def _moment(field: Field, value: str) -> float | int | None:
    """Return a date as a spreadsheet counts: days; None where it cannot be one there."""
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    plain = moment.tzinfo is None and not moment.microsecond and moment >= _FIRST_DAY
    if field.type == "date":
        return (moment - _DAY_0).days if plain and moment.date().isoformat() == value else None
    if not plain or moment.isoformat() != value:
        return None
    return (moment - _DAY_0) / dt.timedelta(days=1)
