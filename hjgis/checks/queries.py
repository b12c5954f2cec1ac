"""Saved queries as checks: what meets one that is a fault is listed like other findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, Rule, Scope
from hjgis.checks.survey import Survey
from hjgis.i18n import _
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings, Severity, of_layer
from hjgis.models.queries import SavedQuery
from hjgis.models.query import Query
from hjgis.models.sentences import sentence


def rules_of(project: Project) -> tuple[Rule, ...]:
    """Return a rule ``query.<id>`` for each saved query that is a fault to be checked for.

    One that cannot be asked is a rule too: it finds that, so that nobody takes it for passed.
    """
    entries = querying.saved(project)
    return tuple(_rule(project, entry) for entry in entries if entry.severity is not None)


def _rule(project: Project, entry: SavedQuery) -> Rule:
    reason, query = querying.why_not(project, entry), entry.query
    said = sentence(query, project.types, project.catalogue) if query is not None else ""
    broken = query is None or bool(reason)
    layer = query.layer if query is not None else ""
    message = _("The query cannot be asked: {reason}").format(reason=reason)
    if not broken:
        message = entry.message or entry.name
    return Rule(
        id=f"query.{entry.id}",
        title_key=entry.name,
        explanation_key=entry.description or said or entry.name,
        messages=MappingProxyType({"": message.replace("{", "{{").replace("}", "}}")}),
        reads=Reads(partial(_columns, layer), Scope.LAYER if broken else Scope.FEATURE),
        find=partial(_broken, layer) if broken or query is None else partial(_meeting, query),
        ref="",
        severity=entry.severity or Severity.WARNING,
        element="conceptual consistency",
        heading="outlier",
        basis=_("saved query of the project: {sentence}").format(sentence=said or entry.name),
        confidence="P",
        enabled=True,
        limits=_NO_LIMITS,
    )


_NO_LIMITS: Mapping[str, object] = MappingProxyType({})


def _columns(layer: str, asset: AssetType) -> tuple[str, ...] | None:
    return () if asset.id == layer else None


def _broken(layer: str, _survey: Survey) -> Iterator[Findings]:
    yield of_layer(layer)


def _meeting(query: Query, survey: Survey) -> Iterator[Findings]:
    found = querying.rows(survey.project, query)
    if survey.has(query.layer):
        features = survey.features(query.layer)
    else:
        # A reference layer; those are not surveyed as a whole.
        asset = survey.project.asset_type(query.layer)
        features = Features(asset, survey.project.store.columns(query.layer, ()), ())
    yield features.found(np.isin(features.fids, found))
