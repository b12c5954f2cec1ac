"""Read style files, strictly: a wrong key or value is named with its file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import AssetType, Label
from hjgis.models.catalogue_files import read_toml
from hjgis.models.styles.style import (
    HATCHES,
    KIND_OF_GEOMETRY,
    MAX_CLASSES,
    SHAPES,
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
    SymbolKind,
    default_style,
)

_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
_TEMPLATE: Final = re.compile(r"([^{}]|\{[a-z][a-z0-9_]*\})*")


def style_for(asset: AssetType) -> Style:
    """Return the style of a layer: its own, of ``resources/styles``, or its geometry's default.

    Raises
    ------
    DictionaryError
        If its file does not load, or names a field that the asset type does not have.
    """
    path = paths.resources() / "styles" / f"{asset.style}.toml"
    if asset.look:
        style = _told(asset.look, path)
    elif not asset.style or not path.is_file():
        return default_style(asset)
    else:
        style = _loaded(path)
    if style.kind != KIND_OF_GEOMETRY[asset.geometry]:
        raise DictionaryError(f"{path.name}: kind: {style.kind!r} is not for {asset.geometry}")
    missing = [name for name in style.columns if not asset.has(name)]
    if missing:
        raise DictionaryError(f"{path.name}: {missing[0]!r} is no field of {asset.id}")
    return style


@cache
def _loaded(path: Path) -> Style:
    return load_style(path)


def load_style(path: Path) -> Style:
    """Read one style file.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key is missing, unknown or of a wrong value;
        names file and key.
    """
    return _style(read_toml(path), path)


def look_of(style: Style) -> str:
    """Return a style as JSON with the keys of a style file, for `AssetType.look`."""
    own = {"id": style.id, "kind": style.kind, "legend": style.legend, "opacity": style.opacity}
    if style.class_field:
        own["class_field"] = style.class_field
    if style.max_denominator < math.inf:
        own["max_denominator"] = style.max_denominator
    data: dict[str, object] = {**own, "sizes": [*style.sizes], "default": _plain(style.default)}
    if style.classes:
        data["class"] = [_plain(item) for item in style.classes]
    if style.label is not None:
        label = asdict(style.label)
        data["label"] = {key: value for key, value in label.items() if value != math.inf}
    return json.dumps(data, ensure_ascii=False)


def _plain(item: StyleClass) -> dict[str, object]:
    symbol = {key: "none" if value is None else value for key, value in asdict(item.symbol).items()}
    span = {} if item.span is None else {"span": item.span}
    return {
        "codes": [*item.codes],
        "label": dict(item.label),
        "level": item.level,
        **span,
        **symbol,
    }


@lru_cache(maxsize=256)
def _told(look: str, path: Path) -> Style:
    return _style(json.loads(look), path)


def _style(raw: dict[str, Any], path: Path) -> Style:
    default_raw = _table(path, "default", raw.pop("default", None))
    label_raw = raw.pop("label", None)
    classes_raw = raw.pop("class", [])
    if not isinstance(classes_raw, list) or len(classes_raw) > MAX_CLASSES:
        raise DictionaryError(f"{path.name}: class: needs [[class]] tables, at most {MAX_CLASSES}")
    own = _checked(path, "", raw, {"id", "kind", "class_field", *_STYLE_KEYS})
    for key in ("id", "kind"):
        if key not in own:
            raise DictionaryError(f"{path.name}: {key}: missing")
    if own["id"] != path.stem:
        raise DictionaryError(f"{path.name}: id: {own['id']!r} is not the file's name")
    if bool(classes_raw) != ("class_field" in own):
        raise DictionaryError(f"{path.name}: class_field: belongs to [[class]], and only there")
    kind = cast("SymbolKind", own["kind"])
    tables = [_table(path, f"class {i}", item) for i, item in enumerate(classes_raw, 1)]
    # A class says only how it differs from the default.
    shared = {key: value for key, value in default_raw.items() if key in _symbol_keys(kind)}
    classes = tuple(_style_class(path, kind, shared | item) for item in tables)
    _refuse_twice(path, [code for item in classes for code in item.codes])
    return Style(
        default=_style_class(path, kind, {"codes": [], **default_raw}),
        classes=classes,
        label=None if label_raw is None else _label_style(path, _table(path, "label", label_raw)),
        **own,  # type: ignore[arg-type]
    )


def _symbol_keys(kind: SymbolKind) -> set[str]:
    return {entry.name for entry in fields(_SYMBOLS[kind])}


def _style_class(path: Path, kind: SymbolKind, raw: Mapping[str, object]) -> StyleClass:
    where = f"class {raw.get('codes') or 'default'}"
    keys = _symbol_keys(kind)
    found = _checked(path, where, raw, {"codes", "label", "level", "span", *keys})
    for key in ("codes", "label"):
        if key not in found:
            raise DictionaryError(f"{path.name}: {where}: {key}: missing")
    symbol = _made(kind, {key: value for key, value in found.items() if key in keys})
    rest = {key: value for key, value in found.items() if key not in keys}
    return StyleClass(symbol=symbol, **rest)  # type: ignore[arg-type]


def _made(kind: SymbolKind, values: Mapping[str, object]) -> Symbol:
    make: Callable[..., Symbol] = _SYMBOLS[kind]
    return make(**values)


def _label_style(path: Path, raw: Mapping[str, object]) -> LabelStyle:
    found = _checked(path, "label", raw, {entry.name for entry in fields(LabelStyle)})
    if "text" not in found:
        raise DictionaryError(f"{path.name}: label: text: missing")
    return LabelStyle(**found)  # type: ignore[arg-type]


def _table(path: Path, where: str, raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise DictionaryError(f"{path.name}: {where}: missing or no table")
    return raw


def _refuse_twice(path: Path, codes: list[object]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise DictionaryError(f"{path.name}: codes: {code!r} is in two classes")


def _checked(
    path: Path, where: str, raw: Mapping[str, object], known: set[str]
) -> dict[str, object]:
    result = {}
    for key, value in raw.items():
        place = f"{path.name}: {where}: {key}" if where else f"{path.name}: {key}"
        if key not in known:
            raise DictionaryError(f"{place}: unknown key")
        try:
            result[key] = _CHECKS[key](value)
        except ValueError as error:
            raise DictionaryError(f"{place}: {error}") from error
    return result


def _color(value: object) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise ValueError(f"{value!r} is not #rrggbb or #rrggbbaa")
    return value


def _color_or_none(value: object) -> str | None:
    return None if value == "none" else _color(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not a text")
    return value


def _template(value: object) -> str:
    text = _text(value)
    if not _TEMPLATE.fullmatch(text):
        raise ValueError(f"{value!r} is not words with {{field}} in them")
    return text


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{value!r} is not a number of 0 or more")
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is not true or false")
    return value


def _share(value: object) -> float:
    if _number(value) > 1:
        raise ValueError(f"{value!r} is not between 0 and 1")
    return _number(value)


def _codes(value: object) -> tuple[object, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise ValueError(f"{value!r} is not a list of codes")
    return tuple(value)


def _span(value: object) -> tuple[float, float]:
    match value:
        case [int() | float() as low, int() | float() as high] if low <= high:
            return float(low), float(high)
    raise ValueError(f"{value!r} is not a lowest and a highest number")


def _letters(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


def _names(value: object) -> Label:
    if not isinstance(value, dict) or not {"en", "zh_CN"} <= set(value):
        raise ValueError(f"{value!r} has not both en and zh_CN")
    return {key: _text(name) for key, name in value.items()}


def _dashes(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) % 2:
        raise ValueError(f"{value!r} is not dash and gap lengths in pairs")
    return tuple(_number(item) for item in value)


def _sizes(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list) or not all(
        isinstance(item, list) and len(item) == 2 for item in value
    ):
        raise ValueError(f"{value!r} is not pairs of scale denominator and factor")
    pairs = tuple((_number(scale), _number(factor)) for scale, factor in value)
    scales = [scale for scale, _ in pairs]
    if scales != sorted(set(scales)) or (scales and scales[0] <= 0):
        raise ValueError("scale denominators must rise")
    return pairs


def _one_of(*names: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value not in names:
            raise ValueError(f"{value!r} is none of {', '.join(names)}")
        return value

    return check


_SYMBOLS: Final[Mapping[SymbolKind, type[Symbol]]] = {
    "marker": MarkerSymbol,
    "line": LineSymbol,
    "fill": FillSymbol,
}
_STYLE_KEYS: Final = ("max_denominator", "opacity", "sizes", "legend")
_CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    **dict.fromkeys(("color", "glyph_color", "hatch_color", "halo"), _color),
    **dict.fromkeys(("fill", "stroke", "casing", "outline"), _color_or_none),
    **dict.fromkeys(
        (
            *("size_mm", "stroke_mm", "width_mm", "casing_mm", "outline_mm", "hatch_mm"),
            *("letter_mm", "letter_gap_mm", "ground_m", "halo_mm", "repeat_mm", "max_denominator"),
        ),
        _number,
    ),
    **dict.fromkeys(("id", "class_field"), _text),
    **dict.fromkeys(("glyph", "letters"), _letters),
    "span": _span,
    "text": _template,
    "codes": _codes,
    "label": _names,
    "dash_mm": _dashes,
    "sizes": _sizes,
    "opacity": _share,
    **dict.fromkeys(("bold", "beside"), _flag),
    **dict.fromkeys(("level", "legend", "priority"), _whole),
    "kind": _one_of("marker", "line", "fill"),
    "shape": _one_of(*SHAPES),
    "hatch": _one_of(*HATCHES),
}
