"""All that an edit may ask of the data, and how bulk reads look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import Extent, Feature, FeatureKey


@dataclass(frozen=True, slots=True)
class LayerTable:
    """Columns of one layer, row i of every array being the same feature; in fid order.

    Attributes
    ----------
    fids : array of int64, shape (n,)
    uuids : array of str, shape (n,)
    geometry : array of shapely geometries, shape (n,), or None if not asked for
        In the project CRS; None where a feature has no place.
    columns : mapping of str to array of object, shape (n,)
        None where nothing is known.
    """

    layer: str
    fids: NDArray[np.int64]
    uuids: NDArray[np.object_]
    geometry: NDArray[np.object_] | None
    columns: Mapping[str, NDArray[np.object_]]

    def taken(self, rows: NDArray[np.bool_]) -> LayerTable:
        """Return only these rows; `rows` says of each whether it stays, shape (n,)."""
        return LayerTable(
            self.layer,
            self.fids[rows],
            self.uuids[rows],
            None if self.geometry is None else self.geometry[rows],
            {name: values[rows] for name, values in self.columns.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of text, each different value held once: a million rows know few words.

    Attributes
    ----------
    codes : array of int32, shape (n,)
        Position in `values`; -1 where nothing is stored, null or empty text.
    values : array of object, shape (k,)
        Each value once, as it is stored.
    """

    codes: NDArray[np.int32]
    values: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where nothing is stored, shape (n,)."""
        return np.asarray(self.codes < 0)

    def meeting(self, claim: Callable[[Any], bool]) -> NDArray[np.bool_]:
        """Say which rows hold a value of which a claim is true, shape (n,); asked once a value."""
        held = np.fromiter(map(bool, map(claim, self.values)), bool, len(self.values))
        return np.asarray(np.append(held, False)[self.codes])

    def isin(self, values: Collection[Any]) -> NDArray[np.bool_]:
        """Say which rows hold one of some values, shape (n,)."""
        return self.meeting(values.__contains__)

    def at(self, row: int) -> Any:
        """Return the value of one row; None where nothing is stored."""
        code = self.codes[row]
        return None if code < 0 else self.values[code]

    def objects(self, rows: NDArray[Any] | None = None) -> NDArray[np.object_]:
        """Return the values of rows, all without `rows`; None where nothing is stored."""
        known = np.empty(len(self.values) + 1, dtype=object)
        known[:-1] = self.values
        return known[self.codes if rows is None else self.codes[rows]]


# One row in so many is few.
_FEW: Final = 20


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the store can say of a field without reading it: few rows of a million are in doubt.

    Attributes
    ----------
    kind : str
        ``missing`` null or empty; ``stored`` anything else; ``is`` one of some values; ``unlisted``
        none of them, and not missing; ``longer`` of more characters than the value; ``outside``
        lowest and highest number, None for no limit: beyond them, or no number at all; ``same``
        what the field named by the value holds.
    """

    field: str
    kind: Literal["missing", "stored", "is", "unlisted", "longer", "outside", "same"]
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Vertices:
    """The vertices of a layer's features that are a point, a line or an area of one ring.

    Attributes
    ----------
    kind : array of int8, shape (n,)
        Shapely's number of the type, 0, 1 or 3; `NONE` where nothing is stored; `OTHER` for all
        else, of which only the geometry tells anything.
    first, count : arrays of int64, shape (n,)
        Where in `xy` the vertices of a feature are.
    xy : array of float64, shape (m, 2)
        Finite but where `kind` is `OTHER`.
    """

    NONE: ClassVar[int] = -1
    OTHER: ClassVar[int] = -2

    kind: NDArray[np.int8]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    xy: NDArray[np.float64]

    def offsets(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return where the vertices of each of some rows start in what `of` returns."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.count[rows])])

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the vertices of some rows, one row's after the other's."""
        count = self.count[rows]
        if len(rows) == len(self.kind) and int(count.sum()) == len(self.xy):
            return self.xy
        starts = np.cumsum(count) - count
        chosen = np.repeat(self.first[rows] - starts, count) + np.arange(int(count.sum()))
        return np.take(self.xy, chosen, axis=0)


class StoredShapes(Protocol):
    """The geometries of features, made when somebody asks for them."""

    @property
    def geometry(self) -> NDArray[np.object_]:
        """All of them, shapely geometries, shape (n,); None where a feature has no place."""

    @property
    def vertices(self) -> Vertices:
        """The vertices of the simple ones, without making the geometries."""

    def some(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return those of some rows."""


class FeatureColumns:
    """Columns of one layer by the type of their fields, row i of each the same feature.

    Parameters
    ----------
    fids : array of int64, shape (n,)
        Rising.
    uuids : function
        Makes them, when somebody asks: most readers want few of a million or none.
    shapes : StoredShapes
        Gives the geometries.
    texts : mapping of str to Coded
        Fields of text, codes and dates.
    numbers : mapping of str to array of float64, shape (n,)
        Fields of numbers and of yes and no (1 and 0); NaN where none is stored.
    strays : mapping of str to mapping of int to object
        By field of numbers and row: what is stored there and is no number.
    some : function, optional
        Gives the values of a field of text in few rows, if that is quicker than all; else None.
    each : function, optional
        Yields the value of each row of a field of text, if that is quicker than by `texts`.
    """

    def __init__(
        self,
        layer: str,
        fids: NDArray[np.int64],
        *,
        uuids: Callable[[], NDArray[np.object_]],
        shapes: StoredShapes,
        texts: Mapping[str, Coded],
        numbers: Mapping[str, NDArray[np.float64]],
        strays: Mapping[str, Mapping[int, object]],
        some: Callable[[str, NDArray[np.intp]], NDArray[np.object_] | None] | None = None,
        each: Callable[[str], Iterator[Any]] | None = None,
    ) -> None:
        self.layer, self.fids, self._some, self._each = layer, fids, some, each
        self.texts, self.numbers, self.strays = texts, numbers, strays
        self.shapes, self._uuids = shapes, uuids

    def objects(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the values of a field of text in some rows; None where nothing is stored."""
        few = self._some is not None and len(rows) < len(self.fids) // _FEW
        found = self._some(name, rows) if few and self._some else None
        return self.texts[name].objects(rows) if found is None else found

    def each(self, name: str) -> Iterator[Any]:
        """Yield what a field of text holds, row by row; empty text or None for nothing.

        For who looks at each value once: sooner than `texts`, which finds the equal ones.
        """
        return iter(self.texts[name].objects()) if self._each is None else self._each(name)

    @cached_property
    def uuids(self) -> NDArray[np.object_]:
        """Identities, str, shape (n,)."""
        return self._uuids()

    def uuids_of(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the identities of some rows; of few without reading those of all."""
        few = self._some is not None and len(rows) < len(self.fids) // _FEW**2
        if few and self._some and "uuids" not in self.__dict__:
            found = self._some("uuid", rows)
            if found is not None:
                return found
        return self.uuids[rows]

    @cached_property
    def geometry(self) -> NDArray[np.object_]:
        """Shapely geometries in the project CRS, shape (n,); None where one has no place."""
        return self.shapes.geometry


# Between the texts of a column that are joined.
SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True, eq=False)
class JoinedTexts:
    """A column of text of some rows, one behind the other: no object for each value.

    Attributes
    ----------
    joined : str
        `SEPARATOR` between each two; empty where nothing is stored, null or empty text.
    blank : tuple of int
        Rows with empty text that is not null, if they were asked for.
    spoilt : tuple of int
        Rows of whose text something stands as U+FFFD: bytes that are no text, or a separator.
    """

    rows: int
    joined: str
    blank: tuple[int, ...] = ()
    spoilt: tuple[int, ...] = ()

    def texts(self) -> list[str]:
        """Return each value; empty text where there is none."""
        return self.joined.split(SEPARATOR) if self.rows else []


class NumberColumn(Protocol):
    """A column of numbers of some rows.

    Attributes
    ----------
    strays : mapping of int to object
        By row: what is stored there and is no number.
    """

    strays: dict[int, object]

    def array(self) -> NDArray[np.float64]:
        """Return them, shape (n,); NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredLot:
    """Some rows of a layer as they are stored, for who writes them on.

    Attributes
    ----------
    fids : array of int64, shape (n,), rising
    texts : mapping of str to JoinedTexts
        Identities under ``uuid``; fields of text, codes, dates and whole numbers, exact to the
        last digit.
    numbers : mapping of str to NumberColumn
        Fields of numbers and of yes and no (1 and 0).
    shapes : StoredShapes
        In the project CRS.
    """

    fids: NDArray[np.int64]
    texts: Mapping[str, JoinedTexts]
    numbers: Mapping[str, NumberColumn]
    shapes: StoredShapes


class FeatureReader(Protocol):
    """What edits read from: the open project, or a test's dictionary."""

    @property
    def types(self) -> Mapping[str, AssetType]:
        """What the layers hold, by layer."""

    def asset_type(self, layer: str) -> AssetType:
        """Return what the features of `layer` are."""

    def get(self, key: FeatureKey) -> Feature:
        """Return the stored feature; KeyError if there is none."""

    def get_many(self, keys: Iterable[FeatureKey]) -> list[Feature]:
        """Return the stored features, each once, in this order; KeyError if one is missing."""

    def known(self, keys: Iterable[FeatureKey]) -> Mapping[FeatureKey, Feature]:
        """Return those of some features that are stored."""

    def lines_ending_at_any(self, node_uuids: Iterable[str]) -> Mapping[str, tuple[Feature, ...]]:
        """Return for each of some nodes what `lines_ending_at` would."""

    def node(self, uuid: str) -> Feature | None:
        """Return the manhole or pipe point with this uuid, if there is one."""

    def lines_ending_at(self, node_uuid: str) -> tuple[Feature, ...]:
        """Return the pipes whose from_node or to_node is this node, by identity."""

    def records_of(self, asset_uuids: Iterable[str]) -> tuple[Feature, ...]:
        """Return the records of all kinds that belong to some assets."""

    def within(self, layer: str, extent: Extent) -> tuple[Feature, ...]:
        """Return features whose box meets the extent, in fid order."""


class TableReader(FeatureReader, Protocol):
    """Who can also read columns of many rows at once: the open project."""

    def table(
        self,
        layer: str,
        names: Sequence[str] | None = None,
        *,
        fids: Iterable[int] | None = None,
        extent: Extent | None = None,
        geometry: bool = True,
    ) -> LayerTable:
        """Return columns of a layer's rows, in fid order."""


class ValueReader(TableReader, Protocol):
    """What can count values."""

    def value_counts(self, layer: str, field: str) -> Mapping[str, int]:
        """Return how often each text is the value of a field, missing left out."""

    def fids_with(self, layer: str, field: str, value: str) -> NDArray[np.int64]:
        """Return row numbers of the features with a value in a field."""


class SerialReader(TableReader, Protocol):
    """What knows which component ids are or have ever been in use."""

    @property
    def catalogue(self) -> Catalogue:
        """What the layers hold, with the project's own code lists."""

    def highest_serial(self, prefix: str, numbers: range) -> int | None:
        """Return the highest serial ever used behind county and class; None if there is none."""

    def used_serials(self, prefix: str, numbers: range) -> set[int]:
        """Return all serials ever used behind county and class."""

    def known_ids(self, ids: Sequence[str]) -> Mapping[str, set[tuple[str, int]]]:
        """Return which ids are or were in use, by layer and fid; by none: in former times."""
