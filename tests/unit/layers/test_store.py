from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.errors import StoreConflict
from hjgis.layers import row_writing, writing
from hjgis.layers.project import Project
from hjgis.models.changes import (
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
)
from hjgis.models.query import Condition
from tests.network import PLACES, build


def many_manholes(count: int) -> BulkInsert:
    east = 428_000 + np.arange(count, dtype=float)
    points = shapely.points(east, np.full(count, 4_528_000.0))
    return BulkInsert("manhole", points, {"exp_no": [f"M{n}" for n in range(count)]})


def rtree_boxes(project: Project, layer: str) -> set[tuple[float, ...]]:
    connection = sqlite3.connect(project.path)
    rows = set(connection.execute(f"SELECT id, minx, maxx FROM rtree_{layer}_geom"))
    connection.close()
    return rows


def test_a_stored_feature_reads_back_with_every_value_and_its_z(project: Project) -> None:
    values = {"exp_no": "WS1", "ground_elev_m": 1038.123, "smart": True, "cover_size_mm": 700}
    change = add_feature(project, "manhole", shapely.Point(428_000.1, 4_528_000.2, 1038.1), values)
    project.session.apply(change)

    stored = project.get(change.changes[0].key)

    assert shapely.get_coordinates(stored.geometry, include_z=True).tolist() == [
        [428_000.1, 4_528_000.2, 1038.1]
    ]
    assert {name: stored.values[name] for name in values} == values
    assert stored.values["smart"] is True
    assert set(stored.values) == set(project.asset_type("manhole").field_names)


def test_a_change_is_refused_when_its_before_is_not_what_is_stored(project: Project) -> None:
    key = build(project)["A"]
    stale = project.get(key)
    project.session.apply(set_values(project, [key], {"exp_no": "A2"}))
    start = project.content_sha256()

    with pytest.raises(StoreConflict, match="exp_no"):
        project.session.apply(ChangeSet("t", (Change(stale, stale.with_values(exp_no="A3")),)))

    assert project.content_sha256() == start


def test_a_change_set_is_stored_whole_or_not_at_all(project: Project) -> None:
    keys = build(project)
    start = project.content_sha256()
    good = set_values(project, [keys["A"]], {"exp_no": "A2"}).changes
    lost = Feature(FeatureKey("manhole", "nobody"), None, {})

    with pytest.raises(StoreConflict, match="no longer stored"):
        project.session.apply(ChangeSet("t", (*good, Change(lost, None))))

    assert project.content_sha256() == start


def test_the_same_identity_twice_is_refused(project: Project) -> None:
    key = build(project)["A"]
    twin = Feature(key, shapely.Point(1, 2), {})
    with pytest.raises(StoreConflict, match=key.uuid):
        project.session.apply(ChangeSet("t", (Change(None, twin),)))


def test_an_identity_is_unique_over_both_kinds_of_node(project: Project) -> None:
    key = build(project)["A"]
    twin = Feature(FeatureKey("pipe_point", key.uuid), shapely.Point(1, 2), {})
    with pytest.raises(StoreConflict, match="Two nodes"):
        project.session.apply(ChangeSet("t", (Change(None, twin),)))


def test_a_pipe_cannot_name_a_node_that_is_not_there(project: Project) -> None:
    keys = build(project)
    with pytest.raises(StoreConflict, match="node that is not there"):
        project.session.apply(set_values(project, [keys["AB"]], {"from_node": "nobody"}))


def test_a_node_with_pipes_cannot_go_alone(project: Project) -> None:
    keys = build(project)
    node = project.get(keys["B"])
    with pytest.raises(StoreConflict, match="node that is not there"):
        project.session.apply(ChangeSet("t", (Change(node, None),)))


def test_an_unknown_field_is_refused(project: Project) -> None:
    feature = Feature(FeatureKey("manhole", "u"), None, {"colour": "red"})
    with pytest.raises(StoreConflict, match="colour"):
        project.session.apply(ChangeSet("t", (Change(None, feature),)))


def test_a_geometry_of_another_type_is_refused(project: Project) -> None:
    feature = Feature(FeatureKey("manhole", "u"), shapely.LineString([(0, 0), (1, 1)]), {})
    with pytest.raises(StoreConflict, match="Point, not LineString"):
        project.session.apply(ChangeSet("t", (Change(None, feature),)))


def test_a_layer_finds_what_is_in_an_extent_after_a_move(project: Project) -> None:
    keys = build(project)
    project.session.apply(move_node(project, keys["C"], shapely.Point(429_000, 4_529_000)))

    found = project.within("manhole", (428_900, 4_528_900, 429_100, 4_529_100))

    assert [feature.key for feature in found] == [keys["C"]]
    assert project.extent("manhole")[2] == pytest.approx(429_000, abs=0.1)


def test_lines_are_found_by_the_identity_of_their_node(project: Project) -> None:
    keys = build(project)
    found = project.lines_ending_at(keys["B"].uuid)
    assert {line.key for line in found} == {keys["AB"], keys["BC"]}


@pytest.mark.parametrize("count", [10, writing.BULK_ROWS + 10], ids=["few", "many"])
def test_a_bulk_insert_is_indexed_and_one_undo(project: Project, count: int) -> None:
    start = project.content_sha256()
    announcement = project.session.apply(ChangeSet("import", bulk=(many_manholes(count),)))

    assert project.count("manhole") == count
    assert len(announcement.layers["manhole"].inserted) == count
    last = 428_000 + count - 1
    found = project.within("manhole", (last - 0.2, 4_527_999, last + 0.2, 4_528_001))
    assert [feature.values["exp_no"] for feature in found] == [f"M{count - 1}"]

    project.session.undo()

    assert project.content_sha256() == start
    assert not rtree_boxes(project, "manhole")


def test_a_large_delete_is_parked_and_comes_back(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_writing, "PARK_ROWS", 50)
    project.session.apply(ChangeSet("import", bulk=(many_manholes(200),)))
    start, boxes = project.content_sha256(), rtree_boxes(project, "manhole")
    table = project.table("manhole", [])

    project.session.apply(
        ChangeSet("t", bulk=(BulkDelete("manhole", table.fids[20:180], table.uuids[20:180]),))
    )
    assert project.count("manhole") == 40
    assert project.session.undo().layers["manhole"].inserted.tolist() == list(range(21, 181))

    assert project.content_sha256() == start
    assert rtree_boxes(project, "manhole") == boxes
    project.session.redo()
    assert project.count("manhole") == 40
    project.session.undo()
    assert project.content_sha256() == start


def test_of_a_large_delete_only_long_runs_are_parked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_writing, "PARK_ROWS", 50)
    project.session.apply(ChangeSet("import", bulk=(many_manholes(300),)))
    start, boxes = project.content_sha256(), rtree_boxes(project, "manhole")
    table = project.table("manhole", [])
    going = np.r_[0:120:2, 130:180, 190:300:3]

    gone = BulkDelete("manhole", table.fids[going], table.uuids[going].tolist())
    told = project.session.apply(ChangeSet("t", bulk=(gone,)))
    assert sorted(told.layers["manhole"].deleted.tolist()) == table.fids[going].tolist()
    assert project.count("manhole") == 300 - len(going)
    assert len(rtree_boxes(project, "manhole")) == 300 - len(going)
    with sqlite3.connect(project.path) as connection:
        parked = connection.execute(
            "SELECT fid_lo, fid_hi FROM hjgis_change_range WHERE parked NOTNULL"
        ).fetchall()
    connection.close()
    assert parked == [(131, 180)]

    project.session.undo()
    assert project.content_sha256() == start
    assert rtree_boxes(project, "manhole") == boxes
    project.session.redo()
    assert project.count("manhole") == 300 - len(going)
    project.session.undo()
    assert project.content_sha256() == start


def test_a_batch_edit_is_one_undo_and_verifies_what_was_there(project: Project) -> None:
    project.session.apply(ChangeSet("import", bulk=(many_manholes(100),)))
    start = project.content_sha256()
    fids = project.table("manhole", []).fids
    new = {"state": ["完好"] * 100}

    wrong = BulkUpdate("manhole", fids, new, {"state": ["破损"] * 100})
    with pytest.raises(StoreConflict, match="changed meanwhile"):
        project.session.apply(ChangeSet("t", bulk=(wrong,)))
    project.session.apply(
        ChangeSet("t", bulk=(BulkUpdate("manhole", fids, new, {"state": [None] * 100}),))
    )
    assert set(project.table("manhole", ["state"]).columns["state"]) == {"完好"}

    project.session.undo()
    assert project.content_sha256() == start


def test_a_place_that_was_missing_is_missing_again_after_undo(project: Project) -> None:
    feature = Feature(FeatureKey("manhole", "u1"), None, {"exp_no": "X"})
    project.session.apply(ChangeSet("t", (Change(None, feature),)))
    before = project.get(feature.key)
    project.session.apply(
        ChangeSet("t", (Change(before, before.with_geometry(shapely.Point(1, 2))),))
    )
    project.session.undo()
    assert project.get(feature.key).geometry is None


def test_a_restored_row_gets_its_old_row_number(project: Project) -> None:
    keys = build(project)
    fid = project.get(keys["A"]).fid
    project.session.apply(delete_features(project, [keys["A"]]))
    project.session.undo()
    assert project.get(keys["A"]).fid == fid


def test_conditions_select_and_sort_rows(project: Project) -> None:
    build(project)
    asked = [Condition("exp_no", "in", ("A", "C"))]
    fids = project.store.ordered_fids("manhole", asked, order=[("exp_no", True)])
    names = [project.store.features("manhole", [fid])[0].values["exp_no"] for fid in fids]
    assert names == ["C", "A"]


def test_a_read_of_columns_is_in_row_order_and_typed(project: Project) -> None:
    keys = build(project)
    project.session.apply(set_values(project, [keys["B"]], {"smart": False}))
    table = project.table("manhole", ["exp_no", "smart"])
    assert table.columns["exp_no"].tolist() == ["A", "B", "C"]
    assert table.columns["smart"].tolist() == [None, False, None]
    assert [(g.x, g.y) for g in table.geometry] == list(PLACES.values())


def test_an_announcement_names_rows_fields_and_the_place_before_and_after(project: Project) -> None:
    keys = build(project)
    heard = []
    project.session.listen(heard.append)
    project.session.apply(move_node(project, keys["A"], shapely.Point(427_990, 4_527_990)))

    delta = heard[0].layers["manhole"]
    assert delta.updated.tolist() == [1]
    assert delta.extent == (427_990, 4_527_990, *PLACES["A"])
    assert heard[0].layers["pipe_line"].geometry


def test_the_digest_knows_every_field_and_not_the_row_number(project: Project) -> None:
    keys = build(project)
    start = project.content_sha256()
    project.session.apply(set_values(project, [keys["A"]], {"remarks": "x"}))
    assert project.content_sha256() != start


def test_a_copy_that_the_disk_has_no_room_for_leaves_nothing_that_looks_like_one(
    project: Project, tmp_path: Path
) -> None:
    code = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from hjgis.errors import ProjectError
        from hjgis.layers.project import Project
        with Project.open(Path(sys.argv[1]), write=False) as project:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
            try:
                project.store.save_copy(Path(sys.argv[2]))
            except ProjectError as error:
                print(error)
    """)
    target = tmp_path / "backups" / "copy.gpkg"
    target.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, project.path, target],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "copy.gpkg" in done.stdout
    assert list(target.parent.iterdir()) == []
