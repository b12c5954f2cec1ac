"""Map sheets against their targets, and QGIS layouts beside them where it is installed.

``python -m benchmarks.print [--json OUT] [--size 100k] [--data FOLDER] [--no-qgis] [--runs N]``.
Both make A3 sheets of the same layers of the same file (`benchmarks.town`) with the same classes
and labels. Processor time is compared, the clock is told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path
from typing import Final

from benchmarks import town
from benchmarks.clock import ROOT, Facts
from benchmarks.program import use_styles
from benchmarks.qgis_beside import COLORS, PYTHON, is_there
from benchmarks.stopwatch import timed
from hjgis.cartography.composition import Composer, MapJob, Place
from hjgis.cartography.output import render_sheet
from hjgis.cartography.pdf_file import sheets_pdf
from hjgis.layers.project import Project
from hjgis.models.sheets import sheet
from hjgis.render.fonts import ensure_application

SHEET: Final = "a3-landscape"
TOWN_SCALE: Final = 10_000
STREET_SCALE: Final = 2000
_STEP_M: Final = (520.0, 480.0)


def centers(count: int) -> list[tuple[float, float]]:
    """Return the middles of so many sheets, five in a row."""
    x, y = town.CENTRE
    rows = -(-count // 5)
    return [
        (x + (i % 5 - 2) * _STEP_M[0], y + (i // 5 - (rows - 1) / 2) * _STEP_M[1])
        for i in range(count)
    ]


def series(project: Project, out: Path, count: int) -> None:
    """Make one PDF of so many street maps."""
    places = [Place(center, STREET_SCALE) for center in centers(count)]
    job = MapJob(project, sheet=SHEET, scale=STREET_SCALE, center=town.CENTRE)
    composer = Composer(job, places)
    with sheets_pdf(out, composer.sheet.paper_mm, "series") as pdf:
        for place in places:
            pdf.add(composer.page(place))


def ours(file: Path, folder: Path, runs: int) -> Facts:
    """Make all sheets, in the classes and with the labels that QGIS is asked for."""
    use_styles(folder / "resources")
    ensure_application()
    out = folder / "ours.pdf"
    with Project.open(file, write=False, verify=False) as project:

        def single(scale: int) -> Facts:
            return timed(
                lambda: render_sheet(
                    MapJob(project, sheet=SHEET, scale=scale, center=town.CENTRE), out
                ),
                out,
                runs,
            )

        return {
            "town 1:10 000": single(TOWN_SCALE),
            "street 1:2 000": single(STREET_SCALE),
            "series of 20": timed(lambda: series(project, out, 20), out, 1),
            "series of 50": timed(lambda: series(project, out, 50), out, 1),
        }


def qgis(file: Path, folder: Path, runs: int) -> Facts:
    """Let QGIS make all sheets."""
    box = sheet(SHEET).map_mm
    same: Facts = {"map_mm": [box.x, box.y, box.width, box.height], "center": town.CENTRE}
    street = same | {"scale": STREET_SCALE, "labels": True}
    request = {
        "project": str(file),
        "kinds": town.KINDS_OF,
        "colors": COLORS,
        "folder": str(folder),
        "profile": str(folder / "library"),
        "runs": runs,
        "sheets": {
            "town 1:10 000": same | {"scale": TOWN_SCALE, "labels": False},
            "street 1:2 000": street,
            "series of 20": street | {"centers": centers(20)},
            "series of 50": street | {"centers": centers(50)},
        },
    }
    asked, answer = folder / "print-request.json", folder / "print-answer.json"
    asked.write_text(json.dumps(request, ensure_ascii=False), "utf-8")
    answer.unlink(missing_ok=True)
    command = [PYTHON, str(ROOT / "benchmarks" / "qgis_print.py"), str(asked), str(answer)]
    surroundings = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command,
        env=surroundings | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if not answer.exists():
        return {"error": done.stderr.strip()[-1500:]}
    facts: Facts = json.loads(answer.read_text("utf-8"))
    return facts


def table(result: Facts) -> str:
    """Return what was measured as lines of Markdown."""
    lines = [
        "| PDF | hjgis CPU s | kB | QGIS CPU s | kB | times faster |",
        "|---|---|---|---|---|---|",
    ]
    for name, own in result["hjgis"].items():
        other = result.get("qgis", {}).get(name)
        peer = (
            f"{other['cpu_s']} | {other['kB']} | {other['cpu_s'] / own['cpu_s']:.1f}"
            if other
            else " | | "
        )
        lines.append(f"| {name} | {own['cpu_s']} | {own['kB']} | {peer} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--size", choices=town.SIZES, default="100k")
    parser.add_argument("--data", type=Path, default=ROOT / "build/bench")
    parser.add_argument("--no-qgis", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    file = town.town(chosen.data, chosen.size)
    result: Facts = {"hjgis": ours(file, chosen.data, chosen.runs)}
    if not chosen.no_qgis and is_there():
        result["qgis"] = qgis(file, chosen.data, chosen.runs)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(table(result), result.get("qgis", {}).get("error", ""))


if __name__ == "__main__":
    main()
