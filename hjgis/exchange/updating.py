"""A file that comes again, laid beside what is stored: new, changed, missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import matching, records
from hjgis.exchange.differences import SOURCE, Difference, LayerUpdate, title_of
from hjgis.exchange.matching import Incoming, same_shape, same_value
from hjgis.exchange.report import Problems
from hjgis.exchange.shapefiles.as_written import is_written
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import FeatureKey
from hjgis.models.naming import name_fields
from hjgis.models.reading import LayerTable
from hjgis.models.validation import BadValue, coerce

_LINKS: Final = ("from_node", "to_node")


@dataclass(frozen=True, slots=True)
class File:
    """What is to be known of a file beside its records.

    Attributes
    ----------
    name : str
        Without its folder.
    encoding : str
        Text that it had no room for in this encoding is no change.
    left_out : set of str
        Identities of records that cannot be taken, so that they are not missing either.
    held : set of str, optional
        Identities of what was in it when it was made here: only that can be missing.
    given_in : str
        The encoding in which it was given away, where that is known.
    places : bool
        Whether it has places, so that one that is not there was lost.
    """

    name: str
    encoding: str
    left_out: Collection[str]
    given_in: str = ""
    places: bool = True
    held: Collection[str] | None = None


def laid_beside(
    project: Project, asset: AssetType, incoming: Incoming, file: File, problems: Problems
) -> tuple[list[str], LayerUpdate]:
    """Lay the records of a file beside the layer that they would go into.

    Compared are the fields that the file fills. A place counts as moved from the tolerance of
    `incoming` on; a 2D file never takes heights away. Missing is what once came from the same
    file, or, where the records name identities of ours, what the layer has beside them; so with
    boundaries and other reference layers of the catalogue, which do not keep their file. Of those
    only a file that knows at least half can miss the others: a smaller one is a part, and that is
    said.

    Returns
    -------
    uuids : list of str, length n
        The feature that each record is or becomes.
    update : LayerUpdate
    """
    found, matched, differing = _compared(project, asset, incoming, file, problems)
    new = np.flatnonzero(found < 0)
    fresh = records.new_features(project, asset, incoming, new, problems)
    uuids = list(matched)
    for place, uuid in zip(new.tolist(), fresh.uuids or (), strict=True):
        uuids[place] = uuid
    changed = sum(entry.kind == "changed" for entry in differing)
    known = len(incoming) - len(new)
    rows = (incoming.rows[new] + 1).tolist()
    return uuids, LayerUpdate(asset, known, known - changed, fresh, rows, differing)


def _compared(
    project: Project, asset: AssetType, incoming: Incoming, file: File, problems: Problems
) -> tuple[NDArray[np.int64], list[str], tuple[Difference, ...]]:
    """Return which stored feature each record is, by place and by identity, and what differs."""
    if asset.id not in project.types or not project.count(asset.id):
        return np.full(len(incoming), -1, dtype=np.int64), [""] * len(incoming), ()
    stored = project.table(asset.id, _fields(asset, incoming), geometry=True)
    found = matching.pairs(asset, incoming, stored)
    look = Look(project.catalogue, asset, incoming, stored, file)
    changed = list(look.all_changed(found))
    gone = _missing(project.catalogue, asset, incoming, stored, found, file)
    if gone is None:
        beside = len(stored.fids) - int(np.count_nonzero(found >= 0))
        words = _(
            "The layer has {count} features that are not in the file, more than it knows: it is"
            " taken for a part of the layer, so none of them counts as missing."
        )
        problems.add(None, None, "part", words.format(count=beside))
    missing = [look.missing(place) for place in gone or ()]
    uuids = [str(stored.uuids[place]) if place >= 0 else "" for place in found.tolist()]
    return found, uuids, (*changed, *missing)


def _fields(asset: AssetType, incoming: Incoming) -> list[str]:
    """Return the fields to read: those that the file fills, and what calls a feature."""
    called = [*name_fields(asset), *(name for name in SOURCE if asset.has(name))]
    return list(dict.fromkeys([*incoming.values, *called]))


def _missing(
    catalogue: Catalogue,
    asset: AssetType,
    incoming: Incoming,
    stored: LayerTable,
    found: NDArray[np.int64],
    file: File,
) -> list[int] | None:
    """Return the places of stored features that the file should have and has not.

    None where the file knows less than half of them, so that it is a part of the layer.
    """
    matched = found >= 0
    free = np.ones(len(stored.fids), dtype=bool)
    free[found[matched]] = False
    if file.held is not None:
        held = np.array([uuid in file.held for uuid in stored.uuids.tolist()], dtype=bool)
        return np.flatnonzero(free & held).tolist()
    if not matched.any():
        return []
    by_identity = any(
        uuid is not None and stored.uuids[place] == uuid
        for uuid, place in zip(incoming.uuids, found.tolist(), strict=True)
        if place >= 0
    )
    shared = asset.kind == "reference" and asset.id in catalogue.types
    if (by_identity or shared) and 2 * np.count_nonzero(matched) < len(stored.fids):
        # A delivery of one street; one file of many with boundaries and roads.
        return None
    if not by_identity and asset.kind == "asset":
        if "source_file" not in stored.columns:
            return []
        free &= np.array([name == file.name for name in stored.columns["source_file"]], dtype=bool)
    uuids = stored.uuids.tolist()
    return [place for place in np.flatnonzero(free).tolist() if uuids[place] not in file.left_out]


class Look:
    """Compares records of a file with features, given by their places in both.

    Parameters
    ----------
    stored : LayerTable
        With the fields that the file fills and with geometry.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        asset: AssetType,
        incoming: Incoming,
        stored: LayerTable,
        file: File,
    ) -> None:
        self._catalogue = catalogue
        self._asset, self._incoming, self._stored = asset, incoming, stored
        self._encodings = {file.encoding, file.given_in or file.encoding}
        # An end that the file names by a number is linked anew when that number is another.
        self._link_of = _links(asset)

    def all_changed(self, found: NDArray[np.int64]) -> Iterator[Difference]:
        """Yield how records differ from the features that they are; -1: from none."""
        records = np.flatnonzero(found >= 0)
        records = records[~self._alike(records, found[records])]
        for record in records.tolist():
            entry = self.changed(record, int(found[record]))
            if entry is not None:
                yield entry

    def _alike(self, records: NDArray[np.intp], places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which records are just like their features, without a look at each of them."""
        alike = np.ones(len(records), dtype=bool)
        for name, column in self._incoming.values.items():
            if name not in SOURCE and name not in self._incoming.computed:
                given = np.empty(len(column), dtype=object)
                given[:] = column
                alike &= np.asarray(self._stored.columns[name][places] == given[records], bool)
        stored = self._stored.geometry
        if stored is not None:
            ours = shapely.force_2d(stored[places])
            theirs = shapely.force_2d(self._incoming.geometry[records])
            near = shapely.equals_exact(ours, theirs, self._incoming.tolerance_m)
            alike &= near | (shapely.is_missing(ours) & shapely.is_missing(theirs))
        return alike

    def changed(self, record: int, place: int) -> Difference | None:
        """Return how a record differs from its feature; None if it does not."""
        differing = dict(self._differing(record, place))
        ours, theirs = self._shape(place), self._incoming.geometry[record]
        moved = None
        if not same_shape(ours, theirs, self._incoming.tolerance_m):
            moved = _distance_m(ours, theirs)
        if not differing and moved is None:
            return None
        row = int(self._incoming.rows[record]) + 1
        title = self._title_of(place, row)
        key = self._key(place)
        return Difference("changed", self._asset, row, key, title, differing, moved, ours, theirs)

    def missing(self, place: int) -> Difference:
        """Return what is said of a feature that the file has not."""
        title, shape = self._title_of(place, None), self._shape(place)
        key = self._key(place)
        return Difference("missing", self._asset, None, key, title, {}, None, shape, None)

    def _differing(self, record: int, place: int) -> Iterator[tuple[str, tuple[Value, Value]]]:
        incoming = self._incoming
        for name, given in incoming.values.items():
            if name in SOURCE or name in incoming.computed:
                continue
            stored, value = self._stored.columns[name][place], given[record]
            if self.is_same(name, stored, value):
                continue
            if record not in incoming.refused.get(name, ()):
                yield name, (stored, value)
                link = self._link_of.get(name)
                if link in incoming.computed:
                    ends = self._stored.columns[link][place], incoming.values[link][record]
                    if ends[0] != ends[1]:
                        yield link, ends

    def is_same(self, name: str, stored: Value, given: Value) -> bool:
        """Whether a value is the stored one, or what becomes of it on its way out and in again."""
        if same_value(stored, given):
            return True
        try:
            read = coerce(self._asset.field(name), stored, self._catalogue)
        except BadValue:
            # What is stored is no value of its field; what comes back may be none either.
            read = None
        return same_value(read, given) or any(
            is_written(stored, given, encoding) for encoding in self._encodings
        )

    def _shape(self, place: int) -> Any:
        return None if self._stored.geometry is None else self._stored.geometry[place]

    def _key(self, place: int) -> FeatureKey:
        return FeatureKey(self._asset.id, str(self._stored.uuids[place]))

    def _title_of(self, place: int, row: int | None) -> str:
        values = {name: column[place] for name, column in self._stored.columns.items()}
        return title_of(self._asset, values, row) or str(self._stored.uuids[place])[:8]


def _links(asset: AssetType) -> dict[str, str]:
    """Return for each field that repeats a node's number the one that holds its identity."""
    return {
        number: link
        for pair in asset.topology.numbers
        for number, link in zip(pair, _LINKS, strict=True)
    }


def _distance_m(ours: Any, theirs: Any) -> float:
    """Return how far a geometry was moved: of points their distance, else Hausdorff's."""
    if ours is None or theirs is None:
        return 0.0
    return float(shapely.hausdorff_distance(ours, theirs))
