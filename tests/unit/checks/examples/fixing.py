"""Faulty projects for each fix, and what is true of them when they are mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import shapely

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Feature, FeatureKey
from tests.unit.checks.faults import X, Y, pipe


def _anything(_project: Project) -> None:
    """Say nothing more than that the fault is gone."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault that a fix mends.

    Attributes
    ----------
    make : callable
        Makes the faulty features in a project, and returns the uuids of those to mend.
    then : callable
        Asserts what is true afterwards.
    answer : Value
        What is chosen, if the fix asks; the first choice by default.
    """

    rule: str
    make: Callable[[Project], set[str]]
    then: Callable[[Project], None] = _anything
    answer: Value = None


def all_of(project: Project, layer: str) -> list[Feature]:
    table = project.table(layer, [], geometry=False)
    return project.get_many([FeatureKey(layer, str(uuid)) for uuid in table.uuids])


def only(project: Project, layer: str) -> Feature:
    (feature,) = all_of(project, layer)
    return feature


def end_half_a_metre_off(project: Project) -> set[str]:
    return {pipe(project, (0.5, 0.0), (50.0, 0.0))["pipe"]}


def end_is_at_the_node(project: Project) -> None:
    geometry = only(project, "pipe_line").geometry
    assert geometry is not None
    assert shapely.get_point(geometry, 0).equals(shapely.Point(X, Y))


def node_is_at_the_end(project: Project) -> None:
    places = [one.geometry for one in all_of(project, "manhole")]
    assert shapely.Point(X + 0.5, Y) in places


EXAMPLES: Mapping[str, Sequence[Faulty]] = {
    "end-to-node": [Faulty("pipe.end_off_node", end_half_a_metre_off, end_is_at_the_node)],
    "node-to-end": [Faulty("pipe.end_off_node", end_half_a_metre_off, node_is_at_the_end)],
}
