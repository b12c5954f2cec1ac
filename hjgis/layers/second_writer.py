"""The file of an open project opened once more, for a thread that writes for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from hjgis.layers import database
from hjgis.layers.project import Project
from hjgis.progress import Progress


@contextmanager
def second_writer(project: Project, progress: Progress) -> Iterator[Project]:
    """Open the file again for writing, for another thread.

    `project` has the right to write and keeps it. It may be read meanwhile; it hears of what was
    stored by `Project.take_up`.

    Raises
    ------
    ReadOnlyProject
        If it may not be written.
    Cancelled
        If `progress` says so; then nothing of what was being stored is.
    """
    project.access.refuse()
    with closing(database.connect(project.path, write=True)) as connection:
        database.use_wal(connection)
        other = Project(
            connection,
            project.path,
            project.shipped,
            lock=None,
            read_only_reason=None,
            operator=project.session.operator,
        )
        with other.stoppable(progress):
            yield other


def move_log(project: Project) -> None:
    """Move what is in the write-ahead log into the file, for those who copy it; in any thread.

    It may be read and written meanwhile.

    Raises
    ------
    ProjectError
        If the disk is full, for example; the log then stays as it is.
    """
    with (
        closing(database.connect(project.path, write=True)) as connection,
        database.told(project.path),
    ):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
