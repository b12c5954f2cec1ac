from __future__ import annotations

import pytest
import shapely

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.layers.project import Project
from hjgis.layers.subjects import subjects
from hjgis.models.changes import FeatureKey
from tests import network

THERE = shapely.Point(428_033, 4_528_004)


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return network.build(project)


def test_each_change_says_which_feature_it_was_about(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    apply = project.session.apply
    move = apply(move_node(project, keys["B"], THERE)).change_id
    both = [keys["A"], keys["B"]]
    several = apply(set_values(project, both, {"remarks": "one"})).change_id
    deleted = apply(delete_features(project, [keys["A"]])).change_id
    names = subjects(project, project.history.entries())
    # A node's pipes go along, and it is the node that was moved all the same.
    assert names[move] == "Manhole B"
    assert names[deleted] == "Manhole A"
    assert several not in names


def test_what_is_there_no_more_is_not_named(project: Project, keys: dict[str, FeatureKey]) -> None:
    changed = project.session.apply(set_values(project, [keys["A"]], {"remarks": "one"}))
    project.session.apply(delete_features(project, [keys["A"]]))
    assert changed.change_id not in subjects(project, project.history.entries())
