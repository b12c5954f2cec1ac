"""What every test needs: no display, one locale."""

from __future__ import annotations

import os

# Before the first QApplication and the first subprocess.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"

# The user's own settings and caches are no business of a test.
import atexit
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="hjgis-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["HJGIS_CONFIG_DIR"] = _HOME
os.environ["HJGIS_CACHE_DIR"] = _HOME
os.environ["HJGIS_LOG_DIR"] = f"{_HOME}/logs"
os.environ.setdefault("HJGIS_LANGUAGE", "en")
# No test pulls the plug: what is written need not have reached the disk, which may be slow or busy.
os.environ["OGR_SQLITE_SYNCHRONOUS"] = "OFF"

from collections.abc import Iterator  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from PySide6.QtGui import QGuiApplication  # noqa: E402
from pytestqt.qtbot import QtBot  # noqa: E402

from hjgis.exchange import apart  # noqa: E402
from hjgis.i18n import set_language  # noqa: E402
from hjgis.layers import database  # noqa: E402
from hjgis.layers.project import Project  # noqa: E402
from hjgis.models.catalogue_files import catalogue  # noqa: E402

_DURABILITY = database.DURABILITY
database.DURABILITY = "OFF"  # type: ignore[misc]
# Tests run beside one another, on machines that have other work too: what waits for something waits
# as long as it takes.
_PATIENCE_S = 60
apart._SECONDS = float(_PATIENCE_S)  # type: ignore[misc]


def pytest_sessionfinish() -> None:
    """Empty the clipboard: without a display Qt lets go of it after Python has ended, and dies."""
    if QGuiApplication.instance() is not None:
        QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def english() -> None:
    """Tests read English messages unless they ask for others."""
    set_language("en")


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """A robot that waits long before it gives up."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=1000 * _PATIENCE_S))
    return qtbot


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Other people's real files, where there is a folder of them."""
    beside = Path(__file__).parents[2] / "shared" / "real-data"
    folder = Path(os.environ.get("HJGIS_REAL_DATA", beside))
    if not (folder / "nasty").is_dir():
        pytest.skip("no folder of real files here")
    return folder


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is written reach the disk, as it does for users."""
    monkeypatch.setattr(database, "DURABILITY", _DURABILITY)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new, empty project, to be copied: making its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "town.gpkg"
    Project.create(path).close()
    return path


@pytest.fixture
def project(blank: Path, tmp_path: Path) -> Iterator[Project]:
    """A new, empty project, open for writing, as `Project.create` leaves it."""
    path = shutil.copy(blank, tmp_path / "town.gpkg")
    with Project._open_for_writing(path, catalogue(), "tester", backup=False) as opened:
        yield opened
