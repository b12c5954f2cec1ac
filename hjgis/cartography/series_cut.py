"""A town cut into sheets: where each lies, what it is called, and which are around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.cartography.composition import Place, check_scale, fitting_scale, scale_text
from hjgis.cartography.series_shapes import (
    Cut,
    cells_held,
    holding,
    read_shapes,
    theme_layers,
)
from hjgis.cartography.strips import strip_centers
from hjgis.checks import targets
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent, FeatureKey
from hjgis.models.sheet_numbers import SIDE_MM, StandardSheet, side_m
from hjgis.models.sheets import DEFAULT_SHEET, Sheet, sheet
from hjgis.models.targets import FACT as TARGETS
from hjgis.models.targets import project_register
from hjgis.models.themes import DEFAULT_THEME, Theme, theme
from hjgis.progress import SILENT, Progress

SeriesKind = Literal["grid", "road", "sheet", "selected", "target"]
KINDS: Final[tuple[SeriesKind, ...]] = get_args(SeriesKind)
# More nobody prints; who asks for more has most likely mistaken the scale.
MOST_SHEETS: Final = 2000

_STANDARD: Final = "standard"
_ROAD_SCALE: Final = 1000.0
_SHEET_SCALE: Final = 1000.0
# A single lamp is shown with what lies around it.
_LARGEST: Final = 500.0
# Between a road's line and the neat line, and what two strips share of it, on paper.
_ROAD_MARGIN_MM: Final = 10.0
_OVERLAP: Final = 0.1
# Where the eight sheets around are in `Place.neighbours`, anticlockwise from the east.
_AROUND: Final = (5, 2, 1, 0, 3, 6, 7, 8)
_OWN: Final = 4


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a series is cut by."""

    project: Project
    theme: Theme
    sheet: Sheet
    scale: float | None
    layer: str | None
    extent: Extent | None
    selected: Sequence[FeatureKey] | None
    progress: Progress

    @property
    def map_mm(self) -> tuple[float, float]:
        """Width and height of the sheet's map."""
        return self.sheet.map_mm.width, self.sheet.map_mm.height

    def uuids(self, layer: str) -> frozenset[str] | None:
        """Return which features of a layer are meant; None for all."""
        if self.selected is None:
            return None
        return frozenset(key.uuid for key in self.selected if key.layer == layer)


def series_places(
    project: Project,
    kind: str,
    *,
    sheet: str | Sheet = DEFAULT_SHEET,
    theme: str | Theme = DEFAULT_THEME,
    scale: float | None = None,
    layer: str | None = None,
    extent: Extent | None = None,
    selected: Sequence[FeatureKey] | None = None,
    progress: Progress = SILENT,
) -> tuple[Place, ...]:
    """Return the places of a series, in the order of its sheets.

    Parameters
    ----------
    kind : str
        ``grid``: a sheet for each unit grid cell that holds something of the theme, by rows from
        the north-west. ``road``: strips along each road. ``sheet``: the standard sheets of 1:500,
        1:1000 or 1:2000 in which there is something of the theme. ``selected``: a sheet for each
        feature of `selected`. ``target``: a sheet for each target of the board that counts
        features.
    scale : float, optional
        The n of 1 : n. Without it 1:1000 along roads and for standard sheets, else the largest
        usual one: at which every cell fits, or each feature or target.
    layer : str, optional
        The areas of ``grid`` or the lines of ``road`` instead of unit grids and roads.
    extent : tuple of float, optional
        Only what reaches into this box, project CRS. Standard sheets without it are those within
        the box of the boundary, if the project has one.
    selected : sequence of FeatureKey, optional
        For ``selected``; for ``grid`` and ``road`` only these cells or roads.

    Raises
    ------
    UsageError
        If kind, sheet, theme, layer or scale is none, nothing is selected, something does not fit
        at the scale, or there would be more than `MOST_SHEETS`.
    HjgisError
        If there is nothing to make sheets of.
    Cancelled
        If `progress` says so.
    """
    if kind not in _CUTS:
        message = _("There is no series {name}. Known: {known}")
        raise UsageError(message.format(name=kind, known=", ".join(KINDS)))
    check_scale(scale)
    wish = _Wish(
        project,
        _theme(theme),
        _sheet(sheet),
        scale,
        layer,
        extent,
        selected,
        progress,
    )
    return _CUTS[kind](wish)


def series_sheet(kind: str) -> Sheet:
    """Return the sheet that is usual for a series."""
    return sheet(_STANDARD if kind == "sheet" else DEFAULT_SHEET)


def _theme(wanted: str | Theme) -> Theme:
    return theme(wanted) if isinstance(wanted, str) else wanted


def _sheet(wanted: str | Sheet) -> Sheet:
    return sheet(wanted) if isinstance(wanted, str) else wanted


# -- grids -------------------------------------------------------------------------------


def _grids(wish: _Wish) -> tuple[Place, ...]:
    name = _layer(wish, "grid", 2, _("There are no unit grids to make sheets of."))
    cells = read_shapes(wish.project, name, extent=wish.extent, uuids=wish.uuids(name))
    if not len(cells):
        raise HjgisError(_("There are no unit grids to make sheets of."))
    held = holding(
        wish.project, theme_layers(wish.project, wish.theme), cells.shapes, wish.progress
    )
    cells = cells.taken(held)
    if not len(cells):
        raise HjgisError(_("Nothing of this theme lies in any grid cell: there are no sheets."))
    _count(len(cells))
    boxes = shapely.bounds(cells.shapes)
    scale = _scale(wish, boxes)
    order = _by_rows(boxes).tolist()
    named = all(cells.ids) and len({*cells.ids}) == len(cells)
    numbers = [cells.ids[i] for i in order] if named else _running(len(cells))
    return tuple(
        Place(_center(boxes[i]), scale, cells.names[i], number, outline=cells.shapes[i])
        for i, number in zip(order, numbers, strict=True)
    )


def _by_rows(boxes: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the order of boxes by rows from the north-west; a row is as high as is usual."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    height = float(np.median(boxes[:, 3] - boxes[:, 1])) or 1.0
    rows = np.round((y.max() - y) / height)
    return np.lexsort((-y, x, rows))


# -- roads -------------------------------------------------------------------------------


def _roads(wish: _Wish) -> tuple[Place, ...]:
    name = _layer(wish, "road", 1, _("There are no roads to make sheets of."))
    found = read_shapes(wish.project, name, extent=wish.extent, uuids=wish.uuids(name))
    if not len(found):
        raise HjgisError(_("There are no roads to make sheets of."))
    scale = wish.scale or _ROAD_SCALE
    width, height = ((side - 2 * _ROAD_MARGIN_MM) * scale / 1000 for side in wish.map_mm)
    places: list[Place] = []
    for title, lines in _by_name(found).items():
        centers = _along(lines, (width, height))
        _count(len(places) + len(centers))
        places += _strips(title or found.kind, centers, scale, len(places))
        wish.progress.check()
    return tuple(places)


def _by_name(found: Cut) -> Mapping[str, list[Any]]:
    """Return the lines of each road; what has no name is a road by itself."""
    lines: dict[str, list[Any]] = {}
    for i, title in enumerate(found.names):
        lines.setdefault(title, []).append(found.shapes[i])
    return lines


def _along(shapes: Sequence[Any], room: tuple[float, float]) -> list[tuple[float, float]]:
    """Return the middles of the strips of one road, whose parts need not touch."""
    whole = shapely.line_merge(shapely.union_all(shapes))
    parts = [_directed(part) for part in shapely.get_parts(whole)]
    centers: list[tuple[float, float]] = []
    for part in sorted(parts, key=_from_west):
        if not any(shapely.box(*_around(at, room)).covers(part) for at in centers):
            centers += strip_centers(part, room, overlap_m=_OVERLAP * min(room))
    return centers


def _directed(line: Any) -> Any:
    """Return a line from west to east, or from north to south if it is upright."""
    (x0, y0), (x1, y1) = shapely.get_coordinates(line)[[0, -1]]
    backwards = x0 > x1 if abs(x1 - x0) >= abs(y1 - y0) else y0 < y1
    return shapely.reverse(line) if backwards else line


def _from_west(line: Any) -> tuple[float, float]:
    x, y = shapely.get_coordinates(line)[0]
    return float(x), -float(y)


def _around(center: tuple[float, float], room: tuple[float, float]) -> Extent:
    (x, y), (width, height) = center, room
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _strips(
    title: str, centers: Sequence[tuple[float, float]], scale: float, before: int
) -> list[Place]:
    numbers = [str(before + i + 1) for i in range(len(centers))]
    places = []
    for i, center in enumerate(centers):
        near = {numbers[j]: centers[j] for j in (i - 1, i + 1) if 0 <= j < len(centers)}
        name = f"{title} ({i + 1}/{len(centers)})" if len(centers) > 1 else title
        around = _compass(numbers[i], center, near) if near else ()
        places.append(Place(center, scale, name, numbers[i], around))
    return places


def _compass(
    own: str, center: tuple[float, float], near: Mapping[str, tuple[float, float]]
) -> tuple[str, ...]:
    """Return the numbers around a sheet, each as near as it can be to where it lies."""
    found = [""] * 9
    found[_OWN] = own
    for number, (x, y) in near.items():
        turn = math.atan2(y - center[1], x - center[0]) / (math.pi / 4)
        free = [i for i in range(8) if not found[_AROUND[i]]]
        best = min(free, key=lambda i: (abs((i - turn + 4) % 8 - 4), i))
        found[_AROUND[best]] = number
    return tuple(found)


# -- standard sheets ---------------------------------------------------------------------


def _standard(wish: _Wish) -> tuple[Place, ...]:
    scale = wish.scale or _SHEET_SCALE
    side = side_m(scale)
    if min(wish.map_mm) < SIDE_MM - 1e-6:
        message = _(
            "A standard sheet needs a map of {side:g} × {side:g} mm; that of {name} has"
            " {width:g} × {height:g}."
        )
        width, height = wish.map_mm
        raise UsageError(
            message.format(side=SIDE_MM, name=wish.sheet.id, width=width, height=height)
        )
    found = cells_held(
        wish.project,
        theme_layers(wish.project, wish.theme),
        side,
        extent=wish.extent or _town(wish.project),
        most=MOST_SHEETS,
        progress=wish.progress,
    )
    if not len(found):
        raise HjgisError(_("There is nothing to show: the layers of this map are empty."))
    _count(len(found))
    cells = [StandardSheet(int(scale), row, column) for column, row in found.tolist()]
    cells.sort(key=lambda cell: (-cell.row, cell.column))
    there = {*cells}
    return tuple(
        Place(
            cell.center,
            scale,
            wish.project.title,
            cell.number,
            tuple(other.number if other in there else "" for other in cell.around()),
            shapely.box(*cell.extent),
        )
        for cell in cells
    )


def _town(project: Project) -> Extent | None:
    """Return the box of the boundary: one misplaced feature makes no sheet at the equator."""
    return project.extent("boundary") if "boundary" in project.map_types else None


# -- features and targets ----------------------------------------------------------------


def _selected(wish: _Wish) -> tuple[Place, ...]:
    if not wish.selected:
        raise UsageError(_("Nothing is selected to make sheets of."))
    _count(len(wish.selected))
    layers = dict.fromkeys(key.layer for key in wish.selected)
    found: dict[FeatureKey, tuple[str, Any]] = {}
    for name in layers:
        if name not in wish.project.map_types:
            raise _no_layer(wish.project, name)
        cut = read_shapes(wish.project, name, extent=wish.extent, uuids=wish.uuids(name))
        for i, uuid in enumerate(cut.uuids):
            words = cut.names[i] or f"{cut.kind} {uuid[:8]}"
            found[FeatureKey(name, uuid)] = (words, cut.shapes[i])
    keys = [key for key in dict.fromkeys(wish.selected) if key in found]
    if not keys:
        raise HjgisError(_("Nothing that is selected has a place."))
    return tuple(
        _place(wish, found[key][1], found[key][0], str(i + 1)) for i, key in enumerate(keys)
    )


def _targets(wish: _Wish) -> tuple[Place, ...]:
    project = wish.project
    places = []
    for target in project_register(project.info(TARGETS)).targets:
        wish.progress.check()
        fids = targets.features_behind(project, target)
        if target.layer not in project.map_types or not len(fids):
            continue
        cut = read_shapes(project, str(target.layer), extent=wish.extent, fids=fids)
        if len(cut):
            shape = shapely.box(*shapely.total_bounds(cut.shapes))
            place = _place(wish, shape, label(target.title), target.id)
            places.append(replace(place, outline=None))
    if not places:
        raise HjgisError(_("No target of the board counts anything that has a place."))
    return tuple(places)


def _place(wish: _Wish, shape: Any, name: str, number: str) -> Place:
    box = shapely.bounds(shape)
    return Place(_center(box), _scale(wish, box[None], least=_LARGEST), name, number, outline=shape)


# -- what all share ----------------------------------------------------------------------


def _layer(wish: _Wish, usual: str, dimension: int, none: str) -> str:
    """Return which layer a series is cut by."""
    name = wish.layer or usual
    if name not in wish.project.map_types:
        raise _no_layer(wish.project, name) if wish.layer else HjgisError(none)
    geometry = wish.project.asset_type(name).geometry
    if dimension != (1 if "Line" in geometry else 2 if "Polygon" in geometry else 0):
        message = _("The layer {name} holds no areas.")
        if dimension == 1:
            message = _("The layer {name} holds no lines.")
        raise UsageError(message.format(name=name))
    return name


def _no_layer(project: Project, name: str) -> UsageError:
    message = _("There is no layer {name}. Known: {known}")
    return UsageError(message.format(name=name, known=", ".join(project.map_types)))


def _scale(wish: _Wish, boxes: NDArray[np.float64], *, least: float = 0.0) -> float:
    """Return the scale at which the largest of some boxes fits; refuse one at which it does not."""
    width, height = (boxes[:, 2:] - boxes[:, :2]).max(axis=0).tolist()
    needed = max(fitting_scale((0.0, 0.0, width, height), wish.sheet), least)
    if wish.scale is None:
        return needed
    across, up = (side * wish.scale / 1000 for side in wish.map_mm)
    if width > across * (1 + 1e-9) or height > up * (1 + 1e-9):
        message = _(
            "At {scale} a sheet shows {across:.0f} × {up:.0f} m; {width:.0f} × {height:.0f} m"
            " do not fit. {needed} would do."
        )
        raise UsageError(
            message.format(
                scale=scale_text(wish.scale),
                across=across,
                up=up,
                width=width,
                height=height,
                needed=scale_text(needed),
            )
        )
    return float(wish.scale)


def _count(sheets: int) -> None:
    if sheets > MOST_SHEETS:
        message = _(
            "That would be {count} sheets; a series has at most {most}. Choose a smaller scale"
            " or a smaller area."
        )
        raise UsageError(message.format(count=sheets, most=MOST_SHEETS))


def _center(box: NDArray[np.float64]) -> tuple[float, float]:
    return float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2


def _running(count: int) -> tuple[str, ...]:
    return tuple(str(i + 1) for i in range(count))


_CUTS: Final[Mapping[str, Callable[[_Wish], tuple[Place, ...]]]] = {
    "grid": _grids,
    "road": _roads,
    "sheet": _standard,
    "selected": _selected,
    "target": _targets,
}
