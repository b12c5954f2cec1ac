"""Pipe surveys: point and line tables become manholes, pipe points and pipes that know their nodes.

Tables as CJJ 61 surveys deliver them: a workbook with one sheet of points and one of lines, or
more of each; two text files; or one table in which each point names the next (点线合一). A point is
known by its number within its own tables first, then in the whole survey, then in the project.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import linking, marks, places, records, survey_kinds, updating, usable
from hjgis.exchange.differences import LayerUpdate, Update
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.importing import ImportPlan, first_problems
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.matching import Incoming, together
from hjgis.exchange.placement import Placement
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import ImportReport, LayerImport, Problems
from hjgis.exchange.survey_tables import (
    SurveyTable,
    first_rows,
    is_whole,
    layout,
    line_rows,
    read_table,
    survey_tables,
)
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.crs import Transform
from hjgis.progress import SILENT, Progress

# What `--to` is given for a whole survey.
NETWORK: Final = "network"
_LINES: Final = "pipe_line"
_WELLS: Final = "manhole"
_POINTS: Final = "pipe_point"
# The field that says which kind of pipe a node belongs to.
_KIND_OF: Final = {_WELLS: "pipe_kind", _POINTS: "kind"}
Told = Mapping[str, "str | Column"]


def is_survey(source: Path, *, encoding: str | None = None, progress: Progress = SILENT) -> bool:
    """Whether a source holds tables of points and of lines that name them.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return is_whole(survey_tables(source, encoding, progress=progress))


def plan_survey(
    project: Project,
    source: Path,
    *,
    encoding: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    accept_ballpark: bool = False,
    common_points: Path | None = None,
    mapping: Told | None = None,
    progress: Progress = SILENT,
) -> ImportPlan:
    """Read a survey and say what would become of each row; nothing is stored.

    Parameters
    ----------
    x, y : str, optional
        Columns of east and north; by default those whose headings say so, X being north.
    mapping : mapping, optional
        Source column to field, of whichever of the tables has it.

    Raises
    ------
    InputError
        If the source is no survey or cannot be used.
    InputQuestion
        If something must be answered first.
    UsageError
        If a column that was told is in none of the tables.
    """
    progress.report(0, 4, _("reading"))
    found = survey_tables(source, encoding, x=x, y=y, progress=progress)
    if not is_whole(found):
        message = _("{path} holds no table of points and none of lines that names them.")
        raise InputError(message.format(path=source.name))
    read = [read_table(source, table, encoding, progress) for table in found]
    told = _told(read, mapping or {})
    progress.check()
    progress.report(1, 4, _("transforming"))
    said = {"crs": crs, "swap": swap, "as_is": as_is, "common_points": common_points}
    placement = _placement(project, source, read, said)
    if placement.question is not None:
        raise placement.question
    transform = places.transform_of(placement, project.crs, accept_ballpark=accept_ballpark)
    problems = first_problems(placement, transform)
    work = _Survey(project, source, transform, told, problems)
    updates = work.updates(found, _placed(read, placement), progress)
    progress.report(4, 4, _("done"))
    update = Update(project, source.name, updates, layout().label)
    report = work.report(update, placement, read[0].encoding.name, read[0].encoding.source)
    mark = marks.shifted(source, placement.shift)
    return ImportPlan(update.take_new(), report, work.taken, update, mark)


def place(
    project: Project,
    source: Path,
    *,
    encoding: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    common_points: Path | None = None,
    progress: Progress = SILENT,
) -> Placement:
    """Look where the points of a survey would land, all tables together; see `places.examine`."""
    found = survey_tables(source, encoding, x=x, y=y, progress=progress)
    read = [read_table(source, table, encoding, progress) for table in found]
    said = {"crs": crs, "swap": swap, "as_is": as_is, "common_points": common_points}
    return _placement(project, source, read, said)


def _told(read: Sequence[ForeignLayer], mapping: Told) -> list[Told]:
    """Return for each table what is told of its columns, its numbers among them."""
    known = {name for layer in read for name in layer.columns}
    unknown = set(mapping) - known
    if unknown:
        message = _("The source has no column {column}. It has: {columns}.")
        names = ", ".join(sorted(known))
        raise UsageError(message.format(column=min(unknown), columns=names))
    return [
        {name: target for name, target in mapping.items() if name in layer.columns}
        for layer in read
    ]


def _placement(
    project: Project, source: Path, read: Sequence[ForeignLayer], said: Mapping[str, Any]
) -> Placement:
    """Look where all points of a survey land, together."""
    geometry = np.concatenate([layer.geometry for layer in read])
    warnings = tuple(dict.fromkeys(text for layer in read for text in layer.warnings))
    whole = replace(
        read[0],
        name=source.stem,
        columns={},
        geometry=geometry,
        unreadable=np.zeros(len(geometry), dtype=bool),
        warnings=warnings,
        problems=tuple(
            replace(problem, message=f"{layer.name}: {problem.message}")
            for layer in read
            for problem in layer.problems
        ),
        spatial=True,
    )
    return places.examine(whole, project, source=source, to=_POINTS, **said)


def _placed(read: Sequence[ForeignLayer], placement: Placement) -> list[ForeignLayer]:
    """Return the tables with their points where they were found to be."""
    ends = np.cumsum([len(layer) for layer in read])[:-1]
    pieces = np.split(placement.layer.geometry, ends)
    return [replace(layer, geometry=piece) for layer, piece in zip(read, pieces, strict=True)]


# -- what becomes of them ----------------------------------------------------------------


@dataclass(slots=True)
class _Nodes:
    """Points by number: of which table, which feature, where."""

    by_number: dict[str, list[tuple[str, str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, number: Value, scope: str, uuid: str, spot: Any) -> None:
        """Keep a node."""
        if number is not None:
            self.by_number[str(number).strip()].append((scope, uuid, spot))

    def find(self, number: str, scope: str) -> list[tuple[str, Any]]:
        """Return the nodes of a number; those of the same pair of tables hide the others."""
        found = self.by_number.get(number, [])
        own = [entry for entry in found if entry[0] == scope]
        return [(uuid, spot) for _scope, uuid, spot in own or found]


class _Survey:
    """One survey on its way into a project."""

    def __init__(
        self,
        project: Project,
        source: Path,
        transform: Transform,
        told: list[Told],
        problems: Problems,
    ) -> None:
        self._project, self._source, self._transform = project, source, transform
        self._told, self._problems = told, problems
        self._nodes = _Nodes()
        self._read = self._kept = 0
        self.taken: dict[str, str] = {}

    def updates(
        self, found: Sequence[SurveyTable], read: Sequence[ForeignLayer], progress: Progress
    ) -> tuple[LayerUpdate, ...]:
        """Return what becomes of all tables: nodes first, then the lines between them."""
        together_ = list(zip(found, read, self._told, strict=True))
        kinds = survey_kinds.KindsOfPoints(self._project, together_)
        nodes: dict[str, list[tuple[str, Incoming]]] = {_WELLS: [], _POINTS: []}
        progress.report(2, 4, _("values"))
        for table, layer, told in together_:
            if table.number is not None:
                for asset, incoming in self._points_of(table, layer, told, kinds):
                    nodes[asset].append((table.scope, incoming))
        updates = [self._nodes_stored(asset, parts) for asset, parts in nodes.items() if parts]
        self._add_stored_nodes()
        progress.check()
        progress.report(3, 4, _("linking"))
        lines = [
            self._lines_of(table, layer, told)
            for table, layer, told in together_
            if table.ends is not None
        ]
        line_type = self._project.asset_type(_LINES)
        updates.append(self._laid_beside(line_type, together(lines))[1])
        return tuple(updates)

    def report(self, update: Update, placement: Placement, encoding: str, how: str) -> ImportReport:
        """Return what became of all rows."""
        return ImportReport(
            source=self._source.name,
            layer=NETWORK,
            read=self._read,
            imported=update.new,
            rejected=self._read - self._kept,
            matched=update.matched,
            unchanged=update.unchanged,
            missing=update.count("missing"),
            encoding=encoding,
            encoding_source=how,
            crs=placement.crs.public_text if placement.crs else None,
            crs_source=placement.how,
            transform=self._transform.description,
            problems=self._problems.listed(),
            layers=tuple(
                LayerImport(part.asset.id, len(part.fresh_rows), part.matched, part.unchanged)
                for part in update.layers
            ),
        )

    # -- points --------------------------------------------------------------------------

    def _points_of(
        self, table: SurveyTable, layer: ForeignLayer, told: Told, kinds: survey_kinds.KindsOfPoints
    ) -> list[tuple[str, Incoming]]:
        """Return the manholes and the pipe points of a table."""
        assert table.number is not None
        problems = self._problems.of(table.name)
        point_type = self._project.asset_type(_POINTS)
        rows = first_rows(table, layer)
        kept, shapes = usable.records(layer, point_type, self._transform, problems, among=rows)
        self._read += len(rows)
        self._kept += len(kept)
        appendages = survey_kinds.appendages(self._project, layer, told)
        wells = np.array([survey_kinds.is_well(appendages[row]) for row in kept], dtype=bool)
        result: list[tuple[str, Incoming]] = []
        taken: dict[str, Column] = {}
        for asset_id, mine in ((_WELLS, wells), (_POINTS, ~wells)):
            asset = self._project.asset_type(asset_id)
            columns = self._columns(asset, layer, told, {table.number: "exp_no"})
            taken |= columns
            rows = kept[mine]
            if not len(rows):
                continue
            values, refused = records.values_of(
                self._project, asset, layer, columns, rows, problems
            )
            given = set(values)
            numbers = values.get("exp_no", [None] * len(rows))
            self._fill_kinds(asset, values, [kinds.of(table, n) for n in numbers])
            records.fill_source(asset, self._source.name, rows, values)
            uuids = records.given_identities(layer, rows)
            computed = frozenset(values) - given
            tolerance = self._tolerance_m()
            incoming = Incoming(rows, shapes[mine], values, uuids, refused, tolerance, computed)
            result.append((asset_id, incoming))
        spoken_for = {name: Column(name, "") for name in table.ends or ()}
        records.note_unmapped(layer, {**spoken_for, **taken}, problems)
        self.taken |= {name: column.field for name, column in taken.items()}
        return result

    def _fill_kinds(
        self, asset: AssetType, values: records.Values, kinds: Sequence[str | None]
    ) -> None:
        """Fill the kind of pipe, and of cover, where the table does not say it."""
        name = _KIND_OF[asset.id]
        if not survey_kinds.known(values.get(name)):
            values[name] = list(kinds)
        if asset.id != _WELLS or survey_kinds.known(values.get("cover_kind")):
            return
        appendages = values.get("appendage", [None] * len(kinds))
        covers = survey_kinds.covers(self._project.catalogue, appendages, values[name])
        values["cover_kind"] = covers
        count = sum(value is not None for value in covers)
        words = _("cover kind taken from appendage or pipe kind: {count}")
        self._problems.add(None, None, "derived", words.format(count=count), count=count)

    def _nodes_stored(self, asset_id: str, parts: Sequence[tuple[str, Incoming]]) -> LayerUpdate:
        """Lay points beside what is stored and remember which feature each number is."""
        asset = self._project.asset_type(asset_id)
        incoming = together([part for _scope, part in parts])
        uuids, update = self._laid_beside(asset, incoming)
        scopes = [scope for scope, part in parts for _row in part.rows]
        numbers = incoming.values.get("exp_no", [None] * len(uuids))
        for number, scope, uuid, spot in zip(
            numbers, scopes, uuids, incoming.geometry, strict=True
        ):
            self._nodes.add(number, scope, uuid, spot)
        return update

    def _add_stored_nodes(self) -> None:
        """Let lines end at nodes that the project has and the survey has not."""
        known = {uuid for found in self._nodes.by_number.values() for _s, uuid, _p in found}
        fresh = set(self._nodes.by_number)
        for layer in (_WELLS, _POINTS):
            table = self._project.table(layer, ["exp_no"])
            assert table.geometry is not None
            for uuid, number, spot in zip(
                table.uuids, table.columns["exp_no"], table.geometry, strict=True
            ):
                if uuid not in known and str(number).strip() not in fresh:
                    self._nodes.add(number, "", uuid, spot)

    # -- lines ---------------------------------------------------------------------------

    def _lines_of(self, table: SurveyTable, layer: ForeignLayer, told: Told) -> Incoming:
        """Return the pipes of a table, drawn between their nodes."""
        assert table.ends is not None
        problems = self._problems.of(table.name)
        asset = self._project.asset_type(_LINES)
        rows = line_rows(table, layer)
        placed, shapes, links = self._linked(table, layer, rows, problems)
        drawn = replace(layer, geometry=shapes, spatial=True)
        own = Transform(self._project.crs, self._project.crs)
        kept, shapes = usable.records(drawn, asset, own, problems, among=placed)
        self._read += len(rows)
        self._kept += len(kept)
        ends = dict(zip(table.ends, ("start_no", "end_no"), strict=True))
        columns = self._columns(asset, layer, told, ends)
        values, refused = records.values_of(self._project, asset, layer, columns, kept, problems)
        given = set(values)
        if not survey_kinds.known(values.get("kind")):
            values["kind"] = [survey_kinds.in_name(self._project.catalogue, table.name)] * len(kept)
        for name, nodes in zip(("from_node", "to_node"), links, strict=True):
            values[name] = [nodes[row] for row in kept]
        records.fill_source(asset, self._source.name, kept, values)
        if table.number is None:
            records.note_unmapped(layer, columns, problems)
        self.taken |= {name: column.field for name, column in columns.items()}
        linking.note_connected(values, problems)
        computed = frozenset(values) - given
        uuids = records.given_identities(layer, kept)
        return Incoming(kept, shapes, values, uuids, refused, self._tolerance_m(), computed)

    def _linked(
        self,
        table: SurveyTable,
        layer: ForeignLayer,
        rows: NDArray[np.intp],
        problems: Problems,
    ) -> tuple[NDArray[np.intp], NDArray[np.object_], tuple[list[Value], list[Value]]]:
        """Return the rows whose nodes are known, the lines between them and the nodes."""
        assert table.ends is not None
        shapes = np.full(len(layer), None, dtype=object)
        links: tuple[list[Value], list[Value]] = ([None] * len(layer), [None] * len(layer))
        columns = [layer.columns[end].tolist() for end in table.ends]
        kept = []
        for row in rows.tolist():
            spots = []
            for end, column, nodes in zip(table.ends, columns, links, strict=True):
                nodes[row], spot = self._node(row, end, column[row], table, problems)
                spots.append(spot)
            if all(spot is not None for spot in spots):
                shapes[row] = shapely.LineString([(spot.x, spot.y) for spot in spots])
                kept.append(row)
            else:
                words = _("left out: a pipe needs the places of both its points")
                problems.add(row + 1, None, "null-geometry", words)
        return np.array(kept, dtype=np.intp), shapes, links

    def _node(
        self, row: int, end: str, number: object, table: SurveyTable, problems: Problems
    ) -> tuple[str | None, Any]:
        """Return identity and place of the node that a row names; what is wrong is listed."""
        if is_null(number):
            problems.add(row + 1, end, "unresolved-node", _("no point number"))
            return None, None
        found = self._nodes.find(str(number).strip(), table.scope)
        if not found:
            text = _("point number {value} is unknown").format(value=number)
            problems.add(row + 1, end, "unresolved-node", text)
            return None, None
        uuid, spot = found[0]
        if len(found) == 1:
            return uuid, spot
        text = _("point number {value} is given {count} times, so the end is not connected")
        said = text.format(value=number, count=len(found))
        problems.add(row + 1, end, "unresolved-node", said)
        return None, spot

    # -- both ----------------------------------------------------------------------------

    def _columns(
        self, asset: AssetType, layer: ForeignLayer, told: Told, numbers: Mapping[str, str]
    ) -> dict[str, Column]:
        """Return the columns of a kind; those of the numbers are known by the layout."""
        fitting = {name: target for name, target in told.items() if _fits(asset, target)}
        return columns_for(asset, layer.columns, {**numbers, **fitting})

    def _laid_beside(self, asset: AssetType, incoming: Incoming) -> tuple[list[str], LayerUpdate]:
        file = updating.File(self._source.name, "utf-8", ())
        return updating.laid_beside(self._project, asset, incoming, file, self._problems)

    def _tolerance_m(self) -> float:
        return usable.tolerance_m(self._transform)


def _fits(asset: AssetType, target: str | Column) -> bool:
    name = target.field if isinstance(target, Column) else target
    return not name or asset.has(name)
