"""Label texts of the features in view: read when they are wanted, kept while they hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.columns import LayerColumns
from hjgis.models.reading import LayerTable
from hjgis.models.styles.style import Style

_MOST_KEPT = 100_000


class TableReader(Protocol):
    """What texts are made of: the open project."""

    def table(
        self,
        layer: str,
        names: tuple[str, ...] | None = None,
        *,
        fids: list[int] | None = None,
        geometry: bool = True,
    ) -> LayerTable:
        """Read columns of some rows, in fid order."""


class LabelTexts:
    """Belongs to one thread; opens its own reader there when it is asked for the first text.

    Parameters
    ----------
    reader : callable
        Opens the project for reading.
    """

    def __init__(self, reader: Callable[[], AbstractContextManager[TableReader]]) -> None:
        self._open = reader
        self._opened: AbstractContextManager[TableReader] | None = None
        self._reader: TableReader | None = None
        self._kept: dict[str, tuple[tuple[object, int, str], dict[int, str]]] = {}

    def of(self, columns: LayerColumns, style: Style, fids: NDArray[np.int64]) -> list[str]:
        """Return the label of each feature; empty where nothing is known.

        Texts that were read for another state of the layer are read again.
        """
        if style.label is None or not len(fids):
            return [""] * len(fids)
        layer, key = columns.layer, (columns.reading, columns.version, style.label.text)
        held, texts = self._kept.get(layer, (key, {}))
        if held != key or len(texts) > _MOST_KEPT:
            texts = {}
        wanted = fids.tolist()
        missing = [fid for fid in wanted if fid not in texts]
        if missing:
            table = self._table(layer, style.label.fields, missing)
            texts.update(zip(table.fids.tolist(), style.label.texts(table.columns), strict=True))
        self._kept[layer] = (key, texts)
        # A feature may have been deleted since the map was read; the next version knows.
        return [texts.get(fid, "") for fid in wanted]

    def close(self) -> None:
        """Give the reader back, in the thread that opened it."""
        if self._opened is not None:
            self._opened.__exit__(None, None, None)
        self._opened = self._reader = None

    def _table(self, layer: str, fields: tuple[str, ...], fids: list[int]) -> LayerTable:
        if self._reader is None:
            self._opened = self._open()
            self._reader = self._opened.__enter__()
        return self._reader.table(layer, tuple(dict.fromkeys(fields)), fids=fids, geometry=False)
