"""Thirty manholes of twelve values each, recorded on the real window by keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.ui.main_window import MainWindow
from tests.acceptance.hands import shown
from tests.ui.mouse import pixel

X, Y = 428_000.0, 4_528_000.0
MANHOLES = 30
MOST_KEYS = 8
NO_KEY = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
# Said once for the street, then on every manhole of it.
OF_THE_STREET = {
    "responsible_unit": "住建局",
    "managing_unit": "住建局",
    "cover_material": "球墨铸铁",
    "cover_shape": "圆",
    "state": "完好",
    "road_name": "建设街",
}


class Typist:
    """Whoever types; keys that are no content are counted."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        assert window.workspace is not None
        assert window.docks is not None
        self._bot, self.window, self.space = qtbot, window, window.workspace
        self.form = window.docks.attributes
        self.keys = 0

    def click(self, x: float, y: float) -> None:
        at = pixel(self.space.canvas, (x, y))
        self.window.activateWindow()
        self._bot.mouseMove(self.space.canvas, at)
        self._bot.mouseClick(self.space.canvas, Qt.MouseButton.LeftButton, pos=at)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
        self.keys += 1
        self._bot.keyClick(self._target(), key, modifier)

    def type(self, text: str) -> None:
        """Type content; it goes wherever the keyboard goes, Chinese by an input method."""
        if text.isascii():
            self._bot.keyClicks(self._target(), text)
            return
        for number in range(1, len(text) + 1):
            composing = QInputMethodEvent(text[:number], [])
            QApplication.sendEvent(self._target(), composing)
        done = QInputMethodEvent("", [])
        done.setCommitString(text)
        QApplication.sendEvent(self._target(), done)

    def at(self, name: str) -> bool:
        """Whether the cursor is in a field."""
        form = self.form._form
        return form is not None and self._target() is form.editor(name).line

    def _target(self) -> QWidget:
        return QApplication.focusWidget() or self.window


@pytest.fixture
def typist(qtbot: QtBot, tmp_path: Path) -> Iterator[Typist]:
    project = Project.create(tmp_path / "street.gpkg", title="Street")
    with shown(qtbot, project, extent=(X - 10, Y - 20, X + 320, Y + 40)) as window:
        yield Typist(qtbot, window)


def test_thirty_manholes_take_few_keys_beside_what_is_typed(typist: Typist) -> None:
    project = typist.space.project
    set_up(typist)
    first, counts = project.count("manhole"), []
    for number in range(MANHOLES):
        typist.keys = 0
        record(typist, number)
        counts.append(typist.keys)
    print(f"keys beside content: mean {sum(counts) / MANHOLES:.2f}, at most {max(counts)}")
    assert max(counts) <= MOST_KEYS, counts
    table = project.table("manhole", fids=range(first + 1, first + MANHOLES + 1))
    assert len(table.fids) == MANHOLES
    for number in range(MANHOLES):
        stored = {name: column[number] for name, column in table.columns.items()}
        wanted = {**OF_THE_STREET, **values_of(number)}
        assert {name: stored[name] for name in wanted} == wanted
        assert len(wanted) == 12
        # Worked out by the program, so that nobody types them.
        assert stored["bottom_elev_m"] == pytest.approx(
            stored["ground_elev_m"] - stored["well_depth_m"]
        )
        assert stored["sheet_no"] is not None
        assert stored["initial_date"] is not None


def test_each_manhole_is_two_steps_of_undo(typist: Typist) -> None:
    project = typist.space.project
    set_up(typist)
    before = project.content_sha256()
    record(typist, 0)
    record(typist, 1)
    for _step in range(4):
        typist.space.undo()
    assert project.content_sha256() == before


def values_of(number: int) -> dict[str, object]:
    kind = "污水井盖" if number % 2 else "雨水井盖"
    return {
        "component_name": kind[:3],
        "cover_kind": kind,
        "exp_no": f"W{number + 1}",
        "cover_size_mm": 700,
        "ground_elev_m": 1040.0 + number / 100,
        "well_depth_m": 2.5,
    }


def set_up(typist: Typist) -> None:
    """Draw one manhole, say what holds for the street and pin it; show only what is in use."""
    form, space = typist.form, typist.space
    space.use_tool("draw.manhole")
    typist.click(X, Y + 20)
    for name, value in OF_THE_STREET.items():
        form.go_to(name)
        typist.type(value)
        typist.key(Qt.Key.Key_Return)
        form.go_to(name)
        form.head.pin.click()
    for name, value in values_of(0).items():
        form.go_to(name)
        typist.type(str(value))
        typist.key(Qt.Key.Key_Return)
    form.head.short.click()


def record(typist: Typist, number: int) -> None:
    """Click the place, type what differs; codes by the first letters of their pinyin."""
    typist.click(X + 10 + 10 * number, Y)
    letters = "wsjg" if number % 2 else "ysjg"
    for name, text in {**values_of(number), "cover_kind": letters}.items():
        skip_to(typist, name)
        typist.type(str(text))
        typist.key(Qt.Key.Key_Return)


def skip_to(typist: Typist, name: str) -> None:
    """Press Enter until the cursor is where the next value goes."""
    while not typist.at(name):
        typist.key(Qt.Key.Key_Return)
        assert typist.keys < 100, name
