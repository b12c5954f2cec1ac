"""Styled Layer Descriptors of OGC (1.0 and 1.1) as ours."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree

from hjgis.i18n import _
from hjgis.models.styles.qml_parts import Heard, drawn_mm, named, numeric
from hjgis.models.styles.style import (
    MAX_CLASSES,
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
    SymbolKind,
)

# A pixel of SLD is 0.28 mm (OGC 05-077r4, 11.1.4).
_PX_MM: Final = 0.28
_KINDS: Final[dict[str, SymbolKind]] = {
    "PointSymbolizer": "marker",
    "LineSymbolizer": "line",
    "PolygonSymbolizer": "fill",
}
_SHAPES: Final = ("circle", "square", "triangle", "cross", "diamond", "hexagon")
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_Element = ElementTree.Element


def style_of(root: _Element, name: str, heard: Heard) -> Style | None:
    """Return the style of the first layer; what it has more than ours is noted."""
    rules = [_Rule(entry, heard) for entry in root.iter() if _tag(entry) == "Rule"]
    drawn = [rule for rule in rules if rule.symbol is not None]
    if not drawn:
        heard.add(_("The style holds no symbols."))
        return None
    kind = drawn[0].kind
    if any(rule.kind != kind for rule in drawn):
        heard.add(_("Symbols for other kinds of shapes."))
        drawn = [rule for rule in drawn if rule.kind == kind]
    columns = {rule.column for rule in drawn if rule.column}
    column = columns.pop() if len(columns) == 1 else None
    if columns:
        heard.add(_("Rules by more than one field: all features look alike."))
    classes = [rule.as_class() for rule in drawn if column and rule.column == column]
    if len(classes) > MAX_CLASSES:
        heard.add(_("{count} classes: more than there is room for.").format(count=len(classes)))
    plain = [rule.symbol for rule in drawn if rule.column is None]
    default = plain[0] if plain else drawn[0].symbol
    assert default is not None
    other = {"zh_CN": "其他", "en": "Other"} if classes else named(name)
    return Style(
        name,
        kind,
        StyleClass((), other, default),
        class_field=column if classes else None,
        classes=tuple(classes[:MAX_CLASSES]),
        label=next((rule.label for rule in rules if rule.label is not None), None),
        max_denominator=max(rule.limit for rule in drawn),
    )


def _tag(element: _Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: _Element, tag: str) -> list[_Element]:
    return [entry for entry in element.iter() if _tag(entry) == tag]


def _first(element: _Element, tag: str) -> _Element | None:
    return next(iter(_all(element, tag)), None)


def _child(element: _Element, tag: str) -> _Element | None:
    return next((entry for entry in element if _tag(entry) == tag), None)


def _text(element: _Element, tag: str) -> str:
    found = _first(element, tag)
    return "" if found is None else "".join(found.itertext()).strip()


class _Rule:
    """One rule: whom it is for, what is drawn, what is written."""

    def __init__(self, element: _Element, heard: Heard) -> None:
        self._title = _text(element, "Title") or _text(element, "Name")
        self.column: str | None = None
        self.codes: list[str] = []
        self.span: tuple[float, float] | None = None
        self.kind: SymbolKind = "marker"
        self.symbol: Symbol | None = None
        self.label: LabelStyle | None = None
        limit = numeric(_text(element, "MaxScaleDenominator"), 0.0)
        self.limit = limit if limit > 0 else math.inf
        if numeric(_text(element, "MinScaleDenominator"), 0.0) > 0:
            heard.add(_("That the layer is not shown at very large scales."))
        condition = _child(element, "Filter")
        if condition is not None:
            self._read_condition(condition, heard)
        for entry in element:
            self._read_symbolizer(entry, heard)

    def as_class(self) -> StyleClass:
        assert self.symbol is not None
        ends = "" if self.span is None else "{:g} - {:g}".format(*self.span)
        label = self._title or ", ".join(self.codes) or ends
        return StyleClass(tuple(self.codes), named(label), self.symbol, span=self.span)

    def _read_condition(self, condition: _Element, heard: Heard) -> None:
        names = {"".join(entry.itertext()).strip() for entry in _all(condition, "PropertyName")}
        equal = _all(condition, "PropertyIsEqualTo")
        low = _bound(condition, "PropertyIsGreaterThan")
        high = _bound(condition, "PropertyIsLessThan")
        if len(names) == 1 and equal:
            self.codes = [_text(entry, "Literal") for entry in equal]
            self.codes = [code for code in self.codes if code]
            self.column = names.pop() if self.codes else None
        elif len(names) == 1 and low is not None and high is not None and low <= high:
            self.column, self.span = names.pop(), (low, high)
        else:
            heard.add(_("The condition of the rule {name}.").format(name=self._title))

    def _read_symbolizer(self, entry: _Element, heard: Heard) -> None:
        tag = _tag(entry)
        if tag == "TextSymbolizer":
            self._read_text(entry, heard)
        elif tag == "RasterSymbolizer":
            heard.add(_("Symbol layers of the kind {kind}.").format(kind=tag))
        elif tag in _KINDS:
            before = self.symbol
            self.kind = _KINDS[tag]
            if tag == "PointSymbolizer":
                self.symbol = before or _marker(entry, heard)
            elif tag == "LineSymbolizer":
                self.symbol = _line(entry, before)
            else:
                self.symbol = _area(entry, before, heard)

    def _read_text(self, entry: _Element, heard: Heard) -> None:
        columns = [_text(e, "PropertyName") for e in _all(entry, "Label")]
        if not columns or not columns[0] or len(_all(entry, "PropertyName")) > 1:
            letter = _text(entry, "Literal")[:2]
            if letter and isinstance(self.symbol, MarkerSymbol):
                ink = _paint(_child(entry, "Fill"), "fill") or "#000000"
                self.symbol = replace(self.symbol, glyph=letter, glyph_color=ink)
                return
            heard.add(_("Labels by the expression {text}.").format(text=_text(entry, "Label")))
            return
        halo, size = _first(entry, "Halo"), _mm(_parameter(entry, "font-size"), 10.0)
        self.label = LabelStyle(
            f"{{{columns[0]}}}",
            size_mm=size or 10.0 * _PX_MM,
            color=_paint(_child(entry, "Fill"), "fill") or "#222222",
            halo=(halo is not None and _paint(_child(halo, "Fill"), "fill")) or "#ffffff",
            halo_mm=0.0 if halo is None else _mm(_text(halo, "Radius"), 1.0),
            max_denominator=self.limit,
            bold=_parameter(entry, "font-weight") == "bold",
        )


def _mm(pixels: str | None, otherwise: float) -> float:
    return drawn_mm(numeric(pixels, otherwise) * _PX_MM)


def _bound(condition: _Element, tag: str) -> float | None:
    for name in (tag, f"{tag}OrEqualTo"):
        found = _first(condition, name)
        value = math.nan if found is None else numeric(_text(found, "Literal"), math.nan)
        if not math.isnan(value):
            return value
    return None


def _parameter(element: _Element | None, name: str) -> str | None:
    for entry in () if element is None else element.iter():
        if _tag(entry) in ("SvgParameter", "CssParameter") and entry.get("name") == name:
            return "".join(entry.itertext()).strip()
    return None


def _paint(element: _Element | None, name: str) -> str | None:
    color = _parameter(element, name) or ""
    if not _COLOR.fullmatch(color):
        return None
    share = min(1.0, max(0.0, numeric(_parameter(element, f"{name}-opacity"), 1.0)))
    return color if share == 1 else f"{color}{round(share * 255):02x}"


def _stroke_of(element: _Element) -> tuple[str | None, float, tuple[float, ...]]:
    """Return colour, width and dashes (mm) of the stroke in an element."""
    stroke = _child(element, "Stroke")
    if stroke is None:
        return None, 0.0, ()
    width_mm = max(_mm(_parameter(stroke, "stroke-width"), 1.0), 0.1 * _PX_MM)
    lengths = (_parameter(stroke, "stroke-dasharray") or "").split()
    dashes = tuple(round(_mm(one, 0.0), 3) for one in lengths[: len(lengths) // 2 * 2])
    return _paint(stroke, "stroke") or "#000000", width_mm, dashes


def _marker(entry: _Element, heard: Heard) -> Symbol:
    mark = _first(entry, "Mark")
    shape = "" if mark is None else _text(mark, "WellKnownName")
    if mark is None or shape not in _SHAPES:
        heard.add(_("The shape of a mark ({name}): it is a disc.").format(name=shape or "-"))
    size_mm = max(_mm(_text(entry, "Size"), 6.0), _PX_MM)
    if mark is None:
        return MarkerSymbol(size_mm=size_mm, fill="#777777")
    stroke, width_mm, _dash = _stroke_of(mark)
    return MarkerSymbol(
        shape=shape if shape in _SHAPES else "circle",
        size_mm=size_mm + width_mm,
        fill=_paint(_child(mark, "Fill"), "fill"),
        stroke=stroke,
        stroke_mm=width_mm,
    )


def _line(entry: _Element, before: Symbol | None) -> Symbol:
    color, width_mm, dashes = _stroke_of(entry)
    result = LineSymbol(color=color or "#000000", width_mm=width_mm, dash_mm=dashes)
    if isinstance(before, LineSymbol) and before.width_mm > width_mm:
        edge_mm = (before.width_mm - width_mm) / 2
        result = replace(result, casing=before.color, casing_mm=edge_mm)
    return result


def _area(entry: _Element, before: Symbol | None, heard: Heard) -> Symbol:
    result = before if isinstance(before, FillSymbol) else FillSymbol(outline=None)
    ruled = _first(entry, "GraphicFill")
    edge, width_mm, dashes = _stroke_of(entry)
    if edge:
        result = replace(result, outline=edge, outline_mm=width_mm, dash_mm=dashes)
    if ruled is None:
        return replace(result, fill=_paint(_child(entry, "Fill"), "fill") or result.fill)
    name = _text(ruled, "WellKnownName")
    if name not in ("shape://slash", "shape://times", "slash", "x"):
        heard.add(_("The fill pattern {name}: it is slanting lines.").format(name=name or "-"))
    mark = _first(ruled, "Mark")
    ink = None if mark is None else _stroke_of(mark)[0]
    return replace(
        result,
        hatch="cross" if name in ("shape://times", "x") else "diagonal",
        hatch_color=ink or "#777777",
        hatch_mm=max(0.3, _mm(_text(ruled, "Size"), 7.0)),
    )
