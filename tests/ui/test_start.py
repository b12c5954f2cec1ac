from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hjgis.layers.sample import create_sample

ROOT = Path(__file__).resolve().parent.parent.parent
# What no first map needs: packages that take long to import, and rooms of the program for later.
HEAVY = (
    "ezdxf",
    "fiona",
    "geopandas",
    "matplotlib",
    "openpyxl",
    "pandas",
    "pyogrio",
    "pypinyin",
    "pyzipper",
    "rasterio",
    "hjgis.cartography",
    "hjgis.delivery",
    "hjgis.reports",
    "hjgis.ui.deliveries",
    "hjgis.ui.mapsheet",
    "hjgis.ui.dialogs.importing.wizard",
    "hjgis.ui.themes.editor",
)
# What `python -m hjgis PROJECT` does; it leaves when the whole map is on the screen.
START = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from hjgis.__main__ import main
from hjgis.ui.main_window import MainWindow

def look():
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
    space = windows[0].workspace if windows else None
    if space is None or not space.layers.is_loaded or space.canvas.busy:
        QTimer.singleShot(10, look)
        return
    drawn = {held.asset.id: len(held.columns) for held in space.layers}
    print(json.dumps({"drawn": drawn, "modules": sorted(sys.modules)}))
    QApplication.closeAllWindows()

made = MainWindow.__init__
def begin(window, *args, **options):
    made(window, *args, **options)
    look()
MainWindow.__init__ = begin
sys.exit(main())
"""


# What happens in the quiet moments after that.
QUIET = """
import json, sys
from hjgis.ui.app import start_qt
from hjgis.ui.preloading import Preloading

application = start_qt([])
looks = [True, True, False]
before = len(sys.modules)
def busy():
    busy = looks.pop(0) if len(looks) > 1 else looks[0]
    assert not busy or len(sys.modules) == before
    return busy
preloading = Preloading(busy)
preloading.ended.connect(application.quit)
preloading.begin()
application.exec()
print(json.dumps({"modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a process of its own says of itself once the sample is on its screen."""
    folder = tmp_path_factory.mktemp("start")
    path = folder / "town.gpkg"
    create_sample(path, clean=False)
    return said_of_itself(START, str(path), folder=folder)


def said_of_itself(script: str, *given: str, folder: Path) -> dict[str, object]:
    environment = {**os.environ, "HJGIS_CONFIG_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script, *given],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_a_start_shows_the_whole_map(started: dict[str, object]) -> None:
    drawn = started["drawn"]
    assert isinstance(drawn, dict)
    assert drawn["manhole"] > 100
    assert drawn["pipe_line"] > 100


@pytest.mark.parametrize("package", HEAVY)
def test_a_start_does_not_wait_for_what_the_map_does_not_need(
    started: dict[str, object], package: str
) -> None:
    modules = started["modules"]
    assert isinstance(modules, list)
    assert "numpy" in modules
    assert package not in modules


def test_windows_are_loaded_in_quiet_moments_and_nothing_heavy_with_them(tmp_path: Path) -> None:
    modules = said_of_itself(QUIET, folder=tmp_path)["modules"]
    assert isinstance(modules, list)
    rooms = [package for package in HEAVY if package.startswith("hjgis.")]
    assert set(rooms) <= set(modules)
    # Pinyin is learnt by a thread of its own; nobody waits for its dictionaries.
    assert not set(modules) & {*HEAVY, "pypdf"} - {*rooms, "pypinyin"}
