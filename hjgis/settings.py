"""The user's settings: one typed value, one file."""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from hjgis import paths

_log = logging.getLogger("hjgis.settings")
_RECENT = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose; every field has a usable default.

    Attributes
    ----------
    language : str
        ``zh_CN``, ``en`` or empty for the system's.
    operator : str
        Name written into the journal with each change.
    recent : tuple of str
        Paths of the projects opened last, latest first.
    photo_limit_mb : int
        Larger photos are only attached when they are made smaller.
    shrink_photos : bool
        Make every photo smaller that is more than 2560 pixels wide or high.
    """

    language: str = ""
    operator: str = ""
    recent: tuple[str, ...] = ()
    photo_limit_mb: int = 20
    shrink_photos: bool = False

    def with_recent(self, project: Path) -> Settings:
        """Return settings with `project` on top of the recent ones."""
        others = (path for path in self.recent if path != str(project))
        return replace(self, recent=(str(project), *others)[:_RECENT])

    def without_recent(self, project: Path) -> Settings:
        """Return settings without `project` among the recent ones."""
        return replace(self, recent=tuple(path for path in self.recent if path != str(project)))


def load(path: Path | None = None) -> Settings:
    """Read the settings; a damaged file is put aside and means defaults."""
    path = path or paths.config_file()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _log.warning("settings not readable, defaults used: %s", error)
        if not isinstance(error, OSError):
            paths.set_aside(path)
        return Settings()
    return _from_mapping(raw)


def _from_mapping(raw: Mapping[str, object]) -> Settings:
    known: dict[str, object] = {}
    for field in fields(Settings):
        value = raw.get(field.name)
        if field.name == "recent" and isinstance(value, list):
            known["recent"] = tuple(str(entry) for entry in value)
        elif type(value) is type(field.default) and field.name != "recent":
            known[field.name] = value
    return Settings(**known)  # type: ignore[arg-type]


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path = path or paths.config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON strings, numbers, booleans and arrays of strings are valid TOML values.
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in asdict(settings).items()
    ]
    draft = path.with_suffix(".new")
    draft.write_text("\n".join(lines) + "\n", "utf-8")
    draft.replace(path)
