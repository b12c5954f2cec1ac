"""The SQLite file of a project: opening it with care, one transaction per change."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from hjgis.errors import Cancelled, ProjectError, ProjectLocked, ReadOnlyProject
from hjgis.i18n import _
from hjgis.layers import geometry_blob, schema
from hjgis.progress import Progress

# What Python says, without a code, of text that is none.
_NO_TEXT: Final = "Could not decode to UTF-8"
_log = logging.getLogger("hjgis.store")
_BUSY_MS: Final = 2000
_STEPS_BETWEEN_LOOKS: Final = 100_000
_SQL_VARIABLES: Final = 30_000
# How far a stored edit is safe when the power fails; FULL: it is on the disk.
DURABILITY: Final = "FULL"
_CACHE_KIB: Final = 256 * 1024
# Triggers that GDAL keeps for its own feature counts; harmless.
_GDAL_PREFIXES: Final = ("trigger_insert_feature_count_", "trigger_delete_feature_count_")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite says into what a user can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _in_words(path, error) from error
    except UnicodeDecodeError as error:
        # Not even what SQLite says of it is text.
        raise _damaged(path, str(error)) from error


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """Open the file of a project without looking at it yet.

    Raises
    ------
    ProjectError
        If it is missing, is no SQLite file or cannot be opened.
    """
    _check_file(path)
    mode = "rw" if write else "ro"
    with told(path):
        connection = _connection(f"{path.resolve().as_uri()}?mode={mode}")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if write or _wal_of(path).exists():
                raise
            # A folder that cannot be written: no other process can be writing there either.
            connection = _connection(f"{path.resolve().as_uri()}?mode=ro&immutable=1")
    return connection


@contextmanager
def attached(
    connection: sqlite3.Connection, path: Path, *, mode: Literal["ro", "rw"] = "ro"
) -> Iterator[None]:
    """Let statements read (or write) a second file, under the name ``other``."""
    connection.execute("ATTACH ? AS other", (f"{path.resolve().as_uri()}?mode={mode}",))
    try:
        yield
    finally:
        connection.execute("DETACH other")


def create(path: Path) -> sqlite3.Connection:
    """Make an empty GeoPackage file.

    Raises
    ------
    ProjectError
        If there is a file already or the folder cannot be written.
    """
    if path.exists():
        raise ProjectError(_("{path} exists already; choose another name.").format(path=path))
    if not path.parent.is_dir():
        raise ProjectError(_("There is no folder {path}.").format(path=path.parent))
    with told(path):
        connection = _connection(f"{path.resolve().as_uri()}?mode=rwc")
        # The disk is waited for once there is something in the file.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema.USER_VERSION}")
        connection.execute(f"PRAGMA synchronous = {DURABILITY}")
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Prepare an open project for writing: readers go on while an edit is stored."""
    connection.execute(f"PRAGMA synchronous = {DURABILITY}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # A bulk change touches the whole R-tree; pages that do not fit are written several times.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def close_wal(connection: sqlite3.Connection) -> None:
    """Leave one plain file behind, unless somebody else still has it open."""
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        _log.info("left in WAL mode: %s", error)


def verify(connection: sqlite3.Connection, path: Path, *, sound: bool = True) -> None:
    """Look whether this is a sound project of a version that we know.

    Parameters
    ----------
    sound : bool
        Look at every page; `check_soundness` does that later where it is left out.

    Raises
    ------
    ProjectError
        If it is not a GeoPackage, not ours, newer, or damaged; nothing is changed.
    """
    with told(path):
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "gpkg_contents" not in tables:
            raise ProjectError(_("{path} is not a GeoPackage.").format(path=path))
        if "hjgis_project" not in tables:
            message = _(
                "{path} is a GeoPackage, but no hjgis project: make a project and import it."
            )
            raise ProjectError(message.format(path=path))
        _check_version(connection, path)
        if sound:
            _check_integrity(connection, path)


def check_soundness(connection: sqlite3.Connection, path: Path, progress: Progress) -> None:
    """Look at every page of a file; takes about 5 s a gigabyte.

    Raises
    ------
    ProjectError
        If it is damaged.
    Cancelled
        If `progress` says so.
    """
    try:
        with told(path), stoppable(connection, progress):
            _check_integrity(connection, path)
    except ProjectError:
        # Broken off is not damaged.
        progress.check()
        raise


@contextmanager
def stoppable(connection: sqlite3.Connection, progress: Progress) -> Iterator[None]:
    """Let `progress` stop whatever query runs.

    Raises
    ------
    Cancelled
        If it does.
    """

    def stopped() -> int:
        try:
            progress.check()
        except Cancelled:
            return 1
        return 0

    connection.set_progress_handler(stopped, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.OperationalError:
        progress.check()
        raise
    finally:
        connection.set_progress_handler(None, 0)


def unknown_triggers(connection: sqlite3.Connection, known: dict[str, str]) -> list[str]:
    """Return names of triggers and views that are not as we made them.

    Parameters
    ----------
    known : dict of str to str
        Name and statement of every trigger and view of ours.
    """
    stored = dict(
        connection.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')")
    )
    return sorted(
        name
        for name, sql in stored.items()
        if known.get(name) != sql and not name.startswith(_GDAL_PREFIXES)
    )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the write lock, flagged as ours, and commit at the end or leave no trace.

    Parameters
    ----------
    wait : bool
        Give another program some time to finish; without it, it is refused at once.

    Raises
    ------
    ProjectLocked
        If another program is writing.
    ProjectError
        If the disk is full, the file read-only or damaged.
    """
    with told(path):
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS if wait else 0}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("UPDATE hjgis_writer SET busy = 1")
            yield
            connection.execute("UPDATE hjgis_writer SET busy = 0")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Divide values into lots that one statement can take."""
    return (values[i : i + _SQL_VARIABLES] for i in range(0, len(values), _SQL_VARIABLES))


def _connection(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_MS / 1000)
    geometry_blob.register_functions(connection)
    return connection


def _check_file(path: Path) -> None:
    """Look from outside only.

    Opening and closing the file ourselves would drop the POSIX locks that SQLite holds on it
    elsewhere in this process.
    """
    if not path.exists():
        raise ProjectError(_("There is no file {path}.").format(path=path))
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ProjectError(_("Cannot read {path}.").format(path=path))


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    facts = dict(connection.execute("SELECT key, value FROM hjgis_project"))
    try:
        version = int(facts.get("schema_version", "0"))
    except (TypeError, ValueError) as error:
        raise _damaged(path, f"schema_version: {facts['schema_version']}") from error
    if not isinstance(facts.get("crs"), str):
        raise _damaged(path, f"crs: {facts.get('crs')}")
    if version > schema.SCHEMA_VERSION:
        message = _("{path} was made by a newer hjgis (format {version}); update the program.")
        raise ProjectError(message.format(path=path, version=version))


def _check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    if problems != ["ok"]:
        raise _damaged(path, "; ".join(problems))
    broken = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
    if broken:
        raise _damaged(path, "; ".join(f"{row[0]} {row[1]}" for row in broken))


def _in_words(path: Path, error: sqlite3.DatabaseError) -> ProjectError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = _("{path} is being written by another program; try again when it has finished.")
        return ProjectLocked(message.format(path=path))
    if code == sqlite3.SQLITE_FULL:
        message = _("The disk is full: the change to {path} was not stored. Free some space.")
        return ProjectError(message.format(path=path))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ReadOnlyProject(_("{path} cannot be written.").format(path=path))
    if code == sqlite3.SQLITE_NOTADB:
        return ProjectError(_("{path} is not a GeoPackage.").format(path=path))
    if code == sqlite3.SQLITE_CANTOPEN:
        message = _("{name} cannot be opened or made in {folder}: may that folder be written?")
        return ProjectError(message.format(name=path.name, folder=path.parent))
    if code == sqlite3.SQLITE_IOERR:
        message = _("{path}: the disk, or the network drive, did not do what it was asked to.")
        return ProjectError(message.format(path=path))
    if code == sqlite3.SQLITE_CORRUPT or _NO_TEXT in str(error):
        return _damaged(path, str(error))
    return ProjectError(_("{path}: {error}").format(path=path, error=error))


def _damaged(path: Path, detail: str) -> ProjectError:
    message = _("{path} is damaged ({detail}). Take the latest file from {backups}.")
    return ProjectError(
        message.format(path=path, detail=detail[:200], backups=path.with_suffix(".backups"))
    )


def _wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
