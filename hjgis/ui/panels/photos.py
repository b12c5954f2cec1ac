"""The photos and papers of the selected asset: a strip of small pictures, with words beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.attachments import attachments_of, detach
from hjgis.edits.attributes import set_values
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.attachments import LAYER, is_picture
from hjgis.models.changes import Announcement, ChangeSet, Feature, FeatureKey
from hjgis.ui import theme
from hjgis.ui.bridge import Bridge
from hjgis.ui.page_parts import muted
from hjgis.ui.photos.attaching import Attaching, files_in

THUMB_PX: Final = 96
_MIDDLE: Final = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
_KEY: Final = Qt.ItemDataRole.UserRole
_PAPER_PX: Final = 72
_CELL: Final = QSize(THUMB_PX + 8, THUMB_PX + 24)
_ROW_PX: Final = THUMB_PX + 46
# Without pictures there is still a place to drop them.
_EMPTY_PX: Final = 56


class PhotoStrip(QWidget):
    """Shows, adds, names and takes off the attachments of one asset."""

    add_requested = Signal(object)
    view_requested = Signal(object, object)
    camera_toggled = Signal()
    wanted = Signal(object)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        attaching: Attaching,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._attaching = project, attaching
        self._asset: FeatureKey | None = None
        self._several = False
        self._watched = ""
        self._records: dict[FeatureKey, Feature] = {}
        self._shown: dict[str, object] = {}
        self._count = muted()
        self.list = _Strip()
        self.add = theme.flat_button("photo-add", _("Add photos or papers…"))
        self.paste = theme.flat_button("paste", _("Paste a picture or files"))
        self.view = theme.flat_button("photo", _("Look at it large (Enter)"))
        self.remove = theme.flat_button("delete", _("Take off (Del); undo brings it back"))
        self.camera = theme.flat_button("camera", _("Watch a camera folder"))
        self.camera.setCheckable(True)
        self.role, self.caption = QComboBox(), QLineEdit()
        self.caption.setPlaceholderText(_("Caption"))
        self.caption.setMaxLength(200)
        self._lay_out()
        self.list.dropped.connect(self._take)
        self.list.pasted.connect(self._paste_mime)
        self.list.removed.connect(self._remove)
        self.list.itemActivated.connect(self._view)
        self.list.itemSelectionChanged.connect(self._show_words)
        self.add.clicked.connect(self._ask_add)
        self.paste.clicked.connect(self._paste)
        self.view.clicked.connect(self._view)
        self.remove.clicked.connect(self._remove)
        self.camera.clicked.connect(self.camera_toggled)
        self.role.activated.connect(self._set_role)
        self.caption.editingFinished.connect(self._set_caption)
        bridge.changed.connect(self._heard)
        self.show_features(None, np.empty(0, np.int64))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.add, self.paste, self.view, self.remove, self.camera):
            buttons.addWidget(button)
        buttons.addStretch(1)
        words = QHBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.role)
        words.addWidget(self.caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 4, 8)
        column.setSpacing(4)
        column.addWidget(self._count)
        column.addWidget(self.list)
        column.addLayout(words)
        column.addLayout(buttons)

    @property
    def asset(self) -> FeatureKey | None:
        """Whose attachments are shown."""
        return self._asset

    @property
    def chosen(self) -> list[FeatureKey]:
        """The attachments that are selected in the strip."""
        return [item.data(_KEY) for item in self.list.selectedItems()]

    def show_features(self, layer: str | None, fids: NDArray[np.int64]) -> None:
        """Show the attachments of the one selected asset; of several, none."""
        asset = None
        if layer is not None and len(fids) == 1 and layer in self._project.map_types:
            found = self._project.store.features(layer, fids)
            asset = found[0].key if found else None
        if asset != self._asset:
            self._asset = asset
            self.list.clearSelection()
        self._several = len(fids) > 1
        self.refresh()

    def belongs_to(self, layer: str) -> bool:
        """Whether features of a layer have photos."""
        return layer in self._project.map_types

    def show_camera(self, *, on: bool, where: str) -> None:
        """Say whether a camera folder is watched, and which."""
        self.camera.setChecked(on)
        self._watched = Path(where).name if on else ""
        self._show_words()
        words = _("Watching {folder}; click to stop") if on else _("Watch a camera folder")
        self.camera.setToolTip(words.format(folder=where))

    def refresh(self) -> None:
        """Read what is stored now."""
        kept = set(self.chosen)
        found = attachments_of(self._project, [self._asset.uuid]) if self._asset else []
        found = [record for record in found if self._asset and _belongs(record, self._asset)]
        self._records = {record.key: record for record in found}
        previews = self._project.media.previews(str(r.values["sha256"]) for r in found)
        with QSignalBlocker(self.list):
            self.list.clear()
            for record in found:
                item = QListWidgetItem(_icon(record, previews), _title(record))
                item.setData(_KEY, record.key)
                item.setSizeHint(_CELL)
                item.setToolTip(str(record.values["file_name"]))
                self.list.addItem(item)
                item.setSelected(record.key in kept)
        self.list.setVisible(bool(found) or self._asset is not None)
        self.list.setFixedHeight(_ROW_PX if found else _EMPTY_PX)
        self._show_words()

    def _show_words(self) -> None:
        free = self._asset is not None and not self._project.read_only
        chosen = [self._records[key] for key in self.chosen if key in self._records]
        one = chosen[0] if len(chosen) == 1 else None
        said = self._counted()
        self._count.setText(said)
        self._count.setVisible(bool(said))
        for button in (self.add, self.paste):
            button.setEnabled(free)
        self.list.setAcceptDrops(free)
        self.view.setEnabled(bool(self._records))
        self.remove.setEnabled(free and bool(chosen))
        self.role.setVisible(one is not None)
        self.caption.setVisible(one is not None)
        self.role.setEnabled(free)
        self.caption.setReadOnly(not free)
        if one is not None:
            self._show_record(one)

    def _show_record(self, record: Feature) -> None:
        codes = self._project.catalogue.codes("attachment_role").offered
        self.role.clear()
        for entry in codes:
            self.role.addItem(label(entry.label), entry.code)
        stored = record.values["role"]
        if stored is not None and self.role.findData(stored) < 0:
            self.role.addItem(str(stored), stored)
        self.role.setCurrentIndex(self.role.findData(stored))
        text = str(record.values["caption"] or "")
        if not self.caption.hasFocus() or self._shown != {"key": record.key, "caption": text}:
            self.caption.setText(text)
        self._shown = {"key": record.key, "caption": text}

    def _counted(self) -> str:
        if self._asset is None:
            several = _("Select one asset alone to see its photos.")
            return several if self._several else ""
        count = len(self._records)
        words = ngettext_("{count} photo or paper", "{count} photos and papers", count)
        watched = _("Watching {folder}").format(folder=self._watched) if self._watched else ""
        return "\n".join(filter(None, (words.format(count=count) if count else "", watched)))

    # -- what is done --------------------------------------------------------------------

    def _ask_add(self) -> None:
        if self._asset is not None:
            self.add_requested.emit(self._asset)

    def _take(self, mime: QMimeData) -> None:
        if self._asset is not None:
            self._attaching.take(files_in(mime), self._asset)

    def _paste(self) -> None:
        self._paste_mime(QGuiApplication.clipboard().mimeData())

    def _paste_mime(self, mime: QMimeData) -> None:
        if self._asset is None or self._project.read_only:
            return
        if not self._attaching.take_pasted(mime, self._asset):
            self._count.setText(_("There is no picture and no file on the clipboard."))

    def _view(self) -> None:
        if self._asset is not None and self._records:
            first = self.chosen[0] if self.chosen else next(iter(self._records))
            self.view_requested.emit(self._asset, first)

    def _remove(self) -> None:
        keys = [key for key in self.chosen if key in self._records]
        if keys and not self._project.read_only:
            self._want(lambda: detach(self._project, keys))

    def _set_role(self, index: int) -> None:
        self._set("role", self.role.itemData(index))

    def _set_caption(self) -> None:
        self._set("caption", self.caption.text().strip() or None)

    def _set(self, name: str, value: object) -> None:
        key = self._shown.get("key")
        record = self._records.get(key) if isinstance(key, FeatureKey) else None
        if record is None or record.values[name] == value or self._project.read_only:
            return
        change = set_values(self._project, [record.key], {name: value})  # type: ignore[dict-item]
        self._want(lambda: change)

    def _want(self, make: Callable[[], ChangeSet]) -> None:
        self.wanted.emit(make)

    def _heard(self, announcement: Announcement) -> None:
        if LAYER in announcement.layers:
            self.refresh()


class _Strip(QListWidget):
    """One row of pictures that takes files, and keys of its own."""

    dropped = Signal(object)
    pasted = Signal(object)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(THUMB_PX, THUMB_PX))
        self.setSpacing(2)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setObjectName("photo_strip")
        self.setDragDropMode(QListWidget.DragDropMode.DropOnly)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.count():
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.MUTED))
        empty = _("None yet. Drop files here, or on the asset on the map.")
        room = self.viewport().rect().adjusted(8, 4, -8, -4)
        painter.drawText(room, _MIDDLE, empty)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._accept(event)
        if event.isAccepted():
            self.dropped.emit(event.mimeData())

    def event(self, event: QEvent) -> bool:
        # In the window these keys delete the asset and paste features; here they mean photos.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pastes = event.matches(QKeySequence.StandardKey.Paste)
            if pastes or event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().mimeData())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem():
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _accept(self, event: QDropEvent) -> None:
        # What is dragged is never taken away from where it lies.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.setAccepted(bool(files_in(event.mimeData())))


def _belongs(record: Feature, asset: FeatureKey) -> bool:
    return bool(record.values["asset_layer"] == asset.layer)


def _title(record: Feature) -> str:
    return str(record.values["caption"] or record.values["role"] or record.values["file_name"])


def _icon(record: Feature, previews: dict[str, bytes]) -> QIcon:
    """Return the small picture; for a paper, a sheet with the ending of its name."""
    preview = previews.get(str(record.values["sha256"]))
    image = QImage.fromData(preview) if preview else QImage()
    if not image.isNull():
        picture = QPixmap.fromImage(image)
        icon = QIcon(picture)
        # As it is, chosen or not: Qt would dye it.
        icon.addPixmap(picture, QIcon.Mode.Selected)
        return icon
    kind = "photo" if is_picture(record.values["content_type"]) else "paper"
    return QIcon(theme.large_icon(kind, _PAPER_PX))
