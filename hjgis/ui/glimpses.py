"""What the start page tells of projects without opening them: kept in the cache on closing."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from hjgis import paths
from hjgis.layers.project import Project
from hjgis.models import secrecy
from hjgis.ui.map.canvas import MapCanvas

_log = logging.getLogger("hjgis.start")
SIZE: Final = QSize(144, 92)
# Sharp on screens of 200 % too.
_FINENESS: Final = 2


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A project as it was when it was closed.

    Attributes
    ----------
    features : int or None
        How many it holds; None where that is not known of the file as it is now.
    picture : QImage or None
        The map as it was last seen; None where none may be kept.
    """

    features: int | None = None
    picture: QImage | None = None


def take(project: Project, canvas: MapCanvas) -> Glimpse:
    """Return what is to be kept of an open project: no picture of what is above internal."""
    counts = {name: project.count(name) for name in project.map_types}
    held = [project.types[name].secrecy for name, count in counts.items() if count]
    level = secrecy.highest(project.catalogue, project.info("secrecy"), held)
    is_secret = secrecy.rank(level) >= secrecy.rank(secrecy.SECRET)
    return Glimpse(sum(counts.values()), None if is_secret else _small(canvas.picture_image()))


def keep(path: Path, glimpse: Glimpse) -> None:
    """Keep it for a file that was closed; where that cannot be, the start page does without."""
    facts, picture = _files(path)
    try:
        facts.parent.mkdir(parents=True, exist_ok=True)
        told = {"features": glimpse.features, "changed_ns": path.stat().st_mtime_ns}
        facts.write_text(json.dumps(told), "utf-8")
        if glimpse.picture is None:
            picture.unlink(missing_ok=True)
        elif not glimpse.picture.save(str(picture)):
            _log.warning("the picture of a project cannot be kept")
    except OSError as error:
        _log.warning("nothing is kept for the start page: %s", error)


def of(path: Path) -> Glimpse:
    """Return what was kept of a file; the count only if nothing has changed the file since."""
    facts, picture = _files(path)
    image = QImage(str(picture))
    shown = None if image.isNull() else image
    try:
        told = json.loads(facts.read_text("utf-8"))
        fresh = told["changed_ns"] == path.stat().st_mtime_ns
        return Glimpse(int(told["features"]) if fresh else None, shown)
    except (OSError, ValueError, KeyError, TypeError):
        return Glimpse(None, shown)


def forget(path: Path) -> None:
    """Throw away what was kept of a file."""
    for file in _files(path):
        file.unlink(missing_ok=True)


def _files(path: Path) -> tuple[Path, Path]:
    name = hashlib.sha256(str(path).encode()).hexdigest()[:24]
    folder = paths.cache_dir() / "start"
    return folder / f"{name}.json", folder / f"{name}.png"


def _small(image: QImage | None) -> QImage | None:
    """Return the middle of a picture, small."""
    if image is None:
        return None
    wanted = SIZE * _FINENESS
    filled = image.scaled(
        wanted,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (filled.width() - wanted.width()) // 2
    top = (filled.height() - wanted.height()) // 2
    return filled.copy(left, top, wanted.width(), wanted.height())
