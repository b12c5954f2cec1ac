"""The files that were imported last."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hjgis.ui.memory import memory

_KEY: Final = "imported"
_MOST: Final = 8


class RecentFiles:
    """Remembered in the file that remembers the window; without one, nothing is."""

    def __init__(self, file: Path | None) -> None:
        self._kept = memory(file) if file else None

    def paths(self) -> list[Path]:
        """Return the files that are still there, latest first."""
        kept = self._kept.value(_KEY, []) if self._kept else []
        # A list of one is kept as a text.
        names = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
        return [path for path in map(Path, names) if path.exists()]

    def add(self, path: Path) -> None:
        """Put a file on top."""
        if self._kept is not None:
            others = [str(other) for other in self.paths() if other != path]
            self._kept.setValue(_KEY, [str(path), *others][:_MOST])
