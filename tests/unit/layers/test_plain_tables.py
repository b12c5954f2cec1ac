"""Tables without geometry in the project file."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from hjgis.errors import StoreConflict
from hjgis.layers.backups import compare
from hjgis.layers.columns import read_columns
from hjgis.layers.project import Project
from hjgis.layers.row_writing import PARK_ROWS
from hjgis.layers.writing import BULK_ROWS
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import (
    BulkDelete,
    BulkInsert,
    BulkUpdate,
    Change,
    ChangeSet,
    Feature,
    FeatureKey,
)
from hjgis.models.styles.stylefile import style_for

UNITS = AssetType(
    id="units",
    kind="reference",
    geometry="None",
    label={"zh_CN": "权属单位", "en": "owners"},
    fields=(
        Field("name", "text", {"zh_CN": "单位", "en": "unit"}, "F1", "technical"),
        Field("lamps", "integer", {"zh_CN": "盏数", "en": "lamps"}, "F2", "technical"),
    ),
    style="units",
    display="name",
)


def filled(project: Project, count: int) -> list[str]:
    columns = {"name": [f"环卫{n}队" for n in range(count)], "lamps": list(range(count))}
    bulk = BulkInsert("units", np.full(count, None, dtype=object), columns)
    project.session.apply(ChangeSet("import", bulk=(bulk,), new_layer=UNITS))
    return project.table("units", [], geometry=False).uuids.tolist()


def test_other_programs_list_it_as_a_table_without_geometry(project: Project) -> None:
    filled(project, 3)
    path = project.path
    project.close()
    listed = dict(pyogrio.list_layers(path).tolist())
    assert listed["units"] is None
    meta, _fids, geometry, data = pyogrio.raw.read(path, layer="units")
    assert geometry is None
    assert meta["fields"].tolist() == ["uuid", "name", "lamps"]
    assert data[1].tolist() == ["环卫0队", "环卫1队", "环卫2队"]
    file = sqlite3.connect(path)
    contents = "SELECT data_type, srs_id, min_x FROM gpkg_contents WHERE table_name = 'units'"
    assert file.execute(contents).fetchall() == [("attributes", None, None)]
    for table, where in (
        ("gpkg_geometry_columns", "table_name = 'units'"),
        ("gpkg_extensions", "table_name = 'units'"),
        ("sqlite_master", "name LIKE 'rtree_units%'"),
    ):
        assert file.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone() == (0,)
    styles = "SELECT f_geometry_column FROM layer_styles WHERE f_table_name = 'units'"
    assert file.execute(styles).fetchall() == [("",)]
    file.close()


def test_it_is_there_again_when_the_project_is_opened(project: Project) -> None:
    filled(project, 3)
    digest = project.content_sha256()
    project.close()
    with Project.open(project.path) as again:
        assert again.asset_type("units").geometry == "None"
        assert not again.asset_type("units").is_spatial
        assert [(i.geometry, i.count) for i in again.layers if i.id == "units"] == [("None", 3)]
        assert again.extent("units") is None
        assert again.within("units", (-1e9, -1e9, 1e9, 1e9)) == ()
        assert again.content_sha256() == digest


@pytest.mark.parametrize("count", [3, BULK_ROWS + 1, PARK_ROWS + 1])
def test_rows_come_change_and_go_and_undo_takes_it_back(project: Project, count: int) -> None:
    empty = project.content_sha256()
    uuids = filled(project, count)
    states = [empty, project.content_sha256()]
    first = project.get(FeatureKey("units", uuids[0]))
    assert first.geometry is None
    other = Feature(FeatureKey("units", "0190b0a8-0000-7000-8000-000000000001"), None, {"lamps": 7})
    fids = np.arange(1, count + 1)
    lamps = {"lamps": list(range(count))}
    steps = [
        ChangeSet("edit.fields", (Change(first, first.with_values(name="市政站")),)),
        ChangeSet("edit.add", (Change(None, other),)),
        ChangeSet("edit.fields", bulk=(BulkUpdate("units", fids, {"lamps": [5] * count}, lamps),)),
        ChangeSet("edit.delete", (Change(project.get(FeatureKey("units", uuids[1])), None),)),
    ]
    for step in steps[:3]:
        project.session.apply(step)
        states.append(project.content_sha256())
    project.session.apply(ChangeSet("edit.delete", bulk=(BulkDelete("units", fids, uuids),)))
    assert project.count("units") == 1
    while project.session.can_undo:
        project.session.undo()
        assert project.content_sha256() == states.pop()
    assert "units" not in project.types
    while project.session.can_redo:
        project.session.redo()
    assert project.count("units") == 1


def test_a_place_is_refused(project: Project) -> None:
    filled(project, 1)
    wrong = Feature(FeatureKey("units", "u"), shapely.Point(1, 2), {})
    with pytest.raises(StoreConflict, match="a table without geometry"):
        project.session.apply(ChangeSet("edit.add", (Change(None, wrong),)))


def test_on_the_map_its_rows_are_counted_and_none_has_a_place(project: Project) -> None:
    filled(project, 3)
    columns = read_columns(project.store, UNITS, style_for(UNITS))
    assert len(columns) == 0
    assert columns.extent() is None
    assert columns.skipped["empty"].tolist() == [1, 2, 3]


def test_what_differs_from_a_backup_is_found(project: Project, tmp_path: Path) -> None:
    uuids = filled(project, 3)
    project.store.save_copy(tmp_path / "backup.gpkg")
    first = project.get(FeatureKey("units", uuids[0]))
    project.session.apply(ChangeSet("e", (Change(first, first.with_values(name="市政站")),)))
    project.session.apply(
        ChangeSet("e", (Change(project.get(FeatureKey("units", uuids[1])), None),))
    )
    differing = compare(project, tmp_path / "backup.gpkg").layers["units"]
    assert (differing.changed, differing.deleted) == ((uuids[0],), (uuids[1],))


def test_what_another_program_does_to_it_is_taken_up_and_back(project: Project) -> None:
    filled(project, 3)
    before = project.content_sha256()
    path, copy = project.path, project.path.with_name("theirs.gpkg")
    project.close()
    shutil.copyfile(path, copy)
    with sqlite3.connect(copy) as file:
        file.execute("UPDATE units SET name = '改' WHERE fid = 1")
        file.execute("DELETE FROM units WHERE fid = 2")
        file.execute("INSERT INTO units (name) VALUES ('新')")
    file.close()
    with Project.open(copy) as again:
        names = again.table("units", ["name"], geometry=False).columns["name"].tolist()
        assert names == ["改", "环卫2队", "新"]
        again.session.undo()
        assert again.content_sha256() == before
