"""Topology checks: do lines meet the nodes that they name, a node being known by its uuid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.rules import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded

if TYPE_CHECKING:
    from pandas import DataFrame

# Field of a line that names the node, the field with the number of the survey, and the vertex.
_ENDS: Final = (("from_node", "start_no", 0), ("to_node", "end_no", -1))
_NUMBER: Final = "exp_no"


def _network(asset: AssetType) -> tuple[str, ...] | None:
    if asset.ends_on:
        return tuple(name for node, number, _vertex in _ENDS for name in (node, number))
    # Which kinds are nodes is said by the lines; those that have a point number can be named.
    return (_NUMBER,) if asset.geometry == "Point" and asset.has(_NUMBER) else None


def _keys(asset: AssetType) -> tuple[str, ...]:
    return tuple(node for node, _number, _vertex in _ENDS) if asset.ends_on else ("uuid",)


def _keys_and_numbers(asset: AssetType) -> tuple[str, ...]:
    if asset.ends_on:
        return tuple(name for node, number, _vertex in _ENDS for name in (node, number))
    return ("uuid", _NUMBER)


@rule(
    "pipe.end_off_node",
    title=N_("Pipe end away from its node"),
    explanation=N_(
        "The first or last vertex of a pipe is not where the manhole or point lies that it is"
        " connected to. One of the two was moved without the other: move the node with its pipes"
        " following, or drag the end to the node."
    ),
    message=N_("The {end} is {distance_m:.2f} m away from its node"),
    reads=Reads(_network, Scope.GROUP, keys=_keys),
    limits=("tolerance_m",),
)
def end_off_node(survey: Survey) -> Iterator[Findings]:
    """Find line ends that lie farther from their node than the tolerance, in plan."""
    for asset in _lines(survey):
        nodes = _nodes(survey, asset)
        ends = line_ends(survey, asset).join(nodes[["node_x", "node_y"]], on="node")
        ends["distance_m"] = np.hypot(ends["x"] - ends["node_x"], ends["y"] - ends["node_y"])
        far = ends[ends["distance_m"] > survey.limits["tolerance_m"]]
        yield _findings(survey, asset, far, ("distance_m",))


@rule(
    "pipe.end_without_node",
    title=N_("Pipe end without a node"),
    explanation=N_(
        "A pipe is not connected to a manhole or point at one of its ends: no point number was"
        " given, or the number given is unknown or not unique, or another program removed the"
        " node. Connect the end to its node, or survey the node that is missing."
    ),
    message={
        "blank": N_("The {end} has no node and no point number"),
        "unknown": N_("The {end} node “{number}” is no manhole or point of this project"),
        "ambiguous": N_("The {end} node “{number}” is the number of {count} manholes or points"),
        "unlinked": N_("The {end} is not connected, though there is a node “{number}”"),
        "lost": N_("The {end} is connected to a node that is no longer there ({node})"),
    },
    reads=Reads(_network, Scope.GROUP, keys=_keys_and_numbers, geometry=False),
)
def end_without_node(survey: Survey) -> Iterator[Findings]:
    """Find line ends that are connected to no node, or to one that does not exist."""
    for asset in _lines(survey):
        nodes = _nodes(survey, asset)
        ends = line_ends(survey, asset)
        loose = ends[~ends["node"].isin(nodes.index)].copy()
        loose["count"] = loose["number"].map(nodes["number"].value_counts()).fillna(0)
        loose["count"] = loose["count"].astype(int)
        loose["case"] = _cases(loose)
        yield _findings(survey, asset, loose, ("case", "number", "node", "count"))


def _findings(
    survey: Survey, asset: AssetType, ends: DataFrame, facts: tuple[str, ...]
) -> Findings:
    """Return a finding at each of some line ends."""
    return survey.features(asset.id).found(
        ends["row"].to_numpy(),
        xy=ends[["x", "y"]].to_numpy(),
        part=("end",),
        end=ends["end"].to_numpy(dtype=object),
        **{name: ends[name].to_numpy() for name in facts},
    )


def _cases(loose: DataFrame) -> NDArray[np.str_]:
    """Say why each end has no node."""
    return np.select(
        [
            loose["node"].notna(),
            loose["number"].isna(),
            loose["count"] == 0,
            loose["count"] == 1,
        ],
        ["lost", "blank", "unknown", "unlinked"],
        "ambiguous",
    )


def _lines(survey: Survey) -> tuple[AssetType, ...]:
    return tuple(asset for asset in survey.layers if asset.ends_on)


def line_ends(survey: Survey, asset: AssetType) -> DataFrame:
    """Return both ends of every line of a kind.

    Returns
    -------
    DataFrame, 2 n rows
        ``row`` of the line, ``end`` (the field that names the node), ``node`` (uuid or None),
        ``number`` (the survey's, None where blank), ``x`` and ``y`` (NaN without geometry).
    """
    import pandas

    features = survey.features(asset.id)
    parts = []
    for node, number, vertex in _ENDS:
        point = shapely.get_point(features.geometry, vertex)
        part = {
            "row": np.arange(len(features)),
            "end": node,
            "node": features.objects(node),
            "number": _trimmed(features.texts(number)),
            "x": shapely.get_x(point),
            "y": shapely.get_y(point),
        }
        parts.append(pandas.DataFrame(part))
    return pandas.concat(parts, ignore_index=True)


def _nodes(survey: Survey, asset: AssetType) -> DataFrame:
    """Return the nodes that a kind of line ends on, by uuid: ``number``, ``node_x``, ``node_y``."""
    import pandas

    layers = [survey.features(layer) for layer in asset.ends_on]
    parts = [
        pandas.DataFrame(
            {
                "number": _trimmed(features.texts(_NUMBER)),
                "node_x": features.xy[:, 0],
                "node_y": features.xy[:, 1],
            },
            index=features.uuids,
        )
        for features in layers
    ]
    nodes = pandas.concat(parts)
    return nodes[~nodes.index.duplicated()]


def _trimmed(column: Coded) -> NDArray[np.object_]:
    """Return text without blanks at its ends, None where nothing is left."""
    values = np.array([str(value).strip() or None for value in column.values], dtype=object)
    return Coded(column.codes, values).objects()
