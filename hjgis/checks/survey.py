"""What a rule sees of the project: columns of the layers that it declared, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.rules import Reads, Scope
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.issues import Finding
from hjgis.models.reading import LayerTable

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_NUMBERS = frozenset(("integer", "number"))


class SharedTables:
    """The layers' columns, each layer read once for all rules of a run.

    Parameters
    ----------
    reads : iterable of Reads
        Of all the rules that will look.
    extent : (xmin, ymin, xmax, ymax), optional
        Features that rules of feature scope see: those whose box meets it, project CRS.
    """

    def __init__(
        self, project: Project, reads: Iterable[Reads], *, extent: Extent | None = None
    ) -> None:
        self.project = project
        self.extent = extent
        self._reads = tuple(reads)
        self._tables: dict[tuple[str, bool], LayerTable] = {}

    @property
    def layers(self) -> tuple[AssetType, ...]:
        """The catalogue's layers, in draw order; reference layers of one's own stay out."""
        known = self.project.catalogue.types
        return tuple(asset for name, asset in self.project.types.items() if name in known)

    def table(self, layer: str, *, whole: bool = False) -> LayerTable:
        """Return the columns that any rule declared for a layer, in fid order.

        Parameters
        ----------
        whole : bool
            All features, whatever the extent.
        """
        inside = self.extent is not None and not whole
        key = (layer, inside)
        if key not in self._tables:
            extent = self.extent if inside else None
            self._tables[key] = self.project.table(layer, self._columns(layer), extent=extent)
        return self._tables[key]

    def _columns(self, layer: str) -> tuple[str, ...]:
        asset = self.project.asset_type(layer)
        wanted = [reads.columns(asset) or () for reads in self._reads]
        return tuple(dict.fromkeys(name for names in wanted for name in names))


class Survey:
    """The project as one rule sees it.

    Attributes
    ----------
    limits : mapping
        The rule's limits, from ``rules.toml``.
    layers : tuple of AssetType
        The layers that the rule looks at, in draw order.
    """

    def __init__(self, tables: SharedTables, reads: Reads, limits: Mapping[str, Any]) -> None:
        self._tables = tables
        self._reads = reads
        self.project = tables.project
        self.limits = limits
        self.layers = tuple(asset for asset in tables.layers if reads.columns(asset) is not None)

    def table(self, layer: str) -> LayerTable:
        """Return the declared columns of a layer as they are stored.

        Raises
        ------
        KeyError
            If the rule did not declare the layer.
        """
        return self._declared(layer, whole=self._reads.scope is not Scope.FEATURE)

    def whole(self, layer: str) -> LayerTable:
        """Return the declared columns of all features of a layer, whatever the extent."""
        return self._declared(layer, whole=True)

    def _declared(self, layer: str, *, whole: bool) -> LayerTable:
        names = self._reads.columns(self.project.asset_type(layer))
        if names is None:
            raise KeyError(layer)
        read = self._tables.table(layer, whole=whole)
        columns = {name: read.columns[name] for name in names}
        return LayerTable(layer, read.fids, read.uuids, read.geometry, columns)

    def frame(self, layer: str) -> GeoDataFrame:
        """Return the declared columns of a layer, indexed by uuid, in the project CRS.

        Numbers are float64 with NaN where nothing is known; everything else is object
        with None. What is no number in a column of numbers becomes NaN.
        """
        import geopandas
        import pandas

        asset = self.project.asset_type(layer)
        table = self.table(layer)
        index = pandas.Index(table.uuids, name="uuid", dtype=object)
        data = {
            name: pandas.Series(
                numbers(values) if asset.field(name).type in _NUMBERS else values,
                index=index,
                dtype=float if asset.field(name).type in _NUMBERS else object,
            )
            for name, values in table.columns.items()
        }
        return geopandas.GeoDataFrame(
            data, index=index, geometry=table.geometry, crs=self.project.crs.definition
        )


def numbers(values: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return stored values as float64, shape (n,); NaN for missing and for what is no number."""
    import pandas

    return np.asarray(
        pandas.to_numeric(pandas.Series(values, dtype=object), errors="coerce"), float
    )


def is_gap(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say where nothing is stored, shape (n,): null or empty text; 不详 is an answer."""
    import pandas

    return np.asarray(pandas.isna(values) | (values == ""), dtype=bool)


def places(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point to zoom to for each geometry, shape (n,); None where there is none.

    Points themselves, the middle of a line, a point inside an area; the centroid of an
    invalid geometry, which has no certain inside.
    """
    result = np.array(geometry, dtype=object)
    result[shapely.is_empty(result)] = None
    kind, valid = shapely.get_type_id(result), shapely.is_valid(result)
    lines, others, broken = kind == 1, (kind > 1) & valid, (kind > 1) & ~valid
    result[lines] = shapely.line_interpolate_point(result[lines], 0.5, normalized=True)
    result[others] = shapely.point_on_surface(result[others])
    result[broken] = shapely.centroid(result[broken])
    result[shapely.is_empty(result)] = None
    return result


def findings(
    table: LayerTable, rows: NDArray[np.intp], facts: Iterable[Mapping[str, object]]
) -> Iterator[Finding]:
    """Yield a finding for each of some rows of a table, with its facts."""
    assert table.geometry is not None
    spots = places(table.geometry[rows])
    for uuid, spot, params in zip(table.uuids[rows], spots, facts, strict=True):
        yield Finding(table.layer, uuid, spot, params)
