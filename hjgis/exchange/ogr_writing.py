"""Writes a layer by GDAL, with every field under its own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hjgis.exchange import columns, heights
from hjgis.exchange.outgoing import Outgoing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.unfinished import cannot_write
from hjgis.progress import Progress


def write_layer(one: Outgoing, path: Path, *, unknown_heights: bool = True, **options: Any) -> None:
    """Write a layer into a new file, or into one that is there if `options` say ``append``.

    Parameters
    ----------
    unknown_heights : bool
        Whether the format can hold vertices of unknown height; else they get 0.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from pyogrio import raw

    table = one.table()
    assert table.geometry is not None
    shapes = table.geometry if unknown_heights else heights.known(table.geometry)
    data, masks = columns.arrays(one.asset, table)
    z = bool(np.any(shapely.has_z(table.geometry)))
    places: dict[str, Any] = {"geometry": None}
    if one.asset.is_spatial:
        places = {
            "geometry": shapely.to_wkb(shapes, flavor="iso", output_dimension=3),
            "geometry_type": f"{one.asset.geometry} Z" if z else one.asset.geometry,
        }
    try:
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
    except writing_errors() as error:
        raise cannot_write(path, error) from error


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
