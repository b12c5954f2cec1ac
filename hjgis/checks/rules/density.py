"""Grid cells that hold far fewer things than cells of their kind around: perhaps left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.rules.grids import GRID
from hjgis.checks.rules.register import Reads, Scope, limits_of, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings

_ROAD: Final = "road"


def _counted(asset: AssetType) -> tuple[str, ...] | None:
    if asset.id == GRID:
        return ("grid_id", "land_use")
    return () if asset.id == _ROAD or asset.id in limits_of("visit.grid_sparse")["layers"] else None


@rule(
    "visit.grid_sparse",
    title=N_("Far fewer than in the grids around"),
    explanation=N_(
        "The unit grids around this one, of the same land use, hold many assets of a kind, and this"
        " one hardly any. Perhaps it was left out by the survey. Go through it; if there really are"
        " none, accept the finding with that reason."
    ),
    message=N_(
        "{layer}: {count} in grid {grid}, about {expected:.0f} would be like its neighbours"
    ),
    reads=Reads(_counted, Scope.LAYER),
    limits=(
        "layers",
        "edge_m",
        "least_road_m",
        "beside_m",
        "least_neighbours",
        "least_expected",
        "score",
    ),
)
def grid_sparse(survey: Survey) -> Iterator[Findings]:
    """Find grids whose count of a kind is far below the median of their like around them."""
    if not survey.has(GRID):
        return
    grids, limits = survey.features(GRID), survey.limits
    usable = np.flatnonzero(~grids.nowhere & shapely.is_valid(grids.geometry))
    if len(usable) <= limits["least_neighbours"]:
        return
    zones = np.asarray(shapely.buffer(grids.geometry[usable], limits["edge_m"]), dtype=object)
    size = _road_m(survey, zones)
    least = limits["least_road_m"]
    if size is None:
        size, least = shapely.area(zones), 0.0
    own, other = _like_neighbours(grids, usable, limits["beside_m"])
    asked = (size[own] > least) & (size[other] > least)
    own, other = own[asked], other[asked]
    for layer in limits["layers"]:
        if not survey.has(layer):
            continue
        spots = survey.features(layer).geometry
        # Asked by zones, which are few and prepared; a million points are none of the two.
        inside = shapely.STRtree(spots).query(zones, predicate="intersects")[0]
        count = np.bincount(inside, minlength=len(usable))
        density = np.divide(count, size, out=np.zeros(len(size)), where=size > 0)
        expected, many = _median_density(own, other, density)
        expected = expected * size
        sparse = np.flatnonzero(
            (_scores(count, expected) < -limits["score"])
            & (many >= limits["least_neighbours"])
            & (expected >= limits["least_expected"])
        )
        rows = usable[sparse]
        yield grids.found(
            rows,
            part=("layer",),
            layer=layer,
            grid=np.where(grids.missing("grid_id")[rows], "?", grids.objects("grid_id", rows)),
            count=count[sparse],
            expected=expected[sparse],
        )


def _scores(count: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far counts are from what was expected, in the scatter of all; NaN for unknown.

    Notes
    -----
    Anscombe's transform, which makes counts of every size scatter alike.
    """
    residue = np.asarray(2 * (np.sqrt(count + 3 / 8) - np.sqrt(expected + 3 / 8)))
    known = residue[np.isfinite(residue)]
    if not len(known):
        return residue
    # Counts scatter by 1 on this scale; where the town scatters more, that is the measure.
    scatter = 1.4826 * np.median(np.abs(known - np.median(known)))
    return np.asarray(residue / max(scatter, 1.0))


def _road_m(survey: Survey, zones: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Return how many metres of road each zone holds; None if no roads are drawn."""
    if not survey.has(_ROAD):
        return None
    roads = survey.features(_ROAD)
    lines = roads.geometry[~roads.nowhere]
    if not len(lines):
        return None
    line, zone = shapely.STRtree(zones).query(lines, predicate="intersects")
    inside = shapely.length(shapely.intersection(lines[line], zones[zone]))
    metres = np.bincount(zone, weights=inside, minlength=len(zones))
    return np.asarray(metres, dtype=np.float64)


def _like_neighbours(
    grids: Features, usable: NDArray[np.intp], beside_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of grids that lie beside one another and have the same land use."""
    shapes = grids.geometry[usable]
    own, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=beside_m)
    use = grids.texts("land_use").codes[usable]
    alike = (own != other) & (use[own] == use[other])
    return own[alike], other[alike]


def _median_density(
    own: NDArray[np.intp], other: NDArray[np.intp], density: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return for each grid the median density of its neighbours, and how many it has."""
    around = density[other]
    order = np.lexsort((around, own))
    ordered = around[order]
    count = len(density)
    many = np.bincount(own, minlength=count)
    start = np.cumsum(many) - many
    has = many > 0
    result = np.full(count, np.nan)
    low, high = start[has] + (many[has] - 1) // 2, start[has] + many[has] // 2
    result[has] = (ordered[low] + ordered[high]) / 2
    return result, many
