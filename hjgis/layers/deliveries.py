"""The register of deliveries: who was given what and when; nothing is ever taken out of it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers import database, journal, schema
from hjgis.layers.safekeeping import WriteAccess
from hjgis.models.deliveries import Delivery

TABLE: Final = "hjgis_delivery"
# Made with the first delivery, so that a project without any stays as it is.
_TABLES: Final = (
    f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,"
    " at TEXT NOT NULL, operator TEXT NOT NULL, change INTEGER NOT NULL, recipient TEXT NOT NULL,"
    " purpose TEXT NOT NULL, secrecy TEXT NOT NULL, package TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " facts TEXT NOT NULL)",
    f"CREATE TABLE {TABLE}_rows (delivery INTEGER NOT NULL REFERENCES {TABLE}(id),"
    " layer TEXT NOT NULL, fids BLOB NOT NULL, PRIMARY KEY (delivery, layer))",
)
_COLUMNS: Final = (
    "id, uuid, at, operator, change, recipient, purpose, secrecy, package, sha256, facts"
)


@dataclass(frozen=True, slots=True)
class State:
    """What a project holds: after which change, and after how many edits that joined it."""

    change: int
    joined: int = 0


class Deliveries:
    """The register of one open project.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of this thread.
    access : WriteAccess
        Asked before something is entered.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, access: WriteAccess) -> None:
        self._db = connection
        self._path = path
        self._access = access

    def entries(self) -> list[Delivery]:
        """Return what was delivered, latest first."""
        if not self._is_there():
            return []
        found = self._db.execute(f"SELECT {_COLUMNS} FROM {TABLE} ORDER BY id DESC")
        return [_delivery(row) for row in found]

    def with_uuid(self, uuid: str) -> Delivery | None:
        """Return the delivery of a package, if it was made of this project."""
        return next((entry for entry in self.entries() if entry.uuid == uuid), None)

    def ends_with(self, change: int) -> bool:
        """Whether a change is the last that went out with a delivery, so that it must stay."""
        return any(entry.change == change for entry in self.entries())

    def last_change(self) -> int:
        """Return the number of the last change, also where it is in an archive; 0: none yet."""
        found = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'hjgis_change'")
        return int((found.fetchone() or (0,))[0])

    def state(self, change: int | None = None) -> State:
        """Return what the project holds after a change, the last one if none is named."""
        change = self.last_change() if change is None else change
        found = self._db.execute(
            f"SELECT json_extract(params, '$.{journal.JOINED}') FROM hjgis_change WHERE id = ?",
            (change,),
        ).fetchone()
        return State(change, int((found and found[0]) or 0))

    def rows(self, number: int) -> dict[str, NDArray[np.int64]]:
        """Return the fids that were delivered, by layer, rising."""
        found = self._db.execute(
            f"SELECT layer, fids FROM {TABLE}_rows WHERE delivery = ? ORDER BY rowid", (number,)
        )
        return {layer: _unpacked(packed) for layer, packed in found}

    def next_number(self) -> int:
        """Return the number that the next delivery will have."""
        return max((entry.number for entry in self.entries()), default=0) + 1

    def enter(
        self, entry: Delivery, rows: Mapping[str, NDArray[np.int64]], *, operator: str
    ) -> Delivery:
        """Write a delivery into the register and return it with its number and moment.

        It is no step of undo: what left the house has left it.

        Parameters
        ----------
        entry : Delivery
            ``number`` and ``operator`` are given here; ``at`` and ``change`` where they are empty:
            a package that was made earlier says when, and of which state.
        rows : mapping of str to array of int64
            The fids that go out, by layer.

        Raises
        ------
        ReadOnlyProject
            If the project cannot be written.
        """
        self._access.refuse_unchecked()
        with database.transaction(self._db, self._path):
            if not self._is_there():
                for statement in _TABLES:
                    self._db.execute(statement)
                for table in (TABLE, f"{TABLE}_rows"):
                    schema.register_own_table(self._db, table)
            values = (
                entry.uuid, entry.at or now(), operator,
                entry.change or self.last_change(), entry.recipient, entry.purpose, entry.secrecy,
                entry.package,
                entry.sha256, entry.facts(),
            )  # fmt: skip
            names = _COLUMNS.removeprefix("id, ")
            marks = ",".join("?" * len(values))
            made = self._db.execute(f"INSERT INTO {TABLE} ({names}) VALUES ({marks})", values)
            self._db.executemany(
                f"INSERT INTO {TABLE}_rows VALUES (?,?,?)",
                [(made.lastrowid, layer, _packed(fids)) for layer, fids in rows.items()],
            )
        found = self.with_uuid(entry.uuid)
        assert found is not None
        return found

    def _is_there(self) -> bool:
        found = self._db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TABLE,))
        return found.fetchone() is not None


def now() -> str:
    """Return the moment as the register writes it: by the clock on the wall, which names it."""
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")


def _delivery(row: tuple[str, ...]) -> Delivery:
    number, *texts, facts = row
    held = json.loads(facts)
    uuid, at, operator, change, recipient, purpose, secrecy, package, sha256 = texts
    return Delivery(
        int(number), uuid, at, operator, int(change), recipient, purpose, secrecy, package,
        sha256, float(held["area_km2"]), held["counts"], held["order"],
    )  # fmt: skip


def _packed(fids: NDArray[np.int64]) -> bytes:
    """Return rising row numbers as their steps, which are small."""
    return zlib.compress(np.diff(fids, prepend=0).astype("<i8").tobytes(), 6)


def _unpacked(packed: bytes) -> NDArray[np.int64]:
    return np.cumsum(np.frombuffer(zlib.decompress(packed), "<i8"), dtype=np.int64)
