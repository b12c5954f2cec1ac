"""The network followed from somewhere: upstream, downstream, or to all that hangs together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.pipe_facts import gravity
from hjgis.checks.rules.topology import outlets
from hjgis.models.assets import Catalogue
from hjgis.network.pipes import Pipes, Spot


class Way(StrEnum):
    """Where to go from a node."""

    UP = "up"
    DOWN = "down"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Traced:
    """What was reached, and why it ends where it does.

    Attributes
    ----------
    lines, nodes : arrays of int64
        Rows of pipes and numbers of nodes, rising.
    length_m : float
        Of all the pipes, on the map.
    loose : array of int64, shape (k, 2)
        Pipes that end at no node, and at which side: what lies beyond is not known.
    unknown : array of int64, shape (k, 2)
        Pipes at what was reached whose flow nobody knows, so that they were not followed, and the
        side at which they were met.
    stops : array of int64
        Downstream: nodes that gravity pipes lead to and nothing leads on from, no outfalls.
    """

    lines: NDArray[np.int64]
    nodes: NDArray[np.int64]
    length_m: float
    loose: NDArray[np.int64]
    unknown: NDArray[np.int64]
    stops: NDArray[np.int64]

    @property
    def breaks(self) -> list[Spot]:
        """Where it ends although water goes on."""
        ends = np.concatenate([self.loose, self.unknown])
        return [*((row, side) for row, side in ends.tolist()), *self.stops.tolist()]


def trace(
    pipes: Pipes,
    catalogue: Catalogue,
    way: Way,
    *,
    nodes: Iterable[int] = (),
    lines: Iterable[int] = (),
) -> Traced:
    """Follow the network from nodes and pipes; what closes a loop is met once.

    Parameters
    ----------
    nodes, lines : iterable of int
        Numbers of nodes and rows of pipes to go out from; such pipes are among what is reached.

    Notes
    -----
    Upstream and downstream go by the flow direction that is stored. A pipe whose flow is not known,
    or goes both ways, is told as a break and not followed.
    """
    enter, leave = _arcs(pipes, way)
    reached, taken = _walk(pipes, (enter, leave), nodes, list(lines))
    rows, found = np.flatnonzero(taken), np.flatnonzero(reached)
    ends = pipes.ends[rows]
    open_ends = ends < 0
    if way is not Way.ALL:
        # Only where water arrives: the end that was come from may be loose without being a break.
        open_ends &= leave[rows] > 0
    at, side = np.nonzero(open_ends)
    return Traced(
        lines=rows,
        nodes=found,
        length_m=float(pipes.length_m[rows].sum()),
        loose=np.column_stack([rows[at], side]),
        unknown=_unknown(pipes, reached, taken)
        if way is not Way.ALL
        else np.empty((0, 2), np.int64),
        stops=_stops(pipes, catalogue, reached, (enter, leave)) if way is Way.DOWN else rows[:0],
    )


def _arcs(pipes: Pipes, way: Way) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return at which ends a pipe may be entered, and left, going one way; 1 or 0, shape (n, 2)."""
    if way is Way.ALL:
        both = np.ones(pipes.ends.shape, np.int8)
        return both, both
    along = np.column_stack([pipes.flow > 0, pipes.flow < 0]).astype(np.int8)
    return (along, along[:, ::-1]) if way is Way.DOWN else (along[:, ::-1], along)


def _walk(
    pipes: Pipes,
    arcs: tuple[NDArray[np.int8], NDArray[np.int8]],
    nodes: Iterable[int],
    lines: list[int],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which nodes are reached and which pipes are gone along."""
    enter, leave = arcs
    count = pipes.network.count
    side = np.concatenate([np.zeros(len(enter), np.int64), np.ones(len(enter), np.int64)])
    line = np.concatenate([np.arange(len(enter))] * 2)
    open_here = (enter[line, side] > 0) & (pipes.ends[line, side] >= 0)
    side, line = side[open_here], line[open_here]
    start = pipes.ends[line, side]
    order = np.argsort(start, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=count))]).tolist()
    onto = pipes.ends[line, 1 - side][order].tolist()
    along = line[order].tolist()

    reached = np.zeros(count, dtype=bool)
    taken = np.zeros(len(enter), dtype=bool)
    taken[lines] = True
    ahead = [pipes.ends[row, end] for row in lines for end in (0, 1) if leave[row, end]]
    todo = [int(node) for node in (*nodes, *ahead) if node >= 0]
    seen = set(todo)
    gone = set(lines)
    while todo:
        node = todo.pop()
        for at in range(first[node], first[node + 1]):
            gone.add(along[at])
            other = onto[at]
            if other >= 0 and other not in seen:
                seen.add(other)
                todo.append(other)
    reached[list(seen)] = True
    taken[list(gone)] = True
    return reached, taken


def _unknown(
    pipes: Pipes, reached: NDArray[np.bool_], taken: NDArray[np.bool_]
) -> NDArray[np.int64]:
    met = np.append(reached, False)[pipes.ends]
    rows = np.flatnonzero((pipes.flow == 0) & (met.any(axis=1) | taken))
    return np.column_stack([rows, met[rows].argmax(axis=1)])


def _stops(
    pipes: Pipes,
    catalogue: Catalogue,
    reached: NDArray[np.bool_],
    arcs: tuple[NDArray[np.int8], NDArray[np.int8]],
) -> NDArray[np.int64]:
    """Return the nodes where water arrives and cannot go on; under pressure it is used there."""
    enter, leave = arcs
    arrives = np.zeros(pipes.network.count + 1, dtype=bool)
    arrives[pipes.ends[(leave > 0) & gravity(pipes.lines, catalogue)[:, None]]] = True
    onward = np.zeros(pipes.network.count + 1, dtype=bool)
    onward[pipes.ends[enter > 0]] = True
    # What may lead on is told as a pipe of unknown flow, not as a stop too.
    onward[pipes.ends[pipes.flow == 0]] = True
    stuck = reached & arrives[:-1] & ~onward[:-1]
    return np.flatnonzero(stuck & ~outlets(pipes.network, catalogue))
