"""Checks of car parks and parking bays: counts, sizes, and what bays must keep clear of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.along import junctions, road_runs
from hjgis.checks.coverage import there
from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings

_LOT: Final = "parking_lot"
_BAY: Final = "parking_bay"
_ROAD: Final = "road"
_POINT: Final = "pipe_point"


def _lot_keys(_asset: AssetType) -> tuple[str, ...]:
    return ("lot_no",)


@rule(
    "parking.bay_count",
    title=N_("Number of bays is not that of the bays drawn"),
    explanation=N_(
        "The car park says one number of bays, and another number is drawn. Count them, then draw"
        " the missing ones or correct the number. A car park of which no bay is drawn is left out."
    ),
    message=N_("{said} bays are said, {drawn} are drawn"),
    reads=Reads(
        in_layers(parking_lot=("lot_no", "bays_total"), parking_bay=("lot_no", "state")),
        Scope.GROUP,
        keys=_lot_keys,
        geometry=False,
    ),
    limits=("unused",),
)
def bay_count(survey: Survey) -> Iterator[Findings]:
    """Find car parks whose number of bays differs from the count of their bays."""
    lots, bays = survey.features(_LOT), survey.features(_BAY)
    number, of = lots.texts("lot_no"), bays.texts("lot_no")
    used = ~of.missing & ~bays.texts("state").isin(survey.limits["unused"])
    counts = np.bincount(of.codes[used], minlength=len(of.values))
    by_lot = dict(zip(of.values, counts.tolist(), strict=True))
    drawn = np.array([*(by_lot.get(value, 0) for value in number.values), 0])[number.codes]
    said = lots.numbers("bays_total")
    wrong = np.flatnonzero((drawn > 0) & (said != drawn) & ~np.isnan(said))
    yield lots.found(wrong, said=said[wrong].astype(np.int64), drawn=drawn[wrong])


@rule(
    "parking.bay_size",
    title=N_("Bay too small for its arrangement"),
    explanation=N_(
        "A bay is shorter or narrower than a car needs in this arrangement. Measure it again; a bay"
        " that is really too small has to be marked anew."
    ),
    message=N_("{length_m:.2f} × {width_m:.2f} m; {bay_form} bays are at least {least} m"),
    reads=Reads(
        in_layers(parking_bay=("bay_form", "length_m", "width_m", "state")), geometry=False
    ),
    limits=("least_m", "slack_m", "unused"),
)
def bay_size(survey: Survey) -> Iterator[Findings]:
    """Find bays whose recorded length or width is below the least of their arrangement."""
    bays, limits = survey.features(_BAY), survey.limits
    form = bays.texts("bay_form")
    nothing = (np.nan, np.nan)
    least = np.array([*(limits["least_m"].get(v, nothing) for v in form.values), nothing])
    asked = least[form.codes]
    length, width = bays.numbers("length_m"), bays.numbers("width_m")
    small = (length < asked[:, 0] - limits["slack_m"]) | (width < asked[:, 1] - limits["slack_m"])
    rows = np.flatnonzero(small & ~bays.texts("state").isin(limits["unused"]))
    words = [f"{long:g} × {wide:g}" for long, wide in least.tolist()]
    yield bays.found(
        rows,
        bay_form=form.objects(rows),
        length_m=length[rows],
        width_m=width[rows],
        least=np.array(words, dtype=object)[form.codes[rows]],
    )


@rule(
    "parking.area_per_bay",
    title=N_("Area and number of bays do not go together"),
    explanation=N_(
        "A bay with its share of the lanes takes about 25 to 30 m². Far less or far more than that"
        " means that the outline, the area or the number of bays is wrong."
    ),
    message=N_(
        "{area_m2:.0f} m² for {count} bays: {each_m2:.1f} m² each; {low:g} to {high:g} are usual"
    ),
    reads=Reads(in_layers(parking_lot=("lot_type", "bays_total", "area_m2"))),
    limits=("usual_m2",),
)
def area_per_bay(survey: Survey) -> Iterator[Findings]:
    """Find car parks whose area per bay is outside the usual range of their type."""
    lots = survey.features(_LOT)
    kind, count, area = lots.texts("lot_type"), lots.numbers("bays_total"), lots.numbers("area_m2")
    drawn = np.where(shapely.is_valid(lots.geometry), shapely.area(lots.geometry), np.nan)
    area = np.where(area > 0, area, drawn)
    usual = survey.limits["usual_m2"]
    nothing = (np.nan, np.nan)
    ranges = np.array([*(usual.get(value, nothing) for value in kind.values), nothing])
    low, high = ranges[kind.codes].T
    with np.errstate(divide="ignore", invalid="ignore"):
        each = area / count
    rows = np.flatnonzero((count > 0) & ((each < low) | (each > high)))
    yield lots.found(
        rows,
        area_m2=area[rows],
        count=count[rows].astype(np.int64),
        each_m2=each[rows],
        low=low[rows],
        high=high[rows],
    )


@rule(
    "parking.bay_overlap",
    title=N_("Bays that overlap"),
    explanation=N_(
        "Two bays share ground, so at most one of them can be used. One was drawn twice or shifted:"
        " delete it or move it to its place."
    ),
    message=N_("Overlaps {other} by {overlap_m2:.1f} m²"),
    reads=Reads(
        in_layers(parking_bay=("bay_no", "lot_no", "state")), Scope.NEIGHBOURS, reach="reach_m"
    ),
    limits=("least_m2", "reach_m", "unused"),
)
def bay_overlap(survey: Survey) -> Iterator[Findings]:
    """Find bays that share more than a little ground; exact copies are another rule's."""
    bays = survey.features(_BAY)
    used = ~bays.texts("state").isin(survey.limits["unused"]) & ~bays.nowhere
    rows = _distinct(bays.geometry, np.flatnonzero(used))
    shapes = bays.geometry[rows]
    left, right = shapely.STRtree(shapes).query(shapes)
    left, right = left[left < right], right[left < right]
    left, right, shared = _sharing(shapes, left, right, survey.limits["least_m2"])
    each, other = rows[np.concatenate([left, right])], rows[np.concatenate([right, left])]
    shared = np.concatenate([shared, shared])
    order = np.lexsort((other, -shared, each))
    found, at = np.unique(each[order], return_index=True)
    most = order[at]
    yield bays.found(found, other=_bay_names(bays, other[most]), overlap_m2=shared[most])


def _distinct(geometry: NDArray[np.object_], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return one row of each heap of copies: thousands in one place make no million pairs."""
    import pandas

    corner = shapely.bounds(geometry[rows])[:, :2]
    order = np.lexsort((corner[:, 1], corner[:, 0]))
    like = (np.diff(corner[order], axis=0) == 0).all(axis=1)
    # Few share a corner with another, and only they need a closer look.
    twin = np.zeros(len(rows), dtype=bool)
    twin[1:] |= like
    twin[:-1] |= like
    suspects = np.sort(order[twin])
    wkb = shapely.to_wkb(shapely.normalize(geometry[rows[suspects]]))
    copies = pandas.Series(wkb, dtype=object).duplicated().to_numpy(dtype=bool)
    return np.delete(rows, suspects[copies])


def _sharing(
    shapes: NDArray[np.object_], left: NDArray[np.intp], right: NDArray[np.intp], least_m2: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Keep pairs of valid areas that share more than so much."""
    # Neighbours touch: most pairs fall away by their boxes, which is cheap.
    bounds = shapely.bounds(shapes)
    a, b = bounds[left], bounds[right]
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    kept = sides.prod(axis=1) > least_m2
    left, right = left[kept], right[kept]
    valid = np.zeros(len(shapes), dtype=bool)
    met = np.union1d(left, right)
    valid[met] = shapely.is_valid(shapes[met])
    kept = valid[left] & valid[right]
    left, right = left[kept], right[kept]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    kept = shared > least_m2
    return left[kept], right[kept], shared[kept]


def _bay_names(bays: Features, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    said = zip(bays.objects("bay_no", rows), bays.uuids_of(rows), strict=True)
    return np.array([number or uuid[:8] for number, uuid in said], dtype=object)


def _street_bays(asset: AssetType) -> tuple[str, ...] | None:
    return {
        _BAY: ("bay_no", "lot_no", "marked_ok", "state"),
        _LOT: ("lot_no", "lot_type"),
        _ROAD: ("road_name",),
        _POINT: ("appendage",),
    }.get(asset.id)


@rule(
    "parking.bay_on_road",
    title=N_("Bay on the centre line of a road"),
    explanation=N_(
        "The bay lies on the middle of a road, where nobody can park: the bay or the line of the"
        " road is in the wrong place. Bays of underground and multi-storey car parks are left out."
    ),
    message=N_("{distance_m:.1f} m from the centre line of {road}"),
    reads=Reads(_street_bays, Scope.LAYER),
    limits=("clear_m", "covered", "unused"),
)
def bay_on_road(survey: Survey) -> Iterator[Findings]:
    """Find bays nearer to the centre line of a road than a strip on either side of it."""
    bays, roads, limits = survey.features(_BAY), survey.features(_ROAD), survey.limits
    covered = _of_lots(survey, bays, limits["covered"])
    used = ~covered & ~bays.texts("state").isin(limits["unused"]) & ~bays.nowhere
    rows = np.flatnonzero(used)
    lines = roads.geometry.copy()
    lines[~(shapely.length(lines) > 0)] = None
    tree = shapely.STRtree(lines)
    at, road = tree.query(bays.geometry[rows], predicate="dwithin", distance=limits["clear_m"])
    distance = shapely.distance(bays.geometry[rows[at]], roads.geometry[road])
    order = np.lexsort((distance, at))
    which, first = np.unique(at[order], return_index=True)
    nearest = order[first]
    said = roads.objects("road_name", road[nearest])
    named = np.array([name or "—" for name in said], dtype=object)
    yield bays.found(rows[which], road=named, distance_m=distance[nearest])


def _of_lots(survey: Survey, bays: Features, kinds: list[str]) -> NDArray[np.bool_]:
    """Say which bays are of a car park of one of some types."""
    lots = survey.features(_LOT)
    number = lots.texts("lot_no")
    rows = lots.texts("lot_type").isin(kinds) & ~number.missing
    return bays.texts("lot_no").isin({*number.objects(np.flatnonzero(rows)).tolist()})


@rule(
    "parking.near_junction",
    title=N_("Street bay near a junction or hydrant"),
    explanation=N_(
        "Parking is forbidden near junctions and fire hydrants. Bays that the traffic police marked"
        " are exceptions: if this one is, say that its markings are in order; otherwise it has to"
        " go."
    ),
    message={
        "junction": N_(
            "{distance_m:.0f} m from a junction; parking is allowed from {clear_m:g} m on"
        ),
        "hydrant": N_(
            "{distance_m:.0f} m from a hydrant; parking is allowed from {clear_m:g} m on"
        ),
    },
    reads=Reads(_street_bays, Scope.LAYER),
    limits=("junction_m", "hydrant_m", "hydrants", "on_street", "unused"),
)
def near_junction(survey: Survey) -> Iterator[Findings]:
    """Find street bays that nobody marked and that are near a junction or a hydrant."""
    bays, limits = survey.features(_BAY), survey.limits
    street = _of_lots(survey, bays, limits["on_street"]) & (bays.numbers("marked_ok") != 1)
    used = street & ~bays.texts("state").isin(limits["unused"]) & ~bays.nowhere
    rows = np.flatnonzero(used)
    roads, points = survey.features(_ROAD), survey.features(_POINT)
    crossings = junctions(road_runs(roads.geometry, roads.texts("road_name")))
    hydrants = there(points.geometry, points.texts("appendage").isin(limits["hydrants"]))
    for case, places, clear_m in (
        ("junction", np.asarray(shapely.points(crossings), dtype=object), limits["junction_m"]),
        ("hydrant", hydrants, limits["hydrant_m"]),
    ):
        at, place = shapely.STRtree(places).query(
            bays.geometry[rows], predicate="dwithin", distance=clear_m
        )
        distance = np.full(len(rows), np.inf)
        np.minimum.at(distance, at, shapely.distance(bays.geometry[rows[at]], places[place]))
        near = distance < clear_m
        yield bays.found(
            rows[near], part=("case",), case=case, distance_m=distance[near], clear_m=clear_m
        )


@rule(
    "parking.accessible_share",
    title=N_("Too few accessible bays"),
    explanation=N_(
        "A car park has at least one bay for people with disabilities, a larger one at least one in"
        " a hundred. Correct the number, or have a bay marked near the entrance."
    ),
    message=N_("{accessible} of {count} bays are accessible; at least {least} must be"),
    reads=Reads(in_layers(parking_lot=("bays_total", "bays_access", "lot_type")), geometry=False),
    limits=("from_bays", "percent", "types"),
)
def accessible_share(survey: Survey) -> Iterator[Findings]:
    """Find car parks that are known to have fewer accessible bays than their size asks for."""
    lots, limits = survey.features(_LOT), survey.limits
    count, accessible = lots.numbers("bays_total"), lots.numbers("bays_access")
    least = np.maximum(np.ceil(count * limits["percent"] / 100.0), 1.0)
    judged = lots.texts("lot_type").isin(limits["types"]) & (count >= limits["from_bays"])
    rows = np.flatnonzero(judged & (accessible < least))
    yield lots.found(
        rows,
        count=count[rows].astype(np.int64),
        accessible=accessible[rows].astype(np.int64),
        least=least[rows].astype(np.int64),
    )


@rule(
    "parking.idle_or_changed",
    title=N_("Car park idle or used for something else"),
    explanation=N_(
        "Task 11 of the notice: underground bays that stand idle and car parks that are used for"
        " something else are brought back into use. This lists what is left to do."
    ),
    message={
        "idle": N_("Its underground bays are idle ({count} bays)"),
        "changed": N_("It is used for something else ({count} bays)"),
    },
    reads=Reads(
        in_layers(parking_lot=("idle_underground", "use_changed", "bays_total")), geometry=False
    ),
)
def idle_or_changed(survey: Survey) -> Iterator[Findings]:
    """List car parks that are said to be idle or used otherwise."""
    lots = survey.features(_LOT)
    total = lots.numbers("bays_total")
    for case, field in (("idle", "idle_underground"), ("changed", "use_changed")):
        rows = np.flatnonzero(lots.numbers(field) == 1)
        said = ["?" if np.isnan(n) else f"{n:.0f}" for n in total[rows].tolist()]
        count = np.array(said, dtype=object)
        yield lots.found(rows, part=("case",), case=case, count=count)
