"""Checks of the unit grid: codes, gaps, overlaps, and whether assets name the grid they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.identifiers import COUNTY
from hjgis.models.issues import Findings

GRID: Final = "grid"
_ID: Final = "grid_id"
_COMMUNITY: Final = "community_code"
_FORM: Final = re.compile(r"[0-9]{14,15}")
_COMMUNITY_DIGITS: Final = 12


def _coded_grids(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID, _COMMUNITY) if asset.id == GRID else None


def _numbered_grids(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID,) if asset.id == GRID else None


def _with_grid(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID,) if asset.has(_ID) else None


def _grid_key(asset: AssetType) -> tuple[str, ...]:
    return (_ID,) if asset.has(_ID) else ()


@rule(
    "grid.id_form",
    title=N_("Grid code of the wrong form"),
    explanation=N_(
        "A unit grid's code has 15 digits (14 in older data): county, town, community, number. It"
        " begins with the county's code and with that of its community. Assets are found by it:"
        " correct it."
    ),
    message={
        "digits": N_("{value} is not 15 digits (14 in older data)"),
        "county": N_("{value} does not begin with {county}"),
        "community": N_("{value} does not begin with its community's code {community}"),
    },
    reads=Reads(_coded_grids, geometry=False),
)
def id_form(survey: Survey) -> Iterator[Findings]:
    """Find grid codes that are no such codes, or not of their county and community."""
    if not survey.has(GRID):
        return
    features = survey.features(GRID)
    ids, communities = features.texts(_ID), features.texts(_COMMUNITY)
    kinds = [_form(str(value)) for value in ids.values.tolist()]
    case = np.array([*kinds, ""], dtype="U9")[ids.codes]
    own = ids.objects().astype("U12")
    said = np.array([*map(str.strip, communities.values.astype(str).tolist()), ""], dtype=str)
    named = said[communities.codes]
    # Of a code of 12 digits only; others belong to no system that grids are numbered by.
    told = np.char.str_len(named) == _COMMUNITY_DIGITS
    case[(case == "") & told & ~ids.missing & (own != named)] = "community"
    rows = np.flatnonzero(case != "")
    yield features.found(
        rows,
        case=case[rows],
        value=ids.objects(rows),
        community=communities.objects(rows),
        county=COUNTY,
    )


def _form(value: str) -> str:
    if not _FORM.fullmatch(value):
        return "digits"
    return "" if value.startswith(COUNTY) else "county"


@rule(
    "grid.id_duplicate",
    title=N_("Grid code given twice"),
    explanation=N_(
        "Two grids carry the same code, so nobody knows which of them an asset is in. Number one"
        " anew; if one grid was drawn in two parts, join them."
    ),
    message=N_("{value} is the code of {count} grids"),
    reads=Reads(_numbered_grids, Scope.GROUP, keys=_grid_key, geometry=False),
)
def id_duplicate(survey: Survey) -> Iterator[Findings]:
    """Find grid codes that more than one grid has."""
    if not survey.has(GRID):
        return
    features = survey.features(GRID)
    ids = features.texts(_ID)
    count = np.append(np.bincount(ids.codes[ids.codes >= 0], minlength=len(ids.values)), 0)
    rows = np.flatnonzero(count[ids.codes] > 1)
    yield features.found(rows, value=ids.objects(rows), count=count[ids.codes[rows]])


@rule(
    "grid.overlap",
    title=N_("Grids overlap"),
    explanation=N_(
        "Unit grids share no area: what lies in both would be two people's business. Drag the"
        " common boundary so that both have the same vertices there."
    ),
    message=N_("Shares {area:.1f} m² with grid {other}"),
    reads=Reads(_numbered_grids, Scope.NEIGHBOURS, reach="reach_m"),
    limits=("least_m2", "reach_m"),
)
def overlap(survey: Survey) -> Iterator[Findings]:
    """Find grids that share more than the least area with another one."""
    if not survey.has(GRID):
        return
    features = survey.features(GRID)
    usable = _usable(features)
    shapes = features.geometry[usable]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.intersection(shapes[first], shapes[second])
    area = shapely.area(shared)
    large = np.flatnonzero(area > survey.limits["least_m2"])
    spots = shapely.get_coordinates(shapely.point_on_surface(shared[large]))
    a, b = usable[first[large]], usable[second[large]]
    own, other = np.concatenate([a, b]), np.concatenate([b, a])
    yield features.found(
        own,
        xy=np.concatenate([spots, spots]),
        part=("with_uuid",),
        area=np.concatenate([area[large], area[large]]),
        other=_names(features)[other],
        with_uuid=features.uuids_of(other),
    )


@rule(
    "grid.gap",
    title=N_("Gap between grids"),
    explanation=N_(
        "Unit grids cover their town without gaps: nobody looks after what lies in one. Widen a"
        " grid beside it, or draw the one that is missing. Lakes and the like may be left out on"
        " purpose."
    ),
    message=N_("A gap of {area:.1f} m² beside grid {beside}"),
    reads=Reads(_numbered_grids, Scope.LAYER),
    limits=("least_m2",),
)
def gap(survey: Survey) -> Iterator[Findings]:
    """Find holes in the union of all grids, at the grid beside each."""
    if not survey.has(GRID):
        return
    features = survey.features(GRID)
    usable = _usable(features)
    if not len(usable):
        return
    shapes = features.geometry[usable]
    # A tenth of a millimetre closes what rounding leaves between equal vertices.
    covered = shapely.union_all(shapes, grid_size=1e-4)
    parts = shapely.get_parts(covered)
    counts = shapely.get_num_interior_rings(parts)
    if not counts.sum():
        return
    rings = np.concatenate([
        shapely.get_interior_ring(part, np.arange(count))
        for part, count in zip(parts, counts, strict=True) if count
    ])  # fmt: skip
    # A grid may lie apart in the middle of one.
    holes = np.asarray(shapely.difference(shapely.polygons(rings), covered), dtype=object)
    holes = holes[shapely.area(holes) > survey.limits["least_m2"]]
    if not len(holes):
        return
    spots = shapely.get_coordinates(shapely.point_on_surface(holes))
    beside = usable[shapely.STRtree(shapes).nearest(holes)]
    yield features.found(
        beside,
        xy=spots,
        part=("place",),
        area=shapely.area(holes),
        beside=_names(features)[beside],
        place=place_words(spots),
    )


@rule(
    "asset.grid_unknown",
    title=N_("Grid that does not exist"),
    explanation=N_(
        "The asset names a unit grid that is not in the project, so it is in nobody's list. Let the"
        " grid be computed from the place of the asset, or bring the grid in."
    ),
    message=N_("There is no grid {value}"),
    # The first grid of a project makes it a question at all, for every asset.
    reads=Reads(_with_grid, Scope.LAYER, geometry=False),
)
def grid_unknown(survey: Survey) -> Iterator[Findings]:
    """Find assets whose grid is not among the grids of the project, where it has any."""
    if not survey.has(GRID):
        return
    known = {*survey.whole(GRID).texts(_ID).values.tolist()}
    for asset in survey.layers if known else ():
        if asset.id == GRID:
            continue
        features = survey.features(asset.id)
        ids = features.texts(_ID)
        rows = np.flatnonzero(~ids.isin(known) & ~ids.missing)
        yield features.found(rows, value=ids.objects(rows))


@rule(
    "asset.grid_elsewhere",
    title=N_("Not in the grid that it names"),
    explanation=N_(
        "The asset lies outside the unit grid that it names, so that the wrong people are sent. One"
        " of the two is wrong: usually the asset was moved and its grid was not computed anew."
    ),
    message=N_("Lies {distance_m:.1f} m outside grid {value}"),
    reads=Reads(_with_grid, Scope.GROUP, keys=_grid_key),
    limits=("tolerance_m",),
)
def grid_elsewhere(survey: Survey) -> Iterator[Findings]:
    """Find assets that lie farther from the grid that they name than the tolerance."""
    if not survey.has(GRID):
        return
    grids = survey.whole(GRID)
    usable = _usable(grids)
    ids = grids.texts(_ID)
    # A code that two grids have is told for that; here either will do, and the first is taken.
    last_first = usable[::-1]
    named_by = zip(ids.objects(last_first).tolist(), last_first.tolist(), strict=True)
    row_of = {str(value): row for value, row in named_by}
    for asset in survey.layers:
        if asset.id == GRID:
            continue
        features = survey.features(asset.id)
        named = features.texts(_ID)
        rows_of = [row_of.get(str(value), -1) for value in named.values.tolist()]
        grid = np.array([*rows_of, -1])[named.codes]
        candidates = np.flatnonzero((grid >= 0) & ~features.nowhere)
        own, other = features.geometry[candidates], grid[candidates]
        distance = shapely.distance(own, grids.geometry[other])
        far = distance > survey.limits["tolerance_m"]
        yield features.found(
            candidates[far], value=named.objects(candidates[far]), distance_m=distance[far]
        )


def _usable(features: Features) -> NDArray[np.intp]:
    """Return the rows of valid areas; others are told as invalid or empty."""
    shapes = features.geometry
    return np.flatnonzero(~features.nowhere & shapely.is_valid(shapes))


def _names(features: Features) -> NDArray[np.object_]:
    names = features.objects(_ID)
    return np.where(features.missing(_ID), features.uuids, names)


def place_words(spots: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return what tells places apart and stays when they move a little: rounded to 10 m."""
    rounded = (np.round(spots / 10.0) * 10.0).astype(np.int64)
    return np.array([f"{x} {y}" for x, y in rounded.tolist()], dtype=object)
