"""GeoPackage: all layers in one file, with photos and with what the check accepts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from hjgis.exchange import marks
from hjgis.exchange.ogr_writing import foreseen, write_layer, writing_errors
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.pictures import for_others
from hjgis.exchange.report import LayerExport
from hjgis.exchange.unfinished import cannot_write
from hjgis.layers import describing, media
from hjgis.models.exceptions import FACT, read_exceptions
from hjgis.progress import SILENT, Progress

# Room for the endings of the files that SQLite makes beside its own.
_LONGEST_BYTES: Final = 480


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return what of layers will be written; only what no edit of ours stores can be lost."""
    del writing
    return foreseen(going, progress)


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write layers of a project into a new file.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with _short(path) as near:
        _write(going, near, writing, progress)
    return foresee(going, writing, progress=progress)


@contextmanager
def _short(path: Path) -> Iterator[Path]:
    """Give a path to write to that is not too long for SQLite, whose paths are of 512 bytes."""
    if len(os.fsencode(path)) < _LONGEST_BYTES:
        yield path
        return
    with TemporaryDirectory(prefix="hjgis-") as folder:
        near = Path(folder, "layers.gpkg")
        yield near
        if near.exists():
            shutil.move(near, path)


def _write(going: Sequence[Outgoing], path: Path, writing: Writing, progress: Progress) -> None:
    told = {"DESCRIPTION": marks.TRUE} if writing.crs.is_geographic else {}
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        progress.check()
        options = {"append": True} if number else {"dataset_options": {"VERSION": "1.3"}}
        write_layer(one, path, progress, driver="GPKG", layer_options=told, **options)
    if going:
        project = going[0].project
        layers = [one.asset for one in going]
        changed = None if writing.in_house else for_others
        media.carry_over(project.path, path, layers, progress, changed=changed)
        if writing.in_house:
            _write_exceptions(going, path)
        describing.describe(path, layers, project.catalogue)


def _write_exceptions(going: Sequence[Outgoing], path: Path) -> None:
    """Write what the check accepts of features that are written, as a table beside them."""
    from pyogrio import raw

    accepted = read_exceptions(going[0].project.info(FACT))
    layers = {entry.layer for entry in accepted}
    written = {one.asset.id: {*one.uuids()} for one in going if one.asset.id in layers}
    entries = [
        entry
        for entry in accepted
        if entry.layer in written and (entry.uuid is None or entry.uuid in written[entry.layer])
    ]
    if not entries:
        return
    names = ["rule", "layer", "uuid", "part", "reason", "operator", "date"]
    columns = [[getattr(entry, name) for entry in entries] for name in names]
    data = [np.array([value or "" for value in column], dtype=object) for column in columns]
    masks = [np.array([value is None for value in column], dtype=bool) for column in columns]
    try:
        raw.write(
            path, geometry=None, field_data=data, fields=names, field_mask=masks,
            layer="hjgis_exceptions", driver="GPKG", append=True,
        )  # fmt: skip
    except writing_errors() as error:
        raise cannot_write(path, error) from error
