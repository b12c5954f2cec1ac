"""How long questions take: sentences, places, statistics.

``python -m benchmarks.queries [FOLDER] [--rows N]`` makes a project of N pipes, N / 5 wells and a
grid of 1 600 cells, once, and asks of it what people ask. CPU seconds are told too: others may be
working on the machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from benchmarks.clock import ROOT, Facts, peak_mb, tell
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.query import Condition, Group, Location, Part, Query

VERSION: Final = 1
_SIDE_M: Final = 8_000.0
_CELL_M: Final = 200
_FEW_PIPES: Final = 5_000
_STATISTICS: Final = (
    ((), "count"),
    (("material",), "count"),
    (("road_name", "material"), "count"),
    (("road_name", "material"), "sum:diameter_mm"),
    (("road_name",), "length"),
    (("in:grid",), "count"),
)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = ROOT / "build" / "bench" / "queries"
    parser.add_argument("folder", type=Path, nargs="?", default=folder)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    facts: Facts = {"rows": given.rows}
    with Project.open(_town(given.folder, given.rows), write=False, verify=False) as project:
        for words, layer, part in _questions():
            facts[words] = _timed(partial(project.store.fids, layer, [part]))
        for by, measure in _STATISTICS:
            question = querying.question(project, "pipe_line", by, measure)
            ask = partial(project.store.statistics, question, project.catalogue)
            facts[f"{measure} by {' x '.join(by) or 'nothing'}"] = _timed(ask)
    tell(facts | {"peak_mb": peak_mb(), "load": os.getloadavg()[0]})


def _questions() -> tuple[tuple[str, str, Part], ...]:
    few = Query("pipe_line", (Condition("fid", "in", tuple(range(1, _FEW_PIPES + 1))),))
    wide = Condition("diameter_mm", ">", 300)
    neither = Group((wide, Condition("material", "empty")), "none")
    disc = shapely.Point(_SIDE_M / 2, _SIDE_M / 2).buffer(_SIDE_M / 3, quad_segs=500)
    return (
        ("diameter > 300", "pipe_line", wide),
        ("not (wide or no material)", "pipe_line", neither),
        ("wells within 50 m of 5 000 pipes", "manhole", Location("near", few, 50.0)),
        ("wells inside a disc of 2 000 corners", "manhole", Location("within", disc)),
        ("pipes longer than 30 m", "pipe_line", Condition("@length_m", ">", 30.0)),
    )  # fmt: skip


def _timed(work: Callable[[], object]) -> str:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    took, busy = time.perf_counter() - started, time.process_time() - cpu
    return f"{took:.2f} s ({busy:.2f} s CPU)"


def _town(folder: Path, rows: int) -> Path:
    """Return the project, made if it is not there."""
    path = folder / f"questions-{rows}-v{VERSION}.gpkg"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"unfinished-{path.name}")
    unfinished.unlink(missing_ok=True)
    dice = np.random.default_rng(1)
    starts = dice.uniform(0, _SIDE_M, (rows, 2))
    vertices = np.stack([starts, starts + dice.uniform(-40, 40, (rows, 2))], 1).reshape(-1, 2)
    lines = shapely.linestrings(vertices, indices=np.repeat(np.arange(rows), 2))
    columns = {
        "road_name": [f"路{at}" for at in dice.integers(0, 300, rows).tolist()],
        "material": [("T", "G", "ZT", None)[at] for at in dice.integers(0, 4, rows).tolist()],
        "diameter_mm": dice.integers(100, 900, rows).tolist(),
    }
    corners = range(0, int(_SIDE_M), _CELL_M)
    cells = [shapely.box(x, y, x + _CELL_M, y + _CELL_M) for x in corners for y in corners]
    grid = np.array([shapely.MultiPolygon([cell]) for cell in cells], object)
    wells = shapely.points(dice.uniform(0, _SIDE_M, (rows // 5, 2)))
    with Project.create(unfinished, title="benchmark") as project:
        if project.asset_type("grid").geometry == "Polygon":
            grid = np.array(cells, object)
        for bulk in (
            BulkInsert("pipe_line", lines, columns),
            BulkInsert("manhole", wells, {}),
            BulkInsert("grid", grid, {"grid_id": [f"G{at}" for at in range(len(cells))]}),
        ):
            project.session.apply(ChangeSet("import", bulk=(bulk,)))
    unfinished.rename(path)
    return path


if __name__ == "__main__":
    main()
