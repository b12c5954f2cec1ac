"""A length profile: the ground, the pipes and their levels along the way between some nodes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.network import NUMBER
from hjgis.checks.pipe_facts import (
    CENTIMETRES,
    gravity,
    height_m,
    measured,
    pipe_names,
    size_names,
    to_top,
)
from hjgis.checks.rules.levels import GROUND, elevations
from hjgis.checks.rules.register import limits_of
from hjgis.errors import InputError
from hjgis.i18n import _
from hjgis.models.assets import Catalogue, CodeList
from hjgis.network.crossings import Crossing, crossings
from hjgis.network.pipes import Pipes

_RISES: Final = "pipe.adverse_slope"


@dataclass(frozen=True, slots=True)
class Station:
    """A node on the way; metres, elevations in the height datum of the survey.

    Attributes
    ----------
    at_m : float
        From the first node, along the pipes on the map.
    ground_m, bottom_m : float
        NaN where nobody measured it; the bottom is that of a well.
    """

    layer: str
    fid: int
    name: str
    at_m: float
    ground_m: float
    bottom_m: float


@dataclass(frozen=True, slots=True)
class Reach:
    """A pipe on the way, as it is gone along: pairs are (where it is entered, where it is left).

    Attributes
    ----------
    invert_m, top_m, cover_m : pair of float
        Lowest and highest inside level, and the earth above; NaN where not known.
    flow : int
        1 if the water runs the way that is gone, -1 if against it, 0 if nobody knows.
    gravity : bool
    rises : bool
        A gravity pipe that rises the way its water should run.
    """

    fid: int
    name: str
    kind: str
    size: str
    material: str
    from_m: float
    to_m: float
    invert_m: tuple[float, float]
    top_m: tuple[float, float]
    cover_m: tuple[float, float]
    flow: int
    gravity: bool
    rises: bool

    @property
    def length_m(self) -> float:
        """On the map."""
        return self.to_m - self.from_m

    @property
    def only_top_known(self) -> bool:
        """Whether it was measured to its top and has no size, as ducts of cables."""
        return bool(np.isfinite(self.top_m).any() and not np.isfinite(self.invert_m).any())

    @property
    def lying_m(self) -> tuple[float, float]:
        """Its inverts; its tops where only these are known."""
        return self.top_m if self.only_top_known else self.invert_m

    @property
    def slope(self) -> float:
        """Fall the way that is gone, as a share of the length; NaN where a level is not known."""
        entered, left = self.lying_m
        return (entered - left) / self.length_m if self.length_m else np.nan


@dataclass(frozen=True, slots=True)
class Profile:
    """The stations in their order, one more than there are reaches, and what crosses the way."""

    stations: tuple[Station, ...]
    reaches: tuple[Reach, ...]
    crossings: tuple[Crossing, ...] = ()

    @property
    def length_m(self) -> float:
        """From the first node to the last."""
        return self.stations[-1].at_m


def profile(pipes: Pipes, catalogue: Catalogue, nodes: Sequence[int]) -> Profile:
    """Return the profile of the shortest way along pipes through some nodes in their order.

    Parameters
    ----------
    nodes : sequence of int
        Two or more, see `Pipes.node`.

    Raises
    ------
    InputError
        If no pipes lead from one of them to the next, or there is but one.
    """
    way = _through(pipes, nodes)
    if not way:
        raise InputError(_("A profile needs two different nodes."))
    rows = np.array([row for row, _side in way])
    sides = np.array([side for _row, side in way])
    passed = np.append(pipes.ends[rows, sides], pipes.ends[rows[-1], 1 - sides[-1]])
    at = np.concatenate([[0.0], np.cumsum(pipes.length_m[rows])])
    levels = _levels(pipes, catalogue)
    return Profile(
        stations=tuple(_stations(pipes, passed, at)),
        reaches=tuple(_reaches(pipes, catalogue, (rows, sides, at), levels)),
        crossings=tuple(crossings(pipes, (rows, sides, at), levels)),
    )


def _through(pipes: Pipes, nodes: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pipes on the way and the side at which each is entered."""
    way: list[tuple[int, int]] = []
    if len(nodes) < 2:
        return way
    ways = _Ways(pipes)
    for start, goal in pairwise(nodes):
        leg = ways.shortest(start, goal)
        if leg is None:
            raise InputError(
                _("No pipes lead from {first} to {last}.").format(
                    first=_name(pipes, start), last=_name(pipes, goal)
                )
            )
        way += leg
    return way


class _Ways:
    """All ways along pipes, as lists: one entry at a time, an array is slow."""

    def __init__(self, pipes: Pipes) -> None:
        found = pipes.entrances()
        self._first, self._line = found.first.tolist(), found.line.tolist()
        self._side, self._onto = found.side.tolist(), found.onto.tolist()
        self._length_m = pipes.length_m[found.line].tolist()

    def shortest(self, start: int, goal: int) -> list[tuple[int, int]] | None:
        """Return the shortest way (Dijkstra), as pipes and the sides where they are entered."""
        far = {start: 0.0}
        back: dict[int, tuple[int, int, int]] = {}
        todo = [(0.0, start)]
        while todo:
            so_far, node = heapq.heappop(todo)
            if node == goal:
                break
            if so_far > far[node]:
                continue
            for at in range(self._first[node], self._first[node + 1]):
                other, total = self._onto[at], so_far + self._length_m[at]
                if other >= 0 and total < far.get(other, np.inf):
                    far[other] = total
                    back[other] = node, self._line[at], self._side[at]
                    heapq.heappush(todo, (total, other))
        if goal not in far:
            return None
        way = []
        while goal != start:
            goal, row, entered = back[goal]
            way.append((row, entered))
        return way[::-1]


def _stations(
    pipes: Pipes, passed: NDArray[np.int64], at: NDArray[np.float64]
) -> Iterator[Station]:
    ground, deep, bottom = (
        pipes.network.of_nodes(partial(measured, name=name))[passed]
        for name in (GROUND, "well_depth_m", "bottom_elev_m")
    )
    bottom = np.where(np.isnan(bottom), ground - deep, bottom)
    for i, node in enumerate(passed.tolist()):
        features, row = pipes.features_of(node)
        yield Station(
            layer=features.layer,
            fid=int(features.fids[row]),
            name=_name(pipes, node),
            at_m=float(at[i]),
            ground_m=float(ground[i]),
            bottom_m=float(bottom[i]),
        )


def _name(pipes: Pipes, node: int) -> str:
    features, row = pipes.features_of(node)
    return str(features.objects(NUMBER, np.array([row]))[0] or "-")


def _reaches(
    pipes: Pipes,
    catalogue: Catalogue,
    way: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
    levels: tuple[NDArray[np.float64], ...],
) -> Iterator[Reach]:
    lines, (rows, sides, at) = pipes.lines, way
    # Row i: where the pipe is entered, and where it is left.
    order = np.column_stack([sides, 1 - sides])
    invert, top, cover = (np.take_along_axis(each[rows], order, axis=1) for each in levels)
    flow = np.where(sides == 0, 1, -1) * pipes.flow[rows]
    falls = gravity(lines, catalogue)[rows]
    tolerance = limits_of(_RISES)["tolerance_m"] + CENTIMETRES
    rises = falls & ((invert[:, 1] - invert[:, 0]) * flow > tolerance)
    names = pipe_names(lines, rows)
    sizes = np.where(np.isnan(height_m(lines)[rows]), "", size_names(lines, rows))
    kind = _labels(catalogue.codes("pipe_kind"), lines.objects("kind", rows))
    material = _labels(catalogue.codes("pipe_material"), lines.objects("material", rows))
    for i, row in enumerate(rows.tolist()):
        yield Reach(
            fid=int(lines.fids[row]),
            name=str(names[i]),
            kind=kind[i],
            size=str(sizes[i]),
            material=material[i],
            from_m=float(at[i]),
            to_m=float(at[i + 1]),
            invert_m=_pair(invert[i]),
            top_m=_pair(top[i]),
            cover_m=_pair(cover[i]),
            flow=int(flow[i]),
            gravity=bool(falls[i]),
            rises=bool(rises[i]),
        )


def _labels(codes: CodeList, given: NDArray[np.object_]) -> list[str]:
    return [codes.label_of(str(code)) if code else "" for code in given.tolist()]


def _levels(pipes: Pipes, catalogue: Catalogue) -> tuple[NDArray[np.float64], ...]:
    """Return inverts, tops and covers at both ends of all pipes, each of shape (n, 2)."""
    lines = pipes.lines
    ground = pipes.network.at_ends(pipes.network.of_nodes(partial(measured, name=GROUND)))
    given = elevations(pipes.network)
    from_top, high = to_top(lines, catalogue)[:, None], height_m(lines)[:, None]
    invert = np.where(from_top, given - high, given)
    top = np.where(from_top, given, given + high)
    return invert, top, ground - top


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])
