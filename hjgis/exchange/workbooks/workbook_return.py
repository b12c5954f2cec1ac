"""A workbook that was written here comes back: all its sheets laid beside what is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from hjgis.errors import InputError, UsageError
from hjgis.exchange import (
    sources,
    updating,
)
from hjgis.exchange.differences import LayerUpdate, Update
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.held import Held, tell
from hjgis.exchange.importing import ImportPlan
from hjgis.exchange.matching import together
from hjgis.exchange.report import ImportReport, LayerImport, Problems, from_ranges
from hjgis.exchange.returned import three_way
from hjgis.exchange.tables import BOOK_SUFFIXES
from hjgis.exchange.workbooks import workbook_sheets as sheets
from hjgis.exchange.workbooks.workbook_features import Rows
from hjgis.exchange.workbooks.workbook_places import Nodes
from hjgis.exchange.workbooks.workbook_rows import SheetRows
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.reading import LayerTable
from hjgis.models.records import LAYER as INSPECTIONS
from hjgis.progress import SILENT, Progress

# What the report says instead of one layer.
WORKBOOK: Final = "workbook"
_TITLE: Final = {"en": "Workbook", "zh_CN": "工作簿"}


def is_ours(source: Path, *, progress: Progress = SILENT) -> bool:
    """Whether a file is a workbook that says that it was written here.

    Raises
    ------
    InputError
        If it cannot be read.
    Cancelled
        If `progress` says so.
    """
    if source.suffix.casefold() not in BOOK_SUFFIXES:
        return False
    return sheets.ABOUT in sources.sheet_titles(source, progress=progress)


def plan_workbook(project: Project, source: Path, *, progress: Progress = SILENT) -> ImportPlan:
    """Read a workbook that `workbook_file` wrote and say what it would change; nothing is stored.

    Rows are known by their identity, then by number and place. A row without one is a new feature
    if it has a place: coordinates, or for a pipe the numbers of its points. What is not in the
    workbook stays as it is; rows that were taken out are missing.

    Raises
    ------
    UsageError
        If the workbook was not written here.
    InputError
        If it cannot be read, or holds nothing that the project has.
    Cancelled
        If `progress` says so.
    """
    progress.report(0, 3, _("reading"))
    book = Book.read(source, progress)
    if book is None:
        message = _(
            "{path} is no workbook that was written here: give either --to KIND or --as-reference"
            " NAME."
        )
        raise UsageError(message.format(path=source.name))
    work = book.on_its_way(project)
    progress.report(1, 3, _("values"))
    updates = work.updates(book.sheets, progress)
    if not updates:
        message = _("{path} holds nothing of a kind that this project has.")
        raise InputError(message.format(path=source.name))
    update = Update(project, source.name, updates, _TITLE)
    progress.report(3, 3, _("done"))
    return ImportPlan(update.take_new(), work.report(update), work.taken, update)


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """A workbook that was written here, as it came back.

    Attributes
    ----------
    sheets : sequence of ForeignLayer
    about : rows of cells
        What it says of itself.
    """

    source: Path
    sheets: Sequence[ForeignLayer]
    about: Sequence[Sequence[str]]

    @classmethod
    def read(cls, source: Path, progress: Progress) -> Book | None:
        """Read a workbook; None where it was not written here."""
        read, about = sources.read_book(source, progress=progress)
        return cls(source, read, about) if read else None

    def identities(self) -> dict[str, list[str]]:
        """Return the identities that the rows of each kind name, '' where they name none."""
        found: dict[str, list[str]] = defaultdict(list)
        for sheet in self.sheets:
            kind = _kind_of(sheet)
            title = next(
                (one for one in sheet.columns if sheets.read_key(one) == (kind, sheets.UUID)), ""
            )
            column = sheet.columns.get(title, [None] * len(sheet))
            found[kind] += [str(value or "").strip().lower() for value in column]
        return found

    def on_its_way(self, project: Project) -> _Return:
        """Return the work of laying it beside what is stored.

        Raises
        ------
        InputError
            If a newer program wrote it.
        """
        facts = _Facts.of(self.source, self.about)
        way = Transform(facts.crs or project.crs, project.crs)
        return _Return(project, self.source, way, facts)

    def laid_beside(
        self,
        project: Project,
        given: Mapping[str, LayerTable],
        problems: Problems,
        *,
        seed: str,
        progress: Progress,
    ) -> tuple[LayerUpdate, ...]:
        """Return what was changed in it since it was given away; see `returned.three_way`.

        Parameters
        ----------
        given : mapping of str to LayerTable
            What was given away of each kind, with all its fields; others are left out.
        """
        work = replace(self.on_its_way(project), problems=problems, given=given, seed=seed)
        known = [sheet for sheet in self.sheets if _kind_of(sheet) in given]
        return work.updates(known, progress)


def _nothing_follows() -> str:
    return _(
        "What records say is not taken over into the state and the last inspection of their assets."
    )


def _kind_of(sheet: ForeignLayer) -> str:
    """Return what most columns of a sheet say that it holds."""
    named = Counter(key[0] for title in sheet.columns if (key := sheets.read_key(title)))
    return named.most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the workbook says of itself; None where that sheet is gone.

    Attributes
    ----------
    rows : mapping of str to list of (int, int)
        Layer to the runs of fids that went out.
    """

    crs: Crs | None
    rows: Mapping[str, list[tuple[int, int]]]

    @classmethod
    def of(cls, source: Path, about: Sequence[Sequence[str]]) -> _Facts:
        said = {row[0]: row[1] for row in about if row[0] in ("format", "crs")}
        if said.get("format", "").isdecimal() and int(said["format"]) > sheets.FORMAT:
            message = _("{path} was written by a newer version of this program; update it.")
            raise InputError(message.format(path=source.name))
        texts: dict[str, str] = defaultdict(str)
        for row in about:
            if row[0] == "rows":
                texts[row[1]] += row[2]
        try:
            rows = {layer: from_ranges(text) for layer, text in texts.items()}
        except ValueError:
            # Somebody has written into it: then what is missing is told as of any other file.
            rows = {}
        return cls(parse_crs(said["crs"]) if said.get("crs") else None, rows)


@dataclass(slots=True)
class _Return:
    """One workbook on its way into a project.

    Attributes
    ----------
    given : mapping of str to LayerTable, optional
        What was given away of each kind: with it the workbook is laid beside that.
    seed : str
        Identity of the delivery then.
    """

    project: Project
    source: Path
    transform: Transform
    facts: _Facts
    problems: Problems = field(default_factory=Problems)
    taken: dict[str, str] = field(default_factory=dict)
    read: int = 0
    kept: int = 0
    nodes: Nodes = field(default_factory=Nodes)
    given: Mapping[str, LayerTable] | None = None
    seed: str = ""

    def updates(self, read: Sequence[ForeignLayer], progress: Progress) -> tuple[LayerUpdate, ...]:
        """Return what becomes of all sheets: nodes first, then lines, then records."""
        if self.facts.crs is None:
            words = _("The sheet about the workbook is gone; coordinates are taken to be in {crs}.")
            said = words.format(crs=self.project.crs.called)
            self.problems.add(None, None, "assumed-crs", said)
        kinds = self._by_kind(read)
        order = sorted(kinds, key=lambda kind: (self._is_record(kind), self._is_line(kind)))
        updates = []
        for number, kind in enumerate(order):
            progress.check()
            progress.report(number, len(order), kind)
            update = self._update(self.project.asset_type(kind), kinds[kind])
            if update is not None:
                updates.append(update)
        return tuple(updates)

    def report(self, update: Update) -> ImportReport:
        """Return what became of all rows."""
        crs = self.transform.source
        return ImportReport(
            source=self.source.name,
            layer=WORKBOOK,
            read=self.read,
            imported=update.new,
            rejected=self.read - self.kept,
            matched=update.matched,
            unchanged=update.unchanged,
            missing=update.count("missing"),
            encoding="utf-8",
            encoding_source="format",
            crs=crs.public_text,
            crs_source="file" if self.facts.crs else "assumed",
            transform=self.transform.description,
            problems=self.problems.listed(),
            layers=tuple(
                LayerImport(part.asset.id, len(part.fresh_rows), part.matched, part.unchanged)
                for part in update.layers
            ),
        )

    def _is_record(self, kind: str) -> bool:
        return self.project.asset_type(kind).is_record

    def _is_line(self, kind: str) -> bool:
        return bool(self.project.asset_type(kind).ends_on)

    def _by_kind(self, read: Sequence[ForeignLayer]) -> dict[str, list[ForeignLayer]]:
        """Return the sheets of each kind that the project has; a sheet is what most columns say."""
        kinds: dict[str, list[ForeignLayer]] = defaultdict(list)
        for layer in read:
            kind = _kind_of(layer)
            if kind in self.project.types:
                kinds[kind].append(layer)
            else:
                words = _("{sheet}: the project has no layer {name}, so nothing is taken of it")
                said = words.format(sheet=layer.name, name=kind)
                self.problems.add(None, None, "unmapped", said)
        return kinds

    def _update(self, asset: AssetType, read: Sequence[ForeignLayer]) -> LayerUpdate | None:
        """Return what the sheets of one kind change; None where nothing is left in them."""
        held = Held()
        called = " + ".join(layer.name for layer in read)
        problems = self.problems.of(called)
        parts = [
            SheetRows(self.project, asset, layer, self.transform, problems, held) for layer in read
        ]
        incoming = together([part.incoming() for part in parts])
        went = self._went(asset)
        self.read += len(incoming)
        if not len(incoming) and not went:
            return None
        rows = Rows(
            self.project, asset, incoming, problems,
            source=self.source.name, nodes=self.nodes,
            given=None if self.given is None else self.given[asset.id],
        )  # fmt: skip
        incoming = rows.settled()
        self.kept += len(incoming)
        file = updating.File(self.source.name, "utf-8", (), places=False, held=went)
        if self.given is None:
            uuids, update = updating.laid_beside(self.project, asset, incoming, file, problems)
        else:
            uuids, update = three_way(
                self.project, asset, incoming, rows.stored, file, problems, seed=self.seed
            )
        fields = {title: column for part in parts for title, column in part.fields.items()}
        self.taken |= {title: column.field for title, column in fields.items()}
        tell(self.project, asset, held, fields, incoming, rows.stored, update, problems)
        if asset.id == INSPECTIONS and (update.fresh_rows or update.differing):
            problems.add(None, None, "warning", _nothing_follows())
        number = asset.topology.number
        if number is not None:
            numbers = incoming.values.get(number, [None] * len(incoming))
            self.nodes.add(uuids, numbers, incoming.geometry.tolist())
        return update

    def _went(self, asset: AssetType) -> set[str] | None:
        """Return the identities of the rows that went out and are still stored."""
        runs = self.facts.rows.get(asset.id)
        if not runs:
            return None
        table = self.project.table(asset.id, [], geometry=False)
        low, high = np.array(runs).T
        run = np.searchsorted(low, table.fids, side="right") - 1
        return set(table.uuids[(run >= 0) & (table.fids <= high[run])].tolist())
