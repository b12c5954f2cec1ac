from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.move import move_node
from hjgis.errors import Cancelled, InputError, ProjectError, ProjectLocked, ReadOnlyProject
from hjgis.layers import safekeeping
from hjgis.layers.project import Project
from hjgis.layers.safekeeping import backup_folder
from hjgis.layers.search import SearchIndex
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import BulkInsert, Change, ChangeSet
from hjgis.models.records import usual_cycles
from hjgis.progress import SILENT
from tests.network import build


def test_a_new_project_has_every_layer_of_the_catalogue_but_the_optional_ones(
    project: Project,
) -> None:
    usual = {asset.id for asset in project.catalogue.types.values() if not asset.optional}
    assert {layer.id for layer in project.layers} == usual
    assert {asset.id for asset in project.more_kinds} == set(project.catalogue.types) - usual
    assert project.crs.text == "EPSG:4545"


def test_the_file_says_which_geopackage_it_is(project: Project) -> None:
    project.close()
    connection = sqlite3.connect(project.path)
    assert connection.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 10300
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    titles = dict(connection.execute("SELECT table_name, identifier FROM gpkg_contents"))
    assert titles["manhole"] == "窨井"
    connection.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a GeoPackage"),
        (b"PK\x03\x04 some archive" * 50, "not a GeoPackage"),
        (None, "no file"),
    ],
    ids=["empty", "archive", "missing"],
)
def test_what_is_no_geopackage_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "x.gpkg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProjectError, match=said):
        Project.open(path)
    assert content is None or path.read_bytes() == content


def test_a_foreign_geopackage_is_not_taken_for_a_project(tmp_path: Path) -> None:
    path = tmp_path / "other.gpkg"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="no hjgis project"):
        Project.open(path)
    assert path.read_bytes() == before


def test_a_newer_format_is_refused_and_left_alone(project: Project) -> None:
    project.close()
    connection = sqlite3.connect(project.path)
    connection.execute("UPDATE hjgis_project SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    before = project.path.read_bytes()
    with pytest.raises(ProjectError, match="newer hjgis"):
        Project.open(project.path)
    assert project.path.read_bytes() == before


@pytest.mark.parametrize(
    "damage_done",
    [
        "UPDATE hjgis_project SET value = 'x' WHERE key = 'schema_version'",
        "UPDATE hjgis_project SET value = NULL WHERE key = 'crs'",
        "DELETE FROM hjgis_project WHERE key = 'crs'",
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = CAST(x'43D6D0' AS TEXT) WHERE name = 'manhole'",
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = sql || CAST(x'202D2DD6D0' AS TEXT)"
        " WHERE name = 'hjgis_foreign_manhole_update'",
    ],
    ids=["version", "crs", "no crs", "words of SQLite", "trigger"],
)
def test_damage_that_is_no_damaged_page_is_said_too(project: Project, damage_done: str) -> None:
    project.close()
    with closing(sqlite3.connect(project.path)) as connection:
        connection.executescript(damage_done)
    with pytest.raises(ProjectError, match=r"damaged .*town\.backups"):
        Project.open(project.path)


def test_a_folder_that_cannot_be_written_is_said() -> None:
    with pytest.raises(ProjectError, match=r"town\.gpkg cannot be opened or made in /proc"):
        Project.create(Path("/proc/town.gpkg"))


def test_a_damaged_page_is_found_on_opening_and_the_backups_are_named(project: Project) -> None:
    build(project)
    project.close()
    damage(project)
    with pytest.raises(ProjectError, match=r"damaged .*town\.backups"):
        Project.open(project.path)


def damage(project: Project) -> None:
    """Overwrite the page in which the manholes begin."""
    data = bytearray(project.path.read_bytes())
    connection = sqlite3.connect(project.path)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='manhole'").fetchone()
    connection.close()
    start = (root[0] - 1) * 4096
    data[start : start + 2000] = b"\x5a" * 2000
    project.path.write_bytes(data)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be a large one."""
    monkeypatch.setattr("hjgis.layers.opening._LARGE_BYTES", 0)


def test_a_large_file_is_shown_at_once_and_written_only_after_the_check(
    project: Project, large: None
) -> None:
    build(project)
    project.close()
    with Project.open(project.path, checked_later=True) as opened:
        assert opened.count("manhole") == 3
        key = opened.store.features("manhole", [1])[0].key
        move = move_node(opened, key, shapely.Point(428_001, 4_528_001))
        for refused in (lambda: opened.session.apply(move), opened.session.undo):
            with pytest.raises(ReadOnlyProject, match="still being checked"):
                refused()
        with pytest.raises(ReadOnlyProject, match="still being checked"):
            opened.session.mark("now")
        opened.check(SILENT)
        opened.allow_edits()
        opened.session.apply(move)
        assert list(backup_folder(project.path).glob("*.gpkg"))


def test_damage_of_a_large_file_is_found_by_the_check(project: Project, large: None) -> None:
    project.close()
    damage(project)
    with Project.open(project.path, checked_later=True) as opened:
        with pytest.raises(ProjectError, match=r"damaged .*town\.backups"):
            opened.check(SILENT)
        opened.refuse_edits("damaged")
        assert opened.read_only
        assert opened.read_only_reason == "damaged"
        assert not list(backup_folder(project.path).glob("*.gpkg"))


def test_the_check_can_be_stopped(project: Project, large: None) -> None:
    class Stopped:
        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            raise Cancelled

    project.close()
    with Project.open(project.path, checked_later=True) as opened:
        with pytest.raises(Cancelled):
            opened.check(Stopped())
        assert not list(backup_folder(project.path).glob("*"))


def test_a_path_with_chinese_and_spaces_works(tmp_path: Path) -> None:
    folder = tmp_path / "住建局 资料#1%20?"
    folder.mkdir()
    path = folder / "陕坝 管线.gpkg"
    with Project.create(path) as made:
        build(made)
    with Project.open(path) as again:
        assert again.count("manhole") == 3


def test_an_existing_file_is_not_overwritten(project: Project) -> None:
    with pytest.raises(ProjectError, match="exists already"):
        Project.create(project.path)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:2263", "nonsense"])
def test_a_project_needs_a_projected_crs_in_metres(tmp_path: Path, crs: str) -> None:
    with pytest.raises(InputError):
        Project.create(tmp_path / "p.gpkg", crs)
    assert not (tmp_path / "p.gpkg").exists()


def test_a_projection_of_ones_own_is_kept(tmp_path: Path) -> None:
    text = "+proj=tmerc +lon_0=107.15 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    with Project.create(tmp_path / "p.gpkg", text) as made:
        assert made.crs.srs_id == 100_000
    with Project.open(tmp_path / "p.gpkg") as again:
        assert again.crs.central_meridian_deg == pytest.approx(107.15)


def test_a_second_writer_is_told_who_has_the_file(project: Project) -> None:
    with pytest.raises(ProjectLocked, match="tester"):
        Project.open(project.path)
    second = Project.open_or_read(project.path)
    assert second.read_only
    assert "tester" in (second.read_only_reason or "")
    second.close()


def test_the_right_to_write_ends_with_the_process(project: Project) -> None:
    project.close()
    code = (
        "import os, sys; from pathlib import Path; from hjgis.layers.project import Project;"
        "Project.open(Path(sys.argv[1])); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(project.path)], check=False)
    Project.open(project.path).close()


def test_a_file_that_cannot_be_written_opens_for_reading(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project)
    project.close()

    def refuse(path: Path, _: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("hjgis.layers.opening.WriterLock", refuse)
    with pytest.raises(ReadOnlyProject):
        Project.open(project.path)
    with Project.open_or_read(project.path) as reader:
        assert reader.count("manhole") == 3
        assert "access to it is not allowed" in (reader.read_only_reason or "")


def test_a_full_disk_leaves_the_project_as_it_was(project: Project) -> None:
    keys = build(project)
    start = project.content_sha256()
    project._db.execute("PRAGMA max_page_count = 1")
    from hjgis.edits.attributes import set_values

    with pytest.raises(ProjectError, match="disk is full"):
        project.session.apply(set_values(project, [keys["A"]], {"remarks": "x" * 5_000_000}))
    assert project.content_sha256() == start


@pytest.mark.parametrize("room", [1, 40, 160])
def test_a_disk_that_fills_up_in_the_middle_of_a_batch_leaves_nothing_of_it(
    project: Project, room: int
) -> None:
    keys = build(project)
    start, history = project.content_sha256(), project.history.entries()
    count = 3000
    places = shapely.points(428_000 + np.arange(count), np.full(count, 4_528_500.0))
    batch = ChangeSet(
        "edit.add",
        (Change(project.get(keys["A"]), None), Change(project.get(keys["AB"]), None)),
        (BulkInsert("street_lamp", places, {"remarks": ["x" * 200] * count}),),
        params={"count": count, "layer": "street_lamp"},
    )
    pages = project._db.execute("PRAGMA page_count").fetchone()[0]
    project._db.execute(f"PRAGMA max_page_count = {pages + room}")
    with pytest.raises(ProjectError, match="disk is full"):
        project.session.apply(batch)
    assert project.content_sha256() == start
    assert project.history.entries() == history
    project._db.execute("PRAGMA max_page_count = 1000000")
    project.session.apply(batch)
    assert project.count("street_lamp") == count
    project.session.undo()
    assert project.content_sha256() == start


def test_an_unknown_trigger_stops_writing_but_not_reading(project: Project) -> None:
    project.close()
    connection = sqlite3.connect(project.path)
    connection.execute(
        "CREATE TRIGGER evil AFTER INSERT ON hjgis_change BEGIN DELETE FROM manhole; END"
    )
    connection.commit()
    connection.close()
    with pytest.raises(ReadOnlyProject, match="evil"):
        Project.open(project.path)
    with Project.open_or_read(project.path) as reader:
        assert "evil" in (reader.read_only_reason or "")


def test_a_field_that_the_catalogue_gained_is_added_on_opening(project: Project) -> None:
    keys = build(project)
    project.close()
    connection = sqlite3.connect(project.path)
    for trigger in ("insert", "update", "delete"):
        connection.execute(f"DROP TRIGGER hjgis_foreign_manhole_{trigger}")
    connection.execute("ALTER TABLE manhole DROP COLUMN exp_no")
    connection.execute("DELETE FROM code_list WHERE list = 'state'")
    connection.execute("UPDATE hjgis_project SET value = 'older' WHERE key = 'catalogue'")
    connection.commit()
    connection.close()
    with Project.open(project.path) as again:
        assert again.get(keys["A"]).values["exp_no"] is None
        doubled = again._db.execute(
            "SELECT constraint_name FROM gpkg_data_column_constraints"
            " WHERE constraint_type = 'range' GROUP BY constraint_name HAVING count(*) > 1"
        ).fetchall()
        assert not doubled
        codes = again._db.execute("SELECT code FROM code_list WHERE list = 'state'").fetchall()
        assert ("完好",) in codes
        again.session.undo()


def test_an_older_file_is_read_as_it_is_and_what_it_lacks_is_empty(project: Project) -> None:
    keys = build(project)
    project.close()
    connection = sqlite3.connect(project.path)
    for trigger in ("insert", "update", "delete"):
        connection.execute(f"DROP TRIGGER hjgis_foreign_manhole_{trigger}")
    connection.execute("ALTER TABLE manhole DROP COLUMN exp_no")
    views = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'hjgis_media_of_%'")
    for (view,) in views.fetchall():
        connection.execute(f"DROP VIEW {view}")
    for table in ("hjgis_media", "hjgis_preview", "hjgis_retired", "inspection", "attachment"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DELETE FROM hjgis_layer WHERE id IN ('inspection', 'attachment')")
    connection.execute("UPDATE hjgis_project SET value = 'older' WHERE key = 'catalogue'")
    connection.commit()
    connection.close()
    before = project.path.read_bytes()
    with Project.open(project.path, write=False) as reader:
        optional = {asset.id for asset in reader.more_kinds}
        assert set(reader.types) == set(reader.catalogue.types) - optional
        assert reader.get(keys["A"]).values["exp_no"] is None
        assert len(reader.within("manhole", reader.extent("manhole"))) == reader.count("manhole")
        assert reader.records_of([keys["A"].uuid]) == ()
        assert reader.media.previews(["0" * 64]) == {}
        assert not reader.media.has("0" * 64)
        assert reader.highest_serial("15082601001", range(1, 10)) is None
        assert len(reader.store.due(usual_cycles(), dt.date(2026, 1, 1)))
        found = SearchIndex(reader, project.path.parent / "cache")
        found.build()
        assert found.find("exp_no") == []
        with reader.reader() as second:
            assert second.get(keys["A"]) == reader.get(keys["A"])
    assert project.path.read_bytes() == before


def test_reading_never_changes_the_file(project: Project) -> None:
    build(project)
    project.close()
    before = project.path.read_bytes()
    with Project.open(project.path, write=False) as reader:
        reader.content_sha256()
    assert project.path.read_bytes() == before
    assert [path.name for path in project.path.parent.iterdir()] == ["town.gpkg"]


def test_a_stored_edit_outlasts_a_power_cut(durable: None, tmp_path: Path) -> None:
    full = (2,)
    with Project.create(tmp_path / "p.gpkg") as made:
        assert made._db.execute("PRAGMA synchronous").fetchone() == full
    with Project.open(tmp_path / "p.gpkg") as opened:
        assert opened._db.execute("PRAGMA synchronous").fetchone() == full


def test_a_copy_is_a_sound_project(project: Project, tmp_path: Path) -> None:
    build(project)
    project.store.save_copy(tmp_path / "copy.gpkg")
    with Project.open(tmp_path / "copy.gpkg") as copy:
        assert copy.content_sha256() == project.content_sha256()


def test_backups_roll_and_keep_to_their_caps(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project)
    monkeypatch.setattr(safekeeping, "_due", lambda *_: True)
    monkeypatch.setattr(safekeeping, "KEPT_BACKUPS", 3)
    folder = safekeeping.backup_folder(project.path)
    folder.mkdir()
    for day in range(1, 6):
        (folder / f"town-2020010{day}-000000.gpkg").write_bytes(b"old")

    made = safekeeping.back_up(project.path, project._db)

    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["town-20200104-000000.gpkg", "town-20200105-000000.gpkg", made.name]
    with Project.open(made, write=False) as copy:
        assert copy.count("manhole") == 3


def test_a_backup_is_made_on_opening_what_was_changed_long_ago(project: Project) -> None:
    build(project)
    project.close()
    Project.open(project.path).close()
    folder = safekeeping.backup_folder(project.path)
    assert len(list(folder.iterdir())) == 1
    Project.open(project.path).close()
    assert len(list(folder.iterdir())) == 1


def test_a_layer_of_ones_own_is_there_again_after_opening(project: Project) -> None:
    fields = (Field("name", "text", {"zh_CN": "名称"}, "NAME", "technical"),)
    own = AssetType("ditches", "reference", "MultiLineString", {"zh_CN": "沟渠"}, fields, "ditches")
    project.session.apply(ChangeSet("import", new_layer=own))
    project.close()
    with Project.open(project.path) as again:
        assert again.asset_type("ditches").label == {"zh_CN": "沟渠"}
        assert again.layers[0].id == "ditches"


def test_a_clock_that_was_once_in_the_future_does_not_end_the_backups(project: Project) -> None:
    build(project)
    folder = backup_folder(project.path)
    folder.mkdir(exist_ok=True)
    ahead = folder / f"{project.path.stem}-20990101-080000.gpkg"
    project.store.save_copy(ahead)
    os.utime(ahead, (4_070_908_800, 4_070_908_800))
    made = safekeeping.back_up(project.path, project._db)
    assert made is not None
    assert made.stat().st_size > 0
    assert safekeeping.back_up(project.path, project._db) is None
