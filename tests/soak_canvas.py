"""Long random use of the map: it must not crash, not grow, and never show what is not so.

``python -m tests.soak_canvas [--steps N] [--seed N]``. Pans, zooms, resizes, switches layers,
points, selects, adds, moves, deletes, undoes and redoes in the real window on a copy of the sample,
mostly without waiting for the picture. Now and then the picture on the screen, put together from
strips and pieces, is compared with the same picture painted at once.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import gc
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("HJGIS_LANGUAGE", "en")

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from hjgis.edits.add import add_feature
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_features, move_node
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.layers.second_writer import move_log
from hjgis.models.changes import Extent, FeatureKey
from hjgis.settings import Settings
from hjgis.ui import app
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.frame_painter import paint_frame
from hjgis.ui.map.pictures import MARGIN_PX, FrameRequest, Picture, Shot
from hjgis.ui.workspace import Workspace

_SIZE: Final = (1366, 768)
_LEFT: Final = Qt.MouseButton.LeftButton
_WARM_UP: Final = 1000
_GROWTH: Final = 1.10
_COMPARED_EVERY: Final = 50
# What a step may leave to the steps after it.
_PATIENCE_MS: Final = 5
# A coordinate exactly between two pixels falls to either side by the last bit of a sum, and Qt
# rounds a thin smoothed line anew where a piece cuts it off: up to a pixel, far from its ends.
_PIXELS_ASTRAY: Final = 24
_LEVELS: Final = 48
_EDITED: Final = ("manhole", "street_lamp", "pipe_point", "bike_station")


class Troubles(logging.Handler):
    """Warnings, exceptions and messages that nobody expected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def listen(self) -> None:
        """Hear the log with Qt's messages in it, exceptions in slots, and message boxes."""
        logging.captureWarnings(True)
        logging.getLogger().addHandler(self)
        app.hear_qt()
        sys.excepthook = self._thrown
        QMessageBox.warning = self._box  # type: ignore[method-assign, assignment]

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        # The offscreen platform has no window manager; nothing is wrong.
        if "This plugin does not support" not in words:
            self.add(f"{record.name}: {words}")

    def add(self, words: str) -> None:
        """Take down what happened."""
        self.found.append(words)

    def _thrown(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.add(f"{kind.__name__}: {error}")
        sys.__excepthook__(kind, error, trace)

    def _box(self, _parent: object, _title: str, words: str) -> None:
        self.add(f"message box: {words}")


class Soak:
    """The window, the dice, and what may be done with them."""

    def __init__(self, window: MainWindow, dice: random.Random) -> None:
        assert window.workspace is not None
        self.window, self.dice = window, dice
        self.space: Workspace = window.workspace
        self.project, self.canvas = self.space.project, self.space.canvas
        self.done: Counter[str] = Counter()
        self.compared = 0
        self._steps: dict[Callable[[], None], int] = {
            self._pan: 24,
            self._zoom: 16,
            self._jump: 4,
            self._back_or_forth: 4,
            self._resize: 2,
            self._switch_layer: 4,
            self._point: 12,
            self._click: 5,
            self._select_box: 3,
            self._add: 7,
            self._add_pipe: 3,
            self._move: 8,
            self._delete: 4,
            self._undo: 7,
            self._redo: 4,
            self._tool: 2,
        }
        self._start = {layer: self.project.count(layer) for layer in self.project.types}

    def step(self) -> None:
        """Do one random thing, and let the window answer a little."""
        chosen = self.dice.choices([*self._steps], weights=[*self._steps.values()])[0]
        chosen()
        self.done[chosen.__name__.strip("_")] += 1
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _PATIENCE_MS)

    def wait(self, longest_s: float = 60.0) -> None:
        """Let the window work until it has nothing to do."""
        started, quiet = time.monotonic(), 0
        while quiet < 3:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.002)
            quiet = 0 if self.canvas.busy or self.window.jobs.busy else quiet + 1
            assert time.monotonic() - started < longest_s, "the window is still busy"

    # -- looking around ------------------------------------------------------------------

    def _pan(self) -> None:
        self.canvas.pan_by(self.dice.gauss(0, 80), self.dice.gauss(0, 60))

    def _zoom(self) -> None:
        at = (self.dice.random() * self.canvas.width(), self.dice.random() * self.canvas.height())
        self.canvas.zoom_by(self.dice.choice([1.25, 1.5625, 0.8, 0.64]), at)
        if not 200 < self.canvas.frame.scale_denominator < 100_000:
            self._jump()

    def _jump(self) -> None:
        extent = self.space.layers.main_extent()
        assert extent is not None
        if self.dice.random() < 0.3:
            self.canvas.show_extent(extent)
        else:
            denominator = 10 ** self.dice.uniform(2.5, 4.3)
            self.canvas.show_place(*self._place(extent), denominator)

    def _back_or_forth(self) -> None:
        self.dice.choice([self.canvas.previous_view, self.canvas.next_view])()

    def _resize(self) -> None:
        self.window.resize(self.dice.randint(1000, 1500), self.dice.randint(650, 900))

    def _switch_layer(self) -> None:
        layer = self.dice.choice([*self.project.types])
        shown = self.space.layers[layer].visible
        # Most layers stay on most of the time.
        if shown and sum(not held.visible for held in self.space.layers) > 4:
            self.space.layers.show_all()
        else:
            self.space.layers.set_visible(layer, visible=not shown)

    def _tool(self) -> None:
        self.space.use_tool(self.dice.choice(["identify", "identify", "select", "move-node"]))

    def _point(self) -> None:
        QTest.mouseMove(self.canvas, self._pixel())

    def _click(self) -> None:
        self.space.use_tool("identify")
        QTest.mouseClick(self.canvas, _LEFT, Qt.KeyboardModifier.NoModifier, self._pixel())

    def _select_box(self) -> None:
        found = self.space.layers.within(self._seen(0.3), self.canvas.frame.scale_denominator)
        layer, fids = next(iter(found.items()), (None, np.empty(0, np.int64)))
        self.space.selection.set(layer, fids)

    # -- edits ---------------------------------------------------------------------------

    def _add(self) -> None:
        layer = self.dice.choice(_EDITED)
        # As many go as come: the sample stays the size that it is.
        if self.project.count(layer) > self._start[layer] + 100:
            self._delete()
            return
        place = shapely.Point(self._place(self._seen(0.9)))
        self.space.apply(add_feature(self.project, layer, place))

    def _add_pipe(self) -> None:
        if self.project.count("pipe_line") > self._start["pipe_line"] + 100:
            self._delete("pipe_line")
            return
        x, y = self._place(self._seen(0.9))
        # As long as pipes are: letters and dashes of one that goes on for a thousand screens are
        # counted from where it is cut.
        line = shapely.LineString([(x, y), (self.dice.gauss(x, 60), self.dice.gauss(y, 60))])
        self.space.apply(add_feature(self.project, "pipe_line", line, {"kind": "WS"}))

    def _move(self) -> None:
        key = self._any_key(self.dice.choice((*_EDITED, "pipe_line", "park")))
        if key is None:
            return
        geometry = self.project.get(key).geometry
        reach = 40 * self.canvas.frame.m_per_px
        east, north = self.dice.gauss(0, reach), self.dice.gauss(0, reach)
        if isinstance(geometry, shapely.Point):
            to = shapely.Point(geometry.x + east, geometry.y + north)
            self.space.apply(move_node(self.project, key, to))
        else:
            self.space.apply(move_features(self.project, [key], east, north))

    def _delete(self, layer: str = "") -> None:
        layer = layer or self.dice.choice(_EDITED)
        key = self._any_key(layer)
        # What is deleted for good would be missed by the steps to come.
        if key is not None and self.project.count(layer) > self._start[layer] - 100:
            self.space.apply(delete_features(self.project, [key]))

    def _undo(self) -> None:
        self.space.undo()

    def _redo(self) -> None:
        self.space.redo()

    def _any_key(self, layer: str) -> FeatureKey | None:
        """Return one of the features in view, or of all of them."""
        columns = self.space.layers[layer].columns
        fids = columns.in_view(self._seen(1.0)).fids
        if not len(fids):
            return None
        fid = int(self.dice.choice(fids))
        return FeatureKey(layer, str(self.project.table(layer, [], fids=[fid]).uuids[0]))

    # -- places --------------------------------------------------------------------------

    def _pixel(self) -> QPoint:
        width, height = self.canvas.width() - 1, self.canvas.height() - 1
        return QPoint(self.dice.randint(0, width), self.dice.randint(0, height))

    def _place(self, extent: Extent) -> tuple[float, float]:
        x_min, y_min, x_max, y_max = extent
        return self.dice.uniform(x_min, x_max), self.dice.uniform(y_min, y_max)

    def _seen(self, share: float) -> Extent:
        """Return the middle of what is seen."""
        frame = self.canvas.frame
        return replace(frame, m_per_px=frame.m_per_px * share).extent

    # -- what must hold ------------------------------------------------------------------

    def compare(self) -> None:
        """Compare what is on the screen with the same painted at once."""
        self.wait()
        shown = self.canvas._picture
        assert shown is not None
        assert shown.complete, "the window is idle with half a picture"
        assert shown.request.frame == self.canvas.frame, "the picture is of another place"
        sources = self.space.layers.sources()
        assert [s.columns for s in shown.request.layers] == [s.columns for s in sources]
        fresh = paint_frame(_unshifted(shown), self.project.reader)
        for name in ("base", "labels", "selection"):
            ours, theirs = getattr(shown, name), getattr(fresh, name)
            where = f"{name} at {shown.request.frame}"
            assert (ours is None) == (theirs is None), f"{where}: only one of them is there"
            if ours is not None:
                self._compare_shots(ours, theirs, where)
        self.compared += 1

    def _compare_shots(self, ours: Shot, theirs: Shot, where: str) -> None:
        one, other = _pixels(ours.image), _pixels(theirs.image)
        assert one.shape == other.shape, f"{where}: {one.shape}, {other.shape}"
        off = _unlike(one, other) & _unlike(other, one)
        count = int(off.sum())
        if count > _PIXELS_ASTRAY:
            for name, shot in (("shown", ours), ("fresh", theirs)):
                shot.image.save(str(Path(tempfile.gettempdir()) / f"soak-{name}.png"))
            rows, columns = np.nonzero(off)
            box = (columns.min(), rows.min(), columns.max(), rows.max())
            raise AssertionError(
                f"{where}: {count} pixels differ, in {box};"
                f" see soak-shown.png and soak-fresh.png in {tempfile.gettempdir()}"
            )

    def memory_mb(self) -> float:
        """Return what the process takes when nothing is under way, always in the same state."""
        self.space.selection.clear()
        self.space.layers.show_all()
        self.window.resize(*_SIZE)
        self._jump_home()
        self.wait()
        # What the window does when the user rests for some seconds.
        move_log(self.project)
        gc.collect()
        if sys.platform.startswith("linux"):
            # What is free goes back to the system; what is left is held by somebody.
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return float(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def _jump_home(self) -> None:
        extent = self.space.layers.main_extent()
        assert extent is not None
        self.canvas.show_extent(extent)


def _unshifted(picture: Picture) -> FrameRequest:
    """Return the request whose fresh picture has its pixels exactly where this one has them.

    A picture put together from strips may lie a part of a pixel beside what was asked for.
    """
    shown, request = picture.base.frame, picture.request
    frame = replace(
        request.frame,
        center_x=shown.center_x,
        center_y=shown.center_y,
        width_px=shown.width_px / request.ratio - 2 * MARGIN_PX,
        height_px=shown.height_px / request.ratio - 2 * MARGIN_PX,
    )
    return replace(request, frame=frame)


def _unlike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels of one picture are like none within a pixel in the other."""
    result = np.ones(one.shape[:2], np.bool_)
    around = np.pad(other, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(np.int16)
    height, width = result.shape
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            moved = around[down : down + height, right : right + width]
            result &= np.abs(moved - one).max(axis=2) > _LEVELS
    return result


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """Return the values of an image, shape (height, width, 4)."""
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]


def soak(folder: Path, steps: int, seed: int) -> None:
    """Do so many steps."""
    os.environ["HJGIS_CONFIG_DIR"] = os.environ["HJGIS_CACHE_DIR"] = str(folder)
    set_language("en")
    application = app.start_qt(["hjgis"])
    troubles = Troubles()
    troubles.listen()
    path = folder / "town.gpkg"
    create_sample(path, clean=False)
    window = MainWindow(Project.open(path, operator="soak"), Settings(operator="soak"))
    window.resize(*_SIZE)
    window.show()
    run = Soak(window, random.Random(seed))
    run.wait()
    curve: list[tuple[int, float]] = []
    started = time.monotonic()
    for number in range(1, steps + 1):
        run.step()
        if number % _COMPARED_EVERY == 0:
            run.compare()
        if number % _WARM_UP == 0 or number == steps:
            curve.append((number, run.memory_mb()))
            rate = number / (time.monotonic() - started)
            print(f"{number} steps, {rate:.0f}/s, {curve[-1][1]:.0f} MB", flush=True)
        assert not troubles.found, f"step {number}, seed {seed}: {troubles.found[:3]}"
    window.close()
    application.processEvents()
    assert not troubles.found, troubles.found[:3]
    _tell(run, curve)


def _tell(run: Soak, curve: list[tuple[int, float]]) -> None:
    counts = ", ".join(f"{name} {count}" for name, count in run.done.most_common())
    print(f"{counts}; {run.compared} pictures compared")
    first, last = curve[0][1], curve[-1][1]
    print(f"memory after {curve[0][0]} steps {first:.0f} MB, at the end {last:.0f} MB")
    assert last <= first * _GROWTH, f"memory grew from {first:.0f} to {last:.0f} MB"


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2020)
    given = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as folder:
        soak(Path(folder), given.steps, given.seed)


if __name__ == "__main__":
    main()
