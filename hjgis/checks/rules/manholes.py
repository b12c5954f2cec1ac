"""Checks of manholes: what cover lies where, on what pipes, and whether it is looked after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.network import Network, network_columns, network_keys
from hjgis.checks.pairs import nearest_others
from hjgis.checks.rules.register import Reads, Scope, in_layers, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.layers.due import OVERDUE
from hjgis.models.assets import AssetType, Code, CodeList
from hjgis.models.issues import Findings, of_layer
from hjgis.models.naming import name_fields
from hjgis.models.reading import Coded
from hjgis.models.records import FACT, LAST, NEXT, OWN_CYCLE, read_cycles

_MANHOLE: Final = "manhole"
_PIPE: Final = "pipe_line"
_POINT: Final = "pipe_point"
_MOST_TOLD: Final = 4


def _near_pipes(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == _PIPE:
        return ("kind",)
    return ("cover_kind",) if asset.id == _MANHOLE else None


@rule(
    "manhole.unidentified",
    title=N_("Manhole that nobody knows"),
    explanation=N_(
        "The kind of the cover is unidentified, so nobody answers for it. Task 16 of the notice"
        " asks for a responsible unit for each: open it, or see which pipes lie near, and name kind"
        " and units; where none can be found, the government names one."
    ),
    message={
        "": N_("Unidentified cover; no pipe within {within_m:g} m"),
        "near": N_(
            "Unidentified cover; within {within_m:g} m: {pipe_kinds} (nearest {distance_m:.1f} m)"
        ),
    },
    reads=Reads(_near_pipes, Scope.NEIGHBOURS, reach="within_m"),
    limits=("within_m",),
)
def unidentified(survey: Survey) -> Iterator[Findings]:
    """Find manholes of no known kind, and tell the kinds of pipes near them, the nearest first."""
    manholes, pipes = survey.features(_MANHOLE), survey.features(_PIPE)
    within_m = survey.limits["within_m"]
    codes = survey.project.catalogue.codes("manhole_kind")
    unknown = {entry.code for entry in codes.codes if entry.extra.get("unidentified")}
    rows = np.flatnonzero(manholes.texts("cover_kind").isin(unknown))
    kinds, distance = _kinds_near(manholes.geometry[rows], pipes, within_m)
    yield manholes.found(
        rows,
        case=np.where(np.isfinite(distance), "near", ""),
        within_m=within_m,
        pipe_kinds=kinds,
        distance_m=distance,
    )


def _kinds_near(
    points: NDArray[np.object_], pipes: Features, within_m: float
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return for each point the kinds of pipes within reach, nearest first, and how near."""
    kind = pipes.texts("kind")
    tree = shapely.STRtree(pipes.geometry)
    at, pipe = tree.query(points, predicate="dwithin", distance=within_m)
    distance = shapely.distance(points[at], pipes.geometry[pipe])
    nearest = np.full(len(points), np.inf)
    np.minimum.at(nearest, at, distance)
    # Of pipes that are equally near, the one stored first.
    order = np.lexsort((pipe, distance, at))
    order = order[kind.codes[pipe[order]] >= 0]
    return _listed(at[order], kind.codes[pipe[order]], len(points), kind), nearest


def _listed(
    at: NDArray[np.intp], code: NDArray[np.int32], count: int, kind: Coded
) -> NDArray[np.object_]:
    """Return for each of some places a tuple of its first few different values.

    Parameters
    ----------
    at : array of int, shape (k,)
        Which place, rising.
    code : array of int, shape (k,)
        What is there, in the order in which it is to be told.
    """
    pair = at.astype(np.int64) * (len(kind.values) + 1) + code
    first = np.sort(np.unique(pair, return_index=True)[1])
    at, code = at[first], code[first]
    starts = np.flatnonzero(np.append(True, np.diff(at) != 0)) if len(at) else np.empty(0, np.intp)
    rank = np.arange(len(at)) - np.repeat(starts, np.diff(np.append(starts, len(at))))
    told = np.full((count, _MOST_TOLD), -1, dtype=np.int64)
    kept = rank < _MOST_TOLD
    told[at[kept], rank[kept]] = code[kept]
    # Of many places few tell different things.
    place = (len(kind.values) + 1) ** np.arange(_MOST_TOLD, dtype=np.int64)
    _sums, first, which = np.unique((told + 1) @ place, return_index=True, return_inverse=True)
    words = np.empty(len(first), dtype=object)
    words[:] = [tuple(kind.values[row[row >= 0]].tolist()) for row in told[first]]
    return words[which]


@rule(
    "manhole.load_class",
    title=N_("Cover too weak for its place"),
    explanation=N_(
        "Where a cover lies says what load it must bear at least: on a carriageway D400, on a"
        " sidewalk B125. A weaker one may break under a vehicle: check the mark on the cover,"
        " correct place or class, or have it replaced."
    ),
    message=N_("{load_class} on {place}; at least {least} is asked for"),
    reads=Reads(in_layers(manhole=("lane_place", "load_class", "state")), geometry=False),
    limits=("unused",),
)
def load_class(survey: Survey) -> Iterator[Findings]:
    """Find covers of a lower load class than the list of places asks for."""
    manholes, catalogue = survey.features(_MANHOLE), survey.project.catalogue
    place, given = manholes.texts("lane_place"), manholes.texts("load_class")
    places, classes = catalogue.codes("lane_place"), catalogue.codes("load_class")
    least = [_extra(places, value, "min_load_class") for value in place.values]
    asked = np.array([_load_kn(classes, code) for code in [*least, None]])[place.codes]
    borne = np.array([_load_kn(classes, v) for v in [*given.values, None]])[given.codes]
    used = ~manholes.texts("state").isin(survey.limits["unused"])
    rows = np.flatnonzero(used & (borne < asked))
    yield manholes.found(
        rows,
        load_class=given.objects(rows),
        place=place.objects(rows),
        least=np.array([*least, None], dtype=object)[place.codes[rows]],
    )


def _extra(codes: CodeList, value: object, name: str) -> object:
    entry = codes.get(value)
    return None if entry is None else entry.extra.get(name)


def _load_kn(classes: CodeList, value: object) -> float:
    load = _extra(classes, value, "load_kn")
    return float(load) if isinstance(load, int | float) else np.nan


@rule(
    "manhole.cover_pipe_kind",
    title=N_("Cover that does not fit its pipes"),
    explanation=N_(
        "The cover says one thing and the pipes below another, such as a sewer cover on a storm"
        " drain. Who opens it looks for the wrong pipe, and the wrong unit is called. Open it, and"
        " correct the kind of the cover or of the pipes, or have the cover exchanged."
    ),
    message={
        "pipes": N_("{cover}, but the pipes that end here are: {pipe_kinds}"),
        "own": N_("{cover}, but the pipe kind of the manhole is {pipe_kinds}"),
    },
    reads=Reads(
        network_columns(lines=("kind",), nodes=("cover_kind", "pipe_kind")),
        Scope.GROUP,
        keys=network_keys,
        geometry=False,
    ),
)
def cover_pipe_kind(survey: Survey) -> Iterator[Findings]:
    """Find covers that fit none of the pipes ending there, or not the manhole's own pipe kind."""
    net, catalogue = survey.network(), survey.project.catalogue
    manholes, row, pipe = _meetings(net, _MANHOLE)
    cover, own = manholes.texts("cover_kind"), manholes.texts("pipe_kind")
    kind = net.lines.texts("kind")
    covers, kinds = catalogue.codes("manhole_kind"), catalogue.codes("pipe_kind")
    fits = _fitting(cover, kind, covers, kinds)[cover.codes[row], kind.codes[pipe]]
    meeting, fitting = (np.bincount(rows, minlength=len(manholes)) for rows in (row, row[fits]))
    wrong = np.flatnonzero((meeting > 0) & (fitting == 0))
    order = np.lexsort((kind.codes[pipe], row))
    order = order[np.isin(row[order], wrong)]
    said = _listed(row[order], kind.codes[pipe[order]], len(manholes), kind)
    yield _unfit(manholes, wrong, "pipes", said[wrong])
    own_fits = _fitting(cover, own, covers, kinds)[cover.codes, own.codes]
    other = np.flatnonzero(~own_fits)
    yield _unfit(manholes, other, "own", own.objects(other))


def _unfit(
    manholes: Features, rows: NDArray[np.intp], case: str, kinds: NDArray[np.object_]
) -> Findings:
    cover = manholes.texts("cover_kind").objects(rows)
    return manholes.found(rows, part=("case",), case=case, cover=cover, pipe_kinds=kinds)


def _meetings(net: Network, layer: str) -> tuple[Features, NDArray[np.intp], NDArray[np.intp]]:
    """Return a layer of nodes, and pairs of rows: one of it, and a line that ends there."""
    numbers = np.arange(net.count)
    features, own = next(pair for pair in net.by_layer(numbers) if pair[0].layer == layer)
    ends = net.incidence
    here = np.flatnonzero(np.isin(ends.node, own, kind="table"))
    row = ends.node[here] - (own[0] if len(own) else 0)
    return features, row.astype(np.intp), ends.line[here].astype(np.intp)


def _fitting(cover: Coded, kind: Coded, covers: CodeList, kinds: CodeList) -> NDArray[np.bool_]:
    """Say of every cover and every kind of pipe, the missing last, whether they go together.

    What is unknown goes with everything.
    """
    entries = [covers.get(value) for value in cover.values]
    pipes = [kinds.get(value) for value in kind.values]
    table = np.ones((len(entries) + 1, len(pipes) + 1), dtype=bool)
    for i, entry in enumerate(entries):
        for j, pipe in enumerate(pipes):
            table[i, j] = entry is None or pipe is None or _go_together(entry, pipe)
    return table


def _go_together(cover: Code, pipe: Code) -> bool:
    majors, exact = cover.extra.get("pipe_majors"), cover.extra.get("pipe_kinds")
    if pipe.extra.get("major") in (None, "QT") or not isinstance(majors, list | tuple):
        return True
    if isinstance(exact, list | tuple):
        return pipe.code in exact
    return pipe.extra.get("major") in majors


@rule(
    "point.well_without_manhole",
    title=N_("Well that is no manhole"),
    explanation=N_(
        "A survey point is a well, but no manhole is recorded there, so it has no cover, no"
        " responsible unit and is never inspected. Turn the point into a manhole, or correct what"
        " the point is."
    ),
    message=N_("{appendage}, but no manhole within {within_m:g} m"),
    reads=Reads(
        in_layers(manhole=(), pipe_point=("appendage", "use_state")),
        Scope.NEIGHBOURS,
        reach="within_m",
    ),
    limits=("within_m", "unused"),
)
def well_without_manhole(survey: Survey) -> Iterator[Findings]:
    """Find points whose appendage is a well that opens at the ground, without a manhole there."""
    points, manholes = survey.features(_POINT), survey.features(_MANHOLE)
    within_m = survey.limits["within_m"]
    codes = survey.project.catalogue.codes("point_appendage")
    wells = {entry.code for entry in codes.codes if entry.extra.get("well")}
    appendage = points.texts("appendage")
    wanted = appendage.isin(wells) & ~points.texts("use_state").isin(survey.limits["unused"])
    rows = np.flatnonzero(wanted & ~points.nowhere)
    tree = shapely.STRtree(manholes.geometry)
    at = tree.query(points.geometry[rows], predicate="dwithin", distance=within_m)[0]
    alone = np.delete(rows, np.unique(at))
    yield points.found(alone, appendage=appendage.objects(alone), within_m=within_m)


@rule(
    "manhole.fall_net",
    title=N_("Manhole without fall protection net"),
    explanation=N_(
        "A drain well fills in a storm and its cover may be washed away: a net (防坠网) keeps"
        " people from falling in. Have a net put in, then say so."
    ),
    message=N_("{cover}, without a net"),
    reads=Reads(in_layers(manhole=("cover_kind", "fall_net", "state")), geometry=False),
    limits=("covers", "unused"),
)
def fall_net(survey: Survey) -> Iterator[Findings]:
    """Find drain wells that are known to have no net."""
    manholes = survey.features(_MANHOLE)
    cover = manholes.texts("cover_kind")
    wanted = cover.isin(survey.limits["covers"]) & (manholes.numbers("fall_net") == 0)
    rows = np.flatnonzero(wanted & ~manholes.texts("state").isin(survey.limits["unused"]))
    yield manholes.found(rows, cover=cover.objects(rows))


@rule(
    "manhole.inspection_overdue",
    title=N_("Manholes overdue for inspection"),
    explanation=N_(
        "How many manholes were to be inspected before today, by the inspection cycles of the"
        " project. The list Overdue inspections names them all and prints the round for each"
        " inspector."
    ),
    message=N_("{count} manholes are overdue, the longest by {days} days ({name})"),
    reads=Reads(
        in_layers(
            manhole=("component_id", "state", LAST, NEXT, OWN_CYCLE, "risk_level"),
            inspection=("asset_uuid", "date", "next_due"),
        ),
        Scope.LAYER,
        geometry=False,
    ),
)
def inspection_overdue(survey: Survey) -> Iterator[Findings]:
    """Count manholes that should have been inspected by now."""
    project = survey.project
    cycles = read_cycles(project.info(FACT))
    found = project.store.overdue(_MANHOLE, cycles, dt.date.today())
    if found.count:
        facts = {"count": found.count, "days": found.days, "name": found.name}
        # The first fact makes the finding's id: the same one tomorrow.
        yield of_layer(_MANHOLE, of=OVERDUE, **facts)


@rule(
    "manhole.near_duplicate",
    title=N_("Two manholes of one kind in one place"),
    explanation=N_(
        "Two covers of one kind lie nearer to one another than a cover is wide. Usually one manhole"
        " was surveyed twice: merge the two, with their pipes, and keep the better record."
    ),
    message=N_("{distance_m:.2f} m from another {cover} ({other})"),
    reads=Reads(
        lambda asset: ("cover_kind", *name_fields(asset)) if asset.id == _MANHOLE else None,
        Scope.NEIGHBOURS,
        reach="within_m",
    ),
    limits=("within_m", "copy_m"),
)
def near_duplicate(survey: Survey) -> Iterator[Findings]:
    """Find manholes of a kind nearer than a distance; copies in one place are another rule's."""
    manholes = survey.features(_MANHOLE)
    cover = manholes.texts("cover_kind")
    limits = survey.limits
    rows, other, distance = nearest_others(
        manholes.xy, limits["within_m"], copy_m=limits["copy_m"], kind=cover.codes
    )
    yield manholes.found(
        rows, cover=cover.objects(rows), distance_m=distance, other=names(manholes, other)
    )
