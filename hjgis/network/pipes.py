"""The pipes of a project as a graph: what meets where, and which way the water runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import NUMBER, NUMBERS, Network, network_columns
from hjgis.checks.pipe_facts import DEPTHS, ELEVATIONS, FLOW, SIZE, flow
from hjgis.checks.rules.levels import GROUND
from hjgis.checks.rules.register import Reads, Scope
from hjgis.checks.shared_features import SharedFeatures
from hjgis.errors import InputError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.progress import SILENT, Progress

_LINES: Final = ("pipe_no", *NUMBERS, "material", "elev_basis", *SIZE, *DEPTHS, *ELEVATIONS, *FLOW)
_NODES: Final = (NUMBER, "feature", "appendage", GROUND, "well_depth_m", "bottom_elev_m")


# A node by its number, or an end of a pipe by row and side.
Spot = int | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entrances:
    """Ends of pipes by the node at which they may be entered.

    Attributes
    ----------
    first : array of int64, shape (nodes + 1,)
        Those of node i are the entries ``first[i]:first[i + 1]`` of the others.
    line, side, onto : arrays of int64
        Row of the pipe, 0 for its first and 1 for its last vertex, and the number of the node at
        its other end; -1 for none.
    """

    first: NDArray[np.int64]
    line: NDArray[np.int64]
    side: NDArray[np.int64]
    onto: NDArray[np.int64]


@dataclass(frozen=True)
class Pipes:
    """The network with which way each pipe flows; read once, and true until something is edited.

    Attributes
    ----------
    flow : array of int8, shape (n,)
        1 where a pipe flows to its last vertex, -1 to its first, 0 where nobody knows.
    layers : tuple of str
        The layer of the lines and those of the nodes.
    """

    network: Network
    flow: NDArray[np.int8]
    layers: tuple[str, ...]

    @property
    def lines(self) -> Features:
        """The pipes."""
        return self.network.lines

    @property
    def ends(self) -> NDArray[np.int64]:
        """Number of the node at both ends of each pipe, shape (n, 2); -1 for none."""
        return self.network.ends

    @cached_property
    def length_m(self) -> NDArray[np.float64]:
        """How long the pipes are on the map, metres; 0 where one has no geometry."""
        return np.nan_to_num(shapely.length(self.lines.geometry))

    @cached_property
    def boxes(self) -> tuple[NDArray[np.float64], ...]:
        """West, south, east and north of the pipes, each of shape (n,); NaN without geometry."""
        return tuple(np.ascontiguousarray(side) for side in shapely.bounds(self.lines.geometry).T)

    def entrances(self, enter: NDArray[np.bool_] | None = None) -> Entrances:
        """Return where pipes may be entered: at all their nodes, or where `enter` says, (n, 2)."""
        met = self.network.incidence
        chosen = np.flatnonzero(enter[met.line, met.side]) if enter is not None else slice(None)
        node, line, side = met.node[chosen], met.line[chosen], met.side[chosen]
        order = np.argsort(node, kind="stable")
        line, side = line[order], side[order]
        count = np.bincount(node, minlength=self.network.count)
        first = np.concatenate([[0], np.cumsum(count)])
        return Entrances(first, line, side, self.ends[line, 1 - side])

    def rows_of(self, layer: str, fids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of pipes; of those that are not there, and of other layers, none."""
        wanted = fids if layer == self.layers[0] else fids[:0]
        return np.flatnonzero(np.isin(self.lines.fids, wanted))

    def nodes_of(self, layer: str, fids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of nodes of a layer; of those that are none, nothing."""
        found = self.network.of_nodes(
            lambda features: np.isin(features.fids, fids if features.layer == layer else fids[:0])
        )
        return np.flatnonzero(found)

    def node(self, layer: str, fid: int) -> int | None:
        """Return the number of a node; None where it is not there."""
        found = self.nodes_of(layer, np.array([fid]))
        return int(found[0]) if len(found) else None

    def named(self, text: str) -> NDArray[np.int64]:
        """Return the numbers of nodes whose point number or uuid a text is."""
        by_number = self.network.of_nodes(
            lambda features: features.texts(NUMBER).meeting(lambda number: number == text)
        )
        if by_number.any():
            return np.flatnonzero(by_number)
        return np.flatnonzero(self.network.of_nodes(lambda features: features.uuids) == text)

    def places_of(self, spots: Sequence[Spot]) -> NDArray[np.float64]:
        """Return where spots lie, shape (k, 2), project CRS; without those that lie nowhere."""
        places = [
            self.network.node_xy[spot] if isinstance(spot, int) else self.network.end_xy[spot]
            for spot in spots
        ]
        found = np.array(places, dtype=np.float64).reshape(-1, 2)
        return found[np.isfinite(found).all(axis=1)]

    def features_of(self, node: int) -> tuple[Features, int]:
        """Return the features that a node is one of, and its row there.

        Raises
        ------
        IndexError
            If there is no node of this number.
        """
        for features in self.network.nodes:
            if node < len(features):
                return features, node
            node -= len(features)
        raise IndexError(node)


def read(project: Project, *, progress: Progress = SILENT) -> Pipes:
    """Read the pipes of a project.

    Raises
    ------
    InputError
        If the project has no layer of pipes.
    """
    columns = network_columns(lines=_LINES, nodes=_NODES)
    shared = SharedFeatures(project, [Reads(columns, Scope.GROUP)], progress=progress)
    if not any(asset.ends_on for asset in shared.layers):
        raise InputError(_("The project has no layer of pipes."))
    layers = shared.network_layers
    lines, *nodes = map(shared.whole, layers)
    network = Network(lines, nodes, shared.links(lines, nodes))
    return Pipes(network, flow(lines, project.catalogue), layers)
