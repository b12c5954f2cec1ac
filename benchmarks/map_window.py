"""How long the window of sheets holds up its user on a large town.

``python -m benchmarks.map_window [--json] [--size 100k] [--data FOLDER]``: the page is painted,
its map dragged, its scale and theme changed, the page exported and copied, as by a user. Told are
the longest gap between two turns of the event loop, and the most CPU time that the user's thread
itself took in one: on a busy machine the first is also the others' doing.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks import clock, town
from benchmarks.clock import ROOT, Facts
from benchmarks.turns import Turns
from hjgis.layers.project import Project
from hjgis.models.sheets import sheet
from hjgis.models.themes import Portrayal, Theme
from hjgis.ui.app import start_qt
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs
from hjgis.ui.mapsheet.window import MapWindow

_SCALE: Final = 10_000.0
_SIZE: Final = QSize(1320, 700)
_TICK_MS: Final = 2
_STEPS: Final = 40
_NAMES: Final = {"en": "Wells by kind", "zh_CN": "检查井类别图"}
_THEME: Final = Theme(
    "own-1", _NAMES, ("well",), ("well",), (Portrayal("well", "categories", field="kind"),)
)


class Bench:
    """Has a window do things, waits for each, and tells what it cost the user."""

    def __init__(self, window: MapWindow) -> None:
        self._window, self._turns = window, Turns()
        self.facts: Facts = {}

    def tell(self, what: str, work: Callable[[], object]) -> None:
        """Do one thing and wait until the window is at rest."""
        self._turns.begin()
        began = time.perf_counter()
        work()
        self.rest()
        seconds, turns = time.perf_counter() - began, self._turns
        self.facts[what] = {
            "gap_ms": round(turns.gap_ms),
            "own_ms": round(turns.own_ms),
            "all_s": round(seconds, 1),
        }
        print(f"{what:<40}{turns.gap_ms:>8.0f} ms{turns.own_ms:>8.0f} ms{seconds:>8.1f} s")

    def rest(self) -> None:
        """Let the window go on until nothing is to be painted or written."""
        loop, watch = QEventLoop(), QTimer(interval=_TICK_MS)

        def look() -> None:
            if not self._window.busy:
                loop.quit()

        watch.timeout.connect(look)
        watch.start()
        loop.exec()

    def drag(self) -> None:
        """Pull the map a third of the page to the left, in small steps, the loop running."""
        page, loop = self._window.page, QEventLoop()
        start = page.rect_of(self._window.design.wish.sheet.map_mm).center()
        step, steps = QTimer(interval=8), iter(range(_STEPS + 1))

        def go() -> None:
            at = next(steps, None)
            if at is None:
                _mouse(page, QEvent.Type.MouseButtonRelease, start - QPointF(_STEPS * 4, 0))
                step.stop()
                loop.quit()
            else:
                _mouse(page, QEvent.Type.MouseMove, start - QPointF(at * 4, 0))

        _mouse(page, QEvent.Type.MouseButtonPress, start)
        step.timeout.connect(go)
        step.start()
        loop.exec()


def _mouse(page: QObject, kind: QEvent.Type, place: QPointF) -> None:
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, place, place, left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, event)


@contextmanager
def opened(project: Project) -> Iterator[MapWindow]:
    """Give the window, at the size of a small laptop's screen."""
    jobs = Jobs()
    window = MapWindow(project, jobs, Bridge(project.session))
    window.resize(_SIZE)
    wish = replace(window.design.wish, sheet=sheet("a3-landscape"), scale=_SCALE)
    window.design.change(replace(wish, where="free", center=town.CENTRE))
    yield window
    window.hide()
    jobs.stop()


def measured(file: Path, folder: Path) -> Facts:
    """Return what each thing costs, by its name."""
    start_qt([])
    with Project.open(file, write=False, verify=False) as project, opened(project) as window:
        bench = Bench(window)
        bench.tell("opened, with a small map of each theme", window.show)
        bench.tell("the map dragged", bench.drag)
        bench.tell("looked at closely", window.real.click)
        bench.tell("the whole page again", window.fit.click)
        bench.tell("another scale", partial(window._step_scale, 2))
        bench.tell("a theme of kinds", partial(window.choose_theme, _THEME))
        bench.tell("all of the town", partial(window._choose_place, "all"))
        for ending in ("pdf", "png", "svg"):
            out = folder / f"map.{ending}"
            bench.tell(f"exported as {ending.upper()}", partial(window.delivery.export_to, out))
        bench.tell("copied as a picture", window.delivery.copy_picture)
    return bench.facts


def main() -> None:
    """Measure and print a table; with ``--json``, the figures as JSON too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", choices=town.SIZES, default="100k")
    parser.add_argument("--data", type=Path, default=ROOT / "build/bench")
    chosen = parser.parse_args()
    file = town.town(chosen.data, chosen.size)
    print(f"{'':<40}{'gap':>11}{'own CPU':>11}{'until done':>10}")
    with tempfile.TemporaryDirectory() as folder:
        facts = measured(file, Path(folder))
    if chosen.json:
        clock.tell(facts)


if __name__ == "__main__":
    main()
