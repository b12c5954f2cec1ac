"""Photos dropped on the map go to the asset under the mouse, which is marked and named."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from hjgis.i18n import _
from hjgis.models.changes import FeatureKey
from hjgis.ui.photos.attaching import feature_name, files_in
from hjgis.ui.workspace import Workspace

# By name, as nothing is read while it is dragged; all else is for the import.
_SUFFIXES: Final = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".heic", ".heif", ".pdf", ".doc", ".docx")
)
# The size of a finger rather than of a mouse's point: what is dragged hides what is under it.
_NEAR_PX: Final = 20


class PhotoDrop(QObject):
    """Lets photos be dropped on features; `dropped` gives the files and the feature."""

    dropped = Signal(list, object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._space = workspace
        self._over: tuple[str, int] | None = None
        workspace.canvas.setAcceptDrops(True)
        workspace.canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._leave()
            return False
        if not isinstance(event, QDropEvent) or not self._photos(event):
            return super().eventFilter(watched, event)
        key = self._under(event)
        if isinstance(event, QDragMoveEvent):
            # Taken wherever it is, so that the import does not: between assets it waits.
            event.acceptProposedAction()
            return True
        if kind == QEvent.Type.Drop:
            event.acceptProposedAction()
            paths = self._photos(event)
            self._leave()
            if key is None:
                words = _("No asset is here: drop photos on an asset, or import them as points.")
                self._space.canvas.message.say(words)
            else:
                self.dropped.emit(paths, key)
            return True
        return super().eventFilter(watched, event)

    def _photos(self, event: QDropEvent) -> list[Path]:
        paths = files_in(event.mimeData())
        usable = all(path.suffix.casefold() in _SUFFIXES for path in paths)
        return paths if usable and not self._space.project.read_only else []

    def _under(self, event: QDropEvent) -> FeatureKey | None:
        """Return the feature under the mouse; mark and name it."""
        canvas, project = self._space.canvas, self._space.project
        hit = canvas.mark_at(event.position(), within_px=_NEAR_PX)
        found = project.store.features(hit.layer, [hit.fid]) if hit is not None else ()
        if not found:
            self._over = None
            return None
        feature = found[0]
        over = (feature.key.layer, feature.fid or 0)
        if over != self._over:
            self._over = over
            name = feature_name(project, feature)
            canvas.message.say(_("Attach to: {name}").format(name=name))
        return feature.key

    def _leave(self) -> None:
        self._over = None
        self._space.canvas.mark_at(None)
