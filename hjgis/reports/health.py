"""The program examines itself and its surroundings."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from hjgis import __version__, paths
from hjgis.exchange.drivers import gdal_lines, gdal_version
from hjgis.i18n import N_, _
from hjgis.layers.health import project_lines, sqlite_lines, sqlite_version
from hjgis.models.crs import proj_lines, proj_version
from hjgis.models.health import Line
from hjgis.progress import SILENT, Progress
from hjgis.render.health import qt_version

TITLES: Final = {
    "program": N_("Program"),
    "fonts": N_("Fonts"),
    "qt": N_("Window system"),
    "screen": N_("Screen"),
    "gdal": N_("Other people's files"),
    "proj": N_("Coordinate systems"),
    "sqlite": N_("Database"),
    "folder": N_("Folders"),
    "clock": N_("Clock"),
    "memory": N_("Memory"),
    "project": N_("Project file"),
    "journal": N_("Journal"),
    "backups": N_("Backups"),
    "lock": N_("Right to write"),
}
_GIB: Final = 1024**3
_SPACE_LOW_BYTES: Final = _GIB
_SPACE_OUT_BYTES: Final = 50 * 1024**2
_MEMORY_LOW_BYTES: Final = 4 * _GIB
_MOST_AHEAD: Final = dt.timedelta(days=1)


def versions() -> tuple[str, ...]:
    """Return the versions of the program and of what it stands on."""
    lines = [
        f"hjgis {__version__}",
        f"Python {platform.python_version()}",
        f"Qt {qt_version()}",
        f"PROJ {proj_version()}",
        f"SQLite {sqlite_version()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]
    with suppress(ImportError, OSError):
        lines.insert(3, f"GDAL {gdal_version()}")
    return tuple(lines)


def look(project: Path | None, progress: Progress = SILENT) -> list[Line]:
    """Look at all that the window is not needed for; writes nothing that stays.

    Parameters
    ----------
    project : Path or None
        A project's file to look at too; it is only read.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    lines = [
        Line("program", "ok", ", ".join(versions())),
        *gdal_lines(),
        *proj_lines(),
        *sqlite_lines(),
        *_folder_lines(project),
        _clock_line(project),
        _memory_line(),
    ]
    if project is not None:
        lines += project_lines(project, progress)
    return lines


# -- inside ------------------------------------------------------------------------------


def _folder_lines(project: Path | None) -> list[Line]:
    folders: list[tuple[str, Path]] = [
        (_("settings"), paths.config_file().parent),
        (_("cache"), paths.cache_dir()),
        (_("logs"), paths.log_dir()),
        (_("temporary files"), Path(tempfile.gettempdir())),
    ]
    if project is not None:
        folders.insert(0, (_("project"), project.resolve().parent))
    return [_folder_line(name, folder) for name, folder in folders]


def _folder_line(name: str, folder: Path) -> Line:
    nearest = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".hjgis-"):
            free = shutil.disk_usage(nearest).free
    except OSError:
        said = _("{name}: {folder} cannot be written").format(name=name, folder=folder)
        return Line("folder", "fault", said, _("Ask for the right to write there."))
    said = _("{name}: {folder}, {free} GB free").format(
        name=name, folder=folder, free=f"{free / _GIB:.1f}"
    )
    if free < _SPACE_OUT_BYTES:
        return Line("folder", "fault", said, _("Free some space on this disk."))
    if free < _SPACE_LOW_BYTES:
        return Line("folder", "warning", said, _("Free some space on this disk."))
    return Line("folder", "ok", said)


def _clock_line(project: Path | None) -> Line:
    """Compare the clock with what was surely made before now: our own files and the project."""
    known = [Path(__file__), *([project] if project is not None and project.is_file() else [])]
    latest = max(dt.datetime.fromtimestamp(path.stat().st_mtime) for path in known)
    now = dt.datetime.now()
    said = now.astimezone().strftime("%Y-%m-%d %H:%M %z")
    if latest - now > _MOST_AHEAD:
        words = _("{now}, but a file here was written on {day}")
        return Line(
            "clock",
            "warning",
            words.format(now=said, day=f"{latest:%Y-%m-%d}"),
            _("Set the clock of this computer: dates of edits and inspections follow it."),
        )
    return Line("clock", "ok", said)


def _memory_line() -> Line:
    size = next((found for ask in (_memory_posix, _memory_windows) if (found := ask())), 0)
    if not size:
        return Line("memory", "ok", _("not known here"))
    said = _("{size} GB").format(size=f"{size / _GIB:.1f}")
    if size < _MEMORY_LOW_BYTES:
        return Line("memory", "warning", said, _("Close other programs while you work on towns."))
    return Line("memory", "ok", said)


def _memory_posix() -> int:
    with suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 0


def _memory_windows() -> int:
    if sys.platform != "win32":
        return 0
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((f"part{i}", ctypes.c_ulonglong) for i in range(7)),
        )

    status = Status(length=ctypes.sizeof(Status))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.part0)
