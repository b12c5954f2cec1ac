"""Features that get classes of their own: one symbol, values, numbers, sizes, targets."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.cartography.portrayed import (
    Portrayed,
    class_texts,
    field_words,
    graded,
    heading,
    label_style,
    no_data,
    no_numbers,
    number_text,
    numbers,
    read,
    said,
    style_of,
    symbol,
    unit_of,
)
from hjgis.checks import target_measures
from hjgis.checks.features import Features, places
from hjgis.checks.shading import Shading
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import Label
from hjgis.models.reading import Coded
from hjgis.models.shapes import Shapes
from hjgis.models.styles.ramps import OTHERS_COLOR, ramp
from hjgis.models.styles.style import (
    FillSymbol,
    LegendEntry,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
)
from hjgis.models.styles.stylefile import style_for
from hjgis.models.targets import FACT, project_register
from hjgis.models.themes import Portrayal
from hjgis.models.validation import display
from hjgis.progress import Progress
from hjgis.render.features import layer_paint, shapes_paint

_SINGLE_COLOR: Final = "#0b63c5"
# So many sizes are told apart by nobody; a legend shows three of them.
_SIZES: Final = 40
_COUNTED, _MISSING = "#0072b2", "#d55e00"
_MARKED: Final = 1.4


def single(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Show all features with one symbol."""
    features = read(project, entry, progress, geometry=False)
    base = style_for(features.asset)
    made = symbol(base.kind, entry.color or _SINGLE_COLOR, base.default.symbol, entry.size_mm)
    style = replace(
        base,
        class_field=None,
        classes=(),
        default=StyleClass((), features.asset.label, made),
        label=label_style(base, entry),
    )
    return Portrayed(_shading(entry, features, style, np.zeros(len(features), np.int64)))


def categories(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Show a colour a value: those of the list in its order, the rarest joined."""
    features = read(project, entry, progress, geometry=False)
    found, notes = categorised(project, entry, features, progress)
    base = style_for(features.asset)
    classes = [
        StyleClass((), words, symbol(base.kind, color, base.default.symbol, entry.size_mm))
        for words, color in found.legend
    ]
    style = style_of(project, entry, classes)
    title = heading(project, entry)
    return Portrayed(_shading(entry, features, style, found.of, title), notes=notes)


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """The values of a field as classes.

    Attributes
    ----------
    legend : list of (label, str)
        Words and colour of each class.
    of : array of int64, shape (n,)
        The class of each feature; -1 where nothing is known.
    values : list of str
        As they are stored; the class of the others has none.
    """

    legend: list[tuple[Label, str]]
    of: NDArray[np.int64]
    values: list[str]


def categorised(
    project: Project, entry: Portrayal, features: Features, progress: Progress
) -> tuple[Categories, tuple[str, ...]]:
    """Put the values of a portrayal's field into classes; returns notes too."""
    coded = coded_values(project, entry, features, progress)
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.values))
    colors = ramp(entry.ramp, "qualitative")
    most = min(entry.most, colors.most or entry.most)
    shown = _chosen(project, entry, coded, counts, most)
    usual = colors.colors(len(shown))
    known = entry.colors or {}
    free = iter([*(color for color in usual if color not in known.values()), *usual])
    legend = []
    for at in shown:
        code = str(coded.values[at])
        text = (entry.words or {}).get(code) or value_text(project, entry, coded.values[at])
        legend.append((said(text), known.get(code) or next(free)))
    place = np.full(len(coded.values) + 1, len(shown), np.int64)
    place[shown] = np.arange(len(shown))
    place[-1] = -1
    rest = len(coded.values) - len(shown)
    notes: tuple[str, ...] = ()
    if rest:
        legend.append((said(_("Others")), OTHERS_COLOR))
        message = ngettext_(
            "{field}: {count} value is joined as others.",
            "{field}: the {count} rarest values are joined as others.",
            rest,
        )
        notes = (message.format(field=field_words(project, entry), count=rest),)
    values = [str(coded.values[at]) for at in shown]
    return Categories(legend, place[coded.codes], values), notes


def coded_values(
    project: Project, entry: Portrayal, features: Features, progress: Progress
) -> Coded:
    """Return a portrayal's field with each value once, numbers too."""
    if features.asset.has(entry.field):
        coded = features.coded(entry.field)
        if coded is not None:
            # A value that no feature has any more is no class.
            used = np.unique(coded.codes[coded.codes >= 0])
            place = np.full(len(coded.values) + 1, -1, np.int32)
            place[used] = np.arange(len(used))
            return Coded(place[coded.codes], coded.values[used])
    given = numbers(project, entry, features, progress)
    assert given is not None
    there = np.isfinite(given)
    values, at = np.unique(given[there], return_inverse=True)
    codes = np.full(len(given), -1, np.int32)
    codes[there] = at
    return Coded(codes, values.astype(object))


def value_text(project: Project, entry: Portrayal, value: Any) -> str:
    """Return what a value of a portrayal's field is called."""
    asset = project.asset_type(entry.layer)
    if not asset.has(entry.field):
        return number_text(float(value))
    field = asset.field(entry.field)
    if field.type == "boolean":
        value = bool(value)
    return display(field, value, project.catalogue)


def _chosen(
    project: Project, entry: Portrayal, coded: Coded, counts: NDArray[Any], most: int
) -> list[int]:
    """Return the values that get a class, in the order of the legend."""
    values = [str(value) for value in coded.values.tolist()]
    asset = project.asset_type(entry.layer)
    field = asset.field(entry.field) if asset.has(entry.field) else None
    listed: list[str] = []
    if field is not None and field.codes:
        listed = [code.code for code in project.catalogue.codes(field.codes).codes]
    rank = {value: number for number, value in enumerate(dict.fromkeys([*entry.order, *listed]))}
    by_count = sorted(range(len(values)), key=lambda at: (-counts[at], values[at]))
    first = [at for at in by_count if values[at] in entry.order]
    rest = [at for at in by_count if values[at] not in entry.order]
    kept = (first + rest)[:most]
    if field is not None and not field.codes and field.type not in ("text", "date", "datetime"):
        return sorted(kept)
    place = {at: number for number, at in enumerate(by_count)}
    return sorted(kept, key=lambda at: (rank.get(values[at], len(rank)), place[at]))


def graduated(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Show numbers by colours from light to dark."""
    features = read(project, entry, progress, geometry=False)
    given = numbers(project, entry, features, progress)
    if given is None or not np.isfinite(given).any():
        return no_numbers(project, entry)
    found, colors, notes = graded(project, entry, given)
    base = style_for(features.asset)
    unit = unit_of(project, entry)
    classes = [
        StyleClass(
            (),
            said(text),
            symbol(base.kind, color, base.default.symbol, tint=False),
            level=number,
        )
        for number, (text, color) in enumerate(
            zip(class_texts(found, unit, open_ends=entry.scheme == "user"), colors, strict=True)
        )
    ]
    style = style_of(project, entry, classes)
    shading = _shading(entry, features, style, found.of(given), heading(project, entry))
    return Portrayed(shading, notes=tuple(notes))


def size(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Show numbers by the area of a sign (points, areas) or the width of a line."""
    features = read(project, entry, progress)
    given = numbers(project, entry, features, progress)
    if given is None or not (np.abs(given[np.isfinite(given)]) > 0).any():
        return no_numbers(project, entry)
    base = style_for(features.asset)
    lines = base.kind == "line"
    most = float(np.abs(given[np.isfinite(given)]).max())
    small, large = entry.sizes_mm
    steps = np.linspace(small, large, _SIZES)
    # The area of a sign, but the width of a line, is as large as the number.
    share = np.abs(given) / most
    wanted = large * (share if lines else np.sqrt(share))
    place = np.rint(
        (np.clip(np.nan_to_num(wanted), small, large) - small) / (large - small) * (_SIZES - 1)
    )
    of = np.where(np.isfinite(given), place.astype(np.int64) + np.where(given < 0, _SIZES, 0), -1)
    color = entry.color or _SINGLE_COLOR
    signs = [_sign(color, mm, lines=lines) for mm in steps]
    hollow = [_sign(color, mm, lines=lines, hollow=True) for mm in steps]
    unit = unit_of(project, entry)
    after = f" {unit}" if unit else ""
    key = tuple(
        LegendEntry(said(number_text(number) + after), _sign(color, mm, lines=lines))
        for number, mm in _key(most, small, large, lines=lines)
    )
    classes = [StyleClass((), said(""), sign, _SIZES - at) for at, sign in enumerate(signs)]
    negative = said(_("Negative numbers"))
    classes += [StyleClass((), negative, sign, _SIZES - at) for at, sign in enumerate(hollow)]
    style = replace(style_of(project, entry, classes), key=key, keyed=_SIZES)
    if base.kind == "fill":
        return _on_areas(project, entry, features, of, style)
    return Portrayed(_shading(entry, features, style, of, heading(project, entry)))


def _sign(color: str, mm: float, *, lines: bool, hollow: bool = False) -> Symbol:
    if lines:
        return LineSymbol(color, mm, dash_mm=(2.0, 1.0) if hollow else ())
    fill = None if hollow else color[:7] + "b3"
    return MarkerSymbol(
        "circle", float(mm), fill=fill, stroke=color if hollow else "#ffffff", stroke_mm=0.2
    )


def _key(most: float, small: float, large: float, *, lines: bool) -> list[tuple[float, float]]:
    """Return three round numbers and how large their signs are."""
    top = _rounded(most)
    result = []
    for number in dict.fromkeys((top, _rounded(top / 3), _rounded(top / 12))):
        share = number / most
        result.append((number, max(large * (share if lines else math.sqrt(share)), small)))
    return result


def _rounded(number: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above a number."""
    power = 10.0 ** math.floor(math.log10(number))
    digit = next(digit for digit in (5, 2, 1) if digit * power <= number * (1 + 1e-9))
    return digit * power


def _on_areas(
    project: Project, entry: Portrayal, features: Features, of: NDArray[np.int64], style: Style
) -> Portrayed:
    """Return signs inside of areas, painted over the areas themselves."""
    xy = places(features.geometry)
    rows = np.flatnonzero(~np.isnan(xy).any(axis=1))
    classes = np.where(of < 0, len(style.classes), of).astype(np.uint8)
    missing = replace(style.default, symbol=no_data("marker", style.default.symbol))
    signs = replace(style, kind="marker", label=None, default=missing)
    shapes = Shapes(0, features.fids[rows], classes[rows], xy[rows])
    paint = shapes_paint(entry.layer, shapes, signs, label=heading(project, entry))
    if not entry.beside_own:
        return Portrayed(added=(paint,), hides=True)
    base = style_for(features.asset)
    under = layer_paint(project.table(entry.layer, base.columns), base, label=features.asset.label)
    return Portrayed(added=(under, paint), hides=True)


def target(project: Project, entry: Portrayal, _measured: str, progress: Progress) -> Portrayed:
    """Show which features a target of the board counts, and which not."""
    layer = label(project.asset_type(entry.layer).label)
    try:
        asked = project_register(project.info(FACT)).target(entry.target)
    except KeyError:
        message = _("There is no target {name}: {layer} is shown as usual.")
        return Portrayed(notes=(message.format(name=entry.target, layer=layer),))
    if asked.layer != entry.layer:
        message = _("The target {name} does not count {layer}, which is shown as usual.")
        return Portrayed(notes=(message.format(name=label(asked.title), layer=layer),))
    features = read(project, entry, progress, geometry=False)
    found = target_measures.read(project, asked, dt.date.today())
    held = np.zeros(len(features), bool) if found is None else np.isin(features.fids, found.fids)
    base = style_for(features.asset)
    # Of a target that counts gaps, what it counts is what is missing.
    words = [_("Lacking"), _("Not lacking")] if asked.measure == "missing" else []
    words = words or [_("Included"), _("Not included")]
    colors = [_MISSING, _COUNTED] if asked.measure == "missing" else [_COUNTED, _MISSING]
    signs = [symbol(base.kind, color, base.default.symbol) for color in colors]
    signs = [
        _marked(sign) if color == _MISSING else sign
        for sign, color in zip(signs, colors, strict=True)
    ]
    # What is missing lies above: there are few, if all goes well.
    classes = [
        StyleClass((), said(text), sign, int(color == _MISSING))
        for text, sign, color in zip(words, signs, colors, strict=True)
    ]
    style = style_of(project, entry, classes)
    title = entry.legend_title or said(label(asked.title))
    notes = []
    if found is not None and found.missing:
        notes.append(_("Missing: {names}").format(names=_("; ").join(found.missing)))
    of = np.where(held, 0, 1)
    return Portrayed(_shading(entry, features, style, of, title), notes=tuple(notes))


def _marked(sign: Symbol) -> Symbol:
    """Return a symbol that is told from others without its colour too."""
    if isinstance(sign, MarkerSymbol):
        return replace(sign, shape="triangle", size_mm=_MARKED * sign.size_mm)
    if isinstance(sign, FillSymbol):
        return replace(sign, hatch="diagonal", hatch_color=_MISSING)
    return replace(sign, dash_mm=(1.6, 0.8))


def _shading(
    entry: Portrayal,
    features: Features,
    style: Style,
    of: NDArray[np.int64],
    title: Label | None = None,
) -> Shading:
    classes = np.where(of < 0, len(style.classes), of).astype(np.uint8)
    shown = entry.legend_title or title
    return Shading(entry.layer, style, features.fids, classes, shown)
