from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from hjgis.edits.attributes import set_values
from hjgis.errors import ProjectError, StoreConflict
from hjgis.layers import media
from hjgis.layers.archive import Cut
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.attachments import LAYER, Content
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.progress import SILENT
from tests import network


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return network.build(project)


def attached(project: Project, key: FeatureKey, content: Content, name: str = "a.jpg") -> ChangeSet:
    values = project.asset_type(LAYER).empty_values() | {
        "asset_layer": key.layer,
        "asset_uuid": key.uuid,
        "sha256": content.sha256,
        "content_type": content.content_type,
        "file_name": name,
    }
    after = Feature(FeatureKey(LAYER, new_uuid()), None, values)
    return ChangeSet("edit.attach", (Change(None, after),), contents=(content,))


def stored(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


def test_a_content_is_stored_with_its_record_and_read_back(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    content = Content.of(b"picture" * 300_000, "image/jpeg", b"small")
    project.session.apply(attached(project, keys["A"], content))
    assert project.media.read(content.sha256) == b"picture" * 300_000
    assert project.media.previews([content.sha256, "none"]) == {content.sha256: b"small"}
    assert project.media.content_type(content.sha256) == "image/jpeg"
    assert project.media.stock() == media.Stock(1, 2_100_000)


def test_a_file_is_stored_as_it_is(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    source = tmp_path / "竣工图.pdf"
    source.write_bytes(b"%PDF-" + bytes(range(256)) * 20_000)
    content = Content.of(source, "application/pdf")
    project.session.apply(attached(project, keys["A"], content))
    project.media.save(content.sha256, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == source.read_bytes()
    assert not list(tmp_path.glob("*.part*"))


def test_the_same_content_attached_twice_is_stored_once(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    content = Content.of(b"one", "image/jpeg", b"small")
    for key in ("A", "B"):
        project.session.apply(attached(project, keys[key], content))
    assert project.media.stock() == media.Stock(1, 3)
    assert project.count(LAYER) == 2


def test_undo_detaches_and_redo_finds_the_content_again(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    start = project.content_sha256()
    content = Content.of(b"one", "image/jpeg")
    project.session.apply(attached(project, keys["A"], content))
    end = project.content_sha256()
    project.session.undo()
    assert project.content_sha256() == start
    assert project.media.unneeded() == media.Stock(0, 0)
    project.session.redo()
    assert project.content_sha256() == end
    assert project.media.read(content.sha256) == b"one"


def test_a_file_that_changes_meanwhile_leaves_no_trace(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    start = project.content_sha256()
    for later in (b"two", b"longer than before", b"", None):
        source = tmp_path / "a.jpg"
        source.write_bytes(b"one")
        content = Content.of(source, "image/jpeg")
        source.write_bytes(later) if later is not None else source.unlink()
        with pytest.raises(StoreConflict, match=r"a\.jpg was changed meanwhile"):
            project.session.apply(attached(project, keys["A"], content))
        assert project.content_sha256() == start
        assert project.media.stock() == media.Stock(0, 0)


def test_a_change_that_is_refused_leaves_no_content(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    content = Content.of(b"one", "image/jpeg")
    good = attached(project, keys["A"], content)
    stale = project.get(keys["B"]).with_values(exp_no="not this")
    change = ChangeSet("edit.attach", (*good.changes, Change(stale, None)), contents=(content,))
    with pytest.raises(StoreConflict):
        project.session.apply(change)
    assert project.media.stock() == media.Stock(0, 0)


def test_a_transaction_that_dies_in_the_middle_leaves_neither_record_nor_content(
    tmp_path: Path,
) -> None:
    path = tmp_path / "town.gpkg"
    Project.create(path).close()
    script = f"""
import os
from pathlib import Path
from hjgis.layers import media
from hjgis.layers.project import Project
from hjgis.models.attachments import Content
from hjgis.models.changes import FeatureKey
from tests.unit.layers.test_media import attached
project = Project.open(Path({str(path)!r}))
put = media.put
def dying(connection, contents):
    put(connection, contents)
    os._exit(9)
media.put = dying
content = Content.of(b"x" * 9_000_000, "image/jpeg", b"small")
project.session.apply(attached(project, FeatureKey("manhole", "of no one"), content))
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert done.returncode == 9, done.stderr
    with Project.open(path) as again:
        assert again.count(LAYER) == 0
        assert again.media.stock() == media.Stock(0, 0)


def test_contents_written_ahead_in_another_thread_are_there_for_the_change(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    start = project.content_sha256()
    contents = [Content.of(bytes([n]) * 5_000_000, "image/jpeg", b"p") for n in (1, 2)]
    worker = threading.Thread(target=media.stage, args=(project.path, contents, SILENT))
    worker.start()
    # Edits go on meanwhile.
    for name in ("one", "two", "three"):
        project.session.apply(set_values(project, [keys["A"]], {"exp_no": name}))
    worker.join()
    assert project.media.stock() == media.Stock(2, 10_000_000)
    assert project.store.adopt_foreign() is None
    assert project.media.unneeded().count == 2
    change = attached(project, keys["A"], contents[0])
    project.session.apply(change)
    assert project.media.unneeded().count == 1
    assert project.media.read(contents[0].sha256) == contents[0].source
    for _step in range(4):
        project.session.undo()
    assert project.content_sha256() == start


def test_reference_layers_have_media_too(project: Project, tmp_path: Path) -> None:
    field = Field("name", "text", {"zh_CN": "名称"}, "MC", "technical")
    asset = AssetType("shops", "reference", "Point", {"zh_CN": "商铺"}, (field,), "shops")
    project.session.apply(ChangeSet("import", new_layer=asset))
    path = project.path
    project.close()
    listed = stored(path, "SELECT base_table_name FROM gpkgext_relations")
    assert {("shops",), ("road",), ("manhole",)} <= set(listed)
    # Its view is known as one of ours.
    with Project.open(path) as again:
        assert not again.read_only


def test_clean_takes_out_only_what_nothing_needs(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    kept, gone = Content.of(b"kept", "image/jpeg", b"k"), Content.of(b"gone", "image/jpeg", b"g")
    project.session.apply(attached(project, keys["A"], kept))
    project.session.apply(attached(project, keys["B"], gone))
    project.session.undo()
    assert project.media.clean() == media.Stock(0, 0)
    last = project.history.entries()[0].id
    project.session.archive(Cut(last, len(project.history.entries()), 0, 0), tmp_path / "a.sqlite")
    assert project.media.unneeded() == media.Stock(1, 4)
    assert project.media.clean() == media.Stock(1, 4)
    assert project.media.stock() == media.Stock(1, 4)
    assert project.media.read(kept.sha256) == b"kept"
    assert project.media.previews([kept.sha256, gone.sha256]) == {kept.sha256: b"k"}
    with pytest.raises(ProjectError, match="take it from a backup"):
        project.media.read(gone.sha256)


def test_a_damaged_content_is_told(project: Project, keys: dict[str, FeatureKey]) -> None:
    content = Content.of(b"one", "image/jpeg")
    project.session.apply(attached(project, keys["A"], content))
    path = project.path
    project.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"UPDATE {media.TABLE} SET data = x'00'")
    with (
        Project.open(path) as again,
        pytest.raises(ProjectError, match="is damaged"),
    ):
        again.media.read(content.sha256)


def test_other_programs_list_what_belongs_to_which_feature(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    content = Content.of(b"one", "image/jpeg")
    for name in "AC":
        project.session.apply(attached(project, keys[name], content))
    path = project.path
    project.close()
    mapped = stored(path, "SELECT base_id, related_id FROM hjgis_media_of_manhole ORDER BY 1")
    fids = stored(path, "SELECT fid FROM manhole WHERE exp_no IN ('A', 'C') ORDER BY fid")
    assert mapped == [(fid, 1) for (fid,) in fids]
    relations = stored(
        path,
        "SELECT base_primary_column, related_table_name, related_primary_column, relation_name,"
        " mapping_table_name FROM gpkgext_relations WHERE base_table_name = 'manhole'",
    )
    assert relations == [("fid", "hjgis_media", "id", "media", "hjgis_media_of_manhole")]
    registered = {row[0] for row in stored(path, "SELECT table_name FROM gpkg_extensions")}
    mappings = {row[0] for row in stored(path, "SELECT mapping_table_name FROM gpkgext_relations")}
    assert {"gpkgext_relations", *mappings} <= registered


SYSTEM_PYTHON = Path("/usr/bin/python3")
ASK_GDAL = """
import sys
from osgeo import gdal
gdal.UseExceptions()
found = gdal.OpenEx(sys.argv[1])
print(*found.GetRelationshipNames())
about = found.GetRelationship("manhole_hjgis_media_media")
print(about.GetMappingTableName(), about.GetRelatedTableType())
from osgeo_utils.samples.validate_gpkg import check
check(sys.argv[1], warning_msg=print)
"""


def test_gdal_names_the_relations_and_its_validator_finds_nothing(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    if not SYSTEM_PYTHON.exists() or _run("-c", "import osgeo_utils").returncode:
        pytest.skip("GDAL's own Python is not installed")
    project.session.apply(attached(project, keys["A"], Content.of(b"one", "image/jpeg")))
    path = project.path
    project.close()
    done = _run("-c", ASK_GDAL, str(path))
    assert (done.returncode, done.stderr) == (0, "")
    names, about = done.stdout.splitlines()
    assert "pipe_line_hjgis_media_media" in names.split()
    assert about == "hjgis_media_of_manhole media"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SYSTEM_PYTHON, *arguments], capture_output=True, text=True, check=False)


def test_a_project_from_before_gets_its_tables_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "old.gpkg"
    with Project.create(path) as made:
        network.build(made)
        before = made.content_sha256()
    with closing(sqlite3.connect(path)) as file, file:
        views = file.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for (name,) in views:
            if name.startswith("hjgis_media"):
                file.execute(f"DROP VIEW {name}")
        for table in (media.TABLE, media.PREVIEWS, "gpkgext_relations", LAYER):
            file.execute(f"DROP TABLE {table}")
        file.execute("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_related_tables'")
        file.execute("DELETE FROM gpkg_extensions WHERE table_name = 'hjgis_preview'")
        file.execute(f"DELETE FROM hjgis_layer WHERE id = '{LAYER}'")
        for table in ("gpkg_contents", "gpkg_data_columns"):
            file.execute(f"DELETE FROM {table} WHERE table_name IN ('{LAYER}', '{media.TABLE}')")
        file.execute("UPDATE hjgis_project SET value = 'old' WHERE key = 'catalogue'")
    with Project.open(path) as opened:
        assert opened.content_sha256() == before
        key = FeatureKey("manhole", str(opened.table("manhole").uuids[0]))
        content = Content.of(b"one", "image/jpeg")
        opened.session.apply(attached(opened, key, content))
        assert opened.media.read(content.sha256) == b"one"
    with Project.open(path) as again:
        assert again.count(LAYER) == 1


def test_a_copy_a_backup_and_a_moved_file_hold_the_content(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    source = tmp_path / "camera" / "照片.jpg"
    source.parent.mkdir()
    source.write_bytes(b"one")
    content = Content.of(source, "image/jpeg")
    project.session.apply(attached(project, keys["A"], content))
    project.store.save_copy(tmp_path / "copy.gpkg")
    path = project.path
    project.close()
    assert str(tmp_path).encode() not in path.read_bytes()
    moved = tmp_path / "elsewhere" / "town.gpkg"
    moved.parent.mkdir()
    path.rename(moved)
    source.unlink()
    for file in (tmp_path / "copy.gpkg", moved):
        with Project.open(file) as opened:
            assert opened.media.read(content.sha256) == b"one"
