"""Findings that somebody accepts as they are: they leave the list, with a reason and a name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.issues import Issue, issue_id

FACT: Final = "check_exceptions"
_KEYS: Final = ("rule", "layer", "uuid", "part", "reason", "operator", "date")


@dataclass(frozen=True, slots=True)
class CheckException:
    """One finding that is accepted.

    Attributes
    ----------
    uuid : str or None
        The feature; None where the whole layer is meant.
    part : str
        What tells it apart from other findings of its rule on the same feature.
    reason : str
        Why it is right as it is.
    operator, date : str
        Who said so and when (year-month-day).
    """

    rule: str
    layer: str
    uuid: str | None
    part: str
    reason: str
    operator: str
    date: str

    @property
    def id(self) -> str:
        """The id of the issue that is meant, in every run."""
        return issue_id(self.rule, self.layer, self.uuid, self.part)


def read_exceptions(text: str | None) -> list[CheckException]:
    """Read what a project holds; what cannot be read is left out and logged."""
    return read_entries(text, _read, "exceptions")


def _read(row: Mapping[str, Any]) -> CheckException:
    entry = CheckException(**{key: row[key] for key in _KEYS})
    texts = (entry.rule, entry.layer, entry.part, entry.reason, entry.operator, entry.date)
    if not all(isinstance(text, str) for text in texts) or not entry.reason.strip():
        raise ValueError("a text is missing")
    if entry.uuid is not None and not isinstance(entry.uuid, str):
        raise TypeError("uuid")
    return entry


def accept(
    stored: str | None, issues: Iterable[Issue], reason: str, *, operator: str, on: dt.date
) -> ChangeSet:
    """Return the edit that makes findings exceptions; accepted ones get the new reason.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.

    Raises
    ------
    EditRefused
        If no reason is given.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise EditRefused(_("Say why it is right as it is; an exception needs a reason."))
    made = [
        CheckException(
            *(issue.rule, issue.layer, issue.uuid, issue.part),
            *(reason, operator, on.isoformat()),
        )
        for issue in issues
    ]
    known = {entry.id: entry for entry in (*read_exceptions(stored), *made)}
    return _stored(stored, [*known.values()], "exceptions.accept", len(made))


def withdraw(stored: str | None, ids: Collection[str]) -> ChangeSet:
    """Return the edit after which findings are faults again; `ids` are those of the exceptions."""
    known = read_exceptions(stored)
    kept = [entry for entry in known if entry.id not in ids]
    return _stored(stored, kept, "exceptions.withdraw", len(known) - len(kept))


def _stored(
    stored: str | None, entries: Sequence[CheckException], label: str, count: int
) -> ChangeSet:
    rows = [{key: getattr(entry, key) for key in _KEYS} for entry in entries]
    text = fact_text(rows) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(label, facts=facts, params={"count": count})
