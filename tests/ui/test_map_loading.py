from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from pytestqt.qtbot import QtBot

from hjgis.errors import Cancelled
from hjgis.layers.columns import LayerColumns
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.progress import SILENT
from hjgis.ui.jobs import Jobs
from hjgis.ui.map.map_loading import MapLoader
from hjgis.ui.workspace import Workspace

ROWS = 9_000


@pytest.fixture
def many(project: Project) -> Project:
    places = np.random.default_rng(1).uniform((428_000, 4_528_000), (433_000, 4_531_000), (ROWS, 2))
    bulk = BulkInsert("manhole", shapely.points(places), {})
    project.session.apply(ChangeSet("import", bulk=(bulk,), params={"layer": "manhole"}))
    return project


def test_a_sample_from_all_over_comes_before_the_rest(qtbot: QtBot, many: Project) -> None:
    heard: list[Mapping[str, LayerColumns]] = []
    loader = MapLoader(many.reader, heard.append)
    whole = loader.read(list(many.types), SILENT)
    qtbot.waitUntil(lambda: len(heard) >= 2)
    assert list(heard[0]) == ["manhole"]
    sample = heard[0]["manhole"]
    assert 1000 < len(sample) < ROWS
    assert sample.extent() == pytest.approx(whole["manhole"].extent(), abs=30)
    assert len(whole["manhole"]) == ROWS
    assert set(whole) == set(many.types)


def test_reading_can_be_given_up(qtbot: QtBot, many: Project) -> None:
    class Impatient:
        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            raise Cancelled

    del qtbot
    with pytest.raises(Cancelled):
        MapLoader(many.reader, lambda _columns: None).read(["manhole"], Impatient())


def test_edits_while_the_map_is_read_are_on_it_at_the_end(qtbot: QtBot, many: Project) -> None:
    jobs = Jobs()
    space = Workspace(many, jobs)
    qtbot.addWidget(space.canvas)
    bulk = BulkInsert("manhole", shapely.points([[428_100.0, 4_528_100.0]]), {})
    many.session.apply(ChangeSet("import", bulk=(bulk,), params={}))
    assert not space.layers.is_loaded
    qtbot.waitUntil(lambda: space.layers.is_loaded)
    assert len(space.layers["manhole"].columns) == ROWS + 1
    jobs.stop()
    space.close()


def test_a_large_import_is_read_in_the_background(qtbot: QtBot, many: Project) -> None:
    jobs = Jobs()
    space = Workspace(many, jobs)
    qtbot.addWidget(space.canvas)
    qtbot.waitUntil(lambda: space.layers.is_loaded)
    places = np.random.default_rng(2).uniform(
        (428_000, 4_528_000), (428_100, 4_528_100), (6_000, 2)
    )
    bulk = BulkInsert("manhole", shapely.points(places), {})
    many.session.apply(ChangeSet("import", bulk=(bulk,), params={}))
    assert len(space.layers["manhole"].columns) == ROWS
    qtbot.waitUntil(lambda: len(space.layers["manhole"].columns) == ROWS + 6_000)
    jobs.stop()
    space.close()
