"""Random edits of a network: every pipe end lies on its node, and all can be taken back."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings, strategies

from hjgis.edits import (
    align,
    arrange,
    arrays,
    attributes,
    copying,
    delete,
    join,
    move,
    network,
    shape,
    split,
    vertices,
)
from hjgis.edits.add import add_feature
from hjgis.edits.restore import restore
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.layers.restoring import state_before
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.rows import Numbering, bay_forms

# More where somebody wants to know better.
STEPS = int(os.environ.get("HJGIS_TEST_STEPS", "250"))
PLACE = (428_000.0, 4_528_000.0)
NODE, PIPE, PARK, LAMP = "manhole", "pipe_line", "park", "street_lamp"


class Editor:
    """Draws and changes things at random; what is refused does nothing."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project, self.dice = project, random.Random(seed)
        self.done: dict[str, int] = {}

    def step(self) -> str:
        """Do one edit; return which."""
        kind = self.dice.choice(EDITS)
        before = self.project.content_sha256() if self.dice.random() < 0.02 else None
        try:
            change = kind(self)
        except EditRefused:
            return "refused"
        if not change:
            return "nothing"
        self.project.session.apply(change)
        self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
        if before is not None:
            self.project.session.undo()
            assert self.project.content_sha256() == before, kind.__name__
            self.project.session.redo()
        return kind.__name__

    # -- what is there ---------------------------------------------------------------

    def keys(self, layer: str, count: int = 1) -> list[FeatureKey]:
        """Return some features of a layer; fewer if there are not so many."""
        uuids = self.project.table(layer, [], geometry=False).uuids.tolist()
        chosen = self.dice.sample(uuids, min(count, len(uuids)))
        return [FeatureKey(layer, uuid) for uuid in chosen]

    def one(self, layer: str) -> FeatureKey:
        """Return a feature; refuse where there is none."""
        keys = self.keys(layer)
        if not keys:
            raise EditRefused
        return keys[0]

    def place(self, reach: float = 60.0) -> shapely.Point:
        """Return a place somewhere."""
        return shapely.Point(*(c + self.dice.uniform(-reach, reach) for c in PLACE))

    def line(self, count: int = 3) -> shapely.LineString:
        """Return a line somewhere."""
        return shapely.LineString([self.place() for _ in range(count)])

    def on(self, key: FeatureKey) -> shapely.Point:
        """Return a place on a line."""
        geometry = self.project.get(key).geometry
        assert geometry is not None
        return shapely.line_interpolate_point(geometry, self.dice.random(), normalized=True)


# -- the edits -----------------------------------------------------------------------


def add_node(e: Editor) -> ChangeSet:
    number = f"W{e.dice.randrange(10_000)}"
    return add_feature(e.project, NODE, e.place(), {"exp_no": number})


def draw_pipe(e: Editor) -> ChangeSet:
    ends = [e.project.get(key).geometry for key in e.keys(NODE, 2)]
    first = ends[0] if ends and e.dice.random() < 0.8 else e.place()
    last = ends[1] if len(ends) > 1 and e.dice.random() < 0.8 else e.place()
    line = shapely.LineString([first, e.place(), last])
    levels = {"start_elev_m": e.dice.uniform(1035, 1040), "end_elev_m": e.dice.uniform(1035, 1040)}
    values = {"kind": e.dice.choice(["WS", "YS"]), "length_m": 30.0, **levels}
    missing = e.dice.choice([NODE, "pipe_point", None])
    return network.draw_line(e.project, PIPE, line, values, missing_nodes=missing)


def add_park(e: Editor) -> ChangeSet:
    at = e.place()
    w, h = e.dice.uniform(5, 40), e.dice.uniform(5, 40)
    return add_feature(e.project, PARK, shapely.box(at.x, at.y, at.x + w, at.y + h))


def drag_node(e: Editor) -> ChangeSet:
    return move.move_node(e.project, e.one(NODE), e.place())


def move_some(e: Editor) -> ChangeSet:
    keys = [*e.keys(NODE, 2), *e.keys(PIPE, 2), *e.keys(PARK)]
    return move.move_features(e.project, keys, e.dice.uniform(-9, 9), e.dice.uniform(-9, 9))


def rotate_some(e: Editor) -> ChangeSet:
    keys = [*e.keys(NODE, 2), *e.keys(PARK)]
    return move.rotate_features(e.project, keys, e.dice.uniform(-180, 180), e.place())


def scale_some(e: Editor) -> ChangeSet:
    keys = [*e.keys(NODE, 2), *e.keys(PARK)]
    return move.scale_features(e.project, keys, e.dice.uniform(0.7, 1.4), e.place())


def delete_some(e: Editor) -> ChangeSet:
    return delete.delete_features(e.project, [*e.keys(NODE), *e.keys(PIPE)])


def split_pipe(e: Editor) -> ChangeSet:
    key = e.one(PIPE)
    return split.split_line(e.project, key, e.on(key))


def split_park(e: Editor) -> ChangeSet:
    return split.split_by(e.project, e.one(PARK), e.line(2))


def insert_node(e: Editor) -> ChangeSet:
    key = e.one(PIPE)
    return split.insert_node(e.project, key, e.on(key), NODE, {"exp_no": "N"})


def place_node(e: Editor) -> ChangeSet:
    key = e.one(PIPE)
    ends = [shapely.get_point(e.project.get(key).geometry, at) for at in (0, -1)]
    at = e.dice.choice([e.place(), e.on(key), *ends])
    return network.place_node(e.project, e.dice.choice([NODE, LAMP]), at)


def put_node_on(e: Editor) -> ChangeSet:
    return split.put_node_on(e.project, e.one(NODE), e.one(PIPE))


def take_node_out(e: Editor) -> ChangeSet:
    return join.remove_node(e.project, e.one(NODE))


def merge_parks(e: Editor) -> ChangeSet:
    return join.merge_features(e.project, e.keys(PARK, 2), {"park_name": "largest"})


def merge_pipes(e: Editor) -> ChangeSet:
    return join.merge_features(e.project, e.keys(PIPE, 2))


def some_vertex(e: Editor) -> ChangeSet:
    key = e.one(e.dice.choice([PIPE, PARK]))
    count = shapely.get_num_coordinates(e.project.get(key).geometry)
    index = vertices.VertexIndex(0, 0, e.dice.randrange(count))
    near = e.place()
    act = e.dice.randrange(4)
    if act == 0:
        return vertices.delete_vertices(e.project, key, [index])
    if act == 1:
        return vertices.insert_vertex(e.project, key, index, (near.x, near.y))
    detach = act == 2
    return vertices.move_vertex(e.project, key, index, (near.x, near.y), detach=detach)


def reshape(e: Editor) -> ChangeSet:
    return shape.reshape(e.project, e.one(e.dice.choice([PIPE, PARK])), e.line(4))


def longer_or_shorter(e: Editor) -> ChangeSet:
    key, near = e.one(PIPE), e.place()
    act = e.dice.choice([shape.extend_to, shape.trim_at])
    return act(e.project, key, e.line(2), near)


def offset(e: Editor) -> ChangeSet:
    return shape.offset_copy(e.project, e.one(e.dice.choice([PIPE, PARK])), e.dice.uniform(-3, 3))


def reverse(e: Editor) -> ChangeSet:
    return shape.reverse_lines(e.project, e.keys(PIPE, 2))


def simplify(e: Editor) -> ChangeSet:
    return shape.simplify(e.project, [*e.keys(PIPE, 2), *e.keys(PARK)], e.dice.uniform(0.1, 3))


def ring(e: Editor) -> ChangeSet:
    key = e.one(PARK)
    middle = shapely.point_on_surface(e.project.get(key).geometry)
    if e.dice.random() < 0.3:
        return shape.delete_ring(e.project, key, e.place())
    return shape.add_ring(e.project, key, middle.buffer(0.5))


def part(e: Editor) -> ChangeSet:
    at = e.place(90)
    if e.dice.random() < 0.3:
        return shape.delete_part(e.project, e.one(PARK), at)
    return shape.add_part(e.project, e.one(PARK), shapely.box(at.x, at.y, at.x + 4, at.y + 4))


def copy(e: Editor) -> ChangeSet:
    keys = [*e.keys(NODE, 2), *e.keys(PIPE, 2), *e.keys(PARK)]
    return copying.copy_features(e.project, keys, 3.0, 4.0)


def other_kind(e: Editor) -> ChangeSet:
    return copying.change_kind(e.project, e.keys(NODE), "pipe_point")


def in_a_row(e: Editor) -> ChangeSet:
    act = e.dice.choice([align.align_points, align.distribute_points])
    return act(e.project, e.keys(NODE, 4))


def connect(e: Editor) -> ChangeSet:
    end = e.dice.choice(["first", "last"])
    if e.dice.random() < 0.5:
        return network.connect_to_nearest(e.project, e.keys(PIPE, 2), 20.0)
    return network.connect(e.project, e.one(PIPE), end, e.one(NODE))


def disconnect(e: Editor) -> ChangeSet:
    return network.disconnect(e.project, e.one(PIPE), ["first", "last"])


def flow(e: Editor) -> ChangeSet:
    return network.flow_by_levels(e.project, e.keys(PIPE, 5))


def bays(e: Editor) -> ChangeSet:
    form = e.dice.choice(bay_forms())
    placed = arrays.bays_along(e.line(2), form, e.dice.choice(["left", "right"]), count=3)
    return arrays.add_row(e.project, "parking_bay", placed, numbering=Numbering("B", 1, 3))


def lamps(e: Editor) -> ChangeSet:
    sides = e.dice.choice(["left", "right", "both", "staggered"])
    placed = arrays.lamps_along(e.line(2), sides, spacing_m=15, offset_m=6)
    return arrays.add_row(e.project, LAMP, placed, numbering=Numbering("L", 1, 3))


def nodes(e: Editor) -> ChangeSet:
    return arrays.nodes_along(e.project, e.one(PIPE), NODE, spacing_m=e.dice.uniform(10, 40))


def node_on_node(e: Editor) -> ChangeSet:
    keys = e.keys(NODE, 2)
    if len(keys) < 2:
        raise EditRefused
    return join.join_nodes(e.project, *keys)


def node_leaves_its_pipes(e: Editor) -> ChangeSet:
    return move.move_node(e.project, e.one(NODE), e.place(), detach=True)


def remark(e: Editor) -> ChangeSet:
    keys = [*e.keys(NODE, 3)]
    return attributes.set_values(e.project, keys, {"remarks": str(e.dice.random())})


def bring_back(e: Editor) -> ChangeSet:
    key = e.one(e.dice.choice([NODE, PIPE, PARK]))
    history = e.project.history.entries(key)
    return restore(e.project, {key: state_before(e.project, key, e.dice.choice(history).id)})


def lock_or_shift_a_layer(e: Editor) -> ChangeSet:
    now, asset = e.project.arrangement, e.dice.choice(list(e.project.types.values()))
    if e.dice.random() < 0.5:
        return arrange.lock(now, asset, locked=asset.id not in now.locked)
    return arrange.reorder(now, asset, e.dice.sample(list(e.project.types), len(e.project.types)))


EDITS: tuple[Callable[[Editor], ChangeSet], ...] = (
    add_node, add_node, draw_pipe, draw_pipe, add_park, drag_node, move_some, rotate_some,
    scale_some, delete_some, delete_some, split_pipe, split_park, insert_node, place_node,
    put_node_on, take_node_out, merge_parks, merge_pipes, some_vertex, reshape, longer_or_shorter,
    offset,
    reverse, simplify, ring, part, copy, other_kind, in_a_row, connect, disconnect, flow, bays,
    lamps, nodes, node_on_node, node_leaves_its_pipes, remark, bring_back,
    lock_or_shift_a_layer,
)  # fmt: skip


def assert_whole(project: Project, after: str) -> None:
    """Every pipe end that has a node lies on it, and every geometry is valid."""
    places = {}
    for layer in (NODE, "pipe_point"):
        table = project.table(layer, [])
        places |= dict(zip(table.uuids.tolist(), table.geometry.tolist(), strict=True))
    pipes = project.table(PIPE, ["from_node", "to_node"])
    columns = (pipes.columns["from_node"].tolist(), pipes.columns["to_node"].tolist())
    for line, first, last in zip(pipes.geometry.tolist(), *columns, strict=True):
        assert line.length > 0, after
        for node, at in ((first, 0), (last, -1)):
            if node is not None:
                assert shapely.get_point(line, at).distance(places[node]) < 1e-6, after
    for layer in (PARK, "parking_bay"):
        assert shapely.is_valid(project.table(layer, []).geometry).all(), after


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_keep_the_network_whole_and_can_all_be_taken_back(seed: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "town.gpkg", operator="tester") as project,
    ):
        editor = Editor(project, seed)
        start = state(project)
        for _step in range(STEPS):
            assert_whole(project, editor.step())
        end = state(project)
        assert sum(editor.done.values()) > STEPS * 0.4
        while project.session.can_undo:
            project.session.undo()
        assert state(project) == start
        while project.session.can_redo:
            project.session.redo()
        assert state(project) == end


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project in which there is something of everything."""
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    with Project.create(path, operator="tester") as project:
        editor = Editor(project, 1)
        while len(editor.done) < len(set(EDITS)) - 2:
            editor.step()
        yield project


@pytest.mark.parametrize("kind", sorted(set(EDITS), key=lambda kind: kind.__name__))
@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=strategies.integers(0, 2**32 - 1))
def test_every_kind_of_edit_is_taken_back_to_the_last_bit(
    town: Project, kind: Callable[[Editor], ChangeSet], seed: int
) -> None:
    change = planned(Editor(town, seed), kind)
    before = state(town)
    town.session.apply(change)
    after = state(town)
    assert after != before
    for _time in range(2):
        town.session.undo()
        assert state(town) == before
        town.session.redo()
        assert state(town) == after
    town.session.undo()


def planned(editor: Editor, kind: Callable[[Editor], ChangeSet]) -> ChangeSet:
    """Return an edit of a kind; some are refused, as what they are to be done to is random."""
    for _try in range(1000):
        try:
            change = kind(editor)
        except EditRefused:
            continue
        if change:
            return change
    raise AssertionError(f"{kind.__name__} is always refused")


def state(project: Project) -> tuple[str, str]:
    """Return what tells whether two states are the same."""
    return project.content_sha256(), project.arrangement.text()
