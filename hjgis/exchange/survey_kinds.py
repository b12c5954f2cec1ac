"""What a pipe survey says of kinds without saying so.

Which points are manholes, under which cover, and of which kind of pipe.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.profiles import Column
from hjgis.exchange.survey_tables import SurveyTable, layout
from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue, Code, Value

Told = Mapping[str, "str | Column"]


def is_well(appendage: Code | None) -> bool:
    """Whether a point with this appendage is a manhole."""
    return appendage is not None and any(map(appendage.extra.get, layout().to_manhole))


def appendages(project: Project, layer: ForeignLayer, told: Told) -> list[Code | None]:
    """Return what stands on each point of a table, None where nothing known does."""
    columns = columns_for(project.asset_type("pipe_point"), layer.columns, told)
    source = next((c.source for c in columns.values() if c.field == "appendage"), None)
    if source is None:
        return [None] * len(layer)
    codes = project.catalogue.codes("point_appendage")
    texts = ["" if is_null(value) else str(value) for value in layer.columns[source].tolist()]
    known = {text: codes.get(codes.parse(text)) for text in set(texts)}
    return [known[text] for text in texts]


def covers(
    catalogue: Catalogue, appendages: Sequence[Value], kinds: Sequence[Value]
) -> list[Value]:
    """Return the kind of cover of manholes by what they are called, else by their pipes."""
    words = catalogue.codes("manhole_kind")
    by_kind = {kind: _cover_over(catalogue, kind) for kind in set(kinds)}
    by_word = {word: words.parse(str(word)) for word in set(appendages)}
    return [by_word[word] or by_kind[kind] for word, kind in zip(appendages, kinds, strict=True)]


class KindsOfPoints:
    """Which kind of pipe most lines have that name a point: those of the same pair of tables."""

    def __init__(
        self, project: Project, tables: Sequence[tuple[SurveyTable, ForeignLayer, Told]]
    ) -> None:
        votes: dict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
        for table, layer, told in tables:
            kinds = _of_lines(project, table, layer, told) if table.ends else []
            for end in table.ends or ():
                for number, kind in zip(layer.columns[end].tolist(), kinds, strict=True):
                    if kind is not None and not is_null(number):
                        votes[table.scope, str(number).strip()][kind] += 1
                        votes[None, str(number).strip()][kind] += 1
        self._kinds = {key: counted.most_common(1)[0][0] for key, counted in votes.items()}

    def of(self, table: SurveyTable, number: Value) -> str | None:
        """Return the kind of pipe at a point of a table, None if no line names it."""
        key = str(number).strip()
        return self._kinds.get((table.scope, key)) or self._kinds.get((None, key))


def in_name(catalogue: Catalogue, name: str) -> str | None:
    """Return the kind of pipe that a table is named after: WSLINE, 雨水线表."""
    for code in catalogue.codes("pipe_kind").codes:
        words = (code.label["zh_CN"], *code.aliases)
        if name.upper().startswith(code.code) or any(word in name for word in words):
            return code.code
    return None


def known(values: Sequence[Value] | None) -> bool:
    """Whether a column says anything."""
    return values is not None and any(value is not None for value in values)


def _of_lines(
    project: Project, table: SurveyTable, layer: ForeignLayer, told: Told
) -> list[str | None]:
    columns = columns_for(project.asset_type("pipe_line"), layer.columns, told)
    column = next((c for c in columns.values() if c.field == "kind"), None)
    if column is None:
        return [in_name(project.catalogue, table.name)] * len(layer)
    codes = project.catalogue.codes("pipe_kind")
    texts = ["" if is_null(v) else str(v) for v in layer.columns[column.source].tolist()]
    kinds = {text: codes.parse(column.values.get(text, text)) for text in set(texts)}
    return [kinds[text] for text in texts]


def _cover_over(catalogue: Catalogue, kind: Value) -> str | None:
    """Return the cover that usually lies over a well of a kind of pipe."""
    pipe = catalogue.codes("pipe_kind").get(kind)
    major = pipe.extra.get("major") if pipe is not None else None
    for cover in catalogue.codes("manhole_kind").codes:
        kinds: Any = cover.extra.get("pipe_kinds", ())
        majors: Any = cover.extra.get("pipe_majors", ())
        if not cover.extra.get("grate") and (kind in kinds or (not kinds and major in majors)):
            return cover.code
    return None
