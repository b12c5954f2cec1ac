"""Checks of parks and squares: areas, what belongs into them, who keeps them, whom they serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.coverage import coverage, finding, served_area, there
from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.unknown import FIELD as UNKNOWN_FIELDS

_PARK: Final = "park"
_TOILET: Final = "toilet"
_M2_IN_HM2: Final = 10_000.0
_PURPOSE: Final = "公园"


def _drawn_m2(parks: Features) -> NDArray[np.float64]:
    """Return the areas of the outlines; NaN where there is none or it contradicts itself."""
    usable = shapely.is_valid(parks.geometry) & ~parks.nowhere
    return np.where(usable, shapely.area(parks.geometry), np.nan)


def _best_m2(parks: Features) -> NDArray[np.float64]:
    """Return the areas as recorded, where that is missing as drawn."""
    said = parks.numbers("area_m2")
    return np.where(said > 0, said, _drawn_m2(parks))


@rule(
    "park.area_differs",
    title=N_("Area is not that of the outline"),
    explanation=N_(
        "The recorded area of a park differs from the area of its outline by more than one percent."
        " Statistics and payments for upkeep count by area: correct the number, or the outline."
    ),
    message=N_("{said_m2:.0f} m² recorded, {drawn_m2:.0f} m² drawn ({percent:+.1f} %)"),
    reads=Reads(in_layers(park=("area_m2",))),
    limits=("percent", "least_m2"),
)
def area_differs(survey: Survey) -> Iterator[Findings]:
    """Find parks whose recorded area is off the area of their outline."""
    parks, limits = survey.features(_PARK), survey.limits
    said, drawn = parks.numbers("area_m2"), _drawn_m2(parks)
    off = np.abs(said - drawn)
    rows = np.flatnonzero((off > drawn * limits["percent"] / 100.0) & (off > limits["least_m2"]))
    percent = 100.0 * (said[rows] - drawn[rows]) / drawn[rows]
    yield parks.found(rows, said_m2=said[rows], drawn_m2=drawn[rows], percent=percent)


@rule(
    "park.no_toilet",
    title=N_("Large park without a toilet"),
    explanation=N_(
        "A park of two hectares or more has a public toilet inside or beside it. Either it is not"
        " recorded, or one has to be built."
    ),
    message={
        "": N_("{area_hm2:.1f} hm², but no toilet inside or within {within_m:g} m"),
        "said": N_(
            "{area_hm2:.1f} hm²; {count} toilets are said, but none is recorded inside or within"
            " {within_m:g} m"
        ),
    },
    reads=Reads(
        in_layers(park=("area_m2", "toilet_count"), toilet=("state",)),
        Scope.LAYER,
    ),
    limits=("from_m2", "within_m", "unused"),
)
def no_toilet(survey: Survey) -> Iterator[Findings]:
    """Find large parks without a toilet in use; nothing where no toilet was surveyed at all."""
    parks, toilets, limits = survey.features(_PARK), survey.features(_TOILET), survey.limits
    if not len(toilets):
        return
    area = _best_m2(parks)
    placed = np.isfinite(shapely.area(parks.geometry))
    rows = np.flatnonzero((area >= limits["from_m2"]) & ~parks.nowhere & placed)
    used = there(toilets.geometry, ~toilets.texts("state").isin(limits["unused"]))
    served = shapely.STRtree(used).query(
        parks.geometry[rows], predicate="dwithin", distance=limits["within_m"]
    )[0]
    bare = np.delete(rows, np.unique(served))
    count = np.nan_to_num(parks.numbers("toilet_count")[bare])
    yield parks.found(
        bare,
        case=np.where(count > 0, "said", ""),
        area_hm2=area[bare] / _M2_IN_HM2,
        count=count.astype(np.int64),
        within_m=limits["within_m"],
    )


@rule(
    "park.overlap",
    title=N_("Parks that overlap"),
    explanation=N_(
        "Two parks or squares share ground, so it is counted twice and it is not clear who keeps it"
        " up. Move the border between them."
    ),
    message=N_("Overlaps {other} by {overlap_m2:.0f} m²"),
    reads=Reads(
        lambda asset: name_fields(asset) if asset.id == _PARK else None,
        Scope.NEIGHBOURS,
        reach="reach_m",
    ),
    limits=("least_m2", "reach_m"),
)
def overlap(survey: Survey) -> Iterator[Findings]:
    """Find parks that share more than a little ground with another one."""
    parks = survey.features(_PARK)
    rows = np.flatnonzero(shapely.is_valid(parks.geometry) & ~parks.nowhere)
    shapes = parks.geometry[rows]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left != right], right[left != right]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    kept = (shared > survey.limits["least_m2"]) & ~shapely.equals(shapes[left], shapes[right])
    each, other, shared = rows[left[kept]], rows[right[kept]], shared[kept]
    order = np.lexsort((other, -shared, each))
    found, at = np.unique(each[order], return_index=True)
    most = order[at]
    yield parks.found(found, other=names(parks, other[most]), overlap_m2=shared[most])


_CARERS: Final = ("supervisor_name", "maintainer_name")


@rule(
    "park.unattended",
    title=N_("Park that nobody manages or keeps up"),
    explanation=N_(
        "Task 5 of the notice: every park and square is kept up. Without the supervising department"
        " and the maintainer nobody answers for dead trees or rubbish: fill both in."
    ),
    message=N_("Nobody is named as {fields}"),
    reads=Reads(in_layers(park=(*_CARERS, UNKNOWN_FIELDS)), geometry=False),
)
def unattended(survey: Survey) -> Iterator[Findings]:
    """Find parks that name no supervising department or no maintainer."""
    parks = survey.features(_PARK)
    first, second = (parks.lacking(parks.asset.field(name)) for name in _CARERS)
    said = np.empty(4, dtype=object)
    said[:] = [(), _CARERS[:1], _CARERS[1:], _CARERS]
    kind = first + 2 * second
    rows = np.flatnonzero(kind)
    yield parks.found(rows, fields=said[kind[rows]])


_TREES: Final = ("dead_trees", "missing_trees", "replant_due")


@rule(
    "park.trees_without_date",
    title=N_("Trees to replant without a date"),
    explanation=N_(
        "Task 5 of the notice: dead and missing trees are replaced. Here some are counted and"
        " nothing says by when they will be: fill in the date, or the count if they are replaced."
    ),
    message=N_("{dead} dead and {missing} missing trees, but no date for replanting"),
    reads=Reads(in_layers(park=(*_TREES, UNKNOWN_FIELDS)), geometry=False),
)
def trees_without_date(survey: Survey) -> Iterator[Findings]:
    """Find parks with dead or missing trees and no date by which they are replaced."""
    parks = survey.features(_PARK)
    dead, missing = (np.nan_to_num(parks.numbers(name)) for name in _TREES[:2])
    undated = parks.lacking(parks.asset.field("replant_due"))
    rows = np.flatnonzero((dead + missing > 0) & undated)
    yield parks.found(
        rows, dead=dead[rows].astype(np.int64), missing=missing[rows].astype(np.int64)
    )


@rule(
    "park.class_area",
    title=N_("Park that does not fit its class"),
    explanation=N_(
        "The class of a green space has a usual least area and a least share of planted ground."
        " Here area or share is smaller: correct the class or the numbers; in a small town half the"
        " area may be accepted, which can be set in the limits."
    ),
    message={
        "area": N_("{park_class} of {area_m2:.0f} m²; usual are {least_m2:.0f} m² or more"),
        "green": N_(
            "{park_class}, {percent:.0f} % planted; usual are {least_percent:.0f} percent or more"
        ),
    },
    reads=Reads(in_layers(park=("park_class", "area_m2", "green_area_m2"))),
    limits=("share_of_area",),
)
def class_area(survey: Survey) -> Iterator[Findings]:
    """Find parks smaller, or planted less, than the list of classes says is usual."""
    parks = survey.features(_PARK)
    codes, kind = survey.project.catalogue.codes("park_class"), parks.texts("park_class")
    area, green = _best_m2(parks), parks.numbers("green_area_m2")
    entries = [codes.get(value) for value in kind.values]
    asked = {
        name: np.array(
            [*(float(e.extra.get(name, np.nan)) if e else np.nan for e in entries), np.nan]  # type: ignore[arg-type]
        )[kind.codes]
        for name in ("min_area_m2", "min_green_ratio")
    }
    least = asked["min_area_m2"] * survey.limits["share_of_area"]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = green / area
    for case, wrong in (("area", area < least), ("green", share < asked["min_green_ratio"])):
        yield parks.found(
            wrong,
            part=("case",),
            case=case,
            park_class=kind.objects(),
            area_m2=area,
            least_m2=least,
            percent=100.0 * share,
            least_percent=100.0 * asked["min_green_ratio"],
        )


@rule(
    "park.green_exceeds",
    title=N_("More green and water than park"),
    explanation=N_(
        "The planted area and the water together are larger than the whole park. One of the three"
        " numbers is wrong, often by a unit (mu, hectares, square metres)."
    ),
    message=N_("{green_m2:.0f} m² planted and {water_m2:.0f} m² water in {area_m2:.0f} m²"),
    reads=Reads(in_layers(park=("area_m2", "green_area_m2", "water_area_m2"))),
    limits=("percent",),
)
def green_exceeds(survey: Survey) -> Iterator[Findings]:
    """Find parks whose planted area and water exceed their area by more than a tolerance."""
    parks = survey.features(_PARK)
    area = _best_m2(parks)
    green, water = (
        np.nan_to_num(parks.numbers(name)) for name in ("green_area_m2", "water_area_m2")
    )
    rows = np.flatnonzero(green + water > area * (1.0 + survey.limits["percent"] / 100.0))
    yield parks.found(rows, green_m2=green[rows], water_m2=water[rows], area_m2=area[rows])


def _served(asset: AssetType) -> tuple[str, ...] | None:
    return {
        _PARK: ("park_class", "area_m2", "state"),
        "service_area": ("purpose",),
        "boundary": ("level",),
    }.get(asset.id)


@rule(
    "park.coverage",
    title=N_("Places far from a park"),
    explanation=N_(
        "A park of 5 000 m² serves 500 m around it, one of 2 000 m² 300 m; more than four fifths of"
        " the built-up area should be served. Looked at are the service areas for parks, without"
        " any the built-up area. The mark is at the place farthest from a park."
    ),
    message=N_(
        "{percent:.1f} percent of the area is served by a park, at least {least_percent:g} percent"
        " should be; {bare_km2:.2f} km² are not"
    ),
    reads=Reads(_served, Scope.LAYER),
    limits=(
        "classes",
        "large_m2",
        "large_reach_m",
        "small_m2",
        "small_reach_m",
        "least_percent",
        "unused",
    ),
)
def park_coverage(survey: Survey) -> Iterator[Findings]:
    """Say how much of the built-up area is served by parks, if it is less than it should be."""
    parks, limits = survey.features(_PARK), survey.limits
    area, served = _best_m2(parks), served_area(survey, _PURPOSE)
    used = parks.texts("park_class").isin(limits["classes"])
    used &= ~parks.texts("state").isin(limits["unused"]) & ~parks.nowhere
    large = used & (area >= limits["large_m2"])
    small = used & ~large & (area >= limits["small_m2"])
    sources = [
        (parks.geometry[large], limits["large_reach_m"]),
        (parks.geometry[small], limits["small_reach_m"]),
    ]
    found = coverage(served, sources) if served is not None and len(parks) else None
    yield finding(_PARK, found, limits["least_percent"])
