"""How long pipes may serve, and what makes them due for renewal: the rules of a project."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from hjgis import paths
from hjgis.errors import DictionaryError, EditRefused
from hjgis.i18n import _
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_content, fact_text

# The project's fact that holds what it scores otherwise than the shipped rules.
FACT: Final = "renewal"
OVERDUE, OUTDATED, LEAKS, FAULTS = "overdue", "outdated", "leaks", "faults"
PARTS: Final = (OVERDUE, OUTDATED, LEAKS, FAULTS)
LONGEST_YEARS: Final = 200
MOST_POINTS: Final = 100
_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class Life:
    """How long pipes of some groups may serve, of some materials only if any are named."""

    id: str
    label: Label
    majors: tuple[str, ...]
    years: int
    basis: str
    confidence: str
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outdated:
    """Materials that are outdated in some groups of pipes, whatever their detail is."""

    majors: tuple[str, ...]
    materials: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score.

    Attributes
    ----------
    unit : label
        What the value counts.
    weight : int
        0 leaves it out.
    steps : tuple of (float, int)
        From which value on how many points of 100 are given; values rise.
    """

    id: str
    label: Label
    unit: Label
    weight: int
    steps: tuple[tuple[float, int], ...]
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class RenewalRules:
    """All that a score is made of; see ``resources/renewal.toml``."""

    lives: tuple[Life, ...]
    outdated: tuple[Outdated, ...]
    parts: tuple[Part, ...]
    not_judged: tuple[str, ...]

    def part(self, part_id: str) -> Part:
        """Return the part with this id."""
        return next(part for part in self.parts if part.id == part_id)

    def with_changes(
        self,
        years: Mapping[str, int],
        weights: Mapping[str, int],
        points: Mapping[str, Sequence[int]],
    ) -> RenewalRules:
        """Return the rules with other years, weights and points, by id.

        Raises
        ------
        EditRefused
            If years are none, points are not 0 to 100, or no part has a weight.
        """
        lives = tuple(replace(life, years=years.get(life.id, life.years)) for life in self.lives)
        parts = tuple(
            replace(
                part,
                weight=weights.get(part.id, part.weight),
                steps=_pointed(part, points.get(part.id)),
            )
            for part in self.parts
        )
        if not all(0 < life.years <= LONGEST_YEARS for life in lives):
            raise EditRefused(_("A pipe may serve 1 to 200 years."))
        given = [*(part.weight for part in parts), *(p for part in parts for _v, p in part.steps)]
        if not all(0 <= number <= MOST_POINTS for number in given):
            raise EditRefused(_("Weights and points are 0 to 100."))
        if not any(part.weight for part in parts):
            raise EditRefused(_("At least one part of the score needs a weight."))
        return replace(self, lives=lives, parts=parts)


@cache
def usual_rules() -> RenewalRules:
    """Return the rules that ship with the program."""
    return load_rules(paths.resources() / "renewal.toml")


def load_rules(path: Path) -> RenewalRules:
    """Read rules of renewal.

    Raises
    ------
    DictionaryError
        If a key is missing or unknown, or a number makes no sense; names the file.
    """
    raw = read_toml(path)
    try:
        rules = RenewalRules(
            tuple(_made(Life, entry) for entry in _tables(raw, "life")),
            tuple(_made(Outdated, entry) for entry in _tables(raw, "outdated")),
            tuple(_made(Part, entry) for entry in _tables(raw, "part")),
            _texts(raw["not_judged"]),
        )
        if tuple(part.id for part in rules.parts) != PARTS:
            raise ValueError(f"the parts are {', '.join(PARTS)}")
        for part in rules.parts:
            values = [value for value, _points in part.steps]
            if not values or values != sorted(set(values)):
                raise ValueError(f"{part.id}: values must rise")
        return rules.with_changes({}, {}, {})
    except (KeyError, TypeError, ValueError, EditRefused) as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def read_rules(text: str | None) -> RenewalRules:
    """Return the shipped rules with what a project says otherwise (the fact `FACT`)."""
    usual = usual_rules()
    try:
        raw = fact_content(text or "{}")
        years = {str(key): int(value) for key, value in raw.get("years", {}).items()}
        weights = {str(key): int(value) for key, value in raw.get("weights", {}).items()}
        points = {
            str(key): [int(value) for value in values]
            for key, values in raw.get("points", {}).items()
        }
        return usual.with_changes(years, weights, points)
    except (ValueError, TypeError, AttributeError, OverflowError, EditRefused) as error:
        _log.warning("the rules of renewal are not readable: %s", error)
        return usual


def change_rules(stored: str | None, rules: RenewalRules) -> ChangeSet:
    """Return the edit that makes these the rules of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.

    Returns
    -------
    ChangeSet
        Empty (false) when nothing would change.
    """
    usual = usual_rules()
    own: dict[str, dict[str, Any]] = {
        "years": {
            life.id: life.years
            for life, was in zip(rules.lives, usual.lives, strict=True)
            if life.years != was.years
        },
        "weights": {
            part.id: part.weight
            for part, was in zip(rules.parts, usual.parts, strict=True)
            if part.weight != was.weight
        },
        "points": {
            part.id: [points for _value, points in part.steps]
            for part, was in zip(rules.parts, usual.parts, strict=True)
            if part.steps != was.steps
        },
    }
    differing = {key: value for key, value in own.items() if value}
    text = fact_text(differing) if differing else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("renewal.rules", facts=facts)


def _pointed(part: Part, points: Sequence[int] | None) -> tuple[tuple[float, int], ...]:
    if points is None:
        return part.steps
    values = [value for value, _points in part.steps]
    return tuple(zip(values, points, strict=True))


def _tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    entries = raw[key]
    if not isinstance(entries, list):
        raise TypeError(f"{key}: {entries!r} is no list")
    return entries


def _made(kind: Any, raw: Mapping[str, Any]) -> Any:
    given = dict(raw)
    for key in ("majors", "materials"):
        if key in given:
            given[key] = _texts(given[key])
    if "steps" in given:
        steps = [(float(value), int(points)) for value, points in given["steps"]]
        if not all(math.isfinite(value) for value, _points in steps):
            raise ValueError("steps: not a number")
        given["steps"] = tuple(steps)
    return kind(**given)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(map(str, value))
