"""What each thing that a user does takes of the window's thread, on a large project.

``python -m benchmarks.felt PROJECT [--only WORD …] [--profile WORD] [--json]``: the window is
opened on a copy that may be spoiled, and driven by mouse and keys: the map, selections, edits,
the table, the search, each panel and window, themes. Of each step: the most CPU time that the
window's thread took in one turn of its loop, the longest gap between two turns, and seconds
until all was at rest. `--only` does the steps whose names hold one of the words, and those that
they need; `--profile` says where the time of such steps goes.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from benchmarks import clock
from benchmarks.clock import Facts
from benchmarks.turns import Turns
from hjgis.layers.project import Project
from hjgis.models.pinyin import spelling
from hjgis.models.themes import theme, theme_ids
from hjgis.settings import Settings
from hjgis.ui.app import hear_qt, start_qt
from hjgis.ui.jobs import Jobs
from hjgis.ui.latest import Latest
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.viewport import at_denominator
from hjgis.ui.preloading import _modules
from hjgis.ui.storing import StoringDialog

_LAYER: Final = "manhole"
_LEFT: Final = Qt.MouseButton.LeftButton
_QUIET: Final = 20
_LOOK_MS: Final = 40
_LOOKS: Final = 8
_LONGEST_S: Final = 900.0
_STREET: Final = 2_000.0
_PANELS: Final = ("attributes", "history", "issues", "visits", "targets", "overdue")
_MORE_PANELS: Final = ("completeness", "renewal", "receiver")
_WINDOWS: Final = (
    *("import", "deliver", "deliveries", "take-back", "themes", "map", "lists", "templates"),
    *("check-rules", "check-exceptions", "check-report", "assignments", "inspection-cycles"),
    *("renumber", "renewal-rules", "checkpoints", "archive", "select-sentence", "select-location"),
    *("queries", "statistics", "bookmarks", "photos-match", "keys", "doctor", "about", "handbook"),
)


class Walk:
    """A user of one window, and what is noted of each step."""

    def __init__(self, window: MainWindow, only: Sequence[str], profile: str) -> None:
        assert window.workspace is not None
        assert window.docks is not None
        self.window, self.space, self.docks = window, window.workspace, window.docks
        self.canvas, self.table = self.space.canvas, self.docks.table
        self._only, self._profile = only, profile
        self._turns = Turns()
        self._closing = QTimer(interval=_LOOK_MS)
        self._closing.timeout.connect(self._close_asking)
        self.facts: Facts = {}

    def step(self, what: str, work: Callable[[], object], *, needed: bool = False) -> None:
        """Do one thing, wait until the window is at rest, and tell what it took."""
        wanted = not self._only or any(word in what for word in self._only)
        if not (wanted or needed):
            return
        self.rest()
        profiled = cProfile.Profile(time.thread_time) if self._is_profiled(what) else None
        began = time.perf_counter()
        self._turns.begin()
        if profiled:
            profiled.enable()
        work()
        self._turns.turn()
        self.rest()
        if profiled:
            profiled.disable()
            pstats.Stats(profiled).sort_stats("cumtime").print_stats(60)
        self._note(what, time.perf_counter() - began)

    def _is_profiled(self, what: str) -> bool:
        return bool(self._profile) and self._profile in what

    def _note(self, what: str, seconds: float) -> None:
        own, gap = self._turns.own_ms, self._turns.gap_ms
        took = {"own_ms": own, "gap_ms": gap, "gc_ms": self._turns.gc_ms}
        self.facts[what] = {name: round(ms) for name, ms in took.items()}
        self.facts[what]["all_s"] = round(seconds, 1)
        columns = "".join(f"{ms:>8.0f} ms" for ms in took.values())
        print(f"{what:<44}{columns}{seconds:>8.1f} s", flush=True)

    def rest(self) -> None:
        """Let the window go on until nothing is read, painted or asked."""
        quiet, ends = 0, time.monotonic() + _LONGEST_S
        while quiet < _QUIET and time.monotonic() < ends:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            time.sleep(0.001)
            quiet = quiet + 1 if not self._busy(closely=quiet == _QUIET - 1) else 0

    def _busy(self, *, closely: bool) -> bool:
        if self.window.jobs.busy or self.canvas.busy or self.table.finder.busy:
            return True
        asked: list[Latest | Jobs] = []
        if closely:
            asked = [*self.window.findChildren(Latest), *self.window.findChildren(Jobs)]
        return any(one.busy for one in asked)

    # -- hands -----------------------------------------------------------------------------

    def drag(
        self, start: QPoint, by: QPoint, *, button: Qt.MouseButton = _LEFT, let_go: bool = True
    ) -> None:
        """Press on the map, pull in small steps while the window goes on, and let go."""
        no_key = Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.canvas, button, no_key, start)
        self._turns.turn()
        for at in range(1, 21):
            QTest.mouseMove(self.canvas, start + by * at / 20)
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if let_go:
            QTest.mouseRelease(self.canvas, button, no_key, start + by)

    def wheel(self, notches: int) -> None:
        """Turn the wheel in the middle of the map."""
        place = QPointF(self.canvas.rect().center())
        for _turn in range(abs(notches)):
            event = QWheelEvent(
                *(place, place, QPoint(), QPoint(0, 120 if notches > 0 else -120)),
                *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier),
                *(Qt.ScrollPhase.NoScrollPhase, False),
            )
            QApplication.sendEvent(self.canvas, event)
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def do(self, action: str) -> None:
        """Carry out an action; whatever waits for an answer is agreed to or called off."""
        self._closing.start()
        self.window.do(action)

    def _close_asking(self) -> None:
        asking = QApplication.activeModalWidget()
        if isinstance(asking, QDialog) and not isinstance(asking, StoringDialog):
            looks = asking.property("looks") or 0
            asking.setProperty("looks", looks + 1)
            if looks > _LOOKS and not self._busy(closely=True):
                asking.reject()

    def close_windows(self) -> None:
        """Close what stays open beside the map."""
        self._closing.stop()
        for other in QApplication.topLevelWidgets():
            if other is not self.window and other.isVisible():
                other.close()


def _walks(walk: Walk) -> None:
    for part in (_map, _selecting, _editing, _table, _searching, _panels, _windows, _themes):
        part(walk)
    walk.step("another check arrives", walk.docks.run_checks)


def _map(walk: Walk) -> None:
    middle = walk.canvas.rect().center()
    walk.step("full extent", walk.canvas.show_all, needed=True)
    pull = partial(walk.drag, middle, QPoint(200, 60), button=Qt.MouseButton.MiddleButton)
    walk.step("pan all of the town", pull)
    walk.step("zoom in by the wheel", partial(walk.wheel, 12))
    walk.step("zoom out by the wheel", partial(walk.wheel, -12))
    near = at_denominator(walk.canvas.frame, _STREET)
    walk.step("a street", partial(walk.canvas.set_frame, near))
    walk.step("pan a street", pull)
    walk.step("full extent again", walk.canvas.show_all, needed=True)


def _selecting(walk: Walk) -> None:
    canvas, space = walk.canvas, walk.space
    area = canvas.rect().adjusted(2, 2, -2, -2)
    every = np.asarray(space.project.store.ordered_fids(_LAYER))
    walk.step("a form", partial(space.selection.set, _LAYER, every[:1]))
    walk.step("another form", partial(space.selection.set, _LAYER, every[1:2]))
    walk.step("select tool", partial(space.use_tool, "select"), needed=True)
    size = QPoint(area.width(), area.height())
    walk.step("select all by a box", partial(walk.drag, area.topLeft(), size))
    walk.step("clear", space.selection.clear)
    walk.step("select a layer", partial(space.selection.set, _LAYER, every), needed=True)
    walk.step("move tool", partial(space.use_tool, "move"), needed=True)
    middle = canvas.rect().center()
    walk.step("pull all", partial(walk.drag, middle, QPoint(40, 20), let_go=False))
    walk.step("leave all", partial(QTest.keyClick, canvas, Qt.Key.Key_Escape))
    walk.step("turn tool", partial(space.use_tool, "rotate"), needed=True)
    walk.step("turn all", partial(walk.drag, middle, QPoint(40, 20), let_go=False))
    walk.step("leave all again", partial(QTest.keyClick, canvas, Qt.Key.Key_Escape))
    walk.step("zoom to selection", space.zoom_to_selection)


def _editing(walk: Walk) -> None:
    canvas, space = walk.canvas, walk.space
    every = np.asarray(space.project.store.ordered_fids(_LAYER))
    walk.step("move tool", partial(space.use_tool, "move"), needed=True)
    for count in (1, 10_000):
        some = every[len(every) // 3 :][:count]
        walk.step(f"select {count}", partial(space.selection.set, _LAYER, some), needed=True)
        middle = canvas.rect().center()
        walk.step(f"move {count}", partial(walk.drag, middle, QPoint(9, 5)))
        walk.step(f"undo move {count}", space.undo)
        walk.step(f"delete {count}", space.delete_selected)
        walk.step(f"undo delete {count}", space.undo)
        walk.step(f"copy {count}", space.copy_selected)
    walk.step("clear after edits", space.selection.clear, needed=True)


def _table(walk: Walk) -> None:
    table, view = walk.table, walk.table.view
    walk.step("table", partial(walk.docks.open_table, _LAYER), needed=True)
    kinds: dict[str, int] = {}
    for at, column in enumerate(table.model.columns):
        kinds.setdefault(column.field.type if column.field else column.name, at)
    for kind, at in kinds.items():
        walk.step(f"sort by {kind}", partial(table._heading_clicked, at))
    walk.step("sort falling", partial(table._heading_clicked, at))
    walk.step("sort no more", partial(table._heading_clicked, at))
    line = table.filter_bar.findChild(QLineEdit)
    assert line is not None
    for text in ("1", "12", ""):
        walk.step(f"filter {text!r}", partial(line.setText, text))
    walk.step("to the end", partial(view.verticalScrollBar().setValue, 2**30))
    walk.step("select all rows", view.selectAll)
    walk.step("copy all rows", table.copy)
    walk.step("select no row", walk.space.selection.clear)
    walk.step("groups", partial(table.do, "groups"))
    walk.step("no groups", partial(table.do, "groups"))
    for command in ("batch", "replace", "columns"):
        walk.step(f"table: {command}", partial(table.do, command))
        walk.step(f"closed: {command}", walk.close_windows)
    walk.step("table of pipes", partial(walk.docks.open_table, "pipe_line"))


def _searching(walk: Walk) -> None:
    box = walk.window.search_box
    line = box if isinstance(box, QLineEdit) else box.findChild(QLineEdit)
    assert line is not None
    walk.step("search box", partial(walk.window.do, "search"))
    for text in ("1", "12", "人民", ""):
        walk.step(f"search {text!r}", partial(line.setText, text))
    walk.step("map again", walk.canvas.setFocus)


def _panels(walk: Walk) -> None:
    for name in _PANELS + _MORE_PANELS:
        walk.step(f"panel: {name}", partial(walk.window.do, name))
        walk.step(f"panel again: {name}", partial(walk.window.do, name))
    walk.step("a check", walk.docks.run_checks)
    for name in ("next-finding", "next-finding", "findings-on-map", "findings-on-map"):
        walk.step(name, partial(walk.window.do, name))


def _windows(walk: Walk) -> None:
    for name in _WINDOWS:
        walk.step(f"window: {name}", partial(walk.do, name))
        walk.step(f"closed: {name}", walk.close_windows)


def _themes(walk: Walk) -> None:
    assert walk.window.theming is not None
    on_map = walk.window.theming.on_map
    for name in theme_ids():
        walk.step(f"theme: {name}", partial(on_map.show, theme(name)))
    walk.step("no theme", partial(on_map.show, None))


def main() -> None:
    """Walk and tell; with ``--json``, the figures as JSON too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--only", nargs="+", default=())
    parser.add_argument("--profile", default="")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    hear_qt()
    start_qt([])
    # The program has all that after the first quiet moments.
    spelling("井")
    for name in _modules():
        import_module(name)
    project = Project.open(given.project, operator="felt", checked_later=True)
    print(f"{'':<44}{'own CPU':>11}{'gap':>11}{'garbage':>11}{'until done':>10}")
    began, own = time.perf_counter(), time.thread_time()
    window = MainWindow(project, Settings(operator="felt"))
    window.resize(1366, 768)
    window.show()
    own = (time.thread_time() - own) * 1000
    walk = Walk(window, given.only, given.profile)
    walk.facts["window"] = {"own_ms": round(own)}
    print(f"{'window':<44}{own:>8.0f} ms")
    walk.rest()
    walk._note("first map, all read", time.perf_counter() - began)
    _walks(walk)
    walk.step("closed", window.close)
    if given.json:
        clock.tell(walk.facts)


if __name__ == "__main__":
    main()
