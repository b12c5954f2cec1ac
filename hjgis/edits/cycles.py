"""How often assets are inspected in a project, and what follows for their next inspection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from hjgis.models.assets import AssetType
from hjgis.models.changes import BulkUpdate, ChangeSet, FactChange
from hjgis.models.reading import LayerTable
from hjgis.models.records import (
    FACT,
    LAST,
    NEXT,
    OWN_CYCLE,
    Cycles,
    cycles_text,
    day_after,
    inspected_kinds,
    read_cycles,
)


class CycleReader(Protocol):
    """What is read of a project."""

    @property
    def types(self) -> Mapping[str, AssetType]:
        """What the layers hold."""

    def info(self, key: str) -> str | None:
        """Return a fact of the project."""

    def table(
        self, layer: str, names: Sequence[str] | None, *, geometry: bool = True
    ) -> LayerTable:
        """Read columns of a layer."""


def change_cycles(reader: CycleReader, cycles: Cycles) -> ChangeSet:
    """Make these the cycles of a project.

    Where the next inspection of an asset was what the cycle had said, it is what it says now;
    other dates stay.

    Returns
    -------
    ChangeSet
        Empty (false) when nothing would change.
    """
    stored = reader.info(FACT)
    text = cycles_text(cycles)
    before = read_cycles(stored)
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    bulk = [
        moved
        for asset in inspected_kinds(reader.types)
        if before.of(asset.id) != cycles.of(asset.id)
        and (moved := _moved(reader, asset, before, cycles))
    ]
    return ChangeSet("record.cycles", bulk=tuple(bulk), facts=facts)


def _moved(
    reader: CycleReader, asset: AssetType, before: Cycles, after: Cycles
) -> BulkUpdate | None:
    asked = {name for entry in after.of(asset.id) for name in entry.when}
    names = [name for name in {*asked, LAST, NEXT, OWN_CYCLE} if asset.has(name)]
    table = reader.table(asset.id, names, geometry=False)
    rows, new = [], []
    for row in np.flatnonzero(table.columns[NEXT] != None).tolist():  # noqa: E711 - by element
        values = {name: table.columns[name][row] for name in names}
        planned = day_after(values[LAST], before.days(asset.id, values))
        now = day_after(values[LAST], after.days(asset.id, values))
        if values[NEXT] == planned != now:
            rows.append(row)
            new.append(now)
    if not rows:
        return None
    old = table.columns[NEXT][rows].tolist()
    return BulkUpdate(asset.id, table.fids[rows], {NEXT: new}, {NEXT: old})
