"""An empty project for each test, copied rather than made: there are many."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hjgis.layers.project import Project


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "blank.gpkg"
    Project.create(path).close()
    return path


@pytest.fixture
def project(blank: Path, tmp_path: Path) -> Iterator[Project]:
    path = shutil.copy(blank, tmp_path / "town.gpkg")
    with Project.open(path, operator="tester") as opened:
        yield opened
