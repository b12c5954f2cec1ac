"""Questions for files and folders, asked without looking into any file.

Qt's own dialog looks into each file of a folder to find its picture. Whoever opens and closes the
file of an open project in this process drops the locks that SQLite holds on it (POSIX): another
program that opens it then takes it for unused, and cuts what is mapped into our memory.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QFileInfo
from PySide6.QtGui import QAbstractFileIconProvider, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QStyle, QWidget

from hjgis.i18n import _

_Mode = QFileDialog.FileMode
_Option = QFileDialog.Option


class _ByName(QAbstractFileIconProvider):
    """Pictures and kinds of files, told without opening them."""

    def icon(self, about: QAbstractFileIconProvider.IconType | QFileInfo) -> QIcon:
        folder = QAbstractFileIconProvider.IconType.Folder
        is_folder = about.isDir() if isinstance(about, QFileInfo) else about == folder
        pixmap = QStyle.StandardPixmap
        wanted = pixmap.SP_DirIcon if is_folder else pixmap.SP_FileIcon
        return QApplication.style().standardIcon(wanted)

    def type(self, info: QFileInfo) -> str:
        return _("Folder") if info.isDir() else info.suffix().upper()


@cache
def _by_name() -> _ByName:
    # A dialog does not own it.
    return _ByName()


def open_file(
    parent: QWidget | None, title: str, start: str = "", kinds: str = ""
) -> tuple[str, str]:
    """Return a file that is there, and the kind that was chosen; empty if nobody wants one."""
    names, kind = _asked(_dialog(parent, title, start, kinds, _Mode.ExistingFile))
    return (names[0] if names else ""), kind


def open_files(
    parent: QWidget | None, title: str, start: str = "", kinds: str = ""
) -> tuple[list[str], str]:
    """Return files that are there, and the kind that was chosen."""
    return _asked(_dialog(parent, title, start, kinds, _Mode.ExistingFiles))


def save_file(
    parent: QWidget | None,
    title: str,
    start: str = "",
    kinds: str = "",
    *,
    confirm: bool = True,
) -> tuple[str, str]:
    """Return a file to be written, and its kind; `confirm` asks before one is replaced."""
    dialog = _dialog(parent, title, start, kinds, _Mode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(_Option.DontConfirmOverwrite, not confirm)
    names, kind = _asked(dialog)
    return (names[0] if names else ""), kind


def folder(parent: QWidget | None, title: str, start: str = "") -> str:
    """Return a folder; empty if nobody wants one."""
    dialog = _dialog(parent, title, start, "", _Mode.Directory)
    dialog.setOption(_Option.ShowDirsOnly)
    names, _kind = _asked(dialog)
    return names[0] if names else ""


def _dialog(
    parent: QWidget | None, title: str, start: str, kinds: str, mode: QFileDialog.FileMode
) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    # What a desktop's own dialog looks into is not known.
    dialog.setOption(_Option.DontUseNativeDialog)
    dialog.setIconProvider(_by_name())
    dialog.setFileMode(mode)
    if kinds:
        dialog.setNameFilter(kinds)
    if start:
        path = Path(start)
        dialog.setDirectory(str(path if path.is_dir() else path.parent))
        if not path.is_dir():
            dialog.selectFile(path.name)
    return dialog


def _asked(dialog: QFileDialog) -> tuple[list[str], str]:
    wanted = bool(dialog.exec())
    names, kind = dialog.selectedFiles(), dialog.selectedNameFilter()
    dialog.deleteLater()
    return (names, kind) if wanted else ([], "")
