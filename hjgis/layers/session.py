"""The one door through which features change: apply, undo, redo, announce."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hjgis.layers import foreign
from hjgis.layers.archive import Cut
from hjgis.layers.checkpoints import Checkpoint
from hjgis.layers.journal import DISCARD
from hjgis.layers.store import GeoPackageStore
from hjgis.models.changes import Announcement, ChangeSet

Listener = Callable[[Announcement], None]


class EditSession:
    """Stores changes, takes them back and tells listeners.

    The store moves first: if it refuses, history and listeners never hear of it.

    Attributes
    ----------
    operator : str
        Name written into the journal.
    """

    def __init__(self, store: GeoPackageStore, operator: str = "") -> None:
        self._store = store
        self.operator = operator
        self._done, self._undone = store.history.stacks()
        self._listeners: list[Listener] = []
        # Changes of this session that were made before somebody said who works here.
        self._nameless: list[int] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` after every stored change."""
        self._listeners.append(listener)

    def apply(self, changes: ChangeSet, *, joins: int | None = None) -> Announcement:
        """Store a new edit; what was undone before it can no longer be redone.

        Parameters
        ----------
        joins : int, optional
            Number of an earlier change of values that this one continues: undo takes back both
            at once. It is a change of its own where anything happened in between.

        Raises
        ------
        StoreConflict, ProjectError
            If it could not be stored; then nothing of it was.
        ValueError
            If there is nothing to store.
        """
        if not changes:
            raise ValueError("an empty change")
        joins = joins if self._done and self._done[-1] == joins else None
        announcement = self._store.apply(changes, self.operator, joins=joins)
        if announcement.change_id != joins:
            self._done.append(announcement.change_id)
        self._undone.clear()
        return self._announce(announcement)

    def work_as(self, operator: str) -> None:
        """Write a name into the journal: with what comes, and what came here without one."""
        if operator and self._nameless:
            self._store.history.sign(self._nameless, operator)
            self._nameless.clear()
        self.operator = operator

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._done) and not self._store.access.read_only

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return bool(self._undone) and not self._store.access.read_only

    @property
    def undo_rows(self) -> int:
        """How many rows the edit that undo takes back has touched; 0 if there is none."""
        return self._store.history.row_count(self._done[-1]) if self._done else 0

    @property
    def redo_rows(self) -> int:
        """How many rows redo changes; 0 if there is nothing to do again."""
        return self._store.history.row_count(self._undone[-1]) if self._undone else 0

    def next_undo(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return label and facts of the edit that undo takes back."""
        return self._head(self._done)

    def next_redo(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return label and facts of the edit that redo does again."""
        return self._head(self._undone)

    def undo(self) -> Announcement:
        """Take back the latest edit; IndexError if there is none."""
        announcement = self._store.revert(self._done[-1], self.operator)
        self._done.pop()
        self._undone.append(announcement.change_id)
        return self._announce(announcement)

    def redo(self) -> Announcement:
        """Do the latest undone edit again; IndexError if there is none."""
        announcement = self._store.revert(self._undone[-1], self.operator)
        self._undone.pop()
        self._done.append(announcement.change_id)
        return self._announce(announcement)

    def mark(self, name: str = "") -> Checkpoint:
        """Keep a moment to come back to, called by its time where it has no name."""
        return self._store.history.mark(name, self.operator)

    def discard_to(self, checkpoint: Checkpoint) -> int:
        """Take back, latest first, all that was done after a checkpoint.

        Each step is a change of its own, so this can be undone too.

        Returns
        -------
        int
            How many changes were taken back.
        """
        later = self._store.history.changes_after(checkpoint.change)
        for change in later:
            announcement = self._store.revert(change, self.operator, source=DISCARD)
            self._done.append(announcement.change_id)
            self._undone.clear()
            self._announce(announcement)
        return len(later)

    def archive(self, cut: Cut, target: Path) -> None:
        """Move old changes into a file; undo then reaches back to the cut only."""
        self._store.history.archive(cut, target)
        self._done, self._undone = self._store.history.stacks()

    def take_archive_back(self, path: Path) -> int:
        """Put archived changes in again; return how many."""
        count = self._store.history.take_archive_back(path)
        self._done, self._undone = self._store.history.stacks()
        return count

    def take_up(self, announcement: Announcement) -> Announcement:
        """Tell listeners of a change that another session of this program has stored."""
        self._done, self._undone = self._store.history.stacks()
        return self._announce(announcement)

    def adopt_foreign(self) -> Announcement | None:
        """Take up what other programs did to the file; None if nothing."""
        announcement = self._store.adopt_foreign()
        if announcement is None:
            return None
        self._done.append(announcement.change_id)
        self._undone.clear()
        return self._announce(announcement)

    def _head(self, stack: list[int]) -> tuple[str, Mapping[str, Any]] | None:
        if not stack:
            return None
        entry = self._store.history.entry(stack[-1])
        return entry.label, entry.params

    def _announce(self, announcement: Announcement) -> Announcement:
        if not self.operator and announcement.label != foreign.LABEL:
            self._nameless.append(announcement.change_id)
        for listener in self._listeners:
            listener(announcement)
        return announcement
