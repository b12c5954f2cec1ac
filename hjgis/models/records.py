"""Inspection and repair records: what they say of an asset, and how often it is looked at."""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import AssetType, Catalogue, Code, Label, Value
from hjgis.models.catalogue_files import catalogue, read_toml
from hjgis.models.changes import Feature
from hjgis.models.facts import fact_content, fact_text

LAYER: Final = "inspection"
FACT: Final = "inspection_cycles"
FINE: Final = "无异常"
# Fields of an asset that follow its latest record, and the fields of that record that keep what
# the asset said until then.
LAST: Final = "last_inspect_date"
FOLLOWING: Final[Mapping[str, str]] = {
    "state": "state_before",
    "defect": "defect_before",
    LAST: "last_before",
}
NEXT: Final = "next_inspect_date"
OWN_CYCLE: Final = "inspect_cycle_days"
LONGEST_DAYS: Final = 3650
_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often assets of a kind that meet some conditions are inspected.

    Attributes
    ----------
    when : mapping of field to values
        An asset meets it if each field holds one of its values; empty: all assets of the kind.
    days : int
        From one inspection to the next.
    """

    id: str
    asset: str
    label: Label
    days: int
    when: Mapping[str, tuple[str, ...]]
    basis: str
    confidence: str

    def meets(self, values: Mapping[str, Value]) -> bool:
        """Whether an asset with these values is meant."""
        return all(values.get(field) in wanted for field, wanted in self.when.items())


@dataclass(frozen=True, slots=True)
class Cycles:
    """All cycles of a project, in the order in which they are asked.

    Attributes
    ----------
    soon_days : int
        What is due within so many days is due soon.
    not_inspected : tuple of str
        States of assets that are out of use and need nobody to look at them.
    """

    entries: tuple[Cycle, ...]
    soon_days: int
    not_inspected: tuple[str, ...]

    def of(self, asset: str) -> tuple[Cycle, ...]:
        """Return the cycles of one kind of asset."""
        return tuple(entry for entry in self.entries if entry.asset == asset)

    def days(self, asset: str, values: Mapping[str, Value]) -> int | None:
        """Return after how many days an asset is inspected again; None if nothing says so."""
        own = values.get(OWN_CYCLE)
        if isinstance(own, int) and own > 0:
            return own
        return next((entry.days for entry in self.of(asset) if entry.meets(values)), None)

    def with_days(self, changed: Mapping[str, int]) -> Cycles:
        """Return the same with other days, by the id of the cycle."""
        entries = (replace(entry, days=changed.get(entry.id, entry.days)) for entry in self.entries)
        return replace(self, entries=tuple(entries))


@cache
def usual_cycles() -> Cycles:
    """Return the cycles of ``resources/inspection.toml``."""
    return load_cycles(paths.resources() / "inspection.toml", catalogue())


def load_cycles(path: Path, known: Catalogue) -> Cycles:
    """Read cycles.

    Raises
    ------
    DictionaryError
        If a key is missing or unknown, or a kind or field is none of the catalogue.
    """
    raw = read_toml(path)
    try:
        entries = tuple(_cycle(entry) for entry in _tables(raw["cycle"]))
        states = _tables(raw["not_inspected"])
        result = Cycles(entries, int(str(raw["soon_days"])), tuple(map(str, states)))
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error
    for entry in entries:
        kind = known.types.get(entry.asset)
        unknown = [name for name in entry.when if kind is None or not kind.has(name)]
        if kind is None or unknown or not 0 < entry.days <= LONGEST_DAYS:
            raise DictionaryError(f"{path.name}: {entry.id}: unknown kind or field, or no days")
    return result


def _tables(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _cycle(raw: Mapping[str, Any]) -> Cycle:
    when = {field: tuple(values) for field, values in raw.get("when", {}).items()}
    return Cycle(**{**raw, "when": when})


def read_cycles(text: str | None) -> Cycles:
    """Return the usual cycles with what a project says otherwise (the fact `FACT`)."""
    try:
        raw = fact_content(text or "{}")
        changed = {str(name): int(days) for name, days in raw.items()}
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        _log.warning("the inspection cycles are not readable: %s", error)
        return usual_cycles()
    sound = {name: days for name, days in changed.items() if 0 < days <= LONGEST_DAYS}
    return usual_cycles().with_days(sound)


def cycles_text(cycles: Cycles) -> str | None:
    """Return what a project keeps of cycles: those that are not the usual ones; None: none."""
    usual = {entry.id: entry.days for entry in usual_cycles().entries}
    differing = {
        entry.id: entry.days for entry in cycles.entries if usual.get(entry.id) != entry.days
    }
    return fact_text(differing) if differing else None


def in_order(records: Iterable[Feature]) -> list[Feature]:
    """Return records from the oldest to the latest: by date, then as they were entered."""
    return sorted(records, key=place_in_order)


def place_in_order(record: Feature) -> tuple[str, float, str]:
    """Return what sorts records; one that is not stored yet comes last of its day."""
    entered = math.inf if record.fid is None else float(record.fid)
    return str(record.values.get("date") or ""), entered, record.key.uuid


def says(record: Feature, field: str, known: Catalogue) -> Value:
    """Return what a record says of a field of its asset; None if nothing.

    Parameters
    ----------
    field : str
        One of `FOLLOWING`.
    """
    if field == LAST:
        return record.values.get("date") if inspects(record, known) else None
    if field == "state":
        return record.values.get("state_after")
    finding = finding_of(record.values, known)
    defect = finding.extra.get("defect") if finding else None
    return str(defect) if defect else None


def finding_of(values: Mapping[str, Value], known: Catalogue) -> Code | None:
    """Return the listed finding of a record; None if it is in words of its own."""
    return known.codes("finding").get(values.get("finding"))


def findings_for(asset: str, known: Catalogue) -> list[Code]:
    """Return the findings that are offered for a kind of asset, its own ones first."""
    codes = known.codes("finding").offered
    own = [code for code in codes if asset in _assets(code)]
    fine = [code for code in codes if code.extra.get("fine")]
    common = [code for code in codes if not _assets(code) and code not in fine]
    return [*fine, *own, *common]


def _assets(code: Code) -> Sequence[object]:
    listed = code.extra.get("assets", ())
    return listed if isinstance(listed, list) else ()


def inspects(record: Feature, known: Catalogue) -> bool:
    """Whether somebody looked at the asset, so that its cycle starts anew."""
    kind = known.codes("record_kind").get(record.values.get("kind"))
    return bool(kind and kind.extra.get("inspects"))


def is_open(values: Mapping[str, Value]) -> bool:
    """Whether something that had to be put right by a day is not put right."""
    return values.get("due_date") is not None and values.get("done_date") is None


def day_after(date: Value, days: int | None) -> str | None:
    """Return the ISO date so many days after another; None if either is unknown or no date."""
    if not isinstance(date, str) or days is None:
        return None
    try:
        return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def inspected_kinds(types: Mapping[str, AssetType]) -> list[AssetType]:
    """Return the kinds of assets that are inspected: those that keep the day of the last time."""
    return [asset for asset in types.values() if asset.kind == "asset" and asset.has(LAST)]
