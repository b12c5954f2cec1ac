"""Which line ends at which node, as arrays: made once a run, all rules of the network share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded, Vertices

if TYPE_CHECKING:
    from hjgis.checks.features import Features

_LineEnds = Callable[[str, str, str], tuple[NDArray[np.int64], NDArray[np.int64]]]
# Field of a line that names the node, and the field with the number that the survey gave.
ENDS: Final = (("from_node", "start_no"), ("to_node", "end_no"))
NODES: Final = tuple(node for node, _number in ENDS)
NUMBERS: Final = tuple(number for _node, number in ENDS)
NUMBER: Final = "exp_no"
# By side: what findings call an end.
END_NAMES: Final = np.array(NODES, dtype=object)


def is_node(asset: AssetType) -> bool:
    """Whether features of a kind may be nodes: points with a survey number."""
    return asset.geometry == "Point" and asset.kind == "asset" and asset.has(NUMBER)


def line_columns(*names: str) -> Callable[[AssetType], tuple[str, ...] | None]:
    """Return what a rule declares that looks at lines only."""
    return lambda asset: names if asset.ends_on else None


def network_columns(
    *, lines: Sequence[str] = (), nodes: Sequence[str] = ()
) -> Callable[[AssetType], tuple[str, ...] | None]:
    """Return what a rule of the network declares: some fields, and what binds ends to nodes.

    Parameters
    ----------
    nodes : sequence of str
        Fields of nodes; of each kind those that it has.
    """

    def columns(asset: AssetType) -> tuple[str, ...] | None:
        if asset.ends_on:
            return tuple(dict.fromkeys([*NODES, *lines]))
        return tuple(name for name in nodes if asset.has(name)) if is_node(asset) else None

    return columns


def network_keys(asset: AssetType) -> tuple[str, ...]:
    """Return what binds lines to nodes: the node's uuid, in all of them."""
    return NODES if asset.ends_on else ("uuid",)


def network_keys_and_numbers(asset: AssetType) -> tuple[str, ...]:
    """Return what binds lines to nodes: the uuid, and the number before that is found."""
    return (*network_keys(asset), *(NUMBERS if asset.ends_on else (NUMBER,)))


@dataclass(frozen=True, slots=True)
class Incidence:
    """Line ends that meet a node, entry i of each array being the same end.

    Attributes
    ----------
    node, line, side : arrays of int
        Number of the node, row of the line, 0 for its first and 1 for its last vertex.
    """

    node: NDArray[np.int64]
    line: NDArray[np.int64]
    side: NDArray[np.int64]


class Links:
    """Lines and the nodes they end at, as numbers; nodes are counted through all their layers.

    Parameters
    ----------
    lines : Features
        With the fields that name the nodes.
    nodes : sequence of Features
        Layers of nodes; of two nodes with one uuid the first counts.
    line_ends : function, optional
        `FeatureQuestions.line_ends`, given if the features are all that there are: an index finds
        the nodes, without an identity of a million being read.
    """

    def __init__(
        self, lines: Features, nodes: Sequence[Features], line_ends: _LineEnds | None = None
    ) -> None:
        self._lines, self._nodes = lines, tuple(nodes)
        self.starts: list[int] = np.cumsum([0, *map(len, nodes)]).tolist()
        if line_ends is not None:
            self.ends = np.column_stack([self._found(line_ends, name) for name in NODES])
            return
        known: dict[str, int] = {}
        for features, start in zip(reversed(self._nodes), self.starts[-2::-1], strict=True):
            numbers = range(start + len(features) - 1, start - 1, -1)
            known.update(zip(features.uuids[::-1].tolist(), numbers, strict=True))
        self.ends = np.column_stack([_looked_up(lines.texts(name), known) for name in NODES])

    def _found(self, line_ends: _LineEnds, name: str) -> NDArray[np.int64]:
        ends = np.full(len(self._lines), -1, dtype=np.int64)
        for features, start in zip(reversed(self._nodes), self.starts[-2::-1], strict=True):
            line, node = line_ends(self._lines.layer, name, features.layer)
            row, number = _rows_of(self._lines.fids, line), _rows_of(features.fids, node)
            there = (row >= 0) & (number >= 0)
            ends[row[there]] = start + number[there]
        return ends

    @cached_property
    def incidence(self) -> Incidence:
        """All ends that meet a node, first vertices before last ones."""
        node = self.ends.T.reshape(-1)
        met = np.flatnonzero(node >= 0)
        side, line = np.divmod(met, max(len(self.ends), 1))
        return Incidence(node[met], line, side)

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        """How many line ends meet each node."""
        return np.bincount(self.incidence.node, minlength=self.starts[-1])

    @cached_property
    def end_xy(self) -> NDArray[np.float64]:
        """Coordinates of first and last vertices, shape (n, 2, 2); NaN without geometry."""
        return ends_of(self._lines)

    @cached_property
    def node_xy(self) -> NDArray[np.float64]:
        """Coordinates of the nodes, shape (k, 2); NaN without geometry."""
        return np.concatenate([np.empty((0, 2)), *(features.xy for features in self._nodes)])


def ends_of(lines: Features) -> NDArray[np.float64]:
    """Return coordinates of first and last vertices, shape (n, 2, 2); NaN without geometry."""
    return lines.computed("ends", partial(_ends, lines))


def _ends(lines: Features) -> NDArray[np.float64]:
    result = np.full((len(lines), 2, 2), np.nan)
    known = lines.vertices
    plain = np.flatnonzero(known.kind >= 0)
    first = known.first[plain]
    result[plain, 0] = known.xy[first]
    result[plain, 1] = known.xy[first + known.count[plain] - 1]
    others = np.flatnonzero(known.kind == Vertices.OTHER)
    xy, owner = shapely.get_coordinates(lines.shapes(others), return_index=True)
    if len(owner):
        start = np.flatnonzero(np.diff(owner, prepend=-1))
        stop = np.append(start[1:], len(owner)) - 1
        result[others[owner[start]], 0] = xy[start]
        result[others[owner[stop]], 1] = xy[stop]
    return result


class Network:
    """The network as one rule sees it: links, and features with the fields that it declared.

    Attributes
    ----------
    lines : Features
    nodes : tuple of Features
        By layer.
    ends : array of int64, shape (n, 2)
        Number of the node at the first and at the last vertex of each line; -1 for none.
    degree : array of int64, shape (k,)
        How many line ends meet each node.
    """

    def __init__(self, lines: Features, nodes: Sequence[Features], links: Links) -> None:
        self.lines = lines
        self.nodes = tuple(nodes)
        self._links = links
        self.ends = links.ends

    @property
    def count(self) -> int:
        """The number of nodes."""
        return self._links.starts[-1]

    @property
    def degree(self) -> NDArray[np.int64]:
        """See `Links.degree`."""
        return self._links.degree

    @property
    def incidence(self) -> Incidence:
        """See `Links.incidence`."""
        return self._links.incidence

    @property
    def end_xy(self) -> NDArray[np.float64]:
        """See `Links.end_xy`."""
        return self._links.end_xy

    @property
    def node_xy(self) -> NDArray[np.float64]:
        """See `Links.node_xy`."""
        return self._links.node_xy

    def of_nodes(self, values: Callable[[Features], NDArray[Any]]) -> NDArray[Any]:
        """Return an array over all nodes, put together from one for each layer of nodes."""
        return np.concatenate([values(features) for features in self.nodes])

    def by_layer(self, values: NDArray[Any]) -> Iterator[tuple[Features, NDArray[Any]]]:
        """Yield each layer of nodes with its part of an array over all nodes."""
        for features, start in zip(self.nodes, self._links.starts, strict=False):
            yield features, values[start : start + len(features)]

    def claimed(self) -> NDArray[np.bool_]:
        """Say which nodes have the number of a line end that is not connected.

        More lines may belong there than are; needs the numbers of lines and of nodes.
        """
        numbers: set[str] = set()
        for side, name in enumerate(NUMBERS):
            loose = np.flatnonzero(self.ends[:, side] < 0)
            numbers.update(str(n).strip() for n in self.lines.objects(name, loose).tolist() if n)
        if not numbers:
            return np.zeros(self.count, dtype=bool)
        return self.of_nodes(
            lambda features: features.texts(NUMBER).meeting(lambda n: str(n).strip() in numbers)
        )

    def at_ends(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for both ends of each line what is known of its node, shape (n, 2).

        NaN where an end has no node.
        """
        return np.asarray(np.append(values, np.nan)[self.ends])

    def any_at(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say at which nodes any of some ends meets; `chosen` says which of `incidence`."""
        result = np.zeros(self.count, dtype=bool)
        result[self.incidence.node[chosen]] = True
        return result

    def one_at(self, chosen: NDArray[np.bool_], *, highest: bool = False) -> NDArray[np.int64]:
        """Return for each node the lowest or highest row of a line with an end among some.

        -1 where there is none; `chosen` says which ends of `incidence`.
        """
        node, line = self.incidence.node[chosen], self.incidence.line[chosen]
        if highest:
            last = np.full(self.count, -1, dtype=np.int64)
            np.maximum.at(last, node, line)
            return last
        first = np.full(self.count, len(self.lines), dtype=np.int64)
        np.minimum.at(first, node, line)
        return np.where(first < len(self.lines), first, -1)

    def found(
        self, nodes: NDArray[np.int64], *, part: tuple[str, ...] = (), **facts: Any
    ) -> Iterator[Findings]:
        """Yield findings on some nodes, by layer; facts are arrays as long as `nodes`."""
        for features, start in zip(self.nodes, self._links.starts, strict=False):
            here = (nodes >= start) & (nodes < start + len(features))
            own = {
                name: values[here] if isinstance(values, np.ndarray) else values
                for name, values in facts.items()
            }
            yield features.found(nodes[here] - start, part=part, **own)


def _rows_of(known: NDArray[np.int64], fids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return in which row each row number stands; -1 where it came after the reading."""
    if not len(known):
        return np.full(len(fids), -1, dtype=np.int64)
    if known[-1] - known[0] + 1 == len(known):
        # Without gaps the number says the row.
        return np.where((fids >= known[0]) & (fids <= known[-1]), fids - known[0], -1)
    rows = np.minimum(np.searchsorted(known, fids), len(known) - 1)
    return np.where(known[rows] == fids, rows, -1)


def _looked_up(column: Coded, known: Mapping[str, int]) -> NDArray[np.int64]:
    """Return the number of each value among those that are known; -1 for others and for none."""
    # A value that is no text, as other programs may write, names no node.
    found = map(known.get, column.values.tolist(), repeat(-1))
    numbers = np.fromiter(chain(found, (-1,)), np.int64, len(column.values) + 1)
    return np.asarray(numbers[column.codes])
