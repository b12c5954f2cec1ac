"""What a theme's table and chart tell: counts, lengths, areas of what lies on a sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.cartography.classed import coded_values, value_text
from hjgis.cartography.figures import PALETTE, Cell, Chart, Figures
from hjgis.cartography.portrayed import field_words, read
from hjgis.cartography.portraying import Themed
from hjgis.checks.features import Features
from hjgis.checks.figures import figures_of
from hjgis.i18n import N_, _, label
from hjgis.layers import locating
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Extent
from hjgis.models.styles.ramps import OTHERS_COLOR
from hjgis.models.styles.style import LineSymbol, MarkerSymbol, Symbol
from hjgis.models.styles.stylefile import style_for
from hjgis.models.themes import Portrayal, Summary, Theme
from hjgis.progress import SILENT, Progress

Numbers = NDArray[np.float64]
CLASS: Final = "class"
# More have no room on a sheet.
_MOST_COLUMNS: Final = 5
_UNIT: Final = re.compile(r"\s*[(（][^()（）]*[)）]$")
_DECIMALS: Final[Mapping[str, int]] = {"count": 0, "length_km": 2, "area_ha": 2}
_UNITS: Final[Mapping[str, str]] = {"count": "", "length_km": "km", "area_ha": N_("ha")}
_MEASURES: Final[Mapping[str, str]] = {
    "count": N_("Amount"),
    "length_km": N_("Length"),
    "area_ha": N_("Surface"),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """What features are told apart by: the place of each in `words`, shape (n,)."""

    of: NDArray[np.int64]
    words: tuple[str, ...]
    colors: tuple[str, ...] = ()


class Telling:
    """What a reckoned theme tells, read once for all sheets of a series.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """

    def __init__(self, project: Project, themed: Themed, *, progress: Progress = SILENT) -> None:
        asked = themed.theme.summary
        self._project, self._asked, self._notes = project, asked, themed.told
        self._axes: tuple[_Axis, _Axis] | None = None
        self._called = ""
        if asked is None or asked.layer not in project.types:
            return
        self._features = features = read(project, Portrayal(asked.layer, "single"), progress)
        down = _axis(project, asked, asked.rows, features, themed, progress)
        across = _axis(project, asked, asked.columns, features, themed, progress)
        if not asked.columns:
            across = _Axis(np.zeros(len(features), np.int64), (_(_MEASURES[asked.measure]),))
        if down is not None and across is not None:
            self._axes = (down, across)
            self._called = _called(project, themed.theme, asked, features)

    def figures(self, extent: Extent | None = None) -> Figures | None:
        """Return the figures; None if the theme tells none or its layer or field is no more.

        Parameters
        ----------
        extent : (xmin, ymin, xmax, ymax), optional
            What lies on the sheet, project CRS: lengths and areas are cut at it, points counted
            in it. The whole project if not given.
        """
        if self._asked is None or self._axes is None:
            return None
        down, across = self._axes
        amount = _amounts(self._features, self._asked.measure, extent)
        shape = (len(down.words), len(across.words))
        flat = np.bincount(
            down.of * shape[1] + across.of, weights=amount, minlength=shape[0] * shape[1]
        )
        table = flat.astype(np.float64).reshape(shape)
        scope = _("Of what lies on this sheet.") if extent else _("Of the whole project.")
        note = " ".join((*self._notes, scope))
        return _told(self._project, self._asked, table, self._axes, (self._called, note))


def summary(
    project: Project, themed: Themed, extent: Extent | None = None, *, progress: Progress = SILENT
) -> Figures | None:
    """Return the figures of a reckoned theme, once; see `Telling`."""
    return Telling(project, themed, progress=progress).figures(extent)


def _axis(
    project: Project,
    asked: Summary,
    name: str,
    features: Features,
    themed: Themed,
    progress: Progress,
) -> _Axis | None:
    """Return what features are told apart by; None if there is no such field, or no name."""
    if name == CLASS:
        shading = themed.shadings.get(asked.layer)
        style = shading.style if shading is not None else style_for(features.asset)
        words = tuple(label(entry.label) for entry in style.all_classes)
        colors = tuple(_color(entry.symbol) for entry in style.all_classes)
        if shading is not None:
            return _Axis(shading.of(features.fids).astype(np.int64), words, colors)
        if style.class_field is None:
            return _Axis(np.zeros(len(features), np.int64), words, colors)
        name, classes = style.class_field, style.class_of_code
        entry = Portrayal(asked.layer, "categories", field=name)
        coded = coded_values(project, entry, read(project, entry, progress), progress)
        known = [classes.get(value, len(style.classes)) for value in coded.values]
        return _Axis(np.array([*known, len(style.classes)])[coded.codes], words, colors)
    if not name or not (features.asset.has(name) or name in figures_of(features.asset)):
        return None
    entry = Portrayal(asked.layer, "categories", field=name)
    coded = coded_values(project, entry, read(project, entry, progress), progress)
    words = (*(value_text(project, entry, value) for value in coded.values), _("No data"))
    of = np.where(coded.missing, len(words) - 1, coded.codes)
    return _Axis(of, words, _inks(asked.layer, words, themed))


def _inks(layer: str, words: Sequence[str], themed: Themed) -> tuple[str, ...]:
    """Return the colours that the map gives to values of these names; none if it has none."""
    shading = themed.shadings.get(layer)
    classes = shading.style.all_classes if shading is not None else ()
    known = {label(entry.label): _color(entry.symbol) for entry in classes}
    if not any(word in known for word in words[:-1]):
        return ()
    return tuple(known.get(word, OTHERS_COLOR) for word in words)


def _color(symbol: Symbol) -> str:
    if isinstance(symbol, LineSymbol):
        return symbol.color[:7]
    fill = symbol.fill or symbol.stroke if isinstance(symbol, MarkerSymbol) else symbol.fill
    return (fill or OTHERS_COLOR)[:7]


def _amounts(features: Features, measure: str, extent: Extent | None) -> Numbers:
    """Return what of each feature counts: 1, km or ha, as far as it lies in the extent."""
    shapes = features.geometry
    if extent is not None:
        near = np.flatnonzero(_meets(features, extent))
        cut = np.full(len(shapes), None, object)
        cut[near] = shapes[near]
        if measure != "count":
            cut[near] = shapely.intersection(locating.usable(shapes[near]), shapely.box(*extent))
        shapes = cut
    elif measure == "count":
        # What has no place counts in the project, but on no sheet.
        return np.ones(len(features))
    if measure == "count":
        return np.asarray(~shapely.is_missing(shapes), np.float64)
    of, unit = (shapely.length, 1e3) if measure == "length_km" else (shapely.area, 1e4)
    with np.errstate(invalid="ignore", over="ignore"):
        sizes = of(shapes) / unit
    return np.where(np.isfinite(sizes), sizes, 0.0)


def _meets(features: Features, extent: Extent) -> NDArray[np.bool_]:
    shapes = features.geometry
    x_min, y_min, x_max, y_max = features.boxes.T
    near = (x_min <= extent[2]) & (x_max >= extent[0])
    near &= (y_min <= extent[3]) & (y_max >= extent[1])
    rows = np.flatnonzero(near & (shapely.get_dimensions(shapes) > 0))
    usable, frame = locating.usable(shapes[rows]), shapely.box(*extent)
    # What only touches the frame from outside is not on the sheet, as in the legend.
    near[rows] = shapely.intersects(usable, frame) & ~shapely.touches(usable, frame)
    return np.asarray(near, np.bool_)


def _told(
    project: Project,
    asked: Summary,
    table: Numbers,
    axes: tuple[_Axis, _Axis],
    words: tuple[str, str],
) -> Figures:
    (down, across), (called, note) = axes, words
    rows = [int(row) for row in np.flatnonzero(table.any(axis=1))]
    if asked.rows != CLASS:
        # The largest first, what is not known last.
        unknown = len(down.words) - 1
        rows.sort(key=lambda row: (row == unknown, -table[row].sum(), down.words[row]))
    meant = [number for number, word in enumerate(across.words) if word in _meant(project, asked)]
    part = table[:, meant].sum(axis=1)
    names, inks, table = _columns(asked, across, table, meant)
    line = _Line(asked, _DECIMALS[asked.measure])
    lines = [line.of(down.words[row], table[row], float(part[row])) for row in rows]
    total = line.of(_("Total"), table.sum(axis=0), float(part.sum()))
    layer = label(project.asset_type(asked.layer).label)
    title = _("{layer} by {what}").format(layer=layer, what=_without_unit(called))
    unit = _(_UNITS[asked.measure])
    chart = Chart(
        title,
        tuple(down.words[row] for row in rows),
        tuple((name, tuple(map(float, table[rows, at]))) for at, name in enumerate(names)),
        unit,
        kind=asked.chart,
        decimals=line.places,
        note=note,
        colours=inks or tuple(down.colors[row] for row in rows if down.colors),
    )
    header = _header(project, asked, [called, *names], unit)
    return Figures(title, header, tuple(lines), total, note, chart)


@dataclass(frozen=True, slots=True)
class _Line:
    """Makes the lines of a table: numbers, and their total and share where columns are told."""

    asked: Summary
    places: int

    def of(self, name: str, values: Numbers, meant: float) -> tuple[Cell, ...]:
        total = float(values.sum())
        cells: list[Cell] = [name, *map(self._cell, values.tolist())]
        if self.asked.columns:
            cells.append(self._cell(total))
        if self.asked.share:
            cells.append(round(100 * meant / total, 1) if total else None)
        return tuple(cells)

    def _cell(self, value: float) -> Cell:
        return round(value, self.places) if self.places else round(value)


def _header(project: Project, asked: Summary, names: list[str], unit: str) -> tuple[str, ...]:
    measure = _(_MEASURES[asked.measure])
    if not asked.columns:
        told = _("{what} ({unit})").format(what=measure, unit=unit) if unit else measure
        names = [names[0], told]
    header = list(names)
    if asked.columns:
        header.append(
            _("{what} ({unit})").format(what=_("Total"), unit=unit) if unit else _("Total")
        )
    if asked.share:
        header.append(_("{values} (%)").format(values="/".join(sorted(_meant(project, asked)))))
    return tuple(header)


def _columns(
    asked: Summary, across: _Axis, table: Numbers, meant: Sequence[int]
) -> tuple[list[str], tuple[str, ...], Numbers]:
    """Return names, colours and numbers of what there is, the smallest joined if too many."""
    if not asked.columns:
        return list(across.words), (), table
    there = [int(column) for column in np.flatnonzero(table.any(axis=0))]
    kept = there
    if meant:
        # The share is of these; what the others are tells the map.
        kept = [column for column in there if column in meant]
    elif len(there) > _MOST_COLUMNS:
        sums = table.sum(axis=0)
        largest = sorted(there, key=lambda column: -sums[column])[: _MOST_COLUMNS - 1]
        kept = [column for column in there if column in largest]
    colors = across.colors or PALETTE
    names = [across.words[column] for column in kept]
    inks = [colors[column % len(colors)] for column in kept]
    result = table[:, kept]
    rest = [column for column in there if column not in kept]
    if rest:
        names.append(_("Others"))
        inks.append(OTHERS_COLOR)
        result = np.column_stack([result, table[:, rest].sum(axis=1)])
    return names, tuple(inks), result


def _meant(project: Project, asked: Summary) -> set[str]:
    """Return what the values are called of which the share is told."""
    entry = Portrayal(asked.layer, "categories", field=asked.columns)
    return {value_text(project, entry, _typed(project, asked, value)) for value in asked.share}


def _typed(project: Project, asked: Summary, value: str) -> Value:
    asset = project.asset_type(asked.layer)
    if asset.has(asked.columns) and asset.field(asked.columns).type == "boolean":
        return value == "true"
    return value


def _called(project: Project, theme: Theme, asked: Summary, features: Features) -> str:
    """Return what the rows of a table are: a field, or what the map's classes are of."""
    if asked.rows == CLASS:
        titles = [entry.legend_title for entry in theme.portrayals if entry.layer == asked.layer]
        field = style_for(features.asset).class_field
        if titles:
            return label(titles[0]) if titles[0] else _("Class")
        return label(features.asset.field(field).label) if field else _("Class")
    return field_words(project, Portrayal(asked.layer, "categories", field=asked.rows))


def _without_unit(words: str) -> str:
    """Return words for a sentence: without what they say in brackets at their end."""
    return _UNIT.sub("", words) or words
