"""Checks of public toilets: flush, stalls, signs, drains, spacing along roads, area served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.along import along_roads, neighbours_along, road_runs
from hjgis.checks.coverage import (
    SERVICE_AREA,
    coverage,
    finding,
    there,
    united,
)
from hjgis.checks.naming import names
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields

_TOILET: Final = "toilet"
_ROAD: Final = "road"
_PIPE: Final = "pipe_line"
_UNKNOWN: Final = "不详"
_PURPOSE: Final = "公厕"


@rule(
    "toilet.not_flush",
    title=N_("New or rebuilt toilet without water flush"),
    explanation=N_(
        "Task 4 of the notice: every new or rebuilt public toilet has a water flush. Correct the"
        " flush or the kind of building work if one of them is recorded wrongly; otherwise the"
        " toilet has to be rebuilt."
    ),
    message=N_("{flush_type}, though {nature}: new and rebuilt toilets must have a water flush"),
    reads=Reads(in_layers(toilet=("build_nature", "flush_type")), geometry=False),
    limits=("natures", "flush"),
)
def not_flush(survey: Survey) -> Iterator[Findings]:
    """Find toilets that were built or rebuilt and are known not to have a water flush."""
    toilets = survey.features(_TOILET)
    nature, flush = toilets.texts("build_nature"), toilets.texts("flush_type")
    allowed = {*survey.limits["flush"], _UNKNOWN}
    wrong = nature.isin(survey.limits["natures"]) & ~flush.missing & ~flush.isin(allowed)
    rows = np.flatnonzero(wrong)
    yield toilets.found(rows, flush_type=flush.objects(rows), nature=nature.objects(rows))


_STALLS: Final = ("stall_f", "stall_m_squat", "stall_m_urinal")


@rule(
    "toilet.stall_ratio",
    title=N_("Too few stalls for women"),
    explanation=N_(
        "Women's stalls must be at least one and a half times the men's, urinals counted. A smaller"
        " share makes queues, and is often a mistake in counting: count again, or plan more stalls"
        " when the toilet is rebuilt."
    ),
    message=N_("{women} for women, {men} for men: {ratio:.2f}, at least {least:g} is asked for"),
    reads=Reads(in_layers(toilet=_STALLS), geometry=False),
    limits=("least_ratio",),
)
def stall_ratio(survey: Survey) -> Iterator[Findings]:
    """Find toilets with fewer stalls for women than for men times a ratio."""
    toilets = survey.features(_TOILET)
    women, squat, urinal = (toilets.numbers(name) for name in _STALLS)
    # Urinals that nobody counted can only make the share smaller.
    men = squat + np.nan_to_num(urinal)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = women / men
    wrong = np.flatnonzero((men > 0) & (women >= 0) & (ratio < survey.limits["least_ratio"]))
    yield toilets.found(
        wrong,
        women=women[wrong].astype(np.int64),
        men=men[wrong].astype(np.int64),
        ratio=ratio[wrong],
        least=survey.limits["least_ratio"],
    )


@rule(
    "toilet.no_sign",
    title=N_("Public toilet without signs"),
    explanation=N_(
        "Task 4 of the notice: a toilet that is open to the public has signs that show the way and"
        " say that it may be used. Put the signs up, and then say that they are in order."
    ),
    message=N_("Open to the public, but its signs are not in order"),
    reads=Reads(in_layers(toilet=("open_to_public", "sign_ok")), geometry=False),
)
def no_sign(survey: Survey) -> Iterator[Findings]:
    """Find toilets that are open to the public and whose signs are known not to be in order."""
    toilets = survey.features(_TOILET)
    yield toilets.found(
        (toilets.numbers("open_to_public") == 1) & (toilets.numbers("sign_ok") == 0)
    )


def _spacing(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _ROAD:
        return ("road_name", "road_class")
    return (*name_fields(asset), "road_name") if asset.id == _TOILET else None


@rule(
    "toilet.spacing",
    title=N_("Toilets far apart along a road"),
    explanation=N_(
        "Between two neighbouring toilets of a road lies more than its class allows, measured along"
        " the road. Either a toilet between them is not recorded, or one is needed there; one in a"
        " side street may serve the stretch."
    ),
    message=N_(
        "{gap_m:.0f} m along {road} to the next toilet ({other}); at most {most_m:.0f} m on such a"
        " road ({road_class})"
    ),
    reads=Reads(_spacing, Scope.LAYER),
    limits=("within_m", "most_m"),
)
def spacing(survey: Survey) -> Iterator[Findings]:
    """Find toilets whose next one along the road is farther off than the road's class allows."""
    toilets, roads = survey.features(_TOILET), survey.features(_ROAD)
    runs = road_runs(roads.geometry, roads.texts("road_name"))
    named = toilets.texts("road_name")
    within_m = survey.limits["within_m"]
    along = along_roads(toilets.xy, runs, names=named, within_m=within_m)
    first, second, gap_m = neighbours_along(along, np.arange(len(toilets)))
    road = runs.road[along.run[first]]
    classes = roads.objects("road_class", road)
    most_m = np.array([survey.limits["most_m"].get(c, np.inf) for c in classes], dtype=np.float64)
    far = np.flatnonzero(gap_m > most_m)
    yield toilets.found(
        first[far],
        gap_m=gap_m[far],
        most_m=most_m[far],
        road=_or_nameless(runs.called(along.run[first[far]])),
        road_class=classes[far],
        other=names(toilets, second[far]),
    )


def _or_nameless(said: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array([name or "—" for name in said], dtype=object)


def _drains(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _PIPE:
        return ("kind",)
    return ("drain_to", "septic_id", "flush_type") if asset.id == _TOILET else None


@rule(
    "toilet.no_drain",
    title=N_("Toilet without a drain"),
    explanation=N_(
        "A toilet is joined to a sewer or to a septic tank. Here no sewage pipe is recorded near it"
        ", and no tank is named. Survey the house connection, say where it drains to, or name the"
        " septic tank."
    ),
    message={
        "": N_(
            "Nothing says where it drains to; the nearest sewage pipe is {distance_m:.0f} m off"
        ),
        "sewer": N_(
            "Said to drain to the sewer, but the nearest sewage pipe is {distance_m:.0f} m off"
        ),
    },
    reads=Reads(_drains, Scope.LAYER),
    limits=("within_m", "surveyed_m", "sewage_kinds", "into_sewer", "without_drain"),
)
def no_drain(survey: Survey) -> Iterator[Findings]:
    """Find toilets away from sewage pipes that name no tank; none where sewers are not surveyed."""
    toilets, pipes = survey.features(_TOILET), survey.features(_PIPE)
    sewers = there(pipes.geometry, pipes.texts("kind").isin(survey.limits["sewage_kinds"]))
    drain = toilets.texts("drain_to")
    into_sewer = drain.isin(survey.limits["into_sewer"])
    unsaid = drain.missing & toilets.texts("septic_id").missing
    dry = toilets.texts("flush_type").isin(survey.limits["without_drain"])
    rows = np.flatnonzero((into_sewer | unsaid) & ~dry & ~toilets.nowhere)
    if not len(sewers) or not len(rows):
        return
    (at, _pipe), distance = shapely.STRtree(sewers).query_nearest(
        toilets.geometry[rows], all_matches=False, return_distance=True
    )
    far = (distance > survey.limits["within_m"]) & (distance <= survey.limits["surveyed_m"])
    lost = rows[at[far]]
    case = np.where(into_sewer[lost], "sewer", "")
    yield toilets.found(lost, case=case, distance_m=distance[far])


@rule(
    "toilet.class_fields",
    title=N_("Toilet that does not fit its class"),
    explanation=N_(
        "The class of a toilet says how it is built and what it has: class 1 has a family room"
        " (第三卫生间), an attached class belongs to an attached toilet. Correct the class or the"
        " field that contradicts it."
    ),
    message={
        "room": N_("{toilet_class}, but without a family room"),
        "kind": N_("{toilet_class}, but the building is {build_type}"),
    },
    reads=Reads(in_layers(toilet=("toilet_class", "third_room", "build_type")), geometry=False),
    limits=("with_family_room", "build_types"),
)
def class_fields(survey: Survey) -> Iterator[Findings]:
    """Find toilets without the room of their class, or of another kind of building."""
    toilets, limits = survey.features(_TOILET), survey.limits
    classes, kinds = toilets.texts("toilet_class"), toilets.texts("build_type")
    roomless = classes.isin(limits["with_family_room"]) & (toilets.numbers("third_room") == 0)
    asked = np.array([limits["build_types"].get(c) for c in classes.values] + [None], dtype=object)
    built = kinds.objects()
    said = ~kinds.missing & ~kinds.isin({_UNKNOWN})
    belongs = asked[classes.codes]
    misbuilt = said & (belongs != np.array(None, dtype=object)) & (belongs != built)
    for case, wrong in (("room", roomless), ("kind", misbuilt)):
        yield toilets.found(
            wrong, part=("case",), case=case, toilet_class=classes.objects(), build_type=built
        )


@rule(
    "toilet.coverage",
    title=N_("Places far from a public toilet"),
    explanation=N_(
        "Busy places must have a public toilet within the service radius. Looked at are the service"
        " areas for toilets; without any, parks, squares and grid cells of commercial use. The mark"
        " is at the place farthest from a toilet."
    ),
    message=N_(
        "{percent:.1f} percent of the area lies within {reach_m:.0f} m of a toilet,"
        " {bare_km2:.2f} km² do not"
    ),
    reads=Reads(
        in_layers(toilet=("state",), park=(), grid=("land_use",), service_area=("purpose",)),
        Scope.LAYER,
    ),
    limits=("reach_m", "least_percent", "land_uses", "unused"),
)
def toilet_coverage(survey: Survey) -> Iterator[Findings]:
    """Say how much of the area to be served lies within the radius of a toilet in use."""
    limits = survey.limits
    areas = survey.features(SERVICE_AREA)
    area = united(areas.geometry[areas.texts("purpose").isin([_PURPOSE])])
    if area is None:
        grid = survey.features("grid")
        busy = grid.geometry[grid.texts("land_use").isin(limits["land_uses"])]
        area = united(np.concatenate([survey.features("park").geometry, busy]))
    toilets = survey.features(_TOILET)
    used = ~toilets.texts("state").isin(limits["unused"])
    sources = [(there(toilets.geometry, used), limits["reach_m"])]
    found = coverage(area, sources) if area is not None and len(toilets) else None
    yield finding(_TOILET, found, limits["least_percent"], reach_m=limits["reach_m"])
