"""Sheets that the people of a project laid out themselves, kept with it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self, cast, get_args

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.own_lists import clean_name
from hjgis.models.sheets import (
    FACT,
    ITEM_KINDS,
    Align,
    Box,
    Flow,
    Sheet,
    SheetItem,
    sheet,
    sheet_ids,
)

_USUAL: Final = "usual"
# What is smaller is not seen, what is larger is no paper.
_HAIR_MM: Final = 0.01
_FARTHEST_MM: Final = 20_000.0


@dataclass(frozen=True, slots=True)
class OwnSheets:
    """The sheets of a project.

    Attributes
    ----------
    sheets : tuple of Sheet
        By name; a sheet's name is its id.
    usual : str
        Name of the one that a new map starts with; empty if that is a ready-made form.
    """

    sheets: tuple[Sheet, ...] = ()
    usual: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all sheets."""
        return tuple(one.id for one in self.sheets)

    def sheet(self, name: str) -> Sheet | None:
        """Return the sheet of a name, if there is one."""
        return next((one for one in self.sheets if one.id == name), None)

    def find(self, name: str) -> Sheet:
        """Return the sheet of a name, else the ready-made one; see `sheets.sheet`."""
        return self.sheet(name) or sheet(name)

    def with_sheet(self, made: Sheet) -> Self:
        """Return these with one more; one of the same name gives way to it."""
        others = [one for one in self.sheets if one.id != made.id]
        return replace(self, sheets=tuple(sorted([*others, made], key=_name_of)))

    def without(self, name: str) -> Self:
        """Return these without the sheet of a name."""
        kept = tuple(one for one in self.sheets if one.id != name)
        return replace(self, sheets=kept, usual="" if self.usual == name else self.usual)

    def renamed(self, name: str, new: str) -> Self:
        """Return these with another name for one.

        Raises
        ------
        EditRefused
            If the new name is none, or is taken.
        """
        made, usual = self.sheet(name), self.usual == name
        if made is None:
            return self
        others = self.without(name)
        result = others.with_sheet(named(made, new, others.names))
        return replace(result, usual=clean_name(new)) if usual else result

    def starting_with(self, name: str) -> Self:
        """Return these with another sheet that new maps start with; empty: a ready-made form."""
        return replace(self, usual=name)


def named(made: Sheet, name: str, taken: tuple[str, ...] = ()) -> Sheet:
    """Return a sheet under a name of its own.

    Raises
    ------
    EditRefused
        If the name is none, too long, one of `taken` or that of a ready-made sheet.
    """
    name = clean_name(name)
    if name in (*taken, *sheet_ids()):
        raise EditRefused(_("{name} is in the list already.").format(name=name))
    return replace(made, id=name, label=dict.fromkeys(("en", "zh_CN"), name))


def read_sheets(text: str | None) -> OwnSheets:
    """Read what a project keeps under `FACT`; what cannot be read is left out and logged."""
    entries = read_entries(text, _read, "sheets")
    usual = next((one.id for one, is_usual in entries if is_usual), "")
    return OwnSheets(tuple(one for one, _usual in entries), usual)


def _read(row: Mapping[str, Any]) -> tuple[Sheet, bool]:
    return sheet_of_json(row), row.get(_USUAL) is True


def sheet_of_json(raw: Mapping[str, Any]) -> Sheet:
    """Return a sheet as a project keeps it.

    Raises
    ------
    ValueError
        If it is none; names the key.
    """
    try:
        items = tuple(map(_item, raw["items"]))
        width, height = _lengths("paper_mm", raw["paper_mm"], 2)
        made = Sheet(
            str(raw["id"]),
            {str(key): str(words) for key, words in raw["label"].items()},
            (width, height),
            {str(key): str(words) for key, words in raw["issuer"].items()},
            _length("border_mm", raw["border_mm"], least=0.0),
            _length("furniture", raw["furniture"]),
            items,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"sheet: {error}") from error
    if [item.kind for item in items].count("map") != 1:
        raise ValueError("sheet: items: needs one map")
    if len({item.id for item in items}) != len(items):
        raise ValueError("sheet: items: two of one id")
    return made


def _item(raw: Mapping[str, Any]) -> SheetItem:
    """Return one item; ValueError or TypeError if it is none."""
    box = Box(*_lengths("box", raw["box"], 4, least=-_FARTHEST_MM))
    if min(box.width, box.height) < _HAIR_MM:
        raise ValueError(f"sheet: items: box: {raw['box']!r}")
    made = SheetItem(**{**raw, "box": box})
    for key, known in (("kind", ITEM_KINDS), ("align", get_args(Align)), ("flow", get_args(Flow))):
        if getattr(made, key) not in known:
            raise ValueError(f"sheet: items: {key}: {getattr(made, key)!r}")
    for key, kind in (("id", str), ("text", str), ("picture", str), ("shown", bool)):
        if not isinstance(getattr(made, key), kind):
            raise ValueError(f"sheet: items: {key}: {getattr(made, key)!r}")
    return replace(made, size_mm=_length("size_mm", made.size_mm, least=0.0))


def _lengths(key: str, value: object, count: int, *, least: float = _HAIR_MM) -> list[float]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise ValueError(f"sheet: {key}: {value!r}")
    return [_length(key, one, least=least) for one in value]


def _length(key: str, value: object, *, least: float = _HAIR_MM) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= cast("float", value) <= _FARTHEST_MM:
        raise ValueError(f"sheet: {key}: {value!r}")
    return float(cast("float", value))


def store_sheets(stored: str | None, own: OwnSheets) -> ChangeSet:
    """Return the edit that makes these the sheets of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    """
    rows = [one.to_json() | ({_USUAL: True} if one.id == own.usual else {}) for one in own.sheets]
    text = fact_text(rows) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(FACT, facts=facts, params={"count": len(rows)})


def _name_of(made: Sheet) -> str:
    return made.id
