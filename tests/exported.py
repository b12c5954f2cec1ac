"""Layers written as deliveries write them, without the package around them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hjgis.exchange.exporting import target_crs, write
from hjgis.exchange.outgoing import Encoding, Format, Selection, Writing
from hjgis.exchange.report import ExportReport
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.query import Query
from hjgis.progress import SILENT, Progress


def export(
    project: Project,
    out: Path,
    *,
    format: Format = "shp",
    layers: Sequence[str] | None = None,
    encoding: Encoding = "gbk",
    crs: str | None = None,
    extent: Extent | None = None,
    query: Query | None = None,
    photos: bool = False,
    progress: Progress = SILENT,
) -> ExportReport:
    """Choose and write in one call."""
    writing = Writing(format, target_crs(project, format, crs), encoding)
    chosen = choose(project, layers, extent=extent, query=query)
    return write(project, out, chosen, writing, photos=photos, progress=progress)


def choose(
    project: Project,
    layers: Sequence[str] | None = None,
    *,
    extent: Extent | None = None,
    query: Query | None = None,
) -> Selection:
    """Return the rows of layers, or of all that hold something; records only with their assets."""
    if query is not None:
        layers = [query.layer]
    whole = layers is None and extent is None
    # Records last: which go out depends on what else does.
    order = sorted(layers or project.types, key=lambda name: project.asset_type(name).is_record)
    rows, uuids = {}, set()
    for layer in order:
        asset = project.asset_type(layer)
        of_assets = asset.is_record and bool(rows) and not whole
        table = project.store.columns(
            layer,
            ["asset_uuid"] if of_assets else [],
            extent=extent if asset.is_spatial else None,
            geometry=False,
        )
        fids, names = table.fids, table.uuids
        if query is not None:
            found = np.isin(fids, querying.rows(project, query))
            fids, names = fids[found], names[found]
        if of_assets:
            fids = fids[np.isin(table.texts["asset_uuid"].objects().astype(str), [*uuids])]
        elif not asset.is_record:
            uuids.update(names.tolist())
        if len(fids) or layers is not None:
            rows[layer] = fids
    return Selection(rows)
