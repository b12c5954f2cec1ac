"""Findings of all rules in order, as columns; an issue is made when somebody asks for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.rules import Rule
from hjgis.checks.wording import message
from hjgis.models.assets import Catalogue
from hjgis.models.issues import Findings, Issue, Severity, issue_id


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Findings of one rule in one layer, in the order of uuid and part."""

    rule: Rule
    findings: Findings


class Issues(Sequence[Issue]):
    """All that was found, in the order of rule, layer, uuid and part.

    A million are held as arrays; words and ids are made for those that are looked at.
    """

    def __init__(self, batches: Sequence[Batch], catalogue: Catalogue) -> None:
        self._batches = tuple(batches)
        self._catalogue = catalogue
        self._starts = np.cumsum([0, *(len(batch.findings) for batch in self._batches)])

    @classmethod
    def of(cls, found: Iterable[tuple[Rule, Sequence[Findings]]], catalogue: Catalogue) -> Issues:
        """Put what rules found in order."""
        batches = [
            Batch(rule, _in_order(findings))
            for rule, several in found
            for findings in several
            if len(findings)
        ]
        batches.sort(key=lambda batch: (batch.rule.id, batch.findings.layer))
        return cls(batches, catalogue)

    @property
    def batches(self) -> tuple[Batch, ...]:
        """The findings by rule and layer."""
        return self._batches

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, index: int) -> Issue: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Issue, ...]: ...
    def __getitem__(self, index: int | slice) -> Issue | tuple[Issue, ...]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        number = int(np.searchsorted(self._starts, at, side="right")) - 1
        return self.issue(self._batches[number], at - int(self._starts[number]))

    def __iter__(self) -> Iterator[Issue]:
        for batch in self._batches:
            for row in range(len(batch.findings)):
                yield self.issue(batch, row)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Issues):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def issue(self, batch: Batch, row: int) -> Issue:
        """Return one finding of a batch in words."""
        rule, findings = batch.rule, batch.findings
        x, y = findings.xy[row].tolist()
        placed = math.isfinite(x + y)
        uuid, part = findings.uuids[row], findings.part_of(row)
        return Issue(
            id=issue_id(rule.id, findings.layer, uuid, part),
            rule=rule.id,
            severity=rule.severity,
            element=rule.element,
            heading=rule.heading,
            layer=findings.layer,
            uuid=uuid,
            x=x if placed else None,
            y=y if placed else None,
            message=message(rule, findings.layer, findings.facts_of(row), self._catalogue),
            part=part,
        )

    def summary(self) -> dict[str, int]:
        """Count by rule, without rules that found nothing."""
        counts: Counter[str] = Counter()
        for batch in self._batches:
            counts[batch.rule.id] += len(batch.findings)
        return dict(counts)

    def severities(self) -> dict[Severity, int]:
        """Count by severity, all of them."""
        counts = dict.fromkeys(Severity, 0)
        for batch in self._batches:
            counts[batch.rule.severity] += len(batch.findings)
        return counts


def _in_order(findings: Findings) -> Findings:
    uuids = np.array([uuid or "" for uuid in findings.uuids.tolist()], dtype=object)
    if findings.part:
        parts = [findings.part_of(row) for row in range(len(findings))]
        return findings.taken(np.lexsort((np.array(parts, dtype=object), uuids)))
    order: NDArray[np.intp] = np.argsort(uuids, kind="stable")
    return findings.taken(order)
