"""Fixes of who is who: component ids, the grid and the road of a feature, records astray."""

from __future__ import annotations

from typing import Final

import shapely

from hjgis.checks.by_place import near_road, new_id, of_cell
from hjgis.checks.fixes.register import Bench, Fault, fix, limit
from hjgis.edits.numbering import FIELD as ID
from hjgis.edits.numbering import FORMER, former
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.assets import RECORD_OF
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.identifiers import ComponentId, other_scheme

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
    "identity.component_id_old",
    name="new-form",
    title=N_("Write it in the form of 17 digits"),
    explanation=N_(
        "The same serial number with the class of GB/T 47678.5-2026; the old id is kept among the"
        " former ones. Where another component has that number already, nothing is done."
    ),
    safe=True,
)
def new_form(bench: Bench, fault: Fault) -> None:
    """Write an id of 16 digits in 17."""
    feature = bench.feature(fault)
    old = str(feature.values.get(ID))
    new = other_scheme(old, bench.draft.asset_type(feature.key.layer), bench.catalogue)
    if new is None or len(new) <= len(old):
        raise EditRefused(_("Its class has none in the other form."))
    if bench.project.known_ids([new]).get(new):
        raise EditRefused(_("{id} is or was the id of another component.").format(id=new))
    values = {ID: new, FORMER: former(feature.values.get(FORMER), old)}
    bench.set(fault, **values)


@fix(
    "identity.component_id_form",
    "identity.component_id_reserved",
    "identity.serial_duplicate",
    name="number-anew",
    title=N_("Number anew"),
    explanation=N_(
        "The component gets a number that was never in use, out of the operator's ranges and of its"
        " own class; an old id that was a proper one is kept among its former ids."
    ),
)
def number_anew(bench: Bench, fault: Fault) -> None:
    """Give a component another id."""
    _number(bench, fault, bench.feature(fault), keep=True)


@fix(
    "asset.grid_unknown",
    "asset.grid_elsewhere",
    name="grid-by-place",
    title=N_("Take the grid that it lies in"),
    explanation=N_("The code of the unit grid in which the feature lies on the map is stored."),
    safe=True,
)
def grid_by_place(bench: Bench, fault: Fault) -> None:
    """Store the code of the cell that a feature lies in."""
    code = of_cell(bench, bench.feature(fault), "grid_id")
    if not code:
        raise EditRefused(_("It lies in no grid."))
    bench.set(fault, grid_id=code)


@fix(
    "pipe.road_name",
    name="road-by-place",
    title=N_("Take the name of the nearest road"),
    explanation=N_(
        "The name of the road that the middle of the pipe is nearest to is stored, if it is near"
        " and clearly the nearest: at a crossing nothing is done."
    ),
)
def road_by_place(bench: Bench, fault: Fault) -> None:
    """Store the name of the nearest road."""
    name, why = near_road(bench, bench.feature(fault))
    if name is None:
        raise EditRefused(why)
    bench.set(fault, road_name=name)


@fix(
    "unit.other_name",
    "unit.code_of_two",
    name="unit-by-list",
    title=N_("Take the usual name of the unit"),
    explanation=N_(
        "The name that the list of units has, or that most assets with the same code have, takes"
        " the place of the other one."
    ),
)
def unit_by_list(bench: Bench, fault: Fault) -> None:
    """Store the usual name of a unit."""
    name = fault.facts.get("unit") or fault.facts.get("usual")
    bench.set(fault, **{fault.facts["field"]: name})


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
