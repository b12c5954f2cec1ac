"""Whether SQLite can do what a project needs, and whether a project's file is sound."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from hjgis.errors import ProjectError
from hjgis.i18n import _, ngettext_
from hjgis.layers import database, safekeeping, schema
from hjgis.models.health import Line
from hjgis.progress import SILENT, Progress

_OLDEST: Final = (3, 37)
_OLD_BACKUP: Final = dt.timedelta(days=7)
_LARGE_JOURNAL: Final = 100_000
_MB: Final = 1_000_000


def sqlite_version() -> str:
    """Return the version of SQLite in use."""
    return sqlite3.sqlite_version


def sqlite_lines() -> list[Line]:
    """Look at SQLite: its version, spatial index and JSON."""
    lacking = [name for name, statement in _FEATURES.items() if not _can(statement)]
    if sqlite3.sqlite_version_info < _OLDEST:
        lacking.append(".".join(map(str, _OLDEST)))
    said = f"SQLite {sqlite3.sqlite_version}"
    if not lacking:
        return [Line("sqlite", "ok", _("{version}, with {parts}").format(
            version=said, parts=", ".join(_FEATURES)))]  # fmt: skip
    words = _("{version} lacks: {parts}").format(version=said, parts=", ".join(lacking))
    return [Line("sqlite", "fault", words, _("Install hjgis anew with its own Python."))]


def project_lines(path: Path, progress: Progress = SILENT) -> list[Line]:
    """Look at a project's file without writing to it.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    try:
        connection = database.connect(path, write=False)
    except ProjectError as error:
        return [Line("project", "fault", str(error), _take_backup())]
    with closing(connection):
        try:
            database.verify(connection, path, sound=False)
            database.check_soundness(connection, path, progress)
            found = [_format_line(connection, path), _journal_line(connection)]
        except ProjectError as error:
            return [
                Line("project", "fault", str(error), _take_backup()),
                _backup_line(path),
                _lock_line(path),
            ]
    return [*found, _backup_line(path), _lock_line(path)]


# -- inside ------------------------------------------------------------------------------

_FEATURES: Final = {
    "R-tree": "CREATE VIRTUAL TABLE one USING rtree(id, left, right)",
    "JSON": "SELECT json_extract('[1]', '$[0]')",
}


def _can(statement: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(statement)
        except sqlite3.Error:
            return False
    return True


def _take_backup() -> str:
    return _("Close the project and work on with the latest sound backup.")


def _format_line(connection: sqlite3.Connection, path: Path) -> Line:
    row = connection.execute("SELECT value FROM hjgis_project WHERE key = 'schema_version'")
    said = _("sound; format {version} of {known}, {size} MB").format(
        version=row.fetchone()[0],
        known=schema.SCHEMA_VERSION,
        size=f"{path.stat().st_size / _MB:.1f}",
    )
    return Line("project", "ok", said)


def _journal_line(connection: sqlite3.Connection) -> Line:
    count = connection.execute("SELECT count(*) FROM hjgis_change").fetchone()[0]
    said = ngettext_(
        "{count} change in the journal", "{count} changes in the journal", count
    ).format(count=count)
    if count > _LARGE_JOURNAL:
        return Line("journal", "warning", said, _("Put old history into an archive."))
    return Line("journal", "ok", said)


def _backup_line(path: Path) -> Line:
    copies = sorted(safekeeping.backup_folder(path).glob(f"{path.stem}-*.gpkg"))
    if not copies:
        return Line("backups", "warning", _("no backup"), _("Make a backup now."))
    made = dt.datetime.fromtimestamp(copies[-1].stat().st_mtime)
    said = ngettext_(
        "{count} backup, the latest of {day}", "{count} backups, the latest of {day}", len(copies)
    ).format(count=len(copies), day=f"{made:%Y-%m-%d %H:%M}")
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime)
    if changed - made > _OLD_BACKUP:
        return Line("backups", "warning", said, _("Make a backup now."))
    return Line("backups", "ok", said)


def _lock_line(path: Path) -> Line:
    holder = safekeeping.holder(path)
    if holder is None:
        return Line("lock", "ok", _("open for writing nowhere"))
    return Line("lock", "ok", _("open for writing: {who} on {device}, since {since}").format(
        who=holder.get("operator", "?"),
        device=holder.get("device", "?"),
        since=holder.get("since", "?"),
    ))  # fmt: skip
