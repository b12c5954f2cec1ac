from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from hjgis.edits import network
from hjgis.edits.align import align_points, distribute_points
from hjgis.edits.attributes import set_values
from hjgis.edits.copying import change_kind, copy_features, paste_features
from hjgis.edits.move import move_features, move_node, rotate_features, scale_features
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import FeatureKey
from tests.network import PLACES, build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


def test_a_pipe_makes_the_nodes_that_are_missing_and_learns_from_those_there(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    known = {"end_depth_m": 2.5, "end_elev_m": 1036.5}
    project.session.apply(set_values(project, [keys["BC"]], known))
    line = shapely.LineString([PLACES["C"], (428_090, 4_528_010)])
    change = network.draw_line(project, "pipe_line", line, {"kind": "WS"}, missing_nodes="manhole")
    project.session.apply(change)
    pipe = project.get(change.changes[-1].key)
    assert project.count("manhole") == 4
    assert pipe.values["from_node"] == keys["C"].uuid
    assert pipe.values["start_no"] == "C"
    assert (pipe.values["start_depth_m"], pipe.values["start_elev_m"]) == (2.5, 1036.5)
    assert project.node(str(pipe.values["to_node"])).geometry == shapely.Point(428_090, 4_528_010)
    other = network.draw_line(project, "pipe_line", line, {"kind": "YS", "start_depth_m": 1.0})
    values = other.changes[-1].after.values
    assert values["start_depth_m"] == 1.0
    assert values["start_elev_m"] is None


def test_a_node_put_on_a_pipe_divides_it(project: Project, keys: dict[str, FeatureKey]) -> None:
    change = network.place_node(project, "manhole", shapely.Point(428_012, 4_528_000))
    project.session.apply(change)
    assert project.count("pipe_line") == 3
    assert len(project.lines_ending_at(change.changes[0].key.uuid)) == 2
    lamp = network.place_node(project, "street_lamp", shapely.Point(428_020, 4_528_000))
    assert len(lamp.changes) == 1


@pytest.mark.parametrize(("kind", "pipes"), [("WS", 4), (None, 4), ("JS", 3)])
def test_a_pipe_drawn_from_the_middle_of_another_of_its_kind_divides_that(
    project: Project, keys: dict[str, FeatureKey], kind: str | None, pipes: int
) -> None:
    side = shapely.LineString([(428_012, 4_528_000), (428_012, 4_528_020)])
    change = network.draw_line(
        project, "pipe_line", side, {"kind": kind}, missing_nodes="pipe_point"
    )
    project.session.apply(change)
    assert (project.count("pipe_line"), project.count("pipe_point")) == (pipes, 2)
    node = project.get(change.changes[-1].key).values["from_node"]
    assert len(project.lines_ending_at(str(node))) == {4: 3, 3: 1}[pipes]
    project.session.undo()
    assert (project.count("pipe_line"), project.count("pipe_point")) == (2, 0)


def test_a_node_put_at_free_ends_takes_them(project: Project, keys: dict[str, FeatureKey]) -> None:
    line = shapely.LineString([(428_100, 4_528_000), (428_120, 4_528_000)])
    for _times in range(2):
        project.session.apply(network.draw_line(project, "pipe_line", line))
    change = network.place_node(project, "manhole", shapely.Point(428_120.0004, 4_528_000))
    project.session.apply(change)
    ending = project.lines_ending_at(change.changes[0].key.uuid)
    assert len(ending) == 2
    assert {pipe.geometry.coords[-1] for pipe in ending} == {(428_120.0004, 4_528_000)}
    # One beside the other: nothing is divided that ends at the node already.
    again = network.place_node(project, "manhole", shapely.Point(PLACES["B"]))
    assert len(again.changes) == 1


def test_an_end_is_connected_and_let_go(project: Project, keys: dict[str, FeatureKey]) -> None:
    project.session.apply(network.disconnect(project, keys["AB"], ["last"]))
    assert project.get(keys["AB"]).values["to_node"] is None
    with pytest.raises(EditRefused, match="same node"):
        network.connect(project, keys["AB"], "last", keys["A"])
    project.session.apply(network.connect(project, keys["AB"], "last", keys["C"]))
    assert project.get(keys["AB"]).geometry.coords[-1] == PLACES["C"]
    with pytest.raises(EditRefused, match="already"):
        network.connect(project, keys["AB"], "last", keys["C"])
    with pytest.raises(EditRefused, match="no node"):
        network.connect(project, keys["AB"], "last", keys["BC"])


def test_free_ends_find_the_nearest_node(project: Project, keys: dict[str, FeatureKey]) -> None:
    project.session.apply(network.disconnect(project, keys["AB"], ["first", "last"]))
    assert not network.connect_to_nearest(project, [keys["BC"]], 5.0)
    project.session.apply(network.connect_to_nearest(project, [keys["AB"], keys["BC"]], 5.0))
    values = project.get(keys["AB"]).values
    assert (values["from_node"], values["to_node"]) == (keys["A"].uuid, keys["B"].uuid)


def test_pipes_that_run_uphill_are_turned(project: Project, keys: dict[str, FeatureKey]) -> None:
    project.session.apply(
        set_values(project, [keys["AB"]], {"start_elev_m": 1035.0, "end_elev_m": 1036.0})
    )
    change = network.flow_by_levels(project, [keys["AB"], keys["BC"]])
    assert len(change.changes) == 1
    project.session.apply(change)
    values = project.get(keys["AB"]).values
    assert (values["start_elev_m"], values["from_node"]) == (1036.0, keys["B"].uuid)


@pytest.mark.parametrize("said", [None, "逆向", "不详", "顺向"])
def test_water_runs_down_whatever_the_flow_was_said_to_be(
    project: Project, keys: dict[str, FeatureKey], said: str | None
) -> None:
    up = {"start_elev_m": 1035.0, "end_elev_m": 1036.0}
    both = {"kind": "WS", "flow_dir": said}
    project.session.apply(set_values(project, [keys["AB"]], {**both, **up}))
    down = {"start_elev_m": 1036.0, "end_elev_m": 1035.0}
    project.session.apply(set_values(project, [keys["BC"]], {**both, **down}))
    project.session.apply(network.flow_by_levels(project, [keys["AB"], keys["BC"]]))
    for pipe in ("AB", "BC"):
        values = project.get(keys[pipe]).values
        assert (values["start_elev_m"], values["end_elev_m"]) == (1036.0, 1035.0)
        assert values["flow_dir"] == "顺向"
    assert not network.flow_by_levels(project, [keys["AB"], keys["BC"]])


@pytest.mark.parametrize("pipe", [{"kind": "JP"}, {"kind": "WS", "is_gravity": False}])
def test_levels_say_nothing_of_the_flow_under_pressure(
    project: Project, keys: dict[str, FeatureKey], pipe: dict[str, Value]
) -> None:
    down = {"start_elev_m": 1036.0, "end_elev_m": 1035.0}
    project.session.apply(set_values(project, [keys["AB"]], {**pipe, **down}))
    assert not network.flow_by_levels(project, [keys["AB"]])


def test_a_node_on_its_neighbour_would_leave_a_pipe_without_length(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    with pytest.raises(EditRefused, match="without length"):
        move_node(project, keys["A"], shapely.Point(PLACES["B"]))


def test_a_pipe_that_is_moved_stays_with_its_nodes(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(move_features(project, [keys["AB"]], 5, 5))
    coords = list(project.get(keys["AB"]).geometry.coords)
    assert coords == [PLACES["A"], PLACES["B"]]


def test_turning_and_scaling_take_pipes_along(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    about = shapely.Point(PLACES["A"])
    project.session.apply(rotate_features(project, [keys["A"], keys["B"]], 90, about))
    assert project.get(keys["B"]).geometry.coords[0] == pytest.approx((428_000, 4_528_030))
    assert project.get(keys["AB"]).geometry.coords[1] == pytest.approx((428_000, 4_528_030))
    assert project.get(keys["BC"]).geometry.coords[0] == pytest.approx((428_000, 4_528_030))
    project.session.apply(scale_features(project, [keys["A"], keys["B"]], 2, about))
    assert project.get(keys["B"]).geometry.coords[0] == pytest.approx((428_000, 4_528_060))
    with pytest.raises(ValueError, match="above 0"):
        scale_features(project, [keys["A"]], 0, about)


def test_a_copy_of_a_piece_of_network_hangs_together(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    change = copy_features(project, [keys["A"], keys["B"], keys["AB"], keys["BC"]], 0, -50)
    project.session.apply(change)
    copies = {c.after.values.get("kind"): c.after for c in change.changes if c.after}
    born = {c.key.uuid for c in change.changes}
    pipes = [c.after for c in change.changes if c.key.layer == "pipe_line"]
    assert len(copies) == 2
    assert all(pipe.values["pipe_no"] is None for pipe in pipes)
    assert {pipes[0].values["from_node"], pipes[0].values["to_node"]} < born
    assert pipes[1].values["to_node"] is None
    assert pipes[0].geometry.coords[0] == (428_000, 4_527_950)


def test_pasting_asks_for_the_right_kind_of_geometry(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    manhole = project.get(keys["A"])
    with pytest.raises(EditRefused, match="another kind"):
        paste_features(project, [replace(manhole, key=FeatureKey("park", "A"))])
    with pytest.raises(EditRefused, match="nothing"):
        paste_features(project, [])


def test_a_node_of_another_kind_keeps_its_pipes(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(change_kind(project, [keys["B"]], "pipe_point"))
    node = project.node(keys["B"].uuid)
    assert node is not None
    assert node.key.layer == "pipe_point"
    assert node.values["exp_no"] == "B"
    assert len(project.lines_ending_at(keys["B"].uuid)) == 2
    project.session.undo()
    assert project.node(keys["B"].uuid).key.layer == "manhole"


def test_points_are_put_in_a_row(project: Project, keys: dict[str, FeatureKey]) -> None:
    names = [keys[name] for name in "ABC"]
    project.session.apply(move_node(project, keys["C"], shapely.Point(428_060, 4_528_000)))
    project.session.apply(move_node(project, keys["B"], shapely.Point(428_020, 4_528_004)))
    project.session.apply(align_points(project, names))
    assert project.get(keys["B"]).geometry == shapely.Point(428_020, 4_528_000)
    assert project.get(keys["AB"]).geometry.coords[1] == (428_020, 4_528_000)
    project.session.apply(distribute_points(project, names))
    assert project.get(keys["B"]).geometry == shapely.Point(428_030, 4_528_000)
    with pytest.raises(EditRefused, match="three points"):
        align_points(project, names[:2])
