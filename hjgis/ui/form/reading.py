"""What the form shows of the selected features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.edits.derived import computed_value
from hjgis.layers.project import Project
from hjgis.layers.summary import Common
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.changes import Feature
from hjgis.models.unknown import FIELD, unknown_names
from hjgis.models.validation import display, is_missing
from hjgis.ui.form.editors import Shown
from hjgis.ui.form.place import EAST, NORTH


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of what is required is there.

    Attributes
    ----------
    missing : tuple of str
        Fields that lack something in at least one feature.
    """

    filled: int
    asked: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The selected features, as the form shows them.

    Attributes
    ----------
    feature : Feature
        The first of them.
    values : mapping
        What all of them have; None where they differ.
    filled : Filled
        How much of what they require is there; 不详 is an answer.
    """

    asset: AssetType
    feature: Feature
    fids: NDArray[np.int64]
    shown: Mapping[str, Shown]
    values: Mapping[str, Value]
    filled: Filled

    @property
    def count(self) -> int:
        """How many are selected."""
        return len(self.fids)


def see(project: Project, layer: str, fids: NDArray[np.int64]) -> Seen | None:
    """Read what is selected; None where it is no longer there."""
    found = project.store.features(layer, fids[:1].tolist())
    if not found:
        return None
    asset, feature = project.asset_type(layer), found[0]
    if len(fids) == 1:
        required = [field for field in asset.fields if field.required]
        filled = _filled([(feature.values, 1)], required)
        shown = _one(project, asset, feature)
        return Seen(asset, feature, fids, shown, feature.values, filled)
    common = project.store.common_values(layer, fids)
    values = {name: one.value if one.different == 1 else None for name, one in common.items()}
    unknown = unknown_names(values)
    shown = {
        name: _many(asset.field(name), one, project.catalogue, unknown)
        for name, one in common.items()
    }
    return Seen(asset, feature, fids, shown, values, _filled_of(project, asset, fids))


def _one(project: Project, asset: AssetType, feature: Feature) -> dict[str, Shown]:
    unknown = unknown_names(feature.values)
    shown = {
        field.name: Shown(
            feature.values[field.name],
            unknown=field.name in unknown,
            computed=computed_value(project, feature, field) if field.computed else None,
        )
        for field in asset.fields
    }
    if isinstance(feature.geometry, shapely.Point) and not feature.geometry.is_empty:
        shown[NORTH], shown[EAST] = Shown(feature.geometry.y), Shown(feature.geometry.x)
    return shown


def _many(field: Field, common: Common, catalogue: Catalogue, unknown: frozenset[str]) -> Shown:
    if common.different == 1:
        return Shown(common.value, unknown=field.name in unknown)
    return Shown(different=common.different, most=display(field, common.value, catalogue))


def _filled_of(project: Project, asset: AssetType, fids: NDArray[np.int64]) -> Filled:
    required = [field for field in asset.fields if field.required]
    conditions = [field.when.field for field in required if field.when]
    kept = [*dict.fromkeys(conditions), *([FIELD] if asset.has(FIELD) else [])]
    names = [field.name for field in required]
    return _filled(project.store.alike(asset.id, fids, names, kept), required)


def _filled(rows: Iterable[tuple[Mapping[str, Value], int]], required: list[Field]) -> Filled:
    filled = asked = 0
    missing: dict[str, None] = {}
    for values, count in rows:
        unknown = unknown_names(values) if values.get(FIELD) else frozenset()
        for field in required:
            if field.when is not None and not field.applies(values):
                continue
            asked += count
            if is_missing(values[field.name]) and field.name not in unknown:
                missing[field.name] = None
            else:
                filled += count
    in_order = tuple(field.name for field in required if field.name in missing)
    return Filled(filled, asked, in_order)
