"""Where a delivery may go: what is refused before hours of work, and the folders above it."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hjgis.errors import InputError, UsageError
from hjgis.exchange import exporting
from hjgis.exchange.unfinished import cannot_write, refuse_existing
from hjgis.i18n import _


def check(out: Path, password: str | None) -> None:
    """Refuse what `package.build` would refuse, before hours of planning; nothing is left there.

    Raises
    ------
    UsageError, HjgisError
        As `package.build` says of `out` and `password`.
    """
    check_password(password, archive=is_archive(out))
    check_folder(out.parent)
    try:
        refuse_existing(out)
    except OSError as error:
        raise cannot_write(out, error) from error


def check_password(password: str | None, *, archive: bool) -> None:
    """Refuse a password of a folder, and one that other programs read otherwise.

    Raises
    ------
    UsageError
        If it cannot be used; says why.
    """
    if password is None:
        return
    if not archive:
        raise UsageError(_("Only an archive can have a password: let its name end in .zip."))
    if not (password and password.isascii() and password.isprintable()):
        # 7-Zip and WinRAR take the bytes of other signs from the code page of their machine.
        message = _("A password is of Latin letters, digits and signs; others open nowhere else.")
        raise UsageError(message)


def check_folder(folder: Path) -> None:
    """Refuse a folder that nothing can be written into; nothing is left in it.

    Raises
    ------
    InputError
        If it is not there or cannot be written.
    """
    try:
        if not folder.is_dir():
            raise InputError(_("There is no folder {path}.").format(path=folder))
        with tempfile.TemporaryDirectory(prefix=".hjgis-", dir=folder):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def check_bare(out: Path, format_: str) -> None:
    """Refuse the place that `package.build_bare` would refuse for whatever goes out.

    Nothing is left there.

    Raises
    ------
    InputError
        If the one file is there already, or nothing can be written there.
    """
    if format_ in exporting.FOLDERS:
        check_folder(out if out.exists() else folder_above(out))
    else:
        check(out, None)


def is_archive(out: Path) -> bool:
    """Whether a package of this name is one file."""
    return out.suffix.casefold() == ".zip"


def folder_above(out: Path) -> Path:
    """Return the nearest folder above that there is.

    Raises
    ------
    InputError
        If that is a file.
    """
    above = next(path for path in out.absolute().parents if path.exists())
    if not above.is_dir():
        raise cannot_write(out, NotADirectoryError(errno.ENOTDIR, ""))
    return above


@contextmanager
def made_folder(path: Path) -> Iterator[None]:
    """Make a folder and those above it; those that were made go if anything goes wrong.

    Raises
    ------
    InputError
        If one cannot be made.
    """
    missing = [one for one in (path, *path.parents) if not one.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for one in missing:
            with suppress(OSError):
                one.rmdir()
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise
