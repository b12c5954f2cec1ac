"""How each layer did in a check: features at fault, score and level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.runner import CheckReport
from hjgis.i18n import label
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from hjgis.models.scoring import FACT as SCORING
from hjgis.models.scoring import Score, scheme_of, score


@dataclass(frozen=True, slots=True)
class LayerResult:
    """What was found in one layer.

    Attributes
    ----------
    faulty : int
        Features with a finding that is more than information.
    grades : mapping of str to int
        Findings by grade.
    """

    layer: str
    title: str
    features: int
    faulty: int
    grades: Mapping[str, int]
    score: Score
    completeness: float | None


def layer_results(project: Project, report: CheckReport) -> tuple[LayerResult, ...]:
    """Return the results of the layers that hold something, scored by the project's scheme."""
    scheme = scheme_of(project.info(SCORING))
    grades: dict[str, Counter[str]] = {}
    faulty: dict[str, list[NDArray[np.int64]]] = {}
    for batch in report.issues.batches:
        layer = batch.findings.layer
        grades.setdefault(layer, Counter())[batch.rule.grade] += len(batch.findings)
        if batch.rule.severity is not Severity.INFO:
            faulty.setdefault(layer, []).append(batch.findings.fids)
    found = []
    for layer, count in report.checked.items():
        asset = project.asset_type(layer)
        if not count or asset.kind != "asset":
            continue
        fids = np.unique(np.concatenate([np.empty(0, np.int64), *faulty.get(layer, ())]))
        share = report.completeness.get(layer)
        own = grades.get(layer, Counter())
        found.append(
            LayerResult(
                layer,
                label(asset.label),
                count,
                int((fids > 0).sum()),
                own,
                score(scheme, own, count),
                share.overall if share else None,
            )
        )
    return tuple(found)
