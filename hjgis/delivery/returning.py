"""What a contractor gives back: laid beside what was given away, only its changes offered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.delivery import returned_files, returned_layers
from hjgis.delivery.recognising import PRESENT as PRESENT
from hjgis.delivery.recognising import Found, Part, Piece, encoding, recognise
from hjgis.delivery.returned_files import Package
from hjgis.delivery.returned_layers import Terms
from hjgis.exchange import exporting
from hjgis.exchange.differences import RETURN_KINDS, LayerUpdate, Update
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.report import Problem, Problems
from hjgis.exchange.workbooks.workbook_return import Book
from hjgis.i18n import _, label, listed
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, BulkInsert
from hjgis.models.crs import Crs, parse_crs
from hjgis.models.deliveries import Delivery
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_FORMAT_OF: Final = {".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".csv": "csv"}
_ENDS: Final = (("from_node", 0), ("to_node", -1))
_NEAR_M: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class ReturnPlan:
    """What a package would change; nothing of it is stored yet.

    Attributes
    ----------
    update : Update
        The differences; conflicts among them.
    by : str
        Who made the changes.
    problems : tuple of Problem
        What is odd in records that were changed or are new, and in whole files.
    """

    found: Found
    update: Update
    by: str
    problems: tuple[Problem, ...]

    @property
    def ticked(self) -> list[int]:
        """What is offered: all that is new or changed and in nobody's way."""
        return self.update.of_kind("new", "changed")

    @property
    def already(self) -> int:
        """How many changes are in the project already."""
        return sum(layer.already for layer in self.update.layers)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as scripts read it."""
        delivery = self.found.delivery
        return {
            "delivery": delivery.name if delivery else None,
            "by": self.by,
            "layers": [
                {"name": part.layer, "file": part.file, "records": part.records}
                for part in self.found.parts
            ],
            "unchanged_files": list(self.found.unchanged),
            "warnings": list(self.found.warnings),
            "counts": {kind: self.update.count(kind) for kind in RETURN_KINDS}
            | {"already": self.already},
            "new": [
                {
                    "layer": entry.asset.id,
                    "row": entry.row,
                    "title": entry.title,
                    "values": {name: pair[1] for name, pair in entry.values.items()},
                }
                for layer in self.update.layers
                for entry in layer.new()
            ],
            "differences": self.update.to_json(),
            "problems": [
                {"row": p.row, "field": p.field, "kind": p.kind, "count": p.count,
                 "message": p.message, "rows": p.rows}
                for p in self.problems
            ],
        }  # fmt: skip


def look(
    project: Project,
    source: Path,
    *,
    delivery: str | None = None,
    password: str | None = None,
    progress: Progress = SILENT,
) -> Found:
    """Say which delivery comes back and which layers are in which of its files.

    Raises
    ------
    InputError, InputQuestion, UsageError
        As `plan_return` says.
    """
    with returned_files.opened(source, password) as package:
        found, _pieces = recognise(
            project, source, package, told=delivery, layers=None, progress=progress
        )
    return found


def plan_return(
    project: Project,
    source: Path,
    *,
    delivery: str | None = None,
    layers: Collection[str] | None = None,
    by: str | None = None,
    crs: str | None = None,
    password: str | None = None,
    progress: Progress = SILENT,
) -> ReturnPlan:
    """Lay what came back beside what was given away and say what the other side changed.

    Parameters
    ----------
    source : Path
        A package (folder or ZIP) or one file of it, whatever it is called now.
    delivery : str, optional
        Name, number or identity of the delivery, or ``present``; else the manifest says it, or the
        features do.
    layers : collection of str, optional
        Only these.
    by : str, optional
        Who made the changes, if not the recipient.
    crs : str, optional
        The system that the coordinates came back in, where the files say it wrongly.
    password : str, optional
        Of the archive.

    Raises
    ------
    InputError
        If the source cannot be used or has nothing to do with a delivery.
    InputQuestion
        If it must be said which file, delivery, password or system is meant.
    UsageError
        If there is no such delivery.
    Cancelled
        If `progress` says so.
    """
    told_crs = parse_crs(crs) if crs else None
    problems = Problems()
    with returned_files.opened(source, password) as package:
        found, pieces = recognise(
            project, source, package, told=delivery, layers=layers, progress=progress
        )
        given = {
            piece.part.layer: _given(project, found.delivery, piece.part.layer, progress)
            for piece in pieces
        }
        work = _Work(project, package, found, given, told_crs, problems)
        updates = work.updates(pieces, progress)
    by = (by or "").strip() or (found.delivery.recipient if found.delivery else "")
    name = found.delivery.name if found.delivery else source.name
    facts = {"delivery": name, "who": by} if by else None
    joined = tuple(_joined(project, updates))
    update = Update(project, source.name, joined, returned=facts)
    progress.report(len(pieces), len(pieces), "")
    said = _untold(project, given)
    found = replace(found, warnings=(*found.warnings, *said))
    return ReturnPlan(found, update, by, problems.listed())


def store(project: Project, plan: ReturnPlan, indices: Collection[int]) -> Announcement | None:
    """Store what is taken of a return as one change, which one undo takes back; None: nothing.

    The journal names who stores it as operator, and in the change's words who made it.

    Raises
    ------
    StoreConflict
        If the project has changed since so that it does not fit any more.
    EditRefused
        If a pipe would be left without length.
    """
    # A reader may have looked; what is stored is stored through the project that is open.
    update = replace(plan.update, project=project)
    changes = update.accept(indices) if indices else None
    return project.session.apply(changes) if changes else None


# -- what was given away ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What was given away of a layer, and whether that can still be told."""

    table: LayerTable
    told: bool = True


def _given(project: Project, delivery: Delivery | None, layer: str, progress: Progress) -> _Given:
    if delivery is None:
        return _Given(project.table(layer, None))
    asset, fids = project.asset_type(layer), project.deliveries.rows(delivery.number)[layer]
    table = project.history.rows_at(asset, fids, delivery.change, progress=progress)
    if table is not None:
        return _Given(table)
    now = project.table(layer, None)
    return _Given(now.taken(np.isin(now.fids, fids)), told=False)


def _untold(project: Project, given: Mapping[str, _Given]) -> Iterator[str]:
    """Say of which layers it cannot be told any more."""
    names = [label(project.asset_type(layer).label) for layer, one in given.items() if not one.told]
    if names:
        words = _(
            "What was given away of {layers} cannot be told any more, as that part of the history"
            " is in an archive. It is laid beside the present, so changes made here since look like"
            " theirs."
        )
        yield words.format(layers=listed(names))


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What is known while layer after layer is laid beside what was given away."""

    project: Project
    package: Package
    found: Found
    given: Mapping[str, _Given]
    told_crs: Crs | None
    problems: Problems

    def updates(self, pieces: Sequence[Piece], progress: Progress) -> list[LayerUpdate]:
        """Return what was changed in each layer."""
        made: list[LayerUpdate] = []
        books: set[int] = set()
        for number, piece in enumerate(pieces):
            progress.report(number, len(pieces), piece.part.layer)
            progress.check()
            if not isinstance(piece.read, Book):
                made.append(self._layer(piece.part, piece.read, len(pieces) > 1))
            elif id(piece.read) not in books:
                books.add(id(piece.read))
                made += self._book(piece.read, pieces, progress)
        return made

    def _layer(self, part: Part, read: ForeignLayer, several: bool) -> LayerUpdate:
        asset = self.project.asset_type(part.layer)
        problems = self.problems.of(label(asset.label)) if several else self.problems
        terms = _terms(self.project, self.package, self.found.delivery, asset, part, self.told_crs)
        given, file = self.given[part.layer].table, Path(part.file).name
        made = returned_layers.laid_beside(self.project, asset, read, given, terms, file, problems)
        return made if self.found.delivery else _of_a_part(made, given, problems)

    def _book(self, book: Book, pieces: Sequence[Piece], progress: Progress) -> list[LayerUpdate]:
        layers = [piece.part.layer for piece in pieces if piece.read is book]
        given = {layer: self.given[layer].table for layer in layers}
        delivery, seed = self.found.delivery, _seed(self.found.delivery)
        made = book.laid_beside(self.project, given, self.problems, seed=seed, progress=progress)
        if delivery is not None:
            return [*made]
        return [_of_a_part(one, given[one.asset.id], self.problems) for one in made]


def _of_a_part(update: LayerUpdate, given: LayerTable, problems: Problems) -> LayerUpdate:
    """Let nothing be missing where a file knows less than half of the layer as it is now."""
    if 2 * update.matched >= len(given.fids):
        return update
    kept = tuple(entry for entry in update.differing if entry.kind != "missing")
    if len(kept) < len(update.differing):
        words = _(
            "The layer has {count} features that are not in the file, more than it knows: it is"
            " taken for a part of the layer, so none of them counts as missing."
        )
        count = len(update.differing) - len(kept)
        problems.add(None, None, "part", words.format(count=count))
    return replace(update, differing=kept)


def _terms(
    project: Project,
    package: Package,
    delivery: Delivery | None,
    asset: AssetType,
    part: Part,
    told_crs: Crs | None,
) -> Terms:
    """Return how a layer went out: the register says it, and of names the manifest."""
    order: Mapping[str, Any] = delivery.order if delivery is not None else {}
    format_ = _FORMAT_OF.get(Path(part.file).suffix.casefold(), "shp")
    system = exporting.target_crs(project, format_, order.get("crs") or None)  # type: ignore[arg-type]
    fields = _fields(order, asset)
    names = {field.short: field.name for field in asset.fields}
    names |= {field.name: field.name for field in asset.fields}
    written = (package.manifest or {}).get("columns", {}).get((format_, asset.id))
    if written is not None:
        names |= written
        fields = tuple(name for name in fields if name in set(written.values()))
    return Terms(system, told_crs, encoding(delivery), fields, names, _seed(delivery))


def _seed(delivery: Delivery | None) -> str:
    return delivery.uuid if delivery is not None else _NOBODY


def _fields(order: Mapping[str, Any], asset: AssetType) -> tuple[str, ...]:
    """Return the fields of a layer that went out."""
    chosen = (order.get("fields") or {}).get(asset.id, asset.field_names)
    kept_back = {
        one.get("field") for one in order.get("withheld", ()) if one.get("layer") == asset.id
    }
    return tuple(name for name in asset.field_names if name in chosen and name not in kept_back)


# -- new lines on their nodes -----------------------------------------------------------------


def _joined(project: Project, updates: Sequence[LayerUpdate]) -> Iterator[LayerUpdate]:
    """Let ends of new lines that name no node find the one that they lie on, new ones too."""
    for update in updates:
        if not update.asset.ends_on or not update.fresh_rows:
            yield update
            continue
        tables = [project.table(layer, []) for layer in update.asset.ends_on]
        uuids = [uuid for table in tables for uuid in table.uuids.tolist()]
        shapes = [table.geometry for table in tables if table.geometry is not None]
        for one in updates:
            if one.asset.id in update.asset.ends_on:
                uuids += one.fresh.uuids or ()
                shapes.append(one.fresh.geometry)
        yield replace(update, fresh=_on_nodes(update.fresh, uuids, np.concatenate(shapes)))


def _on_nodes(lines: BulkInsert, uuids: Sequence[str], shapes: NDArray[np.object_]) -> BulkInsert:
    tree = shapely.STRtree(shapes)
    columns = {name: list(values) for name, values in lines.columns.items()}
    for name, vertex in _ENDS:
        ends = shapely.get_point(lines.geometry, vertex)
        column = columns.setdefault(name, [None] * len(ends))
        for line, node in tree.query_nearest(ends, max_distance=_NEAR_M).T.tolist():
            column[line] = column[line] or uuids[node]
    return replace(lines, columns=columns)
