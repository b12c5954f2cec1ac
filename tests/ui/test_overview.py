from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.settings import Settings
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map import overview
from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.map.overview import OverviewMap
from hjgis.ui.map.viewport import at_denominator, centred
from hjgis.ui.workspace import Workspace
from tests.rest import rest
from tests.ui.mouse import LEFT

ALWAYS_S = -1.0


@pytest.fixture
def small(qtbot: QtBot, window: MainWindow) -> OverviewMap:
    """The overview map, painted, over a map at 1:100."""
    canvas, shown = parts(window)
    qtbot.waitUntil(lambda: not shown.busy)
    canvas.set_denominator(100)
    return shown


def parts(window: MainWindow) -> tuple[MapCanvas, OverviewMap]:
    assert window.workspace is not None
    assert window.overview is not None
    return window.workspace.canvas, window.overview


def work(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def add_one(window: MainWindow, x: float = 428_030) -> None:
    workspace = work(window)
    workspace.apply(add_feature(workspace.project, "manhole", shapely.Point(x, 4_528_030)))


def middle(canvas: MapCanvas) -> tuple[float, float]:
    return (canvas.frame.center_x, canvas.frame.center_y)


# what it shows


def test_it_lies_in_the_lower_left_corner_and_stays_there(
    qtbot: QtBot, window: MainWindow, small: OverviewMap
) -> None:
    canvas, _small = parts(window)
    for size in ((1366, 768), (1100, 700)):
        window.resize(*size)
        qtbot.waitUntil(lambda: canvas.rect().bottom() - small.geometry().bottom() == 8)
        assert small.geometry().left() == 8


def test_it_shows_the_whole_town_and_a_frame_around_what_is_seen(
    window: MainWindow, small: OverviewMap
) -> None:
    canvas, _small = parts(window)
    assert small._picture is not None
    shown = small._picture.request.frame
    extent = work(window).layers.extent()
    assert extent is not None
    assert shown.extent[0] < extent[0] < extent[2] < shown.extent[2]
    seen = small.seen_px()
    assert shown.to_map(seen.center().x(), seen.center().y()) == pytest.approx(middle(canvas))
    wide = canvas.frame.extent[2] - canvas.frame.extent[0]
    assert seen.width() == pytest.approx(wide / shown.m_per_px)


def test_the_frame_around_a_tiny_view_can_still_be_seen(
    window: MainWindow, small: OverviewMap
) -> None:
    canvas, _small = parts(window)
    canvas.set_frame(at_denominator(canvas.frame, 10))
    assert min(small.seen_px().width(), small.seen_px().height()) >= 7


def test_layers_are_shown_even_if_none_is_made_for_such_a_scale(workspace: Workspace) -> None:
    sources = workspace.layers.sources()
    near = tuple(
        replace(source, style=replace(source.style, max_denominator=1000)) for source in sources
    )
    assert overview._shown(near, 900) is near
    assert all(source.style.visible_at(1e6) for source in overview._shown(near, 1e6))


# when it is painted


def test_looking_around_paints_nothing_anew(
    qtbot: QtBot, window: MainWindow, small: OverviewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_IDLE_MS", 10)
    monkeypatch.setattr(overview, "_EVERY_S", ALWAYS_S)
    canvas, _small = parts(window)
    before = small._picture
    for step in range(10):
        canvas.pan_by(13, -7)
        canvas.zoom_by(1.1 if step % 2 else 0.9)
        rest(qtbot, window)
    assert small._picture is before


def test_each_edit_puts_the_picture_off_until_there_is_quiet(
    qtbot: QtBot, window: MainWindow, small: OverviewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_IDLE_MS", 30_000)
    monkeypatch.setattr(overview, "_EVERY_S", ALWAYS_S)
    small._later.setTimerType(Qt.TimerType.PreciseTimer)
    before = small._picture
    add_one(window)
    qtbot.waitUntil(lambda: 0 < small._later.remainingTime() < 29_900)
    left_ms = small._later.remainingTime()
    add_one(window, 428_031)
    assert small._later.remainingTime() > left_ms
    assert small._picture is before
    small._later.start(0)
    qtbot.waitUntil(lambda: small._picture is not before)


def test_busy_hands_are_shown_every_few_seconds_at_most(
    qtbot: QtBot, window: MainWindow, small: OverviewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_IDLE_MS", 10)
    monkeypatch.setattr(overview, "_EVERY_S", 3600.0)
    before = small._picture
    add_one(window)
    qtbot.waitUntil(lambda: small._later.remainingTime() > 3_000_000)
    assert small._picture is before


def test_the_large_map_comes_first(
    qtbot: QtBot, window: MainWindow, small: OverviewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_IDLE_MS", 10)
    monkeypatch.setattr(overview, "_EVERY_S", ALWAYS_S)
    canvas, _small = parts(window)
    before = small._picture
    with monkeypatch.context() as busy:
        busy.setattr(MapCanvas, "busy", True)
        add_one(window)
        for _look in range(2):
            qtbot.waitSignal(small._later.timeout).wait()
        assert small._picture is before
    qtbot.waitUntil(lambda: small._picture is not before)
    assert not canvas.busy


def test_a_folded_map_is_not_painted(
    qtbot: QtBot, window: MainWindow, small: OverviewMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_IDLE_MS", 10)
    monkeypatch.setattr(overview, "_EVERY_S", ALWAYS_S)
    small.set_open(False)
    before = small._picture
    add_one(window)
    rest(qtbot, window)
    assert small._picture is before
    small.set_open(True)
    qtbot.waitUntil(lambda: small._picture is not before)


# the hand on it


def test_a_click_brings_the_map_there(qtbot: QtBot, window: MainWindow, small: OverviewMap) -> None:
    canvas, _small = parts(window)
    assert small._picture is not None
    scale = canvas.frame.scale_denominator
    place = small._picture.request.frame.to_map(40, 100)
    qtbot.mouseClick(small, LEFT, pos=QPoint(40, 100))
    # As near as whole pixels of the large map allow.
    assert math.dist(middle(canvas), place) <= canvas.frame.m_per_px
    assert canvas.frame.scale_denominator == scale
    assert len(work(window).selection) == 0


def test_the_frame_is_dragged_where_it_is_taken(
    qtbot: QtBot, window: MainWindow, small: OverviewMap
) -> None:
    canvas, _small = parts(window)
    canvas.set_frame(at_denominator(centred(canvas.frame, *middle(canvas)), 150))
    before, start = middle(canvas), small.seen_px().center().toPoint() + QPoint(4, 3)
    assert small._picture is not None
    metres = small._picture.request.frame.m_per_px
    qtbot.mousePress(small, LEFT, pos=start)
    assert math.dist(middle(canvas), before) <= 2 * canvas.frame.m_per_px
    qtbot.mouseMove(small, start + QPoint(20, 10))
    qtbot.mouseRelease(small, LEFT, pos=start + QPoint(20, 10))
    wanted = (before[0] + 20 * metres, before[1] - 10 * metres)
    assert math.dist(middle(canvas), wanted) <= 3 * canvas.frame.m_per_px
    after = middle(canvas)
    qtbot.mouseMove(small, QPoint(10, 10))
    assert middle(canvas) == after


def test_the_wheel_over_it_zooms_the_map_about_its_middle(
    window: MainWindow, small: OverviewMap
) -> None:
    canvas, _small = parts(window)
    before = middle(canvas)
    at = QPointF(20, 20)
    event = QWheelEvent(
        at,
        QPointF(small.mapToGlobal(QPoint(20, 20))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(small, event)
    assert canvas.frame.scale_denominator == pytest.approx(80)
    assert middle(canvas) == before


# folding


def test_its_button_folds_it_and_the_menu_knows(
    qtbot: QtBot, window: MainWindow, small: OverviewMap
) -> None:
    (button,) = small.findChildren(QToolButton)
    action = window.actions_by_id["overview"]
    assert action.isChecked()
    qtbot.mouseClick(button, LEFT)
    assert (small.width(), small.height()) == (button.width(), button.height())
    assert not action.isChecked()
    action.trigger()
    assert small.is_open
    assert action.isChecked()
    assert small.width() == 180


def test_it_gets_out_of_the_way_while_somebody_draws_and_comes_back(
    qtbot: QtBot, window: MainWindow, small: OverviewMap
) -> None:
    canvas, action = work(window).canvas, window.actions_by_id["overview"]
    corner = QPoint(small.x() + 30, canvas.height() - 60)
    assert small.geometry().contains(corner)
    before = work(window).project.count("manhole")
    for tool in ("draw.manhole", "move-node", "vertices"):
        window.do(tool)
        assert not small.geometry().contains(corner)
        assert action.isChecked()
    window.do("draw.manhole")
    qtbot.mouseClick(canvas, LEFT, pos=corner)
    assert work(window).project.count("manhole") == before + 1
    window.do("identify")
    assert small.geometry().contains(corner)
    # What was folded by hand stays so; what is opened while drawing is seen.
    small.toggle()
    window.do("draw.manhole")
    window.do("identify")
    assert not small.is_open
    assert not small.geometry().contains(corner)
    small.toggle()
    window.do("draw.manhole")
    action.trigger()
    assert action.isChecked()
    assert small.geometry().contains(corner)
    window.do("pan")
    window.do("draw.manhole")
    assert not small.geometry().contains(corner)


def test_coming_back_it_is_painted_anew_only_if_something_has_changed(
    qtbot: QtBot, window: MainWindow, small: OverviewMap
) -> None:
    for changes in (False, True):
        window.do("draw.manhole")
        if changes:
            add_one(window)
        window.do("identify")
        assert small._later.isActive() == changes
        qtbot.waitUntil(lambda: not small._later.isActive())


def test_a_small_map_is_not_covered(qtbot: QtBot, window: MainWindow, small: OverviewMap) -> None:
    canvas, _small = parts(window)
    canvas.setFixedHeight(200)
    qtbot.waitUntil(lambda: small.width() < 30)
    canvas.setFixedHeight(500)
    qtbot.waitUntil(lambda: small.width() == 180)


def test_a_folded_map_stays_folded_the_next_time(
    qtbot: QtBot, project: Project, keys: dict[str, FeatureKey], tmp_path: Path
) -> None:
    layout = tmp_path / "window.ini"
    project.close()
    states = []
    for _time in range(3):
        opened = Project.open(project.path)
        window = MainWindow(opened, Settings(), layout=layout)
        qtbot.addWidget(window)
        window.show()
        _canvas, small = parts(window)
        states.append(small.is_open)
        small.toggle()
        window.close()
    assert states == [True, False, True]
