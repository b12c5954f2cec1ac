"""Water networks of EPANET: the text format .inp, read by its sections.

Sections and columns follow the EPANET 2.2 user manual, appendix C. Units are those of the file:
they are said, not turned into others.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.errors import InputError
from hjgis.exchange import encoding
from hjgis.exchange.foreign import ForeignLayer, unreadable
from hjgis.i18n import _

_NODES: Final = {
    "JUNCTIONS": ("elevation", "demand", "pattern"),
    "RESERVOIRS": ("head", "pattern"),
    "TANKS": ("elevation", "initial_level", "minimum_level", "maximum_level", "diameter"),
}
_LINKS: Final = {
    "PIPES": ("length", "diameter", "roughness", "minor_loss", "status"),
    "PUMPS": ("parameters",),
    "VALVES": ("diameter", "type", "setting", "minor_loss"),
}
_Sections = dict[str, list[tuple[int, list[str]]]]


def layer_names(path: Path) -> list[str]:
    """Return the kinds of things that a file holds."""
    sections = _sections(path)
    return [name.lower() for name in (*_NODES, *_LINKS) if sections.get(name)]


def read_inp(path: Path, layer: str) -> ForeignLayer:
    """Read one kind of things of a network.

    A node without coordinates, and a link whose node has none, keep their values and have no
    place; that is said.

    Raises
    ------
    InputError
        If the file is no network.
    """
    sections, name = _sections(path), layer.upper()
    places, doubts = _places(sections)
    rows = sections[name]
    if name in _NODES:
        titles = ("id", *_NODES[name])
        shapes: list[BaseGeometry | None] = [_point(places.get(cells[0])) for _n, cells in rows]
    else:
        titles = ("id", "node_1", "node_2", *_LINKS[name])
        bends = _bends(sections)
        shapes = [_link(cells, places, bends) for _line, cells in rows]
    missing = [
        f"{cells[0]} ({line})" for (line, cells), s in zip(rows, shapes, strict=True) if s is None
    ]
    if missing:
        words = _("{count} without coordinates: id (line) {names}")
        doubts.append(words.format(count=len(missing), names=", ".join(missing[:10])))
    units = next(
        (cells[1] for _n, cells in sections["OPTIONS"] if cells[0].upper() == "UNITS"), "GPM"
    )
    doubts.append(
        _("Units of the file: {units}; lengths and diameters are as given.").format(units=units)
    )
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = shapes
    columns = {}
    for number, title in enumerate(titles):
        column = np.empty(len(rows), dtype=object)
        column[:] = [cells[number] if number < len(cells) else None for _line, cells in rows]
        columns[title] = column
    nothing = np.zeros(len(rows), dtype=bool)
    decided = _read(path)[1]
    return ForeignLayer(
        layer, columns, geometry, nothing, None, decided, (*decided.warnings, *doubts)
    )


def _read(path: Path) -> tuple[str, encoding.Encoding]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    decided = encoding.of_text(data, None)
    return data.decode(decided.name, "replace"), decided


def _sections(path: Path) -> _Sections:
    """Return line number and cells of each line, by section; comments are left out."""
    result: _Sections = defaultdict(list)
    current = ""
    for number, line in enumerate(_read(path)[0].splitlines(), 1):
        text = line.partition(";")[0].strip()
        if text.startswith("["):
            current = text.strip("[]").upper()
        elif text and current:
            result[current].append((number, text.split()))
    if not any(result.get(name) for name in (*_NODES, *_LINKS)):
        raise InputError(_("{path} holds no network of EPANET.").format(path=path.name))
    return result


def _places(sections: _Sections) -> tuple[dict[str, tuple[float, float]], list[str]]:
    places, doubts = {}, []
    for line, cells in sections["COORDINATES"]:
        try:
            places[cells[0]] = (float(cells[1]), float(cells[2]))
        except (IndexError, ValueError):
            words = _("line {line} is no point: {text}")
            doubts.append(words.format(line=line, text=" ".join(cells)[:60]))
    return places, doubts


def _bends(sections: _Sections) -> dict[str, list[tuple[float, float]]]:
    bends: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _line, cells in sections["VERTICES"]:
        try:
            bends[cells[0]].append((float(cells[1]), float(cells[2])))
        except (IndexError, ValueError):
            continue
    return bends


def _point(place: tuple[float, float] | None) -> shapely.Point | None:
    return None if place is None else shapely.Point(place)


def _link(
    cells: list[str],
    places: dict[str, tuple[float, float]],
    bends: dict[str, list[tuple[float, float]]],
) -> shapely.LineString | None:
    ends = [places.get(node) for node in cells[1:3]]
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        return None
    return shapely.LineString([ends[0], *bends.get(cells[0], ()), ends[1]])
