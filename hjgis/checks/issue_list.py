"""Findings of all rules in order, as columns; an issue is made when somebody asks for it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.rules.register import Rule
from hjgis.checks.wording import message
from hjgis.models.assets import Catalogue
from hjgis.models.exceptions import CheckException
from hjgis.models.issues import Findings, Issue, Severity, issue_id


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Findings of one rule in one layer that say alike facts, in the order of uuid and part."""

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
        """List what rules found, each rule's as `in_order` returns it."""
        batches = [
            Batch(rule, findings)
            for rule, several in found
            for findings in several
            if len(findings)
        ]
        # Those of one rule and layer stay in the order that they have.
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

    def excepting(self, entries: Iterable[CheckException]) -> tuple[Issues, Mapping[str, Issue]]:
        """Return the issues that are not accepted, and by id those that are."""
        accepted: dict[tuple[str, str], dict[str, str | None]] = {}
        for entry in entries:
            accepted.setdefault((entry.rule, entry.layer), {})[entry.id] = entry.uuid
        batches: list[Batch] = []
        out: dict[str, Issue] = {}
        for batch in self._batches:
            ids = accepted.get((batch.rule.id, batch.findings.layer))
            kept = batch.findings if ids is None else self._less(batch, ids, out)
            if len(kept):
                batches.append(batch if kept is batch.findings else Batch(batch.rule, kept))
        return Issues(batches, self._catalogue), out

    def _less(self, batch: Batch, ids: Mapping[str, str | None], out: dict[str, Issue]) -> Findings:
        """Return findings without those of some ids, which are added to `out`."""
        named = {*ids.values()}
        meant = [row for row, uuid in enumerate(batch.findings.uuids.tolist()) if uuid in named]
        issues = {row: self.issue(batch, row) for row in meant}
        gone = [row for row, issue in issues.items() if issue.id in ids]
        out.update({issues[row].id: issues[row] for row in gone})
        if not gone:
            return batch.findings
        kept = np.ones(len(batch.findings), dtype=bool)
        kept[gone] = False
        return batch.findings.taken(kept)

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


def in_order(found: Iterable[Findings]) -> tuple[Findings, ...]:
    """Join what one rule found: one entry for each layer and kind of facts, by uuid and part.

    However the findings came about, in one run or edit by edit, the result is the same.
    """
    kinds: dict[_Kind, list[Findings]] = {}
    for findings in found:
        if len(findings):
            kinds.setdefault(_kind(findings), []).append(findings)
    return tuple(_sorted(_joined(kinds[kind])) for kind in sorted(kinds))


def replaced(
    found: Sequence[Findings], rows: Mapping[str, NDArray[np.int64]], new: Iterable[Findings]
) -> tuple[Findings, ...]:
    """Return findings of a rule in order, with new ones for some rows.

    Parameters
    ----------
    found : sequence of Findings
        As `in_order` returned them.
    rows : mapping of str to array of int64
        By layer the rows whose findings are replaced.
    """
    fresh = {_kind(findings): findings for findings in in_order(new)}
    result: dict[_Kind, Findings] = {}
    for findings in found:
        gone = np.isin(findings.fids, rows.get(findings.layer, _NO_ROWS))
        kept = findings.taken(~gone) if gone.any() else findings
        if len(kept):
            result[_kind(kept)] = kept
    for kind, findings in fresh.items():
        result[kind] = _merged(result[kind], findings) if kind in result else findings
    return tuple(result[kind] for kind in sorted(result))


_Kind = tuple[str, tuple[str, ...], tuple[str, ...]]
_NO_ROWS: Final = np.empty(0, dtype=np.int64)


def _kind(findings: Findings) -> _Kind:
    return findings.layer, findings.part, tuple(sorted(findings.facts))


def _joined(parts: Sequence[Findings]) -> Findings:
    first = parts[0]
    if len(parts) == 1:
        return first
    return Findings(
        first.layer,
        np.concatenate([part.fids for part in parts]),
        np.concatenate([part.uuids for part in parts]),
        np.concatenate([part.xy for part in parts]),
        {name: _column([(part.facts[name], len(part)) for part in parts]) for name in first.facts},
        first.part,
    )


def _column(parts: Sequence[tuple[Any, int]]) -> Any:
    """Join what findings say of one fact, columns or one value for all."""
    columns = [values for values, _count in parts if isinstance(values, np.ndarray)]
    if not columns:
        first = parts[0][0]
        if all(type(values) is type(first) and values == first for values, _count in parts):
            return first
    elif len(columns) == len(parts) and len({values.dtype.kind for values in columns}) == 1:
        return np.concatenate(columns)
    result = np.empty(sum(count for _values, count in parts), dtype=object)
    at = 0
    for values, count in parts:
        result[at : at + count] = _objects(values, count)
        at += count
    return result


def _objects(values: Any, count: int) -> NDArray[np.object_]:
    result = np.empty(count, dtype=object)
    result[:] = values.tolist() if isinstance(values, np.ndarray) else [values] * count
    return result


def _sorted(findings: Findings) -> Findings:
    uuids = _uuids(findings)
    if findings.part:
        parts = [findings.part_of(row) for row in range(len(findings))]
        order = np.lexsort((findings.fids, np.array(parts, dtype=object), uuids))
    else:
        order = np.lexsort((findings.fids, uuids))
    return findings.taken(order)


def _merged(kept: Findings, new: Findings) -> Findings:
    """Put findings in order among others; it costs no sorting of those."""
    joined = _joined([kept, new])
    old, others = _uuids(kept), _uuids(new)
    at = np.searchsorted(old, others)
    if len(kept) and (old[np.minimum(at, len(old) - 1)] == others).any():
        # Another program gave two features one identity.
        return _sorted(joined)
    order = np.insert(np.arange(len(kept)), at, len(kept) + np.arange(len(new)))
    return joined.taken(order)


def _uuids(findings: Findings) -> NDArray[np.object_]:
    return np.array([uuid or "" for uuid in findings.uuids.tolist()], dtype=object)
