"""CAD drawings (DXF): entities as points, lines and areas, with what CASS writes beside them."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.errors import InputError
from hjgis.exchange import encoding
from hjgis.exchange.drawings import drawing_own
from hjgis.exchange.drawings.drawing_text import decoded
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, is_null, unreadable
from hjgis.i18n import _

# So far a chord may be from its arc, in units of the drawing.
_CHORD: Final = 0.01
# ezdxf replaces arcs by Bézier curves; with one a quarter, 500 m of radius are 14 cm off.
_ARC_PIECES: Final = 16
# An arc over more than 100 km is a slip of the pen, and its chords would be millions.
_CHORD_SHARE: Final = 1e-7
_BINARY: Final = b"AutoCAD Binary DXF"
# From this version on a drawing is in UTF-8 whatever it says.
_UTF8_SINCE: Final = "AC1021"
_HEADER_BYTES: Final = 20_000
# South's CASS keeps its feature code in the extended data of this application.
_CASS: Final = "SOUTH"
_STRING: Final = 1000
_CURVES: Final = {"LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "HELIX"}
_FIELDS: Final = ("layer", "entity", "handle", "block", "text", "rotation_deg", "cass_code")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """All entities of a drawing; `names` says which of the layers each is listed under.

    `fields` are those that a layer has even where nothing is known of them.
    """

    whole: ForeignLayer
    names: NDArray[np.object_]
    fields: dict[str, tuple[str, ...]]


def layer_names(path: Path, given: str | None) -> list[str]:
    """Return the layers of a drawing, one for each kind of geometry in them.

    Parameters
    ----------
    given : str or None
        Encoding that the user names.

    Raises
    ------
    InputError
        If it is no drawing, or damaged beyond repair.
    """
    names = sorted(set(_drawing(path, given).names.tolist()))
    if not names:
        raise InputError(_("{path} holds nothing that has a place.").format(path=path.name))
    return names


def read_drawing(path: Path, layer: str, given: str | None) -> ForeignLayer:
    """Read one of `layer_names`.

    Blocks become points with name, rotation and attributes; arcs become chords at most 0.01 units
    off, in hatches 3/10000 of their radius; closed polylines, circles and hatches become areas.
    What `drawing_file` has written comes back feature by feature, under its layer's id.
    Entities that have no place on a map are counted and said, as are layers that are switched off.
    """
    drawing = _drawing(path, given)
    rows = np.flatnonzero(drawing.names == layer)
    whole = drawing.whole
    columns = {title: column[rows] for title, column in whole.columns.items()}
    return replace(
        whole,
        name=layer,
        columns={
            title: column
            for title, column in columns.items()
            if title in drawing.fields.get(layer, ()) or not all(map(is_null, column))
        },
        geometry=whole.geometry[rows],
        unreadable=whole.unreadable[rows],
    )


@dataclass(frozen=True)
class _File:
    """A drawing by its content: out of an archive it lies elsewhere each time."""

    name: str
    digest: str
    path: Path = field(compare=False)


def _drawing(path: Path, given: str | None) -> _Drawing:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _read(_File(path.name, digest, path), given)


@lru_cache(maxsize=1)
def _read(file: _File, given: str | None) -> _Drawing:
    """Read a drawing once for all its layers."""
    path = file.path
    document, decided = _document(path, given)
    fields = drawing_own.fields(document)
    left_out: Counter[str] = Counter()
    rows: list[tuple[str, BaseGeometry, dict[str, Any]]] = []
    own: list[drawing_own.Row] = []
    for entity in document.modelspace():
        try:
            shape = _shape(entity)
        except (ValueError, TypeError, ZeroDivisionError, ArithmeticError):
            shape = None
        if shape is None or shape.is_empty:
            left_out[entity.dxftype()] += 1
        elif told := drawing_own.told(entity, fields):
            own.append((drawing_own.shape_of(entity, shape), told))
        else:
            facts = _facts(entity)
            kind = shape.geom_type.removeprefix("Multi")
            rows.append((f"{facts['layer']} / {kind}", shape, facts))
    rows += drawing_own.whole(own)
    names, geometry = np.empty(len(rows), dtype=object), np.empty(len(rows), dtype=object)
    names[:] = [name for name, _shape, _facts in rows]
    geometry[:] = [shape for _name, shape, _facts in rows]
    met = (title for _name, _shape, facts in rows for title in facts)
    titles = dict.fromkeys([*_FIELDS, *met, *chain.from_iterable(fields.values())])
    columns = {title: _column([facts for _name, _shape, facts in rows], title) for title in titles}
    said = (*decided.warnings, *_said(document, left_out))
    nothing = np.zeros(len(rows), dtype=bool)
    whole = ForeignLayer(path.stem, columns, geometry, nothing, None, decided, said)
    return _Drawing(whole, names, fields)


def _said(document: Any, left_out: Counter[str]) -> Iterator[str]:
    if left_out:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(left_out.items()))
        words = _("Entities without a place on a map are left out: {kinds}")
        yield words.format(kinds=kinds)
    hidden = [layer.dxf.name for layer in document.layers if layer.is_off() or layer.is_frozen()]
    if hidden:
        words = _("Switched off or frozen in the drawing, read all the same: {layers}")
        yield words.format(layers=", ".join(hidden[:10]))


def _column(facts: Iterable[dict[str, Any]], title: str) -> NDArray[np.object_]:
    values = [entry.get(title) for entry in facts]
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


# -- the file ----------------------------------------------------------------------------


def _document(path: Path, given: str | None) -> tuple[Any, Encoding]:
    # Imported here: it takes half a second, and most files are no drawings.
    from ezdxf import recover
    from ezdxf.filemanagement import read, readfile
    from ezdxf.lldxf.const import DXFError

    try:
        data = path.read_bytes()
        if data.startswith(_BINARY):
            return readfile(path), Encoding("utf-8", "format")
        decided = _encoding(data, given)
        text = decoded(data.decode(decided.name, "replace").replace("\r\n", "\n"))
        try:
            return read(io.StringIO(text)), decided
        except DXFError:
            document, _audit = recover.readfile(path)
            mended = _(
                "The drawing is damaged; it was read as far as that goes. Look at the result."
            )
            return document, replace(decided, warnings=(*decided.warnings, mended))
    except (DXFError, OSError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise unreadable(path, error) from error


def _encoding(data: bytes, given: str | None) -> Encoding:
    """Decide the encoding: version and code page of the header, if the bytes agree."""
    from ezdxf.tools.codepage import toencoding

    version = _header(data, rb"\$ACADVER\s+1\s+(\S+)")
    page = _header(data, rb"\$DWGCODEPAGE\s+3\s+(\S+)")
    if given or data.isascii():
        return encoding.of_text(data, given) if given else Encoding("utf-8", "format")
    declared = "utf-8" if version >= _UTF8_SINCE else toencoding(page)
    if _decodes(data, "utf-8"):
        words = _("The drawing says {page} and is in UTF-8.").format(page=page or version)
        return Encoding("utf-8", "detected", () if declared == "utf-8" else (words,))
    if _decodes(data, declared):
        return Encoding(declared, "format")
    decided = encoding.of_text(data, None)
    words = _("The drawing says {page} and is not in it.").format(page=page or version)
    return replace(decided, warnings=(*decided.warnings, words))


def _header(data: bytes, pattern: bytes) -> str:
    found = re.search(pattern, data[:_HEADER_BYTES])
    return found.group(1).decode("ascii", "replace").upper() if found else ""


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


# -- one entity --------------------------------------------------------------------------


def _shape(entity: Any) -> BaseGeometry | None:
    kind = entity.dxftype()
    if kind == "POINT":
        return _point(entity.dxf.location)
    if kind in ("INSERT", "TEXT", "MTEXT"):
        return _point(entity.dxf.insert)
    if kind in _CURVES:
        return _curve(entity)
    if kind == "HATCH":
        return _hatch(entity)
    return None


def _point(place: Any) -> shapely.Point:
    return shapely.Point(*place) if place.z else shapely.Point(place.x, place.y)


def _curve(entity: Any) -> BaseGeometry | None:
    from ezdxf import path

    way = path.make_path(entity, segments=_ARC_PIECES)
    places = _places(way)
    if len(places) < 2:
        return None
    closed = way.is_closed and len(places) > 3 and entity.dxftype() != "LINE"
    return shapely.Polygon(places) if closed else shapely.LineString(places)


def _hatch(entity: Any) -> BaseGeometry | None:
    from ezdxf import path

    area: BaseGeometry | None = None
    for way in path.from_hatch(entity):
        places = _places(way)
        if len(places) > 3:
            ring = shapely.Polygon(places).buffer(0)
            area = ring if area is None else area.symmetric_difference(ring)
    return area


def _places(way: Any) -> list[tuple[float, ...]]:
    """Return the vertices of a path; the height only where there is one."""
    corners = np.array([tuple(corner) for corner in way.control_vertices()], float)
    if not np.isfinite(corners).all():
        return []
    size = float(np.ptp(corners, axis=0).max()) if len(corners) else 0.0
    places = [tuple(place) for place in way.flattening(max(_CHORD, size * _CHORD_SHARE))]
    high = any(place[2] for place in places)
    return [place if high else place[:2] for place in places]


def _facts(entity: Any) -> dict[str, Any]:
    """Return what is known of an entity beside its place."""
    facts = {
        "layer": entity.dxf.layer,
        "entity": entity.dxftype(),
        "handle": entity.dxf.handle,
        "cass_code": _cass_code(entity),
    }
    if entity.dxftype() == "INSERT":
        facts |= {"block": entity.dxf.name, "rotation_deg": float(entity.dxf.rotation)}
        facts |= {attribute.dxf.tag: attribute.dxf.text for attribute in entity.attribs}
    elif entity.dxftype() in ("TEXT", "MTEXT"):
        facts |= {"text": entity.plain_text(), "rotation_deg": float(entity.dxf.get("rotation", 0))}
    return facts


def _cass_code(entity: Any) -> str | None:
    if not entity.has_xdata(_CASS):
        return None
    return next(_strings(entity.get_xdata(_CASS)), None)


def _strings(tags: Iterable[Any]) -> Iterator[str]:
    return (str(tag.value) for tag in tags if tag.code == _STRING)
