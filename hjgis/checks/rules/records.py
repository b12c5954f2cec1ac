"""Checks of records: do they belong to an asset, and can they have been made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hjgis.checks.rules.dates import days_of, today
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import RECORD_OF, AssetType
from hjgis.models.issues import Findings
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
    reads=Reads(_records, Scope.LAYER, geometry=False),
)
def without_asset(survey: Survey) -> Iterator[Findings]:
    """Find records whose asset is not stored."""
    project = survey.project
    for asset in survey.layers:
        features = survey.features(asset.id)
        layers, uuids = (features.objects(name).astype(str) for name in RECORD_OF)
        lost = np.ones(len(features), bool)
        for layer in {*layers.tolist()} & {*project.types}:
            stored = project.store.columns(layer, (), geometry=False).uuids
            lost &= ~((layers == layer) & np.isin(uuids, stored.astype(str)))
        yield features.found(lost, layer=layers, uuid=uuids)


@rule(
    "record.in_future",
    title=N_("Record of a day to come"),
    explanation=N_(
        "The inspection or repair is dated later than today, so the asset counts as inspected on a"
        " day that has not been. Correct the date; a visit that is planned belongs into the"
        " asset's next inspection."
    ),
    message=N_("Dated {date}, which is to come"),
    reads=Reads(_dated, geometry=False),
)
def in_future(survey: Survey) -> Iterator[Findings]:
    """Find records that are dated later than today."""
    now = today()
    for asset in survey.layers:
        features = survey.features(asset.id)
        to_come = features.texts("date").meeting(lambda date: (days_of(date) or now) > now)
        yield features.found(to_come, date=features.objects("date"))
