"""Checks of street lamps: where they stand along their road, and what feeds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.along import Along, along_roads, neighbours_along, road_runs
from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.reading import Coded
from hjgis.models.unknown import FIELD as UNKNOWN_FIELDS

_LAMP: Final = "street_lamp"
_ROAD: Final = "road"
_CABINET: Final = "lamp_cabinet"
_UNKNOWN: Final = "不详"
_LED: Final = "LED"


def _road_keys(_asset: AssetType) -> tuple[str, ...]:
    return ("road_name",)


def _spacing(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _ROAD:
        return ("road_name",)
    if asset.id != _LAMP:
        return None
    return (*name_fields(asset), "road_name", "layout", "side", "pole_height_m", "state")


@rule(
    "lamp.spacing",
    title=N_("Lamps too far apart or too near"),
    explanation=N_(
        "The way along the road to the next lamp is longer or shorter than usual, or too long for"
        " the height of the pole. Lamps of the two sides are looked at apart, unless they are"
        " staggered or nobody said how they stand. A pole between is missing or not recorded, or"
        " one was recorded twice."
    ),
    message={
        "far": N_(
            "{gap_m:.1f} m along {road} to the next lamp ({other}); usual are up to {most_m:g} m"
        ),
        "near": N_(
            "{gap_m:.1f} m along {road} to the next lamp ({other}); usual are {least_m:g} m or more"
        ),
        "height": N_(
            "{gap_m:.1f} m along {road} to the next lamp ({other}), more than {times:g} times the"
            " pole height of {height_m:g} m"
        ),
    },
    reads=Reads(_spacing, Scope.LAYER),
    limits=("within_m", "middle_m", "least_m", "most_m", "times_height", "both_sides", "unused"),
)
def spacing(survey: Survey) -> Iterator[Findings]:
    """Find lamps whose next one along the road is too near, too far, or too far for its height."""
    lamps, roads, limits = survey.features(_LAMP), survey.features(_ROAD), survey.limits
    runs = road_runs(roads.geometry, roads.texts("road_name"))
    named = lamps.texts("road_name")
    along = along_roads(lamps.xy, runs, names=named, within_m=limits["within_m"])
    # A lamp of another road that stands here belongs to no row of lamps of this one.
    own = named.missing | (_trimmed(named) == runs.called(along.run))
    standing = np.flatnonzero(own & ~lamps.texts("state").isin(limits["unused"]))
    steps = _Steps(lamps, runs.called(along.run))
    lane = _lanes(lamps, along, limits["middle_m"])
    either_way = _of_either_road(lamps, roads, limits["within_m"])
    first, second, gap_m = neighbours_along(along, standing, lane)
    near = (gap_m > 0) & (gap_m < limits["least_m"])
    near &= ~_doubtful(lamps, first, second, either_way, limits["within_m"])
    yield steps.found(first[near], second[near], gap_m[near], case="near", limits=limits)
    first, second, gap_m = _rows_of_lamps(lamps, along, standing, lane, limits["both_sides"])
    sure = ~_doubtful(lamps, first, second, either_way, limits["within_m"])
    first, second, gap_m = first[sure], second[sure], gap_m[sure]
    tallest = limits["times_height"] * lamps.numbers("pole_height_m")[first]
    far = gap_m > limits["most_m"]
    low = ~far & (gap_m > tallest)
    yield steps.found(first[far], second[far], gap_m[far], case="far", limits=limits)
    yield steps.found(first[low], second[low], gap_m[low], case="height", limits=limits)


def _of_either_road(lamps: Features, roads: Features, within_m: float) -> NDArray[np.intp]:
    """Return lamps that name no road and stand near several: at a crossing, of which is unknown."""
    nameless = np.flatnonzero(lamps.texts("road_name").missing & ~lamps.nowhere)
    points = shapely.points(lamps.xy[nameless])
    at, road = shapely.STRtree(roads.geometry).query(points, predicate="dwithin", distance=within_m)
    said = roads.texts("road_name").codes.astype(np.int64)
    # Pieces without a name may be of several roads.
    which = np.where(said < 0, -1 - np.arange(len(said)), said)[road]
    pairs = np.unique(np.column_stack([at, which]), axis=0)
    return nameless[np.bincount(pairs[:, 0], minlength=len(nameless)) > 1]


def _doubtful(
    lamps: Features,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    either_way: NDArray[np.intp],
    within_m: float,
) -> NDArray[np.bool_]:
    """Say of which steps a lamp of either road may be an end, or stand between."""
    steps = shapely.linestrings(np.stack([lamps.xy[first], lamps.xy[second]], axis=1))
    tree = shapely.STRtree(np.asarray(shapely.points(lamps.xy[either_way]), dtype=object))
    at, _lamp = tree.query(steps, predicate="dwithin", distance=within_m)
    doubtful = np.zeros(len(first), dtype=bool)
    doubtful[at] = True
    return doubtful


_Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def _rows_of_lamps(
    lamps: Features,
    along: Along,
    standing: NDArray[np.intp],
    lane: NDArray[np.int64],
    both_sides: Sequence[str],
) -> _Pairs:
    """Return lamps that follow one another: on one side, or on either where they take turns.

    Of lamps that nobody said the layout of, the nearer next one is meant.
    """
    layout = lamps.texts("layout")
    either = layout.isin({*both_sides, _UNKNOWN}) | layout.missing
    pairs = []
    for lanes, wanted in ((lane, ~either), (None, either)):
        first, second, gap_m = neighbours_along(along, standing, lanes)
        kept = wanted[first]
        pairs.append((first[kept], second[kept], gap_m[kept]))
    first, second, gap_m = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return first, second, gap_m


def _lanes(lamps: Features, along: Along, middle_m: float) -> NDArray[np.int64]:
    """Return the side of the road that each lamp stands on; 0 in the middle."""
    middle = lamps.texts("side").isin({"中"}) | (along.offset_m < middle_m)
    return np.where(middle, 0, along.side).astype(np.int64)


def _trimmed(column: Coded) -> NDArray[np.object_]:
    values = np.array([str(value).strip() for value in column.values], dtype=object)
    return Coded(column.codes, values).objects()


@dataclass(frozen=True, slots=True)
class _Steps:
    """Puts steps from a lamp to the next one into findings."""

    lamps: Features
    roads: NDArray[np.object_]

    def found(
        self,
        first: NDArray[np.intp],
        second: NDArray[np.intp],
        gap_m: NDArray[np.float64],
        *,
        case: str,
        limits: Mapping[str, Any],
    ) -> Findings:
        """Return a finding on each first lamp."""
        height = self.lamps.numbers("pole_height_m")[first]
        return self.lamps.found(
            first,
            part=("case",),
            case=case,
            gap_m=gap_m,
            other=names(self.lamps, second),
            road=np.array([name or "—" for name in self.roads[first]], dtype=object),
            height_m=height,
            least_m=limits["least_m"],
            most_m=limits["most_m"],
            times=limits["times_height"],
        )


def _of_road(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _ROAD:
        return ("road_name", "width_m")
    return ("road_name",) if asset.id == _LAMP else None


@rule(
    "lamp.off_road",
    title=N_("Lamp away from its road"),
    explanation=N_(
        "The lamp stands farther from the road that it names than the road is wide: the name of the"
        " road is wrong, or the lamp lies in the wrong place. Correct the one that is wrong."
    ),
    message=N_(
        "{distance_m:.1f} m from the centre line of {road}; at most {most_m:.1f} m are usual"
    ),
    reads=Reads(_of_road, Scope.GROUP, keys=_road_keys),
    limits=("beside_m", "usual_width_m"),
)
def off_road(survey: Survey) -> Iterator[Findings]:
    """Find lamps that are farther from the line of their road than half its width and a strip."""
    lamps, roads = survey.features(_LAMP), survey.features(_ROAD)
    named, known = lamps.texts("road_name"), roads.texts("road_name")
    lines, half_m = _lines_by_name(roads, survey.limits["usual_width_m"])
    place = {name: number for number, name in enumerate(known.values) if lines[number] is not None}
    which = np.array([*(place.get(name, -1) for name in named.values), -1])[named.codes]
    rows = np.flatnonzero((which >= 0) & ~lamps.nowhere)
    most_m = half_m[which[rows]] + survey.limits["beside_m"]
    # A prepared line tells quickly that a lamp is near; how far is asked of the others.
    shapely.prepare(lines)
    far = ~shapely.dwithin(lines[which[rows]], lamps.geometry[rows], most_m)
    rows, most_m = rows[far], most_m[far]
    distance = shapely.distance(lines[which[rows]], lamps.geometry[rows])
    yield lamps.found(rows, distance_m=distance, most_m=most_m, road=named.objects(rows))


def _lines_by_name(
    roads: Features, usual_width_m: float
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return all lines of each name of a road together, and half the greatest width given."""
    named = roads.texts("road_name")
    parts, row = shapely.get_parts(roads.geometry, return_index=True)
    kept = (named.codes[row] >= 0) & (shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)
    parts, code = parts[kept], named.codes[row[kept]]
    order = np.argsort(code, kind="stable")
    lines = np.full(len(named.values), None, dtype=object)
    codes, which = np.unique(code[order], return_inverse=True)
    lines[codes] = shapely.multilinestrings(parts[order], indices=which)
    width = np.zeros(len(named.values) + 1)
    np.maximum.at(width, named.codes, np.nan_to_num(roads.numbers("width_m")))
    width[width <= 0] = usual_width_m
    return lines, width[:-1] / 2


@rule(
    "lamp.pole_number_duplicate",
    title=N_("Pole number given twice on a road"),
    explanation=N_(
        "Two lamps of one road carry the same pole number, so a report of a broken lamp does not"
        " say which is meant. Look at the plates and number one anew, or delete the lamp that was"
        " recorded twice."
    ),
    message=N_("Pole {pole} stands {count} times on {road}"),
    reads=Reads(
        in_layers(street_lamp=("pole_no", "road_name")),
        Scope.GROUP,
        keys=lambda _asset: ("pole_no",),
        geometry=False,
    ),
)
def pole_number_duplicate(survey: Survey) -> Iterator[Findings]:
    """Find lamps of one road with the same pole number."""
    lamps = survey.features(_LAMP)
    pole, road = lamps.texts("pole_no"), lamps.texts("road_name")
    known = np.flatnonzero(~pole.missing & ~road.missing)
    pair = pole.codes[known].astype(np.int64) * (len(road.values) + 1) + road.codes[known]
    _pairs, which, counts = np.unique(pair, return_inverse=True, return_counts=True)
    twice = counts[which] > 1
    rows = known[twice]
    yield lamps.found(
        rows, pole=pole.objects(rows), road=road.objects(rows), count=counts[which[twice]]
    )


_FEEDS: Final = ("ctrl_box_id", "circuit_no")


@rule(
    "lamp.control_missing",
    title=N_("Lamp without control box or circuit"),
    explanation=N_(
        "Nothing says which box and which circuit feed the lamp, so nobody knows what to switch off"
        " to repair it. Take them from the plan of the box, or say unknown (不详)."
    ),
    message=N_("Not filled in: {fields}"),
    reads=Reads(in_layers(street_lamp=(*_FEEDS, "state", UNKNOWN_FIELDS)), geometry=False),
    limits=("unused",),
)
def control_missing(survey: Survey) -> Iterator[Findings]:
    """Find lamps in use that name no control box or no circuit."""
    lamps = survey.features(_LAMP)
    used = ~lamps.texts("state").isin(survey.limits["unused"])
    boxless, circuitless = (lamps.lacking(lamps.asset.field(name)) & used for name in _FEEDS)
    said = np.empty(4, dtype=object)
    said[:] = [(), _FEEDS[:1], _FEEDS[1:], _FEEDS]
    kind = boxless + 2 * circuitless
    rows = np.flatnonzero(kind)
    yield lamps.found(rows, fields=said[kind[rows]])


@rule(
    "lamp.box_unknown",
    title=N_("Control box that is not there"),
    explanation=N_(
        "The lamp names a control box that the layer of lamp cabinets does not have: the number is"
        " mistyped, or the cabinet has not been recorded. Nothing is said while no cabinet is"
        " recorded at all."
    ),
    message=N_("There is no lamp cabinet “{box}”"),
    reads=Reads(
        in_layers(street_lamp=("ctrl_box_id", "state"), lamp_cabinet=("cabinet_no",)),
        Scope.LAYER,
        geometry=False,
    ),
    limits=("unused",),
)
def box_unknown(survey: Survey) -> Iterator[Findings]:
    """Find lamps in use that name a box which is none of the recorded cabinets."""
    if not survey.has(_CABINET):
        return
    lamps = survey.features(_LAMP)
    recorded = survey.features(_CABINET).texts("cabinet_no").values
    known = {str(number).strip() for number in recorded}
    box = lamps.texts("ctrl_box_id")
    strange = box.meeting(lambda number: str(number).strip() not in known)
    used = ~lamps.texts("state").isin(survey.limits["unused"])
    rows = np.flatnonzero(strange & used) if known else np.empty(0, np.intp)
    yield lamps.found(rows, box=box.objects(rows))


@rule(
    "lamp.mixed_types",
    title=N_("Other light source on a renewed road"),
    explanation=N_(
        "On a road whose lamps were replaced a lamp has another light source than the ones that"
        " were replaced. It was left out, or its type was not brought up to date: look, and correct"
        " the record or have the lamp replaced."
    ),
    message=N_("{lamp_type}, though {count} lamps of {road} were replaced by {main_type}"),
    reads=Reads(
        in_layers(street_lamp=("road_name", "lamp_type", "replaced_2020", "state")),
        Scope.GROUP,
        keys=_road_keys,
        geometry=False,
    ),
    limits=("unused",),
)
def mixed_types(survey: Survey) -> Iterator[Findings]:
    """Find lamps of another type than most of the replaced ones of their road."""
    lamps = survey.features(_LAMP)
    road, kind = lamps.texts("road_name"), lamps.texts("lamp_type")
    known = ~road.missing & kind.isin(_known_types(survey))
    known &= ~lamps.texts("state").isin(survey.limits["unused"])
    replaced = known & (lamps.numbers("replaced_2020") == 1)
    counts = np.zeros((len(road.values) + 1, len(kind.values) + 1), np.int64)
    np.add.at(counts, (road.codes[replaced], kind.codes[replaced]), 1)
    # Of two as frequent, the same one in whatever order they are read.
    by_name = np.append(np.argsort(kind.values.astype(str)), len(kind.values))
    main, number = by_name[counts[:, by_name].argmax(axis=1)], counts.max(axis=1)
    renewed = number[road.codes] > 0
    rows = np.flatnonzero(known & renewed & (kind.codes != main[road.codes]))
    yield lamps.found(
        rows,
        lamp_type=kind.objects(rows),
        main_type=Coded(main[road.codes[rows]].astype(np.int32), kind.values).objects(),
        count=number[road.codes[rows]],
        road=road.objects(rows),
    )


def _known_types(survey: Survey) -> set[str]:
    """Return the types of lamps that say something; what is in no list is another rule's."""
    codes = survey.project.catalogue.codes("lamp_type").codes
    return {entry.code for entry in codes} - {_UNKNOWN}


@rule(
    "lamp.led_share",
    title=N_("Road that is not all LED"),
    explanation=N_(
        "How many of the lamp heads of a road are LED, for planning the next replacements. Lamps of"
        " unknown type are not counted, a lamp without a number of heads counts as one."
    ),
    message=N_("{road}: {led} of {count} lamp heads are LED ({percent:.1f} %)"),
    reads=Reads(
        in_layers(street_lamp=("road_name", "lamp_type", "lamp_heads", "state")), Scope.LAYER
    ),
    limits=("unused",),
)
def led_share(survey: Survey) -> Iterator[Findings]:
    """Say of each road that has other lamps what share of its lamp heads is LED."""
    lamps = survey.features(_LAMP)
    road, kind = lamps.texts("road_name"), lamps.texts("lamp_type")
    known = ~road.missing & kind.isin(_known_types(survey))
    rows = np.flatnonzero(known & ~lamps.texts("state").isin(survey.limits["unused"]))
    code = road.codes[rows]
    heads = lamps.numbers("lamp_heads")[rows]
    heads = np.where(heads > 0, heads, 1.0)
    count = np.bincount(code, heads, len(road.values)).astype(np.int64)
    led = np.bincount(code, heads * kind.isin({_LED})[rows], len(road.values)).astype(np.int64)
    mixed = np.flatnonzero(led < count)
    yield Findings(
        _LAMP,
        np.zeros(len(mixed), np.int64),
        np.full(len(mixed), None, dtype=object),
        _middles(lamps.xy[rows], code, len(road.values))[mixed],
        {
            "road": road.values[mixed],
            "led": led[mixed],
            "count": count[mixed],
            "percent": 100.0 * led[mixed] / np.maximum(count[mixed], 1),
        },
        ("road",),
    )


def _middles(xy: NDArray[np.float64], code: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Return for each code one of its places, the one nearest to their mean; NaN without any."""
    placed = np.isfinite(xy).all(axis=1)
    xy, code = xy[placed], code[placed]
    number = np.bincount(code, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.column_stack([np.bincount(code, xy[:, i], count) / number for i in (0, 1)])
    order = np.lexsort((np.hypot(*(xy - mean[code]).T), code))
    codes, first = np.unique(code[order], return_index=True)
    result = np.full((count, 2), np.nan)
    result[codes] = xy[order][first]
    return result
