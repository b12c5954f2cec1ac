"""What a project must hold after given edits, worked out without the code that stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.importing import ImportPlan
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import BulkDelete, BulkInsert, ChangeSet, Feature, FeatureKey

# Geometry as WKB, and the values; what is replaced is never altered.
Row = tuple[bytes | None, Mapping[str, Value]]
Rows = dict[FeatureKey, Row]
_Old = dict[FeatureKey, Row | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What is about to be done to a project.

    Attributes
    ----------
    kind : str
        In the words of the table that people read.
    uuids : tuple of str
        Who stands at the row numbers of the change's bulk updates, one after the other.
    plan : ImportPlan or None
        Where the changes come from, if they are imported.
    """

    kind: str
    act: Literal["apply", "import", "undo", "redo", "reopen", "tidy"]
    changes: ChangeSet | None = None
    uuids: tuple[str, ...] = ()
    plan: ImportPlan | None = None

    @property
    def is_edit(self) -> bool:
        """Whether the history gains a change."""
        return self.act not in ("reopen", "tidy")


@dataclass
class Expected:
    """Every feature by identity, and how to take edits back."""

    fields: dict[str, tuple[str, ...]]
    rows: Rows = field(default_factory=dict)
    _done: list[_Old] = field(default_factory=list)
    _undone: list[_Old] = field(default_factory=list)

    @classmethod
    def of_new(cls, project: Project) -> Self:
        """Return what an empty project holds."""
        return cls({layer: asset.field_names for layer, asset in project.types.items()})

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return bool(self._undone)

    def after(self, step: Step) -> Expected:
        """Return what there is after one more step; this one stays as it is."""
        result = Expected(dict(self.fields), dict(self.rows), [*self._done], [*self._undone])
        result.take(step)
        return result

    def take(self, step: Step) -> None:
        """Do a step."""
        if step.act == "undo":
            self._undone.append(self._put(self._done.pop()))
        elif step.act == "redo":
            self._done.append(self._put(self._undone.pop()))
        elif step.changes is not None:
            if step.plan is not None and step.plan.new_layer is not None:
                self.fields[step.plan.new_layer.id] = step.plan.new_layer.field_names
            self._done.append(self._put(self._new_rows(step)))
            self._undone.clear()

    def counts(self) -> dict[str, int]:
        """Return the number of features of each layer."""
        result = dict.fromkeys(self.fields, 0)
        for key in self.rows:
            result[key.layer] += 1
        return result

    def _put(self, rows: _Old) -> _Old:
        """Replace rows; return what was there."""
        old = {key: self.rows.get(key) for key in rows}
        for key, row in rows.items():
            if row is None:
                del self.rows[key]
            else:
                self.rows[key] = row
        return old

    def _new_rows(self, step: Step) -> _Old:
        assert step.changes is not None
        result: _Old = {}
        uuids = list(step.uuids)
        for bulk in step.changes.bulk:
            if isinstance(bulk, BulkInsert):
                result |= self._born(bulk)
            elif isinstance(bulk, BulkDelete):
                result |= {FeatureKey(bulk.layer, uuid): None for uuid in bulk.uuids}
            else:
                keys = [FeatureKey(bulk.layer, uuids.pop(0)) for _fid in bulk.fids]
                for key, *values in zip(keys, *bulk.columns.values(), strict=True):
                    blob, known = self.rows[key]
                    result[key] = (blob, {**known, **dict(zip(bulk.columns, values, strict=True))})
        for change in step.changes.changes:
            result[change.key] = self._row(change.after)
        return result

    def _born(self, bulk: BulkInsert) -> _Old:
        assert bulk.uuids is not None
        empty = dict.fromkeys(self.fields[bulk.layer])
        values = (
            zip(*bulk.columns.values(), strict=True) if bulk.columns else [()] * len(bulk.uuids)
        )
        return {
            FeatureKey(bulk.layer, uuid): (
                blob,
                {**empty, **dict(zip(bulk.columns, row, strict=True))},
            )
            for uuid, blob, row in zip(bulk.uuids, _blobs(bulk.geometry), values, strict=True)
        }

    def _row(self, feature: Feature | None) -> Row | None:
        if feature is None:
            return None
        empty = dict.fromkeys(self.fields[feature.key.layer])
        return _blobs(np.array([feature.geometry], object))[0], {**empty, **feature.values}


def stored_rows(project: Project) -> Rows:
    """Return every feature that is stored."""
    result: Rows = {}
    for layer in project.types:
        table = project.table(layer)
        assert table.geometry is not None
        columns = [column.tolist() for column in table.columns.values()]
        values = zip(*columns, strict=True) if columns else [()] * len(table.uuids)
        for uuid, blob, row in zip(
            table.uuids.tolist(), _blobs(table.geometry), values, strict=True
        ):
            result[FeatureKey(layer, uuid)] = (blob, dict(zip(table.columns, row, strict=True)))
    return result


def _blobs(geometry: NDArray[np.object_]) -> list[bytes | None]:
    return list(shapely.to_wkb(geometry, output_dimension=4))
