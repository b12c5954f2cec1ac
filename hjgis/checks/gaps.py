"""Which required fields each feature lacks, held as bits and kept up to date by what is edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.cells import CELL_ID, cell_outlines, cells_at
from hjgis.checks.features import Features, places
from hjgis.checks.rules.attributes import asked_names, required_names
from hjgis.errors import UsageError
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import LayerDelta
from hjgis.models.reading import Coded
from hjgis.models.unknown import FIELD as UNKNOWN
from hjgis.progress import SILENT, Progress

CLASS, GRID, ROAD, UNIT, OPERATOR = "class", "grid", "road", "unit", "operator"
FIELD, LAYER = "field", "layer"
# What gaps can be counted by within one layer, and what it is called.
GROUPINGS: Final[Mapping[str, str]] = {
    CLASS: N_("Class"),
    GRID: N_("Grid cell"),
    ROAD: N_("Road"),
    UNIT: N_("Responsible unit"),
    OPERATOR: N_("Operator (last change)"),
}
_ROAD: Final = "road_name"
# Who answers for a feature: the first of these that it names.
_UNITS: Final = (
    *("responsible_unit", "managing_unit", "maintainer_name", "supervisor_name", "owner_name"),
)
# More changed rows than this are read anew together with all others.
FEW: Final = 5_000
_MOST_FIELDS: Final = 64
_Bits = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Facts on the required fields of features, bit i of an entry being field i.

    Attributes
    ----------
    empty, applies, unknown : array of uint64, shape (n,)
        Nothing is stored; the field has a meaning; somebody has said 不详.
    """

    empty: _Bits
    applies: _Bits
    unknown: _Bits

    @property
    def lacking(self) -> _Bits:
        """Which fields are gaps."""
        return self.empty & self.applies & ~self.unknown


def bits_of(features: Features) -> Bits:
    """Return the bits of some features.

    Parameters
    ----------
    features : Features
        With `attributes.asked_names` among its columns.
    """
    asset, names = features.asset, required_names(features.asset)
    assert len(names) <= _MOST_FIELDS, asset.id
    empty, applies = np.zeros((2, len(features)), np.uint64)
    for number, name in enumerate(names):
        bit = np.uint64(1 << number)
        empty[features.missing(name)] |= bit
        applies[features.applies(asset.field(name))] |= bit
    unknown = np.zeros(len(features), np.uint64)
    if asset.has(UNKNOWN):
        said = features.texts(UNKNOWN)
        masks = [unknown_bits(names, value) for value in said.values]
        unknown = np.array([*masks, 0], np.uint64)[said.codes]
    return Bits(empty, applies, unknown)


def unknown_bits(names: Sequence[str], said: Value) -> int:
    """Return which of some fields are named as unknown."""
    words = str(said or "").split()
    return sum(1 << number for number, name in enumerate(names) if name in words)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Gaps by groups, row i of every array being the same group; groups without features left out.

    Attributes
    ----------
    names : tuple of str
        The required fields: the columns of the tables.
    values : tuple
        What the features of a group have in common; None: nothing is known of them.
    features : array of int64, shape (g,)
    asked, lacking : array of int64, shape (g, k)
        How many values are required, and how many of them are not there.
    """

    names: tuple[str, ...]
    values: tuple[Value, ...]
    features: NDArray[np.int64]
    asked: NDArray[np.int64]
    lacking: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def figures(self, group: int, field: str | None = None) -> tuple[int, int]:
        """Return how many values are asked for and lacking in a group, of one field or of all."""
        if field is None:
            return int(self.asked[group].sum()), int(self.lacking[group].sum())
        number = self.names.index(field)
        return int(self.asked[group, number]), int(self.lacking[group, number])

    def worst(self, group: int) -> tuple[str, int] | None:
        """Return the field with the most gaps in a group, and how many; None without gaps."""
        if not self.lacking[group].any():
            return None
        number = int(self.lacking[group].argmax())
        return self.names[number], int(self.lacking[group, number])

    def begin(self) -> tuple[int, str, int] | None:
        """Return where to begin: group, field and number of the most gaps in one place."""
        if not self.lacking.any():
            return None
        group, number = divmod(int(self.lacking.argmax()), len(self.names))
        return group, self.names[number], int(self.lacking[group, number])


def _summed(parts: Tally) -> Tally:
    """Return all groups as one: each feature is in one of them."""
    return Tally(
        parts.names,
        (None,),
        parts.features.sum(keepdims=True),
        parts.asked.sum(axis=0, keepdims=True),
        parts.lacking.sum(axis=0, keepdims=True),
    )


def share(asked: int, lacking: int) -> float | None:
    """Return the share of values that are there, 0 to 1; None where none is asked for."""
    return (asked - lacking) / asked if asked else None


@dataclass(frozen=True, slots=True, eq=False)
class LayerGaps:
    """What the features of a layer lack, row i of every array being the same feature.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rising.
    asked, lacking : array of uint64, shape (n,)
        Bit i: required field i has a meaning, is a gap.
    groups : mapping of str to Coded
        What each feature belongs to, by grouping; those that make no sense in the layer are
        left out.
    """

    asset: AssetType
    names: tuple[str, ...]
    fids: NDArray[np.int64]
    asked: _Bits
    lacking: _Bits
    groups: Mapping[str, Coded]
    _tallies: dict[str | None, Tally] = dataclass_field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.fids)

    def tally(self, by: str | None = None) -> Tally:
        """Count the gaps by a grouping; all features as one group without any."""
        if by not in self._tallies:
            parts = next(iter(self._tallies.values()), None) if by is None else None
            self._tallies[by] = self._counted(by) if parts is None else _summed(parts)
        return self._tallies[by]

    def _counted(self, by: str | None) -> Tally:
        coded = self._group(by) if by else None
        if coded is None:
            values: list[Value] = [None]
            codes = np.zeros(len(self), np.int64)
        else:
            values = [*coded.values.tolist(), None]
            codes = np.where(coded.codes < 0, len(values) - 1, coded.codes)
        features = np.bincount(codes, minlength=len(values))
        asked, lacking = np.zeros((2, len(values), len(self.names)), np.int64)
        for number, name in enumerate(self.names):
            asked[:, number] = features
            if self.asset.field(name).when is not None:
                asked[:, number] = _counted(codes, self.asked, number, len(values))
            lacking[:, number] = _counted(codes, self.lacking, number, len(values))
        there = np.flatnonzero(features) if by else np.array([0])
        return Tally(
            self.names,
            tuple(values[row] for row in there.tolist()),
            features[there],
            asked[there],
            lacking[there],
        )

    def fids_lacking(
        self, field: str | None = None, *, by: str | None = None, value: Value = None
    ) -> NDArray[np.int64]:
        """Return the features that lack a field, or any; of one group if `by` is given."""
        bits = self.lacking
        if field is not None:
            bits = bits & np.uint64(1 << self.names.index(field))
        rows = bits != 0
        if by:
            coded = self._group(by)
            rows &= coded.missing if value is None else coded.isin((value,))
        return np.asarray(self.fids[rows])

    def updated(self, delta: LayerDelta, project: Project) -> LayerGaps:
        """Return the gaps after a change; only the rows that it touched are read."""
        touched = np.unique(np.concatenate([delta.inserted, delta.updated]))
        if len(touched) > FEW:
            return read(project, self.asset.id)
        gone = np.concatenate([touched, delta.deleted])
        kept = np.ones(len(self), bool)
        at = np.searchsorted(self.fids, gone)
        there = at < len(self)
        at, gone = at[there], gone[there]
        kept[at[self.fids[at] == gone]] = False
        return _joined(self, kept, read(project, self.asset.id, fids=touched))

    def _group(self, by: str) -> Coded:
        if by not in self.groups:
            message = _("{layer} cannot be divided by {grouping}.")
            raise UsageError(message.format(layer=self.asset.id, grouping=by))
        return self.groups[by]


def read(
    project: Project,
    layer: str,
    *,
    fids: NDArray[np.int64] | None = None,
    progress: Progress = SILENT,
) -> LayerGaps:
    """Read what the features of a layer lack.

    Parameters
    ----------
    fids : array of int64, optional
        Only these rows, few of them.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    asset = project.asset_type(layer)
    grouped = (asset.class_field, _ROAD, CELL_ID, *_UNITS)
    wanted = [name for name in grouped if name is not None and asset.has(name)]
    names = tuple(dict.fromkeys((*asked_names(asset), *wanted)))
    columns = project.store.columns(layer, names, fids=fids, geometry=False, progress=progress)
    features = Features(asset, columns, names)
    bits = bits_of(features)
    groups: dict[str, Coded] = {}
    if asset.class_field is not None:
        groups[CLASS] = features.texts(asset.class_field)
    if asset.has(_ROAD):
        groups[ROAD] = features.texts(_ROAD)
    units = [features.texts(name) for name in _UNITS if asset.has(name)]
    if units:
        groups[UNIT] = _first_known(units)
    groups[GRID] = _cells(project, features, few=fids is not None, progress=progress)
    groups[OPERATOR] = _operators(project, layer, features.fids, few=fids is not None)
    return LayerGaps(
        asset, required_names(asset), features.fids, bits.applies, bits.lacking, groups
    )


def _cells(project: Project, features: Features, *, few: bool, progress: Progress) -> Coded:
    """Return the grid cell of each feature: the one that it names, else the one it lies in."""
    if features.asset.has(CELL_ID):
        named = features.texts(CELL_ID)
    else:
        named = Coded(np.full(len(features), -1, np.int32), np.empty(0, object))
    nameless = np.flatnonzero(named.missing)
    ids, outlines = cell_outlines(project) if len(nameless) else (np.empty(0, object),) * 2
    if not len(ids):
        return named
    # Of many rows all are read: a list of row numbers as long as a book is no better.
    some = features.fids[nameless] if few or len(nameless) <= FEW else None
    columns = project.store.columns(features.layer, (), fids=some, progress=progress)
    shapes = columns.geometry if some is not None else columns.geometry[nameless]
    held = cells_at(places(shapes), outlines)
    codes = named.codes.copy()
    inside = held >= 0
    codes[nameless[inside]] = held[inside] + len(named.values)
    return _tidied(codes, np.concatenate([named.values, ids]))


def _operators(project: Project, layer: str, fids: NDArray[np.int64], *, few: bool) -> Coded:
    changes, operators = project.history.last_changes(layer, fids, few=few)
    known, codes = np.unique(changes, return_inverse=True)
    names = np.empty(len(known), object)
    names[:] = [operators.get(change) or None for change in known.tolist()]
    return _tidied(codes.astype(np.int32), names)


def _first_known(columns: Sequence[Coded]) -> Coded:
    codes = columns[0].codes.astype(np.int32)
    values = columns[0].values
    for column in columns[1:]:
        later = np.where(column.codes < 0, -1, column.codes + len(values))
        codes = np.where(codes < 0, later, codes)
        values = np.concatenate([values, column.values])
    return _tidied(codes, values)


def _tidied(codes: NDArray[np.int32], values: NDArray[np.object_]) -> Coded:
    """Return a column in which each value stands once, and None is no value."""
    index: dict[object, int] = {}
    place = np.array(
        [-1 if value is None else index.setdefault(value, len(index)) for value in values] + [-1],
        np.int32,
    )
    distinct = np.empty(len(index), object)
    distinct[:] = [*index]
    return Coded(place[codes], distinct)


def _joined(before: LayerGaps, kept: NDArray[np.bool_], new: LayerGaps) -> LayerGaps:
    """Return what is kept of the rows and the new ones, by rising fid."""
    fids = before.fids[kept]
    at = np.searchsorted(fids, new.fids)

    groups = {}
    for by, coded in before.groups.items():
        more = new.groups[by]
        both = _tidied(
            np.where(more.codes < 0, -1, more.codes + len(coded.values)).astype(np.int32),
            np.concatenate([coded.values, more.values]),
        )
        groups[by] = Coded(np.insert(coded.codes[kept], at, both.codes), both.values)
    return LayerGaps(
        before.asset,
        before.names,
        np.insert(fids, at, new.fids),
        np.insert(before.asked[kept], at, new.asked),
        np.insert(before.lacking[kept], at, new.lacking),
        groups,
    )


def _counted(codes: NDArray[np.int64], bits: _Bits, number: int, groups: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(bits & np.uint64(1 << number))
    return np.bincount(codes[rows], minlength=groups)
