"""Records that come back, between what was given away and what is stored now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import matching, records
from hjgis.exchange.differences import Difference, LayerUpdate
from hjgis.exchange.matching import Incoming, same_shape, same_value
from hjgis.exchange.record_import import owner_trouble
from hjgis.exchange.report import Problems
from hjgis.exchange.updating import File, Look
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import RECORD_OF, AssetType, Value
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.reading import LayerTable
from hjgis.models.records import LAYER as INSPECTIONS


def three_way(
    project: Project,
    asset: AssetType,
    incoming: Incoming,
    given: LayerTable,
    file: File,
    problems: Problems,
    *,
    seed: str,
) -> tuple[list[str], LayerUpdate]:
    """Return what the other side changed since a layer was given away, beside the layer now.

    A change that is in the project already is counted and not shown; one of something that was
    changed or deleted here too is a conflict. What is missing in the file was given away and is
    still there. Records that are none of what was given away are new, unless they came in before.

    Parameters
    ----------
    incoming : Incoming
        A place that is None is not known: then the one that was given away is meant.
    given : LayerTable
        What was given away, with all fields and geometry.
    seed : str
        UUID of the delivery: a new record without identity gets the same one every time.

    Returns
    -------
    uuids : list of str, length n
        The feature that each record is or becomes; empty for one that cannot be taken.
    update : LayerUpdate
    """
    found = matching.pairs(asset, incoming, given)
    incoming = _with_places(incoming, given, found, problems, listed=file.places)
    now = project.table(asset.id, None) if asset.id in project.types else None
    sides = _Sides(project, asset, incoming, given, now, file)
    changed: list[Difference] = []
    conflicts: list[Difference] = []
    already, differing, matched = 0, 0, np.flatnonzero(found >= 0)
    for entry in sides.theirs.all_changed(found):
        differing += 1
        parts = list(sides.judged(entry))
        already += not parts
        changed += [part for part in parts if part.kind == "changed"]
        conflicts += [part for part in parts if part.kind == "conflict"]
    free = np.ones(len(given.fids), dtype=bool)
    free[found[matched]] = False
    missing = [one for place in np.flatnonzero(free).tolist() if (one := sides.missing(place))]
    new = _can_be_new(project, asset, incoming, np.flatnonzero(found < 0), problems)
    named = _named(incoming, new, seed)
    new, others = _known(project, asset, named, new, given, now, file)
    fresh = records.new_features(project, asset, named, new, problems)
    uuids = [str(given.uuids[place]) if place >= 0 else "" for place in found.tolist()]
    for record, uuid in (*zip(new.tolist(), fresh.uuids or (), strict=True), *others.uuids.items()):
        uuids[record] = uuid
    return uuids, LayerUpdate(
        asset, len(matched) + len(others.uuids), len(matched) - differing, fresh,
        (incoming.rows[new] + 1).tolist(),
        (*changed, *conflicts, *others.conflicts, *missing), already + others.already,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Now:
    """A feature as it is stored now."""

    values: dict[str, Value]
    shape: shapely.Geometry | None


class _Sides:
    """What was given away, what came back of it, and what is stored now."""

    def __init__(
        self,
        project: Project,
        asset: AssetType,
        incoming: Incoming,
        given: LayerTable,
        now: LayerTable | None,
        file: File,
    ) -> None:
        self._asset, self._incoming, self._given, self._now = asset, incoming, given, now
        self._left_out = file.left_out
        self.theirs = Look(project.catalogue, asset, incoming, given, file)
        uuids = [] if now is None else now.uuids.tolist()
        self._places = {uuid: place for place, uuid in enumerate(uuids)}
        self._went = {uuid: place for place, uuid in enumerate(given.uuids.tolist())}

    def judged(self, entry: Difference) -> Iterator[Difference]:
        """Yield what of a change can be taken over, and what speaks against something of ours."""
        assert entry.key is not None
        now, conflict = self._stored(entry), self._as_conflict(entry)
        if now is None:
            values = {name: (None, theirs) for name, (_was, theirs) in entry.values.items()}
            yield replace(conflict, values=values, stored_geometry=None, gone=True)
            return
        free: dict[str, tuple[Value, Value]] = {}
        torn: dict[str, tuple[Value, Value]] = {}
        for name, (was, theirs) in entry.values.items():
            ours = now.values[name]
            if not self.theirs.is_same(name, ours, theirs):
                (free if same_value(ours, was) else torn)[name] = (ours, theirs)
        moved, moved_here = self._moved(entry, now)
        if free or (moved is not None and not moved_here):
            away_m = None if moved_here else moved
            yield replace(entry, values=free, moved_m=away_m, stored_geometry=now.shape)
        if torn or moved_here:
            away_m = moved if moved_here else None
            yield replace(conflict, values=torn, moved_m=away_m, stored_geometry=now.shape)

    def _moved(self, entry: Difference, now: _Now) -> tuple[float | None, bool]:
        """Return how far a place is to move, if it is, and whether it was moved here as well."""
        near_m = self._incoming.tolerance_m
        if entry.moved_m is None or same_shape(now.shape, entry.given_geometry, near_m):
            return None, False
        return entry.moved_m, not same_shape(now.shape, entry.stored_geometry, near_m)

    def _as_conflict(self, entry: Difference) -> Difference:
        """Return a difference with the feature as it was given away."""
        assert entry.key is not None
        given, place = self._given, self._went[entry.key.uuid]
        assert given.geometry is not None
        values = {name: column[place] for name, column in given.columns.items()}
        feature = Feature(entry.key, given.geometry[place], values)
        return replace(entry, kind="conflict", delivered=feature)

    def missing(self, place: int) -> Difference | None:
        """Return what is said of a feature that did not come back; None if it is gone here too."""
        entry = self.theirs.missing(place)
        assert entry.key is not None
        here = entry.key.uuid in self._places and entry.key.uuid not in self._left_out
        return entry if here else None

    def _stored(self, entry: Difference) -> _Now | None:
        assert entry.key is not None
        place = self._places.get(entry.key.uuid)
        if place is None or self._now is None or self._now.geometry is None:
            return None
        values = {name: self._now.columns[name][place] for name in entry.values}
        return _Now(values, self._now.geometry[place])


def _with_places(
    incoming: Incoming,
    given: LayerTable,
    found: NDArray[np.int64],
    problems: Problems,
    *,
    listed: bool,
) -> Incoming:
    """Let records whose place is not known be where they were given away; lost ones are listed."""
    assert given.geometry is not None
    unknown = np.flatnonzero(shapely.is_missing(incoming.geometry) & (found >= 0))
    if not len(unknown):
        return incoming
    geometry = incoming.geometry.copy()
    geometry[unknown] = given.geometry[found[unknown]]
    if listed:
        for record in unknown[~shapely.is_missing(geometry[unknown])].tolist():
            words = _("the place is missing in the file; the stored one stays")
            problems.add(int(incoming.rows[record]) + 1, None, "null-geometry", words)
    return replace(incoming, geometry=geometry)


def _can_be_new(
    project: Project,
    asset: AssetType,
    incoming: Incoming,
    new: NDArray[np.intp],
    problems: Problems,
) -> NDArray[np.intp]:
    """Return which records can become features; why others cannot is listed."""
    known = _owners(project, incoming, new) if asset.is_record else {}
    kept = []
    for record in new.tolist():
        why = ""
        if asset.is_record:
            why = _record_trouble(asset, incoming, record, known)
        elif asset.is_spatial and incoming.geometry[record] is None:
            why = _("left out: {why}").format(why=_("new, but without a place"))
        if why:
            kind = "rejected" if asset.is_record else "null-geometry"
            problems.add(int(incoming.rows[record]) + 1, None, kind, why)
        else:
            kept.append(record)
    return np.array(kept, dtype=np.intp)


def _owners(
    project: Project, incoming: Incoming, new: NDArray[np.intp]
) -> Mapping[FeatureKey, Feature]:
    """Return the features that new records belong to, those that are there."""
    keys = (_owner(incoming, record) for record in new.tolist())
    return project.known(key for key in keys if key.layer in project.types)


def _owner(incoming: Incoming, record: int) -> FeatureKey:
    values = incoming.values
    layer, uuid = (values[name][record] if name in values else "" for name in RECORD_OF)
    return FeatureKey(str(layer or ""), str(uuid or ""))


def _record_trouble(
    asset: AssetType, incoming: Incoming, record: int, known: Mapping[FeatureKey, Feature]
) -> str:
    if asset.id != INSPECTIONS:
        return _("left out: photos and papers are attached, not taken from a table")
    key = _owner(incoming, record)
    values = {name: column[record] for name, column in incoming.values.items()}
    return owner_trouble(key.uuid, [key] if key in known else [], values)


@dataclass(frozen=True, slots=True)
class _Others:
    """New records that are here already: by record what they are, which differ, how many do not."""

    uuids: dict[int, str]
    conflicts: tuple[Difference, ...] = ()
    already: int = 0


def _known(
    project: Project,
    asset: AssetType,
    incoming: Incoming,
    new: NDArray[np.intp],
    given: LayerTable,
    now: LayerTable | None,
    file: File,
) -> tuple[NDArray[np.intp], _Others]:
    """Look for new records among the features that were not given away; return those not here."""
    others = None if now is None else now.taken(~np.isin(now.fids, given.fids))
    if others is None or not len(new) or not len(others.fids):
        return new, _Others({})
    named = _taken(incoming, new)
    places = matching.pairs(asset, named, others)
    look = Look(project.catalogue, asset, named, others, file)
    conflicts = tuple(replace(entry, kind="conflict") for entry in look.all_changed(places))
    here = np.flatnonzero(places >= 0)
    uuids = dict(zip(new[here].tolist(), others.uuids[places[here]].tolist(), strict=True))
    return new[places < 0], _Others(uuids, conflicts, len(here) - len(conflicts))


def _named(incoming: Incoming, new: NDArray[np.intp], seed: str) -> Incoming:
    """Give new records without identity one that follows from what they are."""
    uuids = list(incoming.uuids)
    met: Counter[str] = Counter()
    written = shapely.to_wkb(incoming.geometry[new], hex=True).tolist()
    beside = {*incoming.computed, "source_file", "source_row"}
    told = [column for name, column in incoming.values.items() if name not in beside]
    for record, place in zip(new.tolist(), written, strict=True):
        if uuids[record] is None:
            said = repr((place, [column[record] for column in told]))
            uuids[record] = str(uuid5(UUID(seed), f"{met[said]} {said}"))
            met[said] += 1
    return replace(incoming, uuids=uuids)


def _taken(incoming: Incoming, chosen: NDArray[np.intp]) -> Incoming:
    """Return some records alone."""
    place_of = {record: place for place, record in enumerate(chosen.tolist())}
    refused = {
        name: {place_of[record] for record in there if record in place_of}
        for name, there in incoming.refused.items()
    }
    return replace(
        incoming,
        rows=incoming.rows[chosen],
        geometry=incoming.geometry[chosen],
        values={name: [column[i] for i in chosen] for name, column in incoming.values.items()},
        uuids=[incoming.uuids[i] for i in chosen],
        refused=refused,
    )
