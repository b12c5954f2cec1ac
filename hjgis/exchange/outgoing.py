"""What goes out: which rows and fields of a layer, in which system, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.report import LayerExport
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.crs import Crs, Transform
from hjgis.models.reading import LayerTable, StoredLot

Format = Literal["shp", "gpkg", "geojson", "csv", "xlsx", "dxf", "kml"]
Encoding = Literal["gbk", "utf-8"]
Drawing = Literal["R2004", "R2010"]
Substitute = Literal["mark", "transliterate"]

# Rows of a layer that are in memory at once.
LOT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Writing:
    """How layers are written.

    Attributes
    ----------
    crs : Crs
        System of the coordinates in the files.
    encoding : str
        Of shapefiles.
    drawing : str
        Version of a DXF: R2004 is GBK, R2010 is UTF-8.
    substitute : str
        What becomes of signs that the encoding has not: ``mark`` writes 〓, ``transliterate``
        what comes nearest (``m²`` becomes ``m2``) and 〓 where there is nothing.
    in_house : bool
        Whether a GeoPackage is for ourselves: it tells what the check accepts, and by whom, and
        holds photos with all that the camera has written into them.
    symbols : bool
        Whether a QML lies beside each shapefile, by which QGIS shows it as it is shown here.
    """

    format: Format
    crs: Crs
    encoding: Encoding = "gbk"
    drawing: Drawing = "R2010"
    substitute: Substitute = "mark"
    in_house: bool = True
    symbols: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """One layer on its way out.

    Attributes
    ----------
    asset : AssetType
        With the fields that go out, no others.
    fids : array of int64, rising
        The rows that go out.
    transform : Transform
        From the project's system to that of the files.
    """

    project: Project
    asset: AssetType
    fids: NDArray[np.int64]
    transform: Transform

    def __len__(self) -> int:
        """How many features go out."""
        return len(self.fids)

    def lots(self, rows: int = LOT, *, geometry: bool = True) -> Iterator[LayerTable]:
        """Read the rows in fid order, so many at a time, coordinates as they are written."""
        for start in range(0, len(self.fids), rows):
            yield self._read(self.fids[start : start + rows], geometry=geometry)

    def table(self) -> LayerTable:
        """Read all rows at once, coordinates as they are written."""
        return self._read(self.fids)

    def stored(
        self,
        names: Sequence[str] | None = None,
        *,
        geometry: bool = True,
        blanks: bool = False,
    ) -> Iterator[StoredLot]:
        """Read the rows by lots as few long values; see `FeatureQuestions.lot`.

        Parameters
        ----------
        names : sequence of str, optional
            Some fields; all that go out when left out.
        """
        names = self.asset.field_names if names is None else names
        for start in range(0, len(self.fids), LOT):
            some = self.fids[start : start + LOT]
            yield self.project.store.lot(
                self.asset.id, names, some, geometry=geometry, blanks=blanks
            )

    def part(self, rows: slice) -> Outgoing:
        """Return some of the rows, in the same order."""
        return replace(self, fids=self.fids[rows])

    def uuids(self) -> list[str]:
        """Return the identities of the rows."""
        table = self.project.table(self.asset.id, [], fids=self.fids.tolist(), geometry=False)
        return [str(uuid) for uuid in table.uuids]

    def as_it_is(self) -> LayerExport:
        """Tell of a layer that is written without loss, every field under its own name."""
        names = {name: name for name in ("uuid", *self.asset.field_names)}
        return LayerExport(self.asset.id, len(self), names, (), self.asset.secrecy)

    def _read(self, fids: NDArray[np.int64], *, geometry: bool = True) -> LayerTable:
        table = self.project.table(
            self.asset.id, self.asset.field_names, fids=fids.tolist(), geometry=geometry
        )
        if self.transform.identity or table.geometry is None:
            return table
        return replace(table, geometry=self.transform.geometry(table.geometry))


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a project goes out.

    Attributes
    ----------
    rows : mapping of str to array of int64
        Layers, and which of their rows.
    fields : mapping of str to sequence of str
        Which fields of a layer; all of them where it is not named.
    """

    rows: Mapping[str, NDArray[np.int64]]
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def outgoing(self, project: Project, crs: Crs) -> list[Outgoing]:
        """Return the layers, records last."""
        transform = Transform(project.crs, crs)
        made = []
        for layer, fids in self.rows.items():
            asset = project.asset_type(layer)
            if layer in self.fields:
                chosen = set(self.fields[layer])
                kept = tuple(entry for entry in asset.fields if entry.name in chosen)
                asset = replace(asset, fields=kept)
            made.append(Outgoing(project, asset, np.sort(fids), transform))
        return sorted(made, key=lambda one: one.asset.is_record)
