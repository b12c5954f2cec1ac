"""Drawings that go out, read back by ezdxf, by GDAL and by our own import."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from ezdxf import filemanagement
from ezdxf.tools.text import caret_decode
from pyogrio import raw

from hjgis.edits.add import add_feature
from hjgis.errors import Cancelled, InputError
from hjgis.exchange.drawings import drawing_file
from hjgis.exchange.drawings.drawing_text import decoded
from hjgis.exchange.exporting import foresee, write
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.outgoing import Drawing, Selection, Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.exchange.sources import read_layer
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.crs import parse_crs
from hjgis.models.validation import display
from tests.exported import choose

PLACE = (428_000.125, 4_528_000.5)
VERSIONS: tuple[Drawing, ...] = ("R2004", "R2010")
# The import fills in where from, and links pipes to the wells that are there.
FILLED_BY_IMPORT = ("source_file", "source_row", "from_node", "to_node")
AWKWARD = (
    "陕坝镇 中山路",
    "面积 12 m²，Φ200",
    "䶮㑇𠮷😀",
    "两行\n第二行\r\n\t缩进",
    "a^b ^J ^ c^",
    r"\U+4E00 \u+4e00 \M+5CBAE \P \~ {\b}",
    "50%% %%c200 %%d",
    "  前后空格  ",
    "<a> & \"b\" 'c' | = + ; ,",
    "\x01\x1f\x7f\x00",
    "KEY=VALUE",
)


pytestmark = pytest.mark.usefixtures("chinese")


@pytest.fixture(scope="module", params=VERSIONS)
def whole(
    request: pytest.FixtureRequest, sample: Project, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ExportReport]:
    """Some of every layer of the sample, and all of it that a drawing cannot hold."""
    set_language("zh_CN")
    path = tmp_path_factory.mktemp("drawing") / "整体.dxf"
    writing = Writing("dxf", sample.crs, drawing=request.param)
    chosen = choose(sample)
    lossy = {loss.uuid for layer in foresee(sample, chosen, writing) for loss in layer.losses}
    some = {}
    for name, fids in chosen.rows.items():
        uuids = sample.table(name, [], geometry=False).uuids
        some[name] = fids[np.isin(uuids.astype(str), [*lossy]) | (np.arange(len(fids)) % 40 == 0)]
    return path, write(sample, path, Selection(some), writing)


def add(project: Project, layer: str, shape: shapely.Geometry | None, **values: object) -> str:
    change = add_feature(project, layer, shape, values)
    project.session.apply(change)
    return change.changes[0].key.uuid


def line(north: float) -> shapely.LineString:
    x, y = PLACE
    return shapely.LineString([(x, y + north), (x + 60, y + north), (x + 60, y + north + 3)])


def drawn(
    project: Project, tmp_path: Path, drawing: Drawing = "R2010", **options: Any
) -> tuple[Path, ExportReport]:
    path = tmp_path / f"{drawing}.dxf"
    selection = replace(choose(project, options.pop("layers", None)), **options)
    writing = Writing("dxf", project.crs, drawing=drawing)
    report = write(project, path, selection, writing)
    assert list(report.layers) == foresee(project, selection, writing)
    return path, report


def layer_of(report: ExportReport, name: str) -> LayerExport:
    return next(layer for layer in report.layers if layer.name == name)


def entities(path: Path) -> list[Any]:
    document = filemanagement.readfile(path)
    audit = document.audit()
    assert not audit.errors
    assert not audit.fixes
    return list(document.modelspace())


def by_gdal(path: Path, drawing: Drawing) -> tuple[dict[str, list[Any]], Any]:
    # It goes by the code page, which newer drawings do not, unless it is told.
    told = "UTF-8" if drawing == "R2010" else None
    pyogrio.set_gdal_config_options({"DXF_INLINE_BLOCKS": "FALSE", "DXF_ENCODING": told})
    try:
        meta, _fids, wkbs, data = raw.read(path, layer="entities")
    finally:
        pyogrio.set_gdal_config_options({"DXF_INLINE_BLOCKS": None, "DXF_ENCODING": None})
    columns = dict(zip(meta["fields"], (column.tolist() for column in data), strict=True))
    return columns, shapely.from_wkb(wkbs)


def said(entity: Any) -> dict[str, str]:
    """Read the values of an entity by the rules of the format alone."""
    pairs: dict[str, str] = {}
    for tag in entity.get_xdata("HJGIS"):
        if tag.code != 1000:
            continue
        name, _sign, text = tag.value.partition("=")
        assert len(tag.value.encode("utf-8")) <= 255
        pairs[name.rstrip("+")] = (pairs[name.rstrip("+")] if name.endswith("+") else "") + text
    if entity.dxftype() == "INSERT":
        pairs |= {one.dxf.tag: one.dxf.text for one in entity.attribs}
    return {name: caret_decode(decoded(text)) for name, text in pairs.items()}


# -- the whole sample --------------------------------------------------------------------


def test_every_value_and_place_is_in_the_drawing_or_listed_as_lost(
    sample: Project, whole: tuple[Path, ExportReport]
) -> None:
    path, report = whole
    found: dict[tuple[str, str], list[tuple[Any, dict[str, str]]]] = {}
    for entity in entities(path):
        if entity.has_xdata("HJGIS"):
            values = said(entity)
            key = values.pop("LAYER"), values.pop("UUID")
            found.setdefault(key, []).append((entity, values))
    for layer in report.layers:
        asset = sample.asset_type(layer.name)
        lost = {(loss.field, loss.uuid) for loss in layer.losses}
        if not asset.is_spatial:
            assert ("", "") in lost
            continue
        table = sample.table(layer.name)
        differing = set()
        seen = {uuid for name, uuid in found if name == layer.name}
        assert len(seen) == layer.written
        for row, uuid in enumerate(table.uuids):
            if uuid not in seen and ("", uuid) not in lost:
                continue
            parts = found.pop((layer.name, uuid), [])
            shape = table.geometry[row]
            if len(parts) != 1:
                differing.add(("", uuid))
            if not parts:
                continue
            first, values = parts[0]
            if first.dxftype() == "INSERT":
                assert first.dxf.insert.isclose((shape.x, shape.y, shape.z if shape.has_z else 0))
            else:
                corners = list(
                    first.points() if first.dxftype() == "POLYLINE" else first.vertices()
                )
                start = shapely.get_coordinates(shape)[0].tolist()
                assert [corners[0][0], corners[0][1]] == start
            for field in asset.fields:
                stored = table.columns[field.name][row]
                if field.type in ("number", "integer") and stored is not None:
                    assert float(values[field.short]) == stored
                elif (
                    values.get(field.short, "") != display(field, stored, sample.catalogue)
                    or stored == ""
                ):
                    differing.add((field.name, uuid))
        assert differing == lost
    assert not found


def test_gdal_reads_the_same_layers_and_lines(whole: tuple[Path, ExportReport]) -> None:
    path, _report = whole
    document = filemanagement.readfile(path)
    drawn_lines = {
        one.dxf.handle: {(p[0], p[1]) for p in (one.vertices() if flat else one.points())}
        for one in document.modelspace()
        if (flat := one.dxftype() == "LWPOLYLINE") or one.dxftype() == "POLYLINE"
    }
    columns, shapes = by_gdal(path, "R2004" if document.dxfversion == "AC1018" else "R2010")
    assert {*columns["Layer"]} == {one.dxf.layer for one in document.modelspace()}
    for handle, shape in zip(columns["EntityHandle"], shapes, strict=True):
        if handle in drawn_lines:
            assert {*map(tuple, shapely.get_coordinates(shape))} == drawn_lines.pop(handle)
    assert not drawn_lines


def test_our_own_import_brings_everything_back_but_what_is_listed(
    whole: tuple[Path, ExportReport], sample: Project, project: Project
) -> None:
    path, report = whole
    for name in ("manhole", "pipe_line", "park", "road"):
        layer, asset = layer_of(report, name), sample.asset_type(name)
        plan = plan_import(project, path, source_layer=name, to=name, crs="EPSG:4545")
        assert plan.report.read == plan.report.imported == layer.written
        carry_out(project, plan)
        back, stored = project.table(name), sample.table(name)
        place = {uuid: row for row, uuid in enumerate(stored.uuids.tolist())}
        lost = {(loss.field, loss.uuid) for loss in layer.losses if loss.field}
        for row, uuid in enumerate(back.uuids.tolist()):
            before = place[uuid]
            assert shapely.equals_identical(
                shapely.normalize(back.geometry[row]), shapely.normalize(stored.geometry[before])
            )
            for field in asset.fields:
                if field.name in FILLED_BY_IMPORT:
                    continue
                pair = (stored.columns[field.name][before], back.columns[field.name][row])
                assert pair[0] == pair[1] or (field.name, uuid) in lost, field.name


# -- signs and lengths -------------------------------------------------------------------


@pytest.mark.parametrize("drawing", VERSIONS)
@pytest.mark.parametrize("layer", ["manhole", "pipe_line"])
def test_awkward_signs_come_back_as_they_were(
    project: Project, tmp_path: Path, drawing: Drawing, layer: str
) -> None:
    shape = shapely.Point(PLACE) if layer == "manhole" else line(0)
    for number, text in enumerate(AWKWARD):
        add(project, layer, shape, remarks=text, road_name=f"路{number}")
    path, report = drawn(project, tmp_path, drawing)
    stored = project.table(layer).columns["remarks"].tolist()
    assert layer_of(report, layer).losses == ()
    read = read_layer(path, layer=layer)
    assert read.columns["BZ"].tolist() == stored
    assert [said(one)["BZ"] for one in entities(path) if one.has_xdata("HJGIS")] == stored
    path.read_bytes().decode("gbk" if drawing == "R2004" else "utf-8")


@pytest.mark.parametrize("drawing", VERSIONS)
def test_gdal_reads_the_same_attributes(project: Project, tmp_path: Path, drawing: Drawing) -> None:
    uuid = add(project, "manhole", shapely.Point(*PLACE, 1039.5), remarks="两行\n第二行^",
               exp_no="WS1", cover_kind="污水井盖", cover_size_mm=700, fall_net=True)  # fmt: skip
    path, _report = drawn(project, tmp_path, drawing)
    columns, shapes = by_gdal(path, drawing)
    values = dict(text.split(" ", 1) for text in columns["BlockAttributes"][0])
    assert values["UUID"] == uuid
    assert values["BZ"] == "两行\n第二行^"
    assert (values["JGZL"], values["JGCC"], values["FZW"]) == ("污水井盖", "700", "是")
    assert columns["BlockName"] == ["manhole_3"]
    assert columns["Layer"] == ["窨井_污水井盖"]
    assert shapes[0].coords[0] == (*PLACE, 1039.5)


@pytest.mark.parametrize(("layer", "cut"), [("manhole", 2048), ("pipe_line", 16_000)])
@pytest.mark.parametrize("drawing", VERSIONS)
def test_text_longer_than_a_drawing_holds_is_cut_at_a_whole_sign_and_listed(
    project: Project, tmp_path: Path, layer: str, cut: int, drawing: Drawing
) -> None:
    shape = shapely.Point(PLACE) if layer == "manhole" else line(0)
    fits, long = "陕坝²" * 100, "陕坝²" * 2500
    add(project, layer, shape, remarks=fits)
    uuid = add(project, layer, shape, remarks=long)
    path, report = drawn(project, tmp_path, drawing)
    (loss,) = layer_of(report, layer).losses
    assert (loss.field, loss.uuid, loss.kind) == ("remarks", uuid, "truncated")
    whole, kept = read_layer(path, layer=layer).columns["BZ"].tolist()
    assert whole == fits
    assert long.startswith(kept)
    assert cut / 4 < len(kept) < cut


def test_empty_text_is_listed_as_it_reads_back_as_nothing(project: Project, tmp_path: Path) -> None:
    uuid = add(project, "manhole", shapely.Point(PLACE), exp_no="WS1", remarks="")
    path, report = drawn(project, tmp_path)
    (loss,) = layer_of(report, "manhole").losses
    assert (loss.field, loss.uuid, loss.kind) == ("remarks", uuid, "empty")
    assert read_layer(path, layer="manhole").columns["BZ"].tolist() == [None]


# -- shapes ------------------------------------------------------------------------------


def test_shapes_of_several_rings_are_listed_and_come_back_whole(
    project: Project, tmp_path: Path
) -> None:
    box, hole = shapely.box(0, 0, 50, 50), shapely.box(10, 10, 20, 20)
    area = shapely.MultiPolygon([box.difference(hole), shapely.box(60, 0, 80, 20)])
    park = shapely.transform(area, lambda xy: xy + PLACE)
    uuid = add(project, "park", park, park_name="园子渠带状公园")
    road = shapely.MultiLineString([line(0), line(5)])
    add(project, "road", road, road_name="中山路")
    path, report = drawn(project, tmp_path)
    (loss,) = layer_of(report, "park").losses
    assert (loss.field, loss.uuid, loss.kind) == ("", uuid, "geometry")
    assert "3" in loss.message
    assert len(layer_of(report, "road").losses) == 1
    back = read_layer(path, layer="park")
    assert back.geometry[0].equals(park)
    assert back.columns["GYMC"].tolist() == ["园子渠带状公园"]
    assert read_layer(path, layer="road").geometry[0].equals(road)


def test_a_line_that_ends_where_it_begins_stays_a_line(project: Project, tmp_path: Path) -> None:
    ring = shapely.LineString([PLACE, (428_050, 4_528_000), (428_050, 4_528_050), PLACE])
    add(project, "pipe_line", ring)
    path, report = drawn(project, tmp_path)
    assert layer_of(report, "pipe_line").losses == ()
    assert read_layer(path, layer="pipe_line").geometry[0].equals_exact(ring)


def test_heights_make_polylines_in_space(project: Project, tmp_path: Path) -> None:
    shape = shapely.LineString([(*PLACE, 1038.2), (428_040, 4_528_000, 1038.1)])
    add(project, "pipe_line", shape, kind="WS")
    path, _report = drawn(project, tmp_path)
    (pipe,) = [one for one in entities(path) if one.has_xdata("HJGIS")]
    assert pipe.dxftype() == "POLYLINE"
    assert pipe.is_3d_polyline
    assert pipe.dxf.layer == "WS_Line"
    assert [tuple(point) for point in pipe.points()] == list(shape.coords)
    assert read_layer(path, layer="pipe_line").geometry[0].has_z


def test_one_vertex_of_unknown_height_is_told_of(project: Project, tmp_path: Path) -> None:
    nan = float("nan")
    shape = shapely.LineString([(*PLACE, 1038.2), (428_040, 4_528_000, nan)])
    uuid = add(project, "pipe_line", shape, kind="WS")
    add(project, "pipe_line", shapely.LineString([PLACE, (428_050, 4_528_000)]), kind="WS")
    path, report = drawn(project, tmp_path)
    (loss,) = layer_of(report, "pipe_line").losses
    assert (loss.uuid, loss.kind) == (uuid, "geometry")
    assert "高程 0" in loss.message
    pipe = next(one for one in entities(path) if one.dxftype() == "POLYLINE")
    assert [point.z for point in pipe.points()] == [1038.2, 0.0]


def test_what_has_no_place_is_left_out_and_listed(project: Project, tmp_path: Path) -> None:
    uuid = add(project, "manhole", shapely.Point())
    add(project, "manhole", shapely.Point(PLACE))
    path, report = drawn(project, tmp_path)
    layer = layer_of(report, "manhole")
    assert layer.written == 1
    assert [(loss.uuid, loss.kind) for loss in layer.losses] == [(uuid, "geometry")]
    assert len(read_layer(path, layer="manhole")) == 1


# -- what a draughtsman sees -------------------------------------------------------------


def test_layers_are_named_and_coloured_as_the_trade_does(project: Project, tmp_path: Path) -> None:
    add(project, "pipe_line", line(0), kind="YS", diameter_mm=400, material="T")
    add(project, "pipe_point", shapely.Point(PLACE), kind="JS", exp_no="JS1")
    add(project, "street_lamp", shapely.Point(PLACE))
    path, _report = drawn(project, tmp_path, "R2004")
    document = filemanagement.readfile(path)
    layers = {layer.dxf.name: layer for layer in document.layers}
    assert {"YS_Line", "YS_Text", "JS_Point", "JS_Text"} <= {*layers}
    assert layers["YS_Line"].rgb == (76, 57, 38)
    assert layers["JS_Point"].rgb == (0, 255, 255)
    assert layers["JS_Point"].color == 4
    assert layers["YS_Line"].dxf.linetype in document.linetypes
    assert layers["YS_Line"].dxf.linetype != "Continuous"
    assert document.styles.get("宋体").dxf.font == "simsun.ttc"
    texts = document.modelspace().query("TEXT")
    assert [(text.dxf.text, text.dxf.layer) for text in texts] == [("YS DN400 T", "YS_Text")]
    (point,) = [one for one in document.modelspace() if one.dxf.layer == "JS_Point"]
    shown = [(one.dxf.text, one.dxf.layer) for one in point.attribs if not one.is_invisible]
    assert shown == [("JS1", "JS_Text")]
    asked = {one.dxf.tag: one.dxf.prompt for one in document.blocks[point.dxf.name].query("ATTDEF")}
    assert asked["WTDH"] == "物探点号"


def test_a_drawing_opens_on_what_is_in_it_in_metres(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", shapely.Point(PLACE))
    add(project, "manhole", shapely.Point(428_500, 4_528_300))
    path, _report = drawn(project, tmp_path)
    document = filemanagement.readfile(path)
    assert document.header["$INSUNITS"] == 6
    assert document.header["$DWGCODEPAGE"] == "ANSI_936"
    assert document.header["$EXTMIN"][:2] == PLACE
    assert document.header["$EXTMAX"][:2] == (428_500, 4_528_300)
    (view,) = document.viewports.get("*Active")
    assert tuple(view.dxf.center)[:2] == pytest.approx((428_250.0625, 4_528_150.25))
    assert 300 < view.dxf.height < 600


def test_degrees_say_that_they_are_true_ones(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", shapely.Point(PLACE))
    path = tmp_path / "degrees.dxf"
    write(project, path, choose(project), Writing("dxf", parse_crs("EPSG:4490")))
    assert b"hjgis:true-coordinates" in path.read_bytes()
    (point,) = entities(path)
    assert 107 < point.dxf.insert.x < 109


def test_names_with_signs_that_no_layer_may_have_are_still_valid(
    project: Project, tmp_path: Path
) -> None:
    add(project, "street_lamp", shapely.Point(PLACE))
    (going,) = choose(project).outgoing(project, project.crs)
    odd = replace(going.asset, label={"zh_CN": 'a<b>/\\":;?*|,=`m²𠮷\n'})
    path = tmp_path / "odd.dxf"
    writing = Writing("dxf", project.crs, drawing="R2004")
    drawing_file.write([replace(going, asset=odd)], path, writing)
    (lamp,) = entities(path)
    assert decoded(lamp.dxf.layer) == "a_b____________m²𠮷_"


# -- what must not go out ----------------------------------------------------------------


def test_fields_that_do_not_go_out_show_neither_in_labels_nor_in_layers(
    project: Project, tmp_path: Path
) -> None:
    add(project, "pipe_line", line(0), kind="YS", diameter_mm=400, material="T")
    add(project, "manhole", shapely.Point(PLACE), exp_no="WS777", cover_kind="污水井盖")
    fields = {"pipe_line": ["diameter_mm"], "manhole": ["road_name"]}
    path, report = drawn(project, tmp_path, fields=fields)
    assert {*layer_of(report, "pipe_line").names} == {"uuid", "diameter_mm"}
    text = path.read_text("utf-8")
    assert not re.search("WS777|YS_|YS DN|污水", text)
    assert [one.dxf.text for one in entities(path) if one.dxftype() == "TEXT"] == ["DN400"]
    assert str(tmp_path) not in text


def test_an_export_that_is_stopped_or_cannot_be_written_leaves_nothing(
    project: Project, tmp_path: Path
) -> None:
    class Stopped:
        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            raise Cancelled

    add(project, "manhole", shapely.Point(PLACE))
    folder = tmp_path / "out"
    folder.mkdir()
    writing = Writing("dxf", project.crs)
    with pytest.raises(Cancelled):
        write(project, folder / "a.dxf", choose(project), writing, progress=Stopped())
    assert [*folder.iterdir()] == []
    going = choose(project).outgoing(project, project.crs)
    with pytest.raises(InputError, match="nowhere"):
        drawing_file.write(going, tmp_path / "nowhere" / "a.dxf", writing)


def test_nothing_makes_a_drawing_that_opens(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "empty.dxf"
    assert drawing_file.write([], path, Writing("dxf", project.crs, drawing="R2004")) == []
    assert entities(path) == []
    writing = Writing("dxf", project.crs)
    report = write(project, tmp_path / "none.dxf", choose(project, ["manhole"]), writing)
    assert layer_of(report, "manhole").written == 0


def test_a_purged_drawing_that_was_saved_elsewhere_still_says_everything(
    project: Project, tmp_path: Path
) -> None:
    uuid = add(project, "pipe_line", line(0), kind="WS", remarks="甲" * 300 + "^²")
    well = add(project, "manhole", shapely.Point(PLACE), exp_no="WS1")
    path, _report = drawn(project, tmp_path, "R2004")
    document = filemanagement.readfile(path)
    for name in ("pipe_line_fields", "manhole_fields"):
        document.blocks.delete_block(name)
    document.saveas(tmp_path / "theirs.dxf")
    pipes = read_layer(tmp_path / "theirs.dxf", layer="pipe_line").columns
    assert (pipes["UUID"][0], pipes["BZ"][0], pipes["GXZL"][0]) == (uuid, "甲" * 300 + "^²", "污水")
    assert read_layer(tmp_path / "theirs.dxf", layer="manhole").columns["UUID"].tolist() == [well]


def test_coded_signs_of_other_peoples_drawings_are_read(tmp_path: Path) -> None:
    document = filemanagement.new("R12")
    document.modelspace().add_text(r"\U+4E2D\U+5C71\U+8DEF", dxfattribs={"layer": "a"})
    path = tmp_path / "old.dxf"
    document.saveas(path)
    assert read_layer(path, layer="a / Point").columns["text"].tolist() == ["中山路"]
