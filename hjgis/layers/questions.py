"""What is asked of many features of a project file at once: columns, row numbers, totals."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import (
    feature_columns,
    feature_rows,
    loading,
    locating,
    network,
    repeats,
    statistics,
    stored_lots,
    table_rows,
)
from hjgis.layers.blob_arrays import Batch
from hjgis.layers.comparing import Differing, compare_layer
from hjgis.layers.due import DueTable, Overdue, due_table, overdue
from hjgis.layers.schema import quoted
from hjgis.layers.summary import Common, alike, common_values
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import Extent
from hjgis.models.query import Condition, Location, Part, Query, resolved, where_clause
from hjgis.models.reading import Doubt, FeatureColumns, LayerTable, StoredLot
from hjgis.models.records import LAYER as INSPECTION
from hjgis.models.records import Cycles, inspected_kinds
from hjgis.models.statistics import CrossTable, Question
from hjgis.models.styles.style import Style
from hjgis.progress import SILENT, Progress


class FeatureQuestions:
    """The half of a store that answers for many features at once and changes nothing.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of this thread.
    types : mapping of str to AssetType
        The layers that the file has, in draw order.
    """

    def __init__(self, connection: sqlite3.Connection, types: Mapping[str, AssetType]) -> None:
        self._db = connection
        self.types = dict(types)

    def table(
        self,
        layer: str,
        names: Sequence[str] | None = None,
        *,
        fids: Iterable[int] | None = None,
        extent: Extent | None = None,
        geometry: bool = True,
    ) -> LayerTable:
        """Read columns of a layer.

        Parameters
        ----------
        names : sequence of str, optional
            Fields to read; all when left out.
        fids : iterable of int, optional
            Only these rows.
        extent : (xmin, ymin, xmax, ymax), optional
            Only rows whose box meets it, project CRS.

        Returns
        -------
        LayerTable
            In fid order.
        """
        return feature_rows.table(
            self._db, self.types[layer], names, fids=fids, extent=extent, geometry=geometry
        )

    def lot(
        self,
        layer: str,
        names: Sequence[str],
        fids: NDArray[np.int64],
        *,
        geometry: bool = True,
        blanks: bool = False,
    ) -> StoredLot:
        """Read fields of some rows for who writes them on, byte by byte.

        Parameters
        ----------
        fids : array of int64, rising
            All of them are there.
        blanks : bool
            Tell empty text from null, too; that takes its time.

        Raises
        ------
        StoreConflict
            If some are not there any more.
        """
        return stored_lots.lot(
            self._db, self.types[layer], names, fids, geometry=geometry, blanks=blanks
        )

    def columns(
        self,
        layer: str,
        names: Sequence[str],
        *,
        fids: NDArray[np.int64] | None = None,
        extent: Extent | None = None,
        doubts: Sequence[Doubt] | None = None,
        geometry: bool = True,
        late: Collection[str] = (),
        later: FeatureQuestions | None = None,
        progress: Progress = SILENT,
    ) -> FeatureColumns:
        """Read fields of a layer as columns by their type: for many rows, in fid order.

        Parameters
        ----------
        fids : array of int64, optional
            Only these rows.
        extent : (xmin, ymin, xmax, ymax), optional
            Only rows whose box meets it, project CRS.
        doubts : sequence of Doubt, optional
            Of those, only rows of which one holds.
        late : collection of str
            Fields of text of which few values will be wanted: they are read when they are.
        later : FeatureQuestions, optional
            Whom to ask for what is only read when somebody wants it, if not this store: one of
            the thread in which that will be.
        progress : Progress
            May cancel between some thousand rows.
        """
        return feature_columns.columns(
            self._db,
            self.types[layer],
            names,
            fids=fids,
            extent=extent,
            doubts=doubts,
            geometry=geometry,
            late=late,
            later=None if later is None else later._db,
            progress=progress,
        )

    def line_ends(
        self, layer: str, field: str, nodes: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row numbers of lines that name a node of a layer, and of those nodes."""
        return network.ends(self._db, layer, field, nodes)

    def mentions(self, layer: str, fields: Sequence[str], values: Iterable[str]) -> dict[str, int]:
        """Return how often some texts stand in fields of a layer that have an index, in all."""
        return network.mentions(self._db, layer, fields, values)

    def state(self) -> tuple[int, int]:
        """Return what differs between two states of the file: last change, foreign edits."""
        found = self._db.execute(
            "SELECT (SELECT ifnull(max(id), 0) FROM hjgis_change),"
            " (SELECT count(*) FROM hjgis_foreign)"
        ).fetchone()
        return int(found[0]), int(found[1])

    def repeated(self, field: str) -> dict[str, NDArray[np.int64]]:
        """Return by layer the rows whose value of a field is there more than once, in any layer.

        Nothing at all (null, empty text) is no value.
        """
        having = [layer for layer, asset in self.types.items() if asset.has(field)]
        return repeats.rows(self._db, having, field)

    def batches(self, layer: str, style: Style, *, after: int = 0) -> Iterator[Batch]:
        """Read geometry and class of a layer's rows for the map, in fid order from `after` on."""
        return loading.batches(self._db, self.types[layer], style, after=after)

    def batches_of(self, layer: str, style: Style, fids: NDArray[np.int64]) -> Iterator[Batch]:
        """Read geometry and class of these rows for the map."""
        return loading.rows_of(self._db, self.types[layer], style, fids)

    def batch_within(self, layer: str, style: Style, extent: Extent) -> Batch:
        """Read the rows of a layer whose box meets an extent (project CRS), in fid order."""
        return loading.within(self._db, self.types[layer], style, extent)

    def fids(
        self, layer: str, conditions: Sequence[Part] = (), *, progress: Progress = SILENT
    ) -> NDArray[np.int64]:
        """Return row numbers that meet all conditions, rising.

        Locations are found first, which may take seconds; `progress` may cancel that.
        """
        conditions = self.resolved(layer, conditions, progress=progress)
        where, values = where_clause(self.types[layer], conditions)
        return self._listed(layer, where, values)

    def fids_within(self, layer: str, extent: Extent) -> NDArray[np.int64]:
        """Return row numbers whose box meets an extent, project CRS, rising."""
        where, values = feature_rows.in_extent(self.types[layer], extent)
        return self._listed(layer, where, values)

    def resolved(
        self, layer: str, conditions: Sequence[Part], *, progress: Progress = SILENT
    ) -> tuple[Part, ...]:
        """Find what SQL cannot say, places and measures; return conditions of row numbers."""

        def resolve(part: Location | Condition) -> NDArray[np.int64]:
            others: NDArray[np.int64] | None = None
            if isinstance(part, Location) and isinstance(part.other, Query):
                others = self.fids(part.other.layer, part.other.parts, progress=progress)
            return locating.rows(
                self._db, self.types, layer, part, others=others, progress=progress
            )

        return resolved(conditions, resolve)

    def statistics(
        self, question: Question, catalogue: Catalogue, *, progress: Progress = SILENT
    ) -> CrossTable:
        """Count and measure features; see `statistics.answer`."""
        conditions = self.resolved(question.layer, question.conditions, progress=progress)
        return statistics.answer(
            self._db, self.types, catalogue, question, conditions, progress=progress
        )

    def counted(
        self, question: Question, wanted: Mapping[int, Value], *, progress: Progress = SILENT
    ) -> NDArray[np.int64]:
        """Return the fids behind a cell of statistics; see `statistics.members`."""
        conditions = self.resolved(question.layer, question.conditions, progress=progress)
        return statistics.members(
            self._db, self.types, question, conditions, wanted, progress=progress
        )

    def ordered_fids(
        self,
        layer: str,
        conditions: Sequence[Part] = (),
        *,
        order: table_rows.Order = (),
        progress: Progress = SILENT,
    ) -> NDArray[np.int64]:
        """Return row numbers that meet all conditions, sorted; see `table_rows.ordered_fids`."""
        found = self.resolved(layer, conditions, progress=progress)
        return table_rows.ordered_fids(self._db, self.types[layer], found, order, progress)

    def totals(
        self,
        layer: str,
        names: Sequence[str],
        *,
        fids: NDArray[np.int64] | None = None,
        progress: Progress = SILENT,
    ) -> list[table_rows.Totals]:
        """Return count, sum, mean and limits of number columns; see `table_rows.totals`."""
        return table_rows.totals(self._db, self.types[layer], names, fids, progress)

    def group_totals(
        self,
        layer: str,
        field: str,
        names: Sequence[str] = (),
        *,
        fids: NDArray[np.int64] | None = None,
        progress: Progress = SILENT,
    ) -> list[table_rows.Group]:
        """Return rows by the value of a field, with totals; see `table_rows.group_totals`."""
        return table_rows.group_totals(self._db, self.types[layer], field, names, fids, progress)

    def filled_fields(self, layer: str, progress: Progress = SILENT) -> frozenset[str]:
        """Return the fields that hold something in at least one row of a layer."""
        return table_rows.filled_fields(self._db, self.types[layer], progress)

    def common_values(self, layer: str, fids: NDArray[np.int64]) -> dict[str, Common]:
        """Return what each field holds in these rows, rising; see `summary.common_values`."""
        return common_values(self._db, self.types[layer], fids)

    def alike(
        self, layer: str, fids: NDArray[np.int64], names: Sequence[str], kept: Sequence[str]
    ) -> list[tuple[dict[str, Value], int]]:
        """Return how many of these rows lack the same fields; see `summary.alike`."""
        return alike(self._db, self.types[layer], fids, names, kept)

    def fid_beside(self, layer: str, fid: int, *, forward: bool) -> int | None:
        """Return the next row number of a layer, or the one before; None at the end."""
        least, than = ("min", ">") if forward else ("max", "<")
        sql = f"SELECT {least}(fid) FROM {quoted(layer)} WHERE fid {than} ?"
        found = self._db.execute(sql, (fid,)).fetchone()[0]
        return None if found is None else int(found)

    def count(self, layer: str) -> int:
        """Return the number of features of a layer."""
        return int(self._db.execute(f"SELECT count(*) FROM {quoted(layer)}").fetchone()[0])

    def last_fid(self, layer: str) -> int:
        """Return the highest row number of a layer, 0 if it is empty; costs nothing."""
        row = self._db.execute(f"SELECT max(fid) FROM {quoted(layer)}").fetchone()
        return int(row[0] or 0)

    def extent(self, layer: str) -> Extent | None:
        """Return the box around a layer's features, from its R-tree; None if it has no places."""
        return feature_rows.extent(self._db, self.types[layer])

    def value_counts(self, layer: str, field: str) -> dict[str, int]:
        """Return how often each text is the value of a field, missing left out."""
        name = quoted(field)
        sql = f"SELECT {name}, count(*) FROM {quoted(layer)} WHERE {name} NOTNULL GROUP BY 1"
        return {str(value): int(count) for value, count in self._db.execute(sql)}

    def content_sha256(self, layers: Iterable[str]) -> str:
        """Return a digest over all rows of layers by uuid: every field but fid."""
        return feature_rows.content_sha256(self._db, [self.types[name] for name in sorted(layers)])

    def due(self, cycles: Cycles, on: dt.date, *, progress: Progress = SILENT) -> DueTable:
        """Return what is to be inspected or put right; see `due.due_table`."""
        assets = inspected_kinds(self.types)
        recorded = INSPECTION in self.types
        return due_table(self._db, assets, cycles, on, recorded=recorded, progress=progress)

    def overdue(self, layer: str, cycles: Cycles, on: dt.date) -> Overdue:
        """Count what of one layer should have been inspected; see `due.overdue`."""
        recorded = INSPECTION in self.types
        return overdue(self._db, self.types[layer], cycles, on, recorded=recorded)

    def differing(self, other: Path, layer: str) -> Differing:
        """Compare a layer with that of another project file, which nobody writes meanwhile.

        Raises
        ------
        ProjectError
            If the other file cannot be read.
        """
        return compare_layer(self._db, other, layer, self.types[layer].field_names)

    def _listed(self, layer: str, where: str, values: Sequence[Any]) -> NDArray[np.int64]:
        # One long text: a million small numbers would take three times as long.
        rows = f"SELECT fid FROM {quoted(layer)} {where} ORDER BY fid"
        listed = self._db.execute(f"SELECT group_concat(fid) FROM ({rows})", values).fetchone()[0]
        return np.fromstring(listed or "", dtype=np.int64, sep=",")
