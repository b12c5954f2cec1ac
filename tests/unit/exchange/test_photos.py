from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from hjgis.errors import InputError
from hjgis.exchange import photos
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue

TOWN: dict[int, Any] = {1: "N", 2: (40.0, 53.0, 13.92), 3: "E", 4: (107.0, 8.0, 54.96)}
FULL: dict[int, Any] = {
    **TOWN, 5: b"\x00", 6: 1039.5, 7: (2.0, 3.0, 4.0), 16: "T", 17: 87.5, 18: "WGS-84",
    29: "2026:06:15", 31: 3.5,
}  # fmt: skip


def photo(path: Path, gps: dict[int, Any] | None = None) -> Path:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model 7"
    exif.get_ifd(0x8769).update({0x9003: "2026:06:15 10:03:04", 0x9011: "+08:00"})
    if gps is not None:
        exif.get_ifd(0x8825).update(gps)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6)).save(path, "JPEG", exif=exif)
    return path


def row(path: Path) -> dict[str, Any]:
    layer = read_layer(path)
    return {name: values[0] for name, values in layer.columns.items()}


def test_a_photo_is_a_point_with_what_the_camera_says(tmp_path: Path) -> None:
    layer = read_layer(photo(tmp_path / "井盖.JPG", FULL))
    (point,) = layer.geometry
    assert (point.x, point.y) == pytest.approx((107.148600, 40.887200), abs=1e-6)
    assert layer.crs is not None
    assert layer.crs.text == "EPSG:4326"
    found = row(tmp_path / "井盖.JPG")
    assert found["photo_ref"] == "井盖.JPG"
    assert found["survey_date"] == "2026-06-15"
    assert found["taken"] == "2026-06-15 10:03:04+08:00"
    assert found["taken_utc"] == "2026-06-15T02:03:04Z"
    assert (found["direction_deg"], found["direction_from"]) == (87.5, "true")
    assert (found["camera_altitude_m"], found["stated_error_m"]) == (1039.5, 3.5)
    assert found["camera"] == "Maker Model 7"
    assert layer.warnings == ("Altitudes are the camera's own, not in the 1985 height datum.",)


def test_south_west_and_below_the_sea_are_negative(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", {**TOWN, 1: "S", 3: "W", 5: b"\x01", 6: 4.0})
    (point,) = read_layer(path).geometry
    assert (point.x, point.y) == pytest.approx((-107.1486, -40.8872), abs=1e-6)
    assert row(path)["camera_altitude_m"] == -4.0


@pytest.mark.parametrize(
    ("gps", "why"),
    [
        (None, "no position is written"),
        ({}, "no position is written"),
        ({**TOWN, 2: (IFDRational(0, 0),) * 3}, "makes no sense"),
        ({**TOWN, 1: ""}, "makes no sense"),
        ({**TOWN, 2: (95.0, 0.0, 0.0)}, "makes no sense"),
        ({**TOWN, 2: (40.0, 75.0, 0.0)}, "makes no sense"),
        ({1: "N", 2: (40.0, 53.0, 13.92)}, "makes no sense"),
        ({**TOWN, 2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, "is 0, 0"),
    ],
    ids=["no GPS", "empty GPS", "0/0", "no side", "beyond 90", "75 minutes", "half", "zeros"],
)
def test_a_photo_without_a_place_is_listed_with_the_reason(
    tmp_path: Path, gps: dict[int, Any] | None, why: str
) -> None:
    photo(tmp_path / "walk" / "a.jpg", FULL)
    photo(tmp_path / "walk" / "b.jpg", gps)
    layer = read_layer(tmp_path / "walk")
    assert layer.geometry[1] is None
    assert why in layer.columns["no_position"][1]
    assert "1 of 2 (b.jpg: " in layer.warnings[0]
    assert why in layer.warnings[0]


def test_numbers_of_0_over_0_are_not_known(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", {**FULL, 6: IFDRational(0, 0), 17: IFDRational(0, 0)})
    found = row(path)
    assert found["camera_altitude_m"] != found["camera_altitude_m"]
    assert found["direction_deg"] != found["direction_deg"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture at all", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xff" + b"Exif\0\0" * 9],
    ids=["empty", "text", "begun", "cut in the head"],
)
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes) -> None:
    photo(tmp_path / "walk" / "a.jpg", FULL)
    (tmp_path / "walk" / "b.jpg").write_bytes(content)
    layer = read_layer(tmp_path / "walk")
    assert [shape is None for shape in layer.geometry] == [False, True]
    assert "b.jpg: this is no JPEG picture, or it is damaged" in layer.warnings[0]


def test_a_damaged_head_costs_only_that_photo(tmp_path: Path) -> None:
    photo(tmp_path / "walk" / "a.jpg", FULL)
    whole = photo(tmp_path / "whole.jpg", FULL).read_bytes()
    start = whole.index(b"Exif\0\0") + 6
    for step in range(0, 160, 7):
        broken = bytearray(whole)
        broken[start + step : start + step + 24] = b"\xff" * 24
        (tmp_path / "walk" / f"b{step:03}.jpg").write_bytes(broken)
    layer = read_layer(tmp_path / "walk")
    assert layer.geometry[0] is not None
    reasons = layer.columns["no_position"].tolist()
    assert all(
        (shape is None) == bool(why) for shape, why in zip(layer.geometry, reasons, strict=True)
    )
    assert any("damaged" in (why or "") or "no position" in (why or "") for why in reasons)


def test_a_huge_picture_is_not_decoded(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", FULL)
    data = bytearray(path.read_bytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = b"\xfd\xe8\xfd\xe8"  # 65000 x 65000 pixels, if one counts them
    path.write_bytes(data + bytes(1_000_000))
    assert row(path)["photo_ref"] == "a.jpg"


def test_a_folder_is_taken_with_the_folders_in_it_and_no_absolute_path(tmp_path: Path) -> None:
    photo(tmp_path / "walk" / "2.jpg", FULL)
    photo(tmp_path / "walk" / "east" / "1.jpeg", FULL)
    (tmp_path / "walk" / "notes.txt").write_text("x")
    layer = read_layer(tmp_path / "walk")
    assert layer.name == "walk"
    assert layer.columns["photo_ref"].tolist() == ["2.jpg", "east/1.jpeg"]
    (summary,) = summaries(tmp_path / "walk")
    assert (summary.geometry, summary.count, summary.crs) == ("Point", 2, "EPSG:4326")


def test_photos_in_an_archive_are_one_layer(tmp_path: Path) -> None:
    one, two = photo(tmp_path / "1.jpg", FULL), photo(tmp_path / "2.jpg", TOWN)
    with zipfile.ZipFile(tmp_path / "照片.zip", "w") as archive:
        archive.write(one, "DCIM/1.jpg")
        archive.write(two, "DCIM/2.jpg")
        archive.writestr("__MACOSX/DCIM/._1.jpg", b"companion")
    layer = read_layer(tmp_path / "照片.zip")
    assert layer.name == "照片"
    assert layer.columns["photo_ref"].tolist() == ["DCIM/1.jpg", "DCIM/2.jpg"]


def test_photos_beside_data_in_an_archive_are_no_layer(tmp_path: Path) -> None:
    picture = photo(tmp_path / "1.jpg", FULL)
    with zipfile.ZipFile(tmp_path / "delivery.zip", "w") as archive:
        archive.write(picture, "1.jpg")
        archive.writestr(
            "lamps.geojson",
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},'
            '"geometry":{"type":"Point","coordinates":[107.1,40.9]}}]}',
        )
    assert read_layer(tmp_path / "delivery.zip").name == "lamps"


@pytest.mark.parametrize("name", ["", "a.jpg"])
def test_where_no_photo_has_a_place_the_reasons_are_told(tmp_path: Path, name: str) -> None:
    photo(tmp_path / "walk" / "a.jpg")
    with pytest.raises(InputError, match=r"no photo has a position \(a\.jpg: no position is"):
        read_layer(tmp_path / "walk" / name)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder without photos"):
        read_layer(tmp_path)


def test_a_folder_that_cannot_be_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "_MOST_FILES", 2)
    for number in range(3):
        photo(tmp_path / f"{number}.jpg", FULL)
    with pytest.raises(InputError, match="more than 2 files"):
        read_layer(tmp_path)


@pytest.mark.parametrize(("datum", "said"), [("TOKYO", True), ("GCJ-02", True), ("WGS 84", False)])
def test_another_datum_is_told(tmp_path: Path, datum: str, said: bool) -> None:
    warnings = read_layer(photo(tmp_path / "a.jpg", {**TOWN, 18: datum})).warnings
    assert any(datum in words for words in warnings) == said


def test_no_column_of_a_photo_becomes_a_field_that_means_something_else(tmp_path: Path) -> None:
    names = list(read_layer(photo(tmp_path / "a.jpg", FULL)).columns)
    expected = {"photo_ref": "photo_ref", "survey_date": "survey_date"}
    placed = [asset for asset in catalogue().types.values() if not asset.is_record]
    for asset in placed:
        taken = {source: column.field for source, column in columns_for(asset, names).items()}
        assert taken.items() <= expected.items()


def test_photos_become_assets_and_one_undo_takes_them_back(
    project: Project, tmp_path: Path
) -> None:
    before = project.content_sha256()
    photo(tmp_path / "walk" / "a.jpg", FULL)
    photo(tmp_path / "walk" / "b.jpg")
    report = carry_out(project, plan_import(project, tmp_path / "walk", to="manhole"))
    assert (report.read, report.imported, report.rejected) == (2, 1, 1)
    table = project.table("manhole", ["photo_ref", "survey_date", "source_file"])
    values = {name: list(column) for name, column in table.columns.items()}
    expected = {"photo_ref": ["a.jpg"], "survey_date": ["2026-06-15"], "source_file": ["walk"]}
    assert values == expected
    first = shapely.get_coordinates(table.geometry)[0]
    assert first == pytest.approx((428244.94, 4528395.52), abs=0.05)
    project.session.undo()
    assert project.content_sha256() == before
