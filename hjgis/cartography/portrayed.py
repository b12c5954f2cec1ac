"""What all methods of portrayal share: what they return, their values, words and symbols."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.figures import FIGURES, reckoned
from hjgis.checks.shading import Shading
from hjgis.i18n import _, grouped, label, language
from hjgis.layers.project import Project
from hjgis.models.assets import Label
from hjgis.models.classification import Classes, classify
from hjgis.models.styles.ramps import SEQUENTIAL, ramp
from hjgis.models.styles.style import (
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
    SymbolKind,
)
from hjgis.models.styles.stylefile import style_for
from hjgis.models.themes import Portrayal
from hjgis.progress import Progress
from hjgis.render.features import LayerPaint

# What the map is about stands first in its legend: what is made of it, then itself.
LEGEND_ADDED, _LEGEND_OWN = 3, 5
NO_DATA_COLOR: Final = "#8a929a"
_MARKER_MM, _LINE_MM = 1.8, 0.55
_STREET_MM: Final = 0.35
# Legible from a street to the whole town on A3.
_SIZES: Final = ((500, 1.3), (2000, 1.0), (10_000, 0.85), (30_000, 0.7))
_LINE_SIZES: Final = ((500, 1.5), (2000, 1.1), (10_000, 0.9), (30_000, 0.75))
# Kinds tint an area; numbers are told by the very lightness of their colour.
_TINT, _SHADE = "80", "d9"


@dataclass(frozen=True, slots=True, eq=False)
class Portrayed:
    """One portrayal, reckoned.

    Attributes
    ----------
    shading : Shading or None
        The classes of the layer's features; None if it looks as usual.
    added : tuple of LayerPaint
        What is made of the layer: cells, pies, areas, dots; its features have no row in the file.
    hides : bool
        Whether the layer itself is not painted.
    notes : tuple of str
        What somebody who makes the map should know: values joined to one class, features without
        a number.
    told : tuple of str
        Of `notes` those that the map's readers should know too: how much is covered.
    """

    shading: Shading | None = None
    added: tuple[LayerPaint, ...] = ()
    hides: bool = False
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def read(
    project: Project, entry: Portrayal, progress: Progress, *, geometry: bool = True
) -> Features:
    """Read all features of a portrayal's layer, with its field if that is one of the layer."""
    asset = project.asset_type(entry.layer)
    names = (entry.field,) if asset.has(entry.field) else ()
    columns = project.store.columns(entry.layer, names, geometry=geometry, progress=progress)
    return Features(asset, columns, names)


def numbers(
    project: Project, entry: Portrayal, features: Features, progress: Progress
) -> NDArray[np.float64] | None:
    """Return the numbers of a portrayal's field, in fid order; None if it is one of texts."""
    if not features.asset.has(entry.field):
        return reckoned(project, entry.layer, entry.field, progress=progress)
    return None if features.coded(entry.field) is not None else features.numbers(entry.field)


def no_numbers(project: Project, entry: Portrayal) -> Portrayed:
    """Return that a field holds no numbers, so that its layer looks as usual."""
    message = _("{field} holds no numbers: {layer} is shown as usual.")
    words = field_words(project, entry)
    layer = label(project.asset_type(entry.layer).label)
    return Portrayed(notes=(message.format(field=words, layer=layer),))


def said(text: str) -> Label:
    """Return words in the language in use as a label."""
    return {language(): text}


def field_words(project: Project, entry: Portrayal) -> str:
    """Return the name of a portrayal's field, or figure, in the language in use."""
    asset = project.asset_type(entry.layer)
    if asset.has(entry.field):
        return label(asset.field(entry.field).label)
    return _(FIGURES[entry.field].words) if entry.field in FIGURES else entry.field


def unit_of(project: Project, entry: Portrayal) -> str:
    """Return the unit of a portrayal's numbers; empty if they have none."""
    asset = project.asset_type(entry.layer)
    if entry.unit or not entry.field:
        return entry.unit
    if asset.has(entry.field):
        return asset.field(entry.field).unit or ""
    return _(FIGURES[entry.field].unit) if entry.field in FIGURES else ""


def heading(project: Project, entry: Portrayal, what: str = "", unit: str = "") -> Label:
    """Return what stands over the legend: as the theme says, or layer and field."""
    if entry.legend_title:
        return entry.legend_title
    words = what or field_words(project, entry)
    layer = label(project.asset_type(entry.layer).label)
    text = _("{layer}: {what}").format(layer=layer, what=words) if words else layer
    return said(_("{what} ({unit})").format(what=text, unit=unit) if unit else text)


def _decimals(number: float) -> int:
    """Return how many digits after the point a round number needs, at most 6."""
    return next((n for n in range(6) if math.isclose(number, round(number, n), abs_tol=1e-9)), 6)


def number_text(number: float) -> str:
    """Write a number of a legend."""
    return grouped(round(number)) if abs(number) >= 1000 else f"{number:.4g}"


def class_texts(found: Classes, unit: str = "", *, open_ends: bool = False) -> list[str]:
    """Return what each class of numbers is called: ``300–500 mm``.

    Parameters
    ----------
    open_ends : bool
        Whether the outer classes have no end, as where somebody chose the limits.
    """
    after = f" {unit}" if unit and unit not in ("%", "°") else unit
    # The outer ends are as round as the limits between, and leave no number out.
    inner = found.limits[:-1]
    step = 10.0 ** -max((_decimals(limit) for limit in inner), default=12)
    between = " ~ " if found.limits[0] < 0 or found.least[0] < 0 else "–"
    texts = []
    for number, limit in enumerate(found.limits):
        last = number > 0 and number == len(inner)
        if not number and inner:
            low = min([_floored(found.least[0], step), *inner])
        else:
            low = found.limits[number - 1] if number else found.least[0]
        high = -_floored(-limit, step) if last else limit
        single = found.least[number] == found.most[number] and not open_ends
        if open_ends and inner and not number:
            texts.append(f"≤ {number_text(limit)}{after}")
        elif open_ends and last:
            texts.append(f"> {number_text(low)}{after}")
        else:
            ends = [found.most[number]] if single else [low, high]
            texts.append(between.join(dict.fromkeys(map(number_text, ends))) + after)
    return texts


def _floored(number: float, step: float) -> float:
    return math.floor(number / step) * step if math.isfinite(number) else number


def symbol(
    kind: SymbolKind, color: str, base: Symbol, size_mm: float = 0.0, *, tint: bool = True
) -> Symbol:
    """Return a symbol of one colour, of the shape and width that the layer usually has."""
    if kind == "marker":
        shape = base.shape if isinstance(base, MarkerSymbol) else "circle"
        plain = (
            shape if shape in ("circle", "square", "diamond", "triangle", "hexagon") else "circle"
        )
        return MarkerSymbol(
            plain, size_mm or _MARKER_MM, fill=color, stroke="#ffffff", stroke_mm=0.12
        )
    if kind == "line":
        usual = max(base.width_mm, _LINE_MM) if isinstance(base, LineSymbol) else _LINE_MM
        return LineSymbol(color, size_mm or min(usual, 1.2))
    return FillSymbol(color[:7] + (_TINT if tint else _SHADE), outline="#5b6670", outline_mm=0.12)


def no_data(kind: SymbolKind, base: Symbol) -> Symbol:
    """Return the symbol of features of which nothing is known: told apart without colour."""
    if kind == "marker":
        return MarkerSymbol("cross", 1.4, fill=None, stroke=NO_DATA_COLOR, stroke_mm=0.25)
    if kind == "line":
        width = min(base.width_mm, _STREET_MM) if isinstance(base, LineSymbol) else _STREET_MM
        return LineSymbol(NO_DATA_COLOR, width, dash_mm=(1.2, 0.8))
    return FillSymbol(
        None, outline=NO_DATA_COLOR, outline_mm=0.12, hatch="diagonal", hatch_color="#c3cad2"
    )


def style_of(
    project: Project, entry: Portrayal, classes: Sequence[StyleClass], missing: str = ""
) -> Style:
    """Return the layer's style with other classes; what is of none of them has no data."""
    base = style_for(project.asset_type(entry.layer))
    default = StyleClass((), said(missing or _("No data")), no_data(base.kind, base.default.symbol))
    sizes = _LINE_SIZES if base.kind == "line" else _SIZES
    return replace(
        base,
        class_field=None,
        classes=tuple(classes),
        default=default,
        label=label_style(base, entry),
        sizes=sizes,
        legend=_LEGEND_OWN,
    )


def label_style(base: Style, entry: Portrayal) -> LabelStyle | None:
    """Return the labels of a portrayal: its own, none, or those of the style."""
    if entry.label == "-":
        return None
    made = base.label
    if entry.label:
        made = replace(base.label, text=entry.label) if base.label else LabelStyle(entry.label)
    return replace(made, priority=entry.priority) if made and entry.priority else made


def graded(
    project: Project, entry: Portrayal, values: NDArray[np.float64]
) -> tuple[Classes, tuple[str, ...], list[str]]:
    """Return the classes of numbers as a portrayal wants them, their colours, and notes."""
    found = classify(values, entry.scheme, entry.classes, breaks=entry.breaks)
    notes = []
    if found.joined:
        message = _("{what}: near numbers were joined before natural breaks were sought.")
        notes.append(message.format(what=field_words(project, entry)))
    colors = ramp(entry.ramp)
    if colors.most is not None and colors.most < len(found):
        # Colours of kinds are few.
        colors = ramp(SEQUENTIAL)
    return found, colors.colors(len(found)), notes
