"""What reaches over the ground: areas within a distance, and dots for so many."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.cartography.aggregated import areas, cells_of
from hjgis.cartography.portrayed import (
    LEGEND_ADDED,
    Portrayed,
    field_words,
    no_numbers,
    number_text,
    numbers,
    read,
    said,
    unit_of,
)
from hjgis.checks.features import Features
from hjgis.i18n import _, grouped, label
from hjgis.layers import locating
from hjgis.layers.project import Project
from hjgis.models.shapes import Shapes
from hjgis.models.styles.style import FillSymbol, MarkerSymbol, Style, StyleClass
from hjgis.models.themes import Portrayal
from hjgis.progress import Progress
from hjgis.render.features import shapes_paint

_COLOR: Final = "#2a9d8f"
_DOT_COLOR, _DOT_MM = "#0b3c6d", 0.7
# Circles of 64 corners differ from round by 0.1 % of their radius.
_CORNERS: Final = 16
# Coordinates of what is dissolved are rounded to this, so that no slivers stay.
_GRID_M: Final = 0.01
_MOST_DOTS: Final = 200_000
# More are not counted.
_BEYOND_DOTS: Final = 10**9
# Dots are tried so often inside of an area's box before one may fall short.
_TRIES: Final = 40


def coverage(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Paint what lies within a distance of the features, dissolved, and tell how much that is."""
    found = covered(project, entry, progress)
    if found is None:
        return no_numbers(project, entry)
    area, notes = found
    if area.is_empty:
        return Portrayed(notes=notes, hides=not entry.beside_own)
    color = entry.color or _COLOR
    layer = label(project.asset_type(entry.layer).label)
    if entry.radius_m and not entry.field:
        words = _("Within {radius} m: {layer}").format(
            radius=number_text(entry.radius_m), layer=layer
        )
    else:
        words = _("Within reach: {layer}").format(layer=layer)
    title = entry.legend_title or said(words)
    symbol = FillSymbol(color[:7] + "40", outline=color[:7], outline_mm=0.2)
    outlines = np.empty(1, object)
    outlines[0] = area
    classes = [StyleClass((), title, symbol)]
    paint = areas(entry.layer, outlines, np.zeros(1, np.int64), classes, title)
    return Portrayed(added=(paint,), hides=not entry.beside_own, notes=notes, told=notes[:1])


def covered(
    project: Project, entry: Portrayal, progress: Progress
) -> tuple[BaseGeometry, tuple[str, ...]] | None:
    """Return the area of a coverage and what to tell of it; None if no number says how far."""
    features = read(project, entry, progress)
    reach = np.full(len(features), entry.radius_m)
    if entry.field:
        given = numbers(project, entry, features, progress)
        if given is None:
            return None
        reach = np.where(np.isfinite(given), given, entry.radius_m)
    there = ~features.nowhere & (reach > 0)
    zones = shapely.buffer(features.geometry[there], reach[there], quad_segs=_CORNERS)
    # Joined first, put on the grid then: on the grid from the start takes six times as long.
    area: BaseGeometry = shapely.set_precision(shapely.union_all(zones), _GRID_M)
    notes = [_("{layer} covers {area} km².")]
    values = {
        "layer": label(features.asset.label),
        "area": f"{shapely.area(area) / 1e6:.2f}",
    }
    limit = _within(project, entry)
    if limit is not None:
        area = shapely.intersection(area, limit, grid_size=_GRID_M)
        whole = float(shapely.area(limit))
        notes = [_("{layer} covers {area} km² of {whole} km² of {within}, {share} %.")]
        values |= {
            "area": f"{shapely.area(area) / 1e6:.2f}",
            "whole": f"{whole / 1e6:.2f}",
            "share": f"{100 * shapely.area(area) / whole:.1f}" if whole else "0",
            "within": label(project.asset_type(entry.within).label),
        }
    elif entry.within:
        notes.append(_("There is no area to cut it to."))
    return area, tuple(note.format(**values) for note in notes)


def _within(project: Project, entry: Portrayal) -> BaseGeometry | None:
    """Return the areas that a coverage is cut to; None if there are none."""
    if entry.within not in project.types:
        return None
    shapes = project.table(entry.within, []).geometry
    assert shapes is not None
    usable = locating.usable(shapes)
    limit: BaseGeometry = shapely.union_all(usable[shapely.get_dimensions(usable) == 2])
    return None if limit.is_empty else limit


def dots(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Paint one dot for so many, where the features are: the same dots each time."""
    features = read(project, entry, progress)
    weights = np.ones(len(features))
    if entry.field:
        given = numbers(project, entry, features, progress)
        if given is None:
            return no_numbers(project, entry)
        weights = np.where(np.isfinite(given) & (given > 0), given, 0.0)
    outlines, totals = _places(project, entry, features, weights)
    with np.errstate(over="ignore"):
        many = np.minimum(np.floor(totals / entry.per + 0.5), _BEYOND_DOTS).astype(np.int64)
    notes = []
    if many.sum() > _MOST_DOTS:
        message = _("{layer}: {count} dots are too many; let one stand for more.")
        layer = label(features.asset.label)
        return Portrayed(notes=(message.format(layer=layer, count=grouped(int(many.sum()))),))
    if (short := int((totals > 0).sum() - (many > 0).sum())) > 0:
        message = _("{count} places hold less than half of a dot.")
        notes.append(message.format(count=grouped(short)))
    xy = np.concatenate(
        [np.empty((0, 2)), *(_inside(o, int(n)) for o, n in zip(outlines, many, strict=True) if n)]
    )
    what = field_words(project, entry) if entry.field else label(features.asset.label)
    unit = unit_of(project, entry)
    words = _("1 dot = {number} {what}").format(
        number=number_text(entry.per) + (f" {unit}" if unit else ""), what=what
    )
    title = entry.legend_title or said(words)
    sign = MarkerSymbol(
        "circle", entry.size_mm or _DOT_MM, fill=entry.color or _DOT_COLOR, stroke=None
    )
    style = Style(entry.layer, "marker", StyleClass((), title, sign), legend=LEGEND_ADDED)
    shapes = Shapes(0, np.arange(len(xy)), np.zeros(len(xy), np.uint8), xy)
    paint = shapes_paint(entry.layer, shapes, style, label=title)
    return Portrayed(added=(paint,), hides=not entry.beside_own, notes=tuple(notes))


def _places(
    project: Project, entry: Portrayal, features: Features, weights: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return areas and how much each of them holds: the features themselves, or cells of them."""
    if features.asset.geometry in ("Polygon", "MultiPolygon"):
        there = ~features.nowhere
        return locating.usable(features.geometry[there]), weights[there]
    cells = cells_of(project, entry, features)
    held = cells.of >= 0
    totals = np.bincount(cells.of[held], weights=weights[held], minlength=len(cells.outlines))
    return cells.outlines, totals.astype(np.float64)


def _inside(area: BaseGeometry, count: int) -> NDArray[np.float64]:
    """Return so many places in an area, evenly spread: the Halton sequence of 2 and 3."""
    x_min, y_min, x_max, y_max = area.bounds
    shapely.prepare(area)
    found = np.empty((0, 2))
    begin, step = 1, max(2 * count, 16)
    for _try in range(_TRIES):
        places = np.arange(begin, begin + step)
        xy = np.stack([_halton(places, 2), _halton(places, 3)], axis=1)
        xy = xy * (x_max - x_min, y_max - y_min) + (x_min, y_min)
        found = np.concatenate([found, xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]])
        if len(found) >= count:
            break
        begin += step
    return found[:count]


def _halton(places: NDArray[np.int64], base: int) -> NDArray[np.float64]:
    result, share, left = np.zeros(len(places)), 1.0, places.copy()
    while left.any():
        share /= base
        result += share * (left % base)
        left //= base
    return result
