"""What is selected: features of one layer, shared by map, form, table and lists."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, FeatureKey


class Selection(QObject):
    """Row numbers of the selected features; `changed` is emitted only when they differ."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layer: str | None = None
        self._fids = np.empty(0, np.int64)

    @property
    def layer(self) -> str | None:
        """The layer of the selected features; None if nothing is selected."""
        return self._layer

    @property
    def fids(self) -> NDArray[np.int64]:
        """Row numbers, rising."""
        return self._fids

    def __len__(self) -> int:
        return len(self._fids)

    def set(self, layer: str | None, fids: Iterable[int] | NDArray[np.int64]) -> None:
        """Select just these features."""
        numbers = _rising(fids)
        layer = layer if len(numbers) else None
        if layer != self._layer or not np.array_equal(numbers, self._fids):
            self._layer, self._fids = layer, numbers
            self.changed.emit()

    def clear(self) -> None:
        """Select nothing."""
        self.set(None, ())

    def keys(self, project: Project) -> list[FeatureKey]:
        """Return the identities of the selected features, in fid order."""
        if self._layer is None:
            return []
        table = project.table(self._layer, (), fids=self._fids.tolist(), geometry=False)
        return [FeatureKey(self._layer, uuid) for uuid in table.uuids]

    def follow(self, announcement: Announcement) -> None:
        """Let go of features that are no longer there."""
        delta = announcement.layers.get(self._layer or "")
        if delta is not None and len(delta.deleted):
            self.set(self._layer, self._fids[~np.isin(self._fids, delta.deleted)])


def _rising(fids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers, each once; a million in a moment (numpy's own `unique` takes a second)."""
    if isinstance(fids, np.ndarray):
        numbers = fids.astype(np.int64)
    else:
        numbers = np.fromiter((int(fid) for fid in fids), np.int64)
    if (numbers[1:] > numbers[:-1]).all():
        return numbers
    numbers = np.sort(numbers)
    return numbers[np.diff(numbers, prepend=numbers[:1] - 1) > 0]
