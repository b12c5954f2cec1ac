"""How far the notice's countable targets are met by what the layers hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np

from hjgis.checks import target_measures
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.checks.target_measures import Fids, Reading
from hjgis.i18n import N_, _, label, listed
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings, Severity, of_layer
from hjgis.models.targets import (
    FACT,
    Comparison,
    Target,
    TargetRegister,
    Task,
    project_register,
    target_register,
)
from hjgis.models.task_states import FACT as TASK_FACT
from hjgis.models.task_states import TaskEntry, read_tasks

Status = Literal["met", "short", "over", "info"]
TaskStatus = Literal["met", "short", "over", "under_way", "info", "unrecorded"]

# Figures are given to the metre, to 100 m2 and to a hundredth of a station per km2.
_DECIMALS: Final[Mapping[str, int]] = {
    "length_km": 3,
    "area_km2": 4,
    "density": 2,
    "share": 1,
    "filled": 1,
}


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What a target asks for and what there is.

    Attributes
    ----------
    actual : int, float or None
        In `unit`; None where it cannot be measured yet.
    difference : int, float or None
        `actual` less `expected`.
    units : tuple of str
        Codes of the responsible units.
    note : str
        What the number means, or why there is none.
    missing : tuple of str
        Names that are asked for and not there.
    recorded : bool
        Whether there was anything to look at.
    shipped : int, float or None
        What the notice expects, where the project expects something else.
    layer, fids
        The features behind the number.
    """

    id: str
    task: int
    title: str
    expected: int | float | None
    actual: int | float | None
    status: Status
    difference: int | float | None
    units: tuple[str, ...]
    unit: str
    severity: Severity
    grade: str
    basis: str
    confidence: str
    note: str = ""
    missing: tuple[str, ...] = ()
    op: Comparison = "="
    recorded: bool = True
    shipped: int | float | None = None
    layer: str | None = None
    fids: Fids = field(default_factory=lambda: np.array([], np.int64), repr=False, compare=False)

    @property
    def is_failing(self) -> bool:
        """Whether there is something of which there should be nothing."""
        return self.expected == 0 and self.status == "over"

    def to_json(self) -> dict[str, Any]:
        """Return what scripts rely on."""
        return {
            "id": self.id,
            "task": self.task,
            "title": self.title,
            "expected": self.expected,
            "actual": self.actual,
            "status": self.status,
            "difference": self.difference,
            "units": list(self.units),
        }


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How far one of the notice's tasks is.

    Attributes
    ----------
    entry : TaskEntry
        What is kept of it by hand.
    results : tuple of TargetResult
        Its countable targets.
    status : str
        As its targets have it: ``short`` if any is or there is something wrong that should not
        be, else ``over`` if any is, ``met`` if all are. Without
        targets that are recorded: what is kept by hand, ``unrecorded`` if that says nothing.
    met, counted : int
        How many of its targets are reached, and how many there are of which something is expected.
    """

    task: Task
    entry: TaskEntry
    results: tuple[TargetResult, ...]
    status: TaskStatus
    met: int
    counted: int

    def to_json(self) -> dict[str, Any]:
        """Return what scripts rely on."""
        return {
            "task": self.task.no,
            "title": label(self.task.title),
            "status": self.status,
            "state": self.entry.state,
            "note": self.entry.note,
            "on": self.entry.on,
            "by": self.entry.by,
            "evidence": len(self.entry.evidence),
            "met": self.met,
            "counted": self.counted,
            "units": list(self.task.units),
        }


def measure(
    project: Project, *, register: TargetRegister | None = None, day: dt.date | None = None
) -> tuple[TargetResult, ...]:
    """Measure every target, in the order of ``targets.toml``.

    Parameters
    ----------
    register : TargetRegister, optional
        Other targets than those that ship with the program, as the project has them.
    day : date, optional
        What counts as today.
    """
    register = register or project_register(project.info(FACT))
    day = day or dt.date.today()
    return tuple(_result(project, target, day) for target in register.targets)


def to_json(results: Iterable[TargetResult], tasks: Iterable[TaskResult] = ()) -> dict[str, Any]:
    """Return the object that ``hjgis targets --json`` prints."""
    return {
        "targets": [result.to_json() for result in results],
        "tasks": [task.to_json() for task in tasks],
    }


def by_task(
    results: Iterable[TargetResult], register: TargetRegister, kept: Mapping[int, TaskEntry]
) -> tuple[TaskResult, ...]:
    """Return the notice's tasks with their measured targets and what is kept of them by hand."""
    measured = tuple(results)
    return tuple(
        _task_result(task, kept.get(no, TaskEntry(no)), [r for r in measured if r.task == no])
        for no, task in register.tasks.items()
    )


def task_results(project: Project, results: Iterable[TargetResult]) -> tuple[TaskResult, ...]:
    """Return the tasks as a project has them; see `by_task`."""
    register = project_register(project.info(FACT))
    return by_task(results, register, read_tasks(project.info(TASK_FACT)))


def _task_result(task: Task, entry: TaskEntry, results: Sequence[TargetResult]) -> TaskResult:
    asked = [result for result in results if result.expected is not None and result.op != "info"]
    told = [result for result in asked if result.recorded]
    found = {result.status for result in told}
    status: TaskStatus
    if "short" in found or any(result.is_failing for result in told):
        status = "short"
    elif "over" in found:
        status = "over"
    elif told and len(told) == len(asked):
        status = "met"
    elif entry.state == "done":
        status = "met" if not told else "under_way"
    elif entry.state == "under_way" or told:
        status = "under_way"
    else:
        status = "info" if any(result.recorded for result in results) else "unrecorded"
    met = sum(result.status == "met" for result in told)
    return TaskResult(task, entry, tuple(results), status, met, len(asked))


def features_behind(project: Project, target: Target, *, day: dt.date | None = None) -> Fids:
    """Return row numbers of the features that a target counts, in fid order."""
    reading = target_measures.read(project, target, day or dt.date.today())
    return reading.fids if reading else target_measures.NOTHING


def features_missing(project: Project, target: Target, *, day: dt.date | None = None) -> Fids:
    """Return row numbers of the features of the layer that a target does not count."""
    if target.layer is None or target.layer not in project.types:
        return target_measures.NOTHING
    day = day or dt.date.today()
    asked = target_measures.of_day(target, day)
    # Of a share, those that are looked at; of a number, all that might have been counted.
    where = asked.where if target.measure in ("share", "filled") else ()
    among = project.store.fids(target.layer, where)
    return np.setdiff1d(among, features_behind(project, target, day=day))


# -- results -----------------------------------------------------------------------------------


def _result(project: Project, target: Target, day: dt.date) -> TargetResult:
    reading = target_measures.read(project, target, day)
    actual = difference = None
    if reading is not None:
        actual = _rounded(target, reading.actual)
        if target.expected is not None:
            difference = _rounded(target, actual - target.expected)
    recorded = reading is not None and reading.recorded
    # That nothing is wrong with features that nobody has recorded yet says nothing.
    vacant = target.expected == 0 and not recorded
    return TargetResult(
        id=target.id,
        task=target.task,
        title=label(target.title),
        expected=target.expected,
        actual=actual,
        status="info" if vacant else _status(target, difference, reading),
        op=target.op,
        recorded=recorded,
        shipped=target.shipped,
        difference=difference,
        units=target.units,
        unit=label(target.unit) if target.unit else "",
        severity=target.severity,
        grade=target.grade,
        basis=target.basis,
        confidence=target.confidence,
        note=_note(target, there=reading is not None, vacant=vacant),
        missing=reading.missing if reading else (),
        layer=target.layer,
        fids=reading.fids if reading else np.array([], np.int64),
    )


def _note(target: Target, *, there: bool, vacant: bool) -> str:
    if target.reason or (there and not vacant):
        notes = [label(target.reason or target.note or {})]
    elif there:
        notes = [_("Nothing is recorded yet.")]
    else:
        notes = [_("The project has no layer for it yet (Layer, Add layer of a kind…).")]
    if target.shipped is not None:
        words = _("{expected:g} is set in this project; the notice says {shipped:g}.")
        said = words.format(expected=target.expected, shipped=target.shipped)
        notes.append(f"{said} {target.why}".strip())
    return "\n".join(note for note in notes if note)


def _rounded(target: Target, value: int | float) -> int | float:
    return round(value, _DECIMALS.get(target.measure, 3)) if isinstance(value, float) else value


def _status(target: Target, difference: int | float | None, reading: Reading | None) -> Status:
    if reading is None or difference is None or target.op == "info":
        return "info"
    slack = target.tolerance * (target.expected or 0) if target.op == "≈" else 0
    if difference < -slack or reading.missing:
        return "short"
    if difference > slack and target.op != ">=":
        return "over"
    return "met"


# -- as a check ----------------------------------------------------------------------------------


def _nothing(_asset: AssetType) -> None:
    return None


@rule(
    "target.unmet",
    title=N_("Target of the notice not met"),
    explanation=N_(
        "A countable target of the notice differs from what the layers hold. The numbers are work"
        " targets of 2020 and no census, so this is for information: look whether features are"
        " missing, are there twice, or lack the attribute that is counted."
    ),
    message={
        "short": N_("{id} {title}: {actual} of {expected}, {gap} short"),
        "over": N_("{id} {title}: {actual} of {expected}, {gap} over"),
        "names": N_("{id} {title}: {actual} of {expected}, without {missing}"),
    },
    reads=Reads(_nothing, Scope.LAYER),
)
def unmet(survey: Survey) -> Iterator[Findings]:
    """Find targets that are not met, less those whose features another rule lists."""
    covered = {target.id for target in target_register().targets if target.covered_by}
    register = project_register(survey.project.info(FACT))
    # What asks for nothing need not be measured: lengths and shares of a whole layer take long.
    asked = [t for t in register.targets if t.op != "info" and t.expected is not None]
    asked = [target for target in asked if target.id not in covered]
    for result in measure(survey.project, register=replace(register, targets=tuple(asked))):
        if result.status not in ("short", "over"):
            continue
        assert result.layer is not None
        assert result.difference is not None
        params = {
            "id": result.id,
            "title": result.title,
            "actual": result.actual,
            "expected": result.expected,
            "gap": abs(result.difference),
            "missing": listed(result.missing),
            "case": "names" if result.missing else result.status,
        }
        yield of_layer(result.layer, **params)
