"""Styles of others, QML or SLD, as ours: what can be taken over, and a list of what cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from xml.etree import ElementTree

from hjgis.i18n import _
from hjgis.models.assets import Field
from hjgis.models.styles import qml_parts, sld_reading
from hjgis.models.styles.qml_parts import Heard, attribute, named, numeric, unit_mm
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

_KINDS: Final[Mapping[type, SymbolKind]] = {
    MarkerSymbol: "marker",
    LineSymbol: "line",
    FillSymbol: "fill",
}
_FIELD: Final = re.compile(r'\s*"([^"]+)"\s*|\s*([^\W\d]\w*)\s*')
# QGIS: a layer or label without a limit says 0 or a number beyond all maps.
_NO_LIMIT: Final = 1e8


@dataclass(frozen=True, slots=True)
class StyleRead:
    """A style of another program.

    Attributes
    ----------
    style : Style or None
        None if nothing of it can be shown. Field names are those of the source.
    left_out : tuple of str
        What was not taken over, for the user.
    """

    style: Style | None
    left_out: tuple[str, ...]


def read_style(text: str, name: str = "style") -> StyleRead:
    """Read a QML or SLD document as QGIS 3 writes it: single, by category, by ranges of numbers.

    Parameters
    ----------
    name : str
        Id of the style.
    """
    heard = Heard()
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        return StyleRead(None, (_("It is no style document: {error}").format(error=error),))
    if root.tag == "qgis":
        style = _qgis(root, name, heard)
    elif root.tag.rpartition("}")[2] == "StyledLayerDescriptor":
        style = sld_reading.style_of(root, name, heard)
    else:
        heard.add(_("It is neither QML nor SLD."))
        style = None
    return StyleRead(style, heard.said)


def fitted(
    read: StyleRead, fields: Mapping[str, Field], words: Mapping[str, Mapping[str, str]]
) -> StyleRead:
    """Return a style for a layer whose fields are called otherwise and hold words for codes.

    Parameters
    ----------
    fields : mapping of str to Field
        By the name of the column in the source.
    words : mapping of str to mapping of str to str
        Of coded columns of the source: the word that stands in for each code.
    """
    style = read.style
    if style is None:
        return read
    heard = Heard(list(read.left_out))
    if style.label is not None:
        style = replace(style, label=_renamed(style.label, fields, heard))
    column = style.class_field
    if column is None:
        return StyleRead(style, heard.said)
    if column not in fields:
        heard.add(_("Classes by {name}: the layer has no such field.").format(name=column))
        style = replace(style, class_field=None, classes=())
        return StyleRead(style, heard.said)
    meant, field, taken = words.get(column, {}), fields[column], set[object]()
    classes = []
    for item in style.classes:
        codes = dict.fromkeys(_typed(meant.get(str(code), code), field) for code in item.codes)
        # Several codes may mean the same word: the first class has it, as in QGIS.
        left = tuple(code for code in codes if code not in taken)
        taken.update(left)
        if left or item.span is not None:
            classes.append(replace(item, codes=left))
    named_by = field.name if classes else None
    style = replace(style, class_field=named_by, classes=tuple(classes))
    return StyleRead(style, heard.said)


def _typed(code: object, field: Field) -> object:
    """Return a code as the field stores it: documents do not always tell numbers from text."""
    if field.type not in ("integer", "number", "boolean"):
        return str(code)
    value = numeric(str(code), math.nan)
    return int(value) if value.is_integer() else code


def _renamed(label: LabelStyle, fields: Mapping[str, Field], heard: Heard) -> LabelStyle | None:
    # A label read from elsewhere is one field.
    column = label.text.removeprefix("{").removesuffix("}")
    if column not in fields:
        heard.add(_("Labels by {name}: the layer has no such field.").format(name=column))
        return None
    return replace(label, text=f"{{{fields[column].name}}}")


def _qgis(root: ElementTree.Element, name: str, heard: Heard) -> Style | None:
    renderer = root.find("renderer-v2")
    if renderer is None:
        heard.add(_("The style holds no symbols."))
        return None
    kind = renderer.get("type", "")
    classes: Sequence[StyleClass] = ()
    symbols = {
        entry.get("name", ""): qml_parts.symbol_of(entry, heard)
        for entry in renderer.findall("symbols/symbol")
    }
    if kind == "singleSymbol":
        default, column = symbols.get("0"), None
    elif kind == "categorizedSymbol":
        column = _class_column(renderer, heard)
        classes, default = _categories(renderer, symbols, heard)
    elif kind == "graduatedSymbol":
        column = _class_column(renderer, heard)
        classes, default = _ranges(renderer, symbols), None
    else:
        heard.add(_("Symbols of the kind {kind} have no counterpart here.").format(kind=kind))
        return None
    if column is None:
        classes = ()
    return _made(root, name, column, classes, default or next(iter(symbols.values()), None), heard)


def _made(
    root: ElementTree.Element,
    name: str,
    column: str | None,
    classes: Sequence[StyleClass],
    default: Symbol | None,
    heard: Heard,
) -> Style | None:
    if default is None:
        heard.add(_("The style holds no symbols."))
        return None
    kind = _KINDS[type(default)]
    fit = [item for item in classes if _KINDS[type(item.symbol)] == kind]
    if len(fit) > MAX_CLASSES:
        heard.add(_("{count} classes: more than there is room for.").format(count=len(fit)))
        fit = fit[:MAX_CLASSES]
    other = {"zh_CN": "其他", "en": "Other"} if fit else {"zh_CN": name, "en": name}
    opacity = numeric(root.findtext("layerOpacity"), 1.0) * qml_parts.opacity_of(root, heard)
    if root.get("hasScaleBasedVisibilityFlag") == "1" and numeric(root.get("maxScale"), 0.0) > 0:
        heard.add(_("That the layer is not shown at very large scales."))
    return Style(
        name,
        kind,
        StyleClass((), other, default),
        class_field=column if fit else None,
        classes=tuple(fit),
        label=_label(root, heard),
        max_denominator=_limit(root, "hasScaleBasedVisibilityFlag", "minScale"),
        opacity=min(max(opacity, 0.0), 1.0),
    )


def _limit(element: ElementTree.Element, flag: str, key: str) -> float:
    limit = numeric(element.get(key), 0.0) if element.get(flag) == "1" else 0.0
    return limit if 0 < limit < _NO_LIMIT else math.inf


def _class_column(renderer: ElementTree.Element, heard: Heard) -> str | None:
    expression = renderer.get("attr", "")
    column = _column(expression)
    if column is None:
        words = _("Classes by the expression {text}: all features look alike.")
        heard.add(words.format(text=expression))
    return column


def _column(expression: str) -> str | None:
    found = _FIELD.fullmatch(expression)
    return (found[1] or found[2]) if found else None


def _categories(
    renderer: ElementTree.Element, symbols: Mapping[str, Symbol | None], heard: Heard
) -> tuple[list[StyleClass], Symbol | None]:
    classes, default, taken = [], None, set[Any]()
    for entry in renderer.findall("categories/category"):
        symbol = symbols.get(entry.get("symbol", ""))
        if symbol is None or entry.get("render") == "false":
            continue
        held = [entry] if entry.get("value") is not None else entry.findall("val")
        codes = [qml_parts.value_of(value, heard) for value in held]
        if codes == [""] or entry.get("value") == "NULL":
            default = symbol
            continue
        codes = [code for code in codes if code not in (None, "") and code not in taken]
        taken.update(codes)
        if codes:
            label = entry.get("label") or ", ".join(map(str, codes))
            classes.append(StyleClass(tuple(codes), named(label), symbol))
    return classes, default


def _ranges(
    renderer: ElementTree.Element, symbols: Mapping[str, Symbol | None]
) -> list[StyleClass]:
    classes = []
    for entry in renderer.findall("ranges/range"):
        symbol = symbols.get(entry.get("symbol", ""))
        low, high = numeric(entry.get("lower"), math.nan), numeric(entry.get("upper"), math.nan)
        if symbol is not None and low <= high and entry.get("render") != "false":
            label = entry.get("label") or f"{low:g} - {high:g}"
            classes.append(StyleClass((), named(label), symbol, span=(low, high)))
    return classes


def _label(root: ElementTree.Element, heard: Heard) -> LabelStyle | None:
    if root.get("labelsEnabled") != "1":
        return None
    settings = root.find("labeling/settings")
    style = settings.find("text-style") if settings is not None else None
    if settings is None or style is None:
        heard.add(_("Labels by rules."))
        return None
    text = style.get("fieldName", "")
    column = _column(text) if style.get("isExpression") == "1" else text
    if not column:
        heard.add(_("Labels by the expression {text}.").format(text=text))
        return None
    buffer, drawn = style.find("text-buffer"), settings.find("rendering")
    has_halo = buffer is not None and buffer.get("bufferDraw") == "1"
    size = numeric(style.get("fontSize"), 0.0)
    return LabelStyle(
        f"{{{column}}}",
        size_mm=unit_mm(size if size > 0 else 10.0, style.get("fontSizeUnit", "Point"), heard),
        color=qml_parts.color_of(style.get("textColor")) or "#222222",
        halo=(has_halo and qml_parts.color_of(attribute(buffer, "bufferColor"))) or "#ffffff",
        halo_mm=_halo_mm(buffer, heard) if has_halo else 0.0,
        max_denominator=math.inf if drawn is None else _limit(drawn, "scaleVisibility", "scaleMax"),
        bold=numeric(style.get("fontWeight"), 50) > 60,
    )


def _halo_mm(buffer: ElementTree.Element | None, heard: Heard) -> float:
    size = numeric(attribute(buffer, "bufferSize"), 0.0)
    return unit_mm(size, attribute(buffer, "bufferSizeUnits") or "MM", heard)
