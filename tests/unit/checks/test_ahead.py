"""A second thread reads ahead; what is found is the same, whatever becomes of that thread."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest
import shapely

from hjgis.checks import runner, shared_features
from hjgis.checks.ahead import Ahead
from hjgis.errors import Cancelled
from hjgis.layers.project import Project
from hjgis.layers.questions import FeatureQuestions
from hjgis.progress import SILENT, Progress
from tests.unit.checks.faults import add, at


@pytest.fixture
def town(project: Project) -> Project:
    nodes = [add(project, "manhole", at(n), component_id="15082601001000001") for n in range(4)]
    for number, (one, two) in enumerate(pairwise(nodes)):
        line = shapely.LineString([*at(number).coords, *at(number + 1).coords])
        add(project, "pipe_line", line, from_node=one, to_node=two)
    return project


def _found(project: Project) -> object:
    return runner.run(project).to_json()


def test_the_report_is_the_same_with_and_without(
    town: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = _found(town)
    monkeypatch.setattr(shared_features, "_MANY", 1)
    assert _found(town) == alone


def test_the_file_is_read_by_two_threads(town: Project) -> None:
    readers: set[str] = set()
    both = threading.Barrier(2, timeout=20)

    def read(_store: FeatureQuestions, key: str, _progress: Progress) -> str:
        readers.add(threading.current_thread().name)
        both.wait()
        return key.upper()

    with Ahead(town, ["a", "b"], read, SILENT).running() as ahead:
        assert [ahead.take("a"), ahead.take("b")] == ["A", "B"]
    assert len(readers) == 2


def test_what_the_other_thread_cannot_read_is_read_here(town: Project) -> None:
    mine = threading.current_thread()

    def read(_store: FeatureQuestions, key: int, _progress: Progress) -> int:
        if threading.current_thread() is not mine:
            raise Cancelled
        return key * 2

    with Ahead(town, range(5), read, SILENT).running() as ahead:
        assert [ahead.take(key) for key in range(5)] == [0, 2, 4, 6, 8]


def test_another_state_of_the_file_is_not_read(town: Project) -> None:
    mine, others = threading.current_thread(), list[str]()

    def read(_store: FeatureQuestions, key: int, _progress: Progress) -> int:
        if threading.current_thread() is not mine:
            others.append("read")
        return key

    ahead = Ahead(town, range(3), read, SILENT)
    add(town, "manhole", at(9))
    with ahead.running():
        assert [ahead.take(key) for key in range(3)] == [0, 1, 2]
    assert others == []


def test_stopping_stops_the_other_thread(town: Project, tmp_path: Path) -> None:
    begun = threading.Event()

    def read(_store: FeatureQuestions, _key: int, progress: Progress) -> int:
        begun.set()
        while True:
            progress.check()

    before = threading.active_count()
    with Ahead(town, range(3), read, SILENT).running():
        assert begun.wait(20)
    assert threading.active_count() == before
