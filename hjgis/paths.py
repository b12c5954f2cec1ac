"""Where things are: in a checkout, in an installed wheel, in the user's home."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_damaged: list[Path] = []


def _beside_or_inside(name: str) -> Path:
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


@cache
def resources() -> Path:
    """Folder of the catalogue, styles, words and icons."""
    return _beside_or_inside("resources")


@cache
def sample_data() -> Path:
    """Folder of the sample project and the foreign files to import."""
    return _beside_or_inside("sample_data")


def config_file() -> Path:
    """Return the user's settings file; ``HJGIS_CONFIG_DIR`` moves it (tests, portable use)."""
    return (
        _user_folder("HJGIS_CONFIG_DIR", platformdirs.user_config_path("hjgis")) / "settings.toml"
    )


def cache_dir() -> Path:
    """Return the folder for what can be rebuilt; ``HJGIS_CACHE_DIR`` moves it."""
    return _user_folder("HJGIS_CACHE_DIR", platformdirs.user_cache_path("hjgis"))


def log_dir() -> Path:
    """Return the folder for logs and reports of faults; ``HJGIS_LOG_DIR`` moves it."""
    return _user_folder("HJGIS_LOG_DIR", platformdirs.user_log_path("hjgis"))


def set_aside(file: Path) -> Path | None:
    """Put a damaged file out of the way, beside where it was, over an older one.

    Returns
    -------
    Path or None
        Where it is now; None where it cannot be moved. `untold_damage` names it once.
    """
    aside = file.with_name(f"{file.name}.damaged")
    try:
        file.replace(aside)
    except OSError:
        return None
    _damaged.append(aside)
    return aside


def untold_damage() -> tuple[Path, ...]:
    """Return the damaged files that were put aside since this was last asked."""
    found = tuple(_damaged)
    _damaged.clear()
    return found


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; it takes the place of `target` when all went well.

    Whatever is raised meanwhile leaves `target` as it was, and nothing half made beside it.

    Raises
    ------
    OSError
        If the finished file cannot take its place.
    """
    # The ending stays: writers of pictures and workbooks go by it.
    draft = target.with_name(f"{target.stem}.part{os.getpid()}{target.suffix}")
    try:
        yield draft
        draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def take_places(made: Path, folder: Path) -> None:
    """Move all files of one folder into another, over those of the same names; or none of them.

    Raises
    ------
    OSError
        If one of them cannot take its place; those that were there are there again.
    """
    kept = made / ".before"
    kept.mkdir()
    done: list[Path] = []
    try:
        for path in sorted(path for path in made.iterdir() if path != kept):
            target = folder / path.name
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
            if target.exists():
                target.replace(kept / path.name)
            done.append(target)
            path.replace(target)
    except OSError:
        for target in done:
            before = kept / target.name
            with suppress(OSError):
                if before.exists():
                    before.replace(target)
                else:
                    target.unlink(missing_ok=True)
        raise


def _user_folder(variable: str, default: Path) -> Path:
    given = os.environ.get(variable)
    return Path(given) if given else default
