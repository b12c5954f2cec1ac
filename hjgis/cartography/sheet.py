"""Sheets of paper and where things stand on them; themes: which layers a map is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Final, TypeVar

from hjgis import paths
from hjgis.errors import DictionaryError, UsageError
from hjgis.i18n import _
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

DEFAULT_SHEET: Final = "a3-landscape"
DEFAULT_THEME: Final = "overview"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the paper, millimetres from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right side, mm."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower side, mm."""
        return self.y + self.height

    def grown(self, by_mm: float) -> Box:
        """Return the box larger by so much on each side."""
        return Box(self.x - by_mm, self.y - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The layout of one kind of sheet; boxes in mm from the paper's upper left corner.

    Attributes
    ----------
    map_mm : Box
        The neat line: the edge of the map itself.
    border_mm : float
        From the neat line to the thick outer line; coordinates stand between.
    """

    id: str
    label: Label
    paper_mm: tuple[float, float]
    issuer: Label
    map_mm: Box
    border_mm: float
    title_mm: Box
    secrecy_mm: Box
    column_mm: Box
    north_mm: Box
    legend_mm: Box
    scale_mm: Box
    facts_mm: Box


@dataclass(frozen=True, slots=True)
class Theme:
    """What a map is about.

    Attributes
    ----------
    layers : tuple of str
        Layers to show; all of the project if empty.
    subject : tuple of str
        Layers shown at every scale, whatever their style says.
    shade : str
        What the subject is coloured by, a file of ``resources/shades``; its own style if empty.
    """

    id: str
    label: Label
    layers: tuple[str, ...]
    subject: tuple[str, ...]
    shade: str = ""


def sheet(sheet_id: str) -> Sheet:
    """Return a sheet of ``resources/sheets``.

    Raises
    ------
    UsageError
        If there is none of this name; names those there are.
    DictionaryError
        If its file does not load.
    """
    return load_sheet(_named("sheets", sheet_id, _("There is no sheet {name}. Known: {known}")))


def theme(theme_id: str) -> Theme:
    """Return a theme of ``resources/themes``.

    Raises
    ------
    UsageError
        If there is none of this name; names those there are.
    DictionaryError
        If its file does not load.
    """
    return load_theme(_named("themes", theme_id, _("There is no theme {name}. Known: {known}")))


def sheet_ids() -> tuple[str, ...]:
    """Return the names of all sheets."""
    return _ids("sheets")


def theme_ids() -> tuple[str, ...]:
    """Return the names of all themes, the default first."""
    return tuple(sorted(_ids("themes"), key=lambda name: (name != DEFAULT_THEME, name)))


def load_sheet(path: Path) -> Sheet:
    """Read one sheet; DictionaryError names file and key."""
    raw = read_toml(path)
    for key in raw:
        if key.endswith("_mm") and key not in ("paper_mm", "border_mm"):
            raw[key] = Box(*_numbers(path, key, raw[key], 4))
    width, height = _numbers(path, "paper_mm", raw.get("paper_mm"), 2)
    raw["paper_mm"] = (width, height)
    (raw["border_mm"],) = _numbers(path, "border_mm", [raw.get("border_mm")], 1)
    result = _made(path, Sheet, raw)
    for field in fields(Sheet):
        box = getattr(result, field.name)
        if isinstance(box, Box) and (box.right > width or box.bottom > height):
            raise DictionaryError(f"{path.name}: {field.name}: reaches over the paper")
    return result


def load_theme(path: Path) -> Theme:
    """Read one theme; DictionaryError names file and key."""
    raw = read_toml(path)
    for key in ("layers", "subject"):
        value = raw.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise DictionaryError(f"{path.name}: {key}: {value!r} is not a list of layers")
        raw[key] = tuple(value)
    return _made(path, Theme, raw)


_Kind = TypeVar("_Kind", Sheet, Theme)


def _made(path: Path, kind: type[_Kind], raw: Mapping[str, object]) -> _Kind:
    names: list[str] = [field.name for field in fields(kind)]
    needed: list[str] = [f.name for f in fields(kind) if f.default is MISSING]
    wrong = [*(key for key in raw if key not in names), *(key for key in needed if key not in raw)]
    if wrong:
        raise DictionaryError(f"{path.name}: {wrong[0]}: missing or unknown")
    if raw["id"] != path.stem:
        raise DictionaryError(f"{path.name}: id: {raw['id']!r} is not the file's name")
    for key in ("label", "issuer"):
        value = raw.get(key, {"en": "", "zh_CN": ""})
        if not isinstance(value, dict) or not {"en", "zh_CN"} <= set(value):
            raise DictionaryError(f"{path.name}: {key}: has not both en and zh_CN")
    make: Callable[..., _Kind] = kind
    return make(**raw)


def _numbers(path: Path, key: str, value: object, count: int) -> list[float]:
    if (
        not isinstance(value, list)
        or len(value) != count
        or not all(isinstance(item, int | float) and item >= 0 for item in value)
    ):
        raise DictionaryError(f"{path.name}: {key}: {value!r} is not {count} lengths in mm")
    return [float(item) for item in value]


def _ids(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (paths.resources() / folder).glob("*.toml")))


def _named(folder: str, name: str, message: str) -> Path:
    known = _ids(folder)
    if name not in known:
        raise UsageError(message.format(name=name, known=", ".join(known)))
    return paths.resources() / folder / f"{name}.toml"
