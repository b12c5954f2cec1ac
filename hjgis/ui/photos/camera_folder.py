"""A folder in which a camera or a phone puts its photos, watched for new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from hjgis.exchange.photos import SUFFIXES

# A photo is complete when it has been as large for so long.
SETTLED_MS: Final = 600
# Folders of network drives and phones do not tell of themselves.
_LOOK_MS: Final = 3000


class CameraFolder(QObject):
    """Tells of photos that are new in a folder and its subfolders, once each is complete.

    `arrived` gives a list of paths; `changed` says that watching has begun or ended, `lost` that
    the folder is gone.
    """

    arrived = Signal(list)
    changed = Signal()
    lost = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._known: set[Path] = set()
        self._growing: dict[Path, int] = {}
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self, interval=SETTLED_MS, singleShot=True)
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._watcher.directoryChanged.connect(self._look)
        self._looking.timeout.connect(self._look)
        self._settling.timeout.connect(self._look)

    @property
    def folder(self) -> Path | None:
        """The folder that is watched; None if none is."""
        return self._folder

    def watch(self, folder: Path) -> None:
        """Begin; what is in the folder already is left alone."""
        self.stop()
        self._folder = folder
        self._known = set(_photos(folder))
        self._watch_folders()
        self._looking.start()
        self.changed.emit()

    def stop(self) -> None:
        """Watch no more."""
        if self._folder is None:
            return
        self._folder = None
        self._growing.clear()
        self._looking.stop()
        self._settling.stop()
        watched = self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)
        self.changed.emit()

    def _look(self) -> None:
        if self._folder is None:
            return
        if not self._folder.is_dir():
            gone = self._folder
            self.stop()
            self.lost.emit(gone)
            return
        self._watch_folders()
        complete = []
        for path in _photos(self._folder):
            if path in self._known:
                continue
            size = _size(path)
            if size and self._growing.get(path) == size and not self._settling.isActive():
                complete.append(path)
            else:
                self._growing[path] = size
        for path in complete:
            self._known.add(path)
            del self._growing[path]
        self._growing = {path: size for path, size in self._growing.items() if path.exists()}
        if self._growing and not self._settling.isActive():
            self._settling.start()
        if complete:
            self.arrived.emit(complete)

    def _watch_folders(self) -> None:
        """Cameras begin a new subfolder every some hundred photos."""
        if self._folder is None:
            return
        wanted = [str(self._folder), *(str(path) for path in _subfolders(self._folder))]
        new = set(wanted) - set(self._watcher.directories())
        if new:
            self._watcher.addPaths(sorted(new))


def _photos(folder: Path) -> list[Path]:
    try:
        found = [
            path
            for place in (folder, *_subfolders(folder))
            for path in place.iterdir()
            if path.suffix.casefold() in SUFFIXES and not path.name.startswith(".")
        ]
    except OSError:
        return []
    return sorted(found)


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and path.name[:1] != "."]
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
