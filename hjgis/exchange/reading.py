"""What is done with a foreign file in the process that reads it; see `hjgis.exchange.sources`."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import archives, encoding, mojibake, tables
from hjgis.exchange.foreign import ForeignLayer, beside, is_null, without_places
from hjgis.exchange.formats import FORMATS, Asked, Format, format_of
from hjgis.exchange.shapefiles import dbf
from hjgis.exchange.sources import LayerSummary
from hjgis.exchange.workbooks import workbook_grids, workbook_reading
from hjgis.i18n import _

# Rows that a preview shows.
_PREVIEWED: Final = 5
_SIDE_FILES: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# What SQLite keeps beside a database that is open, or was when its program crashed.
_DATABASE_SIDE_FILES: Final = ("-wal", "-journal")


def layer(source: Path, folder: Path, name: str | None, asked: Asked) -> ForeignLayer:
    """Read a layer; `folder` is for private copies.

    Raises
    ------
    HjgisError
        As `sources.read_layer` says.
    """
    path = _at_hand(source, folder)
    kind = format_of(path)
    chosen = kind.chosen(path, name, asked, packed=path.parent != source.parent)
    read = kind.read(path, chosen, asked)
    if chosen is None and name not in (None, read.name):
        message = _("{path} has no layer {layer}.").format(path=source.name, layer=name)
        raise InputQuestion(message, "--source-layer", (read.name,))
    read = without_places(read) if asked.spatial is False and read.spatial else read
    return mojibake.noted(read)


def layers(
    source: Path, folder: Path, names: Iterable[str], asked: Asked
) -> Iterator[Callable[[], ForeignLayer]]:
    """Yield what reads each of some layers of a file that is unpacked once.

    Raises
    ------
    HjgisError
        If the file cannot be read at all; of one layer where that is read.
    """
    path = _at_hand(source, folder)
    kind = format_of(path)
    for name in names:
        yield partial(_named, kind, path, name, asked)


def _named(kind: Format, path: Path, name: str, asked: Asked) -> ForeignLayer:
    return mojibake.noted(kind.read(path, name, asked))


def book(source: Path, folder: Path) -> tuple[list[ForeignLayer], list[list[str]]]:
    """Read a workbook that came from here; `folder` is for private copies.

    Raises
    ------
    HjgisError
        As `sources.read_book` says.
    """
    return workbook_reading.read_book(_at_hand(source, folder))


def titles(source: Path, folder: Path) -> list[str]:
    """Return the names of a workbook's sheets; `folder` is for private copies.

    Raises
    ------
    HjgisError
        As `sources.sheet_titles` says.
    """
    return workbook_grids.titles(_at_hand(source, folder))


def summaries(source: Path, folder: Path, asked: Asked) -> tuple[LayerSummary, ...]:
    """Return what is in a file, layer by layer; `folder` is for private copies.

    Raises
    ------
    HjgisError
        As `sources.summaries` says.
    """
    path = _at_hand(source, folder)
    kind = format_of(path)
    found: list[ForeignLayer] = []
    unusable: list[InputError] = []
    for name in kind.all_names(path, asked):
        try:
            found.append(kind.read(path, name, asked))
        except InputError as error:
            # A question comes first: its answer may make the others readable.
            unusable.insert(0 if isinstance(error, InputQuestion) else len(unusable), error)
    if unusable and not found:
        raise unusable[0]
    return tuple(_summary(layer) for layer in found)


def previews(
    source: Path, folder: Path, candidates: Iterable[str]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return heading and first rows in each encoding; `folder` is for private copies.

    Raises
    ------
    HjgisError
        As `sources.encoding_previews` says.
    """
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


def _at_hand(source: Path, folder: Path) -> Path:
    """Return the file to read: unpacked, or a private copy where reading would write beside it."""
    path = source
    suffix = source.suffix.casefold()
    # Named after the source, which gives a folder of photos its name; apart from what is answered.
    folder = folder / "copies" / source.stem.replace("!", "！")
    folder.mkdir(parents=True)
    if suffix == ".zip":
        path = archives.only_file(source, folder, frozenset(FORMATS))
    elif suffix == ".kmz":
        path = archives.only_kml(source, folder)
    elif suffix in tables.BOOK_SUFFIXES and zipfile.is_zipfile(source):
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


def _copied(source: Path, folder: Path, parts: Sequence[Path]) -> Path:
    for part in parts:
        shutil.copyfile(part, folder / part.name)
    return folder / source.name
