"""A small town in a project file, and Qt to draw it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtWidgets import QApplication
from shapely import LineString, MultiLineString, MultiPolygon, Point, box

from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet

CENTER = (428_245.0, 4_528_395.0)
Fill = Callable[[Project, Mapping[str, Sequence[tuple[shapely.Geometry, dict[str, object]]]]], None]


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """Fonts need a running Qt; the suite's one application will do."""
    assert qapp is not None


def _fill() -> Fill:
    def store(
        project: Project,
        features: Mapping[str, Sequence[tuple[shapely.Geometry, dict[str, object]]]],
    ) -> None:
        bulk = []
        for layer, rows in features.items():
            geometry = np.empty(len(rows), dtype=object)
            geometry[:] = [shape for shape, _ in rows]
            names = {name for _, values in rows for name in values}
            columns = {name: [values.get(name) for _, values in rows] for name in names}
            bulk.append(BulkInsert(layer, geometry, columns))
        project.session.apply(ChangeSet("import", bulk=tuple(bulk)))

    return store


@pytest.fixture
def fill() -> Fill:
    """Store features given as layer to (geometry, values) pairs."""
    return _fill()


@pytest.fixture(scope="session")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One square kilometre: a park, two streets, a gas and a water pipe, wells, a toilet."""
    x, y = CENTER
    path = tmp_path_factory.mktemp("town") / "杭后 城区.gpkg"
    with Project.create(path, title="陕坝镇", info={"sample": "1"}) as project:
        _fill()(
            project,
            {
                "boundary": [
                    (MultiPolygon([box(x - 500, y - 500, x + 500, y + 500)]), {"level": "建成区"})
                ],
                "park": [
                    (
                        MultiPolygon([box(x - 400, y + 100, x - 200, y + 300)]),
                        {"park_name": "体育公园", "park_class": "G11"},
                    )
                ],
                "road": [
                    (
                        MultiLineString([[(x - 500, y), (x + 500, y)]]),
                        {"road_name": "中山路", "road_class": "主干路"},
                    ),
                    (
                        MultiLineString([[(x + 300, y - 500), (x + 300, y + 500)]]),
                        {"road_name": "龙宝街", "road_class": "支路"},
                    ),
                ],
                "pipe_line": [
                    (LineString([(x - 40, y + 4), (x + 60, y + 4)]), {"kind": "TR"}),
                    (LineString([(x + 310, y - 40), (x + 310, y + 60)]), {"kind": "JP"}),
                ],
                "manhole": [
                    (Point(x - 40, y + 4), {"cover_kind": "燃气井盖"}),
                    (Point(x + 310, y - 40), {"cover_kind": "供水井盖"}),
                ],
                "toilet": [(Point(x + 20, y - 30), {"toilet_class": "二类"})],
            },
        )
    return path


@pytest.fixture
def town(town_file: Path) -> Iterator[Project]:
    """The town, open for reading."""
    with Project.open(town_file, write=False, verify=False, operator="张三") as project:
        yield project


@pytest.fixture
def own_town(town_file: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the town, open for writing."""
    copy = tmp_path / town_file.name
    shutil.copyfile(town_file, copy)
    with Project.open(copy) as project:
        yield project
