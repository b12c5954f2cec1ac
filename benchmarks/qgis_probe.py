"""Runs inside the QGIS desktop (--code): notes when the first full map is drawn, and leaves."""

import os
import time
from pathlib import Path

from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface

canvas = iface.mapCanvas()


def drawn(*_: object) -> None:
    """Hear that the canvas has drawn all of its layers."""
    if canvas.layerCount():
        Path(os.environ["HJGIS_BENCH_PROBE"]).write_text(repr(time.monotonic()))
        os._exit(0)


canvas.mapCanvasRefreshed.connect(drawn)
QTimer.singleShot(240_000, lambda: os._exit(1))
