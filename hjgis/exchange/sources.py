"""Other people's files, one layer at a time, whatever format they are in.

They are read in a process apart (`hjgis.exchange.apart`), which may crash, hang or swell.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.errors import InputError
from hjgis.exchange import apart, parcel, photos
from hjgis.exchange.foreign import ForeignLayer, beside
from hjgis.i18n import _
from hjgis.progress import SILENT, Progress

# The files that this process holds, as Linux tells them.
_HELD: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """What a dialog shows before anything is imported."""

    name: str
    geometry: str
    count: int
    columns: tuple[str, ...]
    crs: str | None
    encoding: str
    encoding_source: str
    samples: tuple[tuple[str, ...], ...] = field(default=())


def read_layer(
    source: Path,
    *,
    layer: str | None = None,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
    progress: Progress = SILENT,
) -> ForeignLayer:
    """Read one layer of a foreign file, in a process apart.

    Parameters
    ----------
    x, y : str, optional
        Columns of east and north in a table.
    spatial : bool, optional
        Whether a table has coordinates; see `table_layers.layer_of`.

    Raises
    ------
    InputError
        If the file is missing, damaged, of no format that is read here, empty, or breaks the
        reader.
    InputQuestion
        If encoding, layer or coordinate columns must be chosen.
    UsageError
        If the format cannot be read but another one that the same program writes can.
    Cancelled
        If `progress` says so.
    """
    asked = {"encoding": given_encoding, "x": x, "y": y, "spatial": spatial}
    options = {"name": layer, "asked": asked}
    path = _theirs(source)
    before = _state(path)
    with apart.asked("layer", path, options, progress) as answer:
        read = parcel.unpack(answer.facts, answer.folder)
    _refuse_written(path, before)
    return read


@contextmanager
def several(
    source: Path,
    names: Sequence[str],
    *,
    given_encoding: str | None = None,
    progress: Progress = SILENT,
) -> Iterator[Callable[[str], ForeignLayer]]:
    """Read some layers of a file at once, as a drawing is read whole for each of them.

    Yields
    ------
    function
        Returns a layer by its name, or raises what `read_layer` does of it.

    Raises
    ------
    HjgisError
        If the file cannot be read at all.
    Cancelled
        If `progress` says so.
    """
    path = _theirs(source)
    before = _state(path)
    options = {"names": list(names), "asked": {"encoding": given_encoding}}
    with apart.asked("layers", path, options, progress) as answer:
        _refuse_written(path, before)

        def layer(name: str) -> ForeignLayer:
            number = names.index(name)
            facts = apart.facts_of(answer.facts[number])
            return parcel.unpack(facts, answer.folder / f"layer{number}")

        yield layer


def _refuse_written(path: Path, before: object) -> None:
    if _state(path) != before:
        message = _("{path} was written to while it was read; import it when that is over.")
        raise InputError(message.format(path=path.name))


def summaries(
    source: Path,
    *,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
    spatial: bool | None = None,
    progress: Progress = SILENT,
) -> tuple[LayerSummary, ...]:
    """Return what is in a foreign file, layer by layer; see `read_layer`."""
    asked = {"encoding": given_encoding, "x": x, "y": y, "spatial": spatial}
    with apart.asked("summaries", _theirs(source), {"asked": asked}, progress) as answer:
        return tuple(_summary_of(entry) for entry in answer.facts)


def read_book(
    source: Path, *, progress: Progress = SILENT
) -> tuple[list[ForeignLayer], list[list[str]]]:
    """Read all sheets of a workbook that came from here, in a process apart.

    Returns
    -------
    sheets : list of ForeignLayer
        Columns are called by their keys, rows are those of the sheet; see `workbook_reading`.
        Empty where the workbook is none of ours.
    about : rows of cells
        What the workbook says of itself.

    Raises
    ------
    InputError
        If the file is missing, no workbook, damaged or breaks the reader.
    Cancelled
        If `progress` says so.
    """
    with apart.asked("book", _theirs(source), {}, progress) as answer:
        sheets = [
            parcel.unpack(facts, answer.folder / f"sheet{number}")
            for number, facts in enumerate(answer.facts["sheets"])
        ]
        return sheets, answer.facts["about"]


def sheet_titles(source: Path, *, progress: Progress = SILENT) -> list[str]:
    """Return the names of a workbook's sheets, hidden ones too.

    Raises
    ------
    InputError
        If the file is missing, no workbook, damaged or breaks the reader.
    Cancelled
        If `progress` says so.
    """
    with apart.asked("titles", _theirs(source), {}, progress) as answer:
        return [str(title) for title in answer.facts]


def encoding_previews(
    source: Path, candidates: Iterable[str], *, progress: Progress = SILENT
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the heading and the first rows of a file as each encoding would have them.

    For choosing by eye where nothing says the encoding. Bytes that an encoding does not know show
    as U+FFFD.

    Returns
    -------
    dict of str to rows of cells
        The heading first, then at most five rows; empty for a file whose format says it.

    Raises
    ------
    InputError
        If the file cannot be read or there is no such encoding.
    """
    options = {"candidates": list(candidates)}
    with apart.asked("previews", _theirs(source), options, progress) as answer:
        return {name: tuple(map(tuple, rows)) for name, rows in answer.facts.items()}


def _state(source: Path) -> list[tuple[Path, int, int]]:
    """Return size and time of a file, its table or what is in it, to see whether they change."""
    inside = source.rglob("*") if source.is_dir() else ()
    table = beside(source, ".dbf") if source.suffix.casefold() == ".shp" else None
    parts = {source, *inside, *([table] if table else ())}
    found = []
    for part in sorted(parts):
        with suppress(OSError):
            facts = part.stat()
            found.append((part, facts.st_size, facts.st_mtime_ns))
    return found


def _summary_of(facts: Mapping[str, Any]) -> LayerSummary:
    samples = tuple(map(tuple, facts["samples"]))
    return LayerSummary(**{**facts, "columns": tuple(facts["columns"]), "samples": samples})


def _theirs(source: Path) -> Path:
    """Return the path of a file that is there, is a file and is not the project that is open."""
    if not source.exists():
        raise InputError(_("There is no file {path}.").format(path=source))
    if source.is_dir() and source.suffix.casefold() != ".gdb" and not photos.in_folder(source):
        message = _("{path} is a folder without photos; choose a file in it.")
        raise InputError(message.format(path=source.name))
    if not source.is_dir() and not source.is_file():
        raise InputError(_("{path} is no file but a device.").format(path=source.name))
    if source.is_file() and not source.stat().st_size:
        message = _("{path} is empty (0 bytes): it was not copied whole. Fetch it again.")
        raise InputError(message.format(path=source.name))
    if is_held(source):
        message = _("{path} is open in this program; save a copy and import that.")
        raise InputError(message.format(path=source.name))
    return source


def is_held(path: Path) -> bool:
    """Whether this process has the file open.

    Whoever opens and closes it a second time, GDAL above all, drops the locks of the first: then
    two programs may write a project at once and one of them loses what it wrote.
    """
    own = path.stat()
    for handle in _HELD.iterdir() if _HELD.is_dir() else ():
        # A handle may be closed by another thread meanwhile.
        with suppress(OSError):
            if os.path.samestat(handle.stat(), own):
                return True
    return False
