"""A map sheet: theme, paper, scale, and a preview that is the page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography import output
from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.output import MapResult
from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.sheets import DEFAULT_SHEET, sheet, sheet_ids
from hjgis.models.themes import DEFAULT_THEME, theme, theme_ids
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs

_SCALES = ("500", "1000", "2000", "5000", "10000", "25000")
_WAIT_MS = 250
_ENDINGS = "PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"


class MapDialog(QDialog):
    """Makes one sheet of the project.

    Parameters
    ----------
    extent : tuple, optional
        What the window shows; the sheet starts there.
    """

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        parent: QWidget | None = None,
        extent: Extent | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Map sheet"))
        self._project, self._jobs, self._extent = project, jobs, extent
        self._image: QImage | None = None
        self._theme = _choice((name, label(theme(name).label)) for name in theme_ids())
        self._theme.setCurrentIndex(max(self._theme.findData(DEFAULT_THEME), 0))
        self._sheet = _choice((name, label(sheet(name).label)) for name in sheet_ids())
        self._sheet.setCurrentIndex(max(self._sheet.findData(DEFAULT_SHEET), 0))
        self._scale = QComboBox()
        self._scale.setEditable(True)
        self._scale.addItems([_("Fit"), *_SCALES])
        self._place = _choice([("all", _("All of the project")), ("view", _("What the map shows"))])
        self._place.setEnabled(extent is not None)
        self._title = QLineEdit()
        self._title.setPlaceholderText(_("As the theme says"))
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._preview = QLabel(_("Drawing the preview…"))
        self._preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._preview.setMinimumSize(QSize(420, 300))
        self._preview.setObjectName("preview")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._draw)
        self._lay_out()
        for box in (self._theme, self._sheet, self._place):
            box.currentIndexChanged.connect(self._later)
        self._scale.currentTextChanged.connect(self._later)
        self._title.textChanged.connect(self._later)
        self.resize(1040, 640)
        self._draw()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow(_("Theme"), self._theme)
        form.addRow(_("Sheet"), self._sheet)
        form.addRow(_("Scale 1:"), self._scale)
        form.addRow(_("Extent"), self._place)
        form.addRow(_("Title"), self._title)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Close)
        buttons.button(standard.Close).setText(_("Close"))
        save = buttons.addButton(_("Export…"), QDialogButtonBox.ButtonRole.ActionRole)
        save.setObjectName("primary")
        save.clicked.connect(self._export)
        buttons.rejected.connect(self.reject)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self._said)
        left.addStretch(1)
        left.addWidget(buttons)
        side = QWidget()
        side.setLayout(left)
        side.setFixedWidth(320)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(side)
        row.addWidget(self._preview, 1)

    def _choices(self) -> dict[str, object]:
        digits = self._scale.currentText().replace(" ", "").removeprefix("1:")
        place = self._extent if self._place.currentData() == "view" else None
        return {
            "theme": self._theme.currentData(),
            "sheet": self._sheet.currentData(),
            "scale": float(digits) if digits.isdigit() and int(digits) else None,
            "extent": place,
            "title": self._title.text().strip() or None,
        }

    def _later(self) -> None:
        self._timer.start()

    def _draw(self) -> None:
        chosen, project = self._choices(), self._project
        width = max(self._preview.width(), 640) * 2

        def work(progress: Progress) -> tuple[QImage, float, tuple[str, ...]]:
            with project.reader() as reader:
                page = compose(MapJob(reader, **chosen), progress=progress)  # type: ignore[arg-type]
            paper_width, paper_height = page.sheet.paper_mm
            px_per_mm = width / paper_width
            image = QImage(
                width, round(paper_height * px_per_mm), QImage.Format.Format_ARGB32_Premultiplied
            )
            painter = QPainter(image)
            output.paint_sheet(painter, page, px_per_mm=px_per_mm, progress=progress)
            painter.end()
            return image, page.scale, page.hidden

        self._jobs.run(work, self._show, title=_("Preview"), on_error=self._tell)

    def _show(self, drawn: tuple[QImage, float, tuple[str, ...]]) -> None:
        self._image, scale, hidden = drawn
        text = _("Scale 1:{scale:.0f}").format(scale=scale)
        if hidden:
            names = ", ".join(label(self._project.asset_type(name).label) for name in hidden)
            text += "\n" + _("Not shown at this scale: {names}").format(names=names)
        self._said.setText(text)
        self._fit()

    def _fit(self) -> None:
        if self._image is None:
            return
        ratio = self.devicePixelRatioF()
        size = self._preview.contentsRect().size() * ratio
        pixmap = QPixmap.fromImage(self._image).scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        pixmap.setDevicePixelRatio(ratio)
        self._preview.setPixmap(pixmap)

    def _tell(self, error: HjgisError) -> None:
        self._said.setText(str(error))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _export(self) -> None:
        start = str(self._project.path.with_suffix(".pdf"))
        name, _kind = QFileDialog.getSaveFileName(self, _("Export map"), start, _ENDINGS)
        if name:
            self.export_to(Path(name))

    def export_to(self, out: Path) -> None:
        """Write the sheet in the background."""
        chosen, project = self._choices(), self._project

        def work(progress: Progress) -> MapResult:
            with project.reader() as reader:
                return output.make_map(reader, out, progress=progress, **chosen)  # type: ignore[arg-type]

        self._jobs.run(work, self._written, title=_("Export map"), on_error=self._tell)

    def _written(self, result: MapResult) -> None:
        text = _("Written: {path} at 1:{scale:.0f}")
        self._said.setText(text.format(path=result.path, scale=result.scale))


def _choice(entries: object) -> QComboBox:
    box = QComboBox()
    for key, name in entries:  # type: ignore[attr-defined]
        box.addItem(name, key)
    return box
