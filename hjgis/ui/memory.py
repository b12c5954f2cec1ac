"""What windows remember from one start to the next: one file for all of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from hjgis import paths


def memory(file: Path) -> QSettings:
    """Return what a file remembers; a damaged one is put aside, and nothing is remembered."""
    try:
        if file.exists() and not _is_whole(file.read_bytes()):
            paths.set_aside(file)
    except OSError:
        # It cannot be read: Qt finds nothing there either, and writes nothing.
        pass
    return QSettings(str(file), QSettings.Format.IniFormat)


def _is_whole(raw: bytes) -> bool:
    """Whether a file is what Qt writes: lines of names and values, the last one ended."""
    try:
        *lines, rest = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return False
    if b"\x00" in raw or rest.strip():
        return False
    return all("=" in line or line.startswith(("[", ";")) or not line.strip() for line in lines)
