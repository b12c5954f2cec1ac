"""What contractors' programs do to a delivery besides the changes that were asked for."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import fiona
import openpyxl
import pytest
import shapely
from pyogrio import raw

from hjgis.delivery.returning import plan_return, store
from hjgis.exchange.outgoing import Writing
from hjgis.exchange.shapefiles import shapefile
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet
from hjgis.models.crs import Transform, parse_crs
from tests.exported import choose
from tests.returns import MANIFEST, Row, deliver, edited
from tests.unit.delivery.test_returning import (
    LAYERS,
    NONE,
    all_problems,
    counts,
    folder,
    keys,
    shp,
    street,
    town,
    with_remark,
)

__all__ = ("folder", "street", "town")


def saved_by_qgis(path: Path, *, encoding: str, turned: bool = False) -> None:
    """Save a shapefile anew as QGIS does, which names the encoding; `turned`: columns too."""
    with fiona.open(path, encoding="gbk") as source:
        records, schema, wkt = list(source), source.schema, source.crs_wkt
    if turned:
        schema = {**schema, "properties": dict(reversed(schema["properties"].items()))}
    for part in path.parent.glob(f"{path.stem}.*"):
        part.unlink()
    given = {"schema": schema, "crs_wkt": wkt, "encoding": encoding}
    with fiona.open(path, "w", driver="ESRI Shapefile", **given) as file:
        file.writerecords(records)


def test_a_shapefile_that_their_qgis_saved_as_utf_8_has_only_their_change(
    town: Project, folder: Path
) -> None:
    key = keys(town, "street_lamp")[2]
    deliver(town, folder, LAYERS)
    path = edited(shp(folder, "street_lamp"), with_remark({key.uuid: "改后"}))
    saved_by_qgis(path, encoding="utf-8")
    assert path.with_suffix(".cpg").read_text().strip() == "UTF-8"
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert plan.update.differences[0].values["remarks"] == (None, "改后")


def test_columns_in_another_order_are_no_change(town: Project, folder: Path) -> None:
    deliver(town, folder, LAYERS)
    saved_by_qgis(shp(folder, "street_lamp"), encoding="gbk", turned=True)
    assert counts(plan_return(town, folder)) == NONE


def test_a_shapefile_that_came_back_in_degrees_is_put_back(town: Project, folder: Path) -> None:
    deliver(town, folder, ("street_lamp", "pipe_line", "manhole"))
    key = keys(town, "pipe_line")[0]
    way = Transform(town.crs, parse_crs("EPSG:4326"))
    for layer in ("street_lamp", "pipe_line"):
        path = shp(folder, layer)
        meta, _fids, wkbs, data = raw.read(path)
        moved = way.geometry(shapely.from_wkb(wkbs))
        for part in path.parent.glob(f"{layer}.*"):
            part.unlink()
        raw.write(
            path, shapely.to_wkb(moved, flavor="iso", output_dimension=3), data,
            meta["fields"].tolist(), geometry_type=meta["geometry_type"], crs="EPSG:4326",
        )  # fmt: skip
    edited(shp(folder, "pipe_line"), with_remark({key.uuid: "改"}), encoding="utf-8")
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert plan.update.differences[0].moved_m is None
    assert "transformed" in all_problems(plan)


def rows_of(path: Path) -> list[dict[str, object]]:
    meta, _fids, _wkbs, data = raw.read(path, encoding="gbk", datetime_as_string=True)
    columns = [column.tolist() for column in data]
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]


def test_a_dbf_that_excel_saved_as_a_workbook_comes_back(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    key = keys(town, "street_lamp")[2]
    deliver(town, folder, LAYERS)
    rows = rows_of(shp(folder, "street_lamp"))
    book = openpyxl.Workbook()
    page = book.active
    page.title = "street_lamp"
    page.append(list(rows[0]))
    for row in rows:
        if row["UUID"] == key.uuid:
            row["BZ"] = "改"
        page.append([None if value != value else value for value in row.values()])
    book.save(tmp_path / "street_lamp.xlsx")
    plan = plan_return(town, tmp_path / "street_lamp.xlsx")
    assert counts(plan) == {**NONE, "changed": 1}
    assert plan.update.differences[0].key == key


def test_some_of_the_rows_alone_leave_the_others_unticked(
    town: Project, folder: Path, tmp_path: Path
) -> None:
    key = keys(town, "street_lamp")[2]
    deliver(town, folder, LAYERS)
    some = tmp_path / "只有两个.shp"

    def two(records: list[Row]) -> list[Row]:
        return with_remark({key.uuid: "改"})(records)[1:3]

    edited(shp(folder, "street_lamp"), two, target=some)
    plan = plan_return(town, some)
    assert counts(plan) == {**NONE, "changed": 1, "missing": 10}
    assert len(plan.ticked) == 1
    before = town.count("street_lamp")
    store(town, plan, plan.ticked)
    assert town.count("street_lamp") == before


def test_a_csv_that_excel_saved_in_gbk_has_only_their_change(town: Project, folder: Path) -> None:
    key = keys(town, "street_lamp")[2]
    deliver(town, folder, ("street_lamp",), formats=["csv"])
    path = folder / "数据" / "csv" / "street_lamp.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, *rows = list(csv.reader(file))
    place = {name: at for at, name in enumerate(heads)}
    for row in rows:
        if row[place["uuid"]] == key.uuid:
            row[place["remarks"]] = "改"
        # As Excel writes a day, and numbers without their last zeros.
        row[place["replace_date"]] = row[place["replace_date"]].replace("-", "/").replace("/0", "/")
        row[place["power_w"]] = f"{float(row[place['power_w']]):g}"
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert dict(plan.update.differences[0].values) == {"remarks": (None, "改")}


def test_places_that_were_changed_in_a_csv_come_back(town: Project, folder: Path) -> None:
    moved, unplaced = keys(town, "street_lamp")[2:4]
    deliver(town, folder, ("street_lamp",), formats=["csv"])
    path = folder / "数据" / "csv" / "street_lamp.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, *rows = list(csv.reader(file))
    place = {name: at for at, name in enumerate(heads)}
    for row in rows:
        if row[place["uuid"]] == moved.uuid:
            row[place["Y(东)"]] = f"{float(row[place['Y(东)']]) + 1.5:.3f}"
            # One that they added.
            new = ["" if name == "uuid" else row[at] for at, name in enumerate(heads)]
            new[place["X(北)"]] = f"{float(row[place['X(北)']]) + 40:.3f}"
        if row[place["uuid"]] == unplaced.uuid:
            row[place["X(北)"]] = row[place["Y(东)"]] = ""
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([heads, *rows, new])
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1, "new": 1}
    (changed,) = (one for one in plan.update.differences if one.kind == "changed")
    assert changed.key == moved
    assert changed.moved_m == pytest.approx(1.5, abs=0.01)


def test_a_package_of_an_older_catalogue_comes_back(town: Project, folder: Path) -> None:
    """Fields that are no longer there are listed; those that came since are not missing."""
    key = keys(town, "street_lamp")[2]
    deliver(town, folder, LAYERS)
    content = json.loads((folder / MANIFEST).read_text("utf-8"))
    for layer in content["formats"]["shp"]["layers"]:
        layer["names"] = {
            ("old_field" if name == "power_w" else name): short
            for name, short in layer["names"].items()
            if name != "lamp_heads"
        }
    content["version"] = 0
    (folder / MANIFEST).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    edited(
        shp(folder, "street_lamp"), with_remark({key.uuid: "改"}),
        without=[town.asset_type("street_lamp").field("lamp_heads").short],
    )  # fmt: skip
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert any("another version" in words for words in plan.found.warnings)


def test_a_vertex_of_unknown_height_comes_back_unchanged(town: Project, folder: Path) -> None:
    key = keys(town, "pipe_line")[0]
    before = town.get(key)
    (x0, y0, z0), (x1, y1, _z1) = before.geometry.coords  # type: ignore[union-attr]
    after = before.with_geometry(shapely.LineString([(x0, y0, z0), (x1, y1, float("nan"))]))
    town.session.apply(ChangeSet("edit.move", (Change(before, after),)))
    deliver(town, folder, ("pipe_line",), formats=["shp"])
    edited(shp(folder, "pipe_line"), lambda records: records)
    assert counts(plan_return(town, folder)) == NONE


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("changed", [1, 19])
def test_a_layer_in_several_files_comes_back_as_one(
    town: Project, folder: Path, changed: int, listed: bool
) -> None:
    key = keys(town, "manhole")[changed]
    deliver(town, folder, ("manhole",))
    home, going = folder / "数据" / "shp", choose(town, ["manhole"]).outgoing(town, town.crs)
    for part in home.glob("manhole*"):
        part.unlink()
    shapefile.write(going, home, Writing("shp", town.crs), largest=4_000)
    files = sorted(home.glob("*.shp"))
    assert len(files) > 2
    if listed:
        listed_anew(folder)
    else:
        (folder / MANIFEST).unlink()
    for path in files:
        uuids = {row["UUID"] for row in rows_of(path)}
        if key.uuid in uuids:
            edited(path, with_remark({key.uuid: "改"}))
    plan = plan_return(town, folder)
    assert counts(plan) == {**NONE, "changed": 1}
    assert plan.update.differences[0].key == key
    assert plan.problems == ()


def listed_anew(folder: Path) -> None:
    """Let the manifest name the files that are there."""
    content = json.loads((folder / MANIFEST).read_text("utf-8"))
    content["files"] = [
        {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size,
         "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST
    ]  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
