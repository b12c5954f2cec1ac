"""How the findings of a check become the score of a layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from hjgis import paths
from hjgis.errors import DictionaryError, EditRefused
from hjgis.i18n import N_, _
from hjgis.models.catalogue_files import read_toml
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries

# The project's fact that holds a scheme of its own.
FACT: Final = "scoring"
GRADES: Final = ("A", "B", "C", "D")
LEVELS: Final[Mapping[str, str]] = {
    "excellent": N_("excellent"),
    "good": N_("good"),
    "pass": N_("passed"),
    "fail": N_("failed"),
}
FULL: Final = 100.0


@dataclass(frozen=True, slots=True)
class Scheme:
    """Points that findings cost, and what a score is called.

    Attributes
    ----------
    points : mapping of str to float
        By grade, A to D.
    per_features : int
        So many features of a layer are one unit; points are divided by the units.
    levels : mapping of str to float
        Lowest score by level, best first.
    fails : tuple of str
        Grades of which one finding makes a layer fail.
    """

    points: Mapping[str, float]
    per_features: int
    levels: Mapping[str, float]
    fails: tuple[str, ...]
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Score:
    """Points out of 100, never below 0, and the level: a key of `LEVELS`."""

    points: float
    level: str


@cache
def shipped_scheme() -> Scheme:
    """Return the scheme of ``resources/scoring.toml``; `DictionaryError` if it does not load."""
    path = paths.resources() / "scoring.toml"
    try:
        return _scheme(read_toml(path))
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def scheme_of(stored: str | None) -> Scheme:
    """Return the scheme of a project by its fact `FACT`; the shipped one where it has none."""
    entries = read_entries(stored, _read, "scoring")
    return entries[0] if entries else shipped_scheme()


def store_scheme(stored: str | None, scheme: Scheme) -> ChangeSet:
    """Return the edit that gives a project a scheme; the shipped one is none of its own.

    Raises
    ------
    EditRefused
        If points, levels or the size of a unit make no sense.
    """
    _refuse_nonsense(scheme)
    text = None if scheme == shipped_scheme() else fact_text([_written(scheme)])
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("checks.scoring", facts=facts)


def _refuse_nonsense(scheme: Scheme) -> None:
    if scheme.per_features < 1:
        raise EditRefused(_("A unit has at least one feature."))
    if any(not math.isfinite(value) or value < 0 for value in scheme.points.values()):
        raise EditRefused(_("Points are numbers from 0 on."))
    levels = [*scheme.levels.values()]
    if levels != sorted(levels, reverse=True) or not 0 <= levels[-1] <= levels[0] <= FULL:
        raise EditRefused(_("Levels fall from the best to the last, within 0 and 100."))


def score(scheme: Scheme, findings: Mapping[str, int], features: int) -> Score:
    """Return the score of a layer.

    Parameters
    ----------
    findings : mapping of str to int
        Number by grade; grades that cost nothing are not looked at.
    features : int
        How many features were checked.

    Notes
    -----
    ``100 - sum(points * findings) / units``, a unit being `per_features` features, at least one.
    """
    units = max(features / scheme.per_features, 1.0)
    lost = sum(points * findings.get(grade, 0) for grade, points in scheme.points.items())
    points = max(FULL - lost / units, 0.0)
    if any(findings.get(grade, 0) for grade in scheme.fails):
        return Score(points, "fail")
    reached = (level for level, lowest in scheme.levels.items() if points >= lowest)
    return Score(points, next(reached, "fail"))


def _scheme(raw: Mapping[str, Any]) -> Scheme:
    points = {grade: float(raw["points"][grade]) for grade in GRADES}
    levels = {name: float(raw["levels"][name]) for name in LEVELS if name != "fail"}
    return Scheme(
        MappingProxyType(points),
        int(raw["per_features"]),
        MappingProxyType(levels),
        tuple(grade for grade in GRADES if grade in raw["fails"]),
        str(raw["basis"]),
        str(raw["confidence"]),
    )


def _read(entry: Mapping[str, Any]) -> Scheme:
    scheme = _scheme({**entry, "basis": shipped_scheme().basis, "confidence": "P"})
    try:
        _refuse_nonsense(scheme)
    except EditRefused as error:
        raise ValueError(str(error)) from error
    return scheme


def _written(scheme: Scheme) -> dict[str, Any]:
    return {
        "points": dict(scheme.points),
        "per_features": scheme.per_features,
        "levels": dict(scheme.levels),
        "fails": [*scheme.fails],
    }
