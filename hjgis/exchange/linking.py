"""Imported lines find their nodes: by the numbers they name, else by where they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.report import Problems
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value

_ENDS: Final = (("from_node", "start_no", 0), ("to_node", "end_no", -1))
_NUMBER: Final = "exp_no"
# Ends without numbers are linked to a node that lies this near, metres: CJJ 61's 0.01 m.
_NEAR_M: Final = 0.01


def link_ends(
    project: Project,
    asset: AssetType,
    values: dict[str, list[Value]],
    shapes: NDArray[np.object_],
    kept: NDArray[np.intp],
    problems: Problems,
) -> None:
    """Fill ``from_node`` and ``to_node``; an end whose number is unknown stays without.

    A node that the source itself names by identity is kept if the project has it.

    Parameters
    ----------
    values : dict
        Columns of the lines; the two node columns are added.
    shapes : array of LineString, shape (n,)
        In the project CRS.
    """
    numbers = _numbers(project, asset)
    stored = {
        uuid
        for layer in asset.ends_on
        for uuid in project.table(layer, [], geometry=False).uuids.tolist()
    }
    for node, number, vertex in _ENDS:
        told = values.get(node, [])
        if any(value in stored for value in told):
            values[node] = _by_identity(told, stored, node, kept, problems)
            continue
        named = values.get(number)
        if named is not None and any(value is not None for value in named):
            values[node] = _by_number(named, numbers, number, kept, problems)
        else:
            values[node] = _by_place(project, asset, shapely.get_point(shapes, vertex))
    note_connected(values, problems)


def note_connected(values: Mapping[str, list[Value]], problems: Problems) -> None:
    """Say how many ends of lines know their nodes."""
    ends = [end for node, _number, _vertex in _ENDS for end in values[node]]
    count = sum(end is not None for end in ends)
    words = _("{count} of {all} ends are connected to nodes").format(count=count, all=len(ends))
    problems.add(None, None, "connected", words, count=count)


def _numbers(project: Project, asset: AssetType) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for layer in asset.ends_on:
        table = project.table(layer, [_NUMBER], geometry=False)
        for uuid, number in zip(table.uuids, table.columns[_NUMBER], strict=True):
            if number is not None:
                found.setdefault(str(number).strip(), []).append(uuid)
    return found


def _by_number(
    named: list[Value],
    numbers: Mapping[str, list[str]],
    field: str,
    kept: NDArray[np.intp],
    problems: Problems,
) -> list[Value]:
    result: list[Value] = []
    for row, value in zip(kept + 1, named, strict=True):
        known = numbers.get(str(value).strip(), []) if value is not None else []
        result.append(known[0] if len(known) == 1 else None)
        if value is None:
            problems.add(int(row), field, "unresolved-node", _("no point number"))
        elif not known:
            text = _("point number {value} is unknown").format(value=value)
            problems.add(int(row), field, "unresolved-node", text)
        elif len(known) > 1:
            text = _("point number {value} is given {count} times, so the end is not connected")
            said = text.format(value=value, count=len(known))
            problems.add(int(row), field, "unresolved-node", said)
    return result


def _by_identity(
    told: list[Value], stored: set[str], field: str, kept: NDArray[np.intp], problems: Problems
) -> list[Value]:
    for row, value in zip(kept + 1, told, strict=True):
        if value is not None and value not in stored:
            text = _("node {value} is not in the project").format(value=value)
            problems.add(int(row), field, "unresolved-node", text)
    return [value if value in stored else None for value in told]


def _by_place(project: Project, asset: AssetType, ends: NDArray[np.object_]) -> list[Value]:
    tables = [project.table(layer, []) for layer in asset.ends_on]
    uuids = np.concatenate([table.uuids for table in tables])
    spots = np.concatenate([np.asarray(table.geometry, dtype=object) for table in tables])
    result: list[Value] = [None] * len(ends)
    if not len(spots):
        return result
    lines, nodes = shapely.STRtree(spots).query_nearest(ends, max_distance=_NEAR_M)
    for line, found in zip(lines, nodes, strict=True):
        result[line] = uuids[found]
    return result
