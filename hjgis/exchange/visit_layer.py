"""Places to visit as a layer of points, for a map on a telephone or another program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange.exporting import FORMATS
from hjgis.exchange.outgoing import Encoding, Format, Outgoing, Writing
from hjgis.exchange.shapefiles import shapefile
from hjgis.exchange.unfinished import refuse_existing
from hjgis.i18n import _
from hjgis.layers.growing import Numbers
from hjgis.layers.plain_blobs import MadeShapes
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.reading import SEPARATOR, JoinedTexts, LayerTable, StoredLot
from hjgis.models.visits import Visit

_FORMATS: Final[Mapping[str, Format]] = {
    ".shp": "shp",
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".csv": "csv",
}
# GeoJSON is in degrees of WGS 84's kind; CGCS2000 is within a metre of it.
_DEGREES: Final = "EPSG:4490"
_CSV: Final = ".csv"
_ID: Final = "visits"


def _field(name: str, type_: Any, short: str, label: tuple[str, str], length: int = 0) -> Field:
    words = {"en": label[0], "zh_CN": label[1]}
    return Field(name, type_, words, short, "identity", max_length=length or None)


_FIELDS: Final = (
    _field("number", "integer", "XH", ("Number", "序号")),
    _field("title", "text", "SX", ("What to look for", "核实事项"), 60),
    _field("reason", "text", "YY", ("Reason", "理由"), 200),
    _field("rule", "text", "GZ", ("Rule", "规则"), 60),
    _field("road", "text", "DLMC", ("Road", "道路名称"), 60),
    _field("grid", "text", "DYWGBSM", ("Grid", "单元网格"), 15),
)
_PLACE: Final = (
    _field("x_north", "number", "X_BEI", ("X (north), m", "X（北）")),
    _field("y_east", "number", "Y_DONG", ("Y (east), m", "Y（东）")),
)


def write_visits(
    project: Project, visits: Sequence[Visit], out: Path, *, encoding: Encoding = "gbk"
) -> Path:
    """Write places to visit as one layer in the project's CRS (GeoJSON: CGCS2000 degrees).

    Parameters
    ----------
    out : Path
        Ends in ``.shp``, ``.gpkg``, ``.geojson`` or ``.csv``; nothing there is overwritten.

    Raises
    ------
    UsageError
        If it ends otherwise.
    InputError
        If a file is in the way, there is no such folder, or it cannot be written.
    """
    kind = out.suffix.casefold()
    if kind not in _FORMATS:
        message = _("{path}: places to visit are written as {kinds}.")
        raise UsageError(message.format(path=out, kinds=", ".join((".pdf", *_FORMATS))))
    parts = shapefile.PARTS if kind == ".shp" else (kind,)
    made = [out.with_suffix(part) for part in parts]
    for path in made:
        refuse_existing(path)
    if not out.parent.is_dir():
        raise InputError(_("There is no folder {path}.").format(path=out.parent))
    # The layer's name is the file's.
    asset = replace(_asset(csv=kind == _CSV), id=out.stem)
    crs = parse_crs(_DEGREES) if kind == ".geojson" else project.crs
    xy = (
        np.array([(visit.x, visit.y) for visit in visits], dtype=np.float64).reshape(-1, 2).round(3)
    )
    points = np.asarray(shapely.points(xy), dtype=object)
    transform = Transform(project.crs, crs)
    table = _table(asset, visits, transform.geometry(points))
    going = _Held(project, asset, table.fids, transform, table)
    writing = Writing(_FORMATS[kind], crs, encoding)
    try:
        FORMATS[writing.format].write([going], out if kind == ".gpkg" else out.parent, writing)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Held(Outgoing):
    """A layer that no project stores."""

    held: LayerTable

    def _read(self, fids: NDArray[np.int64], *, geometry: bool = True) -> LayerTable:
        del geometry
        return self.held.taken(np.isin(self.fids, fids))

    def stored(
        self,
        names: Sequence[str] | None = None,
        *,
        geometry: bool = True,
        blanks: bool = False,
    ) -> Iterator[StoredLot]:
        """See `Outgoing.stored`."""
        del names, geometry, blanks
        if not len(self.fids):
            return
        numbers, texts = dict[str, Numbers](), {"uuid": self.held.uuids}
        for field in self.asset.fields:
            if field.type == "number":
                numbers[field.name] = Numbers()
                numbers[field.name].add(self.held.columns[field.name].tolist())
            else:
                texts[field.name] = self.held.columns[field.name]
        assert self.held.geometry is not None
        yield StoredLot(
            self.fids,
            texts={name: _joined(values.tolist()) for name, values in texts.items()},
            numbers=numbers,
            shapes=MadeShapes(self.held.geometry),
        )


def _joined(values: Sequence[object]) -> JoinedTexts:
    said = ("" if value is None else str(value) for value in values)
    return JoinedTexts(len(values), SEPARATOR.join(said))


def _asset(*, csv: bool) -> AssetType:
    """Return what the layer holds; a CSV has columns of coordinates anyhow."""
    words = {"en": "Places to visit", "zh_CN": "待核实点"}
    fields = _FIELDS if csv else (*_FIELDS, *_PLACE)
    return AssetType(_ID, "reference", "Point", words, fields)


def _table(asset: AssetType, visits: Sequence[Visit], points: Any) -> LayerTable:
    rows = [
        (p.number, p.title, p.reason, p.rule, p.road or None, p.grid or None, p.y, p.x)
        for p in visits
    ]
    columns = {}
    for at, name in enumerate(asset.field_names):
        column = np.empty(len(rows), dtype=object)
        column[:] = [row[at] for row in rows]
        columns[name] = column
    uuids = np.array([visit.issue for visit in visits], dtype=object)
    fids = np.arange(1, len(visits) + 1, dtype=np.int64)
    return LayerTable(_ID, fids, uuids, points, columns)
