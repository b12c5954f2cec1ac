"""A layer's style as OGC Styled Layer Descriptor 1.1 with Symbology Encoding, as far as it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from hjgis.models.assets import AssetType
from hjgis.models.styles.qml_symbols import FONTS, number
from hjgis.models.styles.style import (
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
)

# A pixel of SLD is 0.28 mm (OGC 05-077r4, 11.1.4).
_PX_MM: Final = 0.28
_LANGUAGE: Final = "zh_CN"
_NAMESPACES: Final = (
    'xmlns="http://www.opengis.net/sld" xmlns:se="http://www.opengis.net/se"'
    ' xmlns:ogc="http://www.opengis.net/ogc" version="1.1.0"'
)
_CANNOT: Final = (
    "Sizes that change with the scale, letters in lines, widths on the ground and the order of"
    " casings of all classes are in the QML only; sizes here are those of factor 1."
)
_MARKS: Final = {
    "circle": "circle",
    "square": "square",
    "triangle": "triangle",
    "cross": "cross",
    "diamond": "diamond",
    "hexagon": "hexagon",
    # No well-known mark looks like these.
    "grate": "square",
    "lamp": "circle",
    "bicycle": "square",
}


def sld(asset: AssetType, style: Style) -> str:
    """Write the looks of a layer; the abstract in it says what SLD cannot say."""
    rules = "".join(_rule(style, item) for item in style.all_classes)
    label = "" if style.label is None else _text_rule(style, style.label)
    name = escape(asset.id)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<StyledLayerDescriptor {_NAMESPACES}><NamedLayer>'
        f"<se:Name>{name}</se:Name><UserStyle><se:Name>{name}</se:Name><se:Description>"
        f"<se:Title>{escape(asset.label.get(_LANGUAGE, asset.id))}</se:Title>"
        f"<se:Abstract>{_CANNOT}</se:Abstract></se:Description>"
        f"<se:FeatureTypeStyle>{rules}{label}</se:FeatureTypeStyle></UserStyle></NamedLayer>"
        "</StyledLayerDescriptor>"
    )


def _rule(style: Style, item: StyleClass) -> str:
    name = escape(item.label.get(_LANGUAGE) or next(iter(item.label.values()), ""))
    condition = ""
    if style.class_field:
        condition = "<se:ElseFilter/>"
        if item.span is not None:
            condition = _between(style.class_field, *item.span)
        elif item.codes:
            condition = _condition(style.class_field, item.codes)
    return (
        f"<se:Rule><se:Name>{name}</se:Name><se:Description><se:Title>{name}</se:Title>"
        f"</se:Description>{condition}{_limit(style.max_denominator)}"
        f"{_symbolizers(item.symbol, style.opacity)}</se:Rule>"
    )


def _condition(field: str, codes: Sequence[object]) -> str:
    parts = "".join(
        f"<ogc:PropertyIsEqualTo><ogc:PropertyName>{escape(field)}</ogc:PropertyName>"
        f"<ogc:Literal>{escape(str(code))}</ogc:Literal></ogc:PropertyIsEqualTo>"
        for code in codes
    )
    return f"<ogc:Filter>{parts if len(codes) == 1 else f'<ogc:Or>{parts}</ogc:Or>'}</ogc:Filter>"


def _between(field: str, low: float, high: float) -> str:
    name = f"<ogc:PropertyName>{escape(field)}</ogc:PropertyName>"
    bounds = "".join(
        f"<ogc:{tag}>{name}<ogc:Literal>{value!r}</ogc:Literal></ogc:{tag}>"
        for tag, value in (
            ("PropertyIsGreaterThanOrEqualTo", low),
            ("PropertyIsLessThanOrEqualTo", high),
        )
    )
    return f"<ogc:Filter><ogc:And>{bounds}</ogc:And></ogc:Filter>"


def _limit(denominator: float) -> str:
    if denominator == math.inf:
        return ""
    return f"<se:MaxScaleDenominator>{number(denominator)}</se:MaxScaleDenominator>"


def _symbolizers(symbol: Symbol, opacity: float) -> str:
    if isinstance(symbol, MarkerSymbol):
        return _point(symbol, opacity)
    if isinstance(symbol, LineSymbol):
        return _line(symbol, opacity)
    return _area(symbol, opacity)


def _point(symbol: MarkerSymbol, opacity: float) -> str:
    stroke_mm = symbol.stroke_mm if symbol.stroke else 0.0
    mark = _mark(
        _MARKS[symbol.shape],
        _fill(symbol.fill, opacity) + _stroke(symbol.stroke, stroke_mm, opacity),
        symbol.size_mm - stroke_mm,
    )
    if not symbol.glyph:
        return mark
    return mark + _text(
        f"<ogc:Literal>{escape(symbol.glyph)}</ogc:Literal>",
        symbol.size_mm * 0.62,
        symbol.glyph_color,
        "<se:PointPlacement><se:AnchorPoint><se:AnchorPointX>0.5</se:AnchorPointX>"
        "<se:AnchorPointY>0.5</se:AnchorPointY></se:AnchorPoint></se:PointPlacement>",
    )


def _mark(name: str, painted: str, size_mm: float) -> str:
    return (
        "<se:PointSymbolizer><se:Graphic><se:Mark>"
        f"<se:WellKnownName>{name}</se:WellKnownName>{painted}</se:Mark>"
        f"<se:Size>{_px(size_mm)}</se:Size></se:Graphic></se:PointSymbolizer>"
    )


def _line(symbol: LineSymbol, opacity: float) -> str:
    strokes = [_stroke(symbol.color, symbol.width_mm, opacity, symbol.dash_mm)]
    if symbol.casing and symbol.casing_mm > 0:
        strokes.insert(0, _stroke(symbol.casing, symbol.width_mm + 2 * symbol.casing_mm, opacity))
    return "".join(f"<se:LineSymbolizer>{stroke}</se:LineSymbolizer>" for stroke in strokes)


def _area(symbol: FillSymbol, opacity: float) -> str:
    fill = _fill(symbol.fill, opacity)
    edge = _stroke(symbol.outline, symbol.outline_mm, opacity, symbol.dash_mm)
    if symbol.hatch == "none":
        return f"<se:PolygonSymbolizer>{fill}{edge}</se:PolygonSymbolizer>"
    # The well-known marks of hatches that GeoServer and QGIS read.
    name = "shape://slash" if symbol.hatch == "diagonal" else "shape://times"
    hatch = (
        "<se:Fill><se:GraphicFill><se:Graphic><se:Mark>"
        f"<se:WellKnownName>{name}</se:WellKnownName>"
        f"{_stroke(symbol.hatch_color, 0.1, opacity)}</se:Mark>"
        f"<se:Size>{_px(symbol.hatch_mm)}</se:Size></se:Graphic></se:GraphicFill></se:Fill>"
    )
    layers = [*((fill,) if fill else ()), hatch, *((edge,) if edge else ())]
    return "".join(f"<se:PolygonSymbolizer>{one}</se:PolygonSymbolizer>" for one in layers)


def _fill(color: str | None, opacity: float) -> str:
    if color is None:
        return ""
    return f"<se:Fill>{_paint('fill', color, opacity)}</se:Fill>"


def _stroke(
    color: str | None, width_mm: float, opacity: float, dash_mm: Sequence[float] = ()
) -> str:
    if color is None or width_mm <= 0:
        return ""
    dashes = " ".join(map(_px, dash_mm))
    more = _parameter("stroke-dasharray", dashes) if dashes else ""
    join = _parameter("stroke-linejoin", "round")
    width = _parameter("stroke-width", _px(width_mm))
    return f"<se:Stroke>{_paint('stroke', color, opacity)}{width}{join}{more}</se:Stroke>"


def _paint(name: str, color: str, opacity: float) -> str:
    share = opacity * (int(color[7:], 16) / 255 if len(color) == 9 else 1.0)
    more = _parameter(f"{name}-opacity", number(round(share, 4))) if share < 1 else ""
    return _parameter(name, color[:7]) + more


def _parameter(name: str, value: str) -> str:
    return f"<se:SvgParameter name={quoteattr(name)}>{escape(value)}</se:SvgParameter>"


def _px(length_mm: float) -> str:
    return number(round(length_mm / _PX_MM, 4))


def _text_rule(style: Style, label: LabelStyle) -> str:
    words = " ".join(label.text.split())
    parts = []
    for i, piece in enumerate(words.split("{")):
        name, closed, rest = piece.partition("}") if i else ("", "", piece)
        if closed:
            parts.append(f"<ogc:PropertyName>{escape(name)}</ogc:PropertyName>")
        parts.append(escape(rest))
    if style.kind == "line":
        place = "<se:LinePlacement/>"
    else:
        place = (
            "<se:PointPlacement><se:AnchorPoint><se:AnchorPointX>0</se:AnchorPointX>"
            "<se:AnchorPointY>0.5</se:AnchorPointY></se:AnchorPoint></se:PointPlacement>"
        )
    text = _text(
        "".join(parts), label.size_mm, label.color, place, bold=label.bold, halo=_halo(label)
    )
    limit = _limit(min(label.max_denominator, style.max_denominator))
    return f"<se:Rule>{limit}{text}</se:Rule>"


def _halo(label: LabelStyle) -> str:
    if label.halo_mm <= 0:
        return ""
    radius = f"<se:Radius>{_px(label.halo_mm)}</se:Radius>"
    return f"<se:Halo>{radius}{_fill(label.halo, 1.0)}</se:Halo>"


def _text(
    text: str, size_mm: float, color: str, place: str, *, bold: bool = False, halo: str = ""
) -> str:
    font = _parameter("font-family", FONTS[0]) + _parameter("font-size", _px(size_mm))
    font += _parameter("font-weight", "bold") if bold else ""
    return (
        f"<se:TextSymbolizer><se:Label>{text}</se:Label><se:Font>{font}</se:Font>"
        f"<se:LabelPlacement>{place}</se:LabelPlacement>{halo}{_fill(color, 1.0)}"
        "</se:TextSymbolizer>"
    )
