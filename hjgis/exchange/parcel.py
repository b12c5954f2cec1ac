"""A layer on its way from the process that read it: arrays in files, the rest as JSON.

Nothing is pickled: what comes from a process that has read a stranger's file is data, never code.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.report import Problem
from hjgis.models.crs import parse_crs

_KIND: Final = "kind"


def _span(text: str) -> dt.timedelta:
    return dt.timedelta(seconds=float(text))


_TIMES: Final[Mapping[str, Callable[[str], object]]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": _span,
}


def pack(layer: ForeignLayer, folder: Path) -> dict[str, Any]:
    """Put a layer into a folder and return what JSON holds of it."""
    _pack_shapes(layer.geometry, folder)
    np.save(folder / "unreadable.npy", layer.unreadable, allow_pickle=False)
    for number, column in enumerate(layer.columns.values()):
        if column.dtype == object:
            text = json.dumps(column.tolist(), default=_as_json)
            (folder / f"{number}.json").write_text(text, "ascii")
        else:
            np.save(folder / f"{number}.npy", column, allow_pickle=False)
    decided = layer.encoding
    return {
        "name": layer.name,
        "columns": list(layer.columns),
        "crs": layer.crs.definition.srs if layer.crs else None,
        "encoding": [decided.name, decided.source, list(decided.warnings)],
        "warnings": list(layer.warnings),
        "problems": [dataclasses.astuple(problem) for problem in layer.problems],
        "spatial": layer.spatial,
        "measured": layer.measured,
        "words": {name: dict(words) for name, words in layer.words.items()},
    }


def unpack(facts: Mapping[str, Any], folder: Path) -> ForeignLayer:
    """Return the layer that `pack` put into a folder."""
    name, source, warnings = facts["encoding"]
    return ForeignLayer(
        facts["name"],
        {title: _column(folder, number) for number, title in enumerate(facts["columns"])},
        _shapes(folder),
        np.load(folder / "unreadable.npy", allow_pickle=False),
        parse_crs(facts["crs"]) if facts["crs"] else None,
        Encoding(name, source, tuple(warnings)),
        tuple(facts["warnings"]),
        tuple(Problem(*entry) for entry in facts["problems"]),
        facts["spatial"],
        facts["words"],
        facts["measured"],
    )


def _pack_shapes(shapes: NDArray[np.object_], folder: Path) -> None:
    """Write all WKB in a row and how long each is; -1 where there is no shape."""
    wkbs = shapely.to_wkb(shapes, flavor="iso").tolist()
    lengths = [-1 if wkb is None else len(wkb) for wkb in wkbs]
    np.save(folder / "lengths.npy", np.array(lengths, np.int64), allow_pickle=False)
    with (folder / "shapes.wkb").open("wb") as file:
        file.writelines(wkb for wkb in wkbs if wkb is not None)


def _shapes(folder: Path) -> NDArray[np.object_]:
    lengths = np.load(folder / "lengths.npy", allow_pickle=False)
    data = (folder / "shapes.wkb").read_bytes()
    ends = np.cumsum(np.maximum(lengths, 0))
    wkbs = np.empty(len(lengths), dtype=object)
    wkbs[:] = [
        None if length < 0 else data[end - length : end]
        for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]
    shapes = np.empty(len(lengths), dtype=object)
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are looked for later
        shapes[:] = shapely.from_wkb(wkbs)
    return shapes


def _column(folder: Path, number: int) -> NDArray[Any]:
    table = folder / f"{number}.npy"
    if table.exists():
        column: NDArray[Any] = np.load(table, allow_pickle=False)
        return column
    values = json.loads((folder / f"{number}.json").read_text("ascii"), object_hook=_from_json)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _as_json(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    kind = type(value).__name__
    if isinstance(value, dt.timedelta):
        return {_KIND: kind, "text": repr(value.total_seconds())}
    if isinstance(value, dt.date | dt.time):
        return {_KIND: kind, "text": value.isoformat()}
    raise TypeError(kind)


def _from_json(entry: dict[str, str]) -> object:
    return _TIMES[entry[_KIND]](entry["text"])
