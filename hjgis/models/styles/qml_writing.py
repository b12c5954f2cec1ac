"""A layer's style as QGIS keeps it: QML, read by QGIS 3.22 and newer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from hjgis.models.assets import AssetType, Catalogue, Field
from hjgis.models.styles.qml_symbols import (
    FONTS,
    color,
    factor_expression,
    number,
    quoteattr,
    symbol_xml,
)
from hjgis.models.styles.style import LabelStyle, LineSymbol, Style

# Rises when the same style is written otherwise than before: stored styles are then renewed.
WRITER: Final = 1
_LANGUAGE: Final = "zh_CN"
_CATEGORIES: Final = "Symbology|Labeling|Fields|Forms|Rendering"
_GEOMETRIES: Final = {"marker": 0, "line": 1, "fill": 2}
# Placements of QGIS: ordered places round a point; along a line; level inside an area.
_PLACEMENTS: Final = {"marker": 6, "line": 2, "fill": 4}
_ON_LINE, _BESIDE_LINE = 9, 14
_GAP_MM: Final = 0.6


def qml(
    asset: AssetType, style: Style | None, titles: Mapping[str, str], catalogue: Catalogue
) -> str:
    """Write titles, code lists and looks of a layer.

    QGIS has no word for these, and they are left out: the distance in which a label's text is not
    repeated (lines are labelled again after it instead), what is too small on a screen of another
    resolution than 96 dots an inch, round corners of squares.

    Parameters
    ----------
    style : Style or None
        None for a table without geometry.
    titles : mapping of str to str
        Column name to title.
    """
    looks = "" if style is None else _looks(style)
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22.0" styleCategories="{_CATEGORIES if style else "Fields|Forms"}"'
        f"{_attributes(style)}>{looks}{_widgets(asset, catalogue)}{_aliases(titles)}</qgis>"
    )


def label_expression(label: LabelStyle) -> str:
    """Return `LabelStyle.texts` as an expression: a word whose field is unknown is left out."""
    words = ",".join(_word(word) for word in label.text.split())
    return f"array_to_string(array_filter(array({words}),@element IS NOT NULL),' ')"


def _word(word: str) -> str:
    parts = []
    for i, piece in enumerate(word.split("{")):
        name, closed, rest = piece.partition("}") if i else ("", "", piece)
        if closed:
            parts.append(f"to_string({_column(name)})")
        if rest:
            parts.append(_literal(rest))
    return "||".join(parts)


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _attributes(style: Style | None) -> str:
    if style is None:
        return ""
    limited = style.max_denominator < math.inf
    limit = number(style.max_denominator) if limited else "1e+08"
    return (
        f' hasScaleBasedVisibilityFlag="{int(limited)}" minScale="{limit}" maxScale="0"'
        f' labelsEnabled="{int(style.label is not None)}" symbologyReferenceScale="-1"'
    )


def _looks(style: Style) -> str:
    label = "" if style.label is None else _labelling(style, style.label)
    return (
        f"{_renderer(style)}{label}<blendMode>0</blendMode><layerOpacity>1</layerOpacity>"
        f"<layerGeometryType>{_GEOMETRIES[style.kind]}</layerGeometryType>"
    )


def _renderer(style: Style) -> str:
    factor = factor_expression(style.sizes)
    most = max(item.level for item in style.all_classes)
    symbols = "".join(
        symbol_xml(
            item.symbol, str(i), factor=factor, opacity=style.opacity, level=item.level, most=most
        )
        for i, item in enumerate(style.all_classes)
    )
    levels = most > 0 or (style.kind == "line" and any(_layered(style)))
    head = f'referencescale="-1" forceraster="0" enableorderby="0" symbollevels="{int(levels)}"'
    if style.class_field is None:
        return f'<renderer-v2 type="singleSymbol" {head}><symbols>{symbols}</symbols></renderer-v2>'
    if style.spans:
        return _graduated(style, style.class_field, symbols, head)
    last = len(style.classes)
    named = [(item.codes, _name(item.label)) for item in style.classes]
    categories = "".join(_category(codes, name, i) for i, (codes, name) in enumerate(named))
    categories += _category(("",), _name(style.default.label), last)
    return (
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(style.class_field)} {head}>'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )


def _graduated(style: Style, column: str, symbols: str, head: str) -> str:
    """Return classes of numbers; QGIS does not show what is in none of them."""
    ranges = "".join(
        f'<range lower="{low!r}" upper="{high!r}" symbol="{i}" render="true"'
        f" label={quoteattr(_name(style.classes[i].label))}/>"
        for i, low, high in style.spans
    )
    return (
        f'<renderer-v2 type="graduatedSymbol" graduatedMethod="GraduatedColor"'
        f" attr={quoteattr(column)} {head}><ranges>{ranges}</ranges>"
        f"<symbols>{symbols}</symbols></renderer-v2>"
    )


def _layered(style: Style) -> list[bool]:
    lines = [item.symbol for item in style.all_classes if isinstance(item.symbol, LineSymbol)]
    return [bool(line.casing and line.casing_mm) or bool(line.letters) for line in lines]


def _category(codes: Sequence[object], name: str, symbol: int) -> str:
    head = f'<category symbol="{symbol}" label={quoteattr(name)} render="true"'
    if len(codes) == 1:
        return f"{head} {_value(codes[0])}/>"
    held = "".join(f"<val {_value(code)}/>" for code in codes)
    return f"{head}>{held}</category>"


def _value(code: object) -> str:
    kind = "string" if isinstance(code, str) else "long"
    kinds = {"string": "QString", "long": "int"}
    text = quoteattr(str(int(code)) if isinstance(code, int) else str(code))
    return f'value={text} type="{kinds[kind] if kind == "long" else kind}"'


def _name(label: Mapping[str, str]) -> str:
    return label.get(_LANGUAGE) or next(iter(label.values()), "")


def _labelling(style: Style, label: LabelStyle) -> str:
    limit = min(label.max_denominator, style.max_denominator)
    limited = limit < math.inf
    along = style.kind == "line"
    flags = _BESIDE_LINE if label.beside else _ON_LINE
    repeat = number(label.repeat_mm) if along else "0"
    priority = min(10, max(0, round(label.priority / 10)))
    families = "".join(f'<family name="{name}"/>' for name in FONTS)
    weight, face = ("75", "Bold") if label.bold else ("50", "Regular")
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style isExpression="1" fieldName={quoteattr(label_expression(label))}'
        f' fontFamily="{FONTS[0]}" namedStyle="{face}" fontWeight="{weight}" fontItalic="0"'
        f' fontSize="{number(label.size_mm)}" fontSizeUnit="MM" textOpacity="1"'
        f' textColor="{color(label.color)}">'
        f"<families>{families}</families>"
        f'<text-buffer bufferDraw="{int(label.halo_mm > 0)}" bufferSize="{number(label.halo_mm)}"'
        f' bufferSizeUnits="MM" bufferColor="{color(label.halo)}" bufferOpacity="1"'
        ' bufferNoFill="1" bufferJoinStyle="128"/></text-style>'
        f'<placement placement="{_PLACEMENTS[style.kind]}" placementFlags="{flags}"'
        f' dist="{_GAP_MM if along or style.kind == "marker" else 0}" distUnits="MM"'
        f' offsetType="1" predefinedPositionOrder="TR,BR,TL,BL,R,L,TSR,BSR"'
        f' repeatDistance="{repeat}" repeatDistanceUnits="MM" priority="{priority}"'
        ' centroidInside="1" fitInPolygonOnly="0"/>'
        f'<rendering drawLabels="1" scaleVisibility="{int(limited)}" scaleMin="0"'
        f' scaleMax="{number(limit) if limited else 0}" mergeLines="{int(repeat != "0")}"'
        ' obstacle="0" upsidedownLabels="0"/></settings></labeling>'
    )


def _widgets(asset: AssetType, catalogue: Catalogue) -> str:
    fields = "".join(
        _value_map(field, catalogue) for field in asset.fields if field.codes is not None
    )
    return f"<fieldConfiguration>{fields}</fieldConfiguration>" if fields else ""


def _value_map(field: Field, catalogue: Catalogue) -> str:
    pairs = "".join(
        f'<Option type="Map"><Option name={quoteattr(_name(code.label))} type="QString"'
        f" value={quoteattr(str(code.code))}/></Option>"
        for code in catalogue.codes(str(field.codes)).codes
    )
    return (
        f'<field name={quoteattr(field.name)} configurationFlags="None">'
        '<editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List">'
        f"{pairs}</Option></Option></config></editWidget></field>"
    )


def _aliases(titles: Mapping[str, str]) -> str:
    held = "".join(
        f'<alias index="{i}" field={quoteattr(column)} name={quoteattr(title)}/>'
        for i, (column, title) in enumerate(titles.items())
    )
    return f"<aliases>{held}</aliases>"
