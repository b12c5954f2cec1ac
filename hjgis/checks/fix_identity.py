"""Fixes of who is who: component ids, the grid and the road of a feature, records astray."""

from __future__ import annotations

from typing import Final

import shapely

from hjgis.checks.by_place import new_id
from hjgis.checks.fixes import Bench, Fault, fix, limit
from hjgis.edits.numbering import FIELD as ID
from hjgis.edits.numbering import FORMER, former
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.assets import RECORD_OF
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.identifiers import ComponentId

_BORN: Final = "initial_date"


@fix(
    "identity.component_id_duplicate",
    name="number-others",
    title=N_("Number all but the oldest anew"),
    explanation=N_(
        "The component that was entered first keeps the id. The others get numbers that were never"
        " in use, out of the operator's ranges. Check on site if a sign with the number is put up"
        " somewhere: then that component should keep it."
    ),
)
def number_others(bench: Bench, fault: Fault) -> None:
    """Give a component another id, unless it is the oldest with its own."""
    feature = bench.feature(fault)
    value = str(fault.facts["value"])
    if feature.values.get(ID) != value:
        return
    carriers = sorted(_carriers(bench, value), key=_age)
    if len(carriers) < 2:
        # The others have new numbers by now.
        return
    if carriers[0].key == feature.key:
        meant = {(one.issue.layer, one.issue.uuid) for one in bench.faults}
        if not any((one.key.layer, one.key.uuid) in meant for one in carriers[1:]):
            raise EditRefused(_("It is the oldest with this id: number the others anew."))
        return
    _number(bench, fault, feature)


def _carriers(bench: Bench, value: str) -> list[Feature]:
    """Return the features that carry an id by now."""
    stored = bench.project.known_ids([value]).get(value, set())
    features = [
        feature
        for layer, fid in stored
        if layer
        for feature in bench.project.store.features(layer, [fid])
    ]
    now = bench.draft.known(feature.key for feature in features)
    return [feature for feature in now.values() if feature.values.get(ID) == value]


def _age(feature: Feature) -> tuple[str, str]:
    # Identities rise with time.
    return str(feature.values.get(_BORN) or "9999"), feature.key.uuid


def _number(bench: Bench, fault: Fault, feature: Feature, *, keep: bool = False) -> None:
    """Give a component a new id; `keep` the old one among its former ones."""
    number, why = new_id(bench, feature)
    if number is None:
        raise EditRefused(why)
    old = feature.values.get(ID)
    values = {ID: number}
    if keep and isinstance(old, str) and _is_id(old):
        values[FORMER] = former(feature.values.get(FORMER), old)
    bench.set(fault, **values)


def _is_id(text: str) -> bool:
    try:
        ComponentId.parse(text)
    except ValueError:
        return False
    return True


@fix(
    "record.without_asset",
    name="record-to-nearest",
    title=N_("Give it to the nearest asset"),
    explanation=N_(
        "A photo that knows where it was taken goes to the nearest asset of the layer that it"
        " names, if that is near and clearly the nearest. Records that know no place stay as they"
        " are."
    ),
)
def record_to_nearest(bench: Bench, fault: Fault) -> None:
    """Give a record to the nearest asset of its layer."""
    record = bench.feature(fault)
    layer, x, y = (record.values.get(name) for name in (RECORD_OF[0], "x_m", "y_m"))
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        raise EditRefused(_("The record does not know where it was made."))
    if not isinstance(layer, str) or layer not in bench.draft.types:
        raise EditRefused(_("There is no layer {layer} here.").format(layer=layer))
    key = _nearest_asset(bench, layer, shapely.Point(x, y))
    bench.put(record, record.with_values(asset_layer=key.layer, asset_uuid=key.uuid))


def _nearest_asset(bench: Bench, layer: str, place: shapely.Point) -> FeatureKey:
    reach_m = float(limit("asset_within_m"))
    near = sorted(
        (one.geometry.distance(place), one.key)
        for one in bench.draft.within(layer, shapely.buffer(place, reach_m).bounds)
        if one.geometry is not None and one.geometry.distance(place) <= reach_m
    )
    if not near:
        words = _("No asset of its layer lies within {distance_m:g} m.")
        raise EditRefused(words.format(distance_m=reach_m))
    if len(near) > 1 and near[1][0] <= near[0][0] * float(limit("clear_times")):
        words = _("Two are about as near: {one:.2f} m and {other:.2f} m.")
        raise EditRefused(words.format(one=near[0][0], other=near[1][0]))
    return near[0][1]
