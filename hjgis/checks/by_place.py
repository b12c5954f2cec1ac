"""What the place of a feature says: its road, its cell, its component id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.fixes.register import Bench, limit
from hjgis.edits.derived import COMPUTATIONS, Surroundings
from hjgis.edits.numbering import Giver
from hjgis.i18n import _
from hjgis.models.assets import Field, Value
from hjgis.models.changes import Feature

_ROADS: Final = "road"
_NAME: Final = "road_name"
_IDS: Final = "new ids"


@dataclass(frozen=True, slots=True)
class _Roads:
    """The named roads of a project."""

    names: NDArray[np.object_]
    shapes: NDArray[np.object_]
    tree: shapely.STRtree


def computed(bench: Bench, feature: Feature, field: Field) -> Value:
    """Return what follows from other values or from the place; None for what was once true."""
    found = COMPUTATIONS.get(field.computed or "")
    if found is None or not (found.follows or found.node_fields):
        # The day on which it was entered follows from nothing.
        return None
    # Nodes change while their pipes are mended; the cells of the grid do not.
    fresh = bool(bench.draft.asset_type(feature.key.layer).ends_on)
    return found.work(Surroundings(bench.draft) if fresh else _around(bench), feature)


def of_cell(bench: Bench, feature: Feature, name: str) -> Value:
    """Return what the cell of the grid that a feature lies in says; None if it lies in none."""
    if feature.geometry is None or feature.geometry.is_empty:
        return None
    cell = _around(bench).cell_at(feature.geometry.representative_point())
    return cell.values.get(name) if cell is not None else None


def _around(bench: Bench) -> Surroundings:
    around = bench.memory.setdefault("around", Surroundings(bench.draft))
    assert isinstance(around, Surroundings)
    return around


def near_road(bench: Bench, feature: Feature) -> tuple[str | None, str]:
    """Return the name of the nearest road, or None and why not.

    It counts if it is within reach and the next road of another name is clearly farther: at a
    crossing nobody can tell which is meant.
    """
    if feature.geometry is None or feature.geometry.is_empty:
        return None, _("The feature has no place yet.")
    roads, reach_m = _roads(bench), float(limit("road_within_m"))
    # A pipe is along the road that its middle is nearest to, whatever it crosses at its ends.
    place = _middle(feature)
    rows = roads.tree.query(place, predicate="dwithin", distance=reach_m)
    away = shapely.distance(roads.shapes[rows], place)
    nearest: dict[str, float] = {}
    for row, distance_m in zip(rows.tolist(), np.atleast_1d(away).tolist(), strict=True):
        name = str(roads.names[row])
        nearest[name] = min(distance_m, nearest.get(name, np.inf))
    ranked = sorted(nearest.items(), key=lambda entry: entry[1])
    if not ranked:
        words = _("No road with a name lies within {distance_m:g} m.")
        return None, words.format(distance_m=reach_m)
    if len(ranked) > 1 and ranked[1][1] <= ranked[0][1] * float(limit("clear_times")):
        words = _("{one} and {other} are about as near.")
        return None, words.format(one=ranked[0][0], other=ranked[1][0])
    return ranked[0][0], ""


def _middle(feature: Feature) -> shapely.Point:
    shape = feature.geometry
    if isinstance(shape, shapely.LineString):
        middle: shapely.Point = shapely.line_interpolate_point(shape, 0.5, normalized=True)
        return middle
    assert shape is not None
    return shape.representative_point()


def _roads(bench: Bench) -> _Roads:
    if _ROADS not in bench.memory:
        if _ROADS in bench.project.types:
            table = bench.project.table(_ROADS, [_NAME])
            assert table.geometry is not None
            names = table.columns[_NAME]
            named = np.array([bool(name) for name in names], dtype=bool)
            named &= ~shapely.is_missing(table.geometry) & ~shapely.is_empty(table.geometry)
            names, shapes = names[named], table.geometry[named]
        else:
            names, shapes = np.empty(0, object), np.empty(0, object)
        bench.memory[_ROADS] = _Roads(names, shapes, shapely.STRtree(shapes))
    roads = bench.memory[_ROADS]
    assert isinstance(roads, _Roads)
    return roads


def new_id(bench: Bench, feature: Feature) -> tuple[str | None, str]:
    """Return a component id that was never in use, or None and why not."""
    giver = bench.memory.setdefault(_IDS, Giver(bench.project, bench.project.number_plan))
    assert isinstance(giver, Giver)
    asset = bench.draft.asset_type(feature.key.layer)
    number = giver.next_id(asset, feature.values, feature.geometry)
    why = next(reversed(giver.reasons), _("Its class is not known yet."))
    return number, "" if number else why
