"""Files on their way: made in a hidden folder, so that nothing has its name before all is there."""

from __future__ import annotations

import errno
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from hjgis.errors import HjgisError, InputError
from hjgis.i18n import _, reason

_PREFIX: Final = ".hjgis-"
# GDAL and SQLite do not say why they cannot write; with less room than this it is the room.
_ROOM_BYTES: Final = 1 << 20


def refuse_existing(path: Path) -> None:
    """Refuse to write where something is.

    Raises
    ------
    InputError
        If there is a file or folder of that name.
    """
    if path.exists():
        message = _("{path} exists already; choose another place, nothing was overwritten.")
        raise InputError(message.format(path=path))


def cannot_write(path: Path, error: Exception) -> InputError:
    """Return what is raised when something cannot be written, with the reason in words."""
    if not isinstance(error, OSError) and _is_full(path.parent):
        error = OSError(errno.ENOSPC, "")
    message = _("Cannot write {path}: {error}")
    return InputError(message.format(path=path, error=reason(error)))


def _is_full(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free < _ROOM_BYTES


@contextmanager
def unfinished(place: Path, called: Path) -> Iterator[Path]:
    """Make a hidden folder for one entry; both are taken away if anything goes wrong.

    Parameters
    ----------
    place : Path
        The folder that it is made in: where its entry will be moved, or on the same disk.
    called : Path
        What errors call the entry: the name that the user knows.

    Raises
    ------
    InputError
        If nothing can be written there.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    except OSError as error:
        raise cannot_write(called, error) from error
    try:
        yield made
    except BaseException as error:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise cannot_write(called, error) from error
        if isinstance(error, HjgisError) and str(made) in str(error):
            hidden = re.escape(str(made)) + r"[/\\][^/\\]+"
            raise InputError(re.sub(hidden, lambda _found: str(called), str(error))) from error
        raise


def give_up(book: Any) -> None:
    """End the pages of a write-only workbook of openpyxl that will not be saved.

    They are generators that write into files of their own. On a full disk each of them fails once
    more when it ends, of which the garbage collector would complain, to whoever sees the console.
    """
    for page in book.worksheets:
        writer = page._writer
        if writer is None:
            continue
        for generator in (page._rows, writer.xf):
            if generator is not None:
                with suppress(OSError, ValueError):
                    generator.close()
        with suppress(OSError, ValueError):
            writer.cleanup()
