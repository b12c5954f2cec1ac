"""Drawings of our own that come back: values from attributes and extended data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.exchange.drawings.drawing_frame import APP, FIELDS
from hjgis.exchange.drawings.drawing_text import unescaped

_STRING: Final = 1000
# At the end of the names under which labels are listed.
LABELS: Final = "_Text / Point"
# What the extended data say beside values: the layer of the project, the part of a shape.
_LAYER, _RING, _UUID = "LAYER", "RING", "UUID"
Row = tuple[BaseGeometry, dict[str, Any]]


def told(entity: Any, layers: Collection[str]) -> dict[str, str]:
    """Return what an entity says of its feature by short names; nothing if it is of none.

    A block of ours that somebody has put there is a new feature, with what he has typed in.

    Parameters
    ----------
    layers : collection of str
        Those of `fields`.
    """
    values: dict[str, str] = {}
    for tag in entity.get_xdata(APP) if entity.has_xdata(APP) else ():
        name, sign, text = str(tag.value).partition("=")
        if tag.code == _STRING and sign:
            before = values.get(name[:-1], "") if name.endswith("+") else ""
            values[name.removesuffix("+")] = before + unescaped(text)
    if entity.dxftype() == "INSERT":
        values |= {one.dxf.tag: unescaped(one.dxf.text) for one in entity.attribs}
        layer = entity.dxf.name.rpartition("_")[0]
        values |= {_LAYER: layer} if _LAYER not in values and layer in layers else {}
    return values if _LAYER in values else {}


def fields(document: Any) -> dict[str, tuple[str, ...]]:
    """Return the short names of all fields of each layer, which no feature need have."""
    return {
        block.name.removesuffix(FIELDS): tuple(one.dxf.tag for one in block.query("ATTDEF"))
        for block in document.blocks
        if block.name.endswith(FIELDS)
    }


def shape_of(entity: Any, shape: BaseGeometry) -> BaseGeometry:
    """Return a line that ends where it begins as the line that it is."""
    closed = entity.dxftype() == "INSERT" or entity.is_closed
    return (
        shape
        if closed or shape.geom_type != "Polygon"
        else shapely.LineString(shapely.get_exterior_ring(shape))
    )


def whole(rows: Iterable[Row]) -> list[tuple[str, BaseGeometry, dict[str, Any]]]:
    """Put polylines of one feature together again; return each feature with its layer's name."""
    made: list[tuple[str, list[tuple[str, BaseGeometry]], dict[str, Any]]] = []
    at: dict[str, int] = {}
    for shape, values in rows:
        layer, role = values.pop(_LAYER), values.pop(_RING, None)
        uuid = values.get(_UUID, "")
        known = at.get(uuid) if role is not None else None
        if known is None:
            at[uuid] = len(made)
            made.append((layer, [(role or "", shape)], values))
        else:
            made[known][1].append((role, shape))
    return [(layer, _together(parts), values) for layer, parts, values in made]


def _together(parts: list[tuple[str, BaseGeometry]]) -> BaseGeometry:
    if len(parts) == 1:
        return parts[0][1]
    if any(shape.geom_type != "Polygon" for _role, shape in parts):
        lines = [shapely.get_coordinates(shape, include_z=shape.has_z) for _role, shape in parts]
        return shapely.MultiLineString(lines)
    shells: list[list[NDArray[np.float64]]] = []
    for role, shape in parts:
        ring = shapely.get_coordinates(shape, include_z=shape.has_z)
        if role == "hole" and shells:
            shells[-1].append(ring)
        else:
            shells.append([ring])
    areas = [shapely.Polygon(shell, holes) for shell, *holes in shells]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
