"""The handbook's pictures: scenes of ``hjgis screenshot`` on the sample town, in Chinese."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.gallery import SAMPLE, saved_small
from hjgis.edits.attributes import set_values
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui.screenshot import take

MOST_BYTES: Final = 120_000
_COLORS: Final = (256, 128, 64)


@dataclass(frozen=True, slots=True)
class Picture:
    """A scene, the size of its window, and what of it is shown: left, top, right, bottom."""

    scene: str
    size: tuple[int, int] = (1180, 700)
    part: tuple[int, int, int, int] | None = None


PICTURES: Final = (
    Picture("start", (1240, 440), (0, 0, 1240, 270)),
    Picture("main"),
    Picture("form", part=(430, 64, 1180, 700)),
    Picture("table", part=(0, 430, 1180, 700)),
    Picture("lists"),
    Picture("history", part=(560, 64, 1180, 400)),
    Picture("search", part=(480, 0, 1180, 460)),
    Picture("query"),
    Picture("statistics"),
    Picture("trace"),
    Picture("profile", (1366, 768)),
    Picture("photos", part=(430, 64, 1180, 700)),
    Picture("inspections", part=(0, 430, 1180, 700)),
    Picture("import-found"),
    Picture("import-trial", part=(0, 0, 1080, 300)),
    Picture("check", (1366, 768)),
    Picture("fix"),
    Picture("targets", part=(0, 366, 1180, 700)),
    Picture("completeness"),
    Picture("map"),
    Picture("theme-on-map"),
    Picture("deliver-files", part=(0, 0, 1080, 455)),
    Picture("take-back"),
)


def write_pictures(folder: Path, names: Sequence[str] = ()) -> Iterator[Path]:
    """Write all pictures, or those that are named, into a folder, and tell each."""
    from PIL import Image

    set_language("zh_CN")
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "台账" / "样例城镇.gpkg"
        project.parent.mkdir()
        shutil.copy(SAMPLE, project)
        _make_history(project)
        for picture in PICTURES:
            if names and picture.scene not in names:
                continue
            drawn = Path(name) / "drawn.png"
            take(project, drawn, size=picture.size, show=picture.scene, extent=None)
            if picture.part is not None:
                with Image.open(drawn) as whole:
                    whole.crop(picture.part).save(drawn)
            yield saved_small(drawn, folder / f"{picture.scene}.png", _COLORS, MOST_BYTES)


def _make_history(path: Path) -> None:
    """Let two people have worked on the project."""
    done = (
        ("王工", "street_lamp", {"power_w": 60}),
        ("王工", "manhole", {"remarks": "井盖已更换"}),
        ("李工", "toilet", {"remarks": "开放时间已核实"}),
        ("李工", "street_lamp", {"remarks": "灯杆已扶正"}),
    )
    for place, (who, layer, values) in enumerate(done):
        with Project.open(path, operator=who) as project:
            uuid = project.table(layer, (), geometry=False).uuids[place]
            project.session.apply(set_values(project, [FeatureKey(layer, str(uuid))], values))
