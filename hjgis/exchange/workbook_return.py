"""A workbook that was written here comes back: all its sheets laid beside what is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import (
    matching,
    record_import,
    sources,
    updating,
    workbook_places,
)
from hjgis.exchange import workbook_sheets as sheets
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.held import Held, tell
from hjgis.exchange.importing import ImportPlan
from hjgis.exchange.matching import Incoming, same_value, together
from hjgis.exchange.report import ImportReport, LayerImport, Problems, from_ranges
from hjgis.exchange.returned import three_way
from hjgis.exchange.tables import BOOK_SUFFIXES
from hjgis.exchange.updating import LayerUpdate, Update
from hjgis.exchange.workbook_places import Nodes
from hjgis.exchange.workbook_rows import SAYS_UNKNOWN, SheetRows
from hjgis.exchange.workbook_sheets import Cells
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import unknown
from hjgis.models.assets import RECORD_OF, AssetType, Value
from hjgis.models.changes import FeatureKey
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
    read, about = sources.read_book(source, progress=progress)
    if not read:
        message = _(
            "{path} is no workbook that was written here: give either --to KIND or --as-reference"
            " NAME."
        )
        raise UsageError(message.format(path=source.name))
    facts = _Facts.of(source, about)
    crs = facts.crs or project.crs
    work = _Return(project, source, Transform(crs, project.crs), facts)
    progress.report(1, 3, _("values"))
    updates = work.updates(read, progress)
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
        facts = _Facts.of(self.source, self.about)
        way = Transform(facts.crs or project.crs, project.crs)
        work = _Return(project, self.source, way, facts, problems, given=given, seed=seed)
        known = [sheet for sheet in self.sheets if _kind_of(sheet) in given]
        return work.updates(known, progress)


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
            said = words.format(crs=self.project.crs.name)
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
        rows = _Rows(self, asset, incoming, problems)
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
            words = _(
                "What records say is not taken over into the state and the last inspection of their"
                " assets."
            )
            problems.add(None, None, "warning", words)
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


class _Rows:
    """The rows of one kind: which features they are, and what of them can be taken."""

    def __init__(
        self, whole: _Return, asset: AssetType, incoming: Incoming, problems: Problems
    ) -> None:
        self._whole, self._project, self._asset = whole, whole.project, asset
        self._incoming, self._problems = incoming, problems
        self.stored = self._table()
        self._found: NDArray[np.int64] = np.full(len(incoming), -1, dtype=np.int64)

    def settled(self) -> Incoming:
        """Return the rows that can be taken, with the places and identities that they have."""
        self._part_copies()
        if len(self.stored.fids):
            self._found = matching.pairs(self._asset, self._bare(), self.stored)
            self._adopt()
            self._keep_what_writing_spoilt()
        self._say_unknown()
        self._name_owners()
        shapes = workbook_places.settled(
            self._asset, self._incoming, self.stored, self._found, self._problems
        )
        self._incoming = replace(self._incoming, geometry=shapes)
        if self._asset.ends_on:
            nodes = self._whole.nodes.with_stored(self._project, self._asset.ends_on)
            self._incoming = workbook_places.connected(
                self._asset, self._incoming, self.stored, self._found, nodes, self._problems
            )
        kept = self._placed()
        self._name_source()
        return _some(self._bare(), kept)

    # -- which features -------------------------------------------------------------------

    def _table(self) -> LayerTable:
        if self._whole.given is not None:
            return self._whole.given[self._asset.id]
        own = [name for name in self._incoming.values if self._asset.has(name)]
        more = [unknown.FIELD, *(name for pair in self._asset.topology.pairs for name in pair)]
        names = dict.fromkeys([*own, *(name for name in more if self._asset.has(name))])
        return self._project.table(self._asset.id, list(names))

    def _bare(self) -> Incoming:
        """Return the rows with nothing beside their fields."""
        values = {
            name: column for name, column in self._incoming.values.items() if self._asset.has(name)
        }
        return replace(self._incoming, values=values)

    def _part_copies(self) -> None:
        """Let of the rows with one identity that be the feature which is most like it."""
        groups: dict[str, list[int]] = defaultdict(list)
        for place, uuid in enumerate(self._incoming.uuids):
            if uuid is not None:
                groups[uuid].append(place)
        uuids = list(self._incoming.uuids)
        for uuid, places in groups.items():
            if len(places) == 1:
                continue
            own = max(places, key=lambda place: self._likeness(uuid, place))
            for place in places:
                if place != own:
                    uuids[place] = None
                    words = _("has the identity of row {row}, as copied rows do: taken as new")
                    said = words.format(row=int(self._incoming.rows[own]) + 1)
                    self._add(place, None, "duplicate-id", said)
        self._incoming = replace(self._incoming, uuids=uuids)

    def _likeness(self, uuid: str, place: int) -> int:
        here = np.flatnonzero(self.stored.uuids == uuid)
        if not len(here):
            return 0
        return sum(
            same_value(self.stored.columns[name][here[0]], column[place])
            for name, column in self._incoming.values.items()
            if name in self.stored.columns
        )

    def _adopt(self) -> None:
        """Give rows the identities of the features that they were found to be."""
        uuids = list(self._incoming.uuids)
        for place in np.flatnonzero(self._found >= 0).tolist():
            uuids[place] = str(self.stored.uuids[self._found[place]])
        for place in np.flatnonzero(self._found < 0).tolist():
            if uuids[place] is not None:
                words = _("the project has no such feature any more: taken as new")
                self._add(place, None, "no-identity", words)
        self._incoming = replace(self._incoming, uuids=uuids)

    # -- values ---------------------------------------------------------------------------

    def _keep_what_writing_spoilt(self) -> None:
        """Take a value that is what became of the stored one on its way out for no other."""
        known = np.flatnonzero(self._found >= 0).tolist()
        values = dict(self._incoming.values)
        for name in self._bare().values:
            cells = Cells(self._asset.field(name), self._project.catalogue)
            column, stored = list(values[name]), self.stored.columns[name]
            for place in known:
                ours = stored[self._found[place]]
                if ours != column[place] and same_value(cells.reads_back(ours), column[place]):
                    column[place] = ours
            values[name] = column
        self._incoming = replace(self._incoming, values=values)

    def _say_unknown(self) -> None:
        """Keep 不详 where it stands, and no longer where it was taken out or answered."""
        values = dict(self._incoming.values)
        says = values.get(SAYS_UNKNOWN)
        if says is None:
            return
        given = values.get(unknown.FIELD)
        column: list[Value] = []
        for place, said in enumerate(says):
            text = self._stored_value(unknown.FIELD, place) or (given[place] if given else None)
            before = unknown.unknown_names({unknown.FIELD: text})
            # Without the hidden column no 不详 was written, so that a blank cell takes none back.
            asked = {name for name in before if name in values and (given or values[name][place])}
            after = before - asked | set(str(said).split())
            column.append(text if after == before else unknown.named(self._asset, after))
        if given is not None or any(says):
            values[unknown.FIELD] = column
        self._incoming = replace(self._incoming, values=values)

    def _stored_value(self, name: str, place: int) -> Value:
        if self._found[place] < 0:
            return None
        value: Value = self.stored.columns[name][self._found[place]]
        return value

    def _name_owners(self) -> None:
        """Let new records belong to the asset whose number they give."""
        new = np.flatnonzero(self._found < 0).tolist()
        if not self._asset.is_record or not new:
            return
        owners = record_import.owners_of(self._project)
        count = len(self._incoming)
        values = dict(self._incoming.values)
        pairs = [list(values.get(name, [None] * count)) for name in RECORD_OF]
        told = values.get(sheets.OWNER, [None] * count)
        for place in new:
            found = owners.get(str(told[place] or "").strip(), [])
            if len(found) == 1:
                pairs[0][place], pairs[1][place] = found[0].layer, found[0].uuid
        values |= zip(RECORD_OF, pairs, strict=True)
        self._incoming = replace(self._incoming, values=values)

    def _name_source(self) -> None:
        """Say in new features which row of which file they were."""
        if not self._asset.has("source_file"):
            return
        values = dict(self._incoming.values)
        files = list(values.get("source_file", [None] * len(self._incoming)))
        rows = list(values.get("source_row", [None] * len(self._incoming)))
        for place, file in enumerate(files):
            if file is None:
                files[place] = self._whole.source.name
                rows[place] = int(self._incoming.rows[place]) + 1
        values |= {"source_file": files, "source_row": rows}
        self._incoming = replace(self._incoming, values=values)

    # -- what can be taken ----------------------------------------------------------------

    def _placed(self) -> NDArray[np.intp]:
        """Return which rows can be taken; why others cannot is listed."""
        kept = []
        for place, known in enumerate((self._found >= 0).tolist()):
            why = "" if known else self._trouble(place)
            if why:
                kind = "rejected" if self._asset.is_record else "null-geometry"
                self._add(place, None, kind, why)
            else:
                kept.append(place)
        return np.array(kept, dtype=np.intp)

    def _trouble(self, place: int) -> str:
        """Say why a row cannot become a new feature; empty if it can."""
        if self._asset.id == INSPECTIONS:
            return self._record_trouble(place)
        if self._asset.is_record:
            return _("left out: photos and papers are attached, not added in a workbook")
        if not self._asset.is_spatial or self._incoming.geometry[place] is not None:
            return ""
        if self._asset.ends_on:
            return _("left out: a pipe needs the places of both its points")
        if self._asset.geometry == "Point":
            return _("left out: a new feature needs X and Y")
        return _("left out: the shape of a new feature cannot be given in a workbook; draw it")

    def _record_trouble(self, place: int) -> str:
        values = {name: column[place] for name, column in self._incoming.values.items()}
        layer, uuid = (str(values.get(name) or "") for name in RECORD_OF)
        key = FeatureKey(layer, uuid)
        there = layer in self._project.types and bool(self._project.known([key]))
        named = str(values.get(sheets.OWNER) or "") or uuid
        return record_import.owner_trouble(named, [key] if there else [], values)

    def _add(self, place: int, heading: str | None, kind: str, words: str) -> None:
        self._problems.add(int(self._incoming.rows[place]) + 1, heading, kind, words)


def _some(incoming: Incoming, kept: NDArray[np.intp]) -> Incoming:
    """Return some of the rows."""
    if len(kept) == len(incoming):
        return incoming
    new_place = {place: at for at, place in enumerate(kept.tolist())}
    return replace(
        incoming,
        rows=incoming.rows[kept],
        geometry=incoming.geometry[kept],
        values={name: [column[i] for i in kept] for name, column in incoming.values.items()},
        uuids=[incoming.uuids[i] for i in kept],
        refused={
            name: {new_place[place] for place in places if place in new_place}
            for name, places in incoming.refused.items()
        },
    )
