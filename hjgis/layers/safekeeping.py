"""One writer a file, and rolling backups beside it."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import logging
import os
import platform
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from hjgis.errors import ProjectLocked, ReadOnlyProject
from hjgis.i18n import _
from hjgis.progress import SILENT, Progress

_log = logging.getLogger("hjgis.store")
KEPT_BACKUPS: Final = 7
BACKUP_CAP_BYTES: Final = 2 * 1024**3
_PAGES_AT_ONCE: Final = 10_000
_LONG_AGO: Final = dt.datetime.fromtimestamp(0, dt.UTC)
_MIN_AGE: Final = dt.timedelta(hours=4)
STAMP: Final = "%Y%m%d-%H%M%S"


class WriterLock:
    """The right to write one project file, held until released or the process ends.

    Two hidden files beside the project: an advisory lock, which the system frees with the
    process, and a note of who holds it.

    Raises
    ------
    ProjectLocked
        If somebody else holds it; the message says who.
    OSError
        If the folder cannot be written.
    """

    def __init__(self, project: Path, operator: str) -> None:
        project = project.resolve()
        self._owner = project.with_name(f".{project.name}.owner")
        self._lock = FileLock(project.with_name(f".{project.name}.lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise ProjectLocked(self._who_has_it(project)) from None
        self._owner.write_text(json.dumps(_self(operator), ensure_ascii=False), "utf-8")

    def release(self) -> None:
        """Give the right back."""
        self._owner.unlink(missing_ok=True)
        # While it is still held: whoever waits for it notices and makes a new one. Windows
        # does not let go of an open file; there it stays.
        with suppress(OSError):
            Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()

    def _who_has_it(self, project: Path) -> str:
        owner = _owner(project)
        message = _("{path} is open for writing elsewhere: {who} on {device}, since {since}.")
        return message.format(
            path=project.name,
            who=owner.get("operator", "?"),
            device=owner.get("device", "?"),
            since=owner.get("since", "?"),
        )


def holder(project: Path) -> dict[str, str] | None:
    """Return who has the right to write a project; None if nobody has. Nothing is left behind."""
    project = project.resolve()
    file = project.with_name(f".{project.name}.lock")
    if not file.exists():
        return None
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return _owner(project)
    lock.release()
    return None


def _owner(project: Path) -> dict[str, str]:
    """Return what the note beside a project says of who writes it; nothing if it is not there."""
    try:
        found = json.loads(project.with_name(f".{project.name}.owner").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _self(operator: str) -> dict[str, str]:
    since = dt.datetime.now(dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    return {
        "operator": operator or getpass.getuser(),
        "device": platform.node(),
        "since": since,
        "process": str(os.getpid()),
    }


def backup_folder(project: Path) -> Path:
    """Return where the backups of a project are."""
    return project.with_suffix(".backups")


@dataclass(slots=True)
class WriteAccess:
    """Whether an open project file may be written now.

    Attributes
    ----------
    unchecked : bool
        A large file that is still being looked at is not written until that is done.
    """

    path: Path
    read_only: bool
    unchecked: bool = False

    def refuse(self) -> None:
        """Raise ReadOnlyProject unless features may be stored."""
        self.refuse_unchecked()
        if self.read_only:
            raise ReadOnlyProject(_("{path} is open for reading only.").format(path=self.path.name))

    def refuse_unchecked(self) -> None:
        """Raise ReadOnlyProject while the file is still being looked at."""
        if self.unchecked:
            message = _("{path} is still being checked; try again in some seconds.")
            raise ReadOnlyProject(message.format(path=self.path.name))


def back_up(
    project: Path, connection: sqlite3.Connection, progress: Progress = SILENT
) -> Path | None:
    """Copy the project into its backup folder if the last copy is old; drop the oldest ones.

    A project over the size cap is not copied, and the log says so.

    Returns
    -------
    Path or None
        The new copy; None if none was due or possible.
    """
    folder = backup_folder(project)
    now = dt.datetime.now(dt.UTC)
    copies = folder.glob(f"{project.stem}-*.gpkg") if folder.is_dir() else ()
    kept = [copy for _made, copy in sorted((_made_at(copy, now), copy) for copy in copies)]
    size = project.stat().st_size
    if size > BACKUP_CAP_BYTES:
        _log.warning("%s is too large for automatic backups", project.name)
        return None
    if kept and not _due(kept[-1], project, now):
        return None
    target = folder / f"{project.stem}-{now.strftime(STAMP)}.gpkg"
    try:
        folder.mkdir(exist_ok=True)
        _copy(connection, target, progress)
    except (OSError, sqlite3.Error) as error:
        _log.info("no backup made: %s", error)
        return None
    _drop_oldest([*kept, target])
    return target


def _due(latest: Path, project: Path, now: dt.datetime) -> bool:
    made = _made_at(latest, now)
    return project.stat().st_mtime > made.timestamp() and now - made > _MIN_AGE


def _made_at(copy: Path, now: dt.datetime) -> dt.datetime:
    """Return when a copy was made; long ago where that is still to come.

    Once the clock was wrong. Such a copy must not stand in the way of all that follow.
    """
    made = dt.datetime.fromtimestamp(copy.stat().st_mtime, dt.UTC)
    return made if made <= now + _MIN_AGE else _LONG_AGO


def _copy(connection: sqlite3.Connection, target: Path, progress: Progress) -> None:
    def report(_status: int, left: int, total: int) -> None:
        progress.report(total - left, total, "backup")
        progress.check()

    draft = target.with_suffix(".part")
    copy = sqlite3.connect(draft)
    # A draft that breaks off is thrown away: the disk is waited for once, at the end.
    copy.execute("PRAGMA synchronous = OFF")
    try:
        connection.backup(copy, pages=_PAGES_AT_ONCE, progress=report)
    except BaseException:
        copy.close()
        draft.unlink(missing_ok=True)
        raise
    copy.close()
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)


def _drop_oldest(copies: list[Path]) -> None:
    """Keep the latest copies, as many as the number and size caps allow, at least one."""
    total = 0
    for number, copy in enumerate(reversed(copies)):
        total += copy.stat().st_size
        if number and (number >= KEPT_BACKUPS or total > BACKUP_CAP_BYTES):
            copy.unlink()
