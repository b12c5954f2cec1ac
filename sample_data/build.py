"""Builds the sample project, its answer key and the foreign files: the same every time.

``python -m sample_data.build [--out FOLDER]``. All data are invented; see README.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import shapely

from hjgis.layers.project import Project
from hjgis.layers.sample import begin_history
from hjgis.models.changes import BulkInsert, ChangeSet
from sample_data import defects, estates, facilities, foreign, inspections, pipes
from sample_data import streets as st
from sample_data.frame import COLUMNS, ROWS, XMAX, XMIN, YMAX, YMIN, Cells, Layer, Serials

HERE = Path(__file__).resolve().parent
TITLE = "合成样例：陕坝镇"


def clean_town() -> list[Layer]:
    """Return all layers of the town without defects."""
    grid = st.crossings()
    cells, serials = Cells(), Serials()
    green = facilities.parks(grid)
    land = shapely.union_all(green.geometry)
    lots, bays = facilities.parking(grid, cells, serials, land)
    network = pipes.build(grid, cells, serials)
    layers = [
        _boundary(),
        _service_area(),
        _unit_grid(cells),
        green,
        lots,
        bays,
        st.road_layer(grid, shapely.union_all([land, *lots.geometry])),
        network.manholes,
        network.points,
        network.lines,
        facilities.lamps(grid, cells, serials),
        facilities.bike_stations(grid, cells, serials),
        facilities.toilets(grid, cells, serials, sewers(network.lines), green),
    ]
    taken = shapely.union_all([*green.geometry, *lots.geometry])
    return [*layers, *estates.layers(grid, cells, taken), inspections.records(layers)]


def sewers(lines: Layer) -> shapely.Geometry:
    """Return all pipes that a toilet can drain to."""
    rows = zip(lines.rows, lines.geometry, strict=True)
    return shapely.multilinestrings([pipe for row, pipe in rows if row["kind"] in ("WS", "HS")])


def _boundary() -> Layer:
    layer = Layer("boundary")
    built_up = shapely.box(XMIN - 20, YMIN - 60, XMAX + 20, YMAX + 20)
    planned = shapely.box(XMIN - 700, YMIN - 800, XMAX + 700, YMAX + 760).buffer(60)
    planned = shapely.set_precision(planned, 0.01)
    for name, shape, level in (("规划区", planned, "规划区"), ("建成区", built_up, "建成区")):
        layer.add(name, shapely.multipolygons([shape]), boundary_name=f"示例{name}", level=level)
    return layer


def _service_area() -> Layer:
    layer = Layer("service_area")
    shape = shapely.multipolygons([shapely.box(XMIN, YMIN, XMAX, YMAX)])
    layer.add("bikes", shape, area_name="共享单车服务区", purpose="共享单车", area_m2=15_000_000.0)
    return layer


def _unit_grid(cells: Cells) -> Layer:
    layer = Layer("grid")
    for row in range(ROWS):
        for column in range(COLUMNS):
            code = cells.ids[column, row]
            layer.add(
                code,
                cells.box(column, row),
                grid_id=code,
                community_code=code[:12],
                community_name=f"示例社区{cells.community[column, row]:02d}",
                head_name="示例网格长",
                head_phone="0478-0000000",
                area_m2=round(cells.width * cells.height, 1),
                land_use="R",
            )
    return layer


def write_town(path: Path) -> None:
    """Write the town without defects to a new project."""
    facts = {"sample": "1", "project_uuid": "00000000-0000-5000-8000-000000000001"}
    with Project.create(path, title=TITLE, operator="sample", info=facts) as project:
        for layer in clean_town():
            geometry = np.empty(len(layer.geometry), dtype=object)
            geometry[:] = layer.geometry
            bulk = BulkInsert(layer.id, geometry, layer.columns(), layer.uuids)
            new = None if layer.id in project.types else project.asset_type(layer.id)
            project.session.apply(ChangeSet("sample", bulk=(bulk,), new_layer=new))


def build(out: Path) -> None:
    """Write the project with its defects, answer key, repairs and foreign files into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "town.gpkg"
        write_town(draft)
        with Project.open(draft, operator="sample") as project:
            key, repairs = defects.plant(project)
        begin_history(draft)
        target = out / "town.gpkg"
        target.unlink(missing_ok=True)
        with Project.open(draft, write=False) as project:
            project.store.save_copy(target)
    _write_json(out / "answer_key.json", key)
    _write_json(out / "repairs.json", repairs)
    shutil.rmtree(out / "foreign", ignore_errors=True)
    foreign.write(out / "foreign")


def _write_json(path: Path, rows: list[dict[str, object]]) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=HERE)
    build(parser.parse_args().out)
