"""Which delivery a package is, and which layers are in which of its files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from hjgis.delivery import returned_layers
from hjgis.delivery.returned_files import Package
from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import foreign, sources
from hjgis.exchange.drawings import drawing_own
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.workbooks.workbook_return import Book
from hjgis.i18n import _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.deliveries import Delivery
from hjgis.progress import Progress

# Instead of a delivery: what came back is laid beside the project as it is.
PRESENT: Final = "present"
# A column in so many must be known for a table to be of a kind.
_HALF: Final = 0.5
_BOOK: Final = ".xlsx"
_DRAWING: Final = ".dxf"


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
class Piece:
    """One layer that came back, as it was read.

    Attributes
    ----------
    read : ForeignLayer or Book
        A workbook holds several layers; it is the same one for each of them.
    uuids : set of str
        Identities that its records name.
    """

    part: Part
    read: ForeignLayer | Book
    uuids: frozenset[str]


def recognise(
    project: Project,
    source: Path,
    package: Package,
    *,
    told: str | None,
    layers: Collection[str] | None,
    progress: Progress,
) -> tuple[Found, list[Piece]]:
    """Return what a package is, and the layers that are to be compared, nodes before lines.

    Raises
    ------
    InputError, InputQuestion, UsageError
        As `returning.plan_return` says.
    """
    entries = project.deliveries.entries()
    delivery = _told(project, source, package, told, entries)
    if delivery is None and told != PRESENT and not entries:
        words = _("Nothing was delivered from this project yet, so nothing can come back.")
        raise InputQuestion(words, "--delivery", (PRESENT,))
    warnings = list(package.warnings)
    pieces = list(_all_pieces(project, package, delivery, entries, warnings, progress))
    if delivery is None and told != PRESENT:
        delivery, said = _by_features(project, pieces, entries)
        warnings += said
    went = set(project.deliveries.rows(delivery.number)) if delivery else set(project.types)
    chosen = [
        piece
        for piece in pieces
        if piece.part.layer in went and (layers is None or piece.part.layer in layers)
    ]
    chosen = sorted(_whole(chosen), key=lambda piece: _rank(project, piece.part.layer))
    _refuse_doubles([piece.part for piece in chosen])
    warnings += _said(project, package, delivery, {piece.part.layer for piece in chosen})
    if not chosen and not package.same:
        words = _("{path} holds no layer that was delivered.")
        raise InputError(words.format(path=source.name))
    parts = tuple(piece.part for piece in chosen)
    return Found(delivery, parts, package.same, tuple(warnings)), chosen


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


def _all_pieces(
    project: Project,
    package: Package,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
    warnings: list[str],
    progress: Progress,
) -> Iterator[Piece]:
    """Read the files of a package; those that are none of ours are told."""
    for path in package.data:
        progress.check()
        name = package.name(path)
        try:
            some = list(_pieces(project, package, path, delivery, entries, warnings, progress))
        except InputError as error:
            if package.manifest is None or name in package.manifest["files"]:
                raise
            # What was put beside the data need not be any.
            warnings.append(_("{path}: {error}").format(path=name, error=error))
            continue
        if not some:
            words = _("{file} is none of the layers that were delivered; it is not taken.")
            warnings.append(words.format(file=name))
        yield from some


def _pieces(
    project: Project,
    package: Package,
    path: Path,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
    warnings: list[str],
    progress: Progress,
) -> Iterator[Piece]:
    """Read a file and yield the layers in it that are some of ours."""
    if path.suffix.casefold() == _BOOK:
        book = Book.read(path, progress)
        if book is None:
            yield from _sheets(project, package, path, delivery, entries, progress)
            return
        for layer, uuids in book.identities().items():
            if layer in project.types:
                part = Part(layer, package.name(path), None, len(uuids))
                yield Piece(part, book, frozenset(uuids) - {""})
        return
    inner: list[str | None] = [None]
    if path.suffix.casefold() in (".gpkg", _DRAWING):
        names = [one.name for one in sources.summaries(path, progress=progress)]
        # Labels of a drawing say again what its features say.
        inner = [name for name in names if not name.endswith(drawing_own.LABELS)]
    for name in inner:
        piece = _piece(project, package, path, name, delivery, entries, progress)
        if piece is not None:
            yield piece
        elif path.suffix.casefold() == _DRAWING:
            # Somebody has drawn something of his own.
            words = _("{file} is none of the layers that were delivered; it is not taken.")
            warnings.append(words.format(file=f"{package.name(path)} {name}"))


def _sheets(
    project: Project,
    package: Package,
    path: Path,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
    progress: Progress,
) -> Iterator[Piece]:
    """Yield the sheets that are tables of ours, as Excel saves a DBF or CSV that it has opened."""
    for one in sources.summaries(path, progress=progress):
        try:
            piece = _piece(project, package, path, one.name, delivery, entries, progress)
        except InputError:
            continue
        # A list of features, such as a report, is no table of theirs.
        if piece is not None and isinstance(piece.read, ForeignLayer):
            asset = project.types[piece.part.layer]
            if _share_known(asset, piece.read) > _HALF:
                yield piece


def _piece(
    project: Project,
    package: Package,
    path: Path,
    inner: str | None,
    delivery: Delivery | None,
    entries: Sequence[Delivery],
    progress: Progress,
) -> Piece | None:
    """Read a layer and say which one it is; None if it is none that went out."""
    name = inner or path.stem
    known = project.types.get(name)
    # A table holds the places of points; of lines and areas only where they are about.
    points = known is None or known.geometry == "Point"
    read = partial(
        returned_layers.read, project, path, inner, encoding=encoding(delivery), progress=progress
    )
    found = read(places=points)
    uuids = frozenset(uuid for uuid in returned_layers.identities(found) if uuid is not None)
    layer = name if known is not None else _layer_of(project, found, uuids, delivery, entries)
    if layer is None:
        return None
    table = path.suffix.casefold() in returned_layers.TABLES
    if points and project.types[layer].geometry != "Point" and table:
        found = read(places=False)
    return Piece(Part(layer, package.name(path), inner, len(found)), found, uuids)


def _layer_of(
    project: Project,
    read: ForeignLayer,
    named: Collection[str],
    delivery: Delivery | None,
    entries: Sequence[Delivery],
) -> str | None:
    """Return the layer that a renamed file is: by its features, else by its columns and shapes."""
    went = [delivery] if delivery is not None else entries
    counts = dict.fromkeys(layer for entry in went for layer in entry.counts)
    candidates = [layer for layer in counts or project.types if layer in project.types]
    if named:
        met = {layer: len(_stored(project, layer).intersection(named)) for layer in candidates}
        best = max(met, key=lambda layer: met[layer], default=None)
        if best is not None and met[best]:
            return best
    fits = {
        layer: share
        for layer in candidates
        if (share := _share_known(project.types[layer], read)) > _HALF
    }
    return max(fits, key=lambda layer: fits[layer], default=None)


def _stored(project: Project, layer: str) -> set[str]:
    return set(project.table(layer, [], geometry=False).uuids.tolist())


def _share_known(asset: AssetType, read: ForeignLayer) -> float:
    """Return the share of a table's columns that are fields of a kind; 0 for other shapes."""
    shapes = {shape.geom_type for shape in read.geometry if shape is not None}
    if shapes and not any(shape.endswith(asset.geometry) for shape in shapes):
        return 0.0
    names = {name for field in asset.fields for name in (field.short, field.name)}
    told = {name: name for name in read.columns if name in names and asset.has(name)}
    return len(columns_for(asset, read.columns, told)) / max(1, len(read.columns))


def _by_features(
    project: Project, pieces: Sequence[Piece], entries: Sequence[Delivery]
) -> tuple[Delivery, list[str]]:
    """Return the delivery that knows most of the features that came back, the latest of equals."""
    met: Counter[int] = Counter()
    for piece in pieces:
        layer = piece.part.layer
        table = project.table(layer, [], geometry=False)
        here = np.array([uuid in piece.uuids for uuid in table.uuids.tolist()], dtype=bool)
        for entry in entries:
            if layer in entry.counts:
                went = project.deliveries.rows(entry.number)[layer]
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
        more = _("It could be {names} as well: then name that delivery.")
        others = ", ".join(f"{e.name} ({e.recipient})" for e in equal if e is not latest)
        said.append(more.format(names=others))
    return latest, said


def _whole(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield pieces, those of a layer that is more than a file holds (_1, _2 …) as one."""
    rest: list[Piece] = []
    numbered: dict[tuple[str, Path], list[Piece]] = {}
    for piece in pieces:
        file = Path(piece.part.file)
        if re.fullmatch(rf"{re.escape(piece.part.layer)}_\d+", file.stem):
            numbered.setdefault((piece.part.layer, file.parent), []).append(piece)
        else:
            rest.append(piece)
    yield from rest
    for some in numbered.values():
        some.sort(key=lambda piece: int(Path(piece.part.file).stem.rpartition("_")[2]))
        yield _joined(some) if len(some) > 1 else some[0]


def _joined(pieces: Sequence[Piece]) -> Piece:
    reads = [piece.read for piece in pieces if isinstance(piece.read, ForeignLayer)]
    uuids = frozenset().union(*(piece.uuids for piece in pieces))
    part = replace(pieces[0].part, records=sum(piece.part.records for piece in pieces))
    return Piece(part, foreign.joined(reads), uuids)


def _refuse_doubles(parts: Sequence[Part]) -> None:
    """Refuse a package in which one layer was changed in two files: only one can be meant."""
    for layer, count in Counter(part.layer for part in parts).items():
        if count > 1:
            files = tuple(part.file for part in parts if part.layer == layer)
            words = _(
                "{layer} may have been changed in {count} files; give the one that counts by"
                " itself."
            )
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


def encoding(delivery: Delivery | None) -> str:
    """Return the encoding in which shapefiles went out."""
    return str(delivery.order.get("encoding", "gbk")) if delivery is not None else "gbk"
