"""Side by side, each asset layer of the sample town: painted by us, and by QGIS from the file.

``python -m benchmarks.style_gallery [FOLDER]`` writes ``docs/gallery/qgis-*.png``: ours on the
left. QGIS must be installed with the system's Python.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from PySide6.QtGui import QColor, QImage, QPainter

from benchmarks.clock import ROOT, Facts
from benchmarks.qgis_beside import PYTHON, is_there
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.assets import AssetType
from hjgis.models.styles.stylefile import style_for
from hjgis.render.features import layer_paint
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MapFrame
from hjgis.render.painter import paint_layers

WIDTH_PX, HEIGHT_PX, DPI = 420, 280, 96.0
_GAP_PX: Final = 6
_COLORS: Final = 64
# At this scale a layer is looked at, if its own limit allows it.
_USUAL: Final = 2000.0
_CLOSER: Final = {"manhole": 250.0, "pipe_line": 800.0, "pipe_point": 250.0, "parking_bay": 500.0}
# Room round an area that must be seen as a whole.
_AIR: Final = 1.3


def ask(request: Facts, folder: Path) -> Facts:
    """Let QGIS answer; see `benchmarks.qgis_styles`."""
    asked, answer = folder / "request.json", folder / "answer.json"
    asked.write_text(json.dumps(request, ensure_ascii=False), "utf-8")
    command = [PYTHON, str(ROOT / "benchmarks" / "qgis_styles.py"), str(asked), str(answer)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not answer.exists():
        raise RuntimeError(done.stderr[-1500:])
    facts: Facts = json.loads(answer.read_text("utf-8"))
    return facts


def looked_at(project: Project) -> dict[str, AssetType]:
    """Return the layers that hold something to be seen."""
    types = project.map_types.items()
    return {name: asset for name, asset in types if asset.is_spatial and project.count(name)}


def view(project: Project, asset: AssetType) -> tuple[tuple[float, float], float]:
    """Return where a layer is looked at, near the middle of its features, and at which scale."""
    geometry = project.table(asset.id, ()).geometry
    assert geometry is not None
    centers = shapely.get_coordinates(shapely.centroid(geometry[~shapely.is_missing(geometry)]))
    middle = np.median(centers, axis=0)
    chosen = np.hypot(*(centers - middle).T).argmin()
    scale = _CLOSER.get(asset.id, _USUAL)
    if style_for(asset).kind == "fill":
        x_min, y_min, x_max, y_max = shapely.bounds(geometry[~shapely.is_missing(geometry)][chosen])
        m_per_px = max((x_max - x_min) / WIDTH_PX, (y_max - y_min) / HEIGHT_PX) * _AIR
        scale = max(scale, m_per_px * DPI / 0.0254)
    x, y = centers[chosen]
    return (float(x), float(y)), min(scale, style_for(asset).max_denominator)


def own_picture(
    project: Project, asset: AssetType, center: tuple[float, float], scale: float
) -> QImage:
    """Paint a layer as the map does."""
    style = style_for(asset)
    frame = MapFrame.at_scale(center, scale, width_px=WIDTH_PX, height_px=HEIGHT_PX, dpi=DPI)
    image = QImage(WIDTH_PX, HEIGHT_PX, QImage.Format.Format_RGB32)
    # Letters are as large as the frame's dots say, whatever screen Qt thinks of.
    image.setDotsPerMeterX(round(DPI / 0.0254))
    image.setDotsPerMeterY(round(DPI / 0.0254))
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    paint_layers(painter, frame, [layer_paint(project.table(asset.id, style.columns), style)])
    painter.end()
    return image


def write_gallery(target: Path) -> list[Path]:
    """Write a picture for each layer; return their paths."""
    ensure_application()
    target.mkdir(parents=True, exist_ok=True)
    result = []
    with tempfile.TemporaryDirectory(prefix="hjgis-") as name:
        folder = Path(name)
        create_sample(folder / "town.gpkg", clean=True)
        with Project.open(folder / "town.gpkg") as project:
            views = {key: view(project, asset) for key, asset in looked_at(project).items()}
            ours = {key: own_picture(project, project.types[key], *at) for key, at in views.items()}
        ask(_request(folder, views), folder)
        for key, image in ours.items():
            result.append(_side_by_side(image, QImage(str(folder / f"{key}.png")), target, key))
    return result


def _request(folder: Path, views: dict[str, tuple[tuple[float, float], float]]) -> Facts:
    layers = {
        key: {"center": center, "scale": scale, "fids": [], "picture": str(folder / f"{key}.png")}
        for key, (center, scale) in views.items()
    }
    return {
        "project": str(folder / "town.gpkg"),
        "layers": layers,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "dpi": DPI,
    }


def _side_by_side(ours: QImage, theirs: QImage, target: Path, key: str) -> Path:
    both = QImage(2 * WIDTH_PX + _GAP_PX, HEIGHT_PX, QImage.Format.Format_RGB32)
    both.fill(QColor("#888888"))
    painter = QPainter(both)
    painter.drawImage(0, 0, ours)
    painter.drawImage(WIDTH_PX + _GAP_PX, 0, theirs)
    painter.end()
    path = target / f"qgis-{key}.png"
    _save_small(both, path)
    return path


def _save_small(image: QImage, path: Path) -> None:
    from PIL import Image

    image = image.convertToFormat(QImage.Format.Format_RGB888)
    size = (image.width(), image.height())
    # Rows of Qt are filled up to four bytes.
    plain = Image.frombuffer(
        "RGB", size, bytes(image.constBits()), "raw", "RGB", image.bytesPerLine()
    )
    plain.quantize(_COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    if not is_there():
        sys.exit("QGIS is not installed with the system's Python.")
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "gallery"
    for written in write_gallery(chosen):
        print(written, written.stat().st_size)
