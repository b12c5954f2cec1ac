"""Where things are: in a checkout, in an installed wheel, in the user's home."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


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


def _user_folder(variable: str, default: Path) -> Path:
    given = os.environ.get(variable)
    return Path(given) if given else default
