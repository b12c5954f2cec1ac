"""Checks of shared-bike stations: inside their area, apart from one another, of fitting size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from hjgis.checks.coverage import SERVICE_AREA, coverage, finding, served_area, there, united
from hjgis.checks.naming import names
from hjgis.checks.pairs import nearest_others
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields

_STATION: Final = "bike_station"
_PURPOSE: Final = "共享单车"


@rule(
    "bike.outside_area",
    title=N_("Bike station outside the service area"),
    explanation=N_(
        "Task 10 of the notice counts stations inside the service area. This one lies outside: it"
        " is in the wrong place, or the outline of the service area has to be extended."
    ),
    message=N_("{distance_m:.0f} m outside the service area for shared bikes"),
    reads=Reads(in_layers(bike_station=(), service_area=("purpose",)), Scope.LAYER),
    limits=("tolerance_m",),
)
def outside_area(survey: Survey) -> Iterator[Findings]:
    """Find stations outside all service areas for bikes; nothing where none is drawn."""
    stations, areas = survey.features(_STATION), survey.features(SERVICE_AREA)
    area = united(areas.geometry[areas.texts("purpose").isin([_PURPOSE])])
    if area is None:
        return
    shapely.prepare(area)
    rows = np.flatnonzero(~stations.nowhere)
    rows = rows[~shapely.intersects_xy(area, stations.xy[rows])]
    distance = shapely.distance(stations.geometry[rows], area)
    far = distance > survey.limits["tolerance_m"]
    yield stations.found(rows[far], distance_m=distance[far])


@rule(
    "bike.too_close",
    title=N_("Bike stations very near one another"),
    explanation=N_(
        "Two stations lie nearer to one another than is useful, often one that was recorded by two"
        " operators or twice. Look whether both exist; merge them or delete one."
    ),
    message=N_("{distance_m:.1f} m from {other}"),
    reads=Reads(
        lambda asset: (*name_fields(asset), "in_service") if asset.id == _STATION else None,
        Scope.NEIGHBOURS,
        reach="within_m",
    ),
    limits=("within_m", "copy_m"),
)
def too_close(survey: Survey) -> Iterator[Findings]:
    """Find stations with another one nearer than a distance; copies are another rule's."""
    stations, limits = survey.features(_STATION), survey.limits
    used = stations.numbers("in_service") != 0
    places = np.where(used[:, None], stations.xy, np.nan)
    rows, other, distance = nearest_others(places, limits["within_m"], copy_m=limits["copy_m"])
    near = distance < limits["within_m"]
    rows, other, distance = rows[near], other[near], distance[near]
    yield stations.found(rows, other=names(stations, other), distance_m=distance)


@rule(
    "bike.capacity",
    title=N_("Capacity does not fit the area"),
    explanation=N_(
        "A bike takes a bit more than a square metre. Far less or far more ground for each bike of"
        " the capacity means that the area or the capacity is wrong, or the fleet is overcrowded."
    ),
    message=N_(
        "{count} bikes on {area_m2:.1f} m²: {each_m2:.2f} m² each; {least_m2:g} to {most_m2:g} are"
        " usual"
    ),
    reads=Reads(in_layers(bike_station=("capacity", "area_m2")), geometry=False),
    limits=("least_m2", "most_m2"),
)
def capacity(survey: Survey) -> Iterator[Findings]:
    """Find stations with too little or too much ground for each bike."""
    stations, limits = survey.features(_STATION), survey.limits
    count, area = stations.numbers("capacity"), stations.numbers("area_m2")
    with np.errstate(divide="ignore", invalid="ignore"):
        each = area / count
    wrong = (count > 0) & (area > 0)
    wrong &= (each < limits["least_m2"]) | (each > limits["most_m2"])
    rows = np.flatnonzero(wrong)
    yield stations.found(
        rows,
        count=count[rows].astype(np.int64),
        area_m2=area[rows],
        each_m2=each[rows],
        least_m2=limits["least_m2"],
        most_m2=limits["most_m2"],
    )


@rule(
    "bike.coverage",
    title=N_("Places far from a bike station"),
    explanation=N_(
        "How much of the service area for bikes, without one of the built-up area, has a station"
        " within a short walk. The mark is at the place farthest from a station."
    ),
    message=N_(
        "{percent:.1f} percent of the area lies within {reach_m:.0f} m of a station,"
        " {bare_km2:.2f} km² do not"
    ),
    reads=Reads(
        in_layers(bike_station=("in_service",), service_area=("purpose",), boundary=("level",)),
        Scope.LAYER,
    ),
    limits=("reach_m", "least_percent"),
)
def bike_coverage(survey: Survey) -> Iterator[Findings]:
    """Say how much of the area lies within reach of a station in service."""
    stations, limits = survey.features(_STATION), survey.limits
    used = there(stations.geometry, stations.numbers("in_service") != 0)
    area = served_area(survey, _PURPOSE)
    sources = [(used, limits["reach_m"])]
    found = coverage(area, sources) if area is not None and len(stations) else None
    yield finding(_STATION, found, limits["least_percent"], reach_m=limits["reach_m"])
