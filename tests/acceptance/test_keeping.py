"""What is recorded stays: photos wherever the project goes, ids whoever gives them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.layers.project import Project
from hjgis.models import numbering
from hjgis.models.changes import FeatureKey
from hjgis.models.numbering import NumberRange, store_ranges
from hjgis.ui.door import store
from tests.exported import export
from tests.network import build
from tests.photos import make_photo
from tests.test_cli import run

EACH = 200
X, Y = 428_000.0, 4_528_000.0


@pytest.fixture
def photographed(tmp_path: Path) -> tuple[Path, FeatureKey, bytes]:
    """A project with a photo, in a folder of its own; its asset and the photo's content."""
    folder = tmp_path / "first" / "place"
    folder.mkdir(parents=True)
    path = folder / "town.gpkg"
    with Project.create(path, operator="li") as project:
        key = build(project)["A"]
    photo = make_photo(tmp_path / "camera" / "a.jpg")
    assert run("attach", path, str(key), photo) == 0
    content = photo.read_bytes()
    shutil.rmtree(photo.parent)
    return path, key, content


def photo_of(path: Path, key: FeatureKey) -> bytes:
    with Project.open(path, write=False) as project:
        table = project.table("attachment")
        assert list(table.columns["asset_uuid"]) == [key.uuid]
        return project.media.read(str(table.columns["sha256"][0]))


def test_photos_go_where_the_project_goes(
    photographed: tuple[Path, FeatureKey, bytes], tmp_path: Path
) -> None:
    path, key, content = photographed
    moved = tmp_path / "elsewhere"
    shutil.move(path.parent, moved)
    assert photo_of(moved / path.name, key) == content
    assert str(tmp_path).encode() not in (moved / path.name).read_bytes()


def test_photos_are_in_a_copy_and_in_a_backup(
    photographed: tuple[Path, FeatureKey, bytes], tmp_path: Path
) -> None:
    path, key, content = photographed
    # The one of today was made before there was a photo; without it the next one is due.
    shutil.rmtree(path.with_name("town.backups"))
    with Project.open(path) as project:
        project.store.save_copy(tmp_path / "copy.gpkg")
        backups = sorted(path.parent.rglob("*.gpkg"))
    assert photo_of(tmp_path / "copy.gpkg", key) == content
    (backup,) = (one for one in backups if one != path)
    kept = Path(shutil.copy(backup, tmp_path / "restored.gpkg"))
    assert photo_of(kept, key) == content


def test_photos_are_in_an_export_that_says_nothing_of_our_folders(
    photographed: tuple[Path, FeatureKey, bytes], tmp_path: Path
) -> None:
    path, _key, content = photographed
    with Project.open(path, write=False) as project:
        export(project, tmp_path / "out.gpkg", format="gpkg")
    held = (tmp_path / "out.gpkg").read_bytes()
    assert str(tmp_path).encode() not in held
    assert run("attach", path, "--from", tmp_path / "out.gpkg") == 0
    assert content[:64] in held


def test_two_operators_in_two_copies_give_no_id_twice(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    with Project.create(path, operator="li") as project:
        ranges = [NumberRange("张三", 1, 5_000), NumberRange("李四", 5_001, 9_999)]
        stored = project.info(numbering.FACT)
        project.session.apply(store_ranges(stored, ranges))
    ids: dict[str, list[str]] = {}
    for operator in ("张三", "李四"):
        copy = Path(shutil.copy(path, tmp_path / f"{operator}.gpkg"))
        with Project.open(copy, operator=operator) as project:
            for number in range(EACH):
                change = add_feature(project, "toilet", shapely.Point(X + number, Y))
                store(project, change)
                if number % 10 == 0:
                    # Taken back and done again in between; some are not done again.
                    project.session.undo()
                    if number % 20 == 0:
                        project.session.redo()
            found = project.table("toilet").columns["component_id"]
            ids[operator] = [str(one) for one in found if one is not None]
    first, second = ids.values()
    assert len(first) == len(second) == EACH - EACH // 20
    assert len({*first, *second}) == len(first) + len(second)
