from __future__ import annotations

import datetime as dt

import pytest
import shapely

from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.edits.restore import restore
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.layers.restoring import before_day, state_before, with_field_before
from hjgis.models.changes import FeatureKey
from tests import network

Keys = dict[str, FeatureKey]
HERE = shapely.Point(network.PLACES["B"])
THERE = shapely.Point(428_033, 4_528_004)


@pytest.fixture
def keys(project: Project) -> Keys:
    return network.build(project)


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).astimezone().date()


def edited(project: Project, key: FeatureKey) -> tuple[int, int]:
    """Move a node and write two remarks; return the numbers of the move and the first remark."""
    move = project.session.apply(move_node(project, key, THERE)).change_id
    first = project.session.apply(set_values(project, [key], {"remarks": "one"})).change_id
    project.session.apply(set_values(project, [key], {"remarks": "two", "exp_no": "W7"}))
    return move, first


def test_what_a_feature_was_can_be_told_at_any_change(project: Project, keys: Keys) -> None:
    move, first = edited(project, keys["B"])
    before_move, before_first = (state_before(project, keys["B"], n) for n in (move, first))
    assert before_move is not None
    assert before_first is not None
    assert before_move.geometry == HERE
    assert (before_first.geometry, before_first.values["remarks"]) == (THERE, None)
    assert state_before(project, keys["B"], 1) is None


def test_one_field_comes_back_and_the_others_stay(project: Project, keys: Keys) -> None:
    move, _first = edited(project, keys["B"])
    wanted = with_field_before(project, keys["B"], move, "remarks")
    project.session.apply(restore(project, {keys["B"]: wanted}))
    now = project.get(keys["B"])
    assert (now.values["remarks"], now.values["exp_no"], now.geometry) == (None, "W7", THERE)


def test_a_deleted_feature_comes_back_with_its_identity(project: Project, keys: Keys) -> None:
    gone = project.session.apply(delete_features(project, [keys["B"]])).change_id
    with pytest.raises(EditRefused, match="not there"):
        with_field_before(project, keys["B"], gone, "remarks")
    project.session.apply(restore(project, {keys["B"]: state_before(project, keys["B"], gone)}))
    assert project.get(keys["B"]).geometry == HERE


def test_a_day_of_work_is_taken_back_but_not_what_others_did_since(
    project: Project, keys: Keys
) -> None:
    before = project.content_sha256()
    project.session.operator = "甲"
    edited(project, keys["B"])
    project.session.apply(set_values(project, [keys["C"]], {"remarks": "mine"}))
    project.session.operator = "乙"
    project.session.apply(set_values(project, [keys["C"]], {"remarks": "theirs"}))
    restored = before_day(project, "甲", today())
    assert restored.kept == 1
    project.session.apply(restore(project, restored.states))
    assert project.get(keys["C"]).values["remarks"] == "theirs"
    assert project.get(keys["B"]).geometry == HERE
    assert project.get(keys["AB"]).geometry.coords[-1] == network.PLACES["B"]
    for _step in range(3 + 2 + 1):
        project.session.undo()
    assert project.content_sha256() == before


def test_nothing_was_done_on_another_day(project: Project, keys: Keys) -> None:
    with pytest.raises(EditRefused, match="nothing was changed"):
        before_day(project, "甲", today() - dt.timedelta(days=3))


def test_pipes_follow_a_node_that_goes_back_and_a_pipe_goes_back_to_its_nodes(
    project: Project, keys: Keys
) -> None:
    move, _first = edited(project, keys["B"])
    project.session.apply(restore(project, {keys["B"]: state_before(project, keys["B"], move)}))
    assert project.get(keys["AB"]).geometry.coords[-1] == network.PLACES["B"]
    gone = project.session.apply(delete_features(project, [keys["AB"]])).change_id
    project.session.apply(move_node(project, keys["B"], THERE))
    project.session.apply(restore(project, {keys["AB"]: state_before(project, keys["AB"], gone)}))
    assert project.get(keys["AB"]).geometry.coords[-1] == THERE.coords[0]
    project.session.apply(delete_features(project, [keys["B"]]))
    project.session.apply(restore(project, {keys["AB"]: state_before(project, keys["AB"], gone)}))
    assert project.get(keys["AB"]).values["to_node"] is None
