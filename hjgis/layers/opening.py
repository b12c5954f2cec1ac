"""Opening a project file: whether it is sound, the lock, the backup, what an older file lacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from hjgis.errors import ReadOnlyProject
from hjgis.i18n import _, reason
from hjgis.layers import database, media, migrations, schema
from hjgis.layers.project_file import node_layers, stored_types
from hjgis.layers.safekeeping import WriterLock, back_up
from hjgis.models.assets import Catalogue
from hjgis.progress import Progress

# To look at more than this takes longer than one waits for a window.
_LARGE_BYTES: Final = 64 * 1024**2


def may_be_checked_later(path: Path, catalogue: Catalogue, *, write: bool) -> bool:
    """Say of a large file whether it can be shown before all of it was looked at.

    What must be brought up to the catalogue is written before it is shown, so it is checked first.
    """
    with closing(database.connect(path, write=False)) as connection:
        large = path.stat().st_size > _LARGE_BYTES
        if not (large and migrations.is_current_file(connection, path, catalogue)):
            return False
        return not write or migrations.has_styles(connection)


def verify(path: Path, *, sound: bool) -> None:
    """Refuse what is no project of ours, newer or, if `sound` is asked for, damaged."""
    with closing(database.connect(path, write=False)) as connection:
        database.verify(connection, path, sound=sound)


def check(path: Path, progress: Progress, *, backup: bool) -> None:
    """Look at every page of a file, and make a backup if one is due."""
    with closing(database.connect(path, write=False)) as connection:
        database.check_soundness(connection, path, progress)
        if backup:
            back_up(path, connection, progress)


def reading(path: Path, catalogue: Catalogue) -> sqlite3.Connection:
    """Open a file for reading; what an older one lacks is there for this connection alone."""
    connection = database.connect(path, write=False)
    with database.told(path):
        migrations.stand_in(connection, catalogue.types.values())
    return connection


@contextmanager
def writing(
    path: Path, catalogue: Catalogue, operator: str, *, backup: bool
) -> Iterator[tuple[sqlite3.Connection, WriterLock]]:
    """Take the right to write and bring the file up to date; both go if what follows fails.

    Raises
    ------
    ReadOnlyProject, ProjectLocked
        If it cannot be written, or somebody else has it.
    ProjectError
        If it is damaged, or holds triggers that nobody knows.
    """
    try:
        lock = WriterLock(path, operator)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise ReadOnlyProject(message.format(path=path, error=reason(error))) from error
    connection: sqlite3.Connection | None = None
    try:
        connection = database.connect(path, write=True)
        with database.told(path):
            if backup:
                back_up(path, connection)
            database.use_wal(connection)
            migrations.migrate(connection, path, catalogue)
            migrations.renew_styles(connection, path, catalogue)
            _refuse_unknown_triggers(connection, path, catalogue)
        yield connection, lock
    except BaseException:
        if connection is not None:
            connection.close()
        lock.release()
        raise


def _refuse_unknown_triggers(
    connection: sqlite3.Connection, path: Path, catalogue: Catalogue
) -> None:
    """Refuse to write where a trigger or view is not as we made it."""
    types = stored_types(connection, catalogue)
    known = {"network_node": schema.network_view_sql(node_layers(types))}
    for asset in types.values():
        known.update(schema.layer_triggers(asset))
    known.update(media.views(types.values()))
    unknown = database.unknown_triggers(connection, known)
    if unknown:
        message = _("{path} has triggers or views that hjgis did not make ({names}).")
        names = ", ".join(unknown[:5])
        raise ReadOnlyProject(message.format(path=path, names=names))
