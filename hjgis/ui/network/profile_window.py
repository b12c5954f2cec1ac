"""The window of length profiles: the sheet as it will be on paper, its scales, PDF and DXF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.drawing_page import drawing_pdf, paint_drawing
from hjgis.i18n import _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.line_drawing import LineDrawing
from hjgis.network.profile import Profile, Reach
from hjgis.network.profile_sheet import (
    ACROSS,
    UP,
    Scales,
    fitting,
    metres_at,
    titled_sheet,
)
from hjgis.progress import Progress
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import muted
from hjgis.ui.theme import PAPER

_SIZE: Final = QSize(1300, 690)
_LEAST_PX_PER_MM: Final = 2.0
# Of the picture in the clipboard: sharp on paper too.
_COPY_PX_PER_MM: Final = 8.0
_DESK: Final = "#e3e7eb"


class DrawingView(QWidget):
    """A drawing as wide as its place, but never so small that it could not be read.

    `clicked` carries the place on the paper, mm from its left.
    """

    clicked = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._drawing: LineDrawing | None = None
        self.setAccessibleName(_("Length profile"))

    def show_drawing(self, drawing: LineDrawing) -> None:
        """Show another drawing."""
        self._drawing = drawing
        self.setMinimumWidth(int(drawing.paper_mm[0] * _LEAST_PX_PER_MM))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(_DESK))
        if self._drawing is not None:
            width, height = self._drawing.paper_mm
            k = self._px_per_mm()
            painter.fillRect(QRectF(0, 0, width * k, height * k), QColor(PAPER))
            paint_drawing(painter, self._drawing, k)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._drawing is not None:
            self.clicked.emit(event.position().x() / self._px_per_mm())

    def _px_per_mm(self) -> float:
        assert self._drawing is not None
        return self.width() / self._drawing.paper_mm[0]

    def _fit(self) -> None:
        if self._drawing is not None:
            self.setMinimumHeight(int(self._drawing.paper_mm[1] * self._px_per_mm()))


class ProfileWindow(QDialog):
    """Shows one profile after the other; a click on a pipe selects it on the map.

    `pipe_wanted` carries its fid.
    """

    pipe_wanted = Signal(int)

    def __init__(self, project: Project, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Length profile"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._project, self._jobs = project, jobs
        self._profile: Profile | None = None
        self.view = DrawingView()
        self.across, self.up = _scale_box(ACROSS), _scale_box(UP)
        self.words = muted()
        self.pdf, self.dxf = QPushButton(_("Save as PDF…")), QPushButton(_("Save as DXF…"))
        self.copy = QPushButton(_("Copy picture"))
        self._lay_out()
        self.view.clicked.connect(self._clicked)
        for box in (self.across, self.up):
            box.activated.connect(self._draw)
        self.pdf.clicked.connect(partial(self._save, "pdf"))
        self.dxf.clicked.connect(partial(self._save, "dxf"))
        self.copy.clicked.connect(self.copy_picture)
        self.resize(_SIZE)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for words, box in ((_("Scale across"), self.across), (_("Scale up"), self.up)):
            label = QLabel(words)
            label.setBuddy(box)
            box.setAccessibleName(words)
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(12)
        row.addWidget(self.words, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.view)
        area.setAccessibleName(_("Length profile"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.addLayout(row)
        column.addWidget(area, 1)
        column.addLayout(button_row(self, (self.pdf, self.dxf, self.copy)))

    def show_profile(self, profile: Profile) -> None:
        """Draw another profile, in the largest scales that fit on A3."""
        self._profile = profile
        scales = fitting(profile)
        for box, scale in ((self.across, scales.across), (self.up, scales.up)):
            box.setCurrentIndex(box.findData(scale))
        self.words.setText(profile_words(profile))
        self._draw()

    @property
    def drawing(self) -> LineDrawing:
        """What is shown."""
        assert self._profile is not None
        return titled_sheet(self._profile, self._scales, self._project.title)

    @property
    def _scales(self) -> Scales:
        return Scales(self.across.currentData(), self.up.currentData())

    def _draw(self) -> None:
        self.view.show_drawing(self.drawing)

    def _clicked(self, mm: float) -> None:
        if self._profile is not None:
            at = metres_at(self._scales, mm)
            reach = next((r for r in self._profile.reaches if r.from_m <= at <= r.to_m), None)
            if reach is not None:
                self.pipe_wanted.emit(reach.fid)

    # -- what becomes of it ------------------------------------------------------------------

    def _save(self, ending: str) -> None:
        assert self._profile is not None
        stations = self._profile.stations
        name = f"{_('Profile')} {stations[0].name}-{stations[-1].name}.{ending}"
        start = self._project.path.with_name(name.replace("/", "_"))
        kinds = f"{ending.upper()} (*.{ending})"
        path = ask_target(self, _("Save the profile"), start, kinds)
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write what is shown, in the background."""
        write = _pdf if path.suffix == ".pdf" else _dxf
        title = _("Writing the profile")
        self._jobs.run(partial(write, self.drawing, path), self._say_written, title=title)

    def _say_written(self, path: Path) -> None:
        self.words.setText(_("Written: {path}").format(path=path))

    def copy_picture(self) -> None:
        """Put a picture of the sheet into the clipboard."""
        drawing, k = self.drawing, _COPY_PX_PER_MM
        width, height = (int(side * k) for side in drawing.paper_mm)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor(PAPER))
        painter = QPainter(image)
        paint_drawing(painter, drawing, k)
        painter.end()
        QGuiApplication.clipboard().setImage(image)
        self.words.setText(_("The page is in the clipboard as a picture."))


def profile_words(profile: Profile) -> str:
    """Say how long a profile is, and what is wrong or not known along it."""
    count = len(profile.reaches)
    words = [
        ngettext_("{count} pipe, {length:.1f} m", "{count} pipes, {length:.1f} m", count).format(
            count=count, length=profile.length_m
        )
    ]
    rising = [reach.name for reach in profile.reaches if reach.rises]
    if rising:
        words.append(_("rises against the flow: {names}").format(names=_few(rising)))
    unknown = [reach.name for reach in profile.reaches if not _known(reach)]
    if unknown:
        words.append(_("levels unknown: {names}").format(names=_few(unknown)))
    return "; ".join(words)


def _known(reach: Reach) -> bool:
    return all(map(math.isfinite, reach.invert_m))


def _few(names: Sequence[str]) -> str:
    most = 3
    more = _(" and {count} more").format(count=len(names) - most) if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _scale_box(scales: Sequence[int]) -> QComboBox:
    box = QComboBox()
    for scale in scales:
        box.addItem(f"1:{scale}", scale)
    return box


def _pdf(drawing: LineDrawing, path: Path, _progress: Progress) -> Path:
    drawing_pdf(drawing, path)
    return path


def _dxf(drawing: LineDrawing, path: Path, _progress: Progress) -> Path:
    from hjgis.exchange.drawings.line_drawing_file import write_drawing

    write_drawing(drawing, path)
    return path
