"""Times, shares and memory of the running process."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Facts = dict[str, Any]


def ms(work: Callable[[], object], runs: int) -> list[float]:
    """Return the milliseconds of each run, after one that is not counted."""
    work()
    result = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        result.append((time.perf_counter() - started) * 1000)
    return result


def median(values: Sequence[float]) -> float:
    """Return the middle, rounded to what can be trusted."""
    return round(statistics.median(values), 3)


def share(values: Sequence[float], part: float) -> float:
    """Return the value that a part of all values does not exceed."""
    ordered = sorted(values)
    return round(ordered[min(int(part * len(ordered)), len(ordered) - 1)], 3)


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss would count the pages of the parent from before this program was started.
        lines = status.read_text().splitlines()
        return round(_kilobytes(lines, "VmHWM") / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def resident_mb() -> float:
    """Return the memory that this process has now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(_kilobytes(lines, "VmRSS") / 1024, 1)


def _kilobytes(lines: Sequence[str], key: str) -> float:
    return next(float(line.split()[1]) for line in lines if line.startswith(key))


def child(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, longest_s: float = 900
) -> Facts:
    """Run a program that says its facts as JSON in its last line; ``error`` if it does not."""
    started = time.monotonic()
    surroundings = {**os.environ, **(env or {}), "HJGIS_BENCH_STARTED": repr(started)}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=longest_s
        )
    except subprocess.TimeoutExpired:
        return {"error": f"took more than {longest_s:.0f} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"error": f"left with {done.returncode}: {done.stderr.strip()[-1500:]}"}
    facts: Facts = json.loads(lines[-1])
    return facts


class Pressure:
    """How busy the machine was with other work: a figure beside which others are read."""

    def __init__(self) -> None:
        self._start, self._waited = time.monotonic(), _waited_s()

    def share(self) -> float:
        """Return the share of time in which some task waited for a core, since the beginning."""
        passed = time.monotonic() - self._start
        return round((_waited_s() - self._waited) / max(passed, 1e-9), 2)


def _waited_s() -> float:
    pressure = Path("/proc/pressure/cpu")
    try:
        return int(pressure.read_text().split("total=")[1].split()[0]) / 1e6
    except (OSError, IndexError):
        return 0.0


def tell(facts: Facts) -> None:
    """Say facts to the program that started this one."""
    print(json.dumps(facts, ensure_ascii=False), flush=True)


def progress(words: str) -> None:
    """Say what is being measured."""
    print(words, file=sys.stderr, flush=True)
