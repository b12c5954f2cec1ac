"""The look that a GeoPackage gives its layer: kept where the layer is imported as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from hjgis.exchange import vector
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.profiles import Column
from hjgis.i18n import _
from hjgis.models.assets import AssetType
from hjgis.models.styles.qml_reading import StyleRead, fitted, read_style
from hjgis.models.styles.style import KIND_OF_GEOMETRY
from hjgis.models.styles.stylefile import look_of

_TABLE: Final = "layer_styles"
_COLUMNS: Final = ("styleName", "styleQML", "styleSLD", "useAsDefault", "f_table_name")
# A document longer than this is no style of a layer.
_MOST_CHARACTERS: Final = 8_000_000


def with_look(
    source: Path, layer: ForeignLayer, asset: AssetType, columns: Mapping[str, Column]
) -> tuple[AssetType, tuple[str, ...]]:
    """Return a new reference layer as the file shows it, and what to say of that.

    The style is the one that the file names as the default, else its last one. A layer of a file
    without styles stays as it is, and there is nothing to say.
    """
    found = _styles(source, layer.name)
    if not found or not asset.is_spatial:
        return asset, ()
    name, documents = found
    read = _readable(documents, asset.id)
    fields = {column: asset.field(to.field) for column, to in columns.items()}
    read = fitted(read, fields, layer.words)
    if read.style is not None and read.style.kind != KIND_OF_GEOMETRY[asset.geometry]:
        read = replace(read, style=None)
    if read.style is None:
        words = _("The style {name} of the file could not be taken over. {reasons}")
        return asset, (words.format(name=name, reasons=" ".join(read.left_out)).strip(),)
    said = [_("The layer looks as the style {name} of the file says.").format(name=name)]
    said += [_("Not taken over from the style: {what}").format(what=w) for w in read.left_out]
    return replace(asset, look=look_of(read.style)), tuple(said)


def _readable(documents: tuple[str, str], name: str) -> StyleRead:
    """Return what is read from QML, else from SLD."""
    read = StyleRead(None, ())
    for text in documents:
        if text and len(text) <= _MOST_CHARACTERS:
            read = read_style(text, name)
            if read.style is not None:
                break
    return read


def _styles(source: Path, layer: str) -> tuple[str, tuple[str, str]] | None:
    """Return name, QML and SLD of a layer's style in a GeoPackage."""
    if source.suffix.casefold() != ".gpkg":
        return None
    rows = vector.rows_of(source, _TABLE, _COLUMNS)
    rows = [row for row in rows if row.get("f_table_name") == layer]
    if not rows:
        return None
    chosen = next((row for row in rows if row.get("useAsDefault")), rows[-1])
    qml, sld = (str(chosen.get(key) or "") for key in ("styleQML", "styleSLD"))
    return str(chosen.get("styleName") or "-"), (qml, sld)
