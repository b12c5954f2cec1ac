"""Identity checks: does every component have an id of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hjgis.checks.rules import Reads, Scope, rule
from hjgis.checks.survey import Survey, findings, is_gap
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Finding

_ID: Final = "component_id"


def _with_id(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID,) if asset.has(_ID) else None


@rule(
    "identity.component_id_duplicate",
    title=N_("Component id given twice"),
    explanation=N_(
        "Two or more components carry the same id, in one layer or in several. An id is one"
        " component's for good and is never reused: find out whose it is and number the others"
        " anew, or delete the one that was recorded twice."
    ),
    message=N_("{value} is also the id of {layer} {other} ({count} in all)"),
    reads=Reads(_with_id, Scope.GROUP),
)
def component_id_duplicate(survey: Survey) -> Iterator[Finding]:
    """Find component ids that more than one feature carries, over all layers."""
    import pandas

    tables = [survey.table(asset.id) for asset in survey.layers]
    if not tables:
        return
    parts = [
        pandas.DataFrame(
            {
                "layer": table.layer,
                "row": np.arange(len(table.fids)),
                "uuid": pandas.Series(table.uuids, dtype=object),
                "value": pandas.Series(table.columns[_ID], dtype=object),
            }
        )[~is_gap(table.columns[_ID])]
        for table in tables
    ]
    everything = pandas.concat(parts, ignore_index=True)
    twins = everything[everything.duplicated("value", keep=False)]
    twins = twins.sort_values(["value", "layer", "uuid"], ignore_index=True)
    groups = twins.groupby("value", sort=False)
    twins["count"] = groups["uuid"].transform("size")
    # The next of its group names a twin, and the first that of the last: nobody names itself.
    for column in ("layer", "uuid"):
        following = groups[column].shift(-1)
        twins[f"other_{column}"] = following.where(
            following.notna(), groups[column].transform("first")
        )
    for table in tables:
        own = twins[twins["layer"] == table.layer]
        facts = (
            {"value": value, "layer": layer, "other": other, "count": count}
            for value, layer, other, count in zip(
                own["value"], own["other_layer"], own["other_uuid"], own["count"], strict=True
            )
        )
        yield from findings(table, own["row"].to_numpy(dtype=np.intp), facts)
