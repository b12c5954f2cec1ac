"""The window of length profiles: the sheet as it will be on paper, its scales, PDF and DXF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
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
from hjgis.models.changes import Announcement
from hjgis.models.line_drawing import LineDrawing
from hjgis.network.profile import Profile, Reach
from hjgis.network.profile_sheet import (
    Scales,
    fitting,
    left_out,
    metres_at,
    offered,
    titled_sheet,
    unnamed,
)
from hjgis.progress import Progress
from hjgis.ui.binding import screen_room
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import muted
from hjgis.ui.theme import PAPER

PROFILE_SIZE: Final = QSize(1300, 690)
_LEAST_PX_PER_MM: Final = 2.0
# Of the picture in the clipboard: sharp on paper too.
_COPY_PX_PER_MM: Final = 8.0
# Wider pictures no painter paints, and no other program takes.
_MOST_COPY_PX: Final = 16_000
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

    `pipe_wanted` carries its fid; `again_wanted` asks for what is shown, read anew.
    """

    pipe_wanted = Signal(int)
    again_wanted = Signal()

    def __init__(self, project: Project, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Length profile"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._project, self._jobs = project, jobs
        self._profile: Profile | None = None
        self._stale = False
        self.view = DrawingView()
        self.across, self.up = QComboBox(), QComboBox()
        self.words = muted()
        self.again = QPushButton(_("Draw again"))
        self.again.setShortcut("F5")
        self.again.setToolTip(_("What is drawn was edited since (F5)"))
        self.again.hide()
        self.pdf, self.dxf = QPushButton(_("Save as PDF…")), QPushButton(_("Save as DXF…"))
        self.copy = QPushButton(_("Copy picture"))
        self._lay_out()
        self.again.clicked.connect(self.again_wanted)
        self.view.clicked.connect(self._clicked)
        for box in (self.across, self.up):
            box.activated.connect(self._draw)
        self.pdf.clicked.connect(partial(self._save, "pdf"))
        self.dxf.clicked.connect(partial(self._save, "dxf"))
        self.copy.clicked.connect(self.copy_picture)
        self.resize(PROFILE_SIZE.boundedTo(screen_room().size()))

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
        self.again.setAutoDefault(False)
        row.addWidget(self.again)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.view)
        area.setAccessibleName(_("Length profile, arrow keys move it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.addLayout(row)
        column.addWidget(area, 1)
        column.addLayout(button_row(self, (self.pdf, self.dxf, self.copy)))

    def show_profile(self, profile: Profile, *, stale: bool = False) -> None:
        """Draw another profile, in the largest scales that fit on A3.

        The same one drawn again keeps the scales that were chosen.
        """
        same = self._profile is not None and _ends(self._profile) == _ends(profile)
        wanted = self._scales if same else fitting(profile)
        self._profile = profile
        scales = zip((self.across, self.up), offered(profile), astuple(wanted), strict=True)
        for box, choices, scale in scales:
            _offer(box, choices, scale)
        self._stale = stale
        self._draw()

    def hear(self, announcement: Announcement) -> None:
        """Say so if something that is drawn was edited."""
        if self._profile is not None and _touched(self._profile, announcement):
            self._stale = True
            self._say()

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
        self._say()

    def _say(self) -> None:
        assert self._profile is not None
        words = [profile_words(self._profile)]
        if self._stale:
            words.insert(0, _("Out of date: what is drawn here was edited."))
        if hidden := left_out(self._profile, self._scales):
            said = ngettext_(
                "no room for the figures of {count} point: choose a larger scale across",
                "no room for the figures of {count} points: choose a larger scale across",
                hidden,
            )
            words.append(said.format(count=hidden))
        if hidden := unnamed(self._profile, self._scales):
            said = ngettext_(
                "no room for the words of {count} crossing",
                "no room for the words of {count} crossings",
                hidden,
            )
            words.append(said.format(count=hidden))
        self.words.setText(_("; ").join(words))
        self.again.setVisible(self._stale)
        self.view.setAccessibleDescription(self.words.text())

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
        drawing = self.drawing
        k = min(_COPY_PX_PER_MM, _MOST_COPY_PX / drawing.paper_mm[0])
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
    if crossed := len(profile.crossings):
        said = ngettext_("{count} crossing", "{count} crossings", crossed)
        words.append(said.format(count=crossed))
    if close := sum(one.close for one in profile.crossings):
        words.append(_("too close: {count}").format(count=close))
    return _("; ").join(words)


def _known(reach: Reach) -> bool:
    return all(map(math.isfinite, reach.lying_m))


def _ends(profile: Profile) -> list[tuple[str, int]]:
    return [(one.layer, one.fid) for one in (profile.stations[0], profile.stations[-1])]


def _touched(profile: Profile, announcement: Announcement) -> bool:
    shown = [(one.layer, one.fid) for one in profile.stations]
    shown += [("pipe_line", one.fid) for one in profile.reaches]
    shown += [("pipe_line", one.fid) for one in profile.crossings]
    for layer, delta in announcement.layers.items():
        fids = [fid for of, fid in shown if of == layer]
        if np.isin(fids, np.concatenate([delta.updated, delta.deleted, delta.inserted])).any():
            return True
    return False


def _few(names: Sequence[str]) -> str:
    most = 3
    more = _(" and {count} more").format(count=len(names) - most) if len(names) > most else ""
    return _(", ").join(names[:most]) + more


def _offer(box: QComboBox, scales: Sequence[int], wanted: int) -> None:
    box.clear()
    for scale in scales:
        box.addItem(f"1:{scale}", scale)
    # Edited levels may need a smaller scale than was chosen.
    box.setCurrentIndex(max(box.findData(wanted), 0))


def _pdf(drawing: LineDrawing, path: Path, _progress: Progress) -> Path:
    drawing_pdf(drawing, path)
    return path


def _dxf(drawing: LineDrawing, path: Path, _progress: Progress) -> Path:
    from hjgis.exchange.drawings.line_drawing_file import write_drawing

    write_drawing(drawing, path)
    return path
