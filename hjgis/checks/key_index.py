"""Which rows share a key value, remembered as numbers.

So that what shared a value with a feature before an edit is known after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features

Rows = Mapping[str, NDArray[np.int64]]
# By layer the fields, or ``uuid``, whose values bind its features to others.
Keys = Mapping[str, tuple[str, ...]]
UUID: Final = "uuid"
NO_ROWS: Final = np.empty(0, dtype=np.int64)
# What stands for a missing value; it binds nothing.
_NOTHING: Final = 0


@dataclass(frozen=True, slots=True, eq=False)
class LayerKeys:
    """Row numbers of a layer, rising, and for each a number for the value of each key."""

    fids: NDArray[np.int64]
    keys: Mapping[str, NDArray[np.int64]]

    def at(self, fids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the positions of those of some rows that are there."""
        return np.flatnonzero(np.isin(self.fids, fids))


@dataclass(frozen=True, slots=True, eq=False)
class KeyIndex:
    """All layers' rows with the values that bind them, equal values being equal numbers.

    Two different values may have the same number: then too much is looked at, never too little.
    """

    layers: Mapping[str, LayerKeys]

    def changed(self, layer: str, features: Features, gone: NDArray[np.int64]) -> KeyIndex:
        """Return an index in which a layer's rows are as `features` says, without those gone."""
        old = self.layers[layer]
        new = layer_keys(features, old.keys)
        touched = np.concatenate([features.fids, gone])
        kept = ~np.isin(old.fids, touched)
        fids = np.concatenate([old.fids[kept], new.fids])
        order = np.argsort(fids, kind="stable")
        keys = {
            name: np.concatenate([values[kept], new.keys[name]])[order]
            for name, values in old.keys.items()
        }
        return KeyIndex({**self.layers, layer: LayerKeys(fids[order], keys)})

    def values(self, keys: Keys, rows: Rows) -> NDArray[np.int64]:
        """Return what binds some rows to others."""
        found = []
        for layer, fids in rows.items():
            held = self.layers.get(layer)
            if held is not None and len(fids) and layer in keys:
                at = held.at(fids)
                found += [held.keys[name][at] for name in keys[layer]]
        values = np.unique(np.concatenate([NO_ROWS, *found]))
        return np.asarray(values[values != _NOTHING])

    def sharing(self, keys: Keys, values: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """Return by layer the rows that hold one of some values in any key."""
        result = {}
        for layer, names in keys.items():
            held = self.layers.get(layer)
            if held is None or not names or not len(values):
                continue
            bound = np.zeros(len(held.fids), dtype=bool)
            for name in names:
                bound |= np.isin(held.keys[name], values)
            if bound.any():
                result[layer] = held.fids[bound]
        return result


def layer_keys(features: Features, names: Iterable[str]) -> LayerKeys:
    """Return the numbers of what features hold in some keys."""
    return LayerKeys(features.fids, {name: _numbers(features, name) for name in names})


def _numbers(features: Features, name: str) -> NDArray[np.int64]:
    if name == UUID:
        return np.fromiter(map(_number, features.uuids), np.int64, len(features))
    column = features.coded(name)
    if column is not None:
        known = [*map(_number, column.values), _NOTHING]
        return np.array(known, dtype=np.int64)[column.codes]
    return np.fromiter(map(_number, features.objects(name)), np.int64, len(features))


def _number(value: object) -> int:
    """Return a number for a value; blanks at its ends and capitals make no other one."""
    if value is None:
        return _NOTHING
    text = f"{value:g}" if isinstance(value, int | float) else str(value).strip().casefold()
    return hash(text) or 1
