"""Writes a layer by GDAL, with every field under its own name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hjgis.exchange import columns, heights
from hjgis.exchange.outgoing import LOT, Outgoing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.unfinished import cannot_write
from hjgis.models.crs import Transform
from hjgis.models.reading import LayerTable
from hjgis.progress import Progress


def write_layer(
    one: Outgoing,
    path: Path,
    progress: Progress,
    *,
    unknown_heights: bool = True,
    join: Callable[[Path, Path], None] | None = None,
    **options: Any,
) -> None:
    """Write a layer, lot by lot, into a new file, or one that is there if `options` say ``append``.

    Parameters
    ----------
    unknown_heights : bool
        Whether the format can hold vertices of unknown height; else they get 0.
    join : callable, optional
        Adds the features of a second file to those of a first one, where GDAL cannot append.

    Raises
    ------
    InputError
        If the file cannot be written.
    Cancelled
        If `progress` says so.
    """
    z = one.asset.is_spatial and _has_heights(one)
    lots = one.lots() if len(one) else iter([one.table()])
    try:
        for number, table in enumerate(lots):
            progress.report(number * LOT, len(one), one.asset.id)
            progress.check()
            if not number:
                _write_lot(one, table, path, z=z, unknown_heights=unknown_heights, **options)
            elif join is None:
                more = {**options, "append": True}
                _write_lot(one, table, path, z=z, unknown_heights=unknown_heights, **more)
            else:
                lot = path.with_name(f".{path.name}")
                _write_lot(one, table, lot, z=z, unknown_heights=unknown_heights, **options)
                join(path, lot)
                lot.unlink()
    except writing_errors() as error:
        raise cannot_write(path, error) from error


def _has_heights(one: Outgoing) -> bool:
    bare = replace(
        one,
        asset=replace(one.asset, fields=()),
        transform=Transform(one.project.crs, one.project.crs),
    )
    return any(bool(np.any(shapely.has_z(table.geometry))) for table in bare.lots())


def _write_lot(
    one: Outgoing, table: LayerTable, path: Path, *, z: bool, unknown_heights: bool, **options: Any
) -> None:
    from pyogrio import raw

    assert table.geometry is not None
    shapes = table.geometry if unknown_heights else heights.known(table.geometry)
    data, masks = columns.arrays(one.asset, table)
    places: dict[str, Any] = {"geometry": None}
    if one.asset.is_spatial:
        places = {
            "geometry": shapely.to_wkb(shapes, flavor="iso", output_dimension=3),
            "geometry_type": f"{one.asset.geometry} Z" if z else one.asset.geometry,
        }
    raw.write(
        path,
        field_data=data,
        fields=["uuid", *one.asset.field_names],
        field_mask=masks,
        layer=one.asset.id,
        crs=one.transform.target.public_text,
        **places,
        **options,
    )


def foreseen(
    going: Sequence[Outgoing], progress: Progress, *, unknown_heights: bool = True
) -> list[LayerExport]:
    """Return what `write_layer` keeps of layers, and what not."""
    told = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        lost: list[Loss] = []
        for table in one.lots(geometry=not unknown_heights):
            progress.check()
            lost += columns.losses(one.asset, table)
            if not unknown_heights:
                lost += heights.losses(table)
        told.append(replace(one.as_it_is(), losses=tuple(lost)))
    return told


def writing_errors() -> tuple[type[Exception], ...]:
    """Return what GDAL and the system raise when a file cannot be written."""
    import pyogrio.errors

    return (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError)
