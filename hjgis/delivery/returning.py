"""What a contractor gives back: laid beside what was given away, only its changes offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.delivery import returned_files, returned_layers
from hjgis.delivery.returned_files import Package
from hjgis.delivery.returned_layers import Terms
from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import exporting, sources
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.report import Problem, Problems
from hjgis.exchange.updating import RETURN_KINDS, LayerUpdate, Update
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, BulkInsert
from hjgis.models.crs import Crs, parse_crs
from hjgis.models.deliveries import Delivery
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

# Instead of a delivery: what came back is laid beside the project as it is.
PRESENT: Final = "present"
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_FORMAT_OF: Final = {".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".csv": "csv"}
# A column in so many must be known for a table to be of a kind.
_HALF: Final = 0.5
_ENDS: Final = (("from_node", 0), ("to_node", -1))
_NEAR_M: Final = 0.01


@dataclass(frozen=True, slots=True)
class Part:
    """One layer that came back.

    Attributes
    ----------
    file : str
        Its place in the package.
    inner : str or None
        The layer in a file of several.
    records : int
        How many there are in it.
    """

    layer: str
    file: str
    inner: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a package is.

    Attributes
    ----------
    delivery : Delivery or None
        Which one comes back; None where it is laid beside the present.
    parts : tuple of Part
        What is to be compared.
    unchanged : tuple of str
        Files that are byte for byte as they went out.
    warnings : tuple of str
        What should be known, in words.
    """

    delivery: Delivery | None
    parts: tuple[Part, ...]
    unchanged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


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
        found, _layers = _found(project, source, package, delivery, None, progress)
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
    updates: list[LayerUpdate] = []
    untold: list[str] = []
    with returned_files.opened(source, password) as package:
        found, read = _found(project, source, package, delivery, layers, progress)
        for number, (part, foreign) in enumerate(zip(found.parts, read, strict=True)):
            progress.report(number, len(read), part.layer)
            progress.check()
            asset = project.asset_type(part.layer)
            given, told = _given(project, found.delivery, asset, progress)
            untold += [] if told else [label(asset.label)]
            terms = _terms(project, package, found.delivery, asset, part, told_crs)
            mine = problems.of(label(asset.label)) if len(read) > 1 else problems
            file = Path(part.file).name
            laid = returned_layers.laid_beside(project, asset, foreign, given, terms, file, mine)
            updates.append(laid if found.delivery else _of_a_part(laid, given, mine))
    by = (by or "").strip() or (found.delivery.recipient if found.delivery else "")
    name = found.delivery.name if found.delivery else source.name
    update = Update(
        project,
        source.name,
        tuple(_joined(project, updates)),
        returned={"delivery": name, "who": by},
    )
    progress.report(len(read), len(read), "")
    if untold:
        words = _(
            "What was given away of {layers} cannot be told any more, as that part of the history"
            " is in an archive. It is laid beside the present, so changes made here since look like"
            " theirs."
        )
        said = words.format(layers=", ".join(untold))
        found = replace(found, warnings=(*found.warnings, said))
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
    changes = plan.update.accept(indices) if indices else None
    return project.session.apply(changes) if changes else None


# -- which delivery, which files ---------------------------------------------------------------


def _found(
    project: Project,
    source: Path,
    package: Package,
    told: str | None,
    layers: Collection[str] | None,
    progress: Progress,
) -> tuple[Found, list[ForeignLayer]]:
    """Return what a package is, and the layers that are to be compared, nodes before lines."""
    entries = project.deliveries.entries()
    delivery = _told(project, source, package, told, entries)
    if delivery is None and told != PRESENT and not entries:
        words = _("Nothing was delivered from this project yet, so nothing can come back.")
        raise InputQuestion(words, "--delivery", (PRESENT,))
    warnings = list(package.warnings)
    pieces: list[tuple[Part, ForeignLayer]] = []
    for path in package.data:
        for inner in _inner(path, progress):
            progress.check()
            piece = _piece(project, package, path, inner, delivery, entries, progress)
            if piece is not None:
                pieces.append(piece)
            elif inner is None or inner in project.types:
                words = _("{file} is none of the layers that were delivered; it is not taken.")
                warnings.append(words.format(file=_called(package, path, inner)))
    if delivery is None and told != PRESENT:
        delivery, said = _by_features(project, pieces, entries)
        warnings += said
    went = set(project.deliveries.rows(delivery.number)) if delivery else set(project.types)
    chosen = [piece for piece in pieces if piece[0].layer in went]
    chosen = [piece for piece in chosen if layers is None or piece[0].layer in layers]
    _refuse_doubles([part for part, _layer in chosen])
    chosen.sort(key=lambda piece: _rank(project, piece[0].layer))
    warnings += _said(project, package, delivery, {part.layer for part, _layer in chosen})
    if not chosen and not package.same:
        words = _("{path} holds no layer that was delivered.")
        raise InputError(words.format(path=source.name))
    found = Found(delivery, tuple(part for part, _l in chosen), package.same, tuple(warnings))
    return found, [layer for _part, layer in chosen]


def _told(
    project: Project,
    source: Path,
    package: Package,
    told: str | None,
    entries: Sequence[Delivery],
) -> Delivery | None:
    """Return the delivery that somebody names, else the one that the manifest names."""
    if told == PRESENT:
        return None
    if told is not None:
        for one in entries:
            if told in (one.name, str(one.number), one.uuid):
                return one
        words = _("There is no delivery {name}. There are: {names}.")
        names = ", ".join(entry.name for entry in entries) or "–"
        raise UsageError(words.format(name=told, names=names))
    if package.manifest is None:
        return None
    entry = project.deliveries.with_uuid(package.manifest["uuid"])
    if entry is None:
        words = _(
            "{path} is delivery {name} to {recipient} of another project ({title}), or of a copy of"
            " this one: it is not in the register. It can only be laid beside the project as it is"
            " now, or beside another delivery."
        )
        facts = package.manifest
        title = facts.get("project", {}).get("title", "?")
        said = words.format(
            path=source.name, name=facts.get("name", "?"), title=title,
            recipient=facts.get("recipient", "?"),
        )  # fmt: skip
        raise InputQuestion(said, "--delivery", (PRESENT, *(one.name for one in entries)))
    return entry


def _inner(path: Path, progress: Progress) -> list[str | None]:
    """Return the layers of a file; just None where it is one."""
    if path.suffix.casefold() != ".gpkg":
        return [None]
    return [summary.name for summary in sources.summaries(path, progress=progress)]


def _piece(
    project: Project,
    package: Package,
    path: Path,
    inner: str | None,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
    progress: Progress,
) -> tuple[Part, ForeignLayer] | None:
    """Read a layer and say which one it is; None if it is none that went out."""
    name = inner or path.stem
    known = project.types.get(name)
    encoding = _encoding(delivery)
    # A table holds the places of points; of lines and areas only where they are about.
    points = known is None or known.geometry == "Point"
    read = returned_layers.read(
        project, path, inner, encoding=encoding, places=points, progress=progress
    )
    layer = name if known is not None else _layer_of(project, read, delivery, entries)
    if layer is None:
        return None
    if known is None and project.types[layer].geometry != "Point" and path.suffix == ".csv":
        read = returned_layers.read(
            project, path, inner, encoding=encoding, places=False, progress=progress
        )
    return Part(layer, package.name(path), inner, len(read)), read


def _layer_of(
    project: Project,
    read: ForeignLayer,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
) -> str | None:
    """Return the layer that a renamed file is: by its features, else by its columns and shapes."""
    named = {uuid for uuid in returned_layers.identities(read) if uuid is not None}
    went = [delivery] if delivery is not None else entries
    counts = dict.fromkeys(layer for entry in went for layer in entry.counts)
    candidates = [layer for layer in counts or project.types if layer in project.types]
    if named:
        met = {
            layer: len(named.intersection(project.table(layer, [], geometry=False).uuids.tolist()))
            for layer in candidates
        }
        best = max(met, key=lambda layer: met[layer], default=None)
        if best is not None and met[best]:
            return best
    fits = {
        layer: share
        for layer in candidates
        if (share := _share_known(project.types[layer], read)) > _HALF
    }
    return max(fits, key=lambda layer: fits[layer], default=None)


def _share_known(asset: AssetType, read: ForeignLayer) -> float:
    """Return the share of a table's columns that are fields of a kind; 0 for other shapes."""
    shapes = {shape.geom_type for shape in read.geometry if shape is not None}
    if shapes and not any(shape.endswith(asset.geometry) for shape in shapes):
        return 0.0
    names = {name for field in asset.fields for name in (field.short, field.name)}
    told = {name: name for name in read.columns if name in names and asset.has(name)}
    return len(columns_for(asset, read.columns, told)) / max(1, len(read.columns))


def _by_features(
    project: Project, pieces: Sequence[tuple[Part, ForeignLayer]], entries: Sequence[Delivery]
) -> tuple[Delivery, list[str]]:
    """Return the delivery that knows most of the features that came back, the latest of equals."""
    met: Counter[int] = Counter()
    for part, read in pieces:
        named = {uuid for uuid in returned_layers.identities(read) if uuid is not None}
        table = project.table(part.layer, [], geometry=False)
        here = np.array([uuid in named for uuid in table.uuids.tolist()], dtype=bool)
        for entry in entries:
            if part.layer in entry.counts:
                went = project.deliveries.rows(entry.number)[part.layer]
                met[entry.number] += 1 + int(np.isin(table.fids[here], went).sum())
    if not met:
        words = _("None of its layers is one that was delivered from this project.")
        raise InputQuestion(words, "--delivery", (PRESENT, *(entry.name for entry in entries)))
    most = max(met.values())
    equal = [entry for entry in entries if met[entry.number] == most]
    latest = max(equal, key=lambda entry: entry.number)
    words = _("Nothing in it says which delivery it is; by its features it is {name} to {who}.")
    said = [words.format(name=latest.name, who=latest.recipient)]
    if len(equal) > 1:
        more = _("It could be {names} as well; say --delivery.")
        others = ", ".join(f"{e.name} ({e.recipient})" for e in equal if e is not latest)
        said.append(more.format(names=others))
    return latest, said


def _refuse_doubles(parts: Sequence[Part]) -> None:
    """Refuse a package in which one layer was changed in two files: only one can be meant."""
    for layer, count in Counter(part.layer for part in parts).items():
        if count > 1:
            files = tuple(part.file for part in parts if part.layer == layer)
            words = _("{layer} was changed in {count} files; give the one that counts by itself.")
            raise InputQuestion(words.format(layer=layer, count=count), "PACKAGE", files)


def _rank(project: Project, layer: str) -> tuple[bool, bool]:
    asset = project.asset_type(layer)
    return asset.is_record, bool(asset.ends_on)


def _said(
    project: Project, package: Package, delivery: Delivery | None, back: set[str]
) -> Iterator[str]:
    """Say what is odd about a package as a whole."""
    for name in package.unread:
        words = _("{file} was added or changed; such a file is not taken back.")
        yield words.format(file=name)
    for name in package.gone:
        yield _("{file} went out and is not in it.").format(file=name)
    if delivery is None:
        return
    went = project.deliveries.rows(delivery.number)
    for entry in project.deliveries.entries():
        if entry.number <= delivery.number:
            continue
        later = project.deliveries.rows(entry.number)
        both = sum(
            len(np.intersect1d(went[layer], later[layer]))
            for layer in back
            if layer in went and layer in later
        )
        if both:
            words = ngettext_(
                "{count} feature of it was delivered again later, as {name} to {who}.",
                "{count} features of it were delivered again later, as {name} to {who}.",
                both,
            )
            yield words.format(count=both, name=entry.name, who=entry.recipient)


def _called(package: Package, path: Path, inner: str | None) -> str:
    return package.name(path) + (f" / {inner}" if inner else "")


# -- what was given away ---------------------------------------------------------------------


def _given(
    project: Project, delivery: Delivery | None, asset: AssetType, progress: Progress
) -> tuple[LayerTable, bool]:
    """Return what was given away of a layer, and whether that can still be told."""
    if delivery is None:
        return project.table(asset.id, None), True
    fids = project.deliveries.rows(delivery.number)[asset.id]
    table = project.history.rows_at(asset, fids, delivery.change, progress=progress)
    if table is not None:
        return table, True
    now = project.table(asset.id, None)
    return now.taken(np.isin(now.fids, fids)), False


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
    written = ((package.manifest or {}).get("formats") or {}).get(format_) or {}
    for one in written.get("layers", ()):
        if one.get("name") == asset.id:
            names |= {column: field for field, column in one["names"].items()}
    seed = delivery.uuid if delivery is not None else _NOBODY
    return Terms(system, told_crs, _encoding(delivery), fields, names, seed)


def _fields(order: Mapping[str, Any], asset: AssetType) -> tuple[str, ...]:
    """Return the fields of a layer that went out."""
    chosen = (order.get("fields") or {}).get(asset.id, asset.field_names)
    kept_back = {
        one.get("field") for one in order.get("withheld", ()) if one.get("layer") == asset.id
    }
    return tuple(name for name in asset.field_names if name in chosen and name not in kept_back)


def _encoding(delivery: Delivery | None) -> str:
    return str(delivery.order.get("encoding", "gbk")) if delivery is not None else "gbk"


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
