"""Times of making a file; needs nothing, as the Python of the system runs it for QGIS too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path


def timed(work: Callable[[], object], path: Path, runs: int) -> dict[str, float]:
    """Return CPU and clock seconds of a run, the median after one that is not counted."""
    work()
    cpu, clock = [], []
    for _ in range(runs):
        started, began = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - started)
        clock.append(time.perf_counter() - began)
    return {
        "cpu_s": round(statistics.median(cpu), 3),
        "clock_s": round(statistics.median(clock), 3),
        "kB": path.stat().st_size // 1024,
    }
