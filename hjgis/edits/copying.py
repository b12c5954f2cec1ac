"""Copies with an identity of their own, and features that become another kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.edits.along import copied
from hjgis.edits.records import moved_records
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import COPY_OF, Change, ChangeSet, Feature, FeatureKey, new_uuids
from hjgis.models.geometry import fitted
from hjgis.models.reading import FeatureReader

_REMEMBERED: Final = 1000


def copy_features(
    reader: FeatureReader, keys: Sequence[FeatureKey], dx: float, dy: float
) -> ChangeSet:
    """Copy features so many metres east and north.

    Pipes between copied nodes end at the copies; other ends are free. What must be the only one
    of its kind (identifiers, point numbers) is left empty.
    """
    features = [reader.get(key) for key in dict.fromkeys(keys)]
    return paste_features(reader, features, dx, dy, label="edit.copy")


def paste_features(
    reader: FeatureReader,
    features: Sequence[Feature],
    dx: float = 0.0,
    dy: float = 0.0,
    *,
    label: str = "edit.paste",
) -> ChangeSet:
    """Store features of this or another project anew.

    Parameters
    ----------
    features : sequence of Feature
        Their geometry in this project's CRS.

    Raises
    ------
    EditRefused
        If a layer holds another kind of geometry.
    """
    born = dict(zip((f.key.uuid for f in features), new_uuids(len(features)), strict=True))
    changes = []
    for feature in features:
        layer = feature.key.layer
        asset = reader.asset_type(layer)
        values = _known(asset, copied(asset, feature.values))
        for name in ("from_node", "to_node") if asset.ends_on else ():
            values[name] = born.get(str(feature.values.get(name)))
        geometry = _placed(feature.geometry, asset, dx, dy)
        copy = Feature(FeatureKey(layer, born[feature.key.uuid]), geometry, values)
        changes.append(Change(None, copy))
    if not changes:
        raise EditRefused(_("There is nothing to paste."))
    several = {change.key.layer for change in changes}
    params = {"count": len(changes), "layer": several.pop() if len(several) == 1 else ""}
    # Of very many nobody asks where each is from.
    origin = {copy: of for of, copy in born.items()} if len(born) <= _REMEMBERED else {}
    return ChangeSet(label, tuple(changes), params={**params, COPY_OF: origin})


def change_kind(reader: FeatureReader, keys: Sequence[FeatureKey], layer: str) -> ChangeSet:
    """Make features another kind of asset, such as pipe points manholes.

    Fields of the same name keep their values. A node keeps its identity, so its pipes keep it.

    Raises
    ------
    EditRefused
        If the other layer holds another kind of geometry.
    """
    asset, changes, count = reader.asset_type(layer), list[Change](), 0
    for key in dict.fromkeys(keys):
        if key.layer == layer:
            continue
        before = reader.get(key)
        geometry = _placed(before.geometry, asset, 0.0, 0.0)
        after = Feature(FeatureKey(layer, key.uuid), geometry, _known(asset, before.values))
        changes += [Change(before, None), Change(None, after)]
        count += 1
        changes += moved_records(reader, [key], after.key)
    params = {"count": count, "layer": layer}
    return ChangeSet("edit.kind", tuple(changes), params=params)


def _known(asset: AssetType, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values for the fields that a type has; defaults for the others."""
    return {name: values.get(name, default) for name, default in asset.empty_values().items()}


def _placed(
    geometry: BaseGeometry | None, asset: AssetType, dx: float, dy: float
) -> BaseGeometry | None:
    if geometry is None:
        return None
    moved = geometry
    if dx or dy:
        moved = shapely.transform(
            geometry,
            lambda xyz: xyz + [dx, dy, 0.0][: xyz.shape[1]],
            include_z=geometry.has_z,
        )
    result = fitted(moved, asset.geometry)
    if result.geom_type != asset.geometry:
        raise EditRefused(_("This layer holds another kind of geometry."))
    return result
