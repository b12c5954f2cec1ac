"""What is counted into cells: densities, and pies of values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.cartography.classed import categorised, coded_values, value_text
from hjgis.cartography.portrayed import (
    LEGEND_ADDED,
    Portrayed,
    class_texts,
    field_words,
    graded,
    heading,
    no_numbers,
    numbers,
    read,
    said,
    unit_of,
)
from hjgis.checks.cells import cell_outlines, cells_at
from hjgis.checks.features import Features, places
from hjgis.i18n import N_, _, label
from hjgis.layers import locating
from hjgis.layers.project import Project
from hjgis.models.assets import Label
from hjgis.models.shapes import Shapes
from hjgis.models.styles.style import FillSymbol, Style, StyleClass
from hjgis.models.themes import Measure, Portrayal
from hjgis.progress import Progress
from hjgis.render.features import LayerPaint, shapes_paint

# The pie of the fullest cell reaches so far to the cell's edge; no pie is smaller than the other.
_PIE, _SMALLEST_PIE = 0.46, 0.14
_ARC: Final = 25
# More rows of cells than any map has.
_ROWS: Final = 2**32
_OUTLINE: Final = "#ffffff"
_SEE_THROUGH: Final = "cc"
_MEASURES: Final[Mapping[Measure, str]] = {
    "count": N_("number"),
    "per_km2": N_("density"),
    "sum": N_("sum of {field}"),
    "mean": N_("mean of {field}"),
    "share": N_("share of {values}"),
    "length_km": N_("length"),
}
_UNITS: Final[Mapping[Measure, str]] = {
    "count": "",
    "per_km2": N_("per km²"),
    "share": "%",
    "length_km": "km",
}


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells that something lies in, and which of them holds each feature.

    Attributes
    ----------
    outlines : array of polygons, shape (c,)
    of : array of int64, shape (n,)
        The cell of each feature, by its middle; -1 for none.
    middles : array of float64, shape (c, 2)
    radius : array of float64, shape (c,)
        Of the largest circle in a cell around its middle, about, m.
    """

    outlines: NDArray[np.object_]
    of: NDArray[np.int64]
    middles: NDArray[np.float64]
    radius: NDArray[np.float64]


def density(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Colour cells by what they hold; those that hold nothing are not painted."""
    features = read(project, entry, progress)
    if entry.measure == "length_km":
        outlines, values = _lengths(project, entry, features)
    else:
        cells = cells_of(project, entry, features)
        found = _measured_in(project, entry, features, cells, progress)
        if found is None:
            return no_numbers(project, entry)
        outlines, values = cells.outlines, found
    there = np.flatnonzero(np.isfinite(values))
    if not len(there):
        return Portrayed(notes=_empty(project, entry), hides=not entry.beside_own)
    outlines, values = outlines[there], values[there]
    classes, colors, notes = graded(project, entry, values)
    unit = entry.unit or (
        _(_UNITS[entry.measure]) if entry.measure in _UNITS else unit_of(project, entry)
    )
    made = [
        StyleClass((), said(text), FillSymbol(color + _SEE_THROUGH, _OUTLINE, 0.1))
        for text, color in zip(
            class_texts(classes, unit, open_ends=entry.scheme == "user"), colors, strict=True
        )
    ]
    title = heading(project, entry, _what(project, entry))
    paint = areas(entry.layer, outlines, classes.of(values), made, title)
    return Portrayed(added=(paint,), hides=not entry.beside_own, notes=tuple(notes))


def pies(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Paint a pie of values in each cell, as large as its number; sizes are on the ground.

    So they keep within their cells at any scale, and are areas like others in PDF and SVG.
    """
    features = read(project, entry, progress)
    found, notes = categorised(project, entry, features, progress)
    cells = cells_of(project, entry, features)
    if not found.legend or not len(cells.outlines):
        return Portrayed(notes=_empty(project, entry), hides=not entry.beside_own)
    legend = [*found.legend, (said(_("No data")), "#d5d9dd")]
    of = np.where(found.of < 0, len(legend) - 1, found.of)
    known = cells.of >= 0
    flat = np.bincount(
        cells.of[known] * len(legend) + of[known], minlength=len(cells.outlines) * len(legend)
    )
    table = flat.reshape(len(cells.outlines), len(legend))
    shapes, classes = _wedges(cells, table)
    made = [StyleClass((), words, FillSymbol(color, _OUTLINE, 0.1)) for words, color in legend]
    largest = int(table.sum(axis=1).max())
    size = _("the largest pie holds {count}").format(count=largest)
    title = entry.legend_title or said(f"{field_words(project, entry)} · {size}")
    paint = areas(entry.layer, shapes, classes, made, title)
    # Over what lies in the cells, but that is what the pies are made of.
    return Portrayed(added=(paint,), hides=not entry.beside_own, notes=notes)


def cells_of(project: Project, entry: Portrayal, features: Features) -> Cells:
    """Return the cells that the features of a portrayal lie in."""
    xy = places(features.geometry)
    if entry.cells == "grid":
        _ids, outlines = cell_outlines(project)
        radius = np.sqrt(shapely.area(outlines)) / 2
        return Cells(outlines, cells_at(xy, outlines), places(outlines), radius)
    sure = np.flatnonzero(np.isfinite(xy).all(axis=1))
    of = np.full(len(xy), -1, np.int64)
    keys = _KEYS[entry.cells](xy[sure], entry.cell_m)
    # Column and row in one number are sorted ten times as soon as pairs.
    found, first, at = np.unique(
        keys[:, 0] * _ROWS + keys[:, 1], return_index=True, return_inverse=True
    )
    of[sure] = at
    middles = _MIDDLES[entry.cells](keys[first], entry.cell_m)
    return Cells(
        _OUTLINES[entry.cells](middles, entry.cell_m),
        of,
        middles,
        np.full(len(found), entry.cell_m / 2),
    )


def _square_keys(xy: NDArray[np.float64], wide: float) -> NDArray[np.int64]:
    return np.floor(xy / wide).astype(np.int64)


def _square_middles(keys: NDArray[np.int64], wide: float) -> NDArray[np.float64]:
    return np.asarray((keys + 0.5) * wide, np.float64)


def _squares(middles: NDArray[np.float64], wide: float) -> NDArray[np.object_]:
    low, high = middles - wide / 2, middles + wide / 2
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), object)


def _hexagon_keys(xy: NDArray[np.float64], wide: float) -> NDArray[np.int64]:
    """Return column and row of the hexagon, point upwards, that holds each place.

    The nearest of the middles of two lattices of rectangles is that of the hexagon.
    """
    tall = wide * math.sqrt(3)
    even = np.rint(xy / (wide, tall))
    odd = np.rint(xy / (wide, tall) - 0.5)
    to_even = ((xy - even * (wide, tall)) ** 2).sum(axis=1)
    to_odd = ((xy - (odd + 0.5) * (wide, tall)) ** 2).sum(axis=1)
    return np.where((to_even <= to_odd)[:, None], 2 * even, 2 * odd + 1).astype(np.int64)


def _hexagon_middles(keys: NDArray[np.int64], wide: float) -> NDArray[np.float64]:
    return np.asarray(keys / 2 * (wide, wide * math.sqrt(3)), np.float64)


def _hexagons(middles: NDArray[np.float64], wide: float) -> NDArray[np.object_]:
    angles = np.deg2rad(np.arange(30, 390, 60))
    corners = wide / math.sqrt(3) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(shapely.polygons(middles[:, None] + corners[None]), object)


def _measured_in(
    project: Project, entry: Portrayal, features: Features, cells: Cells, progress: Progress
) -> NDArray[np.float64] | None:
    """Return the measure of each cell, NaN for none; None if there are no numbers."""
    count = len(cells.outlines)
    held = cells.of >= 0
    number = np.bincount(cells.of[held], minlength=count).astype(np.float64)
    empty = np.where(number > 0, number, np.nan)
    if entry.measure == "count":
        return empty
    if entry.measure == "per_km2":
        return np.asarray(empty / (shapely.area(cells.outlines) / 1e6), np.float64)
    if entry.measure == "share":
        coded = coded_values(project, entry, features, progress)
        known = held & ~coded.missing
        meant = coded.isin(_meant(features, entry))
        whole = np.bincount(cells.of[known], minlength=count)
        part = np.bincount(cells.of[known & meant], minlength=count)
        share = np.full(count, np.nan)
        np.divide(100.0 * part, whole, out=share, where=whole > 0)
        return share
    given = numbers(project, entry, features, progress)
    if given is None:
        return None
    known = held & np.isfinite(given)
    total = np.bincount(cells.of[known], weights=given[known], minlength=count)
    many = np.bincount(cells.of[known], minlength=count)
    return np.where(
        many > 0, total if entry.measure == "sum" else total / np.maximum(many, 1), np.nan
    )


def _meant(features: Features, entry: Portrayal) -> set[Any]:
    """Return the values of a share as they are stored: yes and no and numbers are numbers."""
    if features.coded(entry.field) is not None:
        return set(entry.values)
    words = {"true": 1.0, "false": 0.0}
    return {words[value] if value in words else float(value) for value in entry.values}


def _lengths(
    project: Project, entry: Portrayal, features: Features
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return cells and km of line in each, cut at the cells' edges."""
    lines = features.geometry[~features.nowhere]
    if entry.cells == "grid":
        _ids, outlines = cell_outlines(project)
        outlines = locating.usable(outlines)
    else:
        outlines = _along(lines, entry)
    if not len(outlines) or not len(lines):
        return np.empty(0, object), np.empty(0)
    line, cell = shapely.STRtree(outlines).query(lines, predicate="intersects")
    # What lies in one cell alone need not be cut.
    alone = (np.bincount(line, minlength=len(lines)) == 1)[line] & (entry.cells != "grid")
    km = np.zeros(len(line))
    km[alone] = shapely.length(lines[line[alone]]) / 1000
    cut = ~alone
    km[cut] = shapely.length(shapely.intersection(lines[line[cut]], outlines[cell[cut]])) / 1000
    total = np.bincount(cell, weights=km, minlength=len(outlines))
    return outlines, np.where(total > 0, total, np.nan)


def _along(lines: NDArray[np.object_], entry: Portrayal) -> NDArray[np.object_]:
    """Return the cells that lines may pass: those of their vertices, set close enough."""
    dense = shapely.segmentize(lines, entry.cell_m / 2)
    keys = np.unique(_KEYS[entry.cells](shapely.get_coordinates(dense), entry.cell_m), axis=0)
    around = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    if entry.cells == "hexagon":
        around = [(0, 0), (2, 0), (-2, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    every = np.unique((keys[:, None] + np.array(around, np.int64)[None]).reshape(-1, 2), axis=0)
    return _OUTLINES[entry.cells](_MIDDLES[entry.cells](every, entry.cell_m), entry.cell_m)


def _wedges(
    cells: Cells, table: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return a slice for each value of each cell, from noon clockwise, and its class."""
    whole = table.sum(axis=1)
    ends = np.cumsum(table, axis=1) / np.maximum(whole, 1)[:, None]
    cell, value = np.nonzero(table)
    end = ends[cell, value]
    start = end - table[cell, value] / whole[cell]
    share = np.sqrt(whole / whole.max())
    radius = 2 * cells.radius * np.maximum(_PIE * share, _SMALLEST_PIE)
    turn = np.linspace(0, 1, _ARC)[None]
    angle = math.pi / 2 - 2 * math.pi * (start[:, None] + (end - start)[:, None] * turn)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    # A whole pie has no corner in its middle.
    corner = np.where((end - start > 1 - 1e-9)[:, None], arc[:, 0], 0.0)
    ring = np.concatenate([corner[:, None], arc, corner[:, None]], axis=1)
    placed = cells.middles[cell][:, None] + radius[cell][:, None, None] * ring
    return np.asarray(shapely.polygons(placed), object), value.astype(np.int64)


def _what(project: Project, entry: Portrayal) -> str:
    values = "/".join(value_text(project, entry, value) for value in entry.values)
    words = _(_MEASURES[entry.measure])
    return words.format(field=field_words(project, entry), values=values)


def _empty(project: Project, entry: Portrayal) -> tuple[str, ...]:
    message = _("{layer}: nothing lies in any cell.")
    return (message.format(layer=label(project.asset_type(entry.layer).label)),)


def areas(
    layer: str,
    outlines: NDArray[np.object_],
    of: NDArray[np.int64],
    classes: list[StyleClass],
    title: Label,
) -> LayerPaint:
    """Return areas that have no row in the file, ready to be painted."""
    style = Style(layer, "fill", classes[-1], classes=tuple(classes[:-1]), legend=LEGEND_ADDED)
    fids = np.arange(len(outlines), dtype=np.int64)
    shapes = Shapes.of(outlines, 2, fids=fids, classes=of.astype(np.uint8))
    return shapes_paint(layer, shapes, style, label=title)


_KEYS: Final = {"square": _square_keys, "hexagon": _hexagon_keys}
_MIDDLES: Final = {"square": _square_middles, "hexagon": _hexagon_middles}
_OUTLINES: Final = {"square": _squares, "hexagon": _hexagons}
