"""Findings as a list is shown: filtered, grouped and sorted, as positions among all of them.

Nothing here makes an issue or its words but where a text is looked for, so that a million
findings are arranged in a moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.feature_words import FIELDS, NAME, OPERATOR, FeatureWords, words_of
from hjgis.checks.issue_list import Batch, Issues
from hjgis.checks.rules.register import HEADINGS, Rule
from hjgis.checks.wording import message
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.issues import Findings, Severity
from hjgis.models.wording import layer_label
from hjgis.progress import SILENT, Progress

GROUPINGS: Final[Mapping[str, str]] = {
    "heading": N_("By kind of fault"),
    "layer": N_("By layer"),
    "unit": N_("By responsible unit"),
    "road": N_("By road"),
    "grid": N_("By grid cell"),
    OPERATOR: N_("By who changed it last"),
}
_WITHOUT: Final[Mapping[str, str]] = {
    "unit": N_("No unit named"),
    "road": N_("No road named"),
    "grid": N_("No grid cell named"),
    OPERATOR: N_("Nobody named"),
}
_OF_FEATURES: Final = frozenset((*FIELDS, OPERATOR))
_WORST_FIRST: Final = tuple(Severity)
# Between two looks whether the search was given up.
_SLICE: Final = 5000
_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Which findings are to be listed, and how.

    Attributes
    ----------
    grouping : str
        One of `GROUPINGS`.
    text : str
        Part of a message, of a feature's name, of a rule or a layer; any case.
    layer : str or None
        None: all layers.
    extent : Extent or None
        Only what lies there, project CRS.
    only : (str, array of int64), optional
        Only findings on these features of a layer.
    order : str
        ``usual``, ``title``, ``count`` or ``feature``.
    """

    grouping: str = "heading"
    text: str = ""
    severities: frozenset[Severity] = frozenset(Severity)
    layer: str | None = None
    extent: Extent | None = None
    only: tuple[str, NDArray[np.int64]] | None = None
    order: str = "usual"
    falling: bool = False

    @property
    def reads_features(self) -> bool:
        """Whether the project must be asked, which may take its time."""
        return bool(self.text) or self.grouping in _OF_FEATURES or self.order == "feature"

    @property
    def is_filtered(self) -> bool:
        """Whether anything may stay out."""
        narrow = self.text or self.layer or self.extent or self.only
        return bool(narrow) or len(self.severities) < len(Severity)


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule, next to one another: ``order[start:stop]``."""

    rule: Rule
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Top:
    """A heading, a layer, a unit, a road or a cell, with what was found there by rule."""

    key: str
    title: str
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return sum(map(len, self.groups))


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """The findings in the order of the list.

    Attributes
    ----------
    order : array of int64
        Positions in the issues.
    severities : mapping of Severity to int
        How many of each kind there are when all that is asked for but the severity is met.
    """

    order: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    tops: tuple[Top, ...] = ()
    severities: Mapping[Severity, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True, slots=True)
class Spot:
    """What tells a finding from all others, in this report and in the next."""

    rule: str
    layer: str
    uuid: str | None
    part: str


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Findings of one batch that are listed."""

    batch: Batch
    start: int
    rows: NDArray[np.int64]


def arrange(
    issues: Issues, wanted: Wanted, project: Project, *, progress: Progress = SILENT
) -> Arranged:
    """Filter, group and sort.

    Raises
    ------
    Cancelled
        Between two slices of a long search.
    """
    words = _Words(project, progress)
    counts = dict.fromkeys(Severity, 0)
    kept = []
    start = 0
    for batch in issues.batches:
        rows = _matching(batch, wanted, words)
        counts[batch.rule.severity] += len(rows)
        if len(rows) and batch.rule.severity in wanted.severities:
            kept.append(_Kept(batch, start, rows))
        start += len(batch.findings)
    return _grouped(kept, wanted, words, counts)


def spot_of(issues: Issues, at: int) -> Spot:
    """Return what tells a finding from the others."""
    batch, row = batch_of(issues, at)
    findings = batch.findings
    return Spot(batch.rule.id, findings.layer, findings.uuids[row], findings.part_of(row))


def batch_of(issues: Issues, at: int) -> tuple[Batch, int]:
    """Return where a finding stands: its batch, and its row there."""
    for batch in issues.batches:
        if at < len(batch.findings):
            return batch, at
        at -= len(batch.findings)
    raise IndexError(at)


def find(issues: Issues, spot: Spot) -> int | None:
    """Return the position of a finding; None if it is no longer there."""
    start, wanted = 0, (spot.uuid or "", spot.part)
    for batch in issues.batches:
        findings = batch.findings
        if (batch.rule.id, findings.layer) == (spot.rule, spot.layer):
            key = partial(_identity, findings)
            row = bisect_left(range(len(findings)), wanted, key=key)
            if row < len(findings) and key(row) == wanted:
                return start + row
        start += len(findings)
    return None


def _identity(findings: Findings, row: int) -> tuple[str, str]:
    """Return what a batch is sorted by."""
    return findings.uuids[row] or "", findings.part_of(row)


def by_layer(issues: Issues) -> dict[str, dict[Severity, int]]:
    """Count by layer and severity."""
    counts: dict[str, dict[Severity, int]] = defaultdict(lambda: dict.fromkeys(Severity, 0))
    for batch in issues.batches:
        counts[batch.findings.layer][batch.rule.severity] += len(batch.findings)
    return dict(counts)


def places(issues: Issues) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return where all findings lie, shape (n, 2), and how bad they are, the worst being 0."""
    findings = [batch.findings for batch in issues.batches]
    ranks = [_WORST_FIRST.index(batch.rule.severity) for batch in issues.batches]
    xy = np.concatenate([np.empty((0, 2)), *(one.xy for one in findings)])
    return xy, np.repeat(np.array(ranks, np.uint8), [len(one) for one in findings])


class _Words:
    """Words of the features, read once a layer and kind."""

    def __init__(self, project: Project, progress: Progress) -> None:
        self.project, self.progress = project, progress
        self._read: dict[tuple[str, str], FeatureWords] = {}

    def of(self, layer: str, kind: str) -> FeatureWords:
        if (layer, kind) not in self._read:
            self.progress.check()
            read = words_of(self.project, layer, kind, progress=self.progress)
            self._read[layer, kind] = read
        return self._read[layer, kind]


# -- which ---------------------------------------------------------------------------------------


def _matching(batch: Batch, wanted: Wanted, words: _Words) -> NDArray[np.int64]:
    """Return the rows that are asked for, whatever their severity."""
    findings, none = batch.findings, np.empty(0, np.int64)
    if wanted.layer not in (None, findings.layer):
        return none
    rows = np.arange(len(findings), dtype=np.int64)
    if wanted.only is not None:
        layer, fids = wanted.only
        if layer != findings.layer:
            return none
        rows = rows[np.isin(findings.fids, fids)]
    if wanted.extent is not None:
        left, bottom, right, top = wanted.extent
        x, y = findings.xy[rows, 0], findings.xy[rows, 1]
        rows = rows[(x >= left) & (x <= right) & (y >= bottom) & (y <= top)]
    if wanted.text and len(rows):
        rows = _saying(batch, rows, wanted.text.casefold(), words)
    return rows


def _saying(batch: Batch, rows: NDArray[np.int64], text: str, words: _Words) -> NDArray[np.int64]:
    rule, layer = batch.rule, batch.findings.layer
    catalogue = words.project.catalogue
    about = (rule.title, rule.id, rule.ref, layer_label(layer, catalogue))
    if any(text in said.casefold() for said in about):
        return rows
    names = words.of(layer, NAME)
    named = np.array([text in name.casefold() for name in names.values] + [False])
    meets = named[names.codes_of(batch.findings.fids[rows])]
    say = partial(message, rule, layer, catalogue=catalogue)
    left = np.flatnonzero(~meets)
    meets[left] = _messages_with(text, batch, rows[left], say, words.progress)
    return np.asarray(rows[meets])


def _messages_with(
    text: str,
    batch: Batch,
    rows: NDArray[np.int64],
    say: Callable[..., str],
    progress: Progress,
) -> NDArray[np.bool_]:
    """Say which messages hold a text; the same facts are put into words once."""
    found = np.zeros(len(rows), dtype=bool)
    known: dict[tuple[object, ...], bool] = {}
    facts = batch.findings.facts
    varying = {name: values for name, values in facts.items() if isinstance(values, np.ndarray)}
    for begin in range(0, len(rows), _SLICE):
        progress.check()
        if len(known) > _REMEMBERED:
            # A million of them would stop all threads while Python looks for garbage.
            known.clear()
        part = rows[begin : begin + _SLICE]
        columns = [values[part].tolist() for values in varying.values()]
        told = zip(*columns, strict=True) if columns else iter([()] * len(part))
        for at, values in enumerate(told, begin):
            if values not in known:
                said = say(facts={**facts, **dict(zip(varying, values, strict=True))})
                known[values] = text in said.casefold()
            found[at] = known[values]
    return found


# -- in which order ------------------------------------------------------------------------------


def _grouped(
    kept: Sequence[_Kept], wanted: Wanted, words: _Words, counts: Mapping[Severity, int]
) -> Arranged:
    by_top: dict[str, dict[str, list[_Kept]]] = defaultdict(lambda: defaultdict(list))
    for one in kept:
        for key, rows in _parted(one, wanted.grouping, words):
            by_top[key][one.batch.rule.id].append(_Kept(one.batch, one.start, rows))
    tops: list[Top] = []
    order: list[NDArray[np.int64]] = []
    start = 0
    for key, title in _in_order(by_top, wanted, words.project):
        groups = []
        for parts in _rules_in_order(by_top[key].values(), wanted):
            positions = _positions(parts, wanted, words)
            rule = parts[0].batch.rule
            groups.append(Group(rule, start, start + len(positions)))
            order.append(positions)
            start += len(positions)
        tops.append(Top(key, title, tuple(groups)))
    joined = np.concatenate(order) if order else np.empty(0, np.int64)
    return Arranged(joined, tuple(tops), counts)


def _parted(one: _Kept, grouping: str, words: _Words) -> Sequence[tuple[str, NDArray[np.int64]]]:
    """Cut what was found by one rule in one layer by what it is grouped by."""
    findings = one.batch.findings
    if grouping not in _OF_FEATURES:
        key = one.batch.rule.heading if grouping == "heading" else findings.layer
        return [(key, one.rows)]
    held = words.of(findings.layer, grouping)
    codes = held.codes_of(findings.fids[one.rows])
    by_code = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[by_code])) + 1
    named = (*held.values, "")
    return [
        (named[codes[part[0]]], one.rows[part]) for part in np.split(by_code, cuts) if len(part)
    ]


def _in_order(
    by_top: Mapping[str, Mapping[str, list[_Kept]]], wanted: Wanted, project: Project
) -> list[tuple[str, str]]:
    """Return key and title of what stands above the rules, in the order wanted."""
    titled = [(key, _top_title(key, wanted.grouping, project)) for key in by_top]
    count = {key: sum(map(_count, rules.values())) for key, rules in by_top.items()}
    if wanted.order == "title":
        titled.sort(key=lambda entry: entry[1], reverse=wanted.falling)
    elif wanted.order == "count":
        titled.sort(key=lambda entry: count[entry[0]], reverse=wanted.falling)
    elif wanted.grouping in _OF_FEATURES:
        titled.sort(key=lambda entry: (not entry[0], -count[entry[0]], entry[1]))
    else:
        usual = [*HEADINGS, *project.types]
        titled.sort(key=lambda entry: usual.index(entry[0]) if entry[0] in usual else len(usual))
    return titled


def _top_title(key: str, grouping: str, project: Project) -> str:
    if grouping == "heading":
        return _(HEADINGS.get(key, key))
    if grouping == "layer":
        return layer_label(key, project.catalogue)
    return key or _(_WITHOUT[grouping])


def _rules_in_order(several: Iterable[list[_Kept]], wanted: Wanted) -> list[list[_Kept]]:
    groups = list(several)
    if wanted.order == "title":
        groups.sort(key=lambda parts: parts[0].batch.rule.title, reverse=wanted.falling)
    elif wanted.order == "count":
        groups.sort(key=_count, reverse=wanted.falling)
    else:
        groups.sort(
            key=lambda parts: (_WORST_FIRST.index(parts[0].batch.rule.severity), -_count(parts))
        )
    return groups


def _count(parts: Sequence[_Kept]) -> int:
    return sum(len(part.rows) for part in parts)


def _positions(parts: Sequence[_Kept], wanted: Wanted, words: _Words) -> NDArray[np.int64]:
    positions = np.concatenate([part.start + part.rows for part in parts])
    if wanted.order != "feature":
        return positions
    names: list[str] = []
    coded = []
    for part in parts:
        held = words.of(part.batch.findings.layer, NAME)
        codes = held.codes_of(part.batch.findings.fids[part.rows])
        coded.append(np.where(codes < 0, -1, codes + len(names)))
        names += held.values
    ranks = np.empty(len(names) + 1, np.int64)
    ranks[np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)] = np.arange(
        len(names)
    )
    # What has no name stands last, whichever way round.
    ranks[-1] = -1 if wanted.falling else len(names)
    sorts = ranks[np.concatenate(coded)]
    return positions[np.argsort(-sorts if wanted.falling else sorts, kind="stable")]
