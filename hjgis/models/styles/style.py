"""How a layer looks: symbols, classes, labels and the scales at which they show.

A style is read from ``resources/styles/<asset>.toml``. Sizes are millimetres on the medium, so that
the screen and the sheet are painted from the same numbers.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import AssetType, GeometryType, Label

SymbolKind = Literal["marker", "line", "fill"]
Hatch = Literal["none", "diagonal", "cross"]

SHAPES: Final = (
    *("circle", "square", "diamond", "triangle", "hexagon", "cross"),
    *("grate", "lamp", "bicycle"),
)
HATCHES: Final = ("none", "diagonal", "cross")
KIND_OF_GEOMETRY: Final[Mapping[GeometryType, SymbolKind]] = {
    "Point": "marker",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "fill",
    "MultiPolygon": "fill",
    "None": "marker",
}
# Told apart on white and by people with colour weakness; none is a pipe colour of CJJ 61.
_REFERENCE_COLORS: Final = (
    "#4e79a7",
    "#8c6d31",
    "#59814f",
    "#9c5f8a",
    "#a05a4e",
    "#5b7f8c",
    "#6f6aa8",
    "#7a7a3d",
)
MAX_CLASSES: Final = 254


@dataclass(frozen=True, slots=True)
class MarkerSymbol:
    """A point symbol; `size_mm` is its largest outer width, outline included.

    `glyph` is a letter or two painted inside; it is left out where it would be too small to read.
    """

    shape: str = "circle"
    size_mm: float = 2.0
    fill: str | None = None
    stroke: str | None = "#333333"
    stroke_mm: float = 0.15
    glyph: str = ""
    glyph_color: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class LineSymbol:
    """A stroke, on a wider casing if `casing_mm` (each side) is not 0.

    `letters` stand in the line, every `letter_gap_mm` and at least once in a line that has room.
    At large scales the line is at least `ground_m` metres wide on the ground.
    """

    color: str = "#333333"
    width_mm: float = 0.3
    ground_m: float = 0.0
    casing: str | None = None
    casing_mm: float = 0.0
    dash_mm: tuple[float, ...] = ()
    letters: str = ""
    letter_mm: float = 1.6
    letter_gap_mm: float = 45.0


@dataclass(frozen=True, slots=True)
class FillSymbol:
    """An area: fill, hatch lines over it, outline."""

    fill: str | None = None
    outline: str | None = "#333333"
    outline_mm: float = 0.2
    dash_mm: tuple[float, ...] = ()
    hatch: Hatch = "none"
    hatch_color: str = "#777777"
    hatch_mm: float = 2.0


Symbol = MarkerSymbol | LineSymbol | FillSymbol


@dataclass(frozen=True, slots=True)
class StyleClass:
    """The features whose class field holds one of `codes`; higher `level` is painted later.

    With a `span`, those whose number is in it, both ends included; the first class that fits has
    them.
    """

    codes: tuple[object, ...]
    label: Label
    symbol: Symbol
    level: int = 0
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """Text beside features.

    Attributes
    ----------
    text : str
        Field names in braces, e.g. ``"{pipe_kind} DN{diameter_mm}"``; a word whose field
        is unknown is left out.
    max_denominator : float
        Labels are left out at scales smaller than 1 : this.
    repeat_mm : float
        The same text is not written again within this distance.
    priority : int
        Higher is placed first.
    """

    text: str
    size_mm: float = 2.2
    color: str = "#222222"
    halo: str = "#ffffff"
    halo_mm: float = 0.35
    max_denominator: float = math.inf
    repeat_mm: float = 0.0
    priority: int = 0
    bold: bool = False
    beside: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields in `text`."""
        return tuple(name for word in self.text.split() for name in _names_in(word))

    def texts(self, columns: Mapping[str, Sequence[object] | NDArray[np.object_]]) -> list[str]:
        """Write the label of every row.

        Parameters
        ----------
        columns : mapping of str to sequence of length n
            At least the columns named in `fields`.

        Returns
        -------
        list of str, length n
            Empty where nothing is known.
        """
        words = [(word, _names_in(word)) for word in self.text.split()]
        count = len(next(iter(columns.values()))) if columns else 0
        return [_written(words, columns, row) for row in range(count)]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend."""

    label: Label
    symbol: Symbol


@dataclass(frozen=True)
class Style:
    """How the features of one layer are painted.

    Attributes
    ----------
    classes : tuple of StyleClass
        At most 254; a feature of none of them is painted as `default`.
    max_denominator : float
        The layer is left out at scales smaller than 1 : this.
    sizes : tuple of (denominator, factor)
        Symbol sizes are multiplied by the factor, interpolated between the given scales.
    legend : int
        Place in a legend, lowest first.
    key : tuple of LegendEntry
        What a legend shows for the first `keyed` classes together: some sizes of many.
    """

    id: str
    kind: SymbolKind
    default: StyleClass
    class_field: str | None = None
    classes: tuple[StyleClass, ...] = ()
    label: LabelStyle | None = None
    max_denominator: float = math.inf
    opacity: float = 1.0
    sizes: tuple[tuple[float, float], ...] = ()
    legend: int = 100
    key: tuple[LegendEntry, ...] = ()
    keyed: int = 0
    _index: Mapping[object, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the codes once."""
        index = {code: i for i, item in enumerate(self.classes) for code in item.codes}
        object.__setattr__(self, "_index", index)

    @cached_property
    def all_classes(self) -> tuple[StyleClass, ...]:
        """Classes by index, the default last."""
        return (*self.classes, self.default)

    @property
    def class_of_code(self) -> Mapping[object, int]:
        """Index into `all_classes` of each code that has a class."""
        return self._index

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the fields that painting needs."""
        named = (*((self.class_field,) if self.class_field else ()),)
        labelled = self.label.fields if self.label else ()
        return tuple(dict.fromkeys((*named, *labelled)))

    def classify(self, values: NDArray[np.object_] | Sequence[object]) -> NDArray[np.uint8]:
        """Find the class of each value of the class field.

        Parameters
        ----------
        values : array of object, shape (n,)
            None where nothing is known.

        Returns
        -------
        array of uint8, shape (n,)
            Index into `all_classes`; the default's for unknown codes and None.
        """
        index, other = self._index, len(self.classes)
        found = (index.get(value, other) for value in values)
        if self.spans:
            found = (self.class_of(value) for value in values)
        return np.fromiter(found, dtype=np.uint8, count=len(values))

    @cached_property
    def spans(self) -> tuple[tuple[int, float, float], ...]:
        """Class index, lowest and highest number of each class of numbers."""
        return tuple((i, *item.span) for i, item in enumerate(self.classes) if item.span)

    def class_of(self, value: object) -> int:
        """Return the index into `all_classes` of one value of the class field."""
        found = self._index.get(value)
        if found is None and isinstance(value, int | float):
            found = next((i for i, low, high in self.spans if low <= value <= high), None)
        return len(self.classes) if found is None else found

    def visible_at(self, denominator: float) -> bool:
        """Whether the layer shows at the scale 1 : `denominator`."""
        # A hair of slack: a view set to the limit must not flicker.
        return denominator <= self.max_denominator * 1.0001

    def labels_at(self, denominator: float) -> bool:
        """Whether its labels show at the scale 1 : `denominator`."""
        limit = self.label.max_denominator if self.label else 0.0
        return self.visible_at(denominator) and denominator <= limit * 1.0001

    def size_factor(self, denominator: float) -> float:
        """By how much symbol sizes are multiplied at the scale 1 : `denominator`."""
        if not self.sizes:
            return 1.0
        scales, factors = zip(*self.sizes, strict=True)
        return float(np.interp(math.log(denominator), np.log(scales), factors))

    def legend_entries(self, present: Iterable[int] | None = None) -> tuple[LegendEntry, ...]:
        """Return the legend, in the style's order.

        Parameters
        ----------
        present : iterable of int, optional
            Only these class indices; all of them if not given.
        """
        wanted = set(range(len(self.all_classes)) if present is None else present)
        entries = enumerate(self.all_classes)
        return tuple(LegendEntry(item.label, item.symbol) for i, item in entries if i in wanted)


def default_style(asset: AssetType) -> Style:
    """Return a style for a layer without one: by geometry, its colour fixed by its name."""
    color = _REFERENCE_COLORS[zlib.crc32(asset.id.encode()) % len(_REFERENCE_COLORS)]
    kind = KIND_OF_GEOMETRY[asset.geometry]
    symbols: dict[SymbolKind, Symbol] = {
        "marker": MarkerSymbol(size_mm=1.6, fill=color, stroke="#ffffff"),
        "line": LineSymbol(color=color, width_mm=0.35),
        "fill": FillSymbol(fill=color + "33", outline=color, outline_mm=0.25),
    }
    label = LabelStyle(f"{{{asset.display}}}", max_denominator=2500) if asset.display else None
    default = StyleClass((), asset.label, symbols[kind])
    return Style(asset.id, kind, default, label=label, sizes=((1000, 1.0), (25_000, 0.5)))


def is_template(text: str, fields: Collection[str]) -> bool:
    """Whether a text can be a label of a layer with these fields."""
    names = LabelStyle(text).fields
    return text.count("{") == text.count("}") == len(names) and set(names) <= set(fields)


def _names_in(word: str) -> tuple[str, ...]:
    return tuple(part.partition("}")[0] for part in word.split("{")[1:])


def _written(
    words: Sequence[tuple[str, tuple[str, ...]]],
    columns: Mapping[str, Sequence[object] | NDArray[np.object_]],
    row: int,
) -> str:
    result = []
    for word, names in words:
        values = {name: columns[name][row] for name in names}
        if None not in values.values():
            result.append(word.format_map({name: _plain(value) for name, value in values.items()}))
    return " ".join(result)


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
