"""Which files are read, by the ending of their names, and how each is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import epanet, nmea, photos, table_layers, tables, vector
from hjgis.exchange.drawings import drawing
from hjgis.exchange.foreign import ForeignLayer, beside
from hjgis.exchange.workbooks import workbook_grids
from hjgis.i18n import _


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user has said of a file."""

    encoding: str | None = None
    x: str | None = None
    y: str | None = None
    spatial: bool | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a kind are read; without `names` they hold one layer.

    Attributes
    ----------
    own : bool
        Whether the file itself is meant where no layer is named.
    tables : callable, optional
        Names of tables without geometry that are there too and must be asked for.
    """

    read: Callable[[Path, str | None, Asked], ForeignLayer]
    names: Callable[[Path, Asked], list[str]] | None = None
    own: bool = False
    tables: Callable[[Path], list[str]] = lambda _path: []

    def all_names(self, path: Path, asked: Asked) -> list[str | None]:
        """Return all that a file holds; just None where it is one layer."""
        return [None] if self.names is None else [*self._named(path, asked), *self.tables(path)]

    def chosen(
        self, path: Path, layer: str | None, asked: Asked, *, packed: bool = False
    ) -> str | None:
        """Return the layer that is meant.

        Parameters
        ----------
        packed : bool
            The file was found in an archive: nobody has named it.

        Raises
        ------
        InputQuestion
            If it must be said.
        """
        if self.names is None or (layer is None and self.own and not packed):
            return None
        names, others = self._named(path, asked), self.tables(path)
        if layer is not None and layer in (*names, *others):
            return layer
        if layer is None and len(names) == 1:
            return names[0]
        message = (
            _("{path} holds several layers; choose one.")
            if layer is None
            else _("{path} has no layer {layer}.")
        )
        words = message.format(path=path.name, layer=layer)
        raise InputQuestion(words, "--source-layer", (*names, *others))

    def _named(self, path: Path, asked: Asked) -> list[str]:
        assert self.names is not None
        names = self.names(path, asked)
        if not names:
            raise InputError(
                _("{path} holds nothing that could be imported.").format(path=path.name)
            )
        return names


def _gdal(path: Path, layer: str | None, asked: Asked) -> ForeignLayer:
    return vector.read_vector(path, layer, asked.encoding)


def _drawing(path: Path, layer: str | None, asked: Asked) -> ForeignLayer:
    return drawing.read_drawing(path, layer or "", asked.encoding)


def _text(path: Path, layer: str | None, asked: Asked) -> ForeignLayer:
    return table_layers.read_text_layer(
        path, layer, asked.encoding, x=asked.x, y=asked.y, spatial=asked.spatial
    )


def _text_names(path: Path, _asked: Asked) -> list[str]:
    return [path.stem, *(other.stem for other in tables.sisters(path))]


def _cass(path: Path, _layer: str | None, asked: Asked) -> ForeignLayer:
    return table_layers.read_cass(path, asked.encoding)


def _sheet(path: Path, layer: str | None, asked: Asked) -> ForeignLayer:
    return table_layers.read_sheet_layer(
        path, layer or "", x=asked.x, y=asked.y, spatial=asked.spatial
    )


def _network(path: Path, layer: str | None, _asked: Asked) -> ForeignLayer:
    return epanet.read_inp(path, layer or "")


def _log(path: Path, _layer: str | None, _asked: Asked) -> ForeignLayer:
    return nmea.read_log(path)


def _photos(path: Path, _layer: str | None, _asked: Asked) -> ForeignLayer:
    return photos.read_photos(path)


_ONE: Final = Format(_gdal)
_PHOTOS: Final = Format(_photos)
_LOG: Final = Format(_log)
_SEVERAL: Final = Format(
    _gdal, lambda path, _asked: vector.layer_names(path), tables=vector.table_names
)
_WORKBOOK: Final = Format(_sheet, lambda path, _asked: workbook_grids.sheet_names(path))
_TEXT: Final = Format(_text, _text_names, own=True)
FORMATS: Final[Mapping[str, Format]] = {
    ".shp": _ONE,
    ".dbf": _ONE,
    ".geojson": _ONE,
    ".json": _ONE,
    ".gpkg": _SEVERAL,
    ".kml": _SEVERAL,
    ".kmz": _SEVERAL,
    ".gdb": _SEVERAL,
    ".dxf": Format(_drawing, lambda path, asked: drawing.layer_names(path, asked.encoding)),
    ".csv": _TEXT,
    ".txt": _TEXT,
    ".dat": Format(_cass),
    ".xlsx": _WORKBOOK,
    ".xls": _WORKBOOK,
    ".inp": Format(_network, lambda path, _asked: epanet.layer_names(path)),
    ".nmea": _LOG,
    ".log": _LOG,
    **dict.fromkeys(photos.SUFFIXES, _PHOTOS),
}
# Notes are named so as well.
_NOTES: Final = (".txt", ".log")
# Of a shapefile.
_PARTS: Final = (".dbf", ".shx", ".prj", ".cpg")
# What people try, and what they should ask for instead.
_INSTEAD: Final[Mapping[str, str]] = {
    ".dwg": "DXF",
    ".mdb": "XLSX, CSV",
    ".accdb": "XLSX, CSV",
    ".heic": "JPEG",
    ".ubx": "NMEA",
    ".et": "XLSX",
    ".xlsm": "XLSX",
    ".rar": "ZIP",
    ".7z": "ZIP",
    ".tab": "SHP",
    ".mif": "SHP",
}
FILES: Final = " ".join(f"*{suffix}" for suffix in (*FORMATS, ".zip"))


def format_of(path: Path) -> Format:
    """Return how a file is read.

    Raises
    ------
    InputError
        If it is of no format that is read here, or belongs to another file.
    UsageError
        If the same program writes another format that is.
    """
    suffix = path.suffix.casefold()
    if path.is_dir() and suffix != ".gdb":
        return _PHOTOS
    if suffix in _INSTEAD:
        message = _("{path}: files {suffix} are not read; ask for {other}.")
        raise UsageError(message.format(path=path.name, suffix=suffix, other=_INSTEAD[suffix]))
    if suffix in _PARTS and beside(path, ".shp") is not None:
        message = _("{path} is a part of a shapefile; import the .shp beside it.")
        raise InputError(message.format(path=path.name))
    if suffix not in FORMATS:
        message = _("{path} is of no format that hjgis reads: {formats}.")
        names = ", ".join(name.removeprefix(".").upper() for name in FORMATS)
        raise InputError(message.format(path=path.name, formats=names))
    if suffix in _NOTES and nmea.is_log(path):
        return _LOG
    return FORMATS[suffix]
