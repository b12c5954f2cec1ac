"""Where the rows of a workbook lie: at their coordinates, where they were, between their nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.matching import Incoming, same_shape, same_value
from hjgis.exchange.report import Problems
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.geometry import with_end_at
from hjgis.models.reading import LayerTable

_LINKS: Final = ("from_node", "to_node")


@dataclass(slots=True)
class Nodes:
    """The nodes of a network as they will be: number and place by identity."""

    _by_uuid: dict[str, tuple[Value, Any]] = field(default_factory=dict)
    _by_number: dict[str, list[str]] | None = None

    def add(self, uuids: Sequence[str], numbers: Sequence[Value], shapes: Sequence[Any]) -> None:
        """Keep nodes; those that are added last hide what was said of them before."""
        self._by_number = None
        self._by_uuid |= zip(uuids, zip(numbers, shapes, strict=True), strict=True)

    def called(self, number: Value) -> list[str]:
        """Return the nodes of a number."""
        if self._by_number is None:
            self._by_number = defaultdict(list)
            for uuid, (own, _shape) in self._by_uuid.items():
                if own is not None:
                    self._by_number[str(own).strip()].append(uuid)
        return self._by_number.get(str(number).strip(), []) if number is not None else []

    def place(self, uuid: Value) -> Any:
        """Return where a node is; None if there is no such node."""
        return self._by_uuid.get(str(uuid), (None, None))[1]

    def with_stored(self, project: Project, layers: Sequence[str]) -> Nodes:
        """Return these nodes and those of the project that are not among them."""
        whole = Nodes()
        for layer in layers:
            number = project.asset_type(layer).topology.number
            table = project.table(layer, [number] if number else [])
            numbers = table.columns[number].tolist() if number else [None] * len(table.fids)
            assert table.geometry is not None
            whole.add(table.uuids.tolist(), numbers, table.geometry.tolist())
        whole._by_uuid |= self._by_uuid
        return whole


def settled(
    asset: AssetType,
    incoming: Incoming,
    stored: LayerTable,
    found: NDArray[np.int64],
    problems: Problems,
) -> NDArray[np.object_]:
    """Return the places of rows: what they say, or where the feature is that they are.

    Parameters
    ----------
    found : array of int64, shape (n,)
        Which stored feature each row is; -1 for new ones.
    """
    shapes = incoming.geometry.copy()
    if stored.geometry is None:
        return shapes
    for place in np.flatnonzero(found >= 0).tolist():
        ours, theirs = stored.geometry[found[place]], shapes[place]
        row = int(incoming.rows[place]) + 1
        if theirs is None:
            if asset.geometry == "Point" and ours is not None:
                words = _("no coordinates: the feature stays where it is")
                problems.add(row, None, "no-place", words)
            shapes[place] = ours
        elif same_shape(ours, theirs, incoming.tolerance_m):
            if (
                shapely.has_z(theirs)
                and abs(_height(ours) - _height(theirs)) > incoming.tolerance_m
            ):
                words = _("the height of the point is for reading only and stays as it is")
                problems.add(row, None, "heights", words)
            shapes[place] = ours
    return shapes


def _height(point: Any) -> float:
    return float(point.z) if point.has_z else 0.0


def connected(
    asset: AssetType,
    incoming: Incoming,
    stored: LayerTable,
    found: NDArray[np.int64],
    nodes: Nodes,
    problems: Problems,
) -> Incoming:
    """Return lines with the nodes that their numbers name, and their ends there.

    An end whose number was not changed keeps its node. A number that names no node, or several, is
    not taken where the line has a node already. A new line is drawn straight between its nodes.
    """
    work = _Lines(asset, incoming, stored, found, nodes, problems)
    for place in range(len(incoming)):
        work.connect(place)
    return work.result()


class _Lines:
    """Lines on their way to their nodes."""

    def __init__(
        self,
        asset: AssetType,
        incoming: Incoming,
        stored: LayerTable,
        found: NDArray[np.int64],
        nodes: Nodes,
        problems: Problems,
    ) -> None:
        self._asset, self._incoming = asset, incoming
        self._stored, self._found = stored, found
        self._nodes, self._problems = nodes, problems
        self._numbers = asset.topology.numbers[0]
        self._shapes = incoming.geometry.copy()
        self._refused = {name: set(rows) for name, rows in incoming.refused.items()}
        count = len(incoming)
        self._links = {name: list(incoming.values.get(name, [None] * count)) for name in _LINKS}

    def connect(self, place: int) -> None:
        """Find the nodes of one line."""
        known = int(self._found[place])
        for end, link in enumerate(_LINKS):
            if known < 0:
                self._links[link][place] = self._node(place, end)
                continue
            before = self._stored.columns[link][known]
            node = before if self._is_as_it_was(place, end) else self._node(place, end)
            if node is None and before is not None:
                node = before
                self._refused.setdefault(self._numbers[end], set()).add(place)
            if node != before:
                self._move_end(place, end, node)
            self._links[link][place] = node
        if known < 0:
            ends = [self._nodes.place(self._links[link][place]) for link in _LINKS]
            if all(spot is not None for spot in ends) and not shapely.equals(*ends):
                self._shapes[place] = shapely.LineString([(spot.x, spot.y) for spot in ends])

    def result(self) -> Incoming:
        """Return the lines; their nodes do not stand in the file."""
        return replace(
            self._incoming,
            geometry=self._shapes,
            values={**self._incoming.values, **self._links},
            refused=self._refused,
            computed=frozenset(_LINKS),
        )

    def _is_as_it_was(self, place: int, end: int) -> bool:
        name = self._numbers[end]
        given = self._incoming.values.get(name)
        if given is None or place in self._refused.get(name, ()):
            return True
        return same_value(self._stored.columns[name][self._found[place]], given[place])

    def _node(self, place: int, end: int) -> Value:
        """Return the node that a row names; what is wrong is listed."""
        name = self._numbers[end]
        given = self._incoming.values.get(name)
        number = None if given is None else given[place]
        found = self._nodes.called(number)
        if len(found) == 1:
            return found[0]
        told = self._links[_LINKS[end]][place]
        # The hidden node of a row that was copied, or given another number, is another one's.
        own = self._found[place] < 0 and self._incoming.uuids[place] is not None
        own = own and self._nodes.place(told) is not None
        if told in found or (own and not found):
            return told
        if number is None:
            words = _("no point number")
        elif not found:
            words = _("point number {value} is unknown").format(value=number)
        else:
            words = _("point number {value} is given {count} times, so the end is not connected")
            words = words.format(value=number, count=len(found))
        row = int(self._incoming.rows[place]) + 1
        self._problems.add(row, label(self._asset.field(name).label), "unresolved-node", words)
        return None

    def _move_end(self, place: int, end: int, node: Value) -> None:
        spot, line = self._nodes.place(node), self._shapes[place]
        if spot is not None and line is not None:
            self._shapes[place] = with_end_at(line, spot, first=end == 0)
