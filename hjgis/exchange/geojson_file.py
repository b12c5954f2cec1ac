"""GeoJSON: a file for each layer."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hjgis.exchange import marks
from hjgis.exchange.ogr_writing import foreseen, write_layer
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport
from hjgis.progress import SILENT, Progress

# The lines around the features, each of which has a line of its own.
_BEGIN: Final = b'"features": [\n'
_END: Final = b"\n]\n}\n"


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return what of layers will be written; only what no edit of ours stores can be lost."""
    del writing
    return foreseen(going, progress, unknown_heights=False)


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write degrees as RFC 7946 has it; other systems with the `crs` member of 2008.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        progress.check()
        degrees = writing.crs.is_geographic and one.asset.is_spatial
        options = {"RFC7946": "YES" if degrees else "NO", "COORDINATE_PRECISION": "9"}
        options |= {"DESCRIPTION": marks.TRUE} if degrees else {}
        file = path / f"{one.asset.id}.geojson"
        write_layer(
            one, file, progress, unknown_heights=False, join=_join,
            driver="GeoJSON", layer_options=options,
        )  # fmt: skip
    return foresee(going, writing, progress=progress)


def _join(path: Path, more: Path) -> None:
    """Add the features of a second file, that GDAL has written as it wrote the first one."""
    with path.open("r+b") as file, more.open("rb") as source:
        file.seek(-len(_END), os.SEEK_END)
        whole = file.read() == _END and _BEGIN in source
        if not whole:
            raise OSError(errno.EIO, "")
        file.seek(-len(_END), os.SEEK_END)
        file.write(b",\n")
        shutil.copyfileobj(source, file)
