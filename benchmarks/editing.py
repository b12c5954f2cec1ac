"""Editing 100 000 manholes and 100 000 pipes: each edit with its journal, QGIS beside it.

``python -m benchmarks.editing [--nodes N] [--runs N] [--no-qgis] [--json F] [--markdown F]``
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks import program
from benchmarks.clock import ROOT, Facts, progress
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.join import remove_node
from hjgis.edits.move import move_features, move_node
from hjgis.edits.split import insert_node
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, Change, ChangeSet, Feature, FeatureKey, new_uuids

_PYTHON: Final = "/usr/bin/python3"
_COLUMNS: Final = 400
_STEP_M: Final = 20.0
_CORNER: Final = (424_000.0, 4_524_000.0)
_BATCH: Final = 1_000
_LARGE_BATCH: Final = 10_000
_LAMPS: Final = 30_000
_DRAG_STEPS: Final = 120

Target = tuple[str, str, float]
TARGETS: Final[tuple[Target, ...]] = (
    ("drag", "drag preview of a node, p95 a frame", 16.0),
    ("move", "move of a node with its pipes, stored", 10.0),
    ("add_many", "1 000 features added in one edit", 150.0),
    ("move_many", "1 000 features moved in one edit", 150.0),
    ("move_nodes", "1 000 nodes moved in one edit, 1 001 pipes with them", 0.0),
    ("delete_many", "1 000 features deleted in one edit", 150.0),
    ("set_many", "one field of 10 000 features in one edit", 1000.0),
    ("undo_set_many", "undo of that", 1000.0),
    ("split", "a node put on a pipe divides it", 10.0),
    ("merge", "a node is taken out, two pipes become one", 10.0),
    ("move_10000", "10 000 features moved in one edit", 0.0),
)


def build(path: Path, nodes: int) -> None:
    """Make a town of streets: manholes in rows, a pipe from each to the next one."""
    number = np.arange(nodes)
    x = _CORNER[0] + (number % _COLUMNS) * _STEP_M
    y = _CORNER[1] + (number // _COLUMNS) * _STEP_M
    uuids = new_uuids(nodes)
    pairs = np.stack([np.column_stack([x, y])[:-1], np.column_stack([x, y])[1:]], axis=1)
    pipes = {
        "kind": ["WS"] * (nodes - 1),
        "from_node": uuids[:-1],
        "to_node": uuids[1:],
        "diameter_mm": [300] * (nodes - 1),
    }
    lamps = shapely.points(x[:_LAMPS] + 3, y[:_LAMPS] + 3)
    manholes = {"exp_no": [f"WS{i}" for i in range(nodes)], "state": ["完好"] * nodes}
    with Project.create(path, title="editing") as project:
        bulk = (
            BulkInsert("manhole", shapely.points(x, y), manholes, uuids),
            BulkInsert("pipe_line", shapely.linestrings(pairs), pipes),
            BulkInsert("street_lamp", lamps, {"remarks": [None] * len(lamps)}),
        )
        project.session.apply(ChangeSet("edit.add", (), bulk, {"count": nodes}))


class Measured:
    """One open project and the times of its edits, milliseconds."""

    def __init__(self, project: Project, runs: int) -> None:
        self._project, self._runs = project, runs
        self._dice = np.random.default_rng(7)
        table = project.table("manhole", (), geometry=False)
        self._nodes = [FeatureKey("manhole", uuid) for uuid in table.uuids]

    def _timed(self, make: Callable[[], ChangeSet]) -> float:
        """Return the milliseconds from the wish to the stored edit."""
        started = time.perf_counter()
        self._project.session.apply(make())
        return (time.perf_counter() - started) * 1000

    def _undone(self) -> float:
        started = time.perf_counter()
        self._project.session.undo()
        return (time.perf_counter() - started) * 1000

    def _some(self, count: int) -> list[FeatureKey]:
        first = int(self._dice.integers(1, len(self._nodes) - count - 1))
        return self._nodes[first : first + count]

    def move(self) -> Facts:
        """Measure one node at a time."""
        times = []
        for (key,) in (self._some(1) for _ in range(20 * self._runs + 1)):
            at = self._project.get(key).geometry
            to = shapely.Point(at.x + 0.5, at.y + 0.5)
            times.append(self._timed(lambda key=key, to=to: move_node(self._project, key, to)))
        return {"move": _median(times)}

    def split_and_merge(self) -> Facts:
        """Measure a node that comes and goes again."""
        splits, merges = [], []
        uuids = self._project.table("pipe_line", (), geometry=False).uuids
        for number in self._dice.integers(0, len(uuids), 10 * self._runs + 1).tolist():
            pipe = FeatureKey("pipe_line", uuids[number])
            at = shapely.line_interpolate_point(
                self._project.get(pipe).geometry, 0.4, normalized=True
            )
            made: list[ChangeSet] = []
            splits.append(self._timed(partial(self._cut, pipe, at, made)))
            node = made[-1].changes[0].key
            merges.append(self._timed(lambda node=node: remove_node(self._project, node)))
        return {"split": _median(splits), "merge": _median(merges)}

    def _lamps(self, make: Callable[[list[FeatureKey]], ChangeSet], count: int) -> float:
        """Measure a batch of features without a network, as QGIS has them."""
        uuids = self._project.table("street_lamp", (), geometry=False).uuids
        times = []
        for run in range(self._runs + 1):
            keys = [FeatureKey("street_lamp", uuid) for uuid in uuids[run * 500 :][:count]]
            times.append(self._timed(partial(make, keys)))
            self._undone()
        return _median(times)

    def _cut(self, pipe: FeatureKey, at: shapely.Point, made: list[ChangeSet]) -> ChangeSet:
        made.append(insert_node(self._project, pipe, at, "manhole"))
        return made[-1]

    def many(self) -> Facts:
        """Measure batches, each taken back before the next one."""
        project = self._project

        def added() -> ChangeSet:
            asset = project.asset_type("manhole")
            values = asset.empty_values()
            changes = (
                Change(None, Feature(FeatureKey("manhole", uuid), shapely.Point(x, 0.0), values))
                for x, uuid in enumerate(new_uuids(_BATCH), 420_000)
            )
            return ChangeSet("edit.add", tuple(changes), params={"count": _BATCH})

        def several(make: Callable[[list[FeatureKey]], ChangeSet], count: int) -> tuple[float, ...]:
            done, undone = [], []
            for _ in range(self._runs + 1):
                keys = self._some(count)
                done.append(self._timed(lambda keys=keys: make(keys)))
                undone.append(self._undone())
            return _median(done), _median(undone)

        return {
            "add_many": several(lambda _keys: added(), 1)[0],
            "move_nodes": several(lambda keys: move_features(project, keys, 1, 1), _BATCH)[0],
            "move_many": self._lamps(lambda keys: move_features(project, keys, 1, 1), _BATCH),
            "move_10000": self._lamps(
                lambda keys: move_features(project, keys, 1, 1), _LARGE_BATCH
            ),
            "delete_many": self._lamps(lambda keys: delete_features(project, keys), _BATCH),
            **dict(
                zip(
                    ("set_many", "undo_set_many"),
                    several(
                        lambda keys: set_values(project, keys, {"remarks": "巡查"}), _LARGE_BATCH
                    ),
                    strict=True,
                )
            ),
        }


def drag(path: Path) -> Facts:
    """Measure the frames of a dragged node in the window: the mouse's event and the paint."""
    program.application()
    paints: list[float] = []
    with program.open_window(path) as live:
        middle = (_CORNER[0] + 100.5 * _STEP_M, _CORNER[1] + 100 * _STEP_M)
        live.canvas.set_frame(program.view(middle, 500.0))
        live.wait()
        live.canvas.set_tool(live.tool("move-node"))
        start = live.canvas.frame.to_device(np.array([[middle[0] - _STEP_M / 2, middle[1]]]))[0]
        _send(live.canvas, QEvent.Type.MouseButtonPress, start)
        for step in range(_DRAG_STEPS):
            started = time.perf_counter()
            _send(live.canvas, QEvent.Type.MouseMove, start + np.array([6.0 + step, step / 2]))
            live.canvas.repaint()
            paints.append((time.perf_counter() - started) * 1000)
            QApplication.processEvents()
        assert live.canvas.tool.preview().shapes, "nothing was dragged"
        live.canvas.tool.cancel()
        _send(live.canvas, QEvent.Type.MouseButtonRelease, start)
    ordered = sorted(paints)
    return {"drag": round(ordered[int(0.95 * len(ordered))], 2), "drag_max": round(ordered[-1], 2)}


def _send(canvas: program.MapCanvas, kind: QEvent.Type, at: np.ndarray) -> None:
    place = QPointF(float(at[0]), float(at[1]))
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, place, button, left, keys))


def _median(times: list[float]) -> float:
    """Return the middle of all but the first, which warms up."""
    return round(statistics.median(times[1:]), 2)


def peer(path: Path, runs: int, folder: Path) -> Facts:
    """Let QGIS do the same in a copy of the file, without triggers of ours."""
    copy, result = folder / "qgis-editing.gpkg", folder / "qgis-editing.json"
    _plain_copy(path, copy)
    script = Path(__file__).with_name("editing_peer.py")
    command = [_PYTHON, str(script), str(copy), str(result), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip()[-800:]}
    facts: Facts = json.loads(result.read_text("utf-8"))
    return facts


def _plain_copy(path: Path, copy: Path) -> None:
    """Write the two layers into a fresh GeoPackage, as anybody would who uses QGIS alone."""
    import pyogrio

    copy.unlink(missing_ok=True)
    for layer in ("manhole", "pipe_line"):
        frame = pyogrio.read_dataframe(path, layer=layer)
        pyogrio.write_dataframe(frame, copy, layer=layer, append=copy.exists())


def table(ours: Facts, qgis: Facts) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| | target, ms | measured, ms | | QGIS, ms | QGIS / ours |",
        "|---|---|---|---|---|---|",
    ]
    for key, words, target in TARGETS:
        value, other = ours[key], qgis.get(key)
        met = "" if not target else "met" if value <= target else "**not met**"
        wanted = f"<= {target:g}" if target else ""
        beside = f"{other:g}" if other is not None else "-"
        ratio = f"{other / value:.1f}x" if other is not None else "-"
        lines.append(f"| {words} | {wanted} | {value:g} | {met} | {beside} | {ratio} |")
    return "\n".join(lines)


_PAGE: Final = """# Editing, measured

Made by `python -m benchmarks.editing --markdown docs/benchmarks-editing.md`; do not edit.

{nodes} manholes and as many pipes between them, in one project with its journal; medians of
{runs} runs and more after one that is not counted. Each time runs from the wish to the edit that
is stored and flushed to the disk.

{table}

Not like for like: ours keeps who changed what and the old values, moves the pipes with a node by
identity and flushes each edit to the disk; QGIS changes the geometry of the node alone, one
editing session with its commit for each edit, without a journal. What is divided and joined is a
pipe's geometry alone there. {error}
"""


def main() -> None:
    """Measure, print the table and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-qgis", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    folder = ROOT / "build" / "bench" / "editing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "town.gpkg"
    progress("data")
    build(path, given.nodes)
    qgis: Facts = {}
    if not given.no_qgis and Path(_PYTHON).exists():
        progress("qgis")
        qgis = peer(path, given.runs, folder)
    progress("drag")
    ours = drag(path)
    with Project.open(path, operator="bench") as project:
        measured = Measured(project, given.runs)
        for step in (measured.move, measured.split_and_merge, measured.many):
            progress(step.__name__)
            ours |= step()
    page = _PAGE.format(
        nodes=f"{given.nodes:,}".replace(",", " "),
        runs=given.runs,
        table=table(ours, qgis),
        error=f"QGIS was not asked: {qgis['error']}" if "error" in qgis else "",
    )
    print(table(ours, qgis))
    if given.json:
        given.json.write_text(json.dumps({"ours": ours, "qgis": qgis}, indent=1), "utf-8")
    if given.markdown:
        given.markdown.write_text(page.rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
