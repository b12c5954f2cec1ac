"""Reads the map's layers in the background: a sample of all at once, then all of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from hjgis.layers.blob_arrays import Batch
from hjgis.layers.columns import LayerColumns
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.styles.stylefile import style_for
from hjgis.progress import Progress

# Rows that say where a layer lies and how it looks, read in a few milliseconds.
_SAMPLE_ROWS: Final = 3_000
# Painting what has come costs time that reading needs.
_SHOW_EVERY_S: Final = 0.5


class MapLoader(QObject):
    """Reads layers in a worker; `arrived` tells the columns by layer as they grow."""

    arrived = Signal(object)

    def __init__(
        self,
        reader: Callable[[], AbstractContextManager[Project]],
        show: Callable[[Mapping[str, LayerColumns]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open = reader
        self.arrived.connect(show, Qt.ConnectionType.QueuedConnection)

    def read(self, layers: Collection[str], progress: Progress) -> dict[str, LayerColumns]:
        """Read layers; runs in a worker."""
        result = {}
        with self._open() as project:
            types = [project.asset_type(layer) for layer in layers]
            last = {asset.id: project.last_fid(asset.id) for asset in types}
            samples = {
                asset.id: _sample(project, asset, last[asset.id])
                for asset in types
                if last[asset.id] > _SAMPLE_ROWS
            }
            if samples:
                self.arrived.emit(samples)
            done, total = 0, sum(last.values())
            for asset in types:

                def report(fid: int, layer: str = asset.id, before: int = done) -> None:
                    progress.report(before + fid, total, layer)
                    progress.check()

                result[asset.id] = self._whole(project, asset, samples.get(asset.id), report)
                done += last[asset.id]
        return result

    def _whole(
        self,
        project: Project,
        asset: AssetType,
        sample: LayerColumns | None,
        report: Callable[[int], None],
    ) -> LayerColumns:
        """Read all of a layer; show what has come from time to time."""
        empty = columns = LayerColumns.none(asset)
        shown = time.monotonic()
        for batch, read in _parsed_ahead(
            project.store.batches(asset.id, style_for(asset)), empty.of
        ):
            columns = columns.beside(read)
            report(int(batch.fids[-1]))
            if time.monotonic() - shown > _SHOW_EVERY_S:
                # Some features stand twice in it: nothing that was seen vanishes meanwhile.
                self.arrived.emit({asset.id: columns.beside(sample) if sample else columns})
                shown = time.monotonic()
        if sample is not None:
            self.arrived.emit({asset.id: columns})
        return columns


def _parsed_ahead(
    batches: Iterable[Batch], parse: Callable[[Batch], LayerColumns]
) -> Iterator[tuple[Batch, LayerColumns]]:
    """Yield each batch with what is made of it, which is done while the next one is read.

    To read two at once gains nothing: SQLite's allocator serves one thread at a time.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="parse") as parser:
        waiting: tuple[Batch, Future[LayerColumns]] | None = None
        for batch in batches:
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = (batch, parser.submit(parse, batch))
        if waiting is not None:
            yield waiting[0], waiting[1].result()


def _sample(project: Project, asset: AssetType, last: int) -> LayerColumns:
    """Read rows from all over a layer."""
    fids = np.unique(np.linspace(1, last, _SAMPLE_ROWS).astype(np.int64))
    columns = LayerColumns.none(asset)
    for batch in project.store.batches_of(asset.id, style_for(asset), fids):
        columns = columns.with_batch(batch)
    # What cannot be drawn is counted when all is read.
    return replace(columns, skipped={})
