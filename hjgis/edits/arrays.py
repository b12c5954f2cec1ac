"""Whole rows of assets: bays at a kerb, lamps along a road, manholes on a pipe, stations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from hjgis.edits.along import halves
from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models import linework
from hjgis.models.assets import Value
from hjgis.models.changes import (
    BORN_OF,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
    new_uuid,
    new_uuids,
)
from hjgis.models.geometry import fitted
from hjgis.models.reading import FeatureReader
from hjgis.models.rows import BayForm, Numbering, row_fields

Coords = NDArray[np.float64]
Side = Literal["left", "right"]
Sides = Literal["left", "right", "both", "staggered"]
# More than this at once is a slip of the hand.
MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Placed:
    """One feature of a row before it is stored."""

    geometry: BaseGeometry
    values: Mapping[str, Value]


def bays_along(
    kerb: shapely.LineString,
    form: BayForm,
    side: Side,
    *,
    count: int | None = None,
    start_m: float = 0.0,
    gap_m: float = 0.0,
) -> list[Placed]:
    """Return bays side by side along a kerb.

    Slanting bays are parallelograms whose long sides are the marked lines; measured square to
    these they are as wide as others.

    Parameters
    ----------
    kerb : LineString
        Where the bays begin, in the direction in which they are numbered.
    side : str
        On which side of the kerb they lie, looking along it.
    count : int, optional
        So many; as many as have room if not given.
    start_m, gap_m : float
        From the kerb's first vertex to the first bay, and between bays.

    Raises
    ------
    EditRefused
        If there is no room for one, or for as many as are wanted.
    """
    slant = math.radians(form.angle_deg)
    parallel = form.angle_deg == 0
    pitch = form.length_m if parallel else form.width_m / math.sin(slant)
    depth = form.width_m if parallel else form.length_m
    turn = math.pi / 2 if parallel else slant
    room = int((kerb.length - start_m + gap_m + linework.SAME_M) // (pitch + gap_m))
    wanted = room if count is None else count
    if room < 1 or wanted > room:
        raise EditRefused(
            _("Along this line there is room for {count} bays.").format(count=max(room, 0))
        )
    _refuse_many(wanted)
    coords = linework.coords_of(kerb)[:, :2]
    sign = 1.0 if side == "left" else -1.0
    fields = row_fields("parking_bay")
    values: dict[str, Value] = {
        fields["form"]: form.code,
        fields["length"]: form.length_m,
        fields["width"]: form.width_m,
        fields["angle"]: form.angle_deg,
    }
    result = []
    for number in range(wanted):
        first = start_m + number * (pitch + gap_m)
        start, end = linework.place_at(coords, first), linework.place_at(coords, first + pitch)
        along = (end - start) / np.hypot(*(end - start))
        aside = depth * (math.cos(turn) * along + sign * math.sin(turn) * _left_of(along))
        front = along * pitch
        corners = [start, start + front, start + front + aside, start + aside]
        result.append(Placed(shapely.Polygon(corners), values))
    return result


def lamps_along(
    road: shapely.LineString,
    sides: Sides,
    *,
    spacing_m: float,
    offset_m: float,
    start_m: float = 0.0,
) -> list[Placed]:
    """Return lamps along the middle of a road, in the order of their chainage, left before right.

    Parameters
    ----------
    sides : str
        ``staggered``: left and right by turns, each `spacing_m` from the one before on its side.
    offset_m : float
        From the middle of the road to the poles.

    Raises
    ------
    EditRefused
        If the spacing is not above 0, or there would be too many.
    """
    if spacing_m <= 0:
        raise EditRefused(_("The spacing must be above 0."))
    coords = linework.coords_of(road)[:, :2]
    _refuse_many((road.length - start_m) / spacing_m + 1)
    stations = list(_steps(start_m, road.length, spacing_m))
    placed: list[tuple[float, Side]] = []
    if sides in ("left", "both", "staggered"):
        placed += [(station, "left") for station in stations]
    if sides in ("right", "both"):
        placed += [(station, "right") for station in stations]
    if sides == "staggered":
        between = _steps(start_m + spacing_m / 2, road.length, spacing_m)
        placed += [(station, "right") for station in between]
    names = row_fields("street_lamp")
    layout = names[sides if sides in ("both", "staggered") else "one"]
    result = []
    for station, side in sorted(placed):
        aside = _left_of(_direction(coords, station)) * (1 if side == "left" else -1)
        place = linework.place_at(coords, station) + aside * offset_m
        own: dict[str, Value] = {
            names["chainage"]: round(station, 2),
            names["side"]: names[side],
            names["layout"]: layout,
        }
        result.append(Placed(shapely.Point(place), own))
    return result


def stations_in(area: BaseGeometry, *, spacing_m: float, angle_deg: float = 0.0) -> list[Placed]:
    """Return places on a square grid inside an area, row by row from the north.

    Parameters
    ----------
    angle_deg : float
        By which the grid is turned, counterclockwise.

    Raises
    ------
    EditRefused
        If the spacing is not above 0, or there would be too many.
    """
    if spacing_m <= 0:
        raise EditRefused(_("The spacing must be above 0."))
    middle = shapely.centroid(area)
    level = rotate(area, -angle_deg, origin=middle)
    x_min, y_min, x_max, y_max = level.bounds
    _refuse_many((x_max - x_min) * (y_max - y_min) / spacing_m**2)
    columns = np.arange(x_min + spacing_m / 2, x_max, spacing_m)
    rows = np.arange(y_max - spacing_m / 2, y_min, -spacing_m)
    places = np.array([(x, y) for y in rows for x in columns]).reshape(-1, 2)
    inside = places[shapely.contains_xy(level, places[:, 0], places[:, 1])]
    points = (shapely.Point(place) for place in inside)
    return [Placed(rotate(point, angle_deg, origin=middle), {}) for point in points]


def add_row(
    reader: FeatureReader,
    layer: str,
    placed: Iterable[Placed],
    *,
    numbering: Numbering | None = None,
) -> ChangeSet:
    """Store a row in one change, numbered as it runs.

    Raises
    ------
    EditRefused
        If there is no place in it.
    """
    asset, row = reader.asset_type(layer), list(placed)
    if not row:
        raise EditRefused(_("There is no room for any."))
    number = row_fields(layer).get("number")
    texts = islice(numbering.texts(), len(row)) if numbering else None
    changes = []
    for uuid, one in zip(new_uuids(len(row)), row, strict=True):
        own: dict[str, Value] = {**asset.empty_values(), **one.values}
        if texts is not None and number is not None:
            own[number] = next(texts)
        geometry = fitted(one.geometry, asset.geometry)
        changes.append(Change(None, Feature(FeatureKey(layer, uuid), geometry, own)))
    params = {"layer": layer, "count": len(changes)}
    return ChangeSet("edit.row", tuple(changes), params=params)


def nodes_along(
    reader: FeatureReader,
    key: FeatureKey,
    layer: str,
    *,
    spacing_m: float,
    numbering: Numbering | None = None,
) -> ChangeSet:
    """Put nodes on a pipe so many metres apart, which divide it.

    The first piece keeps the identity; levels are interpolated, lengths shared out.

    Raises
    ------
    EditRefused
        If the pipe is too short for one.
    """
    line, asset, kind = reader.get(key), reader.asset_type(key.layer), reader.asset_type(layer)
    if layer not in asset.ends_on:
        raise EditRefused(_("This kind of point is no node of the line."))
    stations = _stations_on(line, spacing_m)
    field = kind.topology.number
    texts = numbering.texts() if numbering else None
    changes, pieces, rest, done = [], [], line, 0.0
    for station in stations:
        assert isinstance(rest.geometry, shapely.LineString)
        known = kind.empty_values()
        if texts is not None and field:
            known[field] = next(texts)
        first, second = linework.cut(rest.geometry, station - done)
        place = shapely.Point(linework.coords_of(second)[0, :2])
        node = Feature(FeatureKey(layer, new_uuid()), place, known)
        number = known.get(field) if field else None
        share = (station - done) / rest.geometry.length
        before, after = halves(asset, rest.values, share, node, number)
        pieces.append(Feature(rest.key, first, before, rest.fid))
        new_key = FeatureKey(key.layer, new_uuid())
        rest = Feature(new_key, second, asset.without_identity(after))
        changes.append(Change(None, node))
        done = station
    kept, *born = [*pieces, rest]
    changes += [Change(line, kept), *(Change(None, piece) for piece in born)]
    cut = {piece.key.uuid: key.uuid for piece in born}
    params = {"layer": layer, "count": len(stations), BORN_OF: cut}
    return ChangeSet("edit.row", tuple(changes), params=params)


def _stations_on(line: Feature, spacing_m: float) -> list[float]:
    """Return where nodes divide a line, metres from its first vertex."""
    if not isinstance(line.geometry, shapely.LineString):
        raise EditRefused(_("This kind of point is no node of the line."))
    if spacing_m <= 0:
        raise EditRefused(_("The spacing must be above 0."))
    _refuse_many(line.geometry.length / spacing_m)
    stations = list(_steps(spacing_m, line.geometry.length - linework.SAME_M, spacing_m))
    if not stations:
        raise EditRefused(_("The pipe is shorter than the spacing."))
    return stations


def next_number(known: Iterable[Value], prefix: str) -> int:
    """Return the number after the highest that stands behind a prefix; 1 if there is none."""
    tails = (str(value)[len(prefix) :] for value in known if str(value or "").startswith(prefix))
    return max((int(tail) for tail in tails if tail.isdecimal()), default=0) + 1


def _steps(start: float, stop: float, step: float) -> Iterator[float]:
    count = math.floor((stop - start) / step + 1e-9) + 1
    return (start + number * step for number in range(max(count, 0)))


def _direction(coords: Coords, station: float) -> Coords:
    """Return the direction of a line at a station, a vector of length 1."""
    at = linework.stations(coords)
    i = min(max(int(np.searchsorted(at, station, side="right")), 1), len(at) - 1)
    step = coords[i] - coords[i - 1]
    direction: Coords = step / np.hypot(*step)
    return direction


def _left_of(direction: Coords) -> Coords:
    return np.array([-direction[1], direction[0]])


def _refuse_many(count: float) -> None:
    if count > MOST:
        raise EditRefused(_("That would be more than {most} at once.").format(most=MOST))
