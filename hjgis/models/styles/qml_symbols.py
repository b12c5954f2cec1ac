"""Symbols as QGIS 3.22 and newer keep them in a style.

Sizes are millimetres. What changes with the scale is an expression over ``@map_scale``; the plain
value beside it, of factor 1, is for legends and for readers that know no expressions.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final
from xml.sax import saxutils

from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol, Symbol

# The same few thousand names and values stand in the styles of every layer and project.
quoteattr: Final = lru_cache(maxsize=8192)(saxutils.quoteattr)
# The painter looks for them in this order.
FONTS: Final = ("Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei")
_HAIRLINE_MM: Final = 0.05
# A screen's hairline: QGIS knows no least width.
_HATCH_MM: Final = 0.15
_LETTER_HALO_MM: Final = 0.35
_ROOM_FOR_LETTERS: Final = 3.0
_LETTER_WIDTH: Final = 0.68
# QGIS centres a letter on half the font's ascent; a letter's middle is this much higher.
_RISE: Final = -0.2
# The smallest that is read on paper, and on a screen of 96 dots an inch (see `render.symbols`).
_GLYPH_ON_PAPER_MM: Final = 0.8
_LATIN_ON_SCREEN_MM: Final = 1.45
_CHINESE_ON_SCREEN_MM: Final = 1.98
_DETAIL_MM: Final = 1.7
_LETTERS_MM: Final = 1.22
_ROOMS: Final[Mapping[str, float]] = {"square": 0.72, "triangle": 0.5, "diamond": 0.5}
_ROOM: Final = 0.62
_NONE: Final = "0,0,0,0"
_PLAIN: Final = ("circle", "square", "diamond", "triangle", "hexagon", "cross")
_TYPES: Final = {MarkerSymbol: "marker", LineSymbol: "line", FillSymbol: "fill"}
_RAYS: Final = " ".join(
    f"M{50 + 34 * math.cos(a):.1f} {50 + 34 * math.sin(a):.1f}"
    f"L{50 + 50 * math.cos(a):.1f} {50 + 50 * math.sin(a):.1f}"
    for a in (math.pi / 4 * i for i in range(8))
)
# Room for the outline, which lies half outside: QGIS cuts a picture at its frame.
_WIDER: Final = 1.2
# Drawn in a square of 100; outline, then the detail that is left out where it is too small.
_PATHS: Final[Mapping[str, tuple[str, str]]] = {
    "grate": ("M0 20H100V80H0Z", "M25 20V80M50 20V80M75 20V80"),
    "lamp": ("M25 50A25 25 0 1 0 75 50A25 25 0 1 0 25 50Z", _RAYS),
    "bicycle": (
        "M11 0H89A11 11 0 0 1 100 11V89A11 11 0 0 1 89 100H11A11 11 0 0 1 0 89V11"
        "A11 11 0 0 1 11 0Z",
        "M12.5 62.5A15 15 0 1 0 42.5 62.5A15 15 0 1 0 12.5 62.5M57.5 62.5A15 15 0 1 0 87.5 62.5"
        "A15 15 0 1 0 57.5 62.5M27.5 62.5L40 37.5L49 62.5ZM40 37.5L65 37.5L49 62.5"
        "M72.5 62.5L63 25L74 25M34 27.5L40 37.5",
    ),
}


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of a QGIS symbol: its class, plain options, expressions, symbol inside, level."""

    kind: str
    options: Mapping[str, str]
    expressions: Mapping[str, str] = field(default_factory=dict)
    inner: Sequence[_Layer] = ()
    inner_type: str = "marker"
    level: int = 0


def symbol_xml(
    symbol: Symbol, name: str, *, factor: str = "1", opacity: float = 1.0, level: int = 0, most: int
) -> str:
    """Return the element ``symbol``.

    Parameters
    ----------
    factor : str
        Expression of what sizes are multiplied by.
    level, most : int
        Level of the symbol's class, and the highest of the style: casings of all classes lie
        below all lines.
    """
    if isinstance(symbol, MarkerSymbol):
        layers = _marker(symbol, factor, level)
    elif isinstance(symbol, LineSymbol):
        layers = _line(symbol, factor, level, most)
    else:
        layers = _fill(symbol, factor, level)
    return _symbol(layers, name, _TYPES[type(symbol)], opacity)


def factor_expression(sizes: Sequence[tuple[float, float]]) -> str:
    """Return the factor of `Style.size_factor` as an expression of QGIS."""
    if not sizes:
        return "1"
    if len(sizes) == 1:
        return number(sizes[0][1])
    parts = []
    for (scale, value), (next_scale, next_value) in pairwise(sizes):
        ends = f"{math.log(scale):.5f},{math.log(next_scale):.5f}"
        part = f"scale_linear(ln(@map_scale),{ends},{number(value)},{number(next_value)})"
        parts.append((next_scale, part))
    cases = "".join(f" WHEN @map_scale<={number(at)} THEN {part}" for at, part in parts[:-1])
    found = f"CASE{cases} ELSE {parts[-1][1]} END" if cases else parts[-1][1]
    # In a legend there is no scale.
    return f"coalesce({found},1)"


def color(text: str | None) -> str:
    """Return ``#rrggbb`` or ``#rrggbbaa`` as QGIS writes it; nothing to see for None."""
    if text is None:
        return _NONE
    parts = [int(text[i : i + 2], 16) for i in range(1, len(text), 2)]
    return ",".join(map(str, parts if len(parts) == 4 else [*parts, 255]))


def number(value: float) -> str:
    """Return a number as short as can be."""
    return f"{value:.10g}"


def options_xml(options: Mapping[str, str]) -> str:
    """Return the element ``Option`` that holds a map of texts."""
    held = "".join(
        f'<Option name={quoteattr(name)} type="QString" value={quoteattr(value)}/>'
        for name, value in options.items()
    )
    return f'<Option type="Map">{held}</Option>'


def _symbol(layers: Sequence[_Layer], name: str, kind: str, opacity: float = 1.0) -> str:
    held = "".join(_layer(layer, f"@{name}@{i}") for i, layer in enumerate(layers))
    return (
        f'<symbol name={quoteattr(name)} type="{kind}" alpha="{number(opacity)}"'
        f' clip_to_extent="1" force_rhr="0">{held}</symbol>'
    )


def _layer(layer: _Layer, name: str) -> str:
    inner = _symbol(layer.inner, name, layer.inner_type) if layer.inner else ""
    return (
        f'<layer class="{layer.kind}" enabled="1" locked="0" pass="{layer.level}">'
        f"{options_xml(layer.options)}{_expressions(layer.expressions)}{inner}</layer>"
    )


def _expressions(expressions: Mapping[str, str]) -> str:
    if not expressions:
        return ""
    held = "".join(
        f'<Option name="{name}" type="Map"><Option name="active" type="bool" value="true"/>'
        f'<Option name="expression" type="QString" value={quoteattr(text)}/>'
        '<Option name="type" type="int" value="3"/></Option>'
        for name, text in expressions.items()
    )
    return (
        '<data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/>'
        f'<Option name="properties" type="Map">{held}</Option>'
        '<Option name="type" type="QString" value="collection"/></Option></data_defined_properties>'
    )


def _scaled(value: float, factor: str) -> str:
    return number(value) if factor == "1" else f"{number(value)}*{factor}"


def _marker(symbol: MarkerSymbol, factor: str, level: int) -> list[_Layer]:
    layers = [_shape(symbol, factor, level)]
    if symbol.shape in _PATHS:
        layers.append(_picture(symbol, factor, level, detail=True))
    if symbol.glyph:
        layers.append(_glyph(symbol, factor, level))
    return layers


def _shape(symbol: MarkerSymbol, factor: str, level: int) -> _Layer:
    if symbol.shape not in _PLAIN:
        return _picture(symbol, factor, level, detail=False)
    stroke_mm = _stroke_mm(symbol)
    options = {
        "name": symbol.shape,
        "angle": "30" if symbol.shape == "hexagon" else "0",
        "color": color(symbol.fill),
        "outline_color": color(symbol.stroke),
        "outline_style": "solid" if stroke_mm else "no",
        "outline_width": number(stroke_mm),
        "outline_width_unit": "MM",
        "joinstyle": "round",
        "cap_style": "round",
        "size": number(symbol.size_mm - stroke_mm),
        "size_unit": "MM",
        "scale_method": "diameter",
    }
    return _Layer("SimpleMarker", options, _sizes(symbol, factor), level=level)


def _picture(symbol: MarkerSymbol, factor: str, level: int, *, detail: bool) -> _Layer:
    outline, inside = _PATHS[symbol.shape]
    stroke_mm = _stroke_mm(symbol)
    light = detail and symbol.shape == "bicycle"
    stroke_mm = symbol.size_mm * 0.075 if light else stroke_mm
    fill = "none" if detail else "param(fill)"
    shade = "" if detail else ' fill-opacity="param(fill-opacity)"'
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120"'
        f' viewBox="-10 -10 120 120"><path d="{inside if detail else outline}" fill="{fill}"{shade}'
        ' stroke="param(outline)" stroke-opacity="param(outline-opacity)"'
        ' stroke-width="param(outline-width)" stroke-linejoin="round" stroke-linecap="round"/>'
        "</svg>"
    )
    expressions = {key: f"{_WIDER}*{text}" for key, text in _sizes(symbol, factor).items()}
    if detail:
        expressions["enabled"] = f"{_scaled(symbol.size_mm, factor)}>={_DETAIL_MM}"
    options = {
        "name": "base64:" + base64.b64encode(drawing.encode()).decode(),
        "color": color(symbol.fill),
        "outline_color": color(symbol.glyph_color if light else symbol.stroke),
        "outline_width": number(stroke_mm),
        "outline_width_unit": "MM",
        "size": number(round(_WIDER * (symbol.size_mm - _stroke_mm(symbol)), 4)),
        "size_unit": "MM",
        "fixedAspectRatio": "0",
    }
    return _Layer("SvgMarker", options, expressions, level=level)


def _stroke_mm(symbol: MarkerSymbol) -> float:
    return min(symbol.stroke_mm, symbol.size_mm / 4) if symbol.stroke else 0.0


def _sizes(symbol: MarkerSymbol, factor: str) -> dict[str, str]:
    """Return the expression of the width inside the outline, whose own width stays."""
    if factor == "1":
        return {}
    whole, stroke_mm = _scaled(symbol.size_mm, factor), _stroke_mm(symbol)
    if not stroke_mm:
        return {"size": whole}
    return {"size": f"with_variable('w',{whole},@w-min({number(stroke_mm)},@w/4))"}


def _glyph(symbol: MarkerSymbol, factor: str, level: int) -> _Layer:
    size_mm = symbol.size_mm * _ROOMS.get(symbol.shape, _ROOM)
    size_mm *= 1.0 if len(symbol.glyph) == 1 else 0.75
    screen_mm = _LATIN_ON_SCREEN_MM if symbol.glyph.isascii() else _CHINESE_ON_SCREEN_MM
    least = f"if(@layout_dpi>0,{_GLYPH_ON_PAPER_MM},{screen_mm})"
    scaled = _scaled(size_mm, factor)
    drawn = _letters(symbol.glyph, symbol.glyph_color, size_mm, factor)
    seen = {**drawn.expressions, "enabled": f"{scaled}>={least}"}
    return replace(drawn, expressions=seen, level=level)


def _letters(
    text: str, ink: str, size_mm: float, factor: str, *, halo_mm: float = 0.0, bold: bool = False
) -> _Layer:
    options = {
        "font": ",".join(FONTS),
        "font_style": "Bold" if bold else "",
        "chr": text,
        "color": color(ink),
        "size": number(size_mm),
        "size_unit": "MM",
        "offset": f"0,{number(size_mm * _RISE)}",
        "offset_unit": "MM",
        "outline_color": color(ink),
        "outline_width": number(2 * halo_mm),
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    expressions = {}
    if factor != "1":
        scaled = _scaled(size_mm, factor)
        expressions = {"size": scaled, "offset": f"'0,'||({_RISE}*{scaled})"}
    return _Layer("FontMarker", options, expressions)


def _line(symbol: LineSymbol, factor: str, level: int, most: int) -> list[_Layer]:
    layers = []
    width = _line_width(symbol, factor)
    if symbol.casing is not None and symbol.casing_mm > 0:
        edge = f"2*max({_scaled(symbol.casing_mm, factor)},{_HAIRLINE_MM})"
        casing_mm = symbol.width_mm + 2 * symbol.casing_mm
        cap = "flat" if symbol.dash_mm else "round"
        expressions = {} if width is None else {"outlineWidth": f"{width}+{edge}"}
        layers.append(_stroke(symbol.casing, casing_mm, (), expressions, cap=cap, level=level))
    expressions = {} if width is None else {"outlineWidth": width}
    layers.append(
        _stroke(
            symbol.color,
            symbol.width_mm,
            symbol.dash_mm,
            expressions | _dashes(symbol.dash_mm, factor),
            cap="flat" if symbol.dash_mm else "round",
            level=most + 1 + level,
        )
    )
    if symbol.letters:
        layers.append(_letters_along(symbol, factor, 2 * most + 2))
    return layers


def _line_width(symbol: LineSymbol, factor: str) -> str | None:
    """Return the expression of a line's width; None if it never changes."""
    ground = ""
    if symbol.ground_m:
        ground = f",coalesce({number(symbol.ground_m * 1000)}/@map_scale,0)"
    if factor == "1" and not ground:
        return None
    return f"max({_scaled(symbol.width_mm, factor)},{_HAIRLINE_MM}{ground})"


def _stroke(
    ink: str | None,
    width_mm: float,
    dash_mm: Sequence[float],
    expressions: Mapping[str, str],
    *,
    cap: str,
    level: int,
) -> _Layer:
    options = {
        "line_color": color(ink),
        "line_style": "solid",
        "line_width": number(max(width_mm, _HAIRLINE_MM)),
        "line_width_unit": "MM",
        "capstyle": cap,
        "joinstyle": "round",
    }
    if dash_mm:
        options |= {
            "use_custom_dash": "1",
            "customdash": ";".join(map(number, dash_mm)),
            "customdash_unit": "MM",
        }
    return _Layer("SimpleLine", options, expressions, level=level)


def _dashes(dash_mm: Sequence[float], factor: str) -> dict[str, str]:
    if not dash_mm or factor == "1":
        return {}
    pieces = "||';'||".join(f"({number(each)}*@f)" for each in dash_mm)
    return {"customDash": f"with_variable('f',max({factor},0.6),{pieces})"}


def _letters_along(symbol: LineSymbol, factor: str, level: int) -> _Layer:
    """Return letters in a line, evenly spread, upright where the line as a whole runs."""
    ink = symbol.casing or symbol.color
    size_mm = symbol.letter_mm
    room_mm = size_mm * _LETTER_WIDTH * len(symbol.letters) * _ROOM_FOR_LETTERS
    length = "(length($geometry)*1000/coalesce(@map_scale,1000))"
    gap = f"{length}/max(1,round({length}/{number(symbol.letter_gap_mm)}))"
    marker = _Layer(
        "MarkerLine",
        {
            "placement": "interval",
            "rotate": "1",
            "interval": number(symbol.letter_gap_mm),
            "interval_unit": "MM",
            "offset_along_line": number(symbol.letter_gap_mm / 2),
            "offset_along_line_unit": "MM",
            "average_angle_length": "0.5",
            "average_angle_unit": "MM",
        },
        {"interval": gap, "offsetAlongLine": f"{gap}/2"},
        [
            _letters(
                symbol.letters, "#ffffff", size_mm, factor, halo_mm=_LETTER_HALO_MM, bold=True
            ),
            _letters(symbol.letters, ink, size_mm, factor, bold=True),
        ],
    )
    seen = f"{_scaled(size_mm, factor)}>={_LETTERS_MM} AND {length}>={_scaled(room_mm, factor)}"
    return _upright(marker, seen, level)


def _upright(marker: _Layer, seen: str, level: int) -> _Layer:
    """Return a line's marks along the line as it runs from west to east, where they are seen."""
    ends = "x(start_point($geometry))>x(end_point($geometry))"
    return _Layer(
        "GeometryGenerator",
        {
            "SymbolType": "Line",
            "geometryModifier": f"if({ends},reverse($geometry),$geometry)",
            "units": "MapUnit",
        },
        {"enabled": seen},
        [marker],
        "line",
        level,
    )


def _fill(symbol: FillSymbol, factor: str, level: int) -> list[_Layer]:
    outlined = symbol.outline is not None and symbol.outline_mm > 0
    apart = outlined and (symbol.hatch != "none" or bool(symbol.dash_mm))
    width = None if factor == "1" else f"max({_scaled(symbol.outline_mm, factor)},{_HAIRLINE_MM})"
    options = {
        "style": "solid" if symbol.fill else "no",
        "color": color(symbol.fill),
        "outline_color": color(symbol.outline),
        "outline_style": "solid" if outlined and not apart else "no",
        "outline_width": number(max(symbol.outline_mm, _HAIRLINE_MM)),
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    own = {"outlineWidth": width} if width and outlined and not apart else {}
    layers = [_Layer("SimpleFill", options, own, level=level)]
    for angle in {"none": (), "diagonal": (45,), "cross": (45, 135)}[symbol.hatch]:
        layers.append(_hatch(symbol, angle, level))
    if apart:
        expressions = {"outlineWidth": width} if width else {}
        expressions |= _dashes(symbol.dash_mm, factor)
        cap = "flat" if symbol.dash_mm else "round"
        layers.append(
            _stroke(
                symbol.outline,
                symbol.outline_mm,
                symbol.dash_mm,
                expressions,
                cap=cap,
                level=level,
            )
        )
    return layers


def _hatch(symbol: FillSymbol, angle_deg: int, level: int) -> _Layer:
    # Ours is counted along the horizontal, QGIS counts across the lines.
    options = {
        "angle": str(angle_deg),
        "color": color(symbol.hatch_color),
        "distance": number(round(symbol.hatch_mm / math.sqrt(2), 4)),
        "distance_unit": "MM",
        "line_width": number(_HATCH_MM),
        "line_width_unit": "MM",
    }
    ruled = _stroke(symbol.hatch_color, _HATCH_MM, (), {}, cap="flat", level=0)
    return _Layer("LinePatternFill", options, {}, [ruled], "line", level)
