"""The notice's tasks, who answers for them, and what of them can be counted."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast

from hjgis import paths
from hjgis.errors import DictionaryError, EditRefused
from hjgis.i18n import _, label
from hjgis.models import catalogue_files
from hjgis.models.assets import Catalogue, Label, Value
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_content
from hjgis.models.issues import Severity
from hjgis.models.query import Condition, where_clause
from hjgis.models.rule_settings import is_number

Measure = Literal[
    "count",
    "sum",
    "distinct",
    "missing",
    "names",
    "length_km",
    "area_km2",
    "density",
    "share",
    "filled",
    "dead_ends",
    "none",
]
Comparison = Literal["=", ">=", "≈", "info"]

# The project's fact that holds what it expects otherwise than the notice.
FACT: Final = "targets"
# Stands in a condition for the day on which a target is measured.
TODAY: Final = "{today}"
_log = logging.getLogger("hjgis.store")

# What each measure needs besides a layer.
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "count": (),
    "sum": ("field",),
    "distinct": ("field",),
    "missing": ("fields",),
    "names": ("field", "names"),
    "length_km": (),
    "area_km2": (),
    "density": ("area_layer",),
    "share": ("any_of",),
    "filled": ("fields",),
    "dead_ends": ("field", "names"),
    "none": ("reason",),
}
_COMPARISONS: Final = ("=", ">=", "≈", "info")
_GRADES: Final = ("A", "B", "C", "D", "I")


@dataclass(frozen=True, slots=True)
class Task:
    """One of the 23 tasks of the notice.

    Attributes
    ----------
    asks : label
        What the notice asks for, in our words.
    units : tuple of str
        Codes of the list ``unit``.
    """

    no: int
    title: Label
    asks: Label
    units: tuple[str, ...]
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Something countable in a task.

    Attributes
    ----------
    where : tuple of Condition
        All must hold for a feature to count.
    any_of : tuple of Condition
        At least one must hold as well, if there are any.
    expected : int, float or None
        In `unit`; None where nothing is asked for.
    tolerance : float
        Share of `expected` by which ``≈`` may be off.
    covered_by : str or None
        Rule that finds the features behind this target one by one.
    reason : label or None
        Why it cannot be measured yet.
    shipped : int, float or None
        What the notice expects, where a project expects something else.
    why : str
        Why it does.
    """

    id: str
    task: int
    title: Label
    measure: Measure
    op: Comparison
    severity: Severity
    grade: str
    units: tuple[str, ...]
    basis: str
    confidence: str
    layer: str | None = None
    field: str | None = None
    fields: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    area_layer: str | None = None
    area_where: tuple[Condition, ...] = ()
    expected: int | float | None = None
    tolerance: float = 0.0
    unit: Label | None = None
    covered_by: str | None = None
    note: Label | None = None
    reason: Label | None = None
    shipped: int | float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Own:
    """What a project expects of a target, and why."""

    value: int | float
    why: str = ""

    def raw(self) -> object:
        return {"value": self.value, "why": self.why} if self.why else self.value


@dataclass(frozen=True, slots=True)
class TargetRegister:
    """All tasks by number, and all targets in the order of the file."""

    tasks: Mapping[int, Task]
    targets: tuple[Target, ...] = ()

    def target(self, target_id: str) -> Target:
        """Return the target with this id; KeyError if there is none."""
        for entry in self.targets:
            if entry.id == target_id:
                return entry
        raise KeyError(target_id)


@cache
def target_register() -> TargetRegister:
    """Return the targets that ship with the program."""
    return load_targets(paths.resources() / "targets.toml", catalogue_files.catalogue())


def project_register(text: str | None) -> TargetRegister:
    """Return the targets with what a project expects otherwise; `text` is its fact `FACT`."""
    register, own = target_register(), _read_expected(text)
    targets = tuple(
        replace(
            target,
            expected=own[target.id].value,
            shipped=target.expected,
            why=own[target.id].why,
        )
        if target.id in own and own[target.id].value != target.expected
        else target
        for target in register.targets
    )
    return replace(register, targets=targets)


def on_day(conditions: tuple[Condition, ...], day: dt.date) -> tuple[Condition, ...]:
    """Return conditions with the day on which a target is measured in place of `TODAY`."""
    return tuple(
        replace(entry, value=day.isoformat()) if entry.value == TODAY else entry
        for entry in conditions
    )


def expect(stored: str | None, target_id: str, value: float | None, *, why: str = "") -> ChangeSet:
    """Return the edit that makes a project expect so much of a target; None: as the notice does.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    why : str
        Why it is not what the notice says, kept beside the number.

    Raises
    ------
    EditRefused
        If nothing can be expected of the target, or the value is no number of things.
    """
    target = target_register().target(target_id)
    if target.op == "info" or target.expected is None:
        message = _("{title} is for information; nothing is expected of it.")
        raise EditRefused(message.format(title=label(target.title)))
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise EditRefused(_("A target is 0 or more."))
    own = _read_expected(stored)
    own.pop(target_id, None)
    if value is not None and value != target.expected:
        own[target_id] = _Own(int(value) if float(value).is_integer() else value, why.strip())
    rows = {key: entry.raw() for key, entry in own.items()}
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True) if rows else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("lists.targets", facts=facts)


def _read_expected(text: str | None) -> dict[str, _Own]:
    try:
        raw = fact_content(text or "{}")
    except ValueError as error:
        _log.warning("the project's targets are not readable: %s", error)
        return {}
    found = {}
    for key, entry in raw.items() if isinstance(raw, dict) else ():
        given = entry if isinstance(entry, dict) else {"value": entry}
        value = given.get("value")
        if is_number(value) and value >= 0:
            found[str(key)] = _Own(value, str(given.get("why", "")))
    return found


def load_targets(path: Path, catalogue: Catalogue) -> TargetRegister:
    """Read tasks and targets.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key is missing, unknown or does not fit the catalogue;
        names file and entry.
    """
    raw = catalogue_files.read_toml(path)
    if set(raw) != {"task", "target"}:
        raise DictionaryError(f"{path.name}: [[task]] and [[target]] are needed, nothing else")
    tasks = [_task(path, entry, catalogue) for entry in _tables(path, raw["task"])]
    numbers = {entry.no for entry in tasks}
    targets = [_target(path, entry, catalogue, numbers) for entry in _tables(path, raw["target"])]
    _refuse_twice(path, (entry.no for entry in tasks))
    _refuse_twice(path, (entry.id for entry in targets))
    return TargetRegister(MappingProxyType({entry.no: entry for entry in tasks}), tuple(targets))


def _tables(path: Path, value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise DictionaryError(f"{path.name}: a list of tables is needed")
    return cast("list[dict[str, object]]", value)


def _task(path: Path, raw: Mapping[str, object], catalogue: Catalogue) -> Task:
    try:
        units = _units(raw, catalogue)
        return Task(**{**raw, "units": units})  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: task {raw.get('no', '?')}: {error}") from error


def _target(path: Path, raw: Mapping[str, object], catalogue: Catalogue, tasks: set[int]) -> Target:
    try:
        given = dict(raw)
        given["units"] = _units(raw, catalogue)
        given["severity"] = Severity(str(raw["severity"]))
        given["any_of"] = given.pop("any", [])
        for key in ("where", "any_of", "area_where"):
            given[key] = tuple(map(_condition, cast("list[object]", given.get(key, []))))
        for key in ("fields", "names", "includes"):
            given[key] = tuple(str(entry) for entry in cast("list[object]", given.get(key, [])))
        if isinstance(raw.get("unit"), str):
            # A sign such as km: the same in every language.
            given["unit"] = {"en": raw["unit"], "zh_CN": raw["unit"]}
        result = Target(**given)  # type: ignore[arg-type]
        _check(result, catalogue, tasks)
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {raw.get('id', '?')}: {error}") from error
    return result


def _condition(raw: object) -> Condition:
    if not isinstance(raw, dict) or not {"field", "op"} <= set(raw) <= {"field", "op", "value"}:
        raise ValueError(f"a condition takes field, op and value, not {raw!r}")
    value = raw.get("value")
    if isinstance(value, list):
        value = tuple(value)
    return Condition(str(raw["field"]), str(raw["op"]), cast("Value | tuple[Value, ...]", value))


def _check(target: Target, catalogue: Catalogue, tasks: set[int]) -> None:
    _one_of("measure", target.measure, _NEEDS)
    _one_of("op", target.op, _COMPARISONS)
    _one_of("grade", target.grade, _GRADES)
    _one_of("task", target.task, tasks)
    needed = [*_NEEDS[target.measure], *(["layer"] if target.measure != "none" else [])]
    needed += ["expected"] if target.op != "info" else []
    for key in needed:
        if getattr(target, key) in (None, ()):
            raise ValueError(f"{key} is needed for {target.measure} and {target.op}")
    for layer, names, conditions in (
        (target.layer, (target.field, *target.fields), (*target.where, *target.any_of)),
        (target.area_layer, (), target.area_where),
    ):
        if layer is None:
            continue
        asset = catalogue.type(layer)
        for name in names:
            if name is not None:
                asset.field(name)
        where_clause(asset, conditions)


def _units(raw: Mapping[str, object], catalogue: Catalogue) -> tuple[str, ...]:
    units = tuple(str(entry) for entry in cast("list[object]", raw["units"]))
    known = catalogue.codes("unit")
    for unit in units:
        if known.get(unit) is None:
            raise ValueError(f"{unit!r} is no code of the list unit")
    return units


def _one_of(key: str, value: object, known: Iterable[object]) -> None:
    if value not in tuple(known):
        raise ValueError(f"{key}: {value!r} is unknown")


def _refuse_twice(path: Path, names: Iterable[object]) -> None:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            raise DictionaryError(f"{path.name}: {name!r} is given twice")
        seen.add(name)
