"""What the attribute form costs: the first one, the next ones, and one over 5 000 features.

``python -m benchmarks.form [--json]``: CPU time of this process, in milliseconds; the layout of
what is shown is part of it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shapely
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from benchmarks import clock
from benchmarks.clock import Facts
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.ui.app import start_qt
from hjgis.ui.bridge import Bridge
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.selection import Selection

_MANY: Final = 5000
_TIMES: Final = 20
_LAYER: Final = "manhole"


def main() -> None:
    """Measure and print a table; with ``--json``, the middle times as JSON too."""
    facts = measured()
    if "--json" in sys.argv:
        clock.tell(facts)


def measured() -> Facts:
    """Return the middle of the times of each thing that is done, milliseconds."""
    facts: Facts = {}

    def tell(what: str, times_ms: list[float]) -> None:
        facts[what] = round(statistics.median(times_ms), 1)
        print(f"{what:<44}{facts[what]:>8.1f}{max(times_ms):>8.1f} ms")

    start_qt([])
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "form.gpkg") as project,
    ):
        fill(project)
        selection = Selection()
        panel = AttributesPanel(project, Bridge(project.session), selection)
        panel.resize(280, 640)
        panel.show()
        settle()
        facts["fields"] = len(project.asset_type(_LAYER).fields)
        print(f"{'fields of the kind':<44}{facts['fields']:>8}")
        tell("first form, made cold", [cpu_ms(selecting(selection, [1]))])
        tell("another feature", [cpu_ms(selecting(selection, [n])) for n in range(2, _TIMES)])
        tell("a value typed and stored", [cpu_ms(typing(panel, n)) for n in range(_TIMES)])
        tell("folded groups unfolded", [cpu_ms(unfolding(panel))])
        everything = range(1, _MANY + 1)
        some = everything[: _MANY - 2]
        times = []
        for _ in range(_TIMES // 2):
            times += [cpu_ms(selecting(selection, fids)) for fids in (everything, some)]
        tell(f"{_MANY} selected", times)
        scattered = [fid for fid in everything if fid % 7]
        times = []
        for _ in range(_TIMES // 2):
            times += [cpu_ms(selecting(selection, fids)) for fids in (scattered, scattered[1:])]
        tell(f"{len(scattered)} selected, with gaps", times)
    return facts


def fill(project: Project) -> None:
    """Add manholes of which all differ in some fields."""
    dice = np.random.default_rng(7)
    places = dice.uniform(0, 1000, (_MANY, 2)) + np.array([428_000, 4_528_000])
    kinds = [entry.code for entry in project.catalogue.codes("manhole_kind").codes]
    columns = {
        "cover_kind": [kinds[n % len(kinds)] for n in range(_MANY)],
        "exp_no": [f"W{n}" for n in range(_MANY)],
        "ground_elev_m": dice.uniform(1035, 1045, _MANY).round(3).tolist(),
        "built_year": [1990 + n % 30 for n in range(_MANY)],
        "road_name": [f"road {n % 50}" for n in range(_MANY)],
        "cover_shape": ["圆"] * _MANY,
        "responsible_unit": ["住建局" if n % 3 else None for n in range(_MANY)],
    }
    bulk = BulkInsert(_LAYER, shapely.points(places), columns)
    project.session.apply(ChangeSet("import", bulk=(bulk,)))


def selecting(selection: Selection, fids: object) -> Callable[[], None]:
    """Return what selects features and waits until they are shown."""

    def work() -> None:
        selection.set(_LAYER, fids)  # type: ignore[arg-type]
        settle()

    return work


def typing(panel: AttributesPanel, number: int) -> Callable[[], None]:
    """Return what types a value and goes on."""

    def work() -> None:
        form = panel._form
        assert form is not None
        form.editor("maker").put(f"works {number}")
        settle()

    return work


def unfolding(panel: AttributesPanel) -> Callable[[], None]:
    """Return what opens all groups."""

    def work() -> None:
        form = panel._form
        assert form is not None
        for section, _fields in form._groups.values():
            section.set_open(opened=True)
        settle()

    return work


def settle() -> None:
    """Lay out and paint what has changed."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    QApplication.processEvents()


def cpu_ms(work: Callable[[], None]) -> float:
    """Return the CPU time of some work, milliseconds."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


if __name__ == "__main__":
    main()
