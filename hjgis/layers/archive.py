"""Old history moved into a file of its own, and taken back from there.

The file is written, flushed and looked at before anything goes from the project: a crash between
the two leaves the history in both.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.errors import InputError, ProjectError
from hjgis.i18n import _, reason
from hjgis.layers import database
from hjgis.layers.journal import parked_tables, register_parked
from hjgis.layers.schema import quoted

SUFFIX: Final = ".sqlite"
_FACTS: Final = "hjgis_archive"
# And which column says to what change a row belongs.
_TABLES: Final = (
    ("hjgis_change", "id"),
    ("hjgis_change_row", "change"),
    ("hjgis_change_range", "change"),
    ("hjgis_checkpoint", "change"),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the history would be divided.

    Attributes
    ----------
    last : int
        The last change that goes.
    going, staying : int
        How many changes go and stay.
    held : int
        How many stay although they are older, because a later one takes one of them back.
    """

    last: int
    going: int
    staying: int
    held: int


def cut_before(connection: sqlite3.Connection, day: dt.date) -> Cut:
    """Say what a division before a day (local time) would move."""
    midnight = dt.datetime.combine(day, dt.time()).astimezone().astimezone(dt.UTC)
    changes = connection.execute("SELECT id, at, undoes FROM hjgis_change ORDER BY id").fetchall()
    limit = midnight.isoformat(timespec="milliseconds")
    older = 0
    while older < len(changes) and changes[older][1] < limit:
        older += 1
    going = older
    # Undo needs both a change and the one that takes it back: they stay together.
    while any(
        undoes is not None and undoes <= _id_at(changes, going)
        for _id, _at, undoes in changes[going:]
    ):
        earliest = min(row[2] for row in changes[going:] if row[2] is not None)
        going = sum(number < earliest for number, _at, _undoes in changes)
    return Cut(_id_at(changes, going), going, len(changes) - going, older - going)


def _id_at(changes: list[tuple[int, str, int | None]], going: int) -> int:
    return changes[going - 1][0] if going else 0


def write_archive(connection: sqlite3.Connection, cut: Cut, target: Path) -> None:
    """Copy changes up to a cut into a new file.

    Raises
    ------
    ProjectError
        If there is a file already or it cannot be written; then nothing is left of it.
    """
    if target.exists():
        raise ProjectError(_("{path} exists already; choose another name.").format(path=target))
    draft = target.with_name(target.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as made:
            made.execute("PRAGMA user_version = 1")
        with database.told(target), database.attached(connection, draft, mode="rw"):
            _copy_out(connection, cut)
        _flush(draft)
        draft.replace(target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise ProjectError(_("{path}: {error}").format(path=target, error=reason(error))) from error
    finally:
        for left in (draft, draft.with_name(draft.name + "-journal")):
            left.unlink(missing_ok=True)


def _copy_out(connection: sqlite3.Connection, cut: Cut) -> None:
    connection.execute("BEGIN")
    try:
        for table, column in _TABLES:
            connection.execute(
                f"CREATE TABLE other.{table} AS SELECT * FROM main.{table}"
                f" WHERE {column} <= ? ORDER BY rowid",
                (cut.last,),
            )
        for table in parked_tables(connection, cut.last):
            name = quoted(table)
            connection.execute(f"CREATE TABLE other.{name} AS SELECT * FROM main.{name}")
        connection.execute(
            f"CREATE TABLE other.{_FACTS} AS SELECT value AS project FROM main.hjgis_project"
            " WHERE key = 'project_uuid'"
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    copied = connection.execute("SELECT count(*) FROM other.hjgis_change").fetchone()[0]
    if copied != cut.going:
        raise ProjectError(_("The archive is not complete; the history stays where it is."))


def forget_until(connection: sqlite3.Connection, last: int) -> None:
    """Take the changes up to one out of the project, inside a transaction."""
    for table in parked_tables(connection, last):
        connection.execute(f"DROP TABLE {quoted(table)}")
        connection.execute("DELETE FROM gpkg_extensions WHERE table_name = ?", (table,))
    for table, column in reversed(_TABLES):
        connection.execute(f"DELETE FROM {table} WHERE {column} <= ?", (last,))


def take_back(connection: sqlite3.Connection, project: Path, archive: Path) -> int:
    """Put archived changes in again, whole or not at all; return how many.

    Raises
    ------
    InputError
        If the file is no archive, one of another project, or in already.
    """
    _check(connection, project, archive)
    with database.attached(connection, archive), database.transaction(connection, project):
        for table, column in _TABLES:
            names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            # Rows get new numbers: theirs may have been given again.
            listed = ", ".join(name for name in names if name != "id" or column == "id")
            connection.execute(
                f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM other.{table}"
                " ORDER BY rowid"
            )
        last = connection.execute("SELECT max(id) FROM other.hjgis_change").fetchone()[0]
        for table in parked_tables(connection, last):
            name = quoted(table)
            connection.execute(f"CREATE TABLE main.{name} AS SELECT * FROM other.{name}")
            register_parked(connection, table)
        return int(connection.execute("SELECT count(*) FROM other.hjgis_change").fetchone()[0])


def _check(connection: sqlite3.Connection, project: Path, archive: Path) -> None:
    """Refuse what is not an archive of this project that is missing in it."""
    name = archive.name
    no_archive = InputError(_("{path} is no archive of a history.").format(path=name))
    if not archive.is_file() or archive.samefile(project):
        raise no_archive
    try:
        with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as found:
            whose = found.execute(f"SELECT project FROM {_FACTS}").fetchone()
            ids = [row[0] for row in found.execute("SELECT id FROM hjgis_change")]
            sound = found.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except sqlite3.Error as error:
        raise no_archive from error
    own = connection.execute(
        "SELECT value FROM hjgis_project WHERE key = 'project_uuid'"
    ).fetchone()
    if whose != own:
        raise InputError(_("{path} is an archive of another project.").format(path=name))
    if not sound or not ids:
        raise InputError(_("{path} is damaged.").format(path=name))
    there = {row[0] for row in connection.execute("SELECT id FROM hjgis_change")}
    if there & set(ids):
        raise InputError(_("The history of {path} is in the project already.").format(path=name))


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError:
        # Folders cannot be flushed everywhere; there the name is written with the file.
        if not path.is_dir():
            raise
    finally:
        os.close(number)
