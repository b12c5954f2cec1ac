"""The write lock of SQLite holds against other processes whatever was done before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from hjgis.layers.project import Project
from tests.network import build

TRY = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None);"
    "c.execute('BEGIN IMMEDIATE'); print('taken')"
)


def second_process_takes_the_lock(path: Path) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(path)], capture_output=True, text=True, check=False
    )
    assert "taken" in done.stdout or "locked" in done.stderr
    return "taken" in done.stdout


def test_a_second_process_is_refused_while_a_change_is_stored(project: Project) -> None:
    build(project)
    assert second_process_takes_the_lock(project.path)
    project._db.execute("BEGIN IMMEDIATE")
    with project.reader() as reader:
        assert reader.count("manhole") == 3
    assert not second_process_takes_the_lock(project.path)
    project._db.execute("ROLLBACK")
    assert sqlite3.connect(project.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
