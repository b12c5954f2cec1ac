"""Other people's files, one layer at a time, whatever format they are in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import apart, archives, drawing, epanet, parcel, tables, vector
from hjgis.exchange.foreign import ForeignLayer, beside, is_null
from hjgis.i18n import _
from hjgis.progress import SILENT, Progress

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


@dataclass(frozen=True, slots=True)
class _Format:
    """How files of a kind are read; without `names` they hold one layer."""

    read: Callable[[Path, str | None, _Asked], ForeignLayer]
    names: Callable[[Path, _Asked], list[str]] | None = None


def _gdal(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return vector.read_vector(path, layer, asked.encoding)


def _drawing(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return drawing.read_drawing(path, layer or "", asked.encoding)


def _csv(path: Path, _layer: str | None, asked: _Asked) -> ForeignLayer:
    return tables.read_csv(path, asked.encoding, asked.x, asked.y)


def _cass(path: Path, _layer: str | None, asked: _Asked) -> ForeignLayer:
    return tables.read_cass(path, asked.encoding)


def _sheet(path: Path, layer: str | None, asked: _Asked) -> ForeignLayer:
    return tables.read_sheet(path, layer or "", asked.x, asked.y)


def _network(path: Path, layer: str | None, _asked: _Asked) -> ForeignLayer:
    return epanet.read_inp(path, layer or "")


_ONE = _Format(_gdal)
_SEVERAL: Final = _Format(_gdal, lambda path, _asked: vector.layer_names(path))
_WORKBOOK: Final = _Format(_sheet, lambda path, _asked: tables.sheet_names(path))
_FORMATS: Final[Mapping[str, _Format]] = {
    ".shp": _ONE,
    ".geojson": _ONE,
    ".json": _ONE,
    ".gpkg": _SEVERAL,
    ".kml": _SEVERAL,
    ".kmz": _SEVERAL,
    ".gdb": _SEVERAL,
    ".dxf": _Format(_drawing, lambda path, asked: drawing.layer_names(path, asked.encoding)),
    ".csv": _Format(_csv),
    ".txt": _Format(_csv),
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
    progress: Progress = SILENT,
) -> ForeignLayer:
    """Read one layer of a foreign file, in a process apart.

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
    options = {"layer": layer, "given_encoding": given_encoding, "x": x, "y": y}
    with apart.asked("layer", _theirs(source), options, progress) as answer:
        return parcel.unpack(answer.facts, answer.folder)


def summaries(
    source: Path,
    *,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
    progress: Progress = SILENT,
) -> tuple[LayerSummary, ...]:
    """Return what is in a foreign file, layer by layer; see `read_layer`."""
    options = {"given_encoding": given_encoding, "x": x, "y": y}
    with apart.asked("summaries", _theirs(source), options, progress) as answer:
        return tuple(_summary_of(entry) for entry in answer.facts)


def _summary_of(facts: Mapping[str, Any]) -> LayerSummary:
    samples = tuple(map(tuple, facts["samples"]))
    return LayerSummary(**{**facts, "columns": tuple(facts["columns"]), "samples": samples})


def read_here(
    source: Path,
    folder: Path,
    *,
    layer: str | None,
    given_encoding: str | None,
    x: str | None,
    y: str | None,
) -> ForeignLayer:
    """Do what `read_layer` promises in this process, with a folder for private copies."""
    path = _at_hand(source, folder)
    kind, asked = _format_of(path), _Asked(given_encoding, x, y)
    chosen = _chosen(path, layer, kind.names(path, asked)) if kind.names else None
    return kind.read(path, chosen, asked)


def summaries_here(
    source: Path, folder: Path, *, given_encoding: str | None, x: str | None, y: str | None
) -> tuple[LayerSummary, ...]:
    """Do what `summaries` promises in this process, with a folder for private copies."""
    path = _at_hand(source, folder)
    kind, asked = _format_of(path), _Asked(given_encoding, x, y)
    names: Sequence[str | None] = kind.names(path, asked) if kind.names else [None]
    found: list[ForeignLayer] = []
    unusable: list[InputError] = []
    for name in names:
        try:
            found.append(kind.read(path, name, asked))
        except InputError as error:
            # A question comes first: its answer may make the others readable.
            unusable.insert(0 if isinstance(error, InputQuestion) else len(unusable), error)
    if unusable and not found:
        raise unusable[0]
    return tuple(_summary(layer) for layer in found)


def _format_of(path: Path) -> _Format:
    suffix = path.suffix.casefold()
    if suffix in _INSTEAD:
        message = _("{path}: files {suffix} are not read; ask for {other}.")
        raise UsageError(message.format(path=path.name, suffix=suffix, other=_INSTEAD[suffix]))
    if suffix == ".dbf":
        message = _("{path} is a table without shapes; import the .shp that belongs to it.")
        raise InputError(message.format(path=path.name))
    if suffix not in _FORMATS:
        message = _("{path} is of no format that hjgis reads: {formats}.")
        names = ", ".join(name.removeprefix(".").upper() for name in _FORMATS)
        raise InputError(message.format(path=path.name, formats=names))
    return _FORMATS[suffix]


def _chosen(path: Path, layer: str | None, names: list[str]) -> str:
    if layer in names:
        return layer
    if layer is None and len(names) == 1:
        return names[0]
    message = (
        _("{path} holds several layers; choose one.")
        if layer is None
        else _("{path} has no layer {layer}.")
    )
    raise InputQuestion(message.format(path=path.name, layer=layer), "--source-layer", tuple(names))


def _summary(layer: ForeignLayer) -> LayerSummary:
    kinds = sorted({shape.geom_type for shape in layer.geometry if shape is not None})
    rows = list(zip(*(column[:5] for column in layer.columns.values()), strict=True))
    return LayerSummary(
        layer.name,
        ", ".join(kinds),
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
