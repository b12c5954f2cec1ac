"""Which one feature a change was about, as people call it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hjgis.layers.journal import Entry
from hjgis.models.assets import Value
from hjgis.models.naming import called

if TYPE_CHECKING:
    from hjgis.layers.project import Project


def subjects(project: Project, entries: Iterable[Entry]) -> dict[int, str]:
    """Return what people call the feature that each change was about, by number of the change.

    Left out are changes of several features of a layer, and those whose feature is there no more;
    one that was deleted by the change itself has its name from the journal.
    """
    about = {
        entry.id: str(entry.params["layer"])
        for entry in entries
        if entry.params.get("count", 1) == 1 and entry.params.get("layer") in project.types
    }
    values: dict[int, Mapping[str, Value]] = {}
    rows: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for change, row in project.history.single_rows(about).items():
        if row.op == "delete" and row.old is not None:
            values[change] = row.old
        else:
            rows[row.layer][change] = row.fid
    for layer, fids in rows.items():
        there = {one.fid: one.values for one in project.store.features(layer, {*fids.values()})}
        values |= {change: there[fid] for change, fid in fids.items() if fid in there}
    return {
        change: called(project.asset_type(about[change]), known, project.catalogue)
        for change, known in values.items()
    }
