"""Pictures that stand for photos on screenshots: painted at that moment, and saying so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter, QPen

from hjgis.edits.attachments import attach
from hjgis.edits.attributes import set_values
from hjgis.exchange.pictures import read_paper
from hjgis.i18n import _
from hjgis.models.attachments import AFTER, BEFORE
from hjgis.models.changes import FeatureKey
from hjgis.ui.workspace import Workspace

_WIDTH_PX, _HEIGHT_PX = 1600, 1200
_SCENES: Final = (
    (None, "#8fb7dd", "#8a8f94", ""),
    (BEFORE, "#b9c2cb", "#7d7468", "井盖破损"),
    (AFTER, "#9cc9e8", "#8d9298", "已更换"),
)


def attach_painted(workspace: Workspace, key: FeatureKey, folder: Path) -> None:
    """Attach three painted pictures and a paper to an asset."""
    project = workspace.project
    for path, (role, _sky, _ground, caption) in zip(paint_files(folder), _SCENES, strict=True):
        change = attach(project, [(key, read_paper(path, project.crs))], role=role)
        workspace.apply(change)
        if caption:
            keys = [entry.key for entry in change.changes]
            workspace.apply(set_values(project, keys, {"caption": caption}))
    paper = folder / "验收单.txt"
    paper.write_text(_("Invented for a screenshot"), "utf-8")
    workspace.apply(attach(project, [(key, read_paper(paper, project.crs))]))


def paint_files(folder: Path) -> list[Path]:
    """Write three painted pictures into a folder."""
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(1, len(_SCENES) + 1)]
    for number, (role, sky, ground, _caption) in enumerate(_SCENES, 1):
        picture = _painted(number, QColor(sky), QColor(ground), broken=role == BEFORE)
        picture.save(str(paths[number - 1]))
    return paths


def _painted(number: int, sky: QColor, ground: QColor, *, broken: bool) -> QImage:
    image = QImage(_WIDTH_PX, _HEIGHT_PX, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    horizon = _HEIGHT_PX * 0.42
    fade = QLinearGradient(0, 0, 0, horizon)
    fade.setColorAt(0, sky)
    fade.setColorAt(1, sky.lighter(125))
    painter.fillRect(QRectF(0, 0, _WIDTH_PX, horizon), fade)
    road = QLinearGradient(0, horizon, 0, _HEIGHT_PX)
    road.setColorAt(0, ground.lighter(112))
    road.setColorAt(1, ground.darker(120))
    painter.fillRect(QRectF(0, horizon, _WIDTH_PX, _HEIGHT_PX - horizon), road)
    _paint_cover(painter, broken=broken)
    font = QFont(painter.font())
    font.setPixelSize(56)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    words = _("Painted picture {number}").format(number=number)
    painter.drawText(QRectF(40, 30, _WIDTH_PX - 80, 90), Qt.AlignmentFlag.AlignLeft, words)
    painter.end()
    return image


def _paint_cover(painter: QPainter, *, broken: bool) -> None:
    middle = QPointF(_WIDTH_PX * 0.5, _HEIGHT_PX * 0.72)
    painter.setPen(QPen(QColor("#2d3135"), 14))
    painter.setBrush(QColor("#4b5157"))
    painter.drawEllipse(middle, 340, 170)
    painter.setPen(QPen(QColor("#6b7278"), 8))
    for offset in range(-240, 241, 80):
        painter.drawLine(middle + QPointF(offset, -90), middle + QPointF(offset, 90))
    if broken:
        painter.setPen(QPen(QColor("#101214"), 22))
        painter.drawLine(middle + QPointF(-260, -60), middle + QPointF(40, 20))
        painter.drawLine(middle + QPointF(40, 20), middle + QPointF(240, 130))
