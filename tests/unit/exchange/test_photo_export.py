from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from hjgis.edits.attachments import attach, attachments_of, bring_over
from hjgis.edits.attributes import set_values
from hjgis.errors import Cancelled, InputError
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.pictures import facts_of, for_others, read_paper
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.media_files import attachments_in
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests import network
from tests.exported import export
from tests.photos import make_photo


@pytest.fixture
def keys(project: Project, tmp_path: Path) -> dict[str, FeatureKey]:
    made = network.build(project)
    number = {"component_id": "15082601004900359"}
    project.session.apply(set_values(project, [made["A"]], number))
    first = make_photo(tmp_path / "IMG 1.JPG", noise=1)
    (tmp_path / "验收单.pdf").write_bytes(b"%PDF-1.7 ...")
    for key, path in (
        (made["A"], first),
        (made["A"], tmp_path / "验收单.pdf"),
        (made["C"], first),
        (made["BC"], make_photo(tmp_path / "pipe.jpg", noise=2)),
    ):
        project.session.apply(attach(project, [(key, read_paper(path, project.crs))]))
    return made


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


def test_an_exported_geopackage_holds_photos_and_tells_which_feature_has_which(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    out = tmp_path / "out" / "town.gpkg"
    out.parent.mkdir()
    export(project, out, format="gpkg")
    joined = rows(
        out,
        "SELECT m.exp_no, x.content_type, x.data FROM hjgis_media_of_manhole r"
        " JOIN manhole m ON m.fid = r.base_id JOIN hjgis_media x ON x.id = r.related_id"
        " ORDER BY 1, 2",
    )
    photo = (tmp_path / "IMG 1.JPG").read_bytes()
    assert joined == [
        ("A", "application/pdf", b"%PDF-1.7 ..."),
        ("A", "image/jpeg", photo),
        ("C", "image/jpeg", photo),
    ]
    assert rows(out, "SELECT count(*) FROM hjgis_media") == [(3,)]
    assert rows(out, "PRAGMA integrity_check") == [("ok",)]
    content = out.read_bytes()
    assert str(tmp_path).encode() not in content
    try:
        done = subprocess.run(["ogrinfo", "-ro", "-so", "-al", out], capture_output=True, text=True)
    except FileNotFoundError:
        return
    assert (done.returncode, done.stderr) == (0, "")
    assert "Layer name: hjgis_media" in done.stdout


def test_only_photos_of_what_is_exported_go_along(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    x, y = network.PLACES["A"]
    report = export(
        project, tmp_path / "a.gpkg", format="gpkg", extent=(x - 1, y - 1, x + 1, y + 1)
    )
    assert {layer.name: layer.written for layer in report.layers} == {
        "manhole": 1,
        "pipe_line": 1,
        "attachment": 2,
    }
    assert rows(tmp_path / "a.gpkg", "SELECT count(*) FROM hjgis_media") == [(2,)]
    export(project, tmp_path / "c.gpkg", format="gpkg", layers=["attachment", "pipe_line"])
    assert rows(tmp_path / "c.gpkg", "SELECT file_name FROM attachment") == [("pipe.jpg",)]
    export(project, tmp_path / "b.gpkg", format="gpkg", layers=["manhole"])
    tables = rows(tmp_path / "b.gpkg", "SELECT name FROM sqlite_master WHERE name LIKE 'hjgis%'")
    assert tables == []


@pytest.mark.parametrize("format_", ["shp", "csv", "gpkg"])
def test_photos_are_written_as_files_named_after_their_assets(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path, format_: str
) -> None:
    out = tmp_path / ("out.gpkg" if format_ == "gpkg" else "out")
    report = export(project, out, format=format_, photos=True)
    folder = tmp_path / "out_photos" if format_ == "gpkg" else out / "photos"
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "15082601004900359_1.jpg",
        "15082601004900359_2.pdf",
        "BC_1.jpg",
        "C_1.jpg",
        "photos.csv",
    ]
    assert set(folder.iterdir()) < set(report.files)
    photo = for_others((tmp_path / "IMG 1.JPG").read_bytes())
    assert (folder / "15082601004900359_1.jpg").read_bytes() == photo
    with (folder / "photos.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["文件"]: row for row in csv.DictReader(file)}
    assert set(listed) == set(names) - {"photos.csv"}
    first = listed["15082601004900359_1.jpg"]
    assert (first["uuid"], first["类别"]) == (keys["A"].uuid, "照片")
    assert first["原文件名"] == "IMG 1.JPG"
    # North is X: seven digits here.
    assert float(first["X(北)"]) > 4_000_000 > float(first["Y(东)"])


def test_a_stopped_export_leaves_no_photos(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    class Stopping:
        def report(self, done: int, total: int, key: str) -> None:
            self.key, self.done = key, min(done, total)

        def check(self) -> None:
            if self.key == "photos" and self.done == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        export(project, tmp_path / "out", photos=True, progress=Stopping())
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_a_folder_of_photos_that_is_there_is_not_written_into(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    (tmp_path / "out_photos").mkdir()
    (tmp_path / "out_photos" / "mine.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="out_photos exists already"):
        export(project, tmp_path / "out.gpkg", format="gpkg", photos=True)
    assert [path.name for path in (tmp_path / "out_photos").iterdir()] == ["mine.jpg"]
    assert not (tmp_path / "out.gpkg").exists()


def test_who_imports_such_a_file_is_told_that_its_photos_stay_behind(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    export(project, tmp_path / "a.gpkg", format="gpkg")
    names = [summary.name for summary in summaries(tmp_path / "a.gpkg")]
    assert "manhole" in names
    assert "hjgis_media" not in names
    layer = read_layer(tmp_path / "a.gpkg", layer="manhole")
    assert any("photos" in words for words in layer.warnings)


def test_exported_photos_are_taken_over_where_their_features_were_imported(
    project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    out = tmp_path / "a.gpkg"
    export(project, out, format="gpkg")
    with Project.create(tmp_path / "b.gpkg") as other:
        plan = plan_import(other, out, to="manhole", source_layer="manhole")
        carry_out(other, plan)
        start = other.content_sha256()
        found = attachments_in(out)
        other.session.apply(bring_over(other, found.records, found.contents))
        # The pipe was not imported, and so is its photo.
        there = attachments_of(other, [key.uuid for key in keys.values()])
        here = attachments_of(project, [keys["A"].uuid, keys["C"].uuid])
        assert {one.key: dict(one.values) for one in there} == {
            one.key: dict(one.values) for one in here
        }
        for one in there:
            sha256 = str(one.values["sha256"])
            assert other.media.read(sha256) == project.media.read(sha256)
        assert other.media.previews(str(one.values["sha256"]) for one in there)
        # Again, nothing is new.
        assert not bring_over(other, found.records, found.contents)
        other.session.undo()
        assert other.content_sha256() == start


def test_a_file_without_photos_says_so(project: Project, tmp_path: Path) -> None:
    network.build(project)
    export(project, tmp_path / "a.gpkg", format="gpkg")
    (tmp_path / "b.gpkg").write_bytes(b"no database at all" * 100)
    for name in ("a.gpkg", "b.gpkg", "missing.gpkg"):
        with pytest.raises(InputError, match=name):
            attachments_in(tmp_path / name)


def test_a_photo_that_goes_out_tells_time_and_place_but_not_whose_camera_it_was(
    tmp_path: Path,
) -> None:
    path = make_photo(tmp_path / "a.jpg", noise=1)
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x013B], exif[0x010F] = "Zhang San", "Phone of Zhang"
        image.save(path, exif=exif, quality="keep", comment=b"Zhang San")
    jpeg = path.read_bytes() + b"film of Zhang"
    before = facts_of(jpeg, "image/jpeg")

    made = for_others(jpeg)

    assert b"Zhang" in jpeg
    assert b"Zhang" not in made
    after = facts_of(made, "image/jpeg")
    assert (after.taken, after.place) == (before.taken, before.place)
    assert after.camera is None
    with Image.open(io.BytesIO(made)) as image, Image.open(io.BytesIO(jpeg)) as whole:
        assert image.tobytes() == whole.tobytes()
