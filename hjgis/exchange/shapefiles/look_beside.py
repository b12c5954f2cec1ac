"""How a layer looks in QGIS, beside its shapefile: QGIS takes a QML of the same name by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hjgis.errors import DictionaryError
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.styles import qml_writing
from hjgis.models.styles.style import LabelStyle, Style, default_style
from hjgis.models.styles.stylefile import style_for

ENDING: Final = ".qml"
_LANGUAGE: Final = "zh_CN"
_NAMED: Final = re.compile(r"\{([^{}]+)\}")


def look(whole: AssetType, going: AssetType, names: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return style, titles and code lists of a layer, by the columns of its shapefile.

    Parameters
    ----------
    whole, going : AssetType
        The layer, and with only the fields that go out.
    names : mapping of str to str
        Column of each field that goes out.
    """
    fields = tuple(
        replace(field, name=names[field.name]) for field in going.fields if field.name in names
    )
    titles = {names[field.name]: _title(going, field.name) for field in going.fields}
    try:
        style = style_for(whole)
    except DictionaryError:
        style = default_style(whole)
    return qml_writing.qml(replace(going, fields=fields), _called(style, names), titles, catalogue)


def _title(asset: AssetType, name: str) -> str:
    field = asset.field(name)
    text = field.label.get(_LANGUAGE, name)
    return f"{text}({field.unit})" if field.unit else text


def _called(style: Style, names: Mapping[str, str]) -> Style:
    """Return a style by columns; what it says of fields that stay here is left out."""
    style = replace(style, label=_label(style.label, names) if style.label else None)
    if style.class_field is None or style.class_field in names:
        return replace(style, class_field=style.class_field and names[style.class_field])
    return replace(style, class_field=None, classes=(), key=(), keyed=0)


def _label(label: LabelStyle, names: Mapping[str, str]) -> LabelStyle | None:
    words = [
        _NAMED.sub(lambda found: f"{{{names[found[1]]}}}", word)
        for word in label.text.split()
        if all(name in names for name in _NAMED.findall(word))
    ]
    return replace(label, text=" ".join(words)) if words else None
