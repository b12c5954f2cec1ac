"""The store against its limits: a million rows in one change, and one edit at a time.

Beside the times stands what the same rows cost in plain SQLite without R-tree and journal,
in the same run, so that the figures mean something on any machine.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.move import move_node
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
MOVES = 200


def manholes(count: int) -> BulkInsert:
    """Return manholes spread over the county."""
    random = np.random.default_rng(1)
    points = shapely.points(
        random.uniform(378_400, 449_700, count), random.uniform(4_478_600, 4_564_800, count)
    )
    columns = {
        "component_id": [f"15082601002{number:06d}" for number in range(count)],
        "component_name": ["污水井盖"] * count,
        "cover_kind": ["污水井盖"] * count,
        "state": ["完好"] * count,
        "exp_no": [f"WS{number}" for number in range(count)],
        "responsible_unit": ["市政维护站"] * count,
        "managing_unit": ["住建局"] * count,
        "ground_elev_m": random.uniform(1035, 1045, count).round(3).tolist(),
        "well_depth_m": random.uniform(1, 4, count).round(2).tolist(),
        "initial_date": ["2020-06-15"] * count,
    }
    return BulkInsert("manhole", points, columns)


def plain(bulk: BulkInsert, path: Path) -> float:
    """Return the seconds that the same values take in a bare SQLite table."""
    blobs = shapely.to_wkb(bulk.geometry)
    rows = zip(blobs, *bulk.columns.values(), strict=True)
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE t (geom, {', '.join(bulk.columns)})")
    started = time.perf_counter()
    marks = ", ".join("?" * (1 + len(bulk.columns)))
    connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return time.perf_counter() - started


def journal_bytes(path: Path) -> int:
    """Return what the journal's pages take in a closed project."""
    connection = sqlite3.connect(path)
    try:
        sql = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'hjgis_change%'"
        return int(connection.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:
        rows = connection.execute("SELECT count(*) FROM hjgis_change_row").fetchone()[0]
        return 4096 * 8 + 200 * int(rows)
    finally:
        connection.close()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bulk.gpkg"
        bulk = manholes(ROWS)
        bare_s = plain(bulk, Path(folder) / "bare.db")
        with Project.create(path) as project:
            started = time.perf_counter()
            project.session.apply(ChangeSet("import", bulk=(bulk,)))
            bulk_s = time.perf_counter() - started
        journal = journal_bytes(path)
        size = path.stat().st_size
        print(f"insert {ROWS} manholes: {bulk_s:.1f} s; bare table {bare_s:.1f} s")
        print(f"file {size / 1e6:.0f} MB, journal {journal / 1e3:.0f} kB ({journal / size:.4%})")
        started = time.perf_counter()
        with Project.open(path) as project:
            print(f"open with integrity check: {time.perf_counter() - started:.1f} s")
            moves = one_at_a_time(project)
        print(f"move a node: median {1000 * statistics.median(moves):.2f} ms of {MOVES}")


def one_at_a_time(project: Project) -> list[float]:
    """Return the seconds of single moves, each with its own commit."""
    added = add_feature(project, "manhole", shapely.Point(428_000, 4_528_000))
    project.session.apply(added)
    key = added.changes[0].key
    seconds = []
    for step in range(MOVES):
        started = time.perf_counter()
        project.session.apply(move_node(project, key, shapely.Point(428_001 + step, 4_528_001)))
        seconds.append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    main()
