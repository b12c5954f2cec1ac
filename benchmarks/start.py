"""How long the program takes from the start of its process to the first map and to the whole map.

``python -m benchmarks.start PROJECT``: does what ``python -m hjgis PROJECT`` does, listens to the
map, and leaves when all of it is on the screen. The moments are counted from the start of the
process as whoever started it has noted it.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.clock import Facts, peak_mb, tell

_NOT_WANTED: Final = ("pandas", "geopandas", "matplotlib", "pyogrio", "fiona")


def main() -> None:
    """Start the program; leave with the whole map."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--styles", type=Path)
    given = parser.parse_args()
    started = float(os.environ.get("HJGIS_BENCH_STARTED", time.monotonic()))
    facts: Facts = {}

    def note(moment: str) -> None:
        facts.setdefault(moment, round((time.monotonic() - started) * 1000, 1))

    # As the program does before it imports the same.
    gc.disable()
    from benchmarks import program

    note("imported_ms")
    if given.styles:
        program.use_styles(given.styles)
    program.listen(_Ears(note))
    sys.argv = ["hjgis", str(given.project)]

    from hjgis.__main__ import main as hjgis

    hjgis()
    facts["not_wanted"] = [name for name in _NOT_WANTED if name in sys.modules]
    tell(facts | {"peak_mb": peak_mb()})


class _Ears:
    """Hears of the map; notes when the first and the whole of it are on the screen."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note

    def opened(self) -> None:
        """Hear that the project is open and its canvas made."""
        self._note("opened_ms")

    def first(self) -> None:
        """Hear that something of the map is to be seen."""
        self._note("first_map_ms")

    def complete(self) -> None:
        """Hear that all of it is to be seen."""
        self._note("whole_map_ms")


if __name__ == "__main__":
    main()
