"""Layers as GBK shapefiles in another system, beside QGIS's writer and ogr2ogr.

``python -m benchmarks.export [--rows N …] [--runs N] [--json OUT] [--markdown OUT]``. All three
read the same GeoPackage, twelve attributes a feature with values that shapefiles dislike, and
write the same layer, one after the other in the same run. Of hjgis and QGIS the call is measured
that writes, of ogr2ogr the program; memory is the most that the process ever had. What hjgis does
includes looking at all values first, the list of what is lost, and reading back what was written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.canvas import machine
from benchmarks.clock import ROOT, Facts, Pressure, child, peak_mb, progress, tell
from benchmarks.export_town import project

LAYERS: Final = ("well", "pipe", "bay")
CRS: Final = "EPSG:4490"
# So many times faster than both, at a million.
TARGET: Final = 1.5
_LOOK_S: Final = 0.05
_PYTHON: Final = "/usr/bin/python3"
_QGIS: Final = Path(__file__).with_name("qgis_export.py")
_FIGURES: Final = ("cpu_seconds", "seconds", "memory_mb", "told")


def write_ours(source: Path, layer: str, out: Path) -> None:
    """Write one layer and say how long it took; in a process of its own."""
    from hjgis.exchange import exporting
    from hjgis.exchange.outgoing import Selection, Writing
    from hjgis.layers.project import Project
    from hjgis.models.crs import parse_crs

    with Project.open(source, write=False, verify=False) as opened:
        started, began = time.process_time(), time.perf_counter()
        chosen = Selection({layer: opened.store.fids(layer)})
        report = exporting.write(opened, out, chosen, Writing("shp", parse_crs(CRS)))
        facts = {
            "cpu_seconds": time.process_time() - started,
            "seconds": time.perf_counter() - began,
        }
    tell(facts | {"memory_mb": peak_mb(), "told": len(report.layers[0].losses)})


def ours(source: Path, layer: str, folder: Path) -> Facts:
    """Return what hjgis takes."""
    words = ["--ours", str(source), layer, str(folder / "ours")]
    return child([sys.executable, "-m", "benchmarks.export", *words])


def qgis(source: Path, layer: str, folder: Path) -> Facts:
    """Return what QGIS takes."""
    words = [str(source), layer, str(folder / f"{layer}.shp"), CRS]
    return child([_PYTHON, str(_QGIS), *words])


def ogr(source: Path, layer: str, folder: Path) -> Facts:
    """Return what ogr2ogr takes; it tells of a kind of loss once, whatever their number."""
    out = folder / "ogr.shp"
    command = ["ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", "-t_srs", CRS]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*command, out, source, layer], stderr=said)
        memory = 0.0
        # What the system sums up of a child counts the pages of its parent, too.
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            memory = max(memory, _peak_mb(process.pid))
            time.sleep(_LOOK_S)
        _pid, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().splitlines()
    if process.returncode:
        return {"error": b"\n".join(lines).decode("utf-8", "replace")}
    return {
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "seconds": time.perf_counter() - began,
        "memory_mb": memory,
        "told": sum(line.startswith(b"Warning") for line in lines),
    }


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


PROGRAMS: Final[dict[str, Callable[[Path, str, Path], Facts]]] = {
    "hjgis": ours,
    "QGIS": qgis,
    "ogr2ogr": ogr,
}


def measured(scratch: Path, rows: int, runs: int) -> dict[str, Any]:
    """Return the medians of all programs for each layer of a town."""
    progress(f"{rows}: data")
    source = project(scratch, rows)
    figures: dict[str, Any] = {}
    for layer in LAYERS:
        found: dict[str, list[Facts]] = {name: [] for name in _there()}
        for _run in range(runs):
            for name, results in found.items():
                progress(f"{rows} {layer}: {name}")
                folder = Path(tempfile.mkdtemp(dir=scratch))
                facts = PROGRAMS[name](source, layer, folder)
                shutil.rmtree(folder)
                if "error" in facts:
                    raise SystemExit(f"{name}: {facts['error']}")
                results.append(facts)
        figures[layer] = {
            name: {key: statistics.median(facts[key] for facts in results) for key in _FIGURES}
            for name, results in found.items()
        }
    return figures


def _there() -> list[str]:
    """Return which programs this machine has."""
    looked = [_PYTHON, "-c", "import qgis.core"]
    has_qgis = Path(_PYTHON).exists() and not subprocess.run(looked, capture_output=True).returncode
    has = {"hjgis": True, "QGIS": has_qgis, "ogr2ogr": shutil.which("ogr2ogr") is not None}
    return [name for name, there in has.items() if there]


def page(results: Facts) -> str:
    """Return the figures as a page."""
    machine_ = ", ".join(f"{key} {value}" for key, value in results["machine"].items())
    lines = [
        "# Export to shapefiles, measured",
        "",
        "Made by `./dev bench export --markdown docs/benchmarks-export.md`; do not edit.",
        "",
        "The same rows of the same GeoPackage, twelve attributes a feature, from EPSG:4545 to"
        f" {CRS} as GBK shapefiles; {results['date']}. {machine_}. Other work waited for a core"
        f" {results['pressure']:.0%} of the time: CPU seconds are what is to be compared.",
        "",
        "| features | layer | program | CPU s | clock s | peak MB | losses told | slower by |",
        "|---:|---|---|---:|---:|---:|---:|---:|",
    ]
    for rows, layers in results["figures"].items():
        for layer, programs in layers.items():
            first = programs["hjgis"]["cpu_seconds"]
            for name, facts in programs.items():
                figures = f"{facts['cpu_seconds']:.2f} | {facts['seconds']:.2f}"
                share = "" if name == "hjgis" else f"{facts['cpu_seconds'] / first:.1f}"
                lines.append(
                    f"| {int(rows):,} | {layer} | {name} | {figures}"
                    f" | {_rounded(facts['memory_mb'])} | {facts['told']:.0f} | {share} |"
                )
    lines += [
        "",
        "hjgis looks at all values before it writes the first, so that it can tell each one that a"
        " shapefile cannot hold: signs that GBK lacks, text over 254 bytes, empty text. Afterwards"
        " it reads the files back. Its list and the dictionary of columns, a workbook, are in the"
        " figures; with few features they are half of them. QGIS and ogr2ogr lose the same values"
        " and cut text at byte 254, where that falls into a character, too; QGIS tells of none,"
        " ogr2ogr of each kind once.",
        "",
        *_verdict(results["figures"]),
        "",
    ]
    return "\n".join(lines)


def _rounded(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.0f}"


def _verdict(figures: Facts) -> list[str]:
    rows, layers = max(figures.items(), key=lambda entry: int(entry[0]))
    shares = [
        facts["cpu_seconds"] / programs["hjgis"]["cpu_seconds"]
        for programs in layers.values()
        for name, facts in programs.items()
        if name != "hjgis"
    ]
    if not shares:
        return []
    met = "met" if min(shares) >= TARGET else "missed"
    return [
        f"Target: {TARGET} times faster than both with {int(rows):,} features. {met}:"
        f" {min(shares):.1f} to {max(shares):.1f} times."
    ]


def main() -> None:
    """Measure, print, write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=ROOT / "build/bench/export")
    parser.add_argument("--json", type=Path, default=ROOT / "build/bench/export.json")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--ours", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ours:
        source, layer, out = given.ours
        return write_ours(Path(source), layer, Path(out))
    pressure = Pressure()
    figures = {str(rows): measured(given.scratch, rows, given.runs) for rows in given.rows}
    results: Facts = {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "pressure": pressure.share(),
        "figures": figures,
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(page(results))
    if given.markdown:
        given.markdown.write_text(page(results), "utf-8")
    return None


if __name__ == "__main__":
    main()
