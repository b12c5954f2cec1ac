"""What of a target can be read off the layers, one function a measure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers.project import Project
from hjgis.models.query import Condition
from hjgis.models.targets import Target, on_day

Fids = NDArray[np.int64]
NOTHING: Final[Fids] = np.array([], np.int64)

# Road ends nearer than this to another road meet it; roads are drawn from pictures, by hand.
_MEETS_M: Final = 2.0
# A road that ends this near the edge of the road network may go on outside of it.
_EDGE_M: Final = 50.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a measure read.

    Attributes
    ----------
    missing : tuple of str
        Names that are asked for and not there.
    recorded : bool
        Whether there was anything to look at.
    """

    actual: int | float
    fids: Fids
    missing: tuple[str, ...] = ()
    recorded: bool = True


def read(project: Project, target: Target, day: dt.date) -> Reading | None:
    """Measure one target; None where it cannot be measured here.

    Parameters
    ----------
    day : date
        What counts as today.
    """
    needed = {target.layer, target.area_layer} - {None}
    if target.measure not in _MEASURES or not needed <= project.types.keys():
        return None
    result = _MEASURES[target.measure](project, of_day(target, day))
    there = bool(target.layer and project.count(target.layer))
    return replace(result, recorded=result.recorded and there)


def of_day(target: Target, day: dt.date) -> Target:
    """Return a target with its conditions as they are on a day."""
    return replace(
        target,
        where=on_day(target.where, day),
        any_of=on_day(target.any_of, day),
        area_where=on_day(target.area_where, day),
    )


def counted(project: Project, target: Target) -> Fids:
    """Return row numbers of the features that a target counts, in fid order."""
    if target.layer is None or target.layer not in project.types:
        return NOTHING
    if target.measure in ("missing", "filled"):
        operator = "empty" if target.measure == "missing" else "not_empty"
        return _any_of(project, target, [Condition(name, operator) for name in target.fields])
    if target.measure in ("names", "dead_ends"):
        asked = [Condition(target.field or "", "contains", name) for name in target.names]
        return _any_of(project, target, asked)
    return _any_of(project, target, target.any_of)


def _any_of(project: Project, target: Target, alternatives: Sequence[Condition]) -> Fids:
    assert target.layer is not None
    if not alternatives:
        return project.store.fids(target.layer, target.where)
    found = [project.store.fids(target.layer, (*target.where, part)) for part in alternatives]
    return np.unique(np.concatenate(found))


def _count(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    return Reading(len(fids), fids)


def _sum(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    assert target.layer is not None
    assert target.field is not None
    columns = project.store.columns(target.layer, [target.field], fids=fids, geometry=False)
    numbers = columns.numbers[target.field]
    total = float(numbers[np.isfinite(numbers)].sum())
    return Reading(int(total) if total.is_integer() else total, fids)


def _distinct(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    found = {value for value in _values(project, target, fids) if value not in (None, "")}
    missing = tuple(name for name in target.includes if name not in found)
    return Reading(len(found), fids, missing)


def _names(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    missing = _not_named(project, target, fids)
    return Reading(len(target.names) - len(missing), fids, missing)


def _length_km(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    return Reading(_size(project, target.layer, fids, shapely.length) / 1e3, fids)


def _area_km2(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    return Reading(_size(project, target.layer, fids, shapely.area) / 1e6, fids)


def _density(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    assert target.area_layer is not None
    served = project.store.fids(target.area_layer, target.area_where)
    area_km2 = _size(project, target.area_layer, served, shapely.area) / 1e6
    return Reading(len(fids) / area_km2 if area_km2 else 0.0, fids)


def _share(project: Project, target: Target) -> Reading:
    fids = counted(project, target)
    assert target.layer is not None
    all_of_them = len(project.store.fids(target.layer, target.where))
    part = 100.0 * len(fids) / all_of_them if all_of_them else 0.0
    return Reading(part, fids, recorded=all_of_them > 0)


def _filled(project: Project, target: Target) -> Reading:
    """Read which share of the cells is filled; the features behind it are the complete ones."""
    assert target.layer is not None
    considered = project.store.fids(target.layer, target.where)
    gaps = [
        project.store.fids(target.layer, (*target.where, Condition(name, "empty")))
        for name in target.fields
    ]
    cells = len(considered) * len(gaps)
    lacking = np.unique(np.concatenate([NOTHING, *gaps]))
    whole = np.setdiff1d(considered, lacking, assume_unique=True)
    part = 100.0 * (cells - sum(map(len, gaps))) / cells if cells else 0.0
    return Reading(part, whole, recorded=cells > 0)


def _dead_ends(project: Project, target: Target) -> Reading:
    """Count the named roads with an end that meets no other road within the network.

    The ends of a road are those of its pieces that no other piece meets; one that lies near the
    edge of the convex hull of all roads may go on outside of the town, and is none.
    """
    fids = counted(project, target)
    missing = _not_named(project, target, fids)
    if not len(fids):
        return Reading(0, fids, missing, recorded=False)
    assert target.layer is not None
    roads = project.table(target.layer, [])
    assert roads.geometry is not None
    usable = ~shapely.is_missing(roads.geometry) & ~shapely.is_empty(roads.geometry)
    shapes, owners = roads.geometry[usable], np.asarray(roads.fids)[usable]
    pieces, of = shapely.get_parts(shapes, return_index=True)
    mine = np.flatnonzero(np.isin(owners[of], fids))
    ends = np.concatenate([shapely.get_point(pieces[mine], at) for at in (0, -1)])
    piece = np.concatenate([mine, mine])
    place, met = shapely.STRtree(pieces).query(ends, predicate="dwithin", distance=_MEETS_M)
    open_ends = np.ones(len(ends), bool)
    open_ends[place[met != piece[place]]] = False
    edge = shapely.boundary(
        shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapes)))
    )
    open_ends &= shapely.distance(ends, edge) > _EDGE_M
    dead = np.unique(owners[of[piece[open_ends]]])
    names = [name for name in target.names if name not in missing]
    ended = _values(project, target, dead)
    count = sum(any(name in str(text) for text in ended if text) for name in names)
    return Reading(count, dead, missing)


def _not_named(project: Project, target: Target, fids: Fids) -> tuple[str, ...]:
    found = [str(value) for value in _values(project, target, fids) if value is not None]
    return tuple(name for name in target.names if not any(name in text for text in found))


def _values(project: Project, target: Target, fids: Fids) -> NDArray[np.object_]:
    assert target.layer is not None
    assert target.field is not None
    table = project.table(target.layer, [target.field], fids=fids.tolist(), geometry=False)
    return table.columns[target.field]


def _size(
    project: Project, layer: str | None, fids: Fids, of: Callable[[Any], NDArray[np.float64]]
) -> float:
    """Return the summed length or area of features, in metres of the project CRS."""
    assert layer is not None
    geometry = project.table(layer, [], fids=fids.tolist()).geometry
    with np.errstate(invalid="ignore", over="ignore"):
        sizes = of(geometry)
    # What has no geometry has no length, nor has what goes to infinity; it counts as nothing.
    return float(sizes[np.isfinite(sizes)].sum())


_MEASURES: Final[Mapping[str, Callable[[Project, Target], Reading]]] = {
    "count": _count,
    "missing": _count,
    "sum": _sum,
    "distinct": _distinct,
    "names": _names,
    "length_km": _length_km,
    "area_km2": _area_km2,
    "density": _density,
    "share": _share,
    "filled": _filled,
    "dead_ends": _dead_ends,
}
