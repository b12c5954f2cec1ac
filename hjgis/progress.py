"""How long work tells where it is, and hears that it should stop."""

from __future__ import annotations

from typing import Final, Protocol


class Progress(Protocol):
    """Ears for a long job; a job calls both methods often."""

    def report(self, done: int, total: int, key: str) -> None:
        """Say that `done` of `total` steps of the phase `key` are finished."""

    def check(self) -> None:
        """Raise `hjgis.errors.Cancelled` when the user has asked to stop."""


class _Silent:
    def report(self, done: int, total: int, key: str) -> None:
        """Hear nothing."""

    def check(self) -> None:
        """Never stop."""


SILENT: Final[Progress] = _Silent()
