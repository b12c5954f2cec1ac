"""Finds features by any of their words, while one types; follows every change.

What was read from the file is immutable and made by `read_texts` in a thread of its own; rows that
were edited since stand beside it, looked at one by one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.layers import search_file
from hjgis.layers.project import Project
from hjgis.layers.search_columns import BEGIN, END, INSIDE, WHOLE, Part, grades_of
from hjgis.layers.search_reading import LayerTexts, Source, Texts, read_texts, signature_of
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import Announcement, LayerDelta
from hjgis.models.search import (
    beside,
    field_forms,
    naming_fields,
    searched_fields,
    shown,
    spans,
    title_of,
    typed_forms,
    variants,
    words_of,
)
from hjgis.progress import SILENT, Progress

Fids = NDArray[np.int64]
# An edit of so many rows is read at once, in milliseconds; what is more is read in the background.
_READ_AT_ONCE: Final = 200
# So many edited rows, and they are read in the background: each costs a search some microseconds.
_BESIDE_AT_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One feature that was found.

    Attributes
    ----------
    title : str
        What it is called; empty where nothing names it.
    place : str
        Where it is and who looks after it, in a line.
    field : str
        The field whose value was met where title and place do not show it; otherwise empty.
    matched : str
        That value.
    grade : int
        How well it was met; larger is better.
    values : mapping
        All of its values.
    """

    layer: str
    fid: int
    uuid: str
    title: str
    place: str
    field: str
    matched: str
    grade: int
    values: Mapping[str, Value] = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class LayerHits:
    """What was found in a layer: how many features, and the best of them."""

    layer: str
    count: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ValueHits:
    """A value that was found, such as a unit's or a road's name, and how many rows have it."""

    layer: str
    field: str
    value: str
    count: int


@dataclass(slots=True)
class _Edits:
    """Rows of a layer that are not as they were read.

    Attributes
    ----------
    rows : dict of int to (int, dict or None)
        When it was heard of, and the forms of its texts by field; None where it is gone.
    behind : int
        When a change was heard of that is too large to look at; 0: never.
    """

    rows: dict[int, tuple[int, dict[str, str] | None]] = dataclasses.field(default_factory=dict)
    behind: int = 0


class SearchIndex:
    """What can be found in one open project. Belongs to the thread of the project.

    It is empty until `take` gets what `work` has read; `follow` must hear of every change.

    Parameters
    ----------
    folder : Path, optional
        Of the cache.
    """

    def __init__(self, project: Project, folder: Path | None = None) -> None:
        self._project = project
        self._file = search_file.file_for(
            folder or paths.cache_dir(), project.info("project_uuid") or "", project.path
        )
        self._texts: Texts | None = None
        self._edits: dict[str, _Edits] = {}
        self._heard = self._begun = 0
        self._stale = False

    # -- reading -------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether all layers can be searched."""
        return all(map(self.has, self._project.types))

    @property
    def has_nothing(self) -> bool:
        """Whether nothing has been read yet."""
        return self._texts is None

    def has(self, layer: str) -> bool:
        """Whether a layer can be searched, as it is now."""
        if self._texts is None or layer not in self._texts.layers:
            return False
        return not self._edits_of(layer).behind

    @property
    def wants_work(self) -> bool:
        """Whether `work` should be done: there is nothing yet, or much has been changed."""
        beside_ = sum(len(edits.rows) for edits in self._edits.values())
        return not self.is_ready or self._stale or beside_ > _BESIDE_AT_MOST

    def work(self) -> Callable[[Progress, Callable[[Texts], None] | None], Texts]:
        """Return the function that reads the project, for a thread of its own.

        It takes a progress and, optionally, what is told of the layers that are read, each time
        one more is (for `take_partly`, the first time only); its result is for `take`.
        """
        self._begun, self._stale = self._heard, False
        project = self._project
        source = Source(project.path, dict(project.types), project.catalogue)
        return partial(_bring_up, source, self._file, self._texts)

    def take_partly(self, texts: Texts) -> None:
        """Search in what has been read so far."""
        self._texts = texts

    def take(self, texts: Texts) -> None:
        """Search in what was read; edits that it has already stand beside it no longer."""
        self._texts = texts
        for edits in self._edits.values():
            edits.rows = {fid: entry for fid, entry in edits.rows.items() if entry[0] > self._begun}
            if edits.behind <= self._begun:
                edits.behind = 0

    def build(self, progress: Progress = SILENT) -> None:
        """Read all at once, in this thread."""
        self.take(self.work()(progress, None))

    def look_again(self) -> None:
        """Hear that somebody else has written to the file, and nothing else about it."""
        self._stale = True

    def follow(self, announcement: Announcement) -> None:
        """Take up a change."""
        self._heard += 1
        for layer, delta in announcement.layers.items():
            if layer in self._project.types:
                self._follow(self._project.asset_type(layer), delta)
        if announcement.facts and self._texts is not None:
            # The code lists may be others now.
            for layer, held in self._texts.layers.items():
                if layer in self._project.types:
                    asset = self._project.asset_type(layer)
                    if held.signature != signature_of(asset, self._project.catalogue):
                        self._edits_of(layer).behind = self._heard

    def _follow(self, asset: AssetType, delta: LayerDelta) -> None:
        names = {one.name for one in searched_fields(asset)}
        updated = delta.updated if names & delta.fields else delta.updated[:0]
        changed = np.concatenate((delta.inserted, updated))
        edits = self._edits_of(asset.id)
        if len(changed) + len(delta.deleted) > _READ_AT_ONCE:
            edits.behind = self._heard
            return
        for fid in delta.deleted.tolist():
            edits.rows[fid] = (self._heard, None)
        if len(changed):
            table = self._project.table(
                asset.id, sorted(names), fids=changed.tolist(), geometry=False
            )
            for row, fid in enumerate(table.fids.tolist()):
                values = {name: column[row] for name, column in table.columns.items()}
                edits.rows[fid] = (self._heard, _forms(asset, values, self._project.catalogue))

    def _edits_of(self, layer: str) -> _Edits:
        return self._edits.setdefault(layer, _Edits())

    # -- finding -------------------------------------------------------------------------

    def fids(self, layer: str, text: str) -> Fids | None:
        """Return the rows of a layer in which every word of a text occurs, rising.

        Returns
        -------
        array of int64, or None
            None where the layer cannot be searched yet, or nothing in the text can be searched
            for; a text of signs only, for example.
        """
        words = self._words(layer, text)
        if not words or not self.has(layer):
            return None
        edits = self._edits_of(layer).rows
        parts = self._parts(layer)
        all_grades = grades_of(parts, words)
        found = [part.fids[grades > 0] for part, grades in zip(parts, all_grades, strict=True)]
        edited = [fid for fid, (_when, texts) in edits.items() if _met(words, texts)]
        some = [lot for lot in (*found, np.array(sorted(edited), np.int64)) if len(lot)]
        fids = np.concatenate(some) if some else np.empty(0, np.int64)
        # Each lot rises; mostly one also begins where the one before it ends.
        in_order = all(one[-1] < other[0] for one, other in pairwise(some))
        return fids if in_order else np.sort(fids)

    def find(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the features in which every word of a text occurs, the best first.

        Layers that cannot be searched yet are left out; see `has`.
        """
        hits = [hit for found in self.groups(text, limit) for hit in found.hits]
        return sorted(hits, key=lambda hit: -hit.grade)[:limit]

    def groups(self, text: str, limit: int, layers: Iterable[str] | None = None) -> list[LayerHits]:
        """Return what is found by layer: how many features, and the best `limit` of them.

        The layer with the best hit comes first.
        """
        result = []
        for layer in self._project.types if layers is None else layers:
            words = self._words(layer, text)
            if words and self.has(layer):
                count, fids, grades = self._best(layer, words, limit)
                if count:
                    hits = self._hits(layer, fids, grades, words_of(text))
                    result.append(LayerHits(layer, count, hits))
        return sorted(result, key=lambda found: -found.hits[0].grade if found.hits else 0)

    def values(self, fields: Sequence[str], text: str, limit: int) -> list[ValueHits]:
        """Return the values of some fields in which every word of a text occurs.

        Those of most rows come first, at most `limit` of each field of a layer. Rows that were
        edited since the file was read are counted too.
        """
        result: list[ValueHits] = []
        for layer, asset in self._project.types.items():
            words = self._words(layer, text)
            for name in fields if words and self.has(layer) else ():
                if asset.has(name):
                    result += self._values_of(asset, name, words, limit)
        return sorted(result, key=lambda hit: -hit.count)

    def _values_of(
        self, asset: AssetType, name: str, words: Sequence[Sequence[str]], limit: int
    ) -> list[ValueHits]:
        # By text: who knows a row that has it, and how many rows have.
        found: dict[str, tuple[Callable[[], int], int]] = {}
        for part in self._parts(asset.id):
            samples = part.samples(name, words) if name in part.columns else {}
            for text, (value, count) in samples.items():
                more = found[text][1] if text in found else 0
                found[text] = (partial(part.fid_of, name, value), count + more)
        for fid, (_when, texts) in self._edits_of(asset.id).rows.items():
            text = texts.get(name, "") if texts is not None else ""
            if _met(words, {name: text}):
                more = found[text][1] if text in found else 0
                found[text] = (partial(int, fid), 1 + more)
        first = sorted(found.values(), key=lambda one: -one[1])[:limit]
        best = {fid_of(): count for fid_of, count in first}
        if not best:
            return []
        table = self._project.table(asset.id, [name], fids=[*best], geometry=False)
        return [
            ValueHits(asset.id, name, str(value), best[fid])
            for fid, value in zip(table.fids.tolist(), table.columns[name], strict=True)
        ]

    def _best(
        self, layer: str, words: Sequence[Sequence[str]], limit: int
    ) -> tuple[int, Fids, NDArray[np.uint8]]:
        """Return how many rows of a layer are met, and the best with their grades."""
        naming = naming_fields(self._project.asset_type(layer))
        count = 0
        fids: list[Fids] = []
        grades: list[NDArray[np.uint8]] = []
        parts = self._parts(layer)
        for part, met in zip(parts, grades_of(parts, words, naming), strict=True):
            count += int(np.count_nonzero(met))
            rows = _best_rows(met, limit)
            fids.append(part.fids[rows])
            grades.append(met[rows])
        for fid, (_when, texts) in self._edits_of(layer).rows.items():
            grade = _grade(words, texts, naming)
            if grade:
                count += 1
                fids.append(np.array([fid], np.int64))
                grades.append(np.array([grade], np.uint8))
        if not count:
            return 0, np.empty(0, np.int64), np.empty(0, np.uint8)
        found, how = np.concatenate(fids), np.concatenate(grades)
        best = np.lexsort((found, -how.astype(np.int64)))[:limit]
        return count, found[best], how[best]

    def _parts(self, layer: str) -> list[Part]:
        """Return what was read of a layer, without the rows that stand beside it."""
        assert self._texts is not None
        edited = np.array(sorted(self._edits_of(layer).rows), np.int64)
        held: LayerTexts = self._texts.layers[layer]
        return [part.without(edited) if len(edited) else part for part in held.parts]

    def _words(self, layer: str, text: str) -> list[tuple[str, ...]]:
        asset, catalogue = self._project.asset_type(layer), self._project.catalogue
        return [variants(word, asset, catalogue) for word in words_of(text)]

    def _hits(
        self, layer: str, fids: Fids, grades: NDArray[np.uint8], words: Sequence[str]
    ) -> tuple[Hit, ...]:
        asset, catalogue = self._project.asset_type(layer), self._project.catalogue
        table = self._project.table(layer, fids=fids.tolist(), geometry=False)
        row_of = {fid: row for row, fid in enumerate(table.fids.tolist())}
        hits = []
        for fid, grade in zip(fids.tolist(), grades.tolist(), strict=True):
            row = row_of.get(fid)
            if row is None:
                # Another program has deleted it; the next look at the file tells.
                continue
            values = {name: column[row] for name, column in table.columns.items()}
            title = title_of(asset, values, catalogue)
            place = beside(asset, values, title)
            name, matched = _other_match(asset, values, catalogue, words, f"{title} {place}")
            uuid = str(table.uuids[row])
            hits.append(Hit(layer, fid, uuid, title, place, name, matched, grade, values))
        return tuple(hits)


def _bring_up(
    source: Source,
    file: Path,
    known: Texts | None,
    progress: Progress,
    arrived: Callable[[Texts], None] | None,
) -> Texts:
    """Read what is not known, neither from before nor from the cache; keep it there."""
    begun = known if known is not None else search_file.load(file)
    texts = read_texts(source, begun, progress, arrived=arrived)
    if texts.fresh and search_file.save(texts, file):
        # Mapped from the file it costs no memory of its own.
        return search_file.load(file) or texts
    return texts


def _forms(asset: AssetType, values: Mapping[str, Value], catalogue: Catalogue) -> dict[str, str]:
    return {
        one.name: text
        for one in searched_fields(asset)
        if (text := field_forms(one, values.get(one.name), catalogue))
    }


def _met(words: Sequence[Sequence[str]], texts: Mapping[str, str] | None) -> bool:
    if texts is None:
        return False
    return all(
        any(variant in text for variant in word for text in texts.values()) for word in words
    )


def _grade(
    words: Sequence[Sequence[str]], texts: Mapping[str, str] | None, naming: frozenset[str]
) -> int:
    """Return how well a row is met, as `Part.grades` does; 0 where a word does not occur."""
    if texts is None:
        return 0
    return min(
        max(
            (
                _grade_of(variant, text) + (name in naming)
                for variant in word
                for name, text in texts.items()
                if variant in text
            ),
            default=0,
        )
        for word in words
    )


def _grade_of(word: str, text: str) -> int:
    inside = f" {text} "
    if f" {word} " in inside:
        return WHOLE
    if f" {word}" in inside:
        return BEGIN
    return END if f"{word} " in inside else INSIDE


def _best_rows(grades: NDArray[np.uint8], limit: int) -> Fids:
    """Return the places of the best grades, the best first, of equals the first."""
    found: list[Fids] = []
    for grade in range(int(grades.max(initial=0)), 0, -1):
        if limit <= 0:
            break
        found.append(np.flatnonzero(grades == grade)[:limit])
        limit -= len(found[-1])
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _other_match(
    asset: AssetType,
    values: Mapping[str, Value],
    catalogue: Catalogue,
    words: Sequence[str],
    seen: str,
) -> tuple[str, str]:
    """Return field and value that a word meets and that is not seen anyway; empty if none."""
    unseen = [word for word in words if not spans(seen, [word])]
    for one in searched_fields(asset) if unseen else ():
        value = values.get(one.name)
        if value is None or shown(one, value, catalogue) in seen:
            continue
        texts = field_forms(one, value, catalogue)
        if any(form in texts for word in unseen for form in typed_forms(word)):
            return one.name, shown(one, value, catalogue)
    return "", ""
