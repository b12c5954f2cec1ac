"""The attribute table with 200 000 and 1 000 000 manholes: the real panel, from wish to paint.

``python -m benchmarks.table [--counts N,N] [--runs N] [--no-qgis] [--json F] [--markdown F]``; the
page tells of the search box and of the form too, by `benchmarks.search` and `benchmarks.form`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

# Before the application: no display is asked for unless the caller has one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shapely
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks import qgis_beside
from benchmarks.canvas import machine
from benchmarks.clock import ROOT, Facts, child, peak_mb, progress, resident_mb
from benchmarks.search import TYPED
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
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
_LONGEST_QGIS_S: Final = 300.0
# Key, words, seconds at 200 000 rows; three times as long at a million.
TARGETS: Final = (
    ("open", "open the table", 1.0),
    ("sort_number", "sort by a number", 0.5),
    ("sort_text", "sort by a text", 0.5),
    ("sort_two", "sort by a text, then a number", 0.5),
    ("filter", "filter: depth more than 3 m", 0.3),
    ("search", "search as you type: each letter of 备注96", 0.3),
    ("search_file", "the same at once, no search index yet", 0.0),
    ("end", "jump to the last row", 0.3),
    ("groups", "group totals by road", 0.0),
    ("select", "select all rows", 0.0),
)
_TYPED: Final = ("备", "备注", "备注9", "备注96")
_LIMITS: Final = (("gap", "longest the window stood still, ms", 100.0),
                  ("memory", "memory beyond the empty program, MB", 150.0))  # fmt: skip


_OF_SEARCH: Final = (
    ("box_p50_ms", "an answer of the box, half of them within, ms", 0.0),
    ("box_p95_ms", "an answer of the box, 95 % within, ms", 50.0),
    ("box_cpu_p95_ms", "CPU of both threads for it, 95 % within, ms", 35.0),
    ("table_p95_ms", "the rows of the table, 95 % within, ms", 0.0),
    ("build_cpu_s", "prepared the first time, in the background, CPU s", 0.0),
    ("next_start_cpu_s", "prepared at the next start, CPU s", 0.0),
    ("kept_mb", "kept in the cache, MB", 0.0),
    ("edit_ms", "followed after an edit, ms", 0.0),
)
_OF_FORM: Final = {"first form, made cold": 100.0, "another feature": 100.0}


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
        result: Facts
        times: dict[str, list[float]] = {key: [] for key, _words, _target in TARGETS}
        with Project.open(self._path, write=False, verify=False) as project:
            for _run in range(self._runs):
                self._once(project, times)
            memory = round(max(peak_mb(), resident_mb()) - before, 1)
            self._search(project, times)
        result = {key: round(statistics.median(some), 3) for key, some in times.items()}
        return result | {"gap": round(self._gap * 1000, 1), "memory": memory}

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

        for key, order in (
            ("sort_number", (("well_depth_m", True),)),
            ("sort_text", (("exp_no", False),)),
            ("sort_two", (("road_name", False), ("well_depth_m", True))),
        ):
            note(key, lambda order=order: model.sort_by(order), _always)
        model.sort_by(())
        self._until(panel, _always)
        deep = [Condition("well_depth_m", ">", 3)]
        note("filter", lambda: model.filter(deep), _always)
        assert 0 < len(model.fids) < count
        found = [Condition("*", "contains", "备注96")]
        note("search_file", lambda: model.filter(found), _always)
        assert 0 < len(model.fids) < count
        model.filter(())
        self._until(panel, _always)
        note("end", view.scrollToBottom, _always)
        tree = panel.groups.tree
        note("groups", lambda: panel.do("groups"), lambda: tree.topLevelItemCount() > 1)
        note("select", view.selectAll, _always)
        assert len(selection) == count
        self._close(panel)

    def _search(self, project: Project, times: dict[str, list[float]]) -> None:
        """Type letter by letter where the search index is ready; each counts as one time."""
        with tempfile.TemporaryDirectory() as folder:
            index = SearchIndex(project, Path(folder))
            index.build()
            panel = TablePanel(project, Bridge(project.session), Selection(), search=index.fids)
            panel.resize(*_SIZE)
            panel.show()
            self._until(panel, lambda: len(panel.model.fids) > 0)
            count = len(panel.model.fids)
            self._beat.start()
            for _run in range(self._runs):
                for typed in _TYPED:
                    wish = [Condition("*", "contains", typed)]
                    took = self.timed(panel, partial(panel.model.filter, wish), _always)
                    times["search"].append(took)
                assert 0 < len(panel.model.fids) < count
            self._close(panel)

    def _close(self, panel: TablePanel) -> None:
        self._beat.stop()
        panel.stop()
        panel.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _always() -> bool:
    return True


def beside(path: Path, folder: Path) -> Facts:
    """Return what QGIS's attribute table takes on the same file; ``error`` where it says nothing.

    It runs in a process of its own that is ended when it takes too long.
    """
    if not qgis_beside.is_there():
        return {"error": "no QGIS here"}
    script = str(ROOT / "benchmarks" / "qgis_table.py")
    width, height = map(str, _SIZE)
    command = [qgis_beside.PYTHON, script, str(path), "manhole", str(folder), width, height]
    return child(command, env={"QT_QPA_PLATFORM": "offscreen"}, longest_s=_LONGEST_QGIS_S)


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
    lines += _qgis_lines(facts)
    return "\n".join(lines)


def _qgis_lines(facts: dict[str, Facts]) -> list[str]:
    """Return the rows of QGIS, as many columns as the table has."""
    opened, memory = "| QGIS: open the table, and how many times ours |", "| QGIS: memory, MB |"
    for ours in facts.values():
        qgis = ours.get("qgis", {"error": "not asked"})
        if "error" in qgis:
            opened, memory = f"{opened} {qgis['error'][-60:]} | | |", f"{memory} | | |"
            continue
        opened += f" {qgis['open']:g} | {qgis['open'] / ours['open']:.0f}x | |"
        memory += f" {qgis['memory']:g} | | |"
    return [opened, memory]


def _pairs() -> list[tuple[str, str]]:
    return [(key, words) for key, words, _target in TARGETS]


_PAGE: Final = """# Table, search and form, measured

Made by `./dev bench table --markdown docs/benchmarks-table.md`; do not edit.

{date}; {cores} cores of {cpu}, {memory_gb} GB, no GPU; {system}; Python {python}; QGIS {qgis}. Load
average {load}: others were at work where it is more than 1. CPU seconds are of all threads
together, which is what things take on a machine that does nothing else; what passes on the clock,
and the longest pause, are longer where there is load.

## The attribute table

The real panel at {size} pixels on manholes with ten fields filled, offscreen; medians of {runs}
runs, from the wish to the painted rows, the file in the system's cache. QGIS: the widget of its
attribute table, all features, on the same file at the same size, from the wish to the painted rows.

{table}

While the search index is being prepared, some seconds after a project has been opened, the table
searches the file itself, in the background: every text of every row is read.

## The search box

{search_rows:,} manholes, {typed} texts typed: signs, words, pinyin, digits, ids, several words,
nothing found. Features, roads and units, each with its count, are what each of them asks for.

| | measured | target | |
|---|---:|---:|---|
{search}

The slowest: {slowest}.

## The form

A manhole has {fields} fields.

| CPU milliseconds | measured | target | |
|---|---:|---:|---|
{form}
"""


def page(facts: dict[str, Facts], runs: int) -> str:
    """Return the page; the search and the form are measured for it."""
    progress("search")
    search = child([sys.executable, "-m", "benchmarks.search"])
    progress("form")
    form = child([sys.executable, "-m", "benchmarks.form", "--json"])
    fields = form.pop("fields")
    of_qgis = next(iter(facts.values())).get("qgis", {})
    return _PAGE.format(
        date=dt.datetime.now().astimezone().date().isoformat(),
        **machine(),
        qgis=of_qgis.get("version", "not there"),
        load=f"{os.getloadavg()[0]:.1f}",
        size="{} × {}".format(*_SIZE),
        runs=runs,
        table=table(facts),
        search_rows=search["rows"],
        typed=len(TYPED),
        search="\n".join(_line(w, search[key], limit) for key, w, limit in _OF_SEARCH),
        slowest="; ".join(search["slowest"]),
        fields=fields,
        form="\n".join(_line(words, took, _OF_FORM.get(words, 0)) for words, took in form.items()),
    )


def _line(words: str, value: float, limit: float) -> str:
    met = "" if not limit else "met" if value <= limit else "**not met**"
    return f"| {words} | {value:g} | {f'≤ {limit:g}' if limit else ''} | {met} |"


def main() -> None:
    """Measure, print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="200000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-qgis", action="store_true")
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
            # In a process of its own: what it needs is not what the table needs.
            making = get_context("spawn").Process(target=build, args=(path, int(count)))
            making.start()
            making.join()
        progress(f"table {count}")
        facts[count] = Measured(path, given.runs).run()
        if not given.no_qgis:
            progress(f"QGIS {count}")
            facts[count]["qgis"] = beside(path, folder / "qgis")
    print(table(facts))
    if given.json:
        given.json.write_text(json.dumps(facts, indent=1), "utf-8")
    if given.markdown:
        given.markdown.write_text(page(facts, given.runs), "utf-8")


if __name__ == "__main__":
    main()
