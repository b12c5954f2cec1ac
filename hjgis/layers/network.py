"""What must hold of the pipe network after every change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import StoreConflict
from hjgis.i18n import _
from hjgis.layers.database import chunks
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.changes import LayerDelta

# A layer of nodes so many times smaller than that of the lines is gone through instead of it.
_FEW: Final = 10
# Bound as one list: the time that SQLite takes for numbered marks grows with their square.
_AMONG: Final = "(SELECT value FROM json_each(?1))"
# Which lines end at one of the nodes of such a list of identities.
ENDS_AMONG: Final = f"from_node IN {_AMONG} OR to_node IN {_AMONG}"


def verify(
    connection: sqlite3.Connection,
    types: Mapping[str, AssetType],
    deltas: Mapping[str, LayerDelta],
    gone: Sequence[str],
) -> None:
    """Refuse a change after which a pipe names a node that is not there.

    Parameters
    ----------
    deltas : mapping
        What the change did, by layer; its transaction is still open.
    gone : sequence of str
        Identities of the features that it took out.

    Raises
    ------
    StoreConflict
        If two nodes have one identity, or a pipe would end at a node that is not there.
    """
    for line in (asset for asset in types.values() if asset.ends_on):
        node_deltas = [deltas[layer] for layer in line.ends_on if layer in deltas]
        for layer in line.ends_on:
            if layer in deltas and len(deltas[layer].inserted):
                _verify_unique_nodes(connection, line, layer, deltas[layer].inserted.tolist())
        if any(len(delta.deleted) for delta in node_deltas):
            for some in chunks(gone):
                _verify_ends(connection, line, ENDS_AMONG, some)
        delta = deltas.get(line.id)
        if delta is not None and (delta.fields & {"from_node", "to_node"}):
            touched = [*delta.inserted.tolist(), *delta.updated.tolist()]
            for some in chunks(touched):
                _verify_ends(connection, line, f"fid IN {_AMONG}", some)


def ends(
    connection: sqlite3.Connection, line: str, field: str, node: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which lines of a layer name a node of another, by the index of identities.

    Parameters
    ----------
    field : str
        The field of the line that names the node.

    Returns
    -------
    lines, nodes : arrays of int64, shape (k,)
        Row numbers, entry i of each being the same end.
    """
    last = {
        name: connection.execute(f"SELECT max(fid) FROM {quoted(name)}").fetchone()[0] or 0
        for name in (line, node)
    }
    # From the fewer to the more, whose index finds each; both have one.
    few, more = ("n", "l") if last[node] < last[line] // _FEW else ("l", "n")
    table = {"l": quoted(line), "n": quoted(node)}
    found = connection.execute(
        "SELECT group_concat(l.fid), group_concat(n.fid)"
        f" FROM {table[few]} {few} CROSS JOIN {table[more]} {more}"
        f" ON n.uuid = l.{quoted(field)}"
    ).fetchone()
    lines, nodes = (np.fromstring(said or "", dtype=np.int64, sep=",") for said in found)
    return lines, nodes


def mentions(
    connection: sqlite3.Connection, layer: str, fields: Sequence[str], values: Iterable[str]
) -> dict[str, int]:
    """Return how often some texts stand in fields of a layer; see `FeatureQuestions.mentions`."""
    times = " + ".join(
        f"(SELECT count(*) FROM {quoted(layer)} WHERE {quoted(field)} = v.value)"
        for field in fields
    )
    listed = json.dumps([*values])
    return dict(connection.execute(f"SELECT v.value, {times} FROM json_each(?) v", (listed,)))


def _verify_unique_nodes(
    connection: sqlite3.Connection, line: AssetType, layer: str, fids: Sequence[int]
) -> None:
    for other in (name for name in line.ends_on if name != layer):
        for some in chunks(fids):
            marks = ",".join("?" * len(some))
            twice = connection.execute(
                f"SELECT new.uuid FROM {quoted(layer)} new JOIN {quoted(other)} USING (uuid)"
                f" WHERE new.fid IN ({marks}) LIMIT 1",
                some,
            ).fetchone()
            if twice:
                message = _("Two nodes have the identity {uuid}; nothing was stored.")
                raise StoreConflict(message.format(uuid=twice[0]))


def _verify_ends(
    connection: sqlite3.Connection, line: AssetType, which: str, values: Sequence[int | str]
) -> None:
    # Looked up by their indexes: a list of all nodes would be made anew for each edit.
    missing = {
        end: "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {quoted(layer)} n WHERE n.uuid = l.{end})"
            for layer in line.ends_on
        )
        for end in ("from_node", "to_node")
    }
    lost = connection.execute(
        f"SELECT uuid FROM {quoted(line.id)} l WHERE ({which}) AND ("
        + " OR ".join(f"l.{end} NOTNULL{none}" for end, none in missing.items())
        + ") LIMIT 1",
        (json.dumps(values),),
    ).fetchone()
    if lost:
        message = _("{layer} {uuid} would end at a node that is not there; nothing was stored.")
        raise StoreConflict(message.format(layer=line.id, uuid=lost[0]))
