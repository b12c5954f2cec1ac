"""Who works on a project: names that journal, assignments and number ranges use alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.own_lists import clean_name

FACT: Final = "operators"


@dataclass(frozen=True, slots=True)
class Operator:
    """One who works on the project."""

    name: str
    role: str = ""
    phone: str = ""


def read_operators(text: str | None) -> list[Operator]:
    """Read what `store_operators` wrote; what cannot be read is left out and logged."""
    return read_entries(text, _read, "operators")


def with_operator(
    operators: Sequence[Operator], entry: Operator, *, at: int | None = None
) -> list[Operator]:
    """Return the operators with one more, or one changed.

    Parameters
    ----------
    at : int, optional
        Which one is replaced.

    Raises
    ------
    EditRefused
        If the name is empty, too long or there already.
    """
    name = clean_name(entry.name)
    optional = [clean_name(text) if text.strip() else "" for text in (entry.role, entry.phone)]
    made = Operator(name, *optional)
    others = [one for number, one in enumerate(operators) if number != at]
    if same_name(name, [one.name for one in others]) is not None:
        raise EditRefused(_("{name} is in the list already.").format(name=name))
    return [*operators, made] if at is None else [*operators[:at], made, *operators[at + 1 :]]


def same_name(name: str, known: Iterable[str]) -> str | None:
    """Return which of some names is the same one, apart from capitals and spaces; None if none."""
    return next((one for one in known if folded(one) == folded(name)), None)


def folded(name: str) -> str:
    """Return a name as names are compared."""
    return "".join(name.split()).casefold()


def store_operators(stored: str | None, operators: Sequence[Operator]) -> ChangeSet:
    """Return the edit that makes these the operators of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    """
    rows = [
        {key: value for key in ("name", "role", "phone") if (value := getattr(entry, key))}
        for entry in operators
    ]
    text = fact_text(rows) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("lists.operators", facts=facts, params={"count": len(operators)})


def _read(row: Mapping[str, Any]) -> Operator:
    name = str(row["name"]).strip()
    if not name:
        raise ValueError("no name")
    return Operator(name, str(row.get("role") or ""), str(row.get("phone") or ""))
