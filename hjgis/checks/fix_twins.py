"""Fixes of what is there twice or should not be there."""

from __future__ import annotations

from typing import Final

import shapely

from hjgis.checks.fix_words import named
from hjgis.checks.fixes import Bench, Fault, fix
from hjgis.edits.along import turned
from hjgis.edits.delete import delete_features
from hjgis.edits.join import join_nodes
from hjgis.edits.records import moved_records
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.validation import is_missing

# What every feature says by itself, and so says nothing about how much was recorded.
_IDLE: Final = ("initial_date", "grid_id", "sheet_no", "source_file", "source_row", "length_m")
_ENDS: Final = ("from_node", "to_node")


@fix(
    "geometry.duplicate",
    name="remove-twin",
    title=N_("Keep the one with more in it"),
    explanation=N_(
        "Of two features in one place the one with fewer values and records goes. What only that"
        " one knew, its inspections, its photos and the pipes that end at it go over to the one"
        " that stays. Values that differ stay as they are there."
    ),
)
def remove_twin(bench: Bench, fault: Fault) -> None:
    """Make one feature of two in the same place."""
    one = bench.feature(fault)
    other = bench.draft.known([FeatureKey(one.key.layer, str(fault.facts["other"]))])
    if not other:
        # The twin went as somebody else's twin.
        return
    (twin,) = other.values()
    kept, gone = sorted((one, twin), key=lambda feature: _worth(bench, feature))
    asset = bench.draft.asset_type(kept.key.layer)
    words = _("{name} stays: {more} entries, here {less}")
    more, less = (-_worth(bench, feature)[0] for feature in (kept, gone))
    bench.remarks[gone.key] = words.format(name=named(asset, kept), more=more, less=less)
    if bench.draft.lines_ending_at(gone.key.uuid):
        bench.draft.add(join_nodes(bench.draft, gone.key, kept.key))
        return
    changes = [*moved_records(bench.draft, [gone.key], kept.key), Change(gone, None)]
    told = _told(asset, kept, gone)
    if told:
        changes.append(Change(kept, kept.with_values(**told)))
    bench.draft.add(ChangeSet("edit.fix", tuple(changes)))


def _worth(bench: Bench, feature: Feature) -> tuple[int, int, int]:
    """Return how a feature ranks against its twin: lower is more worth keeping."""
    idle = (*_IDLE, "component_id")
    values = sum(not is_missing(v) for n, v in feature.values.items() if n not in idle)
    pipes = len(bench.draft.lines_ending_at(feature.key.uuid))
    records = len(bench.draft.records_of([feature.key.uuid]))
    return (-(values + pipes + records), -pipes, feature.fid or 0)


def _told(asset: AssetType, kept: Feature, gone: Feature) -> dict[str, Value]:
    """Return what only the feature that goes knows; of a line drawn the other way, turned."""
    values = turned(asset, gone.values) if _runs_back(kept, gone) else dict(gone.values)
    return {
        field.name: values[field.name]
        for field in asset.fields
        if is_missing(kept.values.get(field.name)) and not is_missing(values.get(field.name))
    }


def _runs_back(kept: Feature, gone: Feature) -> bool:
    one, other = kept.geometry, gone.geometry
    if not isinstance(one, shapely.LineString) or not isinstance(other, shapely.LineString):
        return False
    start = shapely.get_point(one, 0)
    to_start = start.distance(shapely.get_point(other, 0))
    return bool(start.distance(shapely.get_point(other, -1)) < to_start)


@fix(
    "geometry.empty",
    "record.without_asset",
    name="delete",
    title=N_("Delete it"),
    explanation=N_(
        "The feature or record goes, with its own records. It stays in the history, from where it"
        " can be brought back. Look first whether something in it is needed elsewhere."
    ),
)
def delete(bench: Bench, fault: Fault) -> None:
    """Delete the feature at fault."""
    bench.draft.add(delete_features(bench.draft, [bench.feature(fault).key]))


@fix(
    "geometry.invalid",
    name="delete-without-extent",
    title=N_("Delete what has no length or area"),
    explanation=N_(
        "A line whose vertices all lie in one place, or an area without any, is no feature. It"
        " goes; anything that has some length or area stays as it is."
    ),
)
def delete_without_extent(bench: Bench, fault: Fault) -> None:
    """Delete a line without length or an area without area."""
    feature = bench.feature(fault)
    shape = feature.geometry
    if shape is not None and max(shape.bounds[2] - shape.bounds[0], shape.length) > 0.001:
        raise EditRefused(_("It has some extent: mend its shape."))
    bench.draft.add(delete_features(bench.draft, [feature.key]))
