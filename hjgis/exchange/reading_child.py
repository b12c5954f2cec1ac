"""The process that reads other people's files: questions in, answers out, nothing else.

Started by `hjgis.exchange.apart` as ``python -m hjgis.exchange.reading_child``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from hjgis import i18n
from hjgis.errors import HjgisError, InputError, InputQuestion
from hjgis.exchange import confinement, parcel, reading
from hjgis.exchange.foreign import ForeignLayer, unreadable
from hjgis.exchange.formats import Asked
from hjgis.i18n import _

# The memory that a question may take: so much, and so much more for each byte of the file.
_MEMORY_BYTES: Final = 3 * 1024**3
_MEMORY_TIMES: Final = 64
# A process that has swollen to this is not asked again.
_SWOLLEN_BYTES: Final = 2 * 1024**3
_HELD: Final = Path("/proc/self/statm")


def _layer(source: Path, folder: Path, options: Mapping[str, Any]) -> object:
    read = reading.layer(source, folder, options["name"], Asked(**options["asked"]))
    return parcel.pack(read, folder)


def _layers(source: Path, folder: Path, options: Mapping[str, Any]) -> object:
    reads = reading.layers(source, folder, options["names"], Asked(**options["asked"]))
    answers = []
    for number, read in enumerate(reads):
        own = folder / f"layer{number}"
        own.mkdir()
        answers.append(_tried(source, partial(_packed, read, own)))
    return answers


def _packed(read: Callable[[], ForeignLayer], folder: Path) -> object:
    return parcel.pack(read(), folder)


def _book(source: Path, folder: Path, _options: Mapping[str, Any]) -> object:
    read, about = reading.book(source, folder)
    packed = []
    for number, layer in enumerate(read):
        own = folder / f"sheet{number}"
        own.mkdir()
        packed.append(parcel.pack(layer, own))
    return {"sheets": packed, "about": about}


def _titles(source: Path, folder: Path, _options: Mapping[str, Any]) -> object:
    return reading.titles(source, folder)


def _summaries(source: Path, folder: Path, options: Mapping[str, Any]) -> object:
    found = reading.summaries(source, folder, Asked(**options["asked"]))
    return [dataclasses.asdict(layer) for layer in found]


def _previews(source: Path, folder: Path, options: Mapping[str, Any]) -> object:
    return reading.previews(source, folder, options["candidates"])


WORK: Final[Mapping[str, Callable[[Path, Path, Mapping[str, Any]], object]]] = {
    "layer": _layer,
    "layers": _layers,
    "book": _book,
    "titles": _titles,
    "summaries": _summaries,
    "previews": _previews,
}


def main() -> None:
    """Answer questions until there are no more."""
    _hold_back()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a library prints is no answer
    _say(answers, {})
    for line in sys.stdin:
        _say(answers, _reply(json.loads(line)) | {"last": _is_swollen()})


def _say(answers: Any, reply: Mapping[str, Any]) -> None:
    answers.write(json.dumps(reply) + "\n")
    answers.flush()


def _hold_back() -> None:
    """Leave GDAL the drivers that it needs and nobody the network."""
    others = confinement.others()
    skipped = set(os.environ.get("GDAL_SKIP", "").split(","))
    if others - skipped:
        # A library newer than our list of what to leave out: it only reads that when it starts.
        os.environ["GDAL_SKIP"] = ",".join(sorted(others | skipped))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    if others:
        raise SystemExit(f"GDAL keeps {sorted(others)}")
    confinement.seal()


def _reply(question: Mapping[str, Any]) -> dict[str, Any]:
    source, folder = Path(question["source"]), Path(question["folder"])
    i18n.set_language(question["language"])
    # What is left when this process is ended goes with the folder.
    tempfile.tempdir = str(folder)
    _limit_memory(question["size"])
    return _tried(source, partial(WORK[question["work"]], source, folder, question["options"]))


def _tried(source: Path, work: Callable[[], object]) -> dict[str, Any]:
    """Return what came of some work, or why nothing did."""
    try:
        return {"facts": work()}
    except HjgisError as error:
        return _error(error)
    except MemoryError:
        message = _("{path} cannot be read: it takes more memory than a file of its size should.")
        return _error(InputError(message.format(path=source.name)))
    except Exception as error:  # noqa: BLE001 - readers raise whatever they like over a broken file
        known = isinstance(error, OSError)
        return _error(unreadable(source, error if known else f"{type(error).__name__}: {error}"))


def _error(error: HjgisError) -> dict[str, Any]:
    question = error if isinstance(error, InputQuestion) else None
    return {
        "error": type(error).__name__,
        "words": str(error),
        "option": question.option if question else "",
        "candidates": list(question.candidates) if question else [],
        "proposed": question.proposed if question else 0,
    }


def _limit_memory(size: int) -> None:
    """Let the system refuse more memory than a file of so many bytes should take."""
    try:
        import resource
    except ImportError:
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _MEMORY_BYTES + _MEMORY_TIMES * size
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _is_swollen() -> bool:
    """Whether this process holds much memory now; what it once held, a new process inherits."""
    try:
        import resource

        pages = int(_HELD.read_text("ascii").split()[1])
    except (ImportError, OSError):
        return False
    return pages * resource.getpagesize() > _SWOLLEN_BYTES


if __name__ == "__main__":
    main()
