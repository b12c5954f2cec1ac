"""Export: layers as files that open right elsewhere, with everything that was lost named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from hjgis.errors import InputError
from hjgis.exchange import csv_layers, geojson_file, geopackage_file, kml_file, marks, photo_folder
from hjgis.exchange.drawings import drawing_file
from hjgis.exchange.outgoing import Format, Outgoing, Selection, Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.exchange.shapefiles import look_beside, shapefile
from hjgis.exchange.shapefiles.dictionary import LOSSES, write_dictionary
from hjgis.exchange.unfinished import cannot_write, refuse_existing, unfinished
from hjgis.exchange.workbooks import workbook_file
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.crs import Crs, parse_crs
from hjgis.progress import SILENT, Progress

DICTIONARY: Final = "字段对照表.xlsx"
# Formats with a file for each layer; the others hold all layers in one.
FOLDERS: Final = ("shp", "csv", "geojson")
# Of several files of one name, those that name the others.
_FIRST: Final = (".shp",)


class FormatWriter(Protocol):
    """What a format is: the two functions of its module."""

    def foresee(
        self, going: Sequence[Outgoing], writing: Writing, *, progress: Progress = ...
    ) -> list[LayerExport]:
        """Return names and losses; nothing is written."""

    def write(
        self, going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = ...
    ) -> list[LayerExport]:
        """Write into a folder that is there, or one new file; tell the same losses."""


FORMATS: Final[Mapping[str, FormatWriter]] = {
    "shp": shapefile,
    "gpkg": geopackage_file,
    "geojson": geojson_file,
    "csv": csv_layers,
    "dxf": drawing_file,
    "kml": kml_file,
    "xlsx": workbook_file,
}


def target_crs(project: Project, format_: Format, given: str | None) -> Crs:
    """Return the system of the files: the one given, else what the format or the project has.

    A drawing is in metres: no CAD program measures in degrees.
    """
    degrees = format_ in ("geojson", "kml")
    found = parse_crs(given or ("EPSG:4490" if degrees else project.crs.text))
    return project.crs if format_ == "dxf" and found.is_geographic else found


def foresee(
    project: Project, selection: Selection, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return what `write` will tell of each layer; nothing is written.

    Raises
    ------
    InputError
        If a layer cannot be written in the format at all.
    """
    going = selection.outgoing(project, writing.crs)
    return FORMATS[writing.format].foresee(going, writing, progress=progress)


def write(
    project: Project,
    out: Path,
    selection: Selection,
    writing: Writing,
    *,
    photos: bool = False,
    dictionary: bool = True,
    progress: Progress = SILENT,
) -> ExportReport:
    """Write layers into a folder (shp, csv, geojson) or one new file (gpkg, xlsx, dxf, kml).

    Parameters
    ----------
    photos : bool
        Write the photos and papers of what is written into a folder, too, with a list of them.
    dictionary : bool
        Write beside shapefiles what their short names mean.

    Raises
    ------
    InputError
        If a file is there already or the folder cannot be written; nothing is left of it then.
    """
    format_ = FORMATS[writing.format]
    going = selection.outgoing(project, writing.crs)
    folder = writing.format in FOLDERS
    check_place(project, out, selection, writing)
    home = _prepare(out, writing)
    with unfinished(home, home) as hidden:
        made = hidden / "data"
        made.mkdir()
        done = format_.write(going, made if folder else made / out.name, writing, progress=progress)
        if writing.format == "shp" and done and dictionary:
            write_dictionary(project, done, made / DICTIONARY)
        if photos:
            uuids = {one.asset.id: one.uuids() for one in going if not one.asset.is_record}
            beside = photo_folder.beside(made if folder else made / out.name)
            photo_folder.write(project, uuids, beside, progress)
        files = _hand_over(made, home)
    shutil.rmtree(hidden, ignore_errors=True)
    progress.report(len(going), len(going), "")
    return ExportReport(tuple(files), tuple(done))


def check_place(project: Project, out: Path, selection: Selection, writing: Writing) -> None:
    """Refuse what `write` would find in its way; nothing is made.

    Raises
    ------
    InputError
        If a file is there already, or the folder of the one file is not.
    """
    going = selection.outgoing(project, writing.crs)
    folder = writing.format in FOLDERS
    try:
        if not folder and not out.parent.is_dir():
            raise InputError(_("There is no folder {path}.").format(path=out.parent))
        for path in (out / name for name in _names(writing, going)) if folder else (out,):
            refuse_existing(path)
    except OSError as error:
        raise cannot_write(out, error) from error


def _prepare(out: Path, writing: Writing) -> Path:
    """Return the folder of the files, made if need be."""
    if writing.format not in FOLDERS:
        return out.parent
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out, error) from error
    return out


def _names(writing: Writing, going: Sequence[Outgoing]) -> Iterator[str]:
    """Yield the names that files in a folder will have."""
    endings: Sequence[str] = (f".{writing.format}",)
    if writing.format == "shp":
        endings = (*shapefile.PARTS, marks.SHAPEFILE_NOTE, look_beside.ENDING)
        yield from (DICTIONARY, LOSSES)
    for one in going:
        yield from (f"{one.asset.id}{ending}" for ending in endings)


def _hand_over(made: Path, home: Path) -> list[Path]:
    """Move what was made to where it belongs; return the files, of a layer the first one first."""
    entries = sorted(made.iterdir())
    files = sorted(
        (home / path.relative_to(made) for path in made.rglob("*") if path.is_file()),
        key=lambda path: (path.parent, path.stem, path.suffix not in _FIRST, path.suffix),
    )
    for entry in entries:
        refuse_existing(home / entry.name)
    moved: list[Path] = []
    try:
        for entry in entries:
            moved.append(entry.rename(home / entry.name))
    except BaseException as error:
        for path in moved:
            path.rename(made / path.name)
        if isinstance(error, OSError):
            raise cannot_write(home, error) from error
        raise
    return files
