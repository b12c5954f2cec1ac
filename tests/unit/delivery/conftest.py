from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from PySide6.QtWidgets import QApplication

from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.deliveries import Order

X, Y = 428_000.0, 4_528_000.0
# What must never be found in a package.
SECRET = "绝不外传"
SURVEYOR = "张调查"
PERSON = "李巡查"
OPERATOR = "王操作"


def order(*layers: str, **given: object) -> Order:
    """An order of the data alone, unless more is asked for."""
    settings = {"recipient": "示例施工队", "purpose": "中山路改造", "parts": ()} | given
    return Order(layers=layers, **settings)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """Fonts need a running Qt; the suite's one application will do."""
    assert qapp is not None


@pytest.fixture
def stock(project: Project) -> Project:
    """Manholes in a row, of which some must stay here, lamps, a road, records and a deletion."""
    project.session.operator = OPERATOR
    holes = 8
    manholes = BulkInsert(
        "manhole",
        shapely.points(X + 50.0 * np.arange(holes), np.full(holes, Y)),
        {
            "exp_no": [f"WS{n}" for n in range(holes)],
            "cover_kind": ["污水"] * holes,
            "surveyor": [SURVEYOR] * holes,
            "source_file": ["C:\\Users\\li\\普查.xlsx"] * holes,
            "remarks": ["", "甲", "乙", "改前旧值", SECRET, SECRET, SECRET, "丁"],
            "secrecy": [None, "公开", "内部", None, "秘密", None, "天知道", None],
            "owner_name": [None] * 5 + ["某部队", None, None],
        },
        [f"00000000-0000-7000-8000-00000000000{n}" for n in range(holes)],
    )
    lamps = BulkInsert(
        "street_lamp",
        shapely.points([X, X + 400.0], [Y + 10.0, Y + 10.0]),
        {"road_name": ["中山路", "中山路"], "secrecy": ["内部", None]},
    )
    road = BulkInsert(
        "road",
        shapely.from_wkt([f"MULTILINESTRING(({X - 500} {Y}, {X + 900} {Y}))"]),
        {"road_name": ["中山路"], "chief_name": [SURVEYOR]},
    )
    records = BulkInsert(
        "inspection",
        np.full(3, None, dtype=object),
        {
            "asset_layer": ["manhole"] * 3,
            "asset_uuid": [manholes.uuids[n] for n in (0, 3, 4)],
            "person": [PERSON] * 3,
            "remarks": ["好", "坏", SECRET],
        },
    )
    project.session.apply(ChangeSet("import", bulk=(manholes, lamps, road, records)))
    gone = BulkInsert("toilet", shapely.points([[X, Y]]), {"remarks": [SECRET]})
    project.session.apply(ChangeSet("import", bulk=(gone,)))
    project.session.undo()
    return project


@pytest.fixture
def spread(project: Project) -> Callable[[float, float], Project]:
    """Lamps on a raster: so many metres wide, so many metres apart."""

    def make(side_m: float, step_m: float) -> Project:
        along = np.arange(0.0, side_m, step_m)
        spots = np.stack(np.meshgrid(X + along, Y + along), axis=-1).reshape(-1, 2)
        lamps = BulkInsert("street_lamp", shapely.points(spots), {})
        project.session.apply(ChangeSet("import", bulk=(lamps,)))
        return project

    return make
