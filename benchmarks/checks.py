"""Checks of a town with 10 000, 100 000 and 1 000 000 manholes, pipes and bays, beside QGIS.

``python -m benchmarks.checks [--sizes S,S] [--runs N] [--no-qgis] [--json F] [--markdown F]``. Each
figure is of a process of its own that reads what it needs and finds; the file is in the page
cache. QGIS reads the same file by its quickest ways (`benchmarks.qgis_checks`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import qgis_beside
from benchmarks.canvas import machine
from benchmarks.check_town import check_town
from benchmarks.clock import ROOT, Facts, Pressure, child, peak_mb, progress, tell

# The five checks, and the rules that make each.
FIVE: Final = {
    "null": ("attribute.required", "manhole.responsible_missing"),
    "duplicate": ("identity.component_id_duplicate",),
    "invalid": ("geometry.invalid",),
    "dangling": ("pipe.end_without_node", "pipe.end_off_node"),
}
WORDS: Final = {
    "null": "required fields empty, all layers",
    "duplicate": "component ids twice",
    "invalid": "invalid shapes, all layers",
    "dangling": "pipe ends without a node, or off it",
    "five": "these together",
    "all": "all checks, and completeness",
}
TIMES: Final = 5.0
LONGEST_S: Final = 40.0
GROWTH: Final = 12.0
_LAYERS: Final = ("manhole", "pipe_line", "parking_bay")
_DEFAULT_FOLDER: Final = Path(tempfile.gettempdir()) / "hjgis-bench"


def measured(path: Path, names: Sequence[str]) -> Facts:
    """Run rules in this process.

    All checks: from before the project is opened, completeness included. Some of them: with the
    project open and the program loaded, as QGIS is when it is asked.
    """
    from hjgis.checks import runner
    from hjgis.layers.project import Project

    started, cpu = time.perf_counter(), time.process_time()
    # As the window opens it: a large file is looked through for damage afterwards.
    with Project.open(path, write=False, checked_later=True) as project:
        if names:
            runner.run(project, only=["record"], measured=False)
            started, cpu = time.perf_counter(), time.process_time()
        report = runner.run(project, only=names, measured=not names)
        took, used = time.perf_counter() - started, time.process_time() - cpu
    assert not report.failed, report.failed
    return {
        "s": round(took, 3),
        "cpu_s": round(used, 3),
        "found": dict(report.summary),
        "peak_mb": peak_mb(),
    }


def _ours(path: Path, runs: int) -> Facts:
    asked: dict[str, Sequence[str]] = dict(FIVE)
    asked["five"] = [rule for rules in FIVE.values() for rule in rules]
    asked["all"] = ()
    facts: Facts = {}
    for name, rules in asked.items():
        progress(f"{path.stem}: {WORDS[name]}")
        command = [sys.executable, "-m", "benchmarks.checks", "--child", str(path), *rules]
        done = [child(command) for _ in range(runs)]
        wrong = next((one for one in done if "error" in one), None)
        if wrong:
            raise SystemExit(f"{name}: {wrong['error']}")
        middle = sorted(done, key=lambda one: one["s"])[len(done) // 2]
        facts[name] = middle | {"cpu_s": statistics.median(one["cpu_s"] for one in done)}
    return facts


def _required() -> dict[str, list[str]]:
    from hjgis.models.catalogue_files import catalogue

    types = catalogue().types
    return {
        name: [field.name for field in types[name].fields if field.required and not field.when]
        for name in _LAYERS
    }


def _theirs(path: Path, runs: int, folder: Path) -> Facts:
    progress(f"{path.stem}: QGIS")
    required = json.dumps(_required())
    script = str(ROOT / "benchmarks" / "qgis_checks.py")
    profile = str(folder / "qgis-checks")
    return child([qgis_beside.PYTHON, script, str(path), required, str(runs), profile])


def page(results: Facts) -> str:
    """Return the figures as a page of Markdown."""
    machine_facts = "; ".join(f"{key} {value}" for key, value in results["machine"].items())
    lines = [
        "# Checks, measured",
        "",
        "Made by `./dev bench checks`; do not edit. A town of so many manholes, pipes and parking"
        " bays each. All checks: from the opening of the project on. Some of them: with the project"
        " open, each in a process of its own; QGIS reads the same open file by the quickest of"
        " its honest ways.",
        "",
        f"* {results['on']}, {machine_facts}",
        f"* share of time in which some task waited for a core: {results['pressure']}",
        "",
    ]
    sizes = results["sizes"]
    for size, facts in sizes.items():
        lines += [f"## {size}", "", "| check | hjgis s | CPU s | MB | found | QGIS s | times |"]
        lines.append("|---|---:|---:|---:|---:|---:|---:|")
        lines += [_row(name, facts) for name in WORDS]
        lines.append("")
    lines += ["## Targets", "", *_targets(sizes), ""]
    return "\n".join(lines)


def _row(name: str, facts: Facts) -> str:
    ours, theirs = facts["ours"][name], _qgis_s(name, facts.get("qgis"))
    found = sum(ours["found"].values())
    beside = "" if theirs is None else f"{theirs:.2f}"
    times = "" if theirs is None else f"{theirs / ours['s']:.1f}"
    figures = f"{ours['s']:.2f} | {ours['cpu_s']:.2f} | {ours['peak_mb']:.0f} | {found}"
    return f"| {WORDS[name]} | {figures} | {beside} | {times} |"


def _qgis_s(name: str, facts: Facts | None) -> float | None:
    if not facts or "error" in facts:
        return None
    alone = {key: facts[key]["s"] for key in ("null", "duplicate", "dangling")}
    alone["invalid"] = facts["invalid_bays"]["s"] + facts["invalid_pipes"]["s"]
    if name == "five":
        return float(sum(alone.values()))
    return alone.get(name)


def _targets(sizes: Facts) -> list[str]:
    largest = sizes.get("1M")
    if largest is None:
        return ["Not measured at 1M."]
    told = []
    theirs, ours = _qgis_s("five", largest.get("qgis")), largest["ours"]["five"]["s"]
    if theirs is not None:
        told.append((f"the five at least {TIMES:g} times QGIS's best", theirs / ours, TIMES, ">="))
    whole = largest["ours"]["all"]["s"]
    told.append((f"all checks within {LONGEST_S:g} s", whole, LONGEST_S, "<="))
    if "100k" in sizes:
        growth = whole / sizes["100k"]["ours"]["all"]["s"]
        told.append((f"from 100k to 1M at most {GROWTH:g} times as long", growth, GROWTH, "<="))
    return [
        f"* {words}: {value:.1f}, {'met' if (value >= limit) == (sign == '>=') else 'NOT met'}"
        for words, value, limit, sign in told
    ]


def main() -> None:
    """Measure, and write what was asked for."""
    if "--child" in sys.argv:
        path, *rules = sys.argv[sys.argv.index("--child") + 1 :]
        tell(measured(Path(path), rules))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10k,100k,1M")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=_DEFAULT_FOLDER)
    parser.add_argument("--no-qgis", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    pressure, sizes = Pressure(), {}
    with_qgis = not given.no_qgis and qgis_beside.is_there()
    for size in given.sizes.split(","):
        path, planted = check_town(given.folder, size)
        sizes[size] = {"planted": planted, "ours": _ours(path, given.runs)}
        if with_qgis:
            sizes[size]["qgis"] = _theirs(path, given.runs, given.folder)
    results = {
        "on": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "pressure": pressure.share(),
        "sizes": sizes,
    }
    if given.json:
        given.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")
    text = page(results)
    if given.markdown:
        given.markdown.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
