"""KML that goes out, read back by GDAL and by our own import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from pyogrio import list_layers, raw

from hjgis.edits.add import add_feature
from hjgis.errors import InputError
from hjgis.exchange import kml_file
from hjgis.exchange.exporting import foresee, target_crs, write
from hjgis.exchange.importing import plan_import
from hjgis.exchange.outgoing import Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.i18n import label
from hjgis.layers.project import Project
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.validation import display
from tests.exported import choose, export

PLACE = (428_000.125, 4_528_000.5)
DEGREES = parse_crs("EPSG:4490")
WRITING = Writing("kml", DEGREES)
NAMES = "{http://www.opengis.net/kml/2.2}"


pytestmark = pytest.mark.usefixtures("chinese")


def add(project: Project, layer: str, shape: shapely.Geometry, **values: object) -> str:
    change = add_feature(project, layer, shape, values)
    project.session.apply(change)
    return change.changes[0].key.uuid


def written(project: Project, tmp_path: Path, **options: object) -> tuple[Path, ExportReport]:
    path = tmp_path / "town.kml"
    selection = replace(choose(project), **options)
    report = write(project, path, selection, WRITING)
    assert list(report.layers) == foresee(project, selection, WRITING)
    return path, report


def layer_of(report: ExportReport, name: str) -> LayerExport:
    return next(layer for layer in report.layers if layer.name == name)


def read(path: Path, layer: str) -> tuple[dict[str, list[object]], np.ndarray]:
    meta, _fids, wkbs, data = raw.read(path, layer=layer)
    columns = dict(zip(meta["fields"], (column.tolist() for column in data), strict=True))
    return columns, shapely.from_wkb(wkbs)


def apart(path: Path) -> Iterator[Path]:
    """Put each layer of a file, as it is, into one of its own: GDAL reads all to give one."""
    head, *folders = path.read_bytes().split(b"<Folder>")
    for number, folder in enumerate(folders):
        alone = path.with_name(f"{number}.kml")
        whole, end, _rest = folder.partition(b"</Folder>")
        alone.write_bytes(head + b"<Folder>" + whole + end + b"</Document></kml>")
        yield alone


def test_every_value_and_place_of_the_sample_reads_back_or_is_listed(
    sample: Project, tmp_path: Path
) -> None:
    path, report = written(sample, tmp_path)
    titles = {label(sample.asset_type(layer.name).label): layer for layer in report.layers}
    assert {*list_layers(path)[:, 0]} == {*titles}
    transform = Transform(sample.crs, DEGREES)
    for (title, layer), alone in zip(titles.items(), apart(path), strict=True):
        asset, table = sample.asset_type(layer.name), sample.table(layer.name)
        columns, shapes = read(alone, title)
        assert columns["UUID"] == table.uuids.tolist()
        if asset.is_spatial:
            expected = transform.geometry(table.geometry)
            there = ~(shapely.is_missing(expected) | shapely.is_empty(expected))
            assert (shapely.is_missing(shapes) == ~there).all()
            found, told = shapes[there], expected[there]
            assert (shapely.get_num_coordinates(found) == shapely.get_num_coordinates(told)).all()
            away = shapely.get_coordinates(found) - shapely.get_coordinates(told)
            assert np.abs(away).max() < 1e-9
        differing = set()
        for field in asset.fields:
            found, kept = columns[field.short], table.columns[field.name]
            # Each value is put into words once, not once for each of its features.
            words = {stored: display(field, stored, sample.catalogue) for stored in {*kept}}
            for uuid, stored, back in zip(table.uuids, kept, found, strict=True):
                if field.type in ("number", "integer"):
                    same = back == stored or (stored is None and back != back)
                else:
                    same = (back or "") == words[stored]
                if not same or stored == "":
                    differing.add((field.name, uuid))
        assert differing == {(loss.field, loss.uuid) for loss in layer.losses}


def test_our_own_import_knows_the_features_again(sample: Project, tmp_path: Path) -> None:
    chosen = choose(sample, ["street_lamp"])
    path = tmp_path / "lamps.kml"
    write(sample, path, chosen, WRITING)
    plan = plan_import(sample, path, to="street_lamp")
    report = plan.report
    assert report.read == report.matched + report.rejected
    assert report.imported == 0


@pytest.mark.parametrize(
    "text",
    [
        "<b>甲</b> & \"乙\" '丙' ]]> &amp;",
        "䶮𠮷😀 m² Φ",
        "两行\n\t第二行",
        "CR\r\nLF",
        "$[BZ] #{x}",
    ],
)
def test_awkward_signs_come_back_as_they_were(project: Project, tmp_path: Path, text: str) -> None:
    add(project, "manhole", shapely.Point(PLACE), remarks=text, exp_no="WS<1>")
    path, report = written(project, tmp_path)
    columns, _shapes = read(path, "窨井")
    assert layer_of(report, "manhole").losses == ()
    assert columns["BZ"] == [text]
    assert columns["Name"] == ["WS<1>"]


def test_signs_that_xml_has_not_are_left_out_and_listed(project: Project, tmp_path: Path) -> None:
    uuid = add(
        project, "manhole", shapely.Point(PLACE), remarks="甲\x01乙\x0b\uffff", exp_no="\x02"
    )
    path, report = written(project, tmp_path)
    losses = {loss.field: loss for loss in layer_of(report, "manhole").losses}
    assert {*losses} == {"remarks", "exp_no"}
    assert {(loss.uuid, loss.kind) for loss in losses.values()} == {(uuid, "unencodable")}
    assert "3" in losses["remarks"].message
    columns, _shapes = read(path, "窨井")
    assert columns["BZ"] == ["甲乙"]
    assert columns["WTDH"] == [None]


def test_blanks_at_the_ends_are_left_out_and_listed(project: Project, tmp_path: Path) -> None:
    uuid = add(project, "manhole", shapely.Point(PLACE), remarks=" 甲 乙\n", exp_no=" ")
    path, report = written(project, tmp_path)
    losses = layer_of(report, "manhole").losses
    assert {(loss.field, loss.uuid, loss.kind) for loss in losses} == {
        ("remarks", uuid, "truncated"),
        ("exp_no", uuid, "truncated"),
    }
    columns, _shapes = read(path, "窨井")
    assert (columns["BZ"], columns["WTDH"]) == (["甲 乙"], [None])


def test_a_number_that_kml_has_no_room_for_is_listed(project: Project, tmp_path: Path) -> None:
    uuid = add(project, "manhole", shapely.Point(PLACE), source_row=2**31)
    add(project, "manhole", shapely.Point(PLACE), source_row=2**31 - 1)
    path, report = written(project, tmp_path)
    (loss,) = layer_of(report, "manhole").losses
    assert (loss.field, loss.uuid, loss.kind) == ("source_row", uuid, "type")
    assert f">{2**31}<" in path.read_text("utf-8")


def test_fields_have_their_chinese_titles_and_classes_their_colours(
    project: Project, tmp_path: Path
) -> None:
    line = shapely.LineString([PLACE, (428_050, 4_528_000)])
    add(project, "pipe_line", line, kind="JS", diameter_mm=200)
    path, _report = written(project, tmp_path)
    root = ElementTree.parse(path).getroot()
    shown = {
        field.get("name"): field.findtext(f"{NAMES}displayName")
        for field in root.iter(f"{NAMES}SimpleField")
    }
    assert (shown["GXZL"], shown["GJ"]) == ("管线种类", "管径 (mm)")
    looks = {style.get("id"): style for style in root.iter(f"{NAMES}Style")}
    (mark,) = root.iter(f"{NAMES}Placemark")
    assert mark.findtext(f"{NAMES}name") == "JS DN200"
    look = looks[mark.findtext(f"{NAMES}styleUrl").removeprefix("#")]
    assert look.findtext(f"{NAMES}LineStyle/{NAMES}color") == "ffffff00"
    balloon = mark.findtext(f"{NAMES}description")
    assert "<td>管线种类</td><td>给水</td>" in balloon


def test_heights_holes_and_parts_stay(project: Project, tmp_path: Path) -> None:
    box = shapely.box(*PLACE, 428_050, 4_528_050)
    hole = shapely.box(428_010, 4_528_010, 428_020, 4_528_020)
    other = shapely.box(428_060, 4_528_000, 428_080, 4_528_020)
    area = shapely.MultiPolygon([box.difference(hole), other])
    add(project, "park", area)
    add(project, "manhole", shapely.Point(*PLACE, 1039.25))
    path, report = written(project, tmp_path)
    assert all(layer.losses == () for layer in report.layers)
    (park,) = read(path, "公园广场")[1]
    back = Transform(DEGREES, project.crs).geometry(np.array([park]))[0]
    assert back.symmetric_difference(area).area < 1e-3
    assert read(path, "窨井")[1][0].z == 1039.25


def test_fields_that_do_not_go_out_show_nowhere(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", shapely.Point(PLACE), exp_no="WS777", cover_kind="污水井盖")
    path, report = written(project, tmp_path, fields={"manhole": ["road_name"]})
    assert {*layer_of(report, "manhole").names} == {"uuid", "road_name"}
    text = path.read_text("utf-8")
    assert "WS777" not in text
    assert "污水" not in text
    (mark,) = ElementTree.parse(path).getroot().iter(f"{NAMES}Placemark")
    other = text.count('<Style id="manhole_') - 1
    assert mark.findtext(f"{NAMES}styleUrl") == f"#manhole_{other}"


def test_kml_is_in_degrees_whatever_is_asked(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", shapely.Point(PLACE))
    path = tmp_path / "a.kml"
    write(project, path, choose(project), Writing("kml", project.crs))
    assert 107 < read(path, "窨井")[1][0].x < 109
    assert target_crs(project, "kml", None) == DEGREES
    assert "hjgis:true-coordinates" in path.read_text("utf-8")
    export(project, tmp_path / "b.kml", format="kml")
    assert (tmp_path / "b.kml").read_text("utf-8") == path.read_text("utf-8")


def test_what_cannot_be_written_is_a_clear_error(project: Project, tmp_path: Path) -> None:
    going = choose(project, ["manhole"]).outgoing(project, DEGREES)
    with pytest.raises(InputError, match="nowhere"):
        kml_file.write(going, tmp_path / "nowhere" / "a.kml", WRITING)
