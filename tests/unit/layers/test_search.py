from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis import paths
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.layers import search_file, search_reading
from hjgis.layers.geometry_blob import register_functions
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import BulkInsert, ChangeSet, FeatureKey
from hjgis.progress import SILENT

TOILETS = ["示例公厕01", "人民路公厕", "公园ＷＣ", "𠮷野公厕", "N-7"]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "town.gpkg") as project:
        add(project, TOILETS)
        yield project


def add(project: Project, names: list[str], layer: str = "toilet") -> None:
    points = np.array([shapely.Point(428_000 + i, 4_528_000) for i in range(len(names))])
    columns = {"component_name": names, "road_name": ["人民路"] * len(names)}
    project.session.apply(ChangeSet("edit.add", bulk=(BulkInsert(layer, points, columns),)))


def keys(project: Project, layer: str = "toilet") -> list[FeatureKey]:
    return [FeatureKey(layer, uuid) for uuid in project.table(layer, [], geometry=False).uuids]


def index(project: Project, folder: Path, *, built: bool = True) -> SearchIndex:
    result = SearchIndex(project, folder)
    project.session.listen(result.follow)
    if built:
        result.build()
    return result


def names(project: Project, found: SearchIndex, text: str) -> list[str]:
    fids = found.fids("toilet", text)
    assert fids is not None
    table = project.table("toilet", ["component_name"], fids=fids.tolist(), geometry=False)
    return list(table.columns["component_name"])


def test_nothing_is_found_before_anything_is_read(town: Project, tmp_path: Path) -> None:
    found = index(town, tmp_path, built=False)
    assert not found.is_ready
    assert found.wants_work
    assert found.fids("toilet", "公厕") is None
    assert found.find("公厕") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("公厕", [0, 1, 3]),
        ("厕", [0, 1, 3]),
        ("gc", [0, 1, 3]),
        ("wc", [2]),
        ("ＷＣ", [2]),
        ("𠮷", [3]),
        ("n7", [4]),
        ("rm", [0, 1, 2, 3, 4]),
        ("人民 示例", [0]),
        ("没有", []),
        ("x" * 10_000, []),
        ("مرحبا", []),
    ],
)
def test_rows_are_found_by_any_part_of_their_texts(
    town: Project, tmp_path: Path, text: str, wanted: list[int]
) -> None:
    assert names(town, index(town, tmp_path), text) == [TOILETS[row] for row in wanted]


@pytest.mark.parametrize("text", ["", "  ", "*", '"', "😀", "\0", "()%_"])
def test_signs_alone_are_nothing_to_search_for(town: Project, tmp_path: Path, text: str) -> None:
    found = index(town, tmp_path)
    assert found.fids("toilet", text) is None
    assert found.find(text) == []


def test_a_hit_says_what_it_is_and_where(town: Project, tmp_path: Path) -> None:
    hit = index(town, tmp_path).find("示例")[0]
    assert (hit.layer, hit.fid, hit.title, hit.place) == ("toilet", 1, "示例公厕01", "人民路")
    assert hit.uuid == keys(town)[0].uuid


def test_a_hit_says_which_other_field_was_met(town: Project, tmp_path: Path) -> None:
    town.session.apply(set_values(town, keys(town)[:1], {"remarks": "门锁坏"}))
    hit = index(town, tmp_path).find("门锁")[0]
    assert (hit.field, hit.matched) == ("remarks", "门锁坏")


def test_the_best_comes_first(town: Project, tmp_path: Path) -> None:
    add(town, ["公厕", "公厕南"])
    titles = [hit.title for hit in index(town, tmp_path).find("公厕")]
    assert titles[:2] == ["公厕", "公厕南"]


def test_counts_are_of_all_and_hits_are_as_many_as_asked_for(town: Project, tmp_path: Path) -> None:
    (group,) = index(town, tmp_path).groups("公厕", 2)
    assert (group.layer, group.count, len(group.hits)) == ("toilet", 3, 2)


def test_edits_undo_and_redo_are_followed(town: Project, tmp_path: Path) -> None:
    found = index(town, tmp_path)
    town.session.apply(set_values(town, keys(town)[:1], {"component_name": "东关厕所"}))
    assert names(town, found, "东关") == ["东关厕所"]
    assert names(town, found, "示例") == []
    town.session.apply(delete_features(town, keys(town)[:1]))
    assert names(town, found, "东关") == []
    town.session.undo()
    assert names(town, found, "东关") == ["东关厕所"]
    town.session.undo()
    assert names(town, found, "东关") == []
    assert names(town, found, "示例") == ["示例公厕01"]
    town.session.redo()
    assert names(town, found, "东关") == ["东关厕所"]
    assert not found.wants_work


def test_a_large_change_is_read_in_the_background_and_not_searched_until_then(
    town: Project, tmp_path: Path
) -> None:
    found = index(town, tmp_path)
    add(town, [f"新公厕{i}" for i in range(500)])
    assert found.fids("toilet", "新") is None
    assert found.wants_work
    work = found.work()
    # While it is being read, somebody edits on.
    town.session.apply(set_values(town, keys(town)[-1:], {"component_name": "老公厕"}))
    found.take(work(SILENT, None))
    assert found.is_ready
    assert len(names(town, found, "新")) == 499
    assert names(town, found, "老") == ["老公厕"]
    town.session.undo()
    assert len(names(town, found, "新")) == 500


def test_the_next_start_reads_only_what_was_changed_since(
    town: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(town, [f"公厕{i}" for i in range(200)])
    index(town, tmp_path)
    town.session.apply(set_values(town, keys(town)[:1], {"component_name": "东关厕所"}))
    read = []
    parts = search_reading._Reading._parts
    monkeypatch.setattr(
        search_reading._Reading,
        "_parts",
        lambda self, asset, fids: read.append((asset.id, fids)) or parts(self, asset, fids),
    )
    again = index(town, tmp_path)
    assert [(layer, None if fids is None else fids.tolist()) for layer, fids in read] == [
        ("toilet", [1])
    ]
    assert names(town, again, "东关") == ["东关厕所"]
    assert names(town, again, "示例") == []


@pytest.mark.parametrize("fault", ["cut", "flipped", "foreign", "version", "empty", "head"])
def test_a_cache_that_is_damaged_or_of_another_version_is_made_anew(
    town: Project, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(town, tmp_path)
    (file,) = (tmp_path / "search").glob("*.idx")
    raw = bytearray(file.read_bytes())
    if fault == "version":
        monkeypatch.setattr(search_file, "VERSION", 99)
    elif fault == "head":
        raw[raw.index(b'"head"') + 11] ^= 1
    elif fault == "flipped":
        raw[-100] ^= 0xFF
    file.write_bytes(
        {"cut": raw[:-70], "foreign": b"\0" * 500, "empty": b""}.get(fault, bytes(raw))
    )
    paths.untold_damage()
    assert search_file.load(file) is None
    aside = file.with_name(f"{file.name}.damaged")
    assert paths.untold_damage() == (() if fault == "version" else (aside,))
    found = index(town, tmp_path)
    assert names(town, found, "公厕") == ["示例公厕01", "人民路公厕", "𠮷野公厕"]


def test_where_nothing_can_be_kept_all_is_found_all_the_same(town: Project, tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file where the folder should be")
    assert len(names(town, index(town, tmp_path), "公厕")) == 3


def test_a_disk_that_is_full_leaves_nothing_half_written(
    town: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(texts: object, file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(search_file, "_write", full)
    assert len(names(town, index(town, tmp_path), "公厕")) == 3
    assert list((tmp_path / "search").iterdir()) == []


def test_a_backup_that_was_put_in_place_is_searched_and_not_what_was_there_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "town.gpkg"
    with Project.create(path) as town:
        add(town, TOILETS)
        town.store.save_copy(tmp_path / "old.gpkg")
        town.session.apply(set_values(town, keys(town)[:1], {"component_name": "东关厕所"}))
        index(town, tmp_path)
    path.unlink()
    (tmp_path / "old.gpkg").rename(path)
    with Project.open(path) as town:
        assert names(town, index(town, tmp_path), "东关") == []
        # The journal counts on from the same number.
        town.session.apply(set_values(town, keys(town)[:1], {"component_name": "西关厕所"}))
    with Project.open(path) as town:
        assert names(town, index(town, tmp_path), "西关") == ["西关厕所"]


def test_two_copies_of_a_project_do_not_share_what_is_kept(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.gpkg") as town:
        add(town, TOILETS)
        town.store.save_copy(tmp_path / "b.gpkg")
        first = index(town, tmp_path)
        with Project.open(tmp_path / "b.gpkg") as other:
            other.session.apply(set_values(other, keys(other)[:1], {"component_name": "乙"}))
            second = index(other, tmp_path)
            assert names(other, second, "乙") == ["乙"]
            assert names(town, first, "乙") == []
    assert len(list((tmp_path / "search").glob("*.idx"))) == 2


def test_what_another_program_did_is_found_before_and_after_it_is_taken_up(
    tmp_path: Path,
) -> None:
    path = tmp_path / "town.gpkg"
    with Project.create(path) as town:
        add(town, TOILETS)
        index(town, tmp_path)
    other = sqlite3.connect(path)
    register_functions(other)
    other.execute("UPDATE toilet SET component_name = '东关厕所' WHERE fid = 1")
    other.execute("DELETE FROM toilet WHERE fid = 2")
    other.commit()
    other.close()
    with Project.open(path, write=False) as reader:
        found = index(reader, tmp_path)
        assert names(reader, found, "公厕") == ["𠮷野公厕"]
        assert names(reader, found, "东关") == ["东关厕所"]
    with Project.open(path) as town:
        found = index(town, tmp_path)
        assert names(town, found, "公厕") == ["𠮷野公厕"]
        assert names(town, found, "东关") == ["东关厕所"]


def test_a_layer_that_comes_is_searched_once_it_is_read(town: Project, tmp_path: Path) -> None:
    found = index(town, tmp_path)
    trees = AssetType(
        id="trees",
        kind="reference",
        geometry="Point",
        label={"en": "Trees", "zh_CN": "树"},
        fields=(Field("species", "text", {"en": "Species"}, "SPECIES", "identity"),),
        style="reference",
    )
    bulk = BulkInsert("trees", np.array([shapely.Point(0, 0)]), {"species": ["国槐"]})
    town.session.apply(ChangeSet("import", bulk=(bulk,), new_layer=trees))
    assert found.wants_work
    found.build()
    assert found.fids("trees", "国槐").tolist() == [1]
    town.session.undo()
    assert found.find("国槐") == []


def test_one_edit_is_followed_within_20_ms(town: Project, tmp_path: Path) -> None:
    add(town, [f"公厕{i}" for i in range(5000)])
    found = index(town, tmp_path)
    key = keys(town)[0]
    best = []
    for turn in range(5):
        announced = town.session.apply(set_values(town, [key], {"component_name": f"东关{turn}"}))
        started = time.process_time()
        found.follow(announced)
        best.append(time.process_time() - started)
    assert min(best) < 0.02


def test_values_are_found_with_how_many_rows_have_them(town: Project, tmp_path: Path) -> None:
    found = index(town, tmp_path)
    town.session.apply(set_values(town, keys(town)[:2], {"road_name": "人民东路"}))
    hits = found.values(["road_name"], "rm", 5)
    assert [(hit.layer, hit.value, hit.count) for hit in hits] == [
        ("toilet", "人民路", 3),
        ("toilet", "人民东路", 2),
    ]
    assert found.values(["road_name"], "没有", 5) == []


def test_a_layer_of_several_parts_is_searched_as_one(
    town: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_reading, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(search_reading, "_ROWS_A_PART", 6)
    add(town, [f"新公厕{i}" for i in range(20)])
    found = index(town, tmp_path)
    assert len(names(town, found, "新")) == 20
    (group,) = found.groups("新", 30)
    assert (group.count, len(group.hits)) == (20, 20)
    (road,) = found.values(["road_name"], "人民", 3)
    assert road.count == 25
    town.session.apply(set_values(town, keys(town)[-2:], {"component_name": "老公厕"}))
    found.build()
    assert len(names(town, found, "新")) == 18
    assert names(town, found, "老") == ["老公厕", "老公厕"]


def test_whoever_only_reads_finds_what_the_writer_stored_meanwhile(
    town: Project, tmp_path: Path
) -> None:
    with town.reader() as reader:
        found = index(reader, tmp_path)
        assert not found.wants_work
        town.session.apply(set_values(town, keys(town)[:1], {"component_name": "东关厕所"}))
        found.look_again()
        assert found.wants_work
        found.build()
        assert names(reader, found, "东关") == ["东关厕所"]
        assert names(reader, found, "示例") == []


def test_history_that_is_archived_takes_nothing_from_the_search(
    town: Project, tmp_path: Path
) -> None:
    index(town, tmp_path)
    town.history.forget()
    found = index(town, tmp_path)
    assert len(names(town, found, "公厕")) == 3
    town.session.apply(set_values(town, keys(town)[:1], {"component_name": "东关厕所"}))
    assert names(town, found, "东关") == ["东关厕所"]
    assert names(town, index(town, tmp_path), "东关") == ["东关厕所"]


def test_an_edit_that_joined_the_latest_change_is_found_after_reading_again(
    town: Project, tmp_path: Path
) -> None:
    found = index(town, tmp_path, built=False)
    key = keys(town)[0]
    first = town.session.apply(set_values(town, [key], {"component_name": "东门公厕"}))
    found.build()
    edit = set_values(town, [key], {"component_name": "西门公厕"})
    assert town.session.apply(edit, joins=first.change_id).change_id == first.change_id
    found.build()
    assert names(town, found, "西门") == ["西门公厕"]
    assert names(town, found, "东门") == []
    kept = index(town, tmp_path)
    assert names(town, kept, "西门") == ["西门公厕"], "the cache is of before the edit"


def test_an_edit_that_joined_while_the_cache_was_written_is_found_at_the_next_start(
    town: Project, tmp_path: Path
) -> None:
    key = keys(town)[0]
    first = town.session.apply(set_values(town, [key], {"component_name": "东门公厕"}))
    index(town, tmp_path)
    edit = set_values(town, [key], {"component_name": "西门公厕"})
    town.session.apply(edit, joins=first.change_id)
    assert names(town, index(town, tmp_path), "西门") == ["西门公厕"]


def test_a_cache_whose_use_cannot_be_noted_is_used_all_the_same(
    town: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(town, tmp_path)
    (file,) = (tmp_path / "search").glob("*.idx")

    def refused(*_args: object, **_facts: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(search_file.os, "utime", refused)
    texts = search_file.load(file)
    assert texts is not None
    assert texts.head[0]
    assert file.exists()
