"""The page that explains a package to whoever opens it (说明.html); it needs no other file."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from hjgis import __version__
from hjgis.delivery.names import CHECKS, DATA, LOSSES, MANIFEST, MAP, PHOTOS, README
from hjgis.delivery.planning import Planned, writing
from hjgis.exchange import exporting
from hjgis.exchange.report import LayerExport
from hjgis.i18n import N_, _, label, language
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.deliveries import Delivery
from hjgis.models.report_form import FACT as FORM
from hjgis.models.report_form import form_of
from hjgis.models.secrecy import LEVELS, LIST
from hjgis.models.sheets import DEFAULT_SHEET, sheet
from hjgis.reports.tables import STYLE, Cell, Column, Table, table_html

_FORMATS: Final[Mapping[str, str]] = {
    "shp": N_("Shapefiles, one for each layer; names of columns are short, see the field table"),
    "dxf": N_("CAD drawing; attributes in blocks and extended data"),
    "xlsx": N_("Excel workbook, one sheet for each kind, with lists to choose from"),
    "gpkg": N_("GeoPackage with all layers, titles, code lists and looks for QGIS"),
    "geojson": N_("GeoJSON, one file for each layer"),
    "kml": N_("KML for globes"),
    "csv": N_("Tables of text (CSV), one for each layer"),
}
_STYLE: Final = """
.mark { float: right; font-size: 20px; font-weight: bold; border: 2px solid #b3261e;
  color: #b3261e; padding: 2px 12px; }
h1 { font-size: 22px; } h2 { font-size: 16px; margin: 20px 0 8px; break-after: avoid; }
table { margin-bottom: 12px; width: 100%; } li { margin: 4px 0; }
"""
_FACTS: Final = (Column(N_("Item"), 16), Column(N_("Value"), 64))
_FILES: Final = (Column(N_("File"), 30), Column(N_("What it is"), 50))
_LAYERS: Final = (
    Column(N_("Layer"), 22),
    Column(N_("Name in files"), 22),
    Column(N_("Shape"), 12),
    Column(N_("Features"), 12),
    Column(N_("Secrecy"), 12),
)
_SYSTEMS: Final = (
    Column(N_("Format"), 12),
    Column(N_("Coordinate system"), 50),
    Column(N_("Encoding"), 14),
    Column(N_("Losses"), 12),
)
_SHAPES: Final[Mapping[str, str]] = {
    "Point": N_("points"),
    "LineString": N_("lines"),
    "MultiLineString": N_("lines"),
    "Polygon": N_("areas"),
    "MultiPolygon": N_("areas"),
    "None": N_("table"),
}


def write_readme(
    project: Project,
    planned: Planned,
    entry: Delivery,
    written: Mapping[str, Sequence[LayerExport]],
    root: Path,
) -> None:
    """Write the page into a package that holds all else but the manifest."""
    text = "".join(_page(project, planned, entry, written, root))
    (root / README).write_text(text, "utf-8", newline="\n")


def _page(
    project: Project,
    planned: Planned,
    entry: Delivery,
    written: Mapping[str, Sequence[LayerExport]],
    root: Path,
) -> Iterator[str]:
    title = html.escape(_("{project}: delivered data").format(project=project.title))
    mark = html.escape(project.catalogue.codes(LIST).label_of(entry.secrecy))
    yield (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{title}</title>\n<style>{STYLE}{_STYLE}</style>\n</head>\n'
        f'<body>\n<div class="mark" align="right">{mark}</div>\n<h1>{title}</h1>\n'
    )
    tables = (
        _about(project, planned, entry),
        _files(root, planned),
        _layers(project, planned),
        _systems(project, planned, written),
    )
    for table in tables:
        yield f"<h2>{html.escape(table.title)}</h2>\n"
        yield from table_html(table)
    for heading, sentences in _advice(planned, written):
        yield f"<h2>{html.escape(heading)}</h2>\n<ul>\n"
        yield from (f"<li>{html.escape(sentence)}</li>\n" for sentence in sentences)
        yield "</ul>\n"
    yield "</body>\n</html>\n"


def _about(project: Project, planned: Planned, entry: Delivery) -> Table:
    office = form_of(project.info(FORM)).office or label(sheet(DEFAULT_SHEET).issuer)
    moment = dt.datetime.fromisoformat(entry.at).astimezone()
    rows: list[tuple[Cell, ...]] = [
        (_("Delivery number"), entry.name),
        (_("Made on"), moment.strftime("%Y-%m-%d %H:%M")),
        (_("Given by, and who to ask"), office),
        (_("Recipient"), entry.recipient),
        (_("Purpose"), entry.purpose),
        (_("Secrecy"), project.catalogue.codes(LIST).label_of(entry.secrecy)),
        (_("Place"), planned.place or _("all of the project")),
        (_("Ground covered"), f"{entry.area_km2:.2f} km²"),
        (_("Program"), f"hjgis {__version__}"),
    ]
    if project.is_sample:
        rows.append((_("Note"), _("Synthetic sample data, not for use.")))
    return Table(_("This delivery"), _FACTS, tuple(rows))


def _files(root: Path, planned: Planned) -> Table:
    known = {
        README: _("This page"),
        exporting.DICTIONARY: _("What the names of columns and the codes mean"),
        CHECKS: _("What the checks find on the delivered features"),
        LOSSES: _("Values that a format cannot hold as they are"),
        MAP: _("Map of the delivered features"),
        PHOTOS: _("Photos and papers, with a list of them"),
    }
    there = {path.name for path in root.iterdir()} | {README}
    rows: list[tuple[Cell, ...]] = [
        (f"{DATA}/{format_}", _(_FORMATS[format_])) for format_ in planned.foreseen
    ]
    rows += [(name, words) for name, words in known.items() if name in there]
    rows.append((MANIFEST, _("List of all files with their digests; needed to take it back")))
    return Table(_("What is in it"), _FILES, tuple(rows))


def _layers(project: Project, planned: Planned) -> Table:
    rows = []
    for layer, count in planned.counts.items():
        asset: AssetType = project.asset_type(layer)
        level = project.catalogue.codes(LIST).label_of(planned.levels[layer])
        rows.append((label(asset.label), layer, _(_SHAPES[asset.geometry]), count, level))
    return Table(_("Layers"), _LAYERS, tuple(rows))


def _systems(
    project: Project, planned: Planned, written: Mapping[str, Sequence[LayerExport]]
) -> Table:
    rows = []
    for format_, layers in written.items():
        how = writing(project, planned.order, format_)
        encoding = {
            "shp": how.encoding.upper(),
            "dxf": "GBK" if how.drawing == "R2004" else "UTF-8",
        }
        lost = sum(len(layer.losses) for layer in layers)
        named = f"{how.crs.text} {how.crs.called}"
        rows.append((format_, named, encoding.get(format_, "UTF-8"), lost))
    return Table(_("Coordinates and encoding"), _SYSTEMS, tuple(rows))


def _symbols(planned: Planned) -> list[str]:
    if "symbols" not in planned.order.parts or "shp" not in planned.foreseen:
        return []
    return [_("QGIS shows shapefiles with our symbols and titles: the .qml beside each says how.")]


def _advice(
    planned: Planned, written: Mapping[str, Sequence[LayerExport]]
) -> Iterator[tuple[str, list[str]]]:
    notes = [
        f"{format_}: {note}"
        for format_, layers in written.items()
        for layer in layers
        for note in layer.notes
    ]
    yield (
        _("How to read it"),
        [
            _("Coordinates of a projected system are in metres: X is north, Y is east."),
            _("Codes stand for words; the code lists are in {file}.").format(
                file=exporting.DICTIONARY
            ),
            _("An empty value is not known; 不详 was looked for and could not be found out."),
            *_symbols(planned),
            *notes,
        ],
    )
    yield (
        _("How to give it back"),
        [
            _("Change values and shapes in the files; keep the names of files and columns."),
            _("Leave the column UUID alone: by it each feature is known. New features have none."),
            _("Send back the whole folder with {file}, or only the files that you changed.").format(
                file=MANIFEST
            ),
        ],
    )
    words = [_("For the named purpose only; not to be passed on without consent.")]
    if planned.secrecy != LEVELS[0]:
        words.append(_("Marked data are kept, carried and destroyed as the rules for them demand."))
    yield _("Conditions"), words
