"""How the window bears a million findings: the longest time that it does not answer.

``QT_QPA_PLATFORM=offscreen python -m benchmarks.issues [FOLDER] [--findings N]`` makes a project
of manholes, invents N findings on them and shows, opens, scrolls, filters, groups, sorts and
replaces their list, and drags the map with their signs. Of each step: milliseconds until it is
done, the longest gap between two answers of the window, and of its own work in such a gap: on a
machine that does other things as well, the gap says more of those.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QApplication

from benchmarks.clock import ROOT, Facts, median, peak_mb, share, tell
from benchmarks.turns import Turns
from hjgis.checks.issue_list import Issues
from hjgis.checks.rules.register import all_rules
from hjgis.checks.runner import CheckReport
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.issues import Findings
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.viewport import at_denominator, centred
from hjgis.ui.panels.issues import IssuesPanel

_X, _Y = 420_000.0, 4_520_000.0
_SIDE_M: Final = 5000.0
_RULES: Final = ("attribute.required", "attribute.code", "attribute.parent")
_ROADS: Final = 60


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "bench")
    parser.add_argument("--findings", type=int, default=1_000_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        project = _project(Path(folder) / "findings.gpkg", max(given.findings // 5, 10))
        report = _report(project, given.findings)
        start_qt([])
        window = MainWindow(project, Settings())
        window.resize(1366, 768)
        window.show()
        _wait(lambda: not window.jobs.busy)
        facts = {"findings": given.findings, **_steps(window, report)}
        facts["peak_mb"] = peak_mb()
        tell(facts)
        window.close()


def _project(path: Path, count: int) -> Project:
    random = np.random.default_rng(1)
    project = Project.create(path, title="findings")
    places = shapely.points(random.uniform((_X, _Y), (_X + _SIDE_M, _Y + _SIDE_M), (count, 2)))
    values = {
        "exp_no": [f"W{number}" for number in range(count)],
        "road_name": [f"{number % _ROADS}号路" for number in range(count)],
    }
    project.session.apply(ChangeSet("import", bulk=(BulkInsert("manhole", places, values),)))
    return project


def _report(project: Project, count: int) -> CheckReport:
    columns = project.store.columns("manhole", ())
    xy = shapely.get_coordinates(columns.geometry)
    found = []
    for number, rule_id in enumerate(_RULES):
        size = count // len(_RULES) + (count % len(_RULES) if not number else 0)
        rows = np.arange(size) % len(columns.fids)
        odd = np.array([f"{value} > 100" for value in range(size)], dtype=object)
        fields = ("road_name", "exp_no")
        facts = {"field": "exp_no", "fields": fields, "problem": odd, "part": np.arange(size)}
        found.append(
            (
                all_rules()[rule_id],
                [
                    Findings(
                        *("manhole", columns.fids[rows], columns.uuids[rows], xy[rows]),
                        *(facts, ("part",)),
                    )
                ],
            )
        )
    issues = Issues.of(found, project.catalogue)
    return CheckReport(_RULES, {"manhole": len(columns.fids)}, issues, issues.summary(), {})


def _steps(window: MainWindow, report: CheckReport) -> Facts:
    assert window.workspace is not None
    assert window.docks is not None
    panel = window.docks.issues
    turns, facts = Turns(), Facts()

    def measure(name: str, work: Callable[[], object]) -> None:
        _wait(lambda: not _busy(window))
        turns.begin()
        started = time.perf_counter()
        work()
        _wait(lambda: not _busy(window))
        took = (time.perf_counter() - started) * 1000
        gaps = {"longest_gap_ms": turns.gap_ms, "longest_cpu_ms": turns.own_ms}
        facts[name] = {"ms": round(took)} | {key: round(gap) for key, gap in gaps.items()}

    window.docks.show_issues()
    measure("show", lambda: panel.show_report(report))
    measure("open all", lambda: _open_all(panel))
    measure("scroll", lambda: _scroll(panel))
    measure("to the end", lambda: panel.view.verticalScrollBar().setValue(2**30))
    measure("next finding", panel.go_next)
    measure("next finding again", panel.go_next)
    measure("another report", lambda: panel.show_report(report))
    measure("only warnings", lambda: _only(panel, 1))
    measure("all severities", lambda: _only(panel, None))
    measure("text in names", lambda: panel.filter.line.setText("W1234"))
    measure("no text", panel.filter.line.clear)
    measure("by road", lambda: panel.filter.groupings.setCurrentIndex(3))
    measure("by layer", lambda: panel.filter.groupings.setCurrentIndex(1))
    measure("by name", lambda: panel.view.sortByColumn(1, Qt.SortOrder.AscendingOrder))
    measure("by count", lambda: panel.view.sortByColumn(2, Qt.SortOrder.DescendingOrder))
    facts["drag with signs, paint ms"] = _drag(window)
    return facts


def _busy(window: MainWindow) -> bool:
    assert window.workspace is not None
    assert window.docks is not None
    panel = window.docks.issues
    return panel.busy or window.jobs.busy or window.workspace.canvas.busy


def _open_all(panel: IssuesPanel) -> None:
    row = 0
    while row < panel.model.rowCount():
        line = panel.model.line(row)
        if line.at is None:
            panel.model.set_open(row, opened=True)
            row += 1 + (len(line.group) if line.group is not None else 0)
        QApplication.processEvents()


def _scroll(panel: IssuesPanel) -> None:
    bar = panel.view.verticalScrollBar()
    for step in range(1, 51):
        bar.setValue(bar.maximum() * step // 50)
        QApplication.processEvents()


def _only(panel: IssuesPanel, rank: int | None) -> None:
    severities = [*panel.filter.buttons]
    chosen = severities if rank is None else [severities[rank]]
    panel.filter.choose(frozenset(chosen))


def _drag(window: MainWindow) -> Facts:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    facts = Facts()
    for denominator in (25_000, 2_000):
        frame = at_denominator(canvas.frame, denominator)
        frame, times = centred(frame, _X + _SIDE_M / 2, _Y + _SIDE_M / 2), []
        for step in range(40):
            shift = 12 * step * frame.m_per_px
            canvas.set_frame(centred(frame, frame.center_x + shift, frame.center_y))
            marks = canvas.marks
            assert marks is not None
            started = time.perf_counter()
            canvas.repaint()
            times.append((time.perf_counter() - started) * 1000)
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        facts[f"1:{denominator}"] = {"median": median(times), "p95": share(times, 0.95)}
    return facts


def _wait(done: Callable[[], bool]) -> None:
    quiet = 0
    while quiet < 20:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)
        quiet = quiet + 1 if done() else 0


if __name__ == "__main__":
    main()
