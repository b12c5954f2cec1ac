"""The pipe network followed in a town with 100 000 and 1 000 000 pipes, beside QGIS's graph.

``python -m benchmarks.network [--sizes S,S] [--runs N] [--folder F] [--json F] [--markdown F]``.
CPU time of one process, the file in the page cache. QGIS builds its graph of the same layer from
where lines touch and goes the shortest way between the same two nodes (`benchmarks.qgis_network`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import qgis_beside
from benchmarks.canvas import machine
from benchmarks.check_town import check_town
from benchmarks.clock import ROOT, Facts, Pressure, child, peak_mb, progress
from hjgis.layers.project import Project
from hjgis.network import pipes as network
from hjgis.network.profile import profile
from hjgis.network.tracing import Way, trace

# Of a trace, 50 000 pipes.
LIMIT_S: Final = 0.2
LIMIT_PIPES: Final = 50_000
_DEFAULT_FOLDER: Final = Path(tempfile.gettempdir()) / "hjgis-bench"


def _cpu_s(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the CPU seconds of the middle run, and what came of the last one."""
    took, result = [], None
    for _run in range(runs):
        started = time.process_time()
        result = work()
        took.append(time.process_time() - started)
    return statistics.median(took), result


def measured(path: Path, runs: int, folder: Path) -> Facts:
    """Read the pipes, follow them, go from one end of a street to the other."""
    with Project.open(path, write=False, checked_later=True) as project:
        read_s, pipes = _cpu_s(lambda: network.read(project), runs)
        catalogue, count = project.catalogue, pipes.network.count
        every = range(count)
        one_s, _one = _cpu_s(lambda: trace(pipes, catalogue, Way.ALL, nodes=[0]), runs)
        all_s, whole = _cpu_s(lambda: trace(pipes, catalogue, Way.ALL, nodes=every), runs)
        joined = trace(pipes, catalogue, Way.ALL, nodes=[0])
        far = pipes.network.node_xy[joined.nodes] - pipes.network.node_xy[0]
        last = int(joined.nodes[np.argmax(np.hypot(*far.T))])
        way_s, way = _cpu_s(lambda: profile(pipes, catalogue, [0, last]), runs)
        ends = [",".join(map(str, pipes.network.node_xy[node].tolist())) for node in (0, last)]
    facts: Facts = {
        "read_s": read_s, "one_s": one_s, "all_s": all_s, "way_s": way_s, "pipes": len(pipes.lines),
        "reached": len(whole.lines), "on_way": len(way.reaches), "length_m": round(way.length_m, 2),
        "peak_mb": peak_mb(),
    }  # fmt: skip
    if qgis_beside.is_there():
        progress(f"{path.stem}: QGIS")
        script, own = str(ROOT / "benchmarks" / "qgis_network.py"), str(folder / "qgis-network")
        facts["qgis"] = child([qgis_beside.PYTHON, script, str(path), *ends, str(runs), own])
    return facts


def page(results: Facts) -> str:
    """Return the figures as a page of Markdown."""
    lines = [
        "# The pipe network, measured",
        "",
        f"Made by `./dev bench network`; do not edit. CPU seconds, runs: {results['runs']}. hjgis"
        " reads which pipe ends at which node with the levels that a profile needs; QGIS builds"
        " its graph from where lines touch.",
        "",
        f"* {results['on']}, " + "; ".join(f"{k} {v}" for k, v in results["machine"].items()),
        f"* share of time in which some task waited for a core: {results['pressure']}",
        "",
        "| pipes | hjgis reads | QGIS reads | followed from one node | all followed | profile |"
        " QGIS's shortest way | MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for facts in results["sizes"].values():
        theirs = facts.get("qgis", {})
        figures = [
            f"{facts['pipes']:,}", f"{facts['read_s']:.2f}", _told(theirs, "read_cpu_s"),
            f"{facts['one_s']:.3f}", f"{facts['all_s']:.3f}",
            f"{facts['way_s']:.3f}", _told(theirs, "way_cpu_s"), f"{facts['peak_mb']:.0f}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(figures) + " |")
    lines += ["", *_target(results["sizes"]), ""]
    return "\n".join(lines)


def _told(facts: Facts, name: str) -> str:
    return f"{facts[name]:.2f}" if name in facts else ""


def _target(sizes: Facts) -> list[str]:
    facts = next(iter(sizes.values()))
    took = facts["all_s"] * LIMIT_PIPES / max(facts["reached"], 1)
    met = "met" if took <= LIMIT_S else "NOT met"
    return [f"Target: {LIMIT_PIPES:,} pipes followed in {LIMIT_S:g} s. {met}: {took:.3f} s."]


def main() -> None:
    """Measure, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100k,1M")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=_DEFAULT_FOLDER)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    pressure, sizes = Pressure(), {}
    for size in given.sizes.split(","):
        path, _planted = check_town(given.folder, size)
        progress(f"{size}: hjgis")
        sizes[size] = measured(path, given.runs, given.folder)
    results: Facts = {
        "on": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "pressure": pressure.share(),
        "runs": given.runs,
        "sizes": sizes,
    }
    if given.json:
        given.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")
    if given.markdown:
        given.markdown.write_text(page(results), "utf-8")
    print(page(results))


if __name__ == "__main__":
    main()
