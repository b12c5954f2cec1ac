"""What a project has otherwise than the program in the rules of the check."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from hjgis.logs import Said
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_content, fact_text
from hjgis.models.issues import Severity

FACT: Final = "check_rules"
_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """How a project wants one rule; None and limits that are not named: as the program has it."""

    enabled: bool | None = None
    severity: Severity | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.enabled is not None or self.severity is not None or bool(self.limits)


def read_settings(text: str | None) -> dict[str, RuleSetting]:
    """Read what a project holds; what cannot be read is left out and logged."""
    try:
        raw = fact_content(text or "{}")
        if not isinstance(raw, dict):
            raise TypeError(type(raw))
    except (ValueError, TypeError) as error:
        _log.warning("the project's rules are not readable: %s", error)
        return {}
    settings = {}
    for rule, entry in raw.items():
        try:
            settings[str(rule)] = _read(entry)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            _log.warning("the project's rule %s is not readable: %r", Said(rule), error)
    return settings


def _read(entry: Mapping[str, Any]) -> RuleSetting:
    enabled, severity = entry.get("enabled"), entry.get("severity")
    limits = entry.get("limits", {})
    if not isinstance(enabled, bool | None) or not isinstance(limits, dict):
        raise TypeError("enabled or limits")
    return RuleSetting(enabled, None if severity is None else Severity(severity), limits)


def store_settings(stored: str | None, settings: Mapping[str, RuleSetting]) -> ChangeSet:
    """Return the edit that makes a project have rules otherwise.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    settings : mapping of str to RuleSetting
        By rule; a rule that is not named, or of which nothing is said, is as the program has it.
    """
    rows = {rule: _row(setting) for rule, setting in sorted(settings.items()) if setting}
    text = fact_text(rows) if rows else None
    known = read_settings(stored)
    changed = [
        rule
        for rule in sorted({*known, *settings})
        if known.get(rule, RuleSetting()) != settings.get(rule, RuleSetting())
    ]
    facts = (FactChange(FACT, stored, text),) if changed else ()
    return ChangeSet("check.rules", facts=facts, params={"count": len(changed), "rules": changed})


def _row(setting: RuleSetting) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if setting.enabled is not None:
        row["enabled"] = setting.enabled
    if setting.severity is not None:
        row["severity"] = str(setting.severity)
    if setting.limits:
        row["limits"] = dict(setting.limits)
    return row


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether something is a number to compute with; yes and no are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # An integer may be longer than any number that can be computed with.
    return abs(value) <= sys.float_info.max
