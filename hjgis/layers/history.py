"""What was done to a project: changes, named moments, and what goes into an archive."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import (
    archive,
    checkpoints,
    database,
    feature_rows,
    journal,
    looking_back,
    past_rows,
)
from hjgis.layers.checkpoints import Checkpoint
from hjgis.layers.safekeeping import WriteAccess
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.changes import BORN_OF, FeatureKey
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress


class History:
    """The journal of one open project, for those who look into it.

    Changes are written into it by the store, in the transaction that stores them.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of this thread.
    access : WriteAccess
        Asked before a named moment is kept or the journal is cut.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, access: WriteAccess) -> None:
        self._db = connection
        self._path = path
        self._access = access

    def stacks(self) -> tuple[list[int], list[int]]:
        """Return numbers of the changes that can be undone and redone, latest last."""
        return journal.stacks(self._db)

    def entry(self, change: int) -> journal.Entry:
        """Return one change."""
        return journal.entry(self._db, change)

    def entries(
        self, feature: FeatureKey | None = None, *, limit: int = -1, ancestry: bool = False
    ) -> list[journal.Entry]:
        """Return changes, latest first; of one feature if asked, also after it was deleted.

        Parameters
        ----------
        ancestry : bool
            Where the feature was cut from another one, go on with what that one was before.
        """
        if feature is None:
            return journal.entries(self._db, limit=limit)
        fid = self._fid_ever(feature)
        result = [] if fid is None else journal.entries(self._db, feature=(feature, fid))
        if ancestry and result:
            result += self._before_birth(feature, result[-1])
        return result[: limit if limit >= 0 else None]

    def _before_birth(self, feature: FeatureKey, born: journal.Entry) -> list[journal.Entry]:
        of = born.params.get(BORN_OF, {}).get(feature.uuid)
        if of is None:
            return []
        older = self.entries(FeatureKey(feature.layer, of), ancestry=True)
        return [entry for entry in older if entry.id < born.id]

    def of_row(self, key: FeatureKey, fid: int) -> list[journal.Entry]:
        """Return the changes of the feature with this row number, latest first."""
        return journal.entries(self._db, feature=(key, fid))

    def single_rows(self, layers: Mapping[int, str]) -> dict[int, journal.Row]:
        """Return the row of a layer that each change touched, if one; see `journal.single_rows`."""
        return journal.single_rows(self._db, layers)

    def last_changed(self, key: FeatureKey, field: str, *, but: str) -> str | None:
        """Return the day on which a field was changed last; see `journal.last_changed`."""
        return journal.last_changed(
            self._db, key.layer, feature_rows.fid(self._db, key), field, but=but
        )

    def rows_ever(self, asset: AssetType) -> NDArray[np.int64]:
        """Return the fids that a layer has or had, rising."""
        return looking_back.rows_ever(self._db, asset)

    def drawn(self, layer: str) -> int:
        """Return how many rows of a layer were drawn one by one; what was archived is not known."""
        return journal.inserted_singly(self._db, layer)

    def steps_back(
        self, asset: AssetType, names: Sequence[str], *, progress: Progress = SILENT
    ) -> Iterator[looking_back.Step]:
        """Yield what the changes did to a layer, latest first; see `looking_back.steps_back`."""
        return looking_back.steps_back(self._db, asset, names, progress=progress)

    def rows_at(
        self,
        asset: AssetType,
        fids: NDArray[np.int64],
        change: int,
        *,
        progress: Progress = SILENT,
    ) -> LayerTable | None:
        """Return rows as they were after a change; see `past_rows.rows_at`."""
        return past_rows.rows_at(self._db, asset, fids, change, progress=progress)

    def last_changes(
        self, layer: str, fids: NDArray[np.int64], *, few: bool = False
    ) -> tuple[NDArray[np.int64], dict[int, str]]:
        """Return each row's latest change, and who made it; see `looking_back.last_changes`."""
        return looking_back.last_changes(self._db, layer, fids, few=few)

    def touched(self, changes: Collection[int]) -> list[tuple[FeatureKey, int]]:
        """Return the features, with their row numbers, that any of some changes touched."""
        result = []
        for layer, fid in journal.touched(self._db, changes):
            now = self._db.execute(
                f"SELECT uuid FROM {quoted(layer)} WHERE fid = ?", (fid,)
            ).fetchone()
            uuid = now[0] if now else journal.uuid_of_deleted(self._db, layer, fid)
            if uuid is not None:
                result.append((FeatureKey(layer, str(uuid)), fid))
        return result

    def touched_rows(self, change: int) -> dict[str, NDArray[np.int64]]:
        """Return the row numbers that a change touched, by layer; see `journal.touched_rows`."""
        return journal.touched_rows(self._db, change)

    def sign(self, changes: Collection[int], operator: str) -> None:
        """Write into changes that have no name who made them."""
        self._access.refuse_unchecked()
        with database.transaction(self._db, self._path):
            journal.sign(self._db, changes, operator)

    def mark(self, name: str, operator: str) -> Checkpoint:
        """Keep a named moment to come back to."""
        self._access.refuse_unchecked()
        with database.transaction(self._db, self._path):
            return checkpoints.mark(self._db, name, operator)

    def rename_checkpoint(self, number: int, name: str) -> None:
        """Give a named moment another name."""
        self._access.refuse_unchecked()
        with database.transaction(self._db, self._path):
            checkpoints.rename(self._db, number, name)

    def forget_checkpoint(self, number: int) -> None:
        """Take a named moment off the list; no change is touched."""
        self._access.refuse_unchecked()
        with database.transaction(self._db, self._path):
            checkpoints.forget(self._db, number)

    def checkpoints(self) -> list[Checkpoint]:
        """Return the named moments, latest first."""
        return checkpoints.listed(self._db)

    def changes_after(self, change: int) -> list[int]:
        """Return the numbers of later changes, latest first."""
        return journal.changes_after(self._db, change)

    def row_count(self, change: int) -> int:
        """Return how many rows of layers a change has touched."""
        return journal.row_count(self._db, change)

    def archive_cut(self, day: dt.date) -> archive.Cut:
        """Say what archiving the history before a day would move."""
        return archive.cut_before(self._db, day)

    def archive(self, cut: archive.Cut, target: Path) -> None:
        """Move the changes up to a cut into a file of their own.

        Raises
        ------
        ProjectError
            If the file is there already or cannot be written; the history is then as it was.
        """
        self._access.refuse()
        archive.write_archive(self._db, cut, target)
        with database.transaction(self._db, self._path):
            archive.forget_until(self._db, cut.last)

    def take_archive_back(self, path: Path) -> int:
        """Put archived changes in again; return how many.

        Raises
        ------
        InputError
            If the file is no archive, one of another project, or in already.
        """
        self._access.refuse()
        with database.told(self._path):
            return archive.take_back(self._db, self._path, path)

    def forget(self) -> None:
        """Empty the journal: what is stored now is the beginning."""
        with database.transaction(self._db, self._path):
            journal.forget(self._db)

    def _fid_ever(self, key: FeatureKey) -> int | None:
        row = self._db.execute(
            f"SELECT fid FROM {quoted(key.layer)} WHERE uuid = ?", (key.uuid,)
        ).fetchone()
        row = (
            row
            or self._db.execute(
                "SELECT fid FROM hjgis_change_row WHERE layer = ? AND op = 'delete'"
                " AND json_extract(old, '$.uuid') = ? ORDER BY id DESC LIMIT 1",
                (key.layer, key.uuid),
            ).fetchone()
        )
        return int(row[0]) if row else None
