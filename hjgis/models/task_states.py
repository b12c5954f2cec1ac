"""How far the notice's tasks are as somebody says it, with what shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries

FACT: Final = "task_states"

TaskState = Literal["not_begun", "under_way", "done"]
STATES: Final[tuple[TaskState, ...]] = get_args(TaskState)
STATE_WORDS: Final[Mapping[TaskState, str]] = {
    "not_begun": N_("Not begun"),
    "under_way": N_("Under way"),
    "done": N_("Done"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows how far a task is: a paper, a photo, a sentence.

    Attributes
    ----------
    on : str
        ISO date, or empty.
    file : str
        Where the paper lies, beside the project or with its whole path; empty for mere words.
    """

    words: str
    on: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """What is kept by hand about a task.

    Attributes
    ----------
    on : str
        ISO date since which it is so, or empty.
    by : str
        Who says so.
    """

    no: int
    state: TaskState = "not_begun"
    note: str = ""
    on: str = ""
    by: str = ""
    evidence: tuple[Evidence, ...] = ()


def read_tasks(text: str | None) -> dict[int, TaskEntry]:
    """Read what `keep_task` wrote, by number; what cannot be read is left out and logged."""
    return {entry.no: entry for entry in read_entries(text, _read, "states of tasks")}


def keep_task(stored: str | None, entry: TaskEntry) -> ChangeSet:
    """Return the edit that keeps what is said of one task.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.

    Raises
    ------
    EditRefused
        If a date is none, lies in the future, or a piece of evidence says nothing.
    """
    for day in (entry.on, *(one.on for one in entry.evidence)):
        _refuse_day(day)
    if any(not (one.words.strip() or one.file.strip()) for one in entry.evidence):
        raise EditRefused(_("Say what the evidence is, or choose its file."))
    entries = {**read_tasks(stored), entry.no: entry}
    rows = [_row(one) for _no, one in sorted(entries.items()) if one != TaskEntry(one.no)]
    text = fact_text(rows) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("tasks.state", facts=facts, params={"task": entry.no})


def _refuse_day(text: str) -> None:
    if not text:
        return
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise EditRefused(_("{value} is no date like 2020-12-31").format(value=text)) from None
    if day > dt.date.today():
        raise EditRefused(_("{value} lies in the future").format(value=text))


def _row(entry: TaskEntry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "no": entry.no,
        "state": entry.state,
        "note": entry.note,
        "on": entry.on,
        "by": entry.by,
        "evidence": [
            _filled({"words": e.words, "on": e.on, "file": e.file}) for e in entry.evidence
        ],
    }
    return _filled(row)


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in ("", [])}


def _read(row: Mapping[str, Any]) -> TaskEntry:
    state = row.get("state", "not_begun")
    if state not in STATES:
        raise ValueError(f"state {state!r}")
    shown = tuple(
        Evidence(str(one.get("words", "")), str(one.get("on", "")), str(one.get("file", "")))
        for one in row.get("evidence", ())
    )
    note, on, by = (str(row.get(name, "")) for name in ("note", "on", "by"))
    return TaskEntry(int(row["no"]), state, note, on, by, shown)
