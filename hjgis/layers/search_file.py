"""What is searched, kept in the cache: found again at the next start without reading the project.

One file a project: a line of JSON that says where each array lies, then the arrays. They are mapped
and not read, so that they cost memory only while somebody searches.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.layers.search_columns import Part, TextColumn
from hjgis.layers.search_reading import VERSION, LayerTexts, Texts

_log = logging.getLogger("hjgis.search")
_MAGIC: Final = b"hjgis search\n"
_ALIGNED_BYTES: Final = 64
# Of projects that nobody has opened for the longest time, what is kept goes.
_MOST_FILES: Final = 12


class _Outdated(Exception):
    """Kept by another version of the program."""


def file_for(folder: Path, project_uuid: str, path: Path) -> Path:
    """Return where the texts of a project are kept: a copy of its file has a place of its own."""
    place = hashlib.sha256(f"{project_uuid}\n{path.resolve()}".encode()).hexdigest()
    return folder / "search" / f"{place[:32]}.idx"


def save(texts: Texts, file: Path) -> bool:
    """Keep texts; where that cannot be, nothing is kept, which is told to the log.

    Returns
    -------
    bool
        Whether they are kept. Those of a project without history are not: nothing would tell
        whether they are still true.
    """
    if not texts.head[0]:
        _remove(file)
        return False
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(texts, draft)
        draft.replace(file)
        _forget_oldest(file.parent)
    except OSError as error:
        _log.warning("what is searched cannot be kept in %s: %s", file, error)
        _remove(draft)
        return False
    return True


def load(file: Path) -> Texts | None:
    """Return what was kept; None where that is nothing, damaged or of another version."""
    try:
        with file.open("rb") as opened:
            raw = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        texts = _read(raw)
        _note_use(file)
    except FileNotFoundError:
        return None
    except _Outdated:
        _remove(file)
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        _log.info("%s is made anew: %s", file, error)
        if not isinstance(error, OSError):
            paths.set_aside(file)
        return None
    return texts


# -- inside ------------------------------------------------------------------------------


def _write(texts: Texts, file: Path) -> None:
    arrays = _Arrays()
    facts = {
        "version": VERSION,
        "head": texts.head,
        "pending": {layer: fids.tolist() for layer, fids in texts.pending.items()},
        "layers": {
            layer: {
                "signature": held.signature,
                "parts": [_part_facts(part, arrays) for part in held.parts],
            }
            for layer, held in texts.layers.items()
        },
    }
    crc = zlib.crc32(json.dumps(facts).encode(), arrays.crc)
    head = json.dumps({"facts": facts, "size": arrays.size, "crc": crc}).encode() + b"\n"
    with file.open("wb") as out:
        out.write(_MAGIC)
        out.write(head)
        out.write(bytes(-out.tell() % _ALIGNED_BYTES))
        for array in arrays.all:
            out.write(_bytes(array))
            out.write(bytes(-array.nbytes % _ALIGNED_BYTES))
        out.flush()
        os.fsync(out.fileno())


def _part_facts(part: Part, arrays: _Arrays) -> dict[str, Any]:
    return {
        "fids": arrays.add(part.fids),
        "alive": arrays.add(part.alive),
        "columns": {
            name: [
                arrays.add(column.codes),
                arrays.add(column.text),
                arrays.add(column.starts),
                column.width,
                arrays.add(column.ranges),
            ]
            for name, column in part.columns.items()
        },
    }


class _Arrays:
    """Gathers arrays and says where each will lie."""

    def __init__(self) -> None:
        self.all: list[NDArray[Any]] = []
        self.size = self.crc = 0

    def add(self, array: NDArray[Any]) -> tuple[str, int, int]:
        """Return type, place and length of an array in the file."""
        array = np.ascontiguousarray(array)
        place = self.size
        # An empty array has no bytes to look at.
        if len(array):
            self.all.append(array)
            self.crc = zlib.crc32(_bytes(array), self.crc)
            self.size += array.nbytes + -array.nbytes % _ALIGNED_BYTES
        return array.dtype.str, place, len(array)


def _read(raw: mmap.mmap) -> Texts:
    if raw[: len(_MAGIC)] != _MAGIC:
        raise ValueError("no file of ours")
    end = raw.find(b"\n", len(_MAGIC)) + 1
    head = json.loads(raw[len(_MAGIC) : end])
    facts = head["facts"]
    if facts["version"] != VERSION:
        raise _Outdated
    begin = end + -end % _ALIGNED_BYTES
    if len(raw) != begin + head["size"]:
        raise ValueError("cut off")
    crc = 0

    def array(entry: list[Any]) -> NDArray[Any]:
        nonlocal crc
        kind, place, count = entry
        result = np.frombuffer(raw, np.dtype(kind), count=count, offset=begin + place)
        if count:
            crc = zlib.crc32(_bytes(result), crc)
        return result

    layers = {name: _layer(entry, array) for name, entry in facts["layers"].items()}
    if zlib.crc32(json.dumps(facts).encode(), crc) != head["crc"]:
        raise ValueError("damaged")
    pending = {name: np.array(fids, np.int64) for name, fids in facts["pending"].items()}
    number, uuid = facts["head"]
    return Texts((int(number), str(uuid)), layers, pending)


def _bytes(array: NDArray[Any]) -> memoryview:
    return array.view(np.uint8).data


def _layer(entry: Mapping[str, Any], array: Any) -> LayerTexts:
    parts = []
    for part in entry["parts"]:
        # In the order in which they were added, as the checksum goes through them.
        fids, alive = array(part["fids"]), array(part["alive"])
        columns = {
            name: TextColumn(array(codes), array(text), array(starts), int(width), array(ranges))
            for name, (codes, text, starts, width, ranges) in part["columns"].items()
        }
        parts.append(Part(fids, columns, alive))
    return LayerTexts(str(entry["signature"]), tuple(parts))


def _forget_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("*.idx"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in kept[_MOST_FILES:]:
        _remove(file)


def _note_use(file: Path) -> None:
    try:
        os.utime(file)
    except OSError as error:
        _log.info("the use of %s cannot be noted: %s", file, error)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        _log.info("%s cannot be removed: %s", file, error)
