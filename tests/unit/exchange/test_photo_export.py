from __future__ import annotations

import csv
import hashlib
import io
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hjgis.edits.attachments import attach, attachments_of, bring_over
from hjgis.edits.attributes import set_values
from hjgis.errors import Cancelled, InputError
from hjgis.exchange.exporting import write
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.outgoing import Writing
from hjgis.exchange.pictures import facts_of, for_others, read_paper, shown
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.media_files import attachments_in
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests import network
from tests.exported import choose, export
from tests.photos import TOWN, gps, make_photo, painted


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
    photo = for_others((tmp_path / "IMG 1.JPG").read_bytes(), "image/jpeg")
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


def told(orientation: int = 6) -> Image.Exif:
    """What a phone writes: its owner and device, time and place, and how it was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, "Phone of Zhang", "Zhang San"
    exif.get_ifd(0x8769).update({0x9003: "2026:06:15 10:03:04", 0x9011: "+08:00"})
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0Zhang again"
    exif.get_ifd(0x8825).update(gps(*TOWN))
    return exif


def a_picture(kind: str, mode: str = "RGB") -> bytes:
    """A picture as phones and programs write it, its head full of Zhang."""
    target, picture = io.BytesIO(), painted((64, 48)).convert(mode)
    xmp = b"<x:xmpmeta>Zhang</x:xmpmeta>"
    if kind == "png":
        info = PngInfo()
        info.add_text("Author", "Zhang San")
        info.add_itxt("Comment", "Zhang", zip=True)
        picture.save(target, "PNG", exif=told(), pnginfo=info)
    elif kind == "webp":
        picture.save(target, "WEBP", lossless=True, exif=told(), xmp=xmp)
    elif kind == "tiff":
        exif = told()
        exif[0x010E], exif[700] = "Zhang's house", xmp
        picture.save(target, "TIFF", exif=exif.tobytes())
    else:
        picture.save(target, "JPEG", exif=told(), comment=b"Zhang San")
    return target.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("jpeg", "RGB"),
        ("png", "RGB"),
        ("png", "P"),
        ("webp", "RGB"),
        ("tiff", "RGB"),
        ("tiff", "L"),
    ],
)
def test_a_photo_that_goes_out_tells_when_it_was_taken_but_not_where_nor_by_whom(
    kind: str, mode: str
) -> None:
    before = a_picture(kind, mode) + (b"film of Zhang" if kind == "jpeg" else b"")
    made = for_others(before, f"image/{kind}")
    assert b"Zhang" in before
    assert facts_of(before, f"image/{kind}").place is not None
    assert b"Zhang" not in made
    after = facts_of(made, f"image/{kind}")
    assert (after.taken is not None) == (kind != "tiff")
    assert (after.place, after.camera) == (None, None)
    with Image.open(io.BytesIO(made)) as image, Image.open(io.BytesIO(before)) as whole:
        assert image.getexif().get(0x0112) == (6 if kind != "tiff" else None)
        assert not image.getexif().get_ifd(0x8825)
        assert image.tobytes() == whole.tobytes()
        assert (image.mode, image.size) == (whole.mode, whole.size)
    upright = shown(before, f"image/{kind}", longest_px=64)
    assert shown(made, f"image/{kind}", longest_px=64) == upright
    assert upright.height_px > upright.width_px


def test_all_pages_of_a_tiff_and_all_frames_of_a_webp_stay() -> None:
    for kind, way in (("TIFF", {"compression": "jpeg"}), ("WEBP", {"lossless": True})):
        target = io.BytesIO()
        pages = [painted((32, 24), noise) for noise in (0, 1, 2)]
        pages[0].save(
            target, kind, save_all=True, append_images=pages[1:], exif=told(1), **way
        )  # fmt: skip
        made = for_others(target.getvalue(), f"image/{kind.casefold()}")
        assert b"Zhang" in target.getvalue()
        assert b"Zhang" not in made
        with Image.open(io.BytesIO(made)) as image, Image.open(target) as whole:
            assert image.n_frames == whole.n_frames == 3
            for page in range(3):
                image.seek(page)
                whole.seek(page)
                assert image.tobytes() == whole.tobytes()


def test_a_damaged_head_goes_and_a_damaged_picture_stays_as_it_is() -> None:
    spoilt = a_picture("jpeg").replace(b"MM\0*", b"XX\0*").replace(b"II*\0", b"XX*\0")
    made = for_others(spoilt, "image/jpeg")
    assert b"Zhang" in spoilt
    assert b"Zhang" not in made
    for kind in ("jpeg", "png", "webp", "tiff"):
        cut = a_picture(kind)[:60]
        assert for_others(cut, f"image/{kind}") == cut


def test_photos_in_a_geopackage_for_others_say_no_more_than_those_beside_it(
    project: Project, tmp_path: Path
) -> None:
    made = network.build(project)
    for number, kind in enumerate(("png", "tiff", "webp", "jpeg")):
        path = tmp_path / f"{number}.{kind}"
        path.write_bytes(a_picture(kind))
        project.session.apply(attach(project, [(made["A"], read_paper(path, project.crs))]))
    # Of one picture with two heads only one is left.
    twin = tmp_path / "twin.webp"
    twin.write_bytes(a_picture("webp").replace(b"Zhang", b"Zhong"))
    project.session.apply(attach(project, [(made["C"], read_paper(twin, project.crs))]))
    out = tmp_path / "a.gpkg"
    writing = Writing("gpkg", project.crs, in_house=False)
    write(project, out, choose(project), writing, photos=True)
    held = out.read_bytes()
    assert [word for word in (b"Zhang", b"Zhong", b"Phone of") if word in held] == []
    found = attachments_in(out)
    assert len(found.records) == 5
    assert len(found.contents) == 4
    for record in found.records:
        data = b"".join(found.contents[str(record["sha256"])].chunks())
        assert hashlib.sha256(data).hexdigest() == record["sha256"]
        assert len(data) == record["size_bytes"]
        assert facts_of(data, str(record["content_type"])).place is None
    linked = rows(out, "SELECT count(*) FROM hjgis_media_of_manhole")
    assert linked == [(5,)]
    assert rows(out, "SELECT count(*) FROM hjgis_preview") == [(4,)]
    for path in (tmp_path / "a_photos").iterdir():
        assert b"Zhang" not in path.read_bytes()
