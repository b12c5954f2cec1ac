from __future__ import annotations

import pytest
import shapely

from hjgis.edits import shape
from hjgis.edits.add import add_feature
from hjgis.edits.vertices import VertexIndex, delete_vertices, insert_vertex, move_vertex
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from tests.network import PLACES, build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


def added(project: Project, layer: str, geometry: shapely.Geometry) -> FeatureKey:
    change = add_feature(project, layer, geometry)
    project.session.apply(change)
    return change.changes[0].key


def after(change: ChangeSet) -> shapely.Geometry:
    assert change.changes[0].after is not None
    return change.changes[0].after.geometry


# vertices


def test_a_vertex_that_a_node_holds_is_not_moved_without_letting_go(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    end, to = VertexIndex(0, 0, 1), (428_029.0, 4_528_003.0)
    with pytest.raises(EditRefused, match="node holds"):
        move_vertex(project, keys["AB"], end, to)
    change = move_vertex(project, keys["AB"], end, to, detach=True)
    project.session.apply(change)
    pipe = project.get(keys["AB"])
    assert pipe.geometry.coords[-1] == to
    assert pipe.values["to_node"] is None


def test_a_new_vertex_gets_its_level_from_its_neighbours(project: Project) -> None:
    key = added(project, "pipe_line", shapely.LineString([(0, 0, 10), (10, 0, 20)]))
    change = insert_vertex(project, key, VertexIndex(0, 0, 1), (4.0, 1.0))
    assert list(after(change).coords)[1] == pytest.approx((4.0, 1.0, 10 + 10 * 17**0.5 / 10))


def test_the_corner_that_closes_a_ring_moves_as_one(project: Project) -> None:
    key = added(project, "park", shapely.box(0, 0, 10, 10))
    for index in (0, 4):
        ring = after(move_vertex(project, key, VertexIndex(0, 0, index), (12.0, -1.0)))
        assert ring.geoms[0].exterior.is_closed
        assert ring.area == pytest.approx(115.0)


def test_an_area_does_not_cross_itself_and_keeps_three_corners(project: Project) -> None:
    key = added(project, "park", shapely.box(0, 0, 10, 10))
    with pytest.raises(EditRefused, match="cross itself"):
        move_vertex(project, key, VertexIndex(0, 0, 0), (5.0, 15.0))
    triangle = delete_vertices(project, key, [VertexIndex(0, 0, 0)])
    assert after(triangle).area == 50
    with pytest.raises(EditRefused):
        delete_vertices(project, key, [VertexIndex(0, 0, i) for i in (0, 1)])


def test_a_line_keeps_two_vertices(project: Project) -> None:
    key = added(project, "pipe_line", shapely.LineString([(0, 0), (5, 1), (9, 0)]))
    assert len(after(delete_vertices(project, key, [VertexIndex(0, 0, 1)])).coords) == 2
    with pytest.raises(EditRefused):
        delete_vertices(project, key, [VertexIndex(0, 0, i) for i in (0, 1)])


# forms


def test_a_line_takes_the_stretch_that_was_drawn(project: Project) -> None:
    key = added(project, "pipe_line", shapely.LineString([(0, 0), (30, 0)]))
    sketch = shapely.LineString([(10, -1), (10, 5), (20, 5), (20, -1)])
    assert list(after(shape.reshape(project, key, sketch)).coords) == [
        (0, 0), (10, 0), (10, 5), (20, 5), (20, 0), (30, 0)
    ]  # fmt: skip
    with pytest.raises(EditRefused, match="crosses the feature twice"):
        shape.reshape(project, key, shapely.LineString([(10, -1), (10, 5)]))


@pytest.mark.parametrize(
    ("drawn", "area"),
    [([(2, 9), (2, 15), (8, 15), (8, 9)], 130), ([(-1, 4), (11, 4)], 60)],
)
def test_an_area_is_reshaped_to_the_larger_outcome(
    project: Project, drawn: list[tuple[float, float]], area: float
) -> None:
    key = added(project, "park", shapely.box(0, 0, 10, 10))
    assert after(shape.reshape(project, key, shapely.LineString(drawn))).area == area


def test_a_free_end_is_prolonged_and_cut_at_an_edge(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    key = added(project, "pipe_line", shapely.LineString([(0, 0), (10, 0)]))
    edge = shapely.LineString([(14, -5), (14, 5)])
    longer = shape.extend_to(project, key, edge, shapely.Point(9, 1))
    assert after(longer).coords[-1] == (14, 0)
    cut = shape.trim_at(project, key, shapely.box(7, -5, 20, 5), shapely.Point(9, 1))
    assert list(after(cut).coords) == [(0, 0), (7, 0)]
    with pytest.raises(EditRefused, match="straight on"):
        shape.extend_to(project, key, shapely.LineString([(0, 5), (9, 5)]), shapely.Point(9, 1))
    with pytest.raises(EditRefused, match="node holds"):
        shape.extend_to(project, keys["AB"], edge, shapely.Point(PLACES["A"]))


def test_a_copy_aside_is_no_part_of_the_network(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    change = shape.offset_copy(project, keys["AB"], 2.0)
    copy = change.changes[0].after
    assert copy is not None
    assert list(copy.geometry.coords) == [(428_000, 4_528_002), (428_030, 4_528_002)]
    assert (copy.values["from_node"], copy.values["to_node"]) == (None, None)
    assert copy.values["pipe_no"] is None
    assert copy.values["kind"] == "WS"


def test_turning_round_changes_both_ends(project: Project, keys: dict[str, FeatureKey]) -> None:
    before = project.get(keys["AB"])
    project.session.apply(shape.reverse_lines(project, [keys["AB"]]))
    turned = project.get(keys["AB"])
    assert turned.values["from_node"] == before.values["to_node"]
    assert turned.geometry.coords[0] == before.geometry.coords[-1]
    project.session.apply(shape.reverse_lines(project, [keys["AB"]]))
    assert project.get(keys["AB"]) == before


def test_holes_and_pieces(project: Project) -> None:
    key = added(project, "park", shapely.box(0, 0, 10, 10))
    project.session.apply(shape.add_ring(project, key, shapely.box(2, 2, 4, 4)))
    assert project.get(key).geometry.area == 96
    with pytest.raises(EditRefused, match="inside"):
        shape.add_ring(project, key, shapely.box(8, 8, 14, 14))
    project.session.apply(shape.add_part(project, key, shapely.box(20, 0, 25, 5)))
    assert project.get(key).geometry.area == 121
    project.session.apply(shape.delete_ring(project, key, shapely.Point(3, 3)))
    assert project.get(key).geometry.area == 125
    with pytest.raises(EditRefused, match="no hole"):
        shape.delete_ring(project, key, shapely.Point(9, 9))
    project.session.apply(shape.delete_part(project, key, shapely.Point(24, 1)))
    assert project.get(key).geometry.area == 100
    with pytest.raises(EditRefused, match="one piece only"):
        shape.delete_part(project, key, shapely.Point(24, 1))


def test_simplifying_leaves_out_what_nobody_sees(project: Project) -> None:
    line = shapely.LineString([(0, 0), (5, 0.01), (10, 0), (10, 8)])
    key = added(project, "pipe_line", line)
    assert len(after(shape.simplify(project, [key], 0.1)).coords) == 3
    assert not shape.simplify(project, [key], 0.001)
