"""A technician draws a small street on the real window, with mouse and keys only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.ui.main_window import MainWindow
from tests.acceptance.hands import shown
from tests.ui.mouse import pixel

NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
X, Y = 428_000.0, 4_528_000.0
MOST_EVENTS = 120


class Hand:
    """Every press of a key or a button, and every drag, is counted."""

    def __init__(self, qtbot: QtBot, window: MainWindow, pictures: Path | None) -> None:
        assert window.workspace is not None
        self._bot, self.window, self.space = qtbot, window, window.workspace
        self._pictures = pictures
        self.events = 0

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
        self.events += 1
        target: QWidget = QApplication.focusWidget() or self.window
        self._bot.keyClick(target, key, modifier)

    def type(self, text: str, into: QAbstractSpinBox) -> None:
        """Write over what stands in a box."""
        self.events += len(text) + 1
        into.selectAll()
        self._bot.keyClicks(into, text)

    def click(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        self.events += 1
        at = pixel(self.space.canvas, (X + x, Y + y))
        # Where there are windows, a click brings the one that it falls on to the front.
        self.window.activateWindow()
        self._bot.mouseMove(self.space.canvas, at)
        self._bot.mouseClick(self.space.canvas, button, pos=at)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.events += 2
        canvas = self.space.canvas
        begin, stop = (pixel(canvas, (X + x, Y + y)) for x, y in (start, end))
        self._bot.mousePress(canvas, LEFT, pos=begin)
        for share in (0.3, 0.7, 1.0):
            self._bot.mouseMove(canvas, begin + QPoint(stop - begin) * share)
        self._bot.mouseRelease(canvas, LEFT, pos=stop)

    def choose(self, box: QComboBox, row: int) -> None:
        """Press Down so often in a list."""
        box.setFocus()
        box.setCurrentIndex(row)
        self.events += max(row, 1)

    def look(self, name: str) -> None:
        """Keep a picture of the window where somebody wants to see it."""
        canvas, jobs = self.space.canvas, self.window.jobs
        self._bot.waitUntil(lambda: not (canvas.busy or jobs.busy))
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            self.window.grab().save(str(self._pictures / f"{name}.png"))


@pytest.fixture
def hand(qtbot: QtBot, tmp_path: Path) -> Iterator[Hand]:
    project = Project.create(tmp_path / "street.gpkg", title="Street")
    wanted = os.environ.get("HJGIS_TEST_PICTURES")
    with shown(qtbot, project, extent=(X - 10, Y - 20, X + 110, Y + 40)) as window:
        yield Hand(qtbot, window, Path(wanted) / "street" if wanted else None)


def test_a_street_in_few_strokes(hand: Hand) -> None:
    project = hand.space.project
    empty = project.content_sha256()
    draw_manholes_and_pipes(hand)
    draw_lamps(hand)
    draw_bays(hand)
    drag_a_manhole(hand)
    cut_a_pipe(hand)
    full = project.content_sha256()
    steps = 6 + 5 + 1 + 1 + 1 + 1
    for _step in range(steps):
        hand.key(Qt.Key.Key_Z, CTRL)
    assert project.content_sha256() == empty
    hand.look("7-all-undone")
    for _step in range(steps):
        hand.key(Qt.Key.Key_Y, CTRL)
    assert project.content_sha256() == full
    hand.look("8-all-done-again")
    assert hand.events < MOST_EVENTS


def draw_manholes_and_pipes(hand: Hand) -> None:
    project, tools = hand.space.project, hand.window.actions_by_id
    key = tools.specs["draw.manhole"].keys[0]
    hand.key(Qt.Key[f"Key_{key[-1]}"], ALT)
    for number in range(6):
        hand.click(20.0 * number, 0)
    assert project.count("manhole") == 6
    hand.look("1-manholes")
    key = tools.specs["draw.pipe_line"].keys[0]
    hand.key(Qt.Key[f"Key_{key[-1]}"], ALT)
    for number in range(5):
        # Some pixels beside: the mouse is drawn to the nodes.
        hand.click(20.0 * number + 0.3, 0.2)
        hand.click(20.0 * number + 20.2, -0.2)
        hand.key(Qt.Key.Key_Return)
    assert project.count("pipe_line") == 5
    table = project.table("pipe_line", ("from_node", "to_node"), geometry=False)
    nodes = set(project.table("manhole", (), geometry=False).uuids)
    assert set(table.columns["from_node"]) | set(table.columns["to_node"]) == nodes
    hand.look("2-pipes")


def draw_lamps(hand: Hand) -> None:
    hand.key(Qt.Key.Key_R, CTRL)
    assert hand.window.editing is not None
    dialog = hand.window.editing.show_rows()
    hand.choose(dialog.kind_box, 1)
    hand.choose(dialog.sides, 2)
    hand.type("20", dialog.spacing)
    hand.click(0, 8)
    # A pixel is some decimetres: the sixth lamp is to have its room whatever they are.
    hand.click(101, 8)
    hand.look("3-lamps-to-be")
    hand.key(Qt.Key.Key_Return)
    assert hand.space.project.count("street_lamp") == 12
    hand.look("4-lamps")


def draw_bays(hand: Hand) -> None:
    assert hand.window.editing is not None
    dialog = hand.window.editing.show_rows()
    hand.choose(dialog.kind_box, 0)
    hand.choose(dialog.bay_form, 1)
    hand.type("20", dialog.count)
    hand.click(10, 20)
    hand.click(70, 20)
    hand.look("5-bays-to-be")
    hand.key(Qt.Key.Key_Return)
    bays = hand.space.project.table("parking_bay", ("bay_no",))
    assert len(bays.fids) == 20
    assert bays.columns["bay_no"][-1] == "020"
    assert bays.geometry is not None
    assert shapely.area(bays.geometry) == pytest.approx(2.5 * 5.3)


def drag_a_manhole(hand: Hand) -> None:
    project = hand.space.project
    hand.key(Qt.Key.Key_D, CTRL | SHIFT)
    hand.drag((40, 0), (42, -9))
    pipes = project.table("pipe_line").geometry
    assert pipes is not None
    ends = {tuple(round(v - o) for v, o in zip(p.coords[-1], (X, Y), strict=True)) for p in pipes}
    assert (42, -9) in ends


def cut_a_pipe(hand: Hand) -> None:
    hand.key(Qt.Key.Key_X, CTRL | SHIFT)
    hand.click(70, 0)
    assert hand.space.project.count("pipe_line") == 6
    hand.look("6-moved-and-cut")
