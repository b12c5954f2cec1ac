"""The parts that a QGIS style is made of, read: symbols, colours, sizes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree import ElementTree

from hjgis.i18n import _
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol, Symbol

_PX_MM: Final = 25.4 / 96
_LONGEST_MM: Final = 500.0
# What is smaller has no shape.
_LEAST_MARK_MM: Final = 0.1
_UNITS_MM: Final = {
    "MM": 1.0,
    "Point": 25.4 / 72,
    "Points": 25.4 / 72,
    "Pixel": _PX_MM,
    "Pixels": _PX_MM,
    "Inch": 25.4,
}
_SHAPES: Final = {
    "circle": "circle",
    "square": "square",
    "rectangle": "square",
    "diamond": "diamond",
    "triangle": "triangle",
    "equilateral_triangle": "triangle",
    "hexagon": "hexagon",
    "cross": "cross",
}
_DASHES_MM: Final = {
    "dash": (4.0, 2.0),
    "dot": (1.0, 2.0),
    "dash dot": (4.0, 2.0, 1.0, 2.0),
    "dash dot dot": (4.0, 2.0, 1.0, 2.0, 1.0, 2.0),
}


@dataclass(slots=True)
class Heard:
    """Gathers what cannot be taken over, each once."""

    words: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        """Take down what is left out."""
        if words not in self.words:
            self.words.append(words)

    @property
    def said(self) -> tuple[str, ...]:
        """All of it."""
        return tuple(self.words)


def named(text: str) -> dict[str, str]:
    """Return a label whose language is not known."""
    return {"zh_CN": text, "en": text}


def numeric(text: str | None, otherwise: float) -> float:
    """Return a number, or something else where there is none."""
    with contextlib.suppress(TypeError, ValueError):
        value = float(text or "")
        return value if math.isfinite(value) else otherwise
    return otherwise


def attribute(element: ElementTree.Element | None, name: str) -> str | None:
    """Return an attribute of an element that may be missing."""
    return None if element is None else element.get(name)


def unit_mm(value: float, unit: str, heard: Heard) -> float:
    """Return a length in millimetres; lengths on the ground are taken as if at 1 : 1000."""
    if unit not in _UNITS_MM:
        heard.add(_("Sizes in {unit} are fixed sizes here.").format(unit=unit))
    return drawn_mm(value * _UNITS_MM.get(unit, 1.0))


def drawn_mm(length_mm: float) -> float:
    """Return a length that can be drawn: documents hold whatever somebody typed."""
    return min(max(length_mm, 0.0), _LONGEST_MM)


def color_of(text: str | None) -> str | None:
    """Return ``#rrggbb`` or ``#rrggbbaa`` of ``r,g,b,a,...``; None if one sees nothing of it."""
    parts = (text or "").split(",")[:4]
    with contextlib.suppress(ValueError):
        numbers = [min(255, max(0, int(part))) for part in parts]
        if len(numbers) == 3:
            numbers.append(255)
        if len(numbers) == 4 and numbers[3] > 0:
            used = numbers[:3] if numbers[3] == 255 else numbers
            return "#" + "".join(f"{number:02x}" for number in used)
    return None


def value_of(entry: ElementTree.Element, heard: Heard) -> str | int | None:
    """Return the value of a category as its type says."""
    text, kind = entry.get("value"), entry.get("type", "string").casefold()
    if text is None or text == "NULL":
        return None
    with contextlib.suppress(ValueError):
        if kind in ("long", "int", "integer", "longlong", "uint", "ulong"):
            return int(text)
        if kind in ("double", "float"):
            if float(text).is_integer():
                return int(float(text))
            heard.add(_("The class of the single number {number}.").format(number=text))
            return None
        if kind == "bool":
            return int(text.casefold() in ("true", "1"))
    return text


def opacity_of(root: ElementTree.Element, heard: Heard) -> float:
    """Return the opacity that all symbols have, and 1 if they differ."""
    found = {numeric(s.get("alpha"), 1.0) for s in root.findall("renderer-v2/symbols/symbol")}
    if len(found) > 1:
        heard.add(_("Symbols that one sees through more or less."))
    return found.pop() if len(found) == 1 else 1.0


def symbol_of(element: ElementTree.Element, heard: Heard) -> Symbol | None:
    """Return a symbol of QGIS as ours; what it has more than ours is noted."""
    layers = [_Part(entry) for entry in element.findall("layer") if entry.get("enabled") != "0"]
    for layer in layers:
        layer.note_expressions(heard)
    kind = element.get("type")
    if kind == "marker":
        return _marker(layers, heard)
    if kind == "line":
        return _line(layers, heard)
    if kind == "fill":
        return _fill(layers, heard)
    return None


class _Part:
    """One layer of a QGIS symbol: its class and its options, old form and new."""

    def __init__(self, element: ElementTree.Element) -> None:
        self.kind = element.get("class", "")
        self._element = element
        old = {e.get("k", ""): e.get("v", "") for e in element.findall("prop")}
        new = {e.get("name", ""): e.get("value", "") for e in element.findall("Option/Option")}
        self.options: Mapping[str, str] = old | new

    def get(self, name: str) -> str:
        return self.options.get(name, "")

    def color(self, *names: str) -> str | None:
        return next((color_of(self.get(n)) for n in names if n in self.options), None)

    def mm(self, name: str, heard: Heard) -> float:
        return unit_mm(numeric(self.get(name), 0.0), self.get(f"{name}_unit") or "MM", heard)

    @property
    def inner(self) -> ElementTree.Element | None:
        return self._element.find("symbol")

    def note_expressions(self, heard: Heard) -> None:
        held = "data_defined_properties/Option/Option[@name='properties']/Option"
        for entry in self._element.findall(held):
            active = entry.find("Option[@name='active']")
            if active is None or active.get("value") == "true":
                words = _("What an expression says of {name}.")
                heard.add(words.format(name=entry.get("name")))

    def note_strange(self, heard: Heard) -> None:
        words = _("Symbol layers of the kind {kind}.")
        heard.add(words.format(kind=self.kind))


def _marker(layers: list[_Part], heard: Heard) -> Symbol | None:
    result: MarkerSymbol | None = None
    for part in layers:
        if part.kind in ("SimpleMarker", "SvgMarker", "FilledMarker") and result is None:
            result = _shape(part, heard)
        elif part.kind == "FontMarker":
            glyph = part.get("chr")[:2]
            ink = part.color("color") or "#000000"
            if result is None:
                # A letter alone is a mark without an outline.
                size_mm = max(part.mm("size", heard) / 0.62, _LEAST_MARK_MM)
                result = MarkerSymbol(size_mm=size_mm, stroke=None)
            result = replace(result, glyph=glyph, glyph_color=ink)
        elif part.kind != "SvgMarker" or not part.get("name").startswith("base64:"):
            part.note_strange(heard)
    return result


def _shape(part: _Part, heard: Heard) -> MarkerSymbol:
    name = part.get("name")
    shape = _SHAPES.get(name, "circle")
    if part.kind != "SimpleMarker" or name not in _SHAPES:
        heard.add(_("The shape of a mark ({name}): it is a disc.").format(name=name[:40]))
    outlined = part.get("outline_style") != "no"
    stroke = part.color("outline_color", "color_border") if outlined else None
    stroke_mm = part.mm("outline_width", heard) if stroke else 0.0
    return MarkerSymbol(
        shape=shape,
        size_mm=max(part.mm("size", heard) + stroke_mm, _LEAST_MARK_MM),
        fill=None if shape == "cross" else part.color("color"),
        stroke=stroke,
        # QGIS draws an outline of no width one pixel wide.
        stroke_mm=stroke_mm or (_PX_MM / 2 if stroke else 0.0),
    )


def _line(layers: list[_Part], heard: Heard) -> Symbol | None:
    strokes = [part for part in layers if part.kind == "SimpleLine"]
    letters = ""
    for part in layers:
        if part.kind in ("MarkerLine", "GeometryGenerator"):
            letters = letters or _letters_in(part)
        if part.kind != "SimpleLine" and not letters:
            part.note_strange(heard)
    if not strokes:
        return None
    top = strokes[-1]
    result = LineSymbol(
        color=top.color("line_color", "color") or "#333333",
        width_mm=top.mm("line_width", heard) or _PX_MM,
        dash_mm=_dashes(top, "line_style", heard),
        letters=letters,
    )
    if len(strokes) > 2:
        heard.add(_("Lines of more than two strokes: the outermost and the innermost are kept."))
    if len(strokes) > 1:
        edge_mm = (strokes[0].mm("line_width", heard) - result.width_mm) / 2
        casing = strokes[0].color("line_color", "color")
        if edge_mm > 0 and casing:
            result = replace(result, casing=casing, casing_mm=edge_mm)
    return result


def _letters_in(part: _Part) -> str:
    """Return the letters that a line is marked with."""
    inner = part.inner
    if inner is None:
        return ""
    for entry in inner.iter("layer"):
        if entry.get("class") == "FontMarker":
            return _Part(entry).get("chr")[:4]
    return ""


def _dashes(part: _Part, style: str, heard: Heard) -> tuple[float, ...]:
    if part.get("use_custom_dash") == "1":
        unit = part.get("customdash_unit") or "MM"
        lengths = [numeric(one, 0.0) for one in part.get("customdash").split(";")]
        return tuple(unit_mm(one, unit, heard) for one in lengths[: len(lengths) // 2 * 2])
    width_mm = part.mm("line_width" if style == "line_style" else "outline_width", heard)
    return tuple(round(n * max(width_mm, 0.1), 3) for n in _DASHES_MM.get(part.get(style), ()))


def _fill(layers: list[_Part], heard: Heard) -> Symbol | None:
    result: FillSymbol | None = None
    for part in layers:
        if part.kind == "SimpleFill":
            result = _area(part, result, heard)
        elif part.kind == "SimpleLine":
            edge = part.color("line_color", "color")
            width_mm, dashes = part.mm("line_width", heard), _dashes(part, "line_style", heard)
            result = result or FillSymbol()
            result = replace(result, outline=edge, outline_mm=width_mm, dash_mm=dashes)
        elif part.kind == "LinePatternFill":
            result = result or FillSymbol(outline=None)
            twice = result.hatch != "none"
            inner = part.inner
            first = inner.find("layer") if inner is not None else None
            ink = _Part(first).color("line_color", "color") if first is not None else None
            result = replace(
                result,
                hatch="cross" if twice else "diagonal",
                hatch_color=ink or part.color("color") or "#777777",
                hatch_mm=max(0.3, round(part.mm("distance", heard) * math.sqrt(2), 3)),
            )
        else:
            part.note_strange(heard)
    return result


def _area(part: _Part, under: FillSymbol | None, heard: Heard) -> FillSymbol:
    style = part.get("style") or "solid"
    fill = None if style == "no" else part.color("color")
    result = under or FillSymbol()
    if style not in ("solid", "no"):
        heard.add(_("The fill pattern {name}: it is slanting lines.").format(name=style))
        result = replace(result, hatch="diagonal", hatch_color=fill or "#777777")
        fill = None
    outlined = part.get("outline_style") != "no"
    edge = part.color("outline_color", "color_border") if outlined else None
    return replace(
        result,
        fill=fill or result.fill,
        outline=edge,
        outline_mm=(part.mm("outline_width", heard) or _PX_MM) if edge else 0.0,
        dash_mm=_dashes(part, "outline_style", heard) if edge else (),
    )
