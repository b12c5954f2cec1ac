"""What the start page tells of a project that is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hjgis import paths
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.settings import Settings
from hjgis.ui import glimpses
from hjgis.ui.main_window import MainWindow
from hjgis.ui.window.start_page import StartPage


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HJGIS_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "town.gpkg"
    create_sample(path, clean=False)
    return path


def looked_at(qtbot: QtBot, path: Path, *, secrecy: str = "") -> int:
    """Open a project, look at the map and close it; return how many features it holds."""
    project = Project.open(path)
    if secrecy:
        project.set_info("secrecy", secrecy)
    window = MainWindow(project, Settings(), layout=path.with_name("window.ini"))
    qtbot.addWidget(window)
    window.show()
    space = window.workspace
    assert space is not None
    qtbot.waitUntil(lambda: space.layers.is_loaded and not space.canvas.busy, timeout=30_000)
    count = sum(project.count(name) for name in project.map_types)
    window.close()
    return count


def said(qtbot: QtBot, path: Path) -> str:
    page = StartPage(Settings(recent=(str(path),)))
    qtbot.addWidget(page)
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_count_and_picture_of_a_project_that_was_closed_are_on_the_start_page(
    qtbot: QtBot, town: Path
) -> None:
    count = looked_at(qtbot, town)
    glimpse = glimpses.of(town)
    assert glimpse.features == count
    picture = glimpse.picture
    assert picture is not None
    colours = {picture.pixel(x, y) for x in range(0, 280, 7) for y in range(0, 180, 7)}
    assert len(colours) > 3
    assert f"{count:,}" in said(qtbot, town).replace("\u202f", ",")
    pictures = list(town.parent.rglob("*.png"))
    assert pictures == list(paths.cache_dir().rglob("*.png"))


def test_no_picture_is_kept_of_what_is_secret_and_an_older_one_goes(
    qtbot: QtBot, town: Path
) -> None:
    looked_at(qtbot, town)
    count = looked_at(qtbot, town, secrecy="秘密")
    assert glimpses.of(town).picture is None
    assert glimpses.of(town).features == count
    assert not list(paths.cache_dir().rglob("*.png"))


def test_a_count_that_is_no_longer_true_is_not_told(qtbot: QtBot, town: Path) -> None:
    looked_at(qtbot, town)
    with Project.open(town) as project:
        project.set_info("note", "changed elsewhere")
    assert glimpses.of(town).features is None
    assert "feature" not in said(qtbot, town)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"features": "x", "changed_ns": 1}'])
def test_what_is_damaged_in_the_cache_is_as_if_it_were_not_there(
    qtbot: QtBot, town: Path, content: str
) -> None:
    glimpses.keep(town, glimpses.Glimpse(3))
    for file in paths.cache_dir().rglob("*.json"):
        file.write_text(content, "utf-8")
    assert glimpses.of(town) == glimpses.Glimpse()
    assert "Changed" in said(qtbot, town)


def test_a_project_that_is_taken_off_the_list_leaves_nothing_in_the_cache(town: Path) -> None:
    glimpses.keep(town, glimpses.Glimpse(3))
    glimpses.forget(town)
    assert not [path for path in paths.cache_dir().rglob("*") if path.is_file()]
    settings = Settings(recent=(str(town), "other.gpkg")).without_recent(town)
    assert settings.recent == ("other.gpkg",)
