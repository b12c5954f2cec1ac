"""The map against its targets, and QGIS beside it where it is installed.

``python -m benchmarks.canvas [--json OUT] [--markdown OUT] [--sizes 10k,100k,1M] [--data FOLDER]
[--no-qgis] [--quick]``. Each group of measurements runs in a process of its own on a copy of a
generated town (`benchmarks.town`), which is kept in the data folder for the next time. ``--from
JSON`` shows stored results again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks import canvas_table, town
from benchmarks.clock import ROOT, Facts, Pressure, child, progress
from benchmarks.qgis_beside import Qgis, display, is_there


class Bench:
    """One run of all measurements."""

    def __init__(self, data: Path, *, runs: int, qgis: bool) -> None:
        self._data, self._runs, self._qgis = data, runs, qgis
        self._work = data / "work"
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        # Compiled modules as an installed program has them, settings of nobody.
        self._env = {
            "PYTHONPYCACHEPREFIX": str(data / "pycache"),
            "PYTHONDONTWRITEBYTECODE": "",
            "HJGIS_CONFIG_DIR": str(self._work / "config"),
            "HJGIS_CACHE_DIR": str(self._work / "cache"),
            "LC_ALL": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def sample(self) -> Facts:
        """Measure how long the sample takes to be on the screen."""
        path = self._work / "sample.gpkg"
        progress("sample: start")
        make = [sys.executable, "-m", "hjgis", "new", str(path), "--sample"]
        subprocess.run(make, cwd=ROOT, env={**os.environ, **self._env}, check=True)
        return {"start": self._start(path)}

    def size(self, name: str) -> Facts:
        """Measure everything at one size."""
        progress(f"{name}: data")
        kept = town.town(self._data, name)
        path = self._work / f"town-{name}.gpkg"
        shutil.copyfile(kept, path)
        facts: Facts = {"megabytes": round(path.stat().st_size / 1e6, 1), "waiting": {}}
        steps: dict[str, Callable[[], Facts]] = {
            "redraw": lambda: self._step("redraw", path, "--runs", str(self._runs)),
            "window": lambda: self._step("window", path, "--runs", str(self._runs)),
            "load": lambda: {layer: self._load(path, layer) for layer in town.LAYERS},
            "start": lambda: self._start(path),
        }
        if self._qgis:
            steps["qgis"] = lambda: self._peer(path, facts["redraw"])
        for step, measure in steps.items():
            progress(f"{name}: {step}")
            pressure = Pressure()
            facts[step] = measure()
            facts["waiting"][step] = pressure.share()
        shutil.rmtree(path.with_name(f"{path.name}.backups"), ignore_errors=True)
        for file in self._work.glob(f"{path.stem}*"):
            if file.is_file():
                file.unlink()
        return facts

    def _step(self, step: str, path: Path, *arguments: str) -> Facts:
        styles = ["--styles", str(self._work / "resources")]
        command = [sys.executable, "-m", "benchmarks.steps", step, str(path), *styles, *arguments]
        return child(command, env=self._env)

    def _load(self, path: Path, layer: str) -> Facts:
        return _medians(self._runs, lambda: self._step("load", path, "--layer", layer))

    def _start(self, path: Path) -> Facts:
        styles = ["--styles", str(self._work / "resources")]
        command = [sys.executable, "-m", "benchmarks.start", str(path), *styles]
        # The very first start makes the day's backup of the file.
        first = child(command, env=self._env)
        facts: Facts = {"first": first}
        if "error" not in first:
            facts["offscreen"] = _medians(self._runs, lambda: child(command, env=self._env))
        if self._qgis and shutil.which("Xvfb") and "error" not in first:
            with display() as surroundings:
                env = self._env | {key: surroundings[key] for key in ("DISPLAY", "QT_QPA_PLATFORM")}
                facts["xvfb"] = _medians(self._runs, lambda: child(command, env=env))
        return facts

    def _peer(self, path: Path, redraw: Facts) -> Facts:
        if "error" in redraw:
            return {"error": "our own views are missing"}
        peer = Qgis(path, redraw["views"], self._work, self._runs)
        return peer.drawing() | {"desktop": peer.desktop(min(self._runs, 3))}


def _medians(runs: int, measure: Callable[[], Facts]) -> Facts:
    """Return the median of every number that a few runs report."""
    results = [measure() for _ in range(runs)]
    failed = next((facts for facts in results if "error" in facts), None)
    if failed is not None:
        return failed
    return {
        key: round(statistics.median(facts[key] for facts in results), 1)
        if isinstance(results[0][key], int | float)
        else results[-1][key]
        for key in results[0]
    } | {"runs": runs}


def machine() -> Facts:
    """Return what the figures depend on."""
    packages = ("PySide6-Essentials", "numpy", "shapely")
    return {
        "cores": os.cpu_count(),
        "cpu": _after("/proc/cpuinfo", "model name", platform.processor()),
        "memory_gb": round(float(_after("/proc/meminfo", "MemTotal", "0").split()[0]) / 1e6, 1),
        "system": _after("/etc/os-release", "PRETTY_NAME", platform.platform()).strip('"'),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    } | {name: version(name) for name in packages}


def _after(path: str, key: str, otherwise: str) -> str:
    """Return what stands behind a key in a file of the system."""
    if Path(path).exists():
        for line in Path(path).read_text("utf-8").splitlines():
            if line.startswith(key):
                return line.partition("=" if "=" in line else ":")[2].strip()
    return otherwise


def _results(given: argparse.Namespace) -> Facts:
    if given.shown:
        stored: Facts = json.loads(given.shown.read_text("utf-8"))
        return stored
    bench = Bench(
        given.data.resolve(), runs=3 if given.quick else 5, qgis=given.qgis and is_there()
    )
    names = ["10k"] if given.quick else given.sizes.split(",")
    results: Facts = {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "sample": bench.sample(),
        "sizes": {},
    }
    for name in names:
        results["sizes"][name] = bench.size(name)
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return results


def main() -> None:
    """Measure, print the table, write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=ROOT / "build/bench/canvas.json")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--from", dest="shown", type=Path, help="show stored results")
    parser.add_argument("--sizes", default=",".join(town.SIZES))
    parser.add_argument("--data", type=Path, default=ROOT / "build/bench")
    parser.add_argument("--no-qgis", dest="qgis", action="store_false")
    parser.add_argument("--quick", action="store_true", help="10k a layer only, fewer runs")
    given = parser.parse_args()
    unknown = set(given.sizes.split(",")) - set(town.SIZES)
    if unknown:
        parser.error(f"no size {', '.join(sorted(unknown))}; there are {', '.join(town.SIZES)}")
    results = _results(given)
    print(canvas_table.summary(results))
    if given.markdown:
        given.markdown.write_text(canvas_table.page(results), "utf-8")


if __name__ == "__main__":
    main()
