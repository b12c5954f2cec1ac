"""Themes: what a map is about, and how each layer is shown on it (ISO 19117: its portrayal)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from hjgis import paths
from hjgis.errors import DictionaryError, UsageError
from hjgis.i18n import _
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

Method = Literal[
    "single",
    "categories",
    "graduated",
    "size",
    "density",
    "pies",
    "coverage",
    "dots",
    "reckoned",
    "target",
]
Scheme = Literal["natural", "quantile", "equal", "std_mean", "user"]
Cells = Literal["square", "hexagon", "grid"]
Measure = Literal["count", "per_km2", "sum", "mean", "share", "length_km"]

DEFAULT_THEME: Final = "overview"
# The fact of a project that holds the themes its people made.
FACT: Final = "themes"
MOST_CLASSES: Final = 12
# Ranks of labels, as those of ``resources/styles``.
MOST_PRIORITY: Final = 100
# Lines are cut into cells: a mistyped width must not make millions of them.
_LEAST_CELL_M: Final = 10.0
_COLOR: Final = re.compile(r"#([0-9a-fA-F]{2}){3,4}")

# What each method may say besides its layer; the first are needed.
_KEYS: Final[Mapping[Method, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "single": ((), ("color", "size_mm")),
    "categories": (("field",), ("ramp", "most", "colors", "order", "words")),
    "graduated": (("field",), ("scheme", "classes", "breaks", "ramp", "unit")),
    "size": (("field",), ("sizes_mm", "color", "unit")),
    "density": (
        ("cells",),
        ("cell_m", "measure", "field", "values", "scheme", "classes", "breaks", "ramp", "unit"),
    ),
    "pies": (("cells", "field"), ("cell_m", "ramp", "most", "colors", "words")),
    "coverage": ((), ("radius_m", "field", "color", "within")),
    "dots": ((), ("field", "per", "color", "size_mm")),
    "reckoned": (("shade",), ()),
    "target": (("target",), ()),
}
_SHARED: Final = ("layer", "method", "label", "priority", "legend_title", "beside_own")


@dataclass(frozen=True, slots=True)
class Portrayal:
    """How one layer is shown.

    Attributes
    ----------
    method : str
        ``single``: one symbol. ``categories``: a colour a value. ``graduated``: colours by number.
        ``size``: a sign as large as the number. ``density``: counted into cells. ``pies``: a pie
        of values in each cell. ``coverage``: what lies within a distance, dissolved. ``dots``: one
        dot for so many. ``reckoned``: a shading of ``checks.shading``. ``target``: what a target
        counts and what is missing.
    field : str
        Of the layer, or a figure that is reckoned of it (`hjgis.checks.figures`).
    scheme, classes, breaks : str, int, tuple of float
        How numbers are put into classes; `breaks` are the upper limits for ``user``.
    ramp : str
        Colours of ``resources/ramps.toml``.
    most : int
        Categories that get a class of their own; the rarest others are one class.
    colors : mapping of str to str
        Of some values, where somebody chose them.
    order : tuple of str
        Values that come first, in this order.
    words : mapping of str to str
        What some values are called in the legend, instead of their usual names.
    cells, cell_m : str, float
        What is counted into: squares or hexagons of a width, or the unit grid.
    measure, values : str, tuple of str
        What is told of a cell; of a share, which values of the field count.
    radius_m : float
        Of a coverage; or `field` holds it.
    within : str
        Layer of areas that a coverage is cut to.
    per : float
        How many one dot stands for.
    sizes_mm : tuple of float
        Smallest and largest sign.
    label : str
        Template of labels instead of the style's; ``-`` for none.
    priority : int
        Of these labels, up to `MOST_PRIORITY`; higher is placed first, 0 is that of the style.
    beside_own : bool
        Whether the layer is painted as usual as well (cells, coverage).
    """

    layer: str
    method: Method
    field: str = ""
    scheme: Scheme = "natural"
    classes: int = 5
    breaks: tuple[float, ...] = ()
    ramp: str = ""
    most: int = 10
    colors: Mapping[str, str] | None = None
    order: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None
    cells: Cells = "hexagon"
    cell_m: float = 250.0
    measure: Measure = "count"
    values: tuple[str, ...] = ()
    radius_m: float = 0.0
    within: str = ""
    per: float = 1.0
    sizes_mm: tuple[float, float] = (1.5, 10.0)
    size_mm: float = 0.0
    color: str = ""
    unit: str = ""
    shade: str = ""
    target: str = ""
    label: str = ""
    priority: int = 0
    legend_title: Label | None = None
    beside_own: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return what `portrayal_of` reads; what is usual is left out where it need not be said."""
        said = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        usual = {entry.name: entry.default for entry in fields(self)}
        needed = _KEYS[self.method][0]
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in said.items()
            if value != usual[key] or key in needed
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What a sheet's table and chart tell of a layer, as far as it lies on the sheet.

    Attributes
    ----------
    rows : str
        A field, or ``class``: the classes of the map.
    columns : str
        A field or ``class`` that is told apart; nothing if empty.
    measure : str
        ``count``, ``length_km`` or ``area_ha``.
    share : tuple of str
        Of these values of `columns` the share is told as well.
    chart : str
        ``bar``, ``stacked`` or ``pie``.
    """

    layer: str
    rows: str
    columns: str = ""
    measure: str = "count"
    share: tuple[str, ...] = ()
    chart: str = "bar"

    def to_json(self) -> dict[str, Any]:
        """Return what `summary_of` reads."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True, slots=True)
class Theme:
    """What a map is about.

    Attributes
    ----------
    layers : tuple of str
        Layers to show, drawn in the project's order; all of the project if empty.
    subject : tuple of str
        Layers shown at every scale, whatever their style says.
    portrayals : tuple of Portrayal
        Of the layers that do not look as usual, in the order in which they are painted.
    summary : Summary, optional
        Table and chart.
    """

    id: str
    label: Label
    layers: tuple[str, ...]
    subject: tuple[str, ...]
    portrayals: tuple[Portrayal, ...] = ()
    summary: Summary | None = None
    basis: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what `theme_of` reads."""
        return {
            "id": self.id,
            "label": dict(self.label),
            "layers": list(self.layers),
            "subject": list(self.subject),
            "portrayal": [entry.to_json() for entry in self.portrayals],
            "summary": self.summary.to_json() if self.summary else None,
            "basis": self.basis,
        }

    def with_portrayal(self, entry: Portrayal, at: int | None = None) -> Theme:
        """Return the theme with a portrayal in the place of another, or one more.

        What is portrayed anew is what the map is about.
        """
        if at is not None:
            changed = (*self.portrayals[:at], entry, *self.portrayals[at + 1 :])
            return replace(self, portrayals=changed)
        held = not self.layers or entry.layer in self.layers
        return replace(
            self,
            layers=self.layers if held else (*self.layers, entry.layer),
            subject=(*(one for one in self.subject if one != entry.layer), entry.layer),
            portrayals=(*self.portrayals, entry),
        )

    def without_portrayal(self, at: int) -> Theme:
        """Return the theme without one of its portrayals."""
        return replace(self, portrayals=(*self.portrayals[:at], *self.portrayals[at + 1 :]))


def theme(theme_id: str) -> Theme:
    """Return a theme of ``resources/themes``.

    Raises
    ------
    UsageError
        If there is none of this name; names those there are.
    DictionaryError
        If its file does not load.
    """
    if theme_id not in theme_ids():
        message = _("There is no theme {name}. Known: {known}")
        raise UsageError(message.format(name=theme_id, known=", ".join(theme_ids())))
    return _loaded(paths.resources() / "themes" / f"{theme_id}.toml")


@cache
def theme_ids() -> tuple[str, ...]:
    """Return the names of all themes, the default first."""
    found = [path.stem for path in (paths.resources() / "themes").glob("*.toml")]
    return tuple(sorted(found, key=lambda name: (name != DEFAULT_THEME, name)))


@cache
def _loaded(path: Path) -> Theme:
    return load_theme(path)


def load_theme(path: Path) -> Theme:
    """Read one theme; DictionaryError names file and key."""
    raw = read_toml(path)
    if raw.get("id") != path.stem:
        raise DictionaryError(f"{path.name}: id: {raw.get('id')!r} is not the file's name")
    try:
        return theme_of(raw)
    except ValueError as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def theme_of(raw: Mapping[str, Any]) -> Theme:
    """Return a theme as a file or a project keeps it.

    Raises
    ------
    ValueError
        If something is missing, unknown or contradicts itself; names the key.
    """
    known = {"id", "label", "layers", "subject", "portrayal", "summary", "basis"}
    for key in raw:
        if key not in known:
            raise ValueError(f"{key}: unknown key")
    for key in ("id", "label", "layers", "subject"):
        if key not in raw:
            raise ValueError(f"{key}: missing")
    summary = raw.get("summary")
    return Theme(
        _text("id", raw["id"]),
        _label("label", raw["label"]),
        _texts("layers", raw["layers"]),
        _texts("subject", raw["subject"]),
        tuple(map(portrayal_of, _tables("portrayal", raw.get("portrayal", [])))),
        None if summary is None else summary_of(*_tables("summary", [summary])),
        _text("basis", raw.get("basis", "")),
    )


def keys_of(method: Method) -> frozenset[str]:
    """Return what a method may say besides layer, label and legend title."""
    needed, more = _KEYS[method]
    return frozenset((*needed, *more))


def portrayal_of(raw: Mapping[str, Any]) -> Portrayal:
    """Return a portrayal; ValueError names what is wrong, as in `theme_of`."""
    method, layer = raw.get("method"), raw.get("layer")
    if method not in get_args(Method) or not isinstance(layer, str):
        raise ValueError(f"portrayal: method {method!r} of layer {layer!r}")
    needed, more = _KEYS[cast("Method", method)]
    where = f"portrayal of {layer}"
    for key in needed:
        if not raw.get(key):
            raise ValueError(f"{where}: {key}: missing")
    for key in raw:
        if key not in (*needed, *more, *_SHARED):
            raise ValueError(f"{where}: {key}: unknown key for {method}")
    made = {key: _CHECKS[key](f"{where}: {key}", value) for key, value in raw.items()}
    result = Portrayal(**made)
    if result.scheme == "user" and not result.breaks:
        raise ValueError(f"{where}: breaks: missing")
    if method == "coverage" and not result.radius_m and not result.field:
        raise ValueError(f"{where}: radius_m: missing")
    return result


def summary_of(raw: Mapping[str, Any]) -> Summary:
    """Return a summary; ValueError names what is wrong."""
    known = {entry.name for entry in fields(Summary)}
    for key in raw:
        if key not in known:
            raise ValueError(f"summary: {key}: unknown key")
    for key in ("layer", "rows"):
        if not raw.get(key):
            raise ValueError(f"summary: {key}: missing")
    for key in known - {"share"} & set(raw):
        _text(f"summary: {key}", raw[key])
    share = _texts("summary: share", raw.get("share", ()))
    made = Summary(**{**raw, "share": share})
    if made.measure not in ("count", "length_km", "area_ha"):
        raise ValueError(f"summary: measure: {made.measure!r}")
    if made.chart not in ("bar", "stacked", "pie"):
        raise ValueError(f"summary: chart: {made.chart!r}")
    return made


def _label(where: str, value: object) -> Label:
    if not isinstance(value, Mapping) or not {"en", "zh_CN"} <= set(value):
        raise ValueError(f"{where}: has not both en and zh_CN")
    return {str(key): _text(where, words) for key, words in value.items()}


def _tables(where: str, value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise ValueError(f"{where}: {value!r} is no table")
    return value


def _texts(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{where}: {value!r} is not a list")
    if not all(isinstance(item, str) for item in value):
        raise ValueError(f"{where}: {value!r} is not a list of texts")
    return tuple(value)


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: {value!r} is not a text")
    return value


def _number(where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{where}: {value!r} is not a number above 0")
    return float(value)


def _count(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CLASSES:
        raise ValueError(f"{where}: {value!r} is not 1 to {MOST_CLASSES}")
    return value


def _cell(where: str, value: object) -> float:
    wide = _number(where, value)
    if wide < _LEAST_CELL_M:
        raise ValueError(f"{where}: {value!r} is less than {_LEAST_CELL_M:g} m")
    return wide


def _rank(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PRIORITY:
        raise ValueError(f"{where}: {value!r} is not 0 to {MOST_PRIORITY}")
    return value


def _rising(where: str, value: object) -> tuple[float, ...]:
    found = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
    numbers = all(isinstance(v, int | float) and math.isfinite(v) for v in found)
    if not found or not numbers or list(found) != sorted({*found}):
        raise ValueError(f"{where}: {value!r} is not a list of rising numbers")
    if len(found) >= MOST_CLASSES:
        raise ValueError(f"{where}: more than {MOST_CLASSES - 1} numbers")
    return tuple(map(float, found))


def _sizes(where: str, value: object) -> tuple[float, float]:
    found = _rising(where, value)
    if len(found) != 2 or found[0] <= 0:
        raise ValueError(f"{where}: {value!r} is not a smallest and a largest size")
    return found[0], found[1]


def _flag(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where}: {value!r} is not true or false")
    return value


def _color(where: str, value: object) -> str:
    color = _text(where, value)
    if not _COLOR.fullmatch(color):
        raise ValueError(f"{where}: {value!r} is not a colour #rrggbb")
    return color


def _by_value(check: Callable[[str, object], str]) -> Callable[[str, object], Mapping[str, str]]:
    def checked(where: str, value: object) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise ValueError(f"{where}: {value!r} is not texts by value")
        return {str(key): check(where, text) for key, text in value.items()}

    return checked


def _one_of(known: Any) -> Any:
    def check(where: str, value: object) -> object:
        if value not in get_args(known):
            raise ValueError(f"{where}: {value!r} is none of {', '.join(get_args(known))}")
        return value

    return check


_CHECKS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        ("layer", "field", "ramp", "within", "unit", "shade", "target", "label"), _text
    ),
    **dict.fromkeys(("radius_m", "per", "size_mm"), _number),
    **dict.fromkeys(("classes", "most"), _count),
    **dict.fromkeys(("order", "values"), _texts),
    "method": _one_of(Method),
    "scheme": _one_of(Scheme),
    "cells": _one_of(Cells),
    "measure": _one_of(Measure),
    "breaks": _rising,
    "sizes_mm": _sizes,
    "cell_m": _cell,
    "priority": _rank,
    "color": _color,
    "colors": _by_value(_color),
    "words": _by_value(_text),
    "legend_title": _label,
    "beside_own": _flag,
}
