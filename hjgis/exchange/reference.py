"""A foreign layer that is kept as it is: which reference layer holds it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange.foreign import ForeignLayer, is_null, without_places
from hjgis.exchange.profiles import Column
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field

_PLAIN_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
# Names that GeoPackage, SQLite and the project itself need.
_RESERVED: Final = re.compile(r"(gpkg|rtree|sqlite|hjgis|network)_.*")
_MOST_LISTED: Final = 20
_DTYPE_FIELDS: Final = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}


def layer_type(project: Project, layer: ForeignLayer, name: str) -> AssetType:
    """Return the type of a new reference layer called `name`, which may be in any language.

    A reference layer of that name that has columns of the file is what the file belongs to. A
    table without geometry becomes a layer without.

    Raises
    ------
    UsageError
        If another layer has this name already.
    InputError
        If the source holds no points, lines or polygons.
    """
    known = next((t for t in project.types.values() if name in (t.id, *t.label.values())), None)
    if known is not None:
        alike = bool(columns_of(known, layer)) or not (known.fields or layer.columns)
        if known.id in project.catalogue.types or not alike:
            raise UsageError(_("There is a layer {layer} already.").format(layer=name))
        return known
    usable = _PLAIN_ID.fullmatch(name) and not _RESERVED.fullmatch(name) and project.is_free(name)
    layer_id = name if usable else _free_id(project)
    fields = tuple(_fields(layer))
    return AssetType(
        id=layer_id,
        kind="reference",
        geometry=_common_geometry(layer) if layer.spatial else "None",  # type: ignore[arg-type]
        z="optional" if bool(np.any(shapely.has_z(layer.geometry))) else "none",
        label={"zh_CN": name, "en": name},
        fields=fields,
        style=layer_id,
        display=fields[0].name if fields else None,
    )


def in_words(layer: ForeignLayer) -> ForeignLayer:
    """Return a layer whose coded columns hold what the file says that the codes mean."""
    columns, said = dict(layer.columns), []
    for name, words in layer.words.items():
        codes = columns.get(name)
        if codes is None:
            continue
        texts = [None if is_null(code) else str(code) for code in codes.tolist()]
        found = [code for code in dict.fromkeys(texts) if code is not None and code in words]
        if found:
            columns[name] = np.empty(len(codes), dtype=object)
            columns[name][:] = [text and words.get(text, text) for text in texts]
            listed = ", ".join(f"{code} = {words[code]}" for code in found[:_MOST_LISTED])
            message = _("{column}: the words of the file stand in for its codes: {codes}")
            said.append(message.format(column=name, codes=listed))
    return replace(layer, columns=columns, warnings=(*layer.warnings, *said))


def as_table(layer: ForeignLayer) -> ForeignLayer:
    """Return a layer none of whose records has a geometry as the table that it is."""
    if not layer.spatial or not len(layer) or layer.unreadable.any():
        return layer
    if any(shape is not None for shape in layer.geometry):
        return layer
    return without_places(layer, _("No record has a place: taken as a table without geometry."))


def columns_of(asset: AssetType, layer: ForeignLayer) -> dict[str, Column]:
    """Return how the columns become the fields that `layer_type` made of them."""
    fields = {field.label["en"]: field.name for field in asset.fields}
    return {name: Column(name, fields[name]) for name in layer.columns if name in fields}


def _free_id(project: Project) -> str:
    number = 1
    while not project.is_free(f"reference_{number}"):
        number += 1
    return f"reference_{number}"


def _common_geometry(layer: ForeignLayer) -> str:
    kinds = Counter(shape.geom_type for shape in layer.geometry if shape is not None)
    families = Counter[str]()
    for kind, count in kinds.items():
        families[kind.removeprefix("Multi")] += count
    families.pop("GeometryCollection", None)
    if not families:
        raise InputError(_("{layer} has no geometry.").format(layer=layer.name))
    family = families.most_common(1)[0][0]
    if family not in ("Point", "LineString", "Polygon"):
        raise InputError(_("{layer} holds {kind}.").format(layer=layer.name, kind=family))
    return f"Multi{family}" if kinds.get(f"Multi{family}") and family != "Point" else family


def _fields(layer: ForeignLayer) -> list[Field]:
    result: list[Field] = []
    taken = {"fid", "geom", "uuid"}
    for number, (name, values) in enumerate(layer.columns.items(), start=1):
        plain = re.sub(r"[^a-z0-9_]+", "_", name.casefold()).strip("_")
        plain = plain if _PLAIN_ID.fullmatch(plain) and plain not in taken else f"field_{number}"
        while plain in taken:
            plain += "_"
        taken.add(plain)
        kind: Any = _DTYPE_FIELDS.get(values.dtype.kind) or _kind_of(values)
        label = {"zh_CN": name, "en": name}
        result.append(Field(plain, kind, label, f"F{number}", "technical"))
    return result


def _kind_of(values: NDArray[Any]) -> str:
    """Return the type of a column of objects: whole numbers may have blanks between them."""
    types = {type(value) for value in values.tolist() if not is_null(value)}
    return "integer" if types == {int} else "boolean" if types == {bool} else "text"
