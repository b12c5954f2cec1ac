"""CSV: a file for each layer, places as a column north and a column east."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import shapely

from hjgis.errors import InputError
from hjgis.exchange import marks
from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport
from hjgis.i18n import _, reason
from hjgis.progress import SILENT, Progress


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return what of layers will be written."""
    del writing, progress
    return [one.as_it_is() for one in going]


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write CSVs with a byte order mark, so that Excel takes them for UTF-8; Y is east.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        file = path / f"{one.asset.id}.csv"
        try:
            write_csv(file, _lines(one, writing, progress))
        except OSError as error:
            raise InputError(
                _("Cannot write {path}: {error}").format(path=file, error=reason(error))
            ) from error
    return foresee(going, writing)


def _lines(one: Outgoing, writing: Writing, progress: Progress) -> Iterator[list[object]]:
    headings: tuple[str, ...] = ()
    if one.asset.is_spatial:
        headings = marks.TRUE_HEADINGS if writing.crs.is_geographic else ("X(北)", "Y(东)")
    yield ["uuid", *headings, *one.asset.field_names]
    for table in one.lots():
        progress.check()
        assert table.geometry is not None
        spots = shapely.get_coordinates(shapely.point_on_surface(table.geometry), return_index=True)
        place = {int(index): xy for xy, index in zip(*spots, strict=True)}
        columns = [table.columns[name] for name in one.asset.field_names]
        for row, uuid in enumerate(table.uuids):
            spot = place.get(row, ("", ""))[::-1] if headings else ()
            yield [uuid, *spot, *(column[row] for column in columns)]
