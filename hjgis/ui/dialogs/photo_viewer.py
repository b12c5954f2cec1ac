"""The photos and papers of an asset, one at a time and large, with what is known of each."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Final

import shapely
from PySide6.QtCore import QSize, Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.edits.attachments import attachments_of
from hjgis.errors import HjgisError
from hjgis.exchange import pictures
from hjgis.exchange.photos import Photo
from hjgis.exchange.pictures import Shown
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.attachments import AFTER, BEFORE, LAYER, is_picture, plain_name
from hjgis.models.changes import Announcement, Extent, Feature, FeatureKey
from hjgis.models.validation import display
from hjgis.progress import Progress
from hjgis.ui import file_dialogs, theme
from hjgis.ui.binding import screen_room
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import error_text
from hjgis.ui.photos.attaching import feature_name
from hjgis.ui.photos.picture_view import PictureView

_LONGEST_PX: Final = 4096
_SIDE_PX: Final = 240
_AROUND_M: Final = 60.0
_ICON_PX: Final = 160
_ARROW_M: Final = 12.0


class PhotoViewer(QDialog):
    """Stays open beside the map; arrow keys turn the pages, + - 0 zoom, R turns."""

    place_wanted = Signal(object, object)

    def __init__(
        self, project: Project, bridge: Bridge, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs = project, jobs
        self._asset: FeatureKey | None = None
        self._records: list[Feature] = []
        self._at = 0
        self._asked = 0
        self._marked = False
        # What other programs open lies here until the window is gone.
        self._opened = QTemporaryDir()
        self.setWindowTitle(_("Photos and papers"))
        self.left, self.right = PictureView(), PictureView()
        self._heads, self._halves = (QLabel(), QLabel()), (QWidget(), QWidget())
        self.message = error_text()
        self._title = QLabel()
        self._title.setObjectName("card_title")
        self._title.setWordWrap(True)
        self.facts = QFormLayout()
        self.before = _tool("previous", _("Previous (Left)"))
        self.next = _tool("next", _("Next (Right)"))
        self.larger = _tool("zoom-in", _("Larger (+)"))
        self.smaller = _tool("zoom-out", _("Smaller (-)"))
        self.whole = _tool("full-extent", _("All of it (0)"))
        self.turned = _tool("rotate-view", _("Turn the view (R)"))
        self.compare = QPushButton(_("Before and after"))
        self.compare.setCheckable(True)
        self.place = QPushButton(_("Place on the map"))
        self.save = QPushButton(_("Save as…"))
        self.outside = QPushButton(_("Open with another program"))
        self._page = QLabel()
        self._lay_out()
        self._connect()
        bridge.changed.connect(self._heard)
        room = screen_room().size()
        self.resize(QSize(1060, 680).boundedTo(room * 0.92))

    def _lay_out(self) -> None:
        shown = QHBoxLayout()
        shown.setSpacing(2)
        for half, head, view in zip(
            self._halves, self._heads, (self.left, self.right), strict=True
        ):
            column = QVBoxLayout(half)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            head.setObjectName("muted")
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(head)
            column.addWidget(view, 1)
            shown.addWidget(half, 1)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        for tool in (self.before, self.next):
            row.addWidget(tool)
        row.addWidget(self._page)
        row.addStretch(1)
        for tool in (self.smaller, self.larger, self.whole, self.turned):
            row.addWidget(tool)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(shown, 1)
        left.addLayout(row)
        page = QHBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(left, 1)
        page.addWidget(self._side())

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_SIDE_PX)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addLayout(self.facts)
        column.addWidget(self.message)
        column.addStretch(1)
        for button in (self.compare, self.place, self.save, self.outside):
            button.setAutoDefault(False)
            column.addWidget(button)
        return side

    def _connect(self) -> None:
        self.before.clicked.connect(partial(self.go, -1))
        self.next.clicked.connect(partial(self.go, 1))
        self.larger.clicked.connect(partial(self._zoom, 1))
        self.smaller.clicked.connect(partial(self._zoom, -1))
        self.whole.clicked.connect(self._fit)
        self.turned.clicked.connect(self._turn)
        self.compare.toggled.connect(self._show)
        self.place.clicked.connect(self._show_place)
        self.save.clicked.connect(self._save_as)
        self.outside.clicked.connect(self._open_outside)
        self.finished.connect(self._unmark)

    # -- what is shown -------------------------------------------------------------------

    @property
    def current(self) -> Feature | None:
        """The attachment that is shown."""
        return self._records[self._at] if self._records else None

    def show_asset(self, asset: FeatureKey, first: FeatureKey | None = None) -> None:
        """Show the attachments of an asset, one of them first."""
        self._asset = asset
        self._read()
        keys = [record.key for record in self._records]
        self._at = keys.index(first) if first in keys else 0
        feature = self._project.known([asset]).get(asset)
        name = feature_name(self._project, feature) if feature else ""
        self.setWindowTitle(_("Photos of {name}").format(name=name))
        self._show()

    def go(self, steps: int) -> None:
        """Turn the pages; after the last comes the first."""
        if self._records:
            self._at = (self._at + steps) % len(self._records)
            self._show()

    def _read(self) -> None:
        asset = self._asset
        found = attachments_of(self._project, [asset.uuid]) if asset else []
        self._records = [r for r in found if asset and r.values["asset_layer"] == asset.layer]
        self._at = min(self._at, max(len(self._records) - 1, 0))

    def _show(self) -> None:
        record = self.current
        pair = self._pair()
        self.compare.setVisible(pair is not None)
        both = pair is not None and self.compare.isChecked()
        shown: tuple[Feature | None, ...] = (record,)
        if both and pair is not None:
            shown = pair
        self._halves[1].setVisible(both)
        for head, one in zip(self._heads, shown, strict=False):
            head.setText(self._headline(one))
        for head in self._heads:
            head.setVisible(both)
        many = len(self._records)
        self._page.setText(f"{self._at + 1} / {many}" if many and not both else "")
        for tool in (self.before, self.next):
            tool.setEnabled(many > 1 and not both)
        self._tell(None if both else record)
        if both:
            self._title.setText(_("Before and after"))
        self._asked += 1
        for view, one in zip((self.left, self.right), shown, strict=False):
            self._fetch(view, one)

    def _pair(self) -> tuple[Feature, Feature] | None:
        """Return the latest pictures from before and after a repair, if there are both."""
        latest = {
            record.values["role"]: record
            for record in self._records
            if is_picture(record.values["content_type"])
        }
        before, after = latest.get(BEFORE), latest.get(AFTER)
        return None if before is None or after is None else (before, after)

    def _fetch(self, view: PictureView, record: Feature | None) -> None:
        """Let the picture be decoded in the background; a paper shows a sheet."""
        kind = str(record.values["content_type"]) if record is not None else ""
        if record is None or not is_picture(kind):
            name = "paper" if record is not None else "photo"
            view.show_pixmap(theme.large_icon(name, _ICON_PX))
            return
        sha256, reader = str(record.values["sha256"]), self._project.reader

        def work(progress: Progress) -> tuple[Shown, Photo]:
            progress.check()
            with reader() as project:
                data = project.media.read(sha256)
            shown = pictures.shown(data, kind, longest_px=_LONGEST_PX)
            return shown, pictures.facts_of(data, kind)

        asked = self._asked
        self._jobs.run(
            work,
            partial(self._take, view, asked),
            title=_("Reading a photo"),
            on_error=partial(self._fail, asked),
        )

    def _take(self, view: PictureView, asked: int, found: tuple[Shown, Photo]) -> None:
        if asked != self._asked:
            return
        shown, said = found
        view.show_picture(shown)
        if said.camera and view is self.left and not self.compare.isChecked():
            self._add_fact(_("Camera"), said.camera)

    def _fail(self, asked: int, error: HjgisError) -> None:
        if asked == self._asked:
            self.message.setText(str(error))

    # -- what is known of it -------------------------------------------------------------

    def _tell(self, record: Feature | None) -> None:
        while self.facts.rowCount():
            self.facts.removeRow(0)
        self.message.setText("")
        values = record.values if record is not None else {}
        self._title.setText(str(values.get("file_name") or _("None yet.")))
        self.place.setEnabled(values.get("x_m") is not None)
        none = _("No position is written in this photo.")
        self.place.setToolTip("" if self.place.isEnabled() else none)
        for button in (self.save, self.outside):
            button.setEnabled(record is not None)
        if record is None:
            return
        asset = self._project.asset_type(LAYER)
        for name in ("role", "caption", "taken_at", "direction_deg", "photographer"):
            if values[name] is not None:
                field = asset.field(name)
                text = display(field, values[name], self._project.catalogue)
                text = text.replace("T", " ") if name == "taken_at" else text
                self._add_fact(label(field.label), text)
        if values["width_px"] and values["height_px"]:
            self._add_fact(_("Pixels"), f"{values['width_px']} × {values['height_px']}")
        self._add_fact(_("Size"), pictures.in_megabytes(int(values["size_bytes"] or 0)))
        away = self._distance(record)
        if away is not None:
            self._add_fact(
                _("Distance"), _("{distance:.0f} m from the asset").format(distance=away)
            )

    def _headline(self, record: Feature | None) -> str:
        """Return what stands above one of two pictures: what it is, when it was taken, caption."""
        if record is None:
            return ""
        values, codes = record.values, self._project.catalogue.codes("attachment_role")
        taken = str(values["taken_at"] or "").replace("T", " ")[:16]
        parts = (codes.label_of(str(values["role"] or "")), taken, str(values["caption"] or ""))
        return "  ".join(filter(None, parts))

    def _add_fact(self, name: str, text: str) -> None:
        words = QLabel(text)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QLabel(name)
        head.setObjectName("muted")
        self.facts.addRow(head, words)

    def _distance(self, record: Feature) -> float | None:
        place = _place(record)
        feature = self._project.known([self._asset]).get(self._asset) if self._asset else None
        if place is None or feature is None or feature.geometry is None:
            return None
        return float(shapely.distance(feature.geometry, place))

    # -- what is done --------------------------------------------------------------------

    def _zoom(self, steps: int) -> None:
        for view in (self.left, self.right):
            view.zoom_by(steps)

    def _fit(self) -> None:
        for view in (self.left, self.right):
            view.fit()

    def _turn(self) -> None:
        for view in (self.left, self.right):
            view.turn()

    def _show_place(self) -> None:
        place = _place(self.current) if self.current is not None else None
        if self.current is None or place is None:
            return
        shapes: list[BaseGeometry] = [place.buffer(1.5)]
        direction = self.current.values["direction_deg"]
        if isinstance(direction, int | float):
            shapes.append(_arrow(place, float(direction)))
        self._marked = True
        around: Extent = place.buffer(_AROUND_M).bounds
        self.place_wanted.emit(around, tuple(shapes))

    def _save_as(self) -> None:
        record = self.current
        if record is None:
            return
        proposal = str(Path.home() / plain_name(record.values["file_name"]))
        chosen = file_dialogs.save_file(self, _("Save as"), proposal)[0]
        if chosen:
            self._save(record, Path(chosen))

    def _open_outside(self) -> None:
        record = self.current
        if record is None:
            return
        folder = Path(self._opened.path()) / record.key.uuid
        folder.mkdir(exist_ok=True)
        target = folder / plain_name(record.values["file_name"])
        if self._save(record, target) and not QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(target))
        ):
            self.message.setText(_("No program opens this kind of file; save it instead."))

    def _save(self, record: Feature, target: Path) -> bool:
        try:
            self._project.media.save(str(record.values["sha256"]), target)
        except HjgisError as error:
            self.message.setText(str(error))
            return False
        return True

    def _heard(self, announcement: Announcement) -> None:
        if LAYER in announcement.layers and self.isVisible():
            self._read()
            self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, turns = event.key(), (Qt.Key.Key_Left, Qt.Key.Key_Right)
        zooms = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        if key in turns:
            if self.next.isEnabled():
                self.go(1 if key == Qt.Key.Key_Right else -1)
        elif key in zooms:
            self._zoom(zooms[Qt.Key(key)])
        elif key == Qt.Key.Key_0:
            self._fit()
        elif key == Qt.Key.Key_R:
            self._turn()
        else:
            super().keyPressEvent(event)

    def _unmark(self) -> None:
        """Take the mark of this window off the map, not one that others have put there."""
        if self._marked:
            self._marked = False
            self.place_wanted.emit(None, ())


def _place(record: Feature) -> shapely.Point | None:
    x, y = record.values["x_m"], record.values["y_m"]
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return shapely.Point(float(x), float(y))


def _arrow(place: shapely.Point, direction_deg: float) -> BaseGeometry:
    angle = math.radians(direction_deg)
    tip = (place.x + _ARROW_M * math.sin(angle), place.y + _ARROW_M * math.cos(angle))
    return shapely.LineString([(place.x, place.y), tip])


def _tool(icon: str, tip: str) -> QToolButton:
    button = theme.flat_button(icon, tip)
    # Arrow keys turn the pages, wherever the mouse has clicked.
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
