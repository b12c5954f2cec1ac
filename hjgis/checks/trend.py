"""How complete a layer was at the end of each day, reckoned back from the journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from hjgis.checks import gaps
from hjgis.checks.features import Features
from hjgis.checks.rules.attributes import asked_names, required_names
from hjgis.layers.looking_back import OldRow, Step
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.unknown import FIELD as UNKNOWN
from hjgis.progress import SILENT, Progress


@dataclass(frozen=True, slots=True)
class DayState:
    """How complete a layer was at the end of a day.

    Attributes
    ----------
    day : date or None
        Local time; None: before the first change that the journal knows of.
    asked, lacking : int
        Values that were required, and those of them that were not there.
    """

    day: dt.date | None
    features: int
    asked: int
    lacking: int

    @property
    def share(self) -> float | None:
        """Share of the values that were there; None where none was required."""
        return gaps.share(self.asked, self.lacking)


def trend(
    project: Project, layer: str, field: str | None = None, *, progress: Progress = SILENT
) -> tuple[DayState, ...]:
    """Return the state at the end of each day on which a layer was edited, earliest first.

    Before the first day stands what the layer held when the journal began, if it held anything.

    Parameters
    ----------
    field : str, optional
        Only this required field.

    Raises
    ------
    KeyError
        If the layer does not require the field.
    Cancelled
        If `progress` says so.
    """
    asset = project.asset_type(layer)
    past = _Past(project, asset, field, progress)
    found: list[DayState] = []
    earliest: dt.date | None = None
    for step in project.history.steps_back(asset, asked_names(asset), progress=progress):
        day = dt.datetime.fromisoformat(step.at).astimezone().date()
        # A clock that was set back does not make a day end twice.
        if earliest is None or day < earliest:
            found.append(past.state(day))
            earliest = day
        past.undo(step)
    beginning = past.state(None)
    if beginning.features:
        found.append(beginning)
    return tuple(reversed(found))


class _Past:
    """A layer's bits, row by row of all that it ever had, going back in time."""

    def __init__(
        self, project: Project, asset: AssetType, field: str | None, progress: Progress
    ) -> None:
        self._asset = asset
        self._names = required_names(asset)
        if field is not None and field not in self._names:
            raise KeyError(field)
        wanted = (1 << len(self._names)) - 1 if field is None else 1 << self._names.index(field)
        self._wanted = np.uint64(wanted)
        self._fids = project.history.rows_ever(asset)
        self._there = np.zeros(len(self._fids), bool)
        self._empty, self._applies, self._unknown = np.zeros((3, len(self._fids)), np.uint64)
        self._read = asked_names(asset)
        columns = project.store.columns(asset.id, self._read, geometry=False, progress=progress)
        self._put(Features(asset, columns, self._read))

    def state(self, day: dt.date | None) -> DayState:
        """Count what there is now."""
        asked = np.where(self._there, self._applies & self._wanted, np.uint64(0))
        lacking = asked & self._empty & ~self._unknown
        return DayState(
            day,
            int(self._there.sum()),
            int(np.bitwise_count(asked).sum(dtype=np.int64)),
            int(np.bitwise_count(lacking).sum(dtype=np.int64)),
        )

    def undo(self, step: Step) -> None:
        """Go back over one step."""
        for low, high in step.came:
            start, stop = np.searchsorted(self._fids, (low, high + 1)).tolist()
            self._there[start:stop] = False
        for columns in step.went:
            self._put(Features(self._asset, columns, self._read))
        places = np.searchsorted(self._fids, [row.fid for row in step.rows]).tolist()
        for at, row in zip(places, step.rows, strict=True):
            self._undo_row(at, row)

    def _put(self, features: Features) -> None:
        at = np.searchsorted(self._fids, features.fids)
        bits = gaps.bits_of(features)
        self._there[at] = True
        self._empty[at], self._applies[at] = bits.empty, bits.applies
        self._unknown[at] = bits.unknown

    def _undo_row(self, at: int, row: OldRow) -> None:
        if row.op == "insert":
            self._there[at] = False
            return
        self._there[at] = True
        old = {**dict.fromkeys(self._read), **row.old} if row.op == "delete" else row.old
        empty, applies = int(self._empty[at]), int(self._applies[at])
        for number, name in enumerate(self._names):
            bit = 1 << number
            if name in old:
                empty = _with(empty, bit, on=old[name] in (None, ""))
            when = self._asset.field(name).when
            if when is None:
                applies |= bit
            elif when.field in old:
                applies = _with(applies, bit, on=when.holds(old))
        self._empty[at], self._applies[at] = empty, applies
        if UNKNOWN in old:
            self._unknown[at] = gaps.unknown_bits(self._names, old[UNKNOWN])


def _with(bits: int, bit: int, *, on: bool) -> int:
    return bits | bit if on else bits & ~bit
