"""Other people's files, one layer at a time, whatever format they are in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import (
    apart,
    archives,
    dbf,
    drawing,
    encoding,
    epanet,
    mojibake,
    parcel,
    table_layers,
    tables,
    vector,
    workbooks,
)
from hjgis.exchange.foreign import ForeignLayer, beside, is_null, without_places
from hjgis.i18n import _
from hjgis.progress import SILENT, Progress

# Rows that a preview shows.
_PREVIEWED: Final = 5
_SIDE_FILES: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# What SQLite keeps beside a database that is open, or was when its program crashed.
_DATABASE_SIDE_FILES: Final = ("-wal", "-journal")
# The files that this process holds, as Linux tells them.
_HELD: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """What a dialog shows before anything is imported."""

    name: str
    geometry: str
    count: int
    columns: tuple[str, ...]
    crs: str | None
    encoding: str
    encoding_source: str
    samples: tuple[tuple[str, ...], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the user has said of a file."""

    encoding: str | None
    x: str | None
    y: str | None
    spatial: bool | None


@dataclass(frozen=True, slots=True)
class _Format:
    """How files of a kind are read; without `names` they hold one layer.

    Attributes
    ----------
    own : bool
        Whether the file itself is meant where no layer is named.
    tables : callable, optional
        Names of tables without geometry that are there too and must be asked for.
    """

    read: Callable[[Path, str | None, _Asked], ForeignLayer]
    names: Callable[[Path, _Asked], list[str]] | None = None
    own: bool = False
    tables: Callable[[Path], list[str]] = lambda _path: []


def _gdal(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return vector.read_vector(path, layer, asked.encoding)


def _drawing(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return drawing.read_drawing(path, layer or "", asked.encoding)


def _text(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return table_layers.read_text_layer(
        path, layer, asked.encoding, x=asked.x, y=asked.y, spatial=asked.spatial
    )


def _text_names(path: Path, _asked: _Asked) -> list[str]:
    return [path.stem, *(other.stem for other in tables.sisters(path))]


def _cass(path: Path, _layer: str | None, asked: _Asked) -> ForeignLayer:
    return table_layers.read_cass(path, asked.encoding)


def _sheet(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return table_layers.read_sheet_layer(
        path, layer or "", x=asked.x, y=asked.y, spatial=asked.spatial
    )


def _network(path: Path, layer: str | None, _asked: _Asked) -> ForeignLayer:
    return epanet.read_inp(path, layer or "")


_ONE = _Format(_gdal)
_SEVERAL: Final = _Format(
    _gdal, lambda path, _asked: vector.layer_names(path), tables=vector.table_names
)
_WORKBOOK: Final = _Format(_sheet, lambda path, _asked: workbooks.sheet_names(path))
_TEXT: Final = _Format(_text, _text_names, own=True)
_FORMATS: Final[Mapping[str, _Format]] = {
    ".shp": _ONE,
    ".dbf": _ONE,
    ".geojson": _ONE,
    ".json": _ONE,
    ".gpkg": _SEVERAL,
    ".kml": _SEVERAL,
    ".kmz": _SEVERAL,
    ".gdb": _SEVERAL,
    ".dxf": _Format(_drawing, lambda path, asked: drawing.layer_names(path, asked.encoding)),
    ".csv": _TEXT,
    ".txt": _TEXT,
    ".dat": _Format(_cass),
    ".xlsx": _WORKBOOK,
    ".xls": _WORKBOOK,
    ".inp": _Format(_network, lambda path, _asked: epanet.layer_names(path)),
}
# What people try, and what they should ask for instead.
_INSTEAD: Final[Mapping[str, str]] = {
    ".dwg": "DXF",
    ".mdb": "XLSX, CSV",
    ".accdb": "XLSX, CSV",
}
FILES: Final = " ".join(f"*{suffix}" for suffix in (*_FORMATS, ".zip"))


def read_layer(
    source: Path,
    *,
    layer: str | None = None,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
    progress: Progress = SILENT,
) -> ForeignLayer:
    """Read one layer of a foreign file, in a process apart.

    Parameters
    ----------
    spatial : bool, optional
        Whether a table has coordinates; see `table_layers.layer_of`.

    Raises
    ------
    InputError
        If the file is missing, damaged, of no format that is read here, empty, or breaks the
        reader.
    InputQuestion
        If encoding, layer or coordinate columns must be chosen.
    UsageError
        If the format cannot be read but another one that the same program writes can.
    Cancelled
        If `progress` says so.
    """
    asked = _Asked(given_encoding, x, y, spatial)
    options = {"layer": layer, "asked": asdict(asked)}
    with apart.asked("layer", _theirs(source), options, progress) as answer:
        return parcel.unpack(answer.facts, answer.folder)


def summaries(
    source: Path,
    *,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
    progress: Progress = SILENT,
) -> tuple[LayerSummary, ...]:
    """Return what is in a foreign file, layer by layer; see `read_layer`."""
    options = {"asked": asdict(_Asked(given_encoding, x, y, spatial))}
    with apart.asked("summaries", _theirs(source), options, progress) as answer:
        return tuple(_summary_of(entry) for entry in answer.facts)


def _summary_of(facts: Mapping[str, Any]) -> LayerSummary:
    samples = tuple(map(tuple, facts["samples"]))
    return LayerSummary(**{**facts, "columns": tuple(facts["columns"]), "samples": samples})


def encoding_previews(
    source: Path, candidates: Iterable[str], *, progress: Progress = SILENT
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the heading and the first rows of a file as each encoding would have them.

    For choosing by eye where nothing says the encoding. Bytes that an encoding does not know show
    as U+FFFD.

    Returns
    -------
    dict of str to rows of cells
        The heading first, then at most five rows; empty for a file whose format says it.

    Raises
    ------
    InputError
        If the file cannot be read or there is no such encoding.
    """
    options = {"candidates": list(candidates)}
    with apart.asked("previews", _theirs(source), options, progress) as answer:
        return {name: tuple(map(tuple, rows)) for name, rows in answer.facts.items()}


# -- in the process apart ----------------------------------------------------------------


def layer_here(
    source: Path, folder: Path, *, layer: str | None, asked: Mapping[str, Any]
) -> ForeignLayer:
    """Do what `read_layer` promises in this process, with a folder for private copies."""
    path, said = _at_hand(source, folder), _Asked(**asked)
    kind, chosen = _format_of(path), layer
    if kind.names is not None and (layer is not None or not kind.own):
        chosen = _chosen(path, layer, kind.names(path, said), kind.tables(path))
    read = kind.read(path, chosen, said)
    read = without_places(read) if said.spatial is False and read.spatial else read
    return mojibake.noted(read)


def summaries_here(
    source: Path, folder: Path, *, asked: Mapping[str, Any]
) -> tuple[LayerSummary, ...]:
    """Do what `summaries` promises in this process, with a folder for private copies."""
    path, said = _at_hand(source, folder), _Asked(**asked)
    kind = _format_of(path)
    names: Sequence[str | None] = [None]
    if kind.names is not None:
        names = [*kind.names(path, said), *kind.tables(path)]
    found: list[ForeignLayer] = []
    unusable: list[InputError] = []
    for name in names:
        try:
            found.append(kind.read(path, name, said))
        except InputError as error:
            # A question comes first: its answer may make the others readable.
            unusable.insert(0 if isinstance(error, InputQuestion) else len(unusable), error)
    if unusable and not found:
        raise unusable[0]
    return tuple(_summary(layer) for layer in found)


def previews_here(
    source: Path, folder: Path, *, candidates: Sequence[str]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Do what `encoding_previews` promises in this process, with a folder for private copies."""
    path = _at_hand(source, folder)
    suffix = path.suffix.casefold()
    table = path if suffix == ".dbf" else beside(path, ".dbf")
    if suffix in (".shp", ".dbf") and table is not None:
        read = dbf.read_dbf(table)
        rows = [[column.name for column in read.columns], *read.first_rows(_PREVIEWED)]
        return {name: _in_encoding(rows, name) for name in candidates}
    if suffix in (*tables.TEXT_SUFFIXES, ".dat"):
        return {name: tables.preview(path, name, _PREVIEWED) for name in candidates}
    return {}


def _in_encoding(rows: list[list[bytes]], name: str) -> tuple[tuple[str, ...], ...]:
    codec = encoding.codec(name)
    return tuple(tuple(cell.decode(codec, "replace") for cell in row) for row in rows)


def _format_of(path: Path) -> _Format:
    suffix = path.suffix.casefold()
    if suffix in _INSTEAD:
        message = _("{path}: files {suffix} are not read; ask for {other}.")
        raise UsageError(message.format(path=path.name, suffix=suffix, other=_INSTEAD[suffix]))
    if suffix == ".dbf" and beside(path, ".shp") is not None:
        message = _("{path} is the table of a shapefile; import the .shp beside it.")
        raise InputError(message.format(path=path.name))
    if suffix not in _FORMATS:
        message = _("{path} is of no format that hjgis reads: {formats}.")
        names = ", ".join(name.removeprefix(".").upper() for name in _FORMATS)
        raise InputError(message.format(path=path.name, formats=names))
    return _FORMATS[suffix]


def _chosen(path: Path, layer: str | None, names: list[str], others: list[str]) -> str:
    if layer is not None and layer in (*names, *others):
        return layer
    if layer is None and len(names) == 1:
        return names[0]
    message = (
        _("{path} holds several layers; choose one.")
        if layer is None
        else _("{path} has no layer {layer}.")
    )
    raise InputQuestion(
        message.format(path=path.name, layer=layer), "--source-layer", (*names, *others)
    )


def _summary(layer: ForeignLayer) -> LayerSummary:
    kinds = sorted({shape.geom_type for shape in layer.geometry if shape is not None})
    rows = list(zip(*(column[:_PREVIEWED] for column in layer.columns.values()), strict=True))
    return LayerSummary(
        layer.name,
        ", ".join(kinds) if layer.spatial else "None",
        len(layer),
        tuple(layer.columns),
        layer.crs.text if layer.crs else None,
        layer.encoding.name,
        layer.encoding.source,
        tuple(tuple("" if is_null(value) else str(value) for value in row) for row in rows),
    )


def _theirs(source: Path) -> Path:
    """Return the path of a file that is there, is a file and is not the project that is open."""
    if not source.exists():
        raise InputError(_("There is no file {path}.").format(path=source))
    if source.is_dir() and source.suffix.casefold() != ".gdb":
        raise InputError(_("{path} is a folder; choose a file in it.").format(path=source.name))
    if not source.is_dir() and not source.is_file():
        raise InputError(_("{path} is no file but a device.").format(path=source.name))
    if _is_held(source):
        message = _("{path} is open in this program; save a copy and import that.")
        raise InputError(message.format(path=source.name))
    return source


def _at_hand(source: Path, folder: Path) -> Path:
    """Return the file to read: unpacked, or a private copy where reading would write beside it."""
    path = source
    suffix = source.suffix.casefold()
    if suffix == ".zip":
        path = archives.only_file(source, folder, frozenset(_FORMATS))
    elif suffix == ".kmz":
        path = archives.only_kml(source, folder)
    elif suffix == ".xlsx":
        archives.look_into(source)
    elif suffix == ".gpkg":
        sides = [source.with_name(source.name + side) for side in _DATABASE_SIDE_FILES]
        path = _copied(source, folder, [source, *(side for side in sides if side.exists())])
    return _plainly_named(path, folder) if "!" in str(path) else path


def _plainly_named(path: Path, folder: Path) -> Path:
    """Return a link to a file whose name would be taken for a place in an archive."""
    parts = [path, *filter(None, (beside(path, side) for side in _SIDE_FILES))]
    for part in {part.name: part for part in parts}.values():
        (folder / part.name.replace("!", "！")).symlink_to(part)
    return folder / path.name.replace("!", "！")


def _is_held(path: Path) -> bool:
    """Whether this process has the file open.

    Whoever opens and closes it a second time, GDAL above all, drops the locks of the first: then
    two programs may write a project at once and one of them loses what it wrote.
    """
    own = path.stat()
    for handle in _HELD.iterdir() if _HELD.is_dir() else ():
        # A handle may be closed by another thread meanwhile.
        with suppress(OSError):
            if os.path.samestat(handle.stat(), own):
                return True
    return False


def _copied(source: Path, folder: Path, parts: Sequence[Path]) -> Path:
    for part in parts:
        shutil.copyfile(part, folder / part.name)
    return folder / source.name
