"""What is stored of features that a change is about; refuses what it does not expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers import geometry_blob
from hjgis.models.assets import AssetType
from hjgis.models.changes import Change, Feature

# So many features are looked up at once; SQLite takes no more than 999 values in older builds.
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row as it is stored."""

    fid: int
    blob: bytes | None
    values: Mapping[str, Any]
    own_bytes: bool = True

    def checked(self, before: Feature, blob: bytes | None) -> StoredRow:
        """Refuse a *before* that is not what is stored; `blob` is its place.

        Raises
        ------
        StoreConflict
            If they differ.
        """
        differing = []
        if before.values != self.values:
            differing = [n for n, value in before.values.items() if self.values[n] != value]
        if blob != self.blob:
            # Other programs write the same place in other bytes.
            stored = geometry_blob.decode_one(self.blob)
            if not geometry_blob.same(stored, before.geometry):
                differing.append("geom")
        if differing:
            message = _("{key} was changed meanwhile ({fields}); nothing was stored.")
            raise StoreConflict(message.format(key=before.key, fields=", ".join(differing)))
        return self if blob == self.blob else replace(self, own_bytes=False)

    def moved(self, before: Feature, after: Feature) -> bool:
        """Whether bytes that differ mean another place."""
        return self.own_bytes or not geometry_blob.same(before.geometry, after.geometry)


def batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield changes some at a time, none of them of the same feature."""
    batch: dict[str, Change] = {}
    for change in changes:
        if len(batch) == AT_ONCE or change.key.uuid in batch:
            yield list(batch.values())
            batch = {}
        batch[change.key.uuid] = change
    if batch:
        yield list(batch.values())


def refuse_unknown(asset: AssetType, values: Iterable[str]) -> None:
    """Raise StoreConflict where there are values of fields that the type does not have."""
    known = _known_names(asset.field_names)
    if not known.issuperset(values):
        unknown = sorted(set(values) - known)
        message = _("{layer} has no field {field}.")
        raise StoreConflict(message.format(layer=asset.id, field=", ".join(unknown)))


@lru_cache(maxsize=64)
def _known_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def no_longer_stored(layer: str, feature: int | str) -> StoreConflict:
    """Return the error of a feature that is not there any more, by fid or uuid."""
    message = _("{layer} {feature} is no longer stored; nothing was changed.")
    return StoreConflict(message.format(layer=layer, feature=feature))
