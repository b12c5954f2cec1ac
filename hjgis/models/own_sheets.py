"""Sheets that the people of a project laid out themselves, kept with it by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.own_lists import clean_name
from hjgis.models.sheets import FACT, Sheet, sheet, sheet_ids, sheet_of_json

_USUAL: Final = "usual"


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


def free_name(wanted: str, taken: tuple[str, ...]) -> str:
    """Return a name that nothing has: the wanted one, or with a number behind it."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def read_sheets(text: str | None) -> OwnSheets:
    """Read what a project keeps under `FACT`; what cannot be read is left out and logged."""
    entries = read_entries(text, _read, "sheets")
    usual = next((one.id for one, is_usual in entries if is_usual), "")
    return OwnSheets(tuple(one for one, _usual in entries), usual)


def _read(row: Mapping[str, Any]) -> tuple[Sheet, bool]:
    return sheet_of_json(row), row.get(_USUAL) is True


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
