"""The receiver's panel, with logs played and real bytes through a pseudo-terminal."""

from __future__ import annotations

import math
import os
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from hjgis.exchange import receiver
from hjgis.exchange.receiver import Replay, SerialLine
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.positions import receiver_rules
from hjgis.settings import Settings
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.actions.needs import State
from hjgis.ui.actions.receiver_table import RECEIVER_ACTIONS
from hjgis.ui.main_window import MainWindow
from hjgis.ui.receiver.positioning import Positioning
from hjgis.ui.receiver.take_point import TakePoint
from hjgis.ui.workspace import Workspace
from tests.sentences import degrees, gga, rmc

HERE = (428_020.0, 4_528_030.0)
Keys = dict[str, FeatureKey]


def log(folder: Path, *sentences: str) -> Path:
    path = folder / "walk.nmea"
    path.write_text("".join(f"{line}\r\n" for line in sentences), "ascii")
    return path


def standing(
    x: float = HERE[0], y: float = HERE[1], second: int = 0, *, quality: int = 4, hdop: float = 0.8
) -> str:
    return gga(f"0203{second:02}.00", degrees(x, y), quality, hdop=hdop)


def play(qtbot: QtBot, positioning: Positioning, path: Path) -> None:
    positioning.start(Replay(path, speed=1e6))
    qtbot.waitUntil(lambda: not positioning.running)


class Clock:
    """Stands still until it is put on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(workspace: Workspace) -> Clock:
    made = Clock()
    workspace.positioning._clock = made
    return made


@pytest.fixture
def taking(workspace: Workspace, clock: Clock) -> TakePoint:
    made = TakePoint(workspace, workspace, clock=clock)
    made.set_layer("street_lamp")
    return made


# -- taking points -----------------------------------------------------------------------


def test_a_point_is_taken_at_the_mean_by_one_edit(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    project, positioning = workspace.project, workspace.positioning
    before = project.content_sha256()
    corners = [(0.0, 0.0), (0.04, 0.0), (0.04, 0.04), (0.0, 0.04)]
    path = log(
        tmp_path,
        rmc("020300.00", place=degrees(*HERE)),
        standing(HERE[0] + 3.0, HERE[1], 1, quality=1),
        *(standing(HERE[0] + x, HERE[1] + y, 2 + n) for n, (x, y) in enumerate(corners)),
        standing(HERE[0] + 0.02, HERE[1] + 0.02, 9),
    )
    positioning.wanted = 4
    positioning.start(Replay(path, speed=1e6))
    positioning.begin_average()
    qtbot.waitUntil(lambda: not positioning.running)
    assert not positioning.averaging
    mean = positioning.average
    assert mean is not None
    assert mean.count == 4
    assert positioning.left_out == 2
    assert mean.rms_m == pytest.approx(math.hypot(0.02, 0.02), abs=2e-4)
    taking.take()
    assert project.count("street_lamp") == 1
    (lamp,) = project.store.features("street_lamp", [1])
    assert lamp.geometry is not None
    middle = (HERE[0] + 0.02, HERE[1] + 0.02)
    assert lamp.geometry.coords[0] == pytest.approx(middle, abs=2e-4)
    assert lamp.values["survey_date"] == "2026-06-15"
    assert lamp.values["surveyor"] == "tester"
    assert "RTK fixed" in str(lamp.values["remarks"])
    assert "mean of 4" in str(lamp.values["remarks"])
    assert "walk.nmea" in str(lamp.values["remarks"])
    assert workspace.selection.layer == "street_lamp"
    assert len(workspace.selection) == 1
    assert positioning.average is None
    workspace.undo()
    assert project.content_sha256() == before


def test_a_mean_can_be_stopped_at_any_time_and_forgotten(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace
) -> None:
    positioning = workspace.positioning
    walk = (standing(HERE[0] + east, second=n) for n, east in enumerate((0, 0, 9)))
    positioning.start(Replay(log(tmp_path, *walk)))
    positioning.begin_average()
    qtbot.waitUntil(lambda: positioning.average is not None and positioning.average.count == 2)
    positioning.end_average()
    qtbot.waitUntil(lambda: not positioning.running)
    assert positioning.average is not None
    assert positioning.average.count == 2
    assert positioning.measured == positioning.average
    positioning.forget_average()
    assert positioning.measured is not None
    assert positioning.measured.x == pytest.approx(HERE[0] + 9, abs=2e-4)


def test_a_poor_place_is_told_and_asks_for_a_second_press(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    play(qtbot, workspace.positioning, log(tmp_path, standing(quality=1, hdop=4.2)))
    with qtbot.waitSignal(taking.told) as told:
        taking.take()
    assert told.args is not None
    assert "only: Single; HDOP 4.2 is above 2.5. Press again" in told.args[0]
    assert "Press again" in workspace.canvas.message.text()
    assert workspace.project.count("street_lamp") == 0
    taking.take()
    assert workspace.project.count("street_lamp") == 1


def test_a_second_press_much_later_is_a_first_one(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint, clock: Clock
) -> None:
    play(qtbot, workspace.positioning, log(tmp_path, standing(quality=1)))
    taking.take()
    clock.now += 11
    with qtbot.waitSignal(taking.told, check_params_cb=lambda words: not words):
        workspace.positioning.changed.emit()
    taking.take()
    assert workspace.project.count("street_lamp") == 0


def test_a_doubt_that_comes_up_between_the_presses_is_asked_about(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint, clock: Clock
) -> None:
    play(qtbot, workspace.positioning, log(tmp_path, standing(quality=1)))
    taking.take()
    clock.now += 5
    taking.take()
    assert "5 s old" in workspace.canvas.message.text()
    assert workspace.project.count("street_lamp") == 0
    taking.take()
    assert workspace.project.count("street_lamp") == 1


@pytest.mark.parametrize(("waits_s", "kinds"), [(2.0, set()), (4.0, {"age"})])
def test_an_old_place_is_doubted(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint, clock: Clock,
    waits_s: float, kinds: set[str],
) -> None:  # fmt: skip
    play(qtbot, workspace.positioning, log(tmp_path, standing()))
    clock.now += waits_s
    measured = workspace.positioning.measured
    assert measured is not None
    assert {doubt.kind for doubt in taking.doubts(measured)} == kinds


def test_a_mean_from_which_one_has_walked_on_is_doubted(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    positioning = workspace.positioning
    positioning.wanted = 2
    walk = (standing(HERE[0] + east, second=n) for n, east in enumerate((0, 0, 20)))
    positioning.start(Replay(log(tmp_path, *walk), speed=1e6))
    positioning.begin_average()
    qtbot.waitUntil(lambda: not positioning.running)
    taking.take()
    assert "The mean lies 20 m from where" in workspace.canvas.message.text()
    assert workspace.project.count("street_lamp") == 0


def test_a_place_outside_the_project_is_doubted(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    beijing = gga(place="3954.0000,N,11624.0000,E", quality=4)
    play(qtbot, workspace.positioning, log(tmp_path, beijing))
    taking.take()
    assert "km outside the project area" in workspace.canvas.message.text()
    assert workspace.project.count("street_lamp") == 0


def test_without_a_real_transformation_every_place_is_doubted(qtbot: QtBot, tmp_path: Path) -> None:
    with Project.create(tmp_path / "xian.gpkg", "EPSG:2381") as project:
        positioning = Positioning(project)
        play(qtbot, positioning, log(tmp_path, standing()))
        assert positioning.is_ballpark


def test_a_locked_layer_takes_no_points(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    play(qtbot, workspace.positioning, log(tmp_path, standing()))
    workspace.layers.arrange(workspace.project.types, frozenset({"street_lamp"}))
    taking.take()
    assert "locked" in workspace.canvas.message.text()
    assert workspace.project.count("street_lamp") == 0


def test_while_a_line_is_drawn_the_place_is_its_next_vertex(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    workspace.use_tool(DRAW + "pipe_line")
    tool = workspace.canvas.tool
    for second, east in enumerate((0.0, 12.0)):
        play(qtbot, workspace.positioning, log(tmp_path, standing(HERE[0] + east, second=second)))
        taking.take()
    assert taking.sketch is tool
    assert [round(x - HERE[0], 2) for x, _y in taking.sketch.vertices] == [0.0, 12.0]
    before = workspace.project.count("pipe_line")
    tool.finish()  # type: ignore[attr-defined]
    assert workspace.project.count("pipe_line") == before + 1
    assert workspace.project.count("street_lamp") == 0


def test_the_kind_that_is_drawn_is_the_kind_that_is_taken(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, taking: TakePoint
) -> None:
    workspace.use_tool(DRAW + "manhole")
    assert taking.layer == "manhole"
    assert taking.sketch is None
    play(qtbot, workspace.positioning, log(tmp_path, standing(428_012.0, 4_528_000.0)))
    lines = workspace.project.count("pipe_line")
    taking.take()
    assert workspace.project.count("manhole") == 4
    placed = workspace.project.store.features("manhole", [4])[0].geometry
    assert placed is not None
    assert shapely.distance(placed, shapely.Point(428_012.0, 4_528_000.0)) < 2e-4
    # Only what is nearer than snapping leaves divides the pipe.
    assert workspace.project.count("pipe_line") in (lines, lines + 1)


# -- on the map --------------------------------------------------------------------------


def test_the_place_is_seen_on_the_map_in_the_colour_of_its_quality(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace, clock: Clock
) -> None:
    play(qtbot, workspace.positioning, log(tmp_path, standing(quality=1)))
    canvas = workspace.canvas
    canvas.centre_on(*HERE)
    qtbot.waitUntil(lambda: not canvas.busy)
    px = canvas.frame.to_device(shapely.get_coordinates(shapely.Point(HERE)))[0]

    def color(away_px: float = 0.0) -> QColor:
        return canvas.grab().toImage().pixelColor(round(px[0] + away_px), round(px[1]))

    assert color().name() == receiver_rules().quality("single").color
    radius_px = 4.0 / canvas.frame.m_per_px
    inside, outside = color(radius_px * 0.8), color(radius_px * 1.3)
    assert inside != outside
    clock.now += 10
    workspace.positioning.changed.emit()
    assert color().name() == receiver_rules().quality("none").color
    workspace.positioning.stop()
    assert canvas.position is None


def test_the_map_follows_when_it_is_told_to(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    canvas.centre_on(*HERE)
    far = HERE[0] + 2000.0
    play(qtbot, workspace.positioning, log(tmp_path, standing(far)))
    assert canvas.frame.center_x < far - 1900
    workspace.position.follow(True)
    assert abs(canvas.frame.center_x - far) < 1
    play(qtbot, workspace.positioning, log(tmp_path, standing(far + 3)))
    assert abs(canvas.frame.center_x - far) < 1, "it is in sight already"
    play(qtbot, workspace.positioning, log(tmp_path, standing(far + 900)))
    assert abs(canvas.frame.center_x - far - 900) < 1


# -- the panel ---------------------------------------------------------------------------


def texts(window: MainWindow) -> str:
    assert window.docks is not None
    panel = window.docks.receiver
    labels = (panel._quality, panel._satellites, panel._hdop, panel._error, panel._x, panel._y,
              panel._height, panel._gathered, panel._said, panel._go, panel._take)  # fmt: skip
    return " | ".join(widget.text() for widget in labels)


def test_the_panel_says_how_good_the_place_is(
    qtbot: QtBot, tmp_path: Path, window: MainWindow
) -> None:
    assert window.docks is not None
    window.actions_by_id["receiver"].trigger()
    assert window.docks.below.isVisible()
    panel = window.docks.receiver
    panel.play(log(tmp_path, rmc("020300.00", place=degrees(*HERE)), standing(quality=5)))
    panel._speed.setCurrentIndex(panel._speed.count() - 1)
    window.actions_by_id["receiver-listen"].trigger()
    assert "Disconnect" in texts(window)
    assert window.workspace is not None
    positioning = window.workspace.positioning
    qtbot.waitUntil(lambda: not positioning.running)
    said = texts(window)
    for part in (
        "RTK float", "12", "0.80", "±0.40 m", "4528030.000", "428020.000",
        "1039.21 m above its geoid", "walk.nmea is at its end", "Connect", "Take point",
    ):  # fmt: skip
        assert part in said, part
    window.actions_by_id["receiver"].trigger()
    assert not window.docks.below.isVisible()


def test_all_of_the_panel_is_seen_beside_the_list_of_layers(window: MainWindow) -> None:
    assert window.docks is not None
    window.actions_by_id["receiver"].trigger()
    QApplication.processEvents()
    area = window.docks.below.widget()
    assert isinstance(area, QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() == 0


def test_a_taken_point_is_shown_in_the_form(
    qtbot: QtBot, tmp_path: Path, window: MainWindow
) -> None:
    assert window.docks is not None
    assert window.workspace is not None
    window.docks.show_history()
    window.docks.taking.set_layer("street_lamp")
    play(qtbot, window.workspace.positioning, log(tmp_path, standing()))
    window.actions_by_id["take-position"].trigger()
    assert window.workspace.project.count("street_lamp") == 1
    assert window.docks.attributes.isVisible()


def test_drawing_changes_what_the_button_does(
    qtbot: QtBot, tmp_path: Path, window: MainWindow
) -> None:
    assert window.workspace is not None
    play(qtbot, window.workspace.positioning, log(tmp_path, standing()))
    window.workspace.use_tool(DRAW + "pipe_line")
    window.workspace.positioning.changed.emit()
    assert "Set vertex" in texts(window)


@pytest.mark.parametrize("action", ["take-position", "average-position"])
def test_without_a_place_the_actions_say_why(
    qtbot: QtBot, tmp_path: Path, window: MainWindow, action: str
) -> None:
    assert window.workspace is not None
    assert not window.actions_by_id[action].isEnabled()
    assert "no position yet" in window.actions_by_id[action].toolTip()
    play(qtbot, window.workspace.positioning, log(tmp_path, standing()))
    assert window.actions_by_id[action].isEnabled()
    window.workspace.positioning.stop()
    assert not window.actions_by_id[action].isEnabled()


def test_a_project_that_can_only_be_read_takes_no_points() -> None:
    needs = {spec.id: spec.need for spec in RECEIVER_ACTIONS}
    take = needs["take-position"]
    assert take is not None
    assert take(State(has_project=True, read_only_reason="No.", has_position=True)) == "No."


def test_following_is_one_switch_in_menu_and_panel(window: MainWindow) -> None:
    assert window.docks is not None
    assert window.workspace is not None
    action = window.actions_by_id["follow-position"]
    action.trigger()
    assert window.docks.receiver._follow.isChecked()
    assert window.workspace.position.is_followed
    window.docks.receiver._follow.click()
    assert not action.isChecked()
    assert not window.workspace.position.is_followed


def test_with_nothing_chosen_the_panel_says_what_to_do(window: MainWindow) -> None:
    assert window.docks is not None
    panel = window.docks.receiver
    panel._port.clear()
    panel._port.setEditText("")
    panel.toggle_listening()
    assert "Plug a receiver in" in texts(window)


@pytest.fixture
def cable() -> Iterator[tuple[int, int]]:
    ours, theirs = os.openpty()
    yield ours, theirs
    for handle in (ours, theirs):
        try:
            os.close(handle)
        except OSError:
            continue


def test_a_receiver_at_a_port_is_heard_and_pulling_it_out_is_told(
    qtbot: QtBot, window: MainWindow, cable: tuple[int, int]
) -> None:
    assert window.docks is not None
    assert window.workspace is not None
    ours, theirs = cable
    port = os.ttyname(theirs)
    panel, positioning = window.docks.receiver, window.workspace.positioning
    panel._port.setEditText(port)
    panel._baud.setCurrentIndex(receiver.BAUDS.index(115_200))
    assert panel.source == SerialLine(port, 115_200)
    panel.toggle_listening()
    assert "Waiting for the receiver" in texts(window)
    qtbot.waitUntil(lambda: not termios.tcgetattr(theirs)[3] & termios.ECHO)

    def told() -> bool:
        # What a port was sent before it was open is thrown away.
        os.write(ours, f"{standing()}\r\n".encode())
        return positioning.placed is not None

    qtbot.waitUntil(told)
    assert "RTK fixed" in texts(window)
    os.close(theirs)
    os.close(ours)
    qtbot.waitUntil(lambda: bool(positioning.trouble))
    assert f"The receiver at {port} is gone" in texts(window)
    assert positioning.running, "it is tried again"
    panel.toggle_listening()
    assert not positioning.running
    assert "is gone" not in texts(window)


def test_nothing_is_heard_of_a_receiver_that_was_stopped(
    qtbot: QtBot, tmp_path: Path, workspace: Workspace
) -> None:
    positioning = workspace.positioning
    positioning.start(Replay(log(tmp_path, *(standing(second=n) for n in range(50))), speed=1e6))
    positioning.stop()
    qtbot.waitUntil(lambda: all(one.name != "receiver" for one in threading.enumerate()))
    QApplication.processEvents()
    assert positioning.fix is None
    assert positioning.measured is None


def test_the_port_is_chosen_again_next_time(
    qtbot: QtBot, tmp_path: Path, project: Project, keys: Keys
) -> None:
    layout = tmp_path / "window.ini"
    for chosen in ("/dev/rfcomm7", ""):
        window = MainWindow(project, Settings(), layout=layout)
        qtbot.addWidget(window)
        assert window.docks is not None
        panel = window.docks.receiver
        if chosen:
            panel._port.setEditText(chosen)
            panel._baud.setCurrentIndex(receiver.BAUDS.index(57_600))
            window.keep_layout()
        assert panel.source == SerialLine("/dev/rfcomm7", 57_600)
        window.jobs.stop()
        assert window.workspace is not None
        window.workspace.positioning.stop()
    assert "walk" not in QSettings(str(layout), QSettings.Format.IniFormat).value("receiver")
