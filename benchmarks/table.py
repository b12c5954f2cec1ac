"""The attribute table with 200 000 and 1 000 000 manholes: the real panel, from wish to paint.

``python -m benchmarks.table [--counts N,N] [--runs N] [--json F] [--markdown F]``
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

# Before the application: no display is asked for unless the caller has one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shapely
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.clock import ROOT, Facts, peak_mb, progress, resident_mb
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.query import Condition
from hjgis.ui.app import start_qt
from hjgis.ui.bridge import Bridge
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.selection import Selection

_SIZE: Final = (1366, 260)
_LOT: Final = 250_000
_LONGEST_S: Final = 60.0
_BEAT_MS: Final = 1
# Key, words, seconds at 200 000 rows; three times as long at a million.
TARGETS: Final = (
    ("open", "open the table", 1.0),
    ("sort_number", "sort by a number", 0.5),
    ("sort_text", "sort by a text", 0.5),
    ("sort_two", "sort by a text, then a number", 0.5),
    ("filter", "filter: depth more than 3 m", 0.3),
    ("search", "search all text, no index", 0.3),
    ("end", "jump to the last row", 0.3),
    ("groups", "group totals by road", 0.0),
    ("select", "select all rows", 0.0),
)
_LIMITS: Final = (("gap", "longest the window stood still, ms", 100.0),
                  ("memory", "memory beyond the empty program, MB", 150.0))  # fmt: skip


def build(path: Path, count: int) -> None:
    """Make manholes in rows, with ten fields filled."""
    dice = np.random.default_rng(7)
    number = np.arange(count)
    points = shapely.points(424_000 + number % 1000 * 10.0, 4_524_000 + number // 1000 * 10.0)
    roads = np.array(["胜利路", "建设街", "解放路", "人民路", "团结巷"])[dice.integers(0, 5, count)]
    kinds = np.array(["雨水井盖", "污水井盖", "电力井盖", "通信井盖"])[dice.integers(0, 4, count)]
    columns = {
        "exp_no": [f"WS{one}" for one in dice.permutation(count)],
        "component_id": [f"150826010029{one:05d}"[:17] for one in number],
        "cover_kind": kinds.tolist(),
        "road_name": roads.tolist(),
        "well_depth_m": np.round(dice.uniform(0.5, 6, count), 2).tolist(),
        "state": ["完好"] * count,
        "owner_name": ["三坝镇人民政府"] * count,
        "remarks": [f"巡查备注{one % 997}" for one in range(count)],
        "built_year": dice.integers(1980, 2026, count).tolist(),
        "survey_date": ["2026-05-04"] * count,
    }
    with Project.create(path, title="table") as project:
        for start in range(0, count, _LOT):
            part = slice(start, start + _LOT)
            some = {name: values[part] for name, values in columns.items()}
            bulk = BulkInsert("manhole", points[part], some)
            project.session.apply(ChangeSet("edit.add", bulk=(bulk,)))


class Measured:
    """One table and what it takes: CPU seconds of all threads from the wish to the painted rows."""

    def __init__(self, path: Path, runs: int) -> None:
        self._path, self._runs = path, runs
        self._gap = 0.0
        self._last = time.perf_counter()
        self._beat = QTimer(interval=_BEAT_MS)
        self._beat.timeout.connect(self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._gap = max(self._gap, now - self._last)
        self._last = now

    def _until(self, panel: TablePanel, done: Callable[[], bool]) -> None:
        started = time.perf_counter()
        while not done() or panel.finder.busy:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            assert time.perf_counter() - started < _LONGEST_S, "no answer"
        panel.view.viewport().repaint()

    def timed(
        self, panel: TablePanel, wish: Callable[[], object], done: Callable[[], bool]
    ) -> float:
        self._last, started = time.perf_counter(), time.process_time()
        wish()
        self._until(panel, done)
        self._tick()
        return time.process_time() - started

    def run(self) -> Facts:
        """Measure all."""
        before = resident_mb()
        times: dict[str, list[float]] = {key: [] for key, _words, _target in TARGETS}
        with Project.open(self._path, write=False, verify=False) as project:
            for _run in range(self._runs):
                self._once(project, times)
        result: Facts = {key: round(statistics.median(some), 3) for key, some in times.items()}
        result["gap"] = round(self._gap * 1000, 1)
        result["memory"] = round(max(peak_mb(), resident_mb()) - before, 1)
        return result

    def _once(self, project: Project, times: dict[str, list[float]]) -> None:
        selection = Selection()
        self._beat.start()
        self._last, started = time.perf_counter(), time.process_time()
        panel = TablePanel(project, Bridge(project.session), selection)
        panel.resize(*_SIZE)
        panel.show()
        model, view = panel.model, panel.view
        self._until(panel, lambda: len(model.fids) > 0)
        times["open"].append(time.process_time() - started)
        count = len(model.fids)

        def note(key: str, wish: Callable[[], object], done: Callable[[], bool]) -> None:
            times[key].append(self.timed(panel, wish, done))

        def always() -> bool:
            return True

        for key, order in (
            ("sort_number", (("well_depth_m", True),)),
            ("sort_text", (("exp_no", False),)),
            ("sort_two", (("road_name", False), ("well_depth_m", True))),
        ):
            note(key, lambda order=order: model.sort_by(order), always)
        model.sort_by(())
        self._until(panel, always)
        deep = [Condition("well_depth_m", ">", 3)]
        note("filter", lambda: model.filter(deep), always)
        assert 0 < len(model.fids) < count
        found = [Condition("*", "contains", "备注96")]
        note("search", lambda: model.filter(found), always)
        assert 0 < len(model.fids) < count
        model.filter(())
        self._until(panel, always)
        note("end", view.scrollToBottom, always)
        tree = panel.groups.tree
        note("groups", lambda: panel.do("groups"), lambda: tree.topLevelItemCount() > 1)
        note("select", view.selectAll, always)
        assert len(selection) == count
        self._beat.stop()
        panel.stop()
        panel.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def table(facts: dict[str, Facts]) -> str:
    """Return the figures as a Markdown table."""
    heads = "".join(f" {int(count):,} rows | target | |".replace(",", " ") for count in facts)
    lines = [f"| CPU seconds |{heads}", "|---|" + "---:|---:|---|" * len(facts)]
    for key, words, target in (*TARGETS, *_LIMITS):
        cells = ""
        for count, ours in facts.items():
            scaled = key in dict(_pairs()) and int(count) > 200_000
            limit = target * (3 if scaled else 1)
            met = "" if not limit else "met" if ours[key] <= limit else "**not met**"
            cells += f" {ours[key]:g} | {f'≤ {limit:g}' if limit else ''} | {met} |"
        lines.append(f"| {words} |{cells}")
    return "\n".join(lines)


def _pairs() -> list[tuple[str, str]]:
    return [(key, words) for key, words, _target in TARGETS]


_PAGE: Final = """# The attribute table, measured

Made by `./dev bench table --markdown docs/benchmarks-table.md`; do not edit.

The real panel at {size} pixels on manholes with ten fields filled, offscreen; medians of {runs}
runs, from the wish to the painted rows, the file in the system's cache. CPU seconds of all threads
together are what it takes on a machine that does nothing else; the load average was {load}, which
the longest pause shows. The search is that of the file itself: where the program's search index is
ready, it answers instead.

{table}

QGIS's attribute table beside it: not measured here.
"""


def main() -> None:
    """Measure, print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="200000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    folder = ROOT / "build" / "bench" / "table"
    folder.mkdir(parents=True, exist_ok=True)
    start_qt(["hjgis"])
    facts: dict[str, Facts] = {}
    for count in given.counts.split(","):
        path = folder / f"wells-{count}.gpkg"
        if not path.exists():
            progress(f"data {count}")
            build(path, int(count))
        progress(f"table {count}")
        facts[count] = Measured(path, given.runs).run()
    load = f"{os.getloadavg()[0]:.1f}"
    page = _PAGE.format(load=load, size="1366 × 260", runs=given.runs, table=table(facts))
    print(table(facts))
    if given.json:
        given.json.write_text(json.dumps(facts, indent=1), "utf-8")
    if given.markdown:
        given.markdown.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
