"""What a project must hold after given edits, worked out without the code that stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.importing import ImportPlan
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import BulkDelete, BulkInsert, ChangeSet, Feature, FeatureKey

# Geometry as WKB, and the values that are known; what is replaced is never altered.
Row = tuple[bytes | None, Mapping[str, Value]]
Rows = dict[FeatureKey, Row]
_Old = dict[FeatureKey, Row | None]
Sketch = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is about to be done to a project.

    Attributes
    ----------
    kind : str
        In the words of the table that people read.
    uuids : tuple of str
        Who stands at the row numbers of the change's bulk update.
    plan : ImportPlan or None
        Where the changes come from, if they are imported.
    sketch : tuple of (x, y)
        What is drawn and not finished; nothing once it is.
    """

    kind: str
    act: Literal["apply", "import", "undo", "redo", "reopen", "tidy", "sketch"]
    changes: ChangeSet | None = None
    uuids: tuple[str, ...] = ()
    plan: ImportPlan | None = None
    sketch: Sketch = ()

    @property
    def is_edit(self) -> bool:
        """Whether the history gains a change."""
        return self.act not in ("reopen", "tidy", "sketch")


@dataclass(frozen=True, slots=True)
class _Back:
    """What leads from after an edit to before it: rows, and a layer that comes or goes."""

    rows: _Old
    layer: str | None


@dataclass
class Expected:
    """Every feature by identity, and how to take edits back."""

    layers: set[str]
    rows: Rows = field(default_factory=dict)
    sketch: Sketch = ()
    _done: list[_Back] = field(default_factory=list)
    _undone: list[_Back] = field(default_factory=list)

    @classmethod
    def of_new(cls, project: Project) -> Self:
        """Return what an empty project holds."""
        return cls(set(project.types))

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
        result = Expected(
            set(self.layers), dict(self.rows), self.sketch, [*self._done], [*self._undone]
        )
        result.take(step)
        return result

    def take(self, step: Step) -> None:
        """Do a step."""
        if step.act == "undo":
            self._undone.append(self._put(self._done.pop()))
        elif step.act == "redo":
            self._done.append(self._put(self._undone.pop()))
        elif step.act == "sketch":
            self.sketch = step.sketch
        elif step.changes is not None:
            new = step.changes.new_layer
            self._done.append(self._put(_Back(self._new_rows(step), new.id if new else None)))
            self._undone.clear()

    def counts(self) -> dict[str, int]:
        """Return the number of features of each layer."""
        result = dict.fromkeys(self.layers, 0)
        for key in self.rows:
            result[key.layer] += 1
        return result

    def _put(self, wanted: _Back) -> _Back:
        """Replace rows; return what was there."""
        old = {key: self.rows.get(key) for key in wanted.rows}
        for key, row in wanted.rows.items():
            if row is None:
                del self.rows[key]
            else:
                self.rows[key] = row
        if wanted.layer is not None:
            self.layers ^= {wanted.layer}
        return _Back(old, wanted.layer)

    def _new_rows(self, step: Step) -> _Old:
        assert step.changes is not None
        result: _Old = {}
        for bulk in step.changes.bulk:
            if isinstance(bulk, BulkInsert):
                result |= _born(bulk)
            elif isinstance(bulk, BulkDelete):
                result |= {FeatureKey(bulk.layer, uuid): None for uuid in bulk.uuids}
            else:
                for i, uuid in enumerate(step.uuids):
                    key = FeatureKey(bulk.layer, uuid)
                    blob, known = self.rows[key]
                    result[key] = (blob, _known({**known, **_at(i, bulk.columns)}))
        for change in step.changes.changes:
            result[change.key] = _row(change.after)
        return result


def stored_rows(project: Project) -> Rows:
    """Return every feature that is stored."""
    result: Rows = {}
    for layer in project.types:
        table = project.table(layer)
        assert table.geometry is not None
        values: list[dict[str, Value]] = [{} for _uuid in table.uuids]
        for name, column in table.columns.items():
            for i in np.flatnonzero(column != None):  # noqa: E711
                values[i][name] = column[i]
        keys = (FeatureKey(layer, uuid) for uuid in table.uuids)
        result |= zip(keys, zip(_blobs(table.geometry), values, strict=True), strict=True)
    return result


def _born(bulk: BulkInsert) -> _Old:
    assert bulk.uuids is not None
    return {
        FeatureKey(bulk.layer, uuid): (blob, _known(_at(i, bulk.columns)))
        for i, (uuid, blob) in enumerate(zip(bulk.uuids, _blobs(bulk.geometry), strict=True))
    }


def _row(feature: Feature | None) -> Row | None:
    if feature is None:
        return None
    return _blobs(np.array([feature.geometry], object))[0], _known(feature.values)


def _at(i: int, columns: Mapping[str, Sequence[Value]]) -> dict[str, Value]:
    return {name: column[i] for name, column in columns.items()}


def _known(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _blobs(geometry: NDArray[np.object_]) -> list[bytes | None]:
    return list(shapely.to_wkb(geometry, output_dimension=4))
