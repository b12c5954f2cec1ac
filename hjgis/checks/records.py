"""Checks of records: do they belong to an asset, and can they have been made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from hjgis.checks.rules import Reads, Scope, rule
from hjgis.checks.survey import Survey, findings
from hjgis.i18n import N_
from hjgis.models.assets import RECORD_OF, AssetType
from hjgis.models.issues import Finding
from hjgis.models.records import LAYER


def _records(asset: AssetType) -> tuple[str, ...] | None:
    return RECORD_OF if asset.is_record else None


def _dated(asset: AssetType) -> tuple[str, ...] | None:
    return ("date",) if asset.id == LAYER else None


@rule(
    "record.without_asset",
    title=N_("Record of no asset"),
    explanation=N_(
        "The record or photo names an asset that is not in the project, so nobody sees it in any"
        " form. Bring the asset back from the history or a backup, or delete the record."
    ),
    message=N_("The asset {layer} {uuid} is not there"),
    reads=Reads(_records, Scope.GROUP),
)
def without_asset(survey: Survey) -> Iterator[Finding]:
    """Find records whose asset is not stored."""
    types = survey.project.types
    for asset in survey.layers:
        table = survey.table(asset.id)
        layers, uuids = (table.columns[name].astype(str) for name in RECORD_OF)
        lost = np.ones(len(uuids), bool)
        for layer in set(layers.tolist()) & set(types):
            stored = survey.project.table(layer, (), geometry=False).uuids.astype(str)
            lost &= ~((layers == layer) & np.isin(uuids, stored))
        rows = np.flatnonzero(lost)
        facts = ({"layer": layers[row], "uuid": uuids[row]} for row in rows)
        yield from findings(table, rows, facts)


@rule(
    "record.in_future",
    title=N_("Record of a day to come"),
    explanation=N_(
        "The inspection or repair is dated later than today, so the asset counts as inspected on a"
        " day that has not been. Correct the date; a visit that is planned belongs into the"
        " asset's next inspection."
    ),
    message=N_("Dated {date}, which is to come"),
    reads=Reads(_dated),
)
def in_future(survey: Survey) -> Iterator[Finding]:
    """Find records that are dated later than today."""
    today = dt.date.today().isoformat()
    for asset in survey.layers:
        table = survey.table(asset.id)
        dates = table.columns["date"]
        rows = np.array([row for row, date in enumerate(dates) if date and date > today], np.intp)
        yield from findings(table, rows, ({"date": dates[row]} for row in rows))
