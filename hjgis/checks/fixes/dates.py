"""Fixes of dates, and of figures that say again what is drawn."""

from __future__ import annotations

import shapely

from hjgis.checks.fixes.register import Bench, Fault, fix
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.validation import BadValue, coerce


@fix(
    "date.impossible",
    name="read-date",
    title=N_("Read the date as it is written"),
    explanation=N_(
        "A date that was written otherwise, such as 2020/5/1 or 20200501, is read and"
        " stored as year, month and day. What names no day stays as it is."
    ),
    safe=True,
)
def read_date(bench: Bench, fault: Fault) -> None:
    """Store a date in the form of the file."""
    feature = bench.feature(fault)
    field = bench.draft.asset_type(feature.key.layer).field(fault.facts["field"])
    value = feature.values.get(field.name)
    try:
        new = coerce(field, value, bench.catalogue)
    except BadValue as error:
        raise EditRefused(str(error)) from error
    if new == value:
        raise EditRefused(_("It is a date, but not a plausible one."))
    bench.set(fault, **{field.name: new})


@fix(
    "date.reversed",
    name="swap-dates",
    title=N_("Exchange the two dates"),
    explanation=N_(
        "The two dates were entered in each other's field. Look at the papers first: as often one"
        " of them is simply wrong. A year and a date are not exchanged."
    ),
)
def swap_dates(bench: Bench, fault: Fault) -> None:
    """Exchange two dates."""
    feature = bench.feature(fault)
    one, other = fault.facts["field"], fault.facts["field_after"]
    asset = bench.draft.asset_type(feature.key.layer)
    if asset.field(one).type != asset.field(other).type:
        raise EditRefused(_("One is a year and the other a date."))
    bench.set(fault, **{one: feature.values.get(other), other: feature.values.get(one)})


@fix(
    "park.area_differs",
    name="area-by-outline",
    title=N_("Take the area of the outline"),
    explanation=N_(
        "The area that is drawn takes the place of the recorded one. Right where the outline was"
        " surveyed; where the number comes from a contract, the outline is to be corrected."
    ),
)
def area_by_outline(bench: Bench, fault: Fault) -> None:
    """Store the area of the outline."""
    feature = bench.feature(fault)
    if feature.geometry is None or not feature.geometry.is_valid:
        raise EditRefused(_("It is no area: move its vertices."))
    bench.set(fault, area_m2=round(float(shapely.area(feature.geometry)), 1))


@fix(
    "parking.bay_count",
    name="count-bays",
    title=N_("Take the number of bays drawn"),
    explanation=N_(
        "The number of bays that are drawn for the car park takes the place of the recorded one."
        " Right where all of them are drawn."
    ),
)
def count_bays(bench: Bench, fault: Fault) -> None:
    """Store the number of bays that are drawn."""
    bench.set(fault, bays_total=int(fault.facts["drawn"]))


@fix(
    "point.element_code",
    name="code-of-content",
    title=N_("Take the code of what the point is"),
    explanation=N_(
        "Feature or appendage are taken for right, and the element code that means the same takes"
        " the place of the other one, where the list has it."
    ),
)
def code_of_content(bench: Bench, fault: Fault) -> None:
    """Store the element code that a point's feature or appendage has."""
    if not fault.facts["right"]:
        raise EditRefused(_("The list does not say which code is meant: choose one."))
    bench.set(fault, element_code=fault.facts["right"])


@fix(
    "point.map_number",
    name="map-number",
    title=N_("Take the survey number on the map"),
    explanation=N_("The number of the survey takes the place of the number on the map."),
)
def map_number(bench: Bench, fault: Fault) -> None:
    """Store the survey number as the map number."""
    bench.set(fault, map_no=bench.feature(fault).values.get("exp_no"))
