"""After an edit: which rules can it have changed, on which features; those are run again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.checked import Checked, keys_of
from hjgis.checks.issue_list import replaced
from hjgis.checks.key_index import NO_ROWS, Rows
from hjgis.checks.rules.register import Rule, Scope
from hjgis.checks.runner import Look, look
from hjgis.checks.shared_features import SharedFeatures
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, Extent, LayerDelta
from hjgis.progress import Progress

# More than this many rows are looked at with the whole layer, when there is time.
MANY: Final = 4000
_MANY_BOXES: Final = 50
# Facts of the project are no features: what asks for them need not look after an edit of those.
_ASKS_FACTS: Final = frozenset(("info", "own_lists", "number_plan", "arrangement", "title"))


@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """What happened to one layer since it was checked.

    Attributes
    ----------
    moved : bool
        Whether rows that were there got another geometry.
    boxes : tuple of extents
        Where geometry was or is; a box is that of one change.
    """

    inserted: NDArray[np.int64] = field(default_factory=lambda: NO_ROWS)
    updated: NDArray[np.int64] = field(default_factory=lambda: NO_ROWS)
    deleted: NDArray[np.int64] = field(default_factory=lambda: NO_ROWS)
    fields: frozenset[str] = frozenset()
    moved: bool = False
    boxes: tuple[Extent, ...] = ()

    def __len__(self) -> int:
        return len(self.inserted) + len(self.updated) + len(self.deleted)

    @property
    def rows(self) -> NDArray[np.int64]:
        """All of them."""
        return np.unique(np.concatenate([self.inserted, self.updated, self.deleted]))

    def then(self, delta: LayerDelta) -> Touched:
        """Return this and what happened afterwards."""
        placed = delta.geometry or len(delta.inserted) or len(delta.deleted)
        boxes = (delta.extent,) if placed and delta.extent is not None else ()
        return Touched(
            np.union1d(self.inserted, delta.inserted),
            np.union1d(self.updated, delta.updated),
            np.union1d(self.deleted, delta.deleted),
            self.fields | delta.fields,
            self.moved or bool(delta.geometry and len(delta.updated)),
            tuple(dict.fromkeys((*self.boxes, *boxes))),
        )

    def concerning(self, rule: Rule, asset: AssetType) -> NDArray[np.int64]:
        """Return the rows that a rule must look at again, itself being asked of their layer."""
        columns = rule.reads.columns(asset)
        if columns is None:
            return NO_ROWS
        asked = {*columns, *rule.reads.keys(asset)}
        again = (rule.reads.geometry and self.moved) or not self.fields.isdisjoint(asked)
        return np.union1d(
            np.union1d(self.inserted, self.deleted), self.updated if again else NO_ROWS
        )


Dirty = Mapping[str, Touched]


def touched_by(announcements: Iterable[Announcement]) -> dict[str, Touched]:
    """Return what some changes, one after the other, did to each layer."""
    result: dict[str, Touched] = {}
    for announcement in announcements:
        for layer, delta in announcement.layers.items():
            result[layer] = result.get(layer, Touched()).then(delta)
    return result


def is_bulk(dirty: Dirty) -> bool:
    """Whether so much has changed that everything is looked at in less time."""
    return any(len(touched) > MANY for touched in dirty.values())


def asks_features(seen: Look) -> bool:
    """Whether a rule read features past those that it declared: any edit may change it."""
    return bool(seen.asked - _ASKS_FACTS)


def asks_facts(seen: Look) -> bool:
    """Whether a rule asked something of the project that a change of its facts may change."""
    return bool(seen.asked)


def concerned(checked: Checked, dirty: Dirty, layers: Collection[AssetType]) -> frozenset[str]:
    """Return the rules whose findings an edit may have changed."""
    if not dirty:
        return frozenset()
    return frozenset(
        name
        for name, rule in checked.rules.items()
        if asks_features(checked.looks[name])
        or any(len(rows) for rows in _concerning(rule, checked.looks[name], dirty, layers).values())
    )


def _concerning(
    rule: Rule, seen: Look, dirty: Dirty, layers: Iterable[AssetType]
) -> dict[str, NDArray[np.int64]]:
    """Return by layer the rows that a rule must look at again, less what depends on those."""
    result = {}
    for asset in layers:
        touched = dirty.get(asset.id)
        if touched is None:
            continue
        rows = touched.concerning(rule, asset)
        if touched.moved:
            # A finding lies where its feature does, even if the rule does not look at that.
            found = [one.fids for one in seen.findings if one.layer == asset.id]
            moved = np.intersect1d(touched.updated, np.concatenate([NO_ROWS, *found]))
            rows = np.union1d(rows, moved)
        if len(rows):
            result[asset.id] = rows
    return result


def follow(
    project: Project, checked: Checked, dirty: Dirty, waiting: Collection[str], progress: Progress
) -> tuple[Checked, frozenset[str]]:
    """Run again what an edit can have changed, on the features that it concerns.

    Parameters
    ----------
    waiting : collection of str
        Rules that will be run on everything anyway, and are left alone.

    Returns
    -------
    Checked
    frozenset of str
        Rules that must be run on everything.
    """
    return _Following(project, checked, dirty, progress).run(waiting)


class _Following:
    """One pass over the rules after an edit."""

    def __init__(
        self, project: Project, checked: Checked, dirty: Dirty, progress: Progress
    ) -> None:
        self._project, self._before = project, checked
        reads = [rule.reads for rule in checked.rules.values()]
        self._shared = SharedFeatures(project, reads, progress=progress)
        self._layers = self._shared.layers
        self._dirty = {a.id: dirty[a.id] for a in self._layers if a.id in dirty}
        self._gone: dict[str, NDArray[np.int64]] = {}
        self._boxes: dict[str, list[Extent]] = {}
        self._near: dict[tuple[str, Extent], NDArray[np.int64]] = {}
        self._index = checked.index

    def run(self, waiting: Collection[str]) -> tuple[Checked, frozenset[str]]:
        self._read()
        looks, late = dict(self._before.looks), set[str]()
        for name, rule in self._before.rules.items():
            if name in waiting:
                continue
            self._shared.progress.check()
            seen = self._again(rule, looks[name])
            if seen is None:
                late.add(name)
            else:
                looks[name] = seen
        return replace(self._before, looks=looks, index=self._index), frozenset(late)

    def _read(self) -> None:
        """Take the touched rows into the index, and note where they are."""
        for layer, touched in self._dirty.items():
            features = self._shared.rows(layer, touched.rows)
            self._gone[layer] = np.setdiff1d(touched.rows, features.fids)
            self._index = self._index.changed(layer, features, self._gone[layer])
            boxes = [*touched.boxes, *_boxes(features.geometry)]
            self._boxes[layer] = [*dict.fromkeys(boxes)]

    def _again(self, rule: Rule, seen: Look) -> Look | None:
        """Return what a rule finds now; None if it must look at everything."""
        if asks_features(seen):
            return None
        rows = _concerning(rule, seen, self._dirty, self._layers)
        if not rows:
            return seen
        everything = seen.trouble or rule.reads.scope is Scope.LAYER
        if everything or not seen.wholes.isdisjoint(rows) or any(map(self._is_large, seen.wholes)):
            return None
        reach = self._reach(rule, rows)
        if reach is None:
            return None
        judged, looked_at = reach
        if any(len(fids) > MANY for fids in looked_at.values()):
            return None
        found = look(rule, self._shared, rows=looked_at)
        if found.trouble or asks_features(found):
            return None
        new = [part.taken(_in(part.fids, judged, part.layer)) for part in found.findings]
        findings = replaced(seen.findings, judged, new)
        return Look(findings, seen.asked | found.asked, seen.wholes | found.wholes)

    def _is_large(self, layer: str) -> bool:
        return len(self._index.layers[layer].fids) > MANY

    def _reach(self, rule: Rule, rows: Rows) -> tuple[Rows, Rows] | None:
        """Return which rows are judged anew, and which must be seen for that."""
        if rule.reads.scope is Scope.FEATURE:
            return rows, rows
        if rule.reads.scope is Scope.GROUP:
            return self._sharing(rule, rows)
        return self._beside(rule, rows)

    def _sharing(self, rule: Rule, rows: Rows) -> tuple[Rows, Rows]:
        keys = keys_of(rule, self._layers)
        then, now = self._before.index, self._index
        values = np.union1d(then.values(keys, rows), now.values(keys, rows))
        judged = _both(rows, now.sharing(keys, values))
        return judged, _both(judged, now.sharing(keys, now.values(keys, judged)))

    def _beside(self, rule: Rule, rows: Rows) -> tuple[Rows, Rows] | None:
        reach = float(rule.limits[rule.reads.reach])
        boxes = [box for layer in rows for box in self._boxes[layer]]
        if len(boxes) > _MANY_BOXES:
            return None
        looked_at = [a for a in self._layers if rule.reads.columns(a) is not None and a.is_spatial]
        judged, seen = rows, rows
        for box in boxes:
            beside = self._within(looked_at, _wider(box, reach))
            if any(len(fids) > MANY for fids in beside.values()):
                return None
            judged = _both(judged, beside)
        for box in self._joint_boxes(judged, reach):
            seen = _both(seen, self._within(looked_at, box))
        return judged, _both(seen, judged)

    def _joint_boxes(self, rows: Rows, reach: float) -> Iterator[Extent]:
        """Yield boxes that together hold all that is within reach of some rows."""
        for layer, fids in rows.items():
            shapes = self._shared.rows(layer, fids).geometry
            boxes = _boxes(shapes)
            if len(boxes) <= _MANY_BOXES:
                yield from (_wider(box, reach) for box in boxes)
            else:
                yield _wider(tuple(shapely.total_bounds(shapes).tolist()), reach)

    def _within(self, assets: Iterable[AssetType], box: Extent) -> dict[str, NDArray[np.int64]]:
        for asset in assets:
            if (asset.id, box) not in self._near:
                found = self._project.store.fids_within(asset.id, box)
                self._near[asset.id, box] = found
        return {asset.id: self._near[asset.id, box] for asset in assets}


def _boxes(shapes: NDArray[np.object_]) -> list[Extent]:
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return [(x, y, far_x, far_y) for x, y, far_x, far_y in shapely.bounds(there).tolist()]


def _wider(box: Extent, reach: float) -> Extent:
    return box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach


def _both(rows: Rows, others: Rows) -> dict[str, NDArray[np.int64]]:
    result = dict(rows)
    for layer, fids in others.items():
        if len(fids):
            result[layer] = np.union1d(result.get(layer, NO_ROWS), fids)
    return result


def _in(fids: NDArray[np.int64], rows: Rows, layer: str) -> NDArray[np.bool_]:
    return np.isin(fids, rows.get(layer, NO_ROWS))
