"""The program with somebody who draws manholes until it is killed: ``python -m … town.gpkg X Y``.

A line goes to standard output when a manhole has been drawn.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtTest import QTest

from hjgis.ui.app import Desk, start_qt
from tests.acceptance.hands import Person

STEP_M = 2.0


def draw(town: Path, x: float, y: float) -> None:
    """Draw one manhole after the other, in rows."""
    desk = Desk(start_qt([]))
    desk.begin(town)
    person = Person(desk)
    person.take_place()
    person.space.canvas.show_extent((x - 20, y - 20, x + 80, y + 40))
    person.rest()
    person.press("draw.manhole")
    before = person.space.project.count("manhole")
    for number in count(1):
        person.click_map(x + STEP_M * (number % 20), y + STEP_M * (number // 20))
        assert person.space.project.count("manhole") == before + number
        print(number, flush=True)
        QTest.qWait(0)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
