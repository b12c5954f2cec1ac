"""Fixes of what is there twice or should not be there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import shapely

from hjgis.checks.fixes.register import Bench, Fault, fix, limit
from hjgis.edits.along import turned
from hjgis.edits.delete import delete_features
from hjgis.edits.join import join_nodes
from hjgis.edits.records import moved_records
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from hjgis.models.naming import called
from hjgis.models.validation import is_missing

# What every feature says by itself, and so says nothing about how much was recorded.
_IDLE: Final = ("initial_date", "grid_id", "sheet_no", "source_file", "source_row", "length_m")
_ENDS: Final = ("from_node", "to_node")
# By a fact that a rule tells: the fields in which its twins are alike.
_ALIKE: Final = {"number": ("exp_no", "kind", "pipe_kind"), "cover": ("cover_kind",)}
_SAME_M: Final = 0.1


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
    _merge(bench, one, next(iter(other.values())))


@fix(
    "duplicate.near",
    "manhole.near_duplicate",
    "point.recorded_twice",
    name="merge-near",
    title=N_("Make the two one"),
    explanation=N_(
        "The two were one thing surveyed twice: the one with fewer values and records goes, and"
        " what only that one knew, its records, photos and pipes go over to the other, which stays"
        " where it is. Not where both exist: look at them first."
    ),
)
def merge_near(bench: Bench, fault: Fault) -> None:
    """Make one feature of two of a kind that lie beside one another."""
    one = bench.feature(fault)
    others = _beside(bench, one, float(fault.facts.get("distance_m", _SAME_M)) + _SAME_M)
    names = [name for fact in _ALIKE.keys() & fault.facts.keys() for name in _ALIKE[fact]]
    others = [other for other in others if _said(other, names) == _said(one, names)]
    if others:
        # Else the twin went as somebody else's twin.
        _merge(bench, one, others[0])


def _said(feature: Feature, names: Sequence[str]) -> list[str]:
    return [str(feature.values.get(name) or "").strip() for name in names]


def _beside(bench: Bench, one: Feature, within_m: float) -> list[Feature]:
    """Return the other features of a layer within a distance, the nearest first."""
    place = one.geometry
    if place is None or place.is_empty:
        raise EditRefused(_("The feature has no place yet."))
    box = shapely.buffer(place, within_m).bounds
    found = sorted(
        (other.geometry.distance(place), other.key)
        for other in bench.draft.within(one.key.layer, box)
        if other.key != one.key and other.geometry is not None
    )
    return [bench.draft.get(key) for away, key in found if away <= within_m]


@fix(
    "pipe.same_nodes_twice",
    name="remove-pipe-twin",
    title=N_("Keep the pipe with more in it"),
    explanation=N_(
        "Of two pipes of one kind and owner between the same nodes the one with fewer values and"
        " records goes; what only that one knew goes over. Where they run apart, two pipes may"
        " lie there, and nothing is done."
    ),
)
def remove_pipe_twin(bench: Bench, fault: Fault) -> None:
    """Make one pipe of two between the same nodes."""
    one = bench.feature(fault)
    ends = {one.values.get(name) for name in _ENDS}
    same = ("kind", "owner_name")
    twins = [
        line
        for line in bench.draft.lines_ending_at(str(one.values.get(_ENDS[0])))
        if line.key != one.key
        and {line.values.get(name) for name in _ENDS} == ends
        and all(line.values.get(name) == one.values.get(name) for name in same)
    ]
    if not twins:
        # The twin went as somebody else's twin.
        return
    apart = [
        (shapely.hausdorff_distance(one.geometry, twin.geometry), twin.key, twin)
        for twin in twins
        if _is_drawn(one) and _is_drawn(twin)
    ]
    if not apart:
        raise EditRefused(_("The feature has no place yet."))
    away, _key, twin = min(apart, key=lambda entry: entry[:2])
    if away > float(limit("near_node_m")):
        words = _("They run {distance_m:.2f} m apart: two pipes may lie there.")
        raise EditRefused(words.format(distance_m=away))
    _merge(bench, one, twin)


def _is_drawn(feature: Feature) -> bool:
    return feature.geometry is not None and not feature.geometry.is_empty


def _merge(bench: Bench, one: Feature, twin: Feature) -> None:
    """Let the better recorded of two features stand for both."""
    kept, gone = sorted((one, twin), key=partial(_worth, bench))
    asset = bench.draft.asset_type(kept.key.layer)
    words = _("is deleted; {name} stays: {more} entries, here {less}")
    name = called(asset, kept.values, bench.catalogue)
    more, less = (-_worth(bench, feature)[0] for feature in (kept, gone))
    bench.remarks[gone.key] = words.format(name=name, more=more, less=less)
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
    "point.isolated",
    "pipe.both_ends_one_node",
    "shape.sliver",
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


@fix(
    "pipe.too_short",
    name="close-up",
    title=N_("Delete it and make its nodes one"),
    explanation=N_(
        "The two nodes of a pipe of a few centimetres are one point that was surveyed twice. The"
        " pipe goes, and the node with fewer values and pipes becomes the other one; the pipes at"
        " both then meet there."
    ),
)
def close_up(bench: Bench, fault: Fault) -> None:
    """Delete a pipe and make one node of its two."""
    line = bench.feature(fault)
    nodes = [bench.draft.node(str(line.values.get(name) or "")) for name in _ENDS]
    bench.draft.add(delete_features(bench.draft, [line.key]))
    found = [node for node in nodes if node is not None]
    if len(found) == 2 and found[0].key != found[1].key:
        _merge(bench, found[0], found[1])
