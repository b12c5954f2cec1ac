"""How far the notice's countable targets are met by what the layers hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.rules import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings, Severity, of_layer
from hjgis.models.query import Condition
from hjgis.models.targets import FACT, Target, TargetRegister, project_register, target_register

Status = Literal["met", "short", "over", "info"]
Fids = NDArray[np.int64]

# Figures are given to the metre, to 100 m2 and to a hundredth of a station per km2.
_DECIMALS: Final[Mapping[str, int]] = {"length_km": 3, "area_km2": 4, "density": 2}


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
    layer: str | None = None
    fids: Fids = field(default_factory=lambda: np.array([], np.int64), repr=False, compare=False)

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
class _Reading:
    """What a measure read."""

    actual: int | float
    fids: Fids
    missing: tuple[str, ...] = ()


def measure(
    project: Project, *, register: TargetRegister | None = None
) -> tuple[TargetResult, ...]:
    """Measure every target, in the order of ``targets.toml``.

    Parameters
    ----------
    register : TargetRegister, optional
        Other targets than those that ship with the program, as the project has them.
    """
    register = register or project_register(project.info(FACT))
    return tuple(_result(project, target) for target in register.targets)


def to_json(results: Iterable[TargetResult]) -> dict[str, Any]:
    """Return the object that ``hjgis targets --json`` prints."""
    return {"targets": [result.to_json() for result in results]}


def features_behind(project: Project, target: Target) -> Fids:
    """Return row numbers of the features that a target counts, in fid order."""
    if target.layer is None:
        return np.array([], np.int64)
    if target.measure == "missing":
        return _any_of(project, target, [Condition(name, "empty") for name in target.fields])
    if target.measure == "names":
        asked = [Condition(target.field or "", "contains", name) for name in target.names]
        return _any_of(project, target, asked)
    return _any_of(project, target, target.any_of)


def features_missing(project: Project, target: Target) -> Fids:
    """Return row numbers of the features of the layer that a target does not count."""
    if target.layer is None:
        return np.array([], np.int64)
    return np.setdiff1d(project.store.fids(target.layer), features_behind(project, target))


def _any_of(project: Project, target: Target, alternatives: Sequence[Condition]) -> Fids:
    assert target.layer is not None
    if not alternatives:
        return project.store.fids(target.layer, target.where)
    found = [project.store.fids(target.layer, (*target.where, part)) for part in alternatives]
    return np.unique(np.concatenate(found))


# -- measures --------------------------------------------------------------------------------


def _count(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    return _Reading(len(fids), fids)


def _sum(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    assert target.layer is not None
    assert target.field is not None
    columns = project.store.columns(target.layer, [target.field], fids=fids, geometry=False)
    total = float(np.nansum(columns.numbers[target.field]))
    return _Reading(int(total) if total.is_integer() else total, fids)


def _distinct(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    found = {value for value in _values(project, target, fids) if value not in (None, "")}
    missing = tuple(name for name in target.includes if name not in found)
    return _Reading(len(found), fids, missing)


def _names(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    found = [str(value) for value in _values(project, target, fids) if value is not None]
    missing = tuple(name for name in target.names if not any(name in text for text in found))
    return _Reading(len(target.names) - len(missing), fids, missing)


def _length_km(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    return _Reading(_size(project, target.layer, fids, shapely.length) / 1e3, fids)


def _area_km2(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    return _Reading(_size(project, target.layer, fids, shapely.area) / 1e6, fids)


def _density(project: Project, target: Target) -> _Reading:
    fids = features_behind(project, target)
    assert target.area_layer is not None
    served = project.store.fids(target.area_layer, target.area_where)
    area_km2 = _size(project, target.area_layer, served, shapely.area) / 1e6
    return _Reading(len(fids) / area_km2 if area_km2 else 0.0, fids)


_MEASURES: Final[Mapping[str, Callable[[Project, Target], _Reading]]] = {
    "count": _count,
    "missing": _count,
    "sum": _sum,
    "distinct": _distinct,
    "names": _names,
    "length_km": _length_km,
    "area_km2": _area_km2,
    "density": _density,
}


def _values(project: Project, target: Target, fids: Fids) -> NDArray[np.object_]:
    assert target.layer is not None
    assert target.field is not None
    table = project.table(target.layer, [target.field], fids=fids.tolist(), geometry=False)
    return table.columns[target.field]


def _size(
    project: Project, layer: str | None, fids: Fids, of: Callable[[Any], NDArray[np.float64]]
) -> float:
    """Return the summed length or area of features, in metres of the project CRS."""
    assert layer is not None
    geometry = project.table(layer, [], fids=fids.tolist()).geometry
    # What has no geometry has no length; it counts as nothing.
    return float(np.nansum(of(geometry)))


# -- results -----------------------------------------------------------------------------------


def _result(project: Project, target: Target) -> TargetResult:
    reading = _MEASURES[target.measure](project, target) if target.measure in _MEASURES else None
    actual = difference = None
    if reading is not None:
        actual = _rounded(target, reading.actual)
        if target.expected is not None:
            difference = _rounded(target, actual - target.expected)
    # That nothing is wrong with features that nobody has recorded yet says nothing.
    vacant = target.expected == 0 and target.layer and not project.count(target.layer)
    return TargetResult(
        id=target.id,
        task=target.task,
        title=label(target.title),
        expected=target.expected,
        actual=actual,
        status="info" if vacant else _status(target, difference, reading),
        difference=difference,
        units=target.units,
        unit=target.unit or "",
        severity=target.severity,
        grade=target.grade,
        basis=target.basis,
        confidence=target.confidence,
        note=_note(target, vacant=bool(vacant)),
        missing=reading.missing if reading else (),
        layer=target.layer,
        fids=reading.fids if reading else np.array([], np.int64),
    )


def _note(target: Target, *, vacant: bool) -> str:
    notes = [_("Nothing is recorded yet.") if vacant else label(target.reason or target.note or {})]
    if target.shipped is not None:
        words = _("{expected:g} is set in this project; the notice says {shipped:g}.")
        notes.append(words.format(expected=target.expected, shipped=target.shipped))
    return "\n".join(note for note in notes if note)


def _rounded(target: Target, value: int | float) -> int | float:
    return round(value, _DECIMALS.get(target.measure, 3)) if isinstance(value, float) else value


def _status(target: Target, difference: int | float | None, reading: _Reading | None) -> Status:
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
    for result in measure(survey.project):
        if result.status not in ("short", "over") or result.id in covered:
            continue
        assert result.layer is not None
        assert result.difference is not None
        params = {
            "id": result.id,
            "title": result.title,
            "actual": result.actual,
            "expected": result.expected,
            "gap": abs(result.difference),
            "missing": ", ".join(result.missing),
            "case": "names" if result.missing else result.status,
        }
        yield of_layer(result.layer, **params)
