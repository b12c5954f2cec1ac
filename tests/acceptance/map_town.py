"""A small town whose maps can be reckoned by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet

CENTER = (428_245.0, 4_528_395.0)
# The one gas pipe: 100 m long, from the middle, in a direction of no axis.
GAS_DEG = 37.0
GAS_M = 100.0
MATERIALS = ("PVC", "PE", "ZT", "G", "S")
Row = tuple[shapely.Geometry, dict[str, object]]


def gas_end(center: tuple[float, float] = CENTER) -> tuple[float, float]:
    turn = math.radians(GAS_DEG)
    return center[0] + GAS_M * math.cos(turn), center[1] + GAS_M * math.sin(turn)


def store(project: Project, features: dict[str, list[Row]]) -> None:
    bulk = []
    for layer, rows in features.items():
        shapes = np.empty(len(rows), dtype=object)
        shapes[:] = [shape for shape, _values in rows]
        names = {name for _shape, values in rows for name in values}
        columns = {name: [values.get(name) for _shape, values in rows] for name in names}
        bulk.append(BulkInsert(layer, shapes, columns))
    project.session.apply(ChangeSet("import", bulk=tuple(bulk)))


def features(center: tuple[float, float] = CENTER) -> dict[str, list[Row]]:
    """Return a square of a kilometre with pipes, manholes and parks, some without values."""
    x, y = center
    pipes: list[Row] = [
        (LineString([center, gas_end(center)]), {"kind": "TR", "diameter_mm": 200}),
    ]
    for i in range(40):
        east, north = x - 480 + 24 * i, y - 480 + 20 * (i % 7)
        values: dict[str, object] = {"kind": ("JP", "WS", "YS")[i % 3]}
        if i % 5:
            values["diameter_mm"] = 100 * (i % 9 + 1)
        if i % 4:
            values["material"] = MATERIALS[i % len(MATERIALS)]
        pipes.append((LineString([(east, north), (east + 15, north + 400)]), values))
    wells: list[Row] = [
        (Point(x - 480 + 24 * i, y - 480 + 20 * (i % 7)), {"cover_kind": "供水井盖"})
        for i in range(40)
    ]
    ring = Polygon(
        box(x - 400, y + 100, x - 200, y + 300).exterior,
        [box(x - 390, y + 110, x - 210, y + 290).exterior],
    )
    return {
        "boundary": [
            (MultiPolygon([box(x - 500, y - 500, x + 500, y + 500)]), {"level": "建成区"})
        ],
        "park": [
            (MultiPolygon([ring]), {"park_name": "环形公园", "park_class": "G11"}),
            (
                MultiPolygon([box(x + 200, y + 200, x + 300, y + 300)]),
                {"park_name": "体育公园", "park_class": "G14"},
            ),
        ],
        "road": [
            (
                MultiLineString([[(x - 500, y), (x + 500, y)]]),
                {"road_name": "中山路", "road_class": "主干路"},
            )
        ],
        "pipe_line": pipes,
        "manhole": wells,
    }


def build(
    path: Path,
    *,
    crs: str = "EPSG:4545",
    center: tuple[float, float] = CENTER,
    leave_out: tuple[str, ...] = (),
) -> Path:
    """Make the town's project file."""
    with Project.create(path, title="陕坝镇", crs=crs) as project:
        kept = {k: v for k, v in features(center).items() if k not in leave_out}
        store(project, kept)
    return path
