"""QGIS beside us: the same file, the same views, the same hour, where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.clock import ROOT, Facts
from benchmarks.town import KINDS_OF

# QGIS belongs to the system's Python, not to ours.
PYTHON: Final = "/usr/bin/python3"
_HERE: Final = Path(__file__).resolve().parent
_DISPLAY: Final = ":87"
COLORS: Final = ("#2f6f9f", "#7a4b1e", "#3c8f4a", "#c8322f", "#e07b1a", "#c9ab12", "#6b4a92")


def is_there() -> bool:
    """Whether QGIS can be asked."""
    if not Path(PYTHON).exists():
        return False
    command = [PYTHON, "-c", "import qgis.core"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Qgis:
    """Asks QGIS about one project file.

    Parameters
    ----------
    views : mapping
        Name to ``centre``, ``m_per_px``, ``width_px`` and ``height_px``.
    """

    def __init__(self, project: Path, views: Facts, folder: Path, runs: int) -> None:
        self._folder = folder / "qgis"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._qgs = self._folder / f"{project.stem}.qgs"
        self._request: Facts = {
            "project": str(project),
            "kinds": KINDS_OF,
            "colors": COLORS,
            "views": views,
            "runs": runs,
            "qgs": str(self._qgs),
            "pictures": str(self._folder),
            "profile": str(self._folder / "library"),
        }

    def drawing(self) -> Facts:
        """Draw in a process that has started, and once in one that has just started."""
        return {"first": self._ask("first"), "redraw": self._ask("redraws")}

    def desktop(self, runs: int) -> Facts:
        """Start the desktop on the project; until its first full map is drawn."""
        if not (shutil.which("qgis") and shutil.which("Xvfb")):
            return {"error": "no qgis or no Xvfb"}
        facts = self._ask("project")
        if "error" in facts:
            return facts
        with display() as surroundings:
            # The first one makes the profile.
            times = [self._start(surroundings) for _ in range(runs + 1)][1:]
        good = [took for took in times if took is not None]
        if not good:
            return {"error": "the desktop drew no map"}
        return facts | {"first_full_map_ms": round(statistics.median(good), 1), "runs": len(good)}

    def _start(self, surroundings: dict[str, str]) -> float | None:
        probe = self._folder / "drawn"
        probe.unlink(missing_ok=True)
        profiles = self._folder / "desktop"
        command = ["qgis", "--nologo", "--noversioncheck", "--profiles-path", str(profiles)]
        command += ["--code", str(_HERE / "qgis_probe.py"), "--project", str(self._qgs)]
        env = surroundings | {"HJGIS_BENCH_PROBE": str(probe)}
        started = time.monotonic()
        subprocess.run(command, env=env, capture_output=True, check=False, timeout=300)
        return (float(probe.read_text()) - started) * 1000 if probe.exists() else None

    def _ask(self, step: str) -> Facts:
        asked, answer = self._folder / "request.json", self._folder / "answer.json"
        asked.write_text(json.dumps(self._request | {"step": step}, ensure_ascii=False), "utf-8")
        answer.unlink(missing_ok=True)
        command = [PYTHON, str(_HERE / "qgis_peer.py"), str(asked), str(answer)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
        )
        if not answer.exists():
            return {"error": done.stderr.strip()[-1500:]}
        facts: Facts = json.loads(answer.read_text("utf-8"))
        return facts


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """Give surroundings with a display that nobody looks at."""
    command = ["Xvfb", _DISPLAY, "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            time.sleep(2)
            yield {**os.environ, "DISPLAY": _DISPLAY, "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()
