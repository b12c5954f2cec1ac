"""CSV: a file for each layer, places as a column north and a column east."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from hjgis.exchange import marks
from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.unfinished import cannot_write
from hjgis.i18n import _
from hjgis.models.cell_text import without_controls
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return what of layers will be written, and what gets lost."""
    del writing
    done = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        losses: list[Loss] = []
        for table in one.lots():
            progress.check()
            losses += _losses(one, table)
        done.append(_export(one, losses))
    return done


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write CSVs with a byte order mark, so that Excel takes them for UTF-8; Y is east.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    done = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        file = path / f"{one.asset.id}.csv"
        losses: list[Loss] = []
        try:
            write_csv(file, _lines(one, writing, losses, progress))
        except OSError as error:
            raise cannot_write(file, error) from error
        done.append(_export(one, losses))
    return done


def _export(one: Outgoing, losses: Sequence[Loss]) -> LayerExport:
    """Return what is told of a layer: first that only points are in it, then single values."""
    told = list(losses)
    if one.asset.geometry not in ("Point", "None") and len(one):
        words = _("the shapes of {count} features are not in a table, only a point of each")
        told.insert(0, Loss("geometry", "", "geometry", words.format(count=len(one))))
    return replace(one.as_it_is(), losses=tuple(told))


def _losses(one: Outgoing, table: LayerTable) -> Iterator[Loss]:
    """Yield the texts that read back as others, and heights."""
    uuids = table.uuids.tolist()
    for name in one.asset.field_names:
        for uuid, value in zip(uuids, table.columns[name].tolist(), strict=True):
            if value == "":
                yield Loss(name, uuid, "empty", _("empty text reads back as nothing"))
            elif isinstance(value, str) and (less := len(value) - len(without_controls(value))):
                words = _("{count} control characters are left out").format(count=less)
                yield Loss(name, uuid, "unencodable", words)
    if one.asset.geometry == "Point":
        for row in np.flatnonzero(shapely.has_z(table.geometry)).tolist():
            yield Loss("geometry", uuids[row], "geometry", _("the height of the point"))


def _lines(
    one: Outgoing, writing: Writing, losses: list[Loss], progress: Progress
) -> Iterator[list[object]]:
    headings = marks.headings(writing.crs) if one.asset.is_spatial else ()
    yield ["uuid", *headings, *one.asset.field_names]
    for table in one.lots():
        progress.check()
        losses += _losses(one, table)
        assert table.geometry is not None
        spots = shapely.get_coordinates(shapely.point_on_surface(table.geometry), return_index=True)
        place = {int(index): xy for xy, index in zip(*spots, strict=True)}
        columns = [table.columns[name] for name in one.asset.field_names]
        for row, uuid in enumerate(table.uuids):
            spot = place.get(row, ("", ""))[::-1] if headings else ()
            yield [uuid, *spot, *(column[row] for column in columns)]
