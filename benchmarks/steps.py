"""One group of canvas measurements in a process of its own: its facts are its last line.

``python -m benchmarks.steps STEP PROJECT [--layer L] [--runs N]``; started by `benchmarks.canvas`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, Qt, QTimer

from benchmarks import program
from benchmarks.clock import Facts, median, ms, peak_mb, share, tell
from benchmarks.program import LiveMap
from benchmarks.town import CENTRE, LAYERS
from hjgis.layers.project import Project
from hjgis.layers.texts import LabelTexts
from hjgis.render.frame import MapFrame

# Metres from left to right.
WIDTHS_M: Final = {"mid": 2000.0, "street": 500.0}
ZOOMS: Final = (1, 1.5, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 160)
CANDIDATES: Final = 2000
STEPS: Final = 60
STEP_MS: Final = 16
_PAN_PX: Final = ((20, 6), (-6, 20), (-20, -6), (6, -20))
_ZOOM: Final = 1.05
_ROUNDS: Final = 3


def views(project: Project) -> dict[str, MapFrame]:
    """Return the frames that everything is drawn in."""
    frames = {"full": program.full_view(project)}
    return frames | {name: program.view(CENTRE, width) for name, width in WIDTHS_M.items()}


# -- pictures ----------------------------------------------------------------------------------


def redraw(path: Path, runs: int) -> Facts:
    """Measure painting from nothing, each layer alone and all together."""
    with Project.open(path, write=False, verify=False) as project:
        sources = program.sources(project, list(LAYERS))
        frames = views(project)
        width = frames["full"].m_per_px * program.WIDTH_PX
        facts: Facts = {
            "views": {name: _plain(frame) for name, frame in frames.items()},
            "bytes": {
                name: round(program.bytes_a_feature(source.columns), 1)
                for name, source in sources.items()
            },
            "in_view": {
                name: {layer: program.in_view(source, frame) for layer, source in sources.items()}
                for name, frame in frames.items()
            },
            "redraw": {},
            "zooms": {},
        }

        def drawn(frame: MapFrame, layers: Sequence[str]) -> float:
            # Lowest first: the points lie on top.
            chosen = [sources[layer] for layer in reversed(layers)]
            return median(ms(lambda: program.redraw(project, frame, chosen), runs))

        for group in (*((layer,) for layer in LAYERS), tuple(LAYERS)):
            name = group[0] if len(group) == 1 else "all"
            facts["redraw"][name] = {key: drawn(frame, group) for key, frame in frames.items()}
            facts["zooms"][name] = {
                f"x{zoom:g}": drawn(program.view(CENTRE, width / zoom), group) for zoom in ZOOMS
            }
        every = [sources[layer] for layer in reversed(LAYERS)]
        facts |= _labelled(project, frames["mid"], every, runs)
        facts["labels"] = _labels(project, sources["well"], runs)
    return facts | {"peak_mb": peak_mb()}


def _plain(frame: MapFrame) -> Facts:
    """Return a frame in numbers that QGIS understands."""
    return {
        "centre": [frame.center_x, frame.center_y],
        "m_per_px": frame.m_per_px,
        "width_px": round(frame.width_px),
        "height_px": round(frame.height_px),
    }


def _labelled(
    project: Project, frame: MapFrame, layers: Sequence[program.MapSource], runs: int
) -> Facts:
    """Measure a view with labels, when their texts are still to be read and when they are there."""
    texts = LabelTexts(project.reader)
    try:
        work = lambda: program.redraw_labelled(texts, frame, layers)  # noqa: E731
        started = time.perf_counter()
        work()
        first = (time.perf_counter() - started) * 1000
        return {"labelled_mid_first": round(first, 3), "labelled_mid": median(ms(work, runs))}
    finally:
        texts.close()


def _labels(project: Project, source: program.MapSource, runs: int) -> Facts:
    """Measure placing and drawing the labels of a view with 2 000 points in it."""
    low, high = 100.0, 10_000.0
    while high - low > 1:
        width = (low + high) / 2
        few = program.in_view(source, program.view(CENTRE, width)) < CANDIDATES
        low, high = (width, high) if few else (low, width)
    frame = program.view(CENTRE, high)
    with program.label_writer(project, frame, source) as write:
        times = ms(write, runs)
        return {"candidates": program.in_view(source, frame), "placed": write()} | {
            "ms": median(times)
        }


# -- reading -------------------------------------------------------------------------------------


def load(path: Path, layer: str) -> Facts:
    """Measure reading one layer into a canvas, the first time in this process."""
    program.application()
    with Project.open(path, write=False, verify=False) as project:
        frame = program.full_view(project)
        started = time.perf_counter()
        with program.open_layer(project, layer, frame) as live:
            first = program.until_drawn(live, lambda: live.shows_something)
            complete = first
            if not live.is_complete:
                complete = program.until_drawn(live, lambda: live.is_complete)
            live.wait()
    return {
        "first_ms": round((first - started) * 1000, 1),
        "complete_ms": round((complete - started) * 1000, 1),
        "peak_mb": peak_mb(),
    }


# -- the window ----------------------------------------------------------------------------------


def window(path: Path, runs: int) -> Facts:
    """Measure moving about, picking, snapping and editing in the main window."""
    paints: list[float] = []
    heard: list[float] = []
    program.time_paints(paints)
    program.time_follow(heard)
    program.application()
    with program.open_window(path) as live:
        frames = views(live.project)
        facts: Facts = {
            "size_px": [live.canvas.width(), live.canvas.height()],
            "pan": {name: _moved(live, frame, _pan, paints) for name, frame in frames.items()},
            "zoom": {name: _moved(live, frame, _zoom, paints) for name, frame in frames.items()},
            "pick": {name: _asked(live.pick, frame) for name, frame in frames.items()},
            "snap": {name: _asked(live.snap, frame) for name, frame in frames.items()},
            "edit": {name: _edited(live, frame, heard, runs) for name, frame in frames.items()},
        }
    return facts | {"peak_mb": peak_mb()}


def _pan(live: LiveMap, step: int) -> None:
    live.canvas.pan_by(*_PAN_PX[step * len(_PAN_PX) // STEPS])


def _zoom(live: LiveMap, step: int) -> None:
    live.canvas.zoom_by(_ZOOM if step < STEPS / 2 else 1 / _ZOOM, (400.0, 300.0))


def _moved(
    live: LiveMap, frame: MapFrame, move: Callable[[LiveMap, int], None], paints: list[float]
) -> Facts:
    """Measure 60 steps, one every 16 ms, a few times over."""
    all_paints: list[float] = []
    gaps: list[float] = []
    sharp: list[float] = []
    pictures: list[float] = []
    for _ in range(_ROUNDS):
        live.canvas.set_frame(frame)
        live.wait()
        paints.clear()
        ticks, drawn = _steps(live, move)
        all_paints += paints
        gaps += [(b - a) * 1000 for a, b in pairwise(ticks)]
        pictures.append(drawn)
        started = time.perf_counter()
        live.wait()
        # The wait itself looks five times whether anything is left to do.
        sharp.append(max((time.perf_counter() - started) * 1000 - 50, 0))
    return {
        "paint_p95": share(all_paints, 0.95),
        "paint_max": round(max(all_paints), 2),
        "gap_p95": share(gaps, 0.95),
        "gap_max": round(max(gaps), 2),
        "pictures": median(pictures),
        "sharp_ms": median(sharp),
    }


def _steps(live: LiveMap, move: Callable[[LiveMap, int], None]) -> tuple[list[float], int]:
    """Return the moments of the steps and how many pictures came meanwhile."""
    loop, timer = QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer, interval=STEP_MS)
    ticks: list[float] = []
    drawn: list[float] = []
    note = lambda: drawn.append(time.perf_counter())  # noqa: E731

    def tick() -> None:
        ticks.append(time.perf_counter())
        if len(ticks) > STEPS:
            loop.quit()
        else:
            move(live, len(ticks) - 1)

    live.canvas.drawn.connect(note)
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    live.canvas.drawn.disconnect(note)
    return ticks, len(drawn)


def _asked(ask: Callable[[float, float, float], object], frame: MapFrame) -> Facts:
    """Measure questions about places all over the frame."""
    times, found = [], 0
    for number in range(200):
        # A low-discrepancy walk: the same places every time, spread evenly.
        x_px = (number * 0.7548776662) % 1 * frame.width_px
        y_px = (number * 0.5698402910) % 1 * frame.height_px
        x, y = frame.to_map(x_px, y_px)
        started = time.perf_counter()
        found += bool(ask(x, y, frame.m_per_px))
        times.append((time.perf_counter() - started) * 1000)
    return {"ms": median(times), "p95": share(times, 0.95), "found": found}


def _edited(live: LiveMap, frame: MapFrame, heard: list[float], runs: int) -> Facts:
    """Measure one edit after the other, each until the map shows it."""
    live.canvas.set_frame(frame)
    live.wait()
    whole, shown = [], []
    fid = live.nearest("well", *CENTRE)
    for number in range(2 * runs):
        edit = live.nudge("well", fid, 0.5 if number % 2 else -0.5)
        heard.clear()
        started = time.perf_counter()
        QTimer.singleShot(0, lambda edit=edit: live.apply(edit))
        moment = program.until_drawn(live, lambda: bool(heard))
        whole.append((moment - started) * 1000)
        shown.append((moment - heard[0]) * 1000)
        live.wait()
    return {"whole_ms": median(whole), "redraw_ms": median(shown), "redraw_max": max(shown)}


def main() -> None:
    """Do one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["redraw", "load", "window"])
    parser.add_argument("project", type=Path)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--layer", default="well", choices=[*LAYERS])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    program.use_styles(given.styles)
    if given.step == "redraw":
        program.application()
        tell(redraw(given.project, given.runs))
    elif given.step == "load":
        tell(load(given.project, given.layer))
    else:
        tell(window(given.project, given.runs))


if __name__ == "__main__":
    main()
