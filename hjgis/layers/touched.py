"""What a change does to one layer, gathered while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hjgis.models.changes import Extent, LayerDelta


@dataclass
class Touched:
    """What happened to one layer so far."""

    inserted: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    geometry: bool = False
    extent: Extent | None = None

    def delta(self) -> LayerDelta:
        """Return it as it is announced: what came and went again is not mentioned."""
        gone, new = set(self.deleted), set(self.inserted)
        return LayerDelta(
            _fids(self.inserted if not gone else sorted(new - gone)),
            _fids(sorted(set(self.updated) - gone - new)),
            _fids(self.deleted if not new else sorted(gone - new)),
            frozenset(self.fields),
            self.geometry,
            self.extent,
        )


def _fids(numbers: Sequence[int]) -> NDArray[np.int64]:
    return np.asarray(numbers, dtype=np.int64)
