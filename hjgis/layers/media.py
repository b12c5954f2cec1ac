"""Photos and papers by content, inside the project's file.

Tables as the OGC GeoPackage Related Tables Extension 1.0 (OGC 18-000), requirements class Media,
has them: other programs list for each layer which media belong to its features. What belongs to
what is said by the records of `attachment` alone; the mappings are views of it. A content is never
taken out by an edit, so that undo, redo and history find it: only `Media.clean` does, when asked.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from hjgis import paths
from hjgis.errors import InputError, ProjectError, StoreConflict
from hjgis.i18n import _, reason
from hjgis.layers import database
from hjgis.layers.schema import quoted
from hjgis.models.assets import AssetType
from hjgis.models.attachments import CHUNK_BYTES, LAYER, Content
from hjgis.progress import Progress

TABLE: Final = "hjgis_media"
PREVIEWS: Final = "hjgis_preview"
_EXTENSION: Final = "gpkg_related_tables"
_DEFINITION: Final = "http://www.geopackage.org/18-000.html"
_VIEW: Final = "hjgis_media_of_"
_SQL: Final = f"""
CREATE TABLE {TABLE} (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, content_type TEXT NOT NULL,
  sha256 TEXT(64) NOT NULL UNIQUE, size_bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE {PREVIEWS} (sha256 TEXT(64) PRIMARY KEY NOT NULL, data BLOB NOT NULL);
CREATE INDEX {LAYER}_content ON {LAYER} (sha256);
CREATE TABLE IF NOT EXISTS gpkgext_relations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, base_table_name TEXT NOT NULL,
  base_primary_column TEXT NOT NULL DEFAULT 'id', related_table_name TEXT NOT NULL,
  related_primary_column TEXT NOT NULL DEFAULT 'id', relation_name TEXT NOT NULL,
  mapping_table_name TEXT NOT NULL UNIQUE)"""
# What the records name now, and what the journal would bring back.
_NEEDED: Final = f"""
SELECT sha256 FROM {LAYER} WHERE sha256 NOTNULL
UNION SELECT json_extract(old, '$.sha256') FROM hjgis_change_row
  WHERE layer = '{LAYER}' AND json_extract(old, '$.sha256') NOTNULL
UNION SELECT json_extract(old, '$.sha256') FROM hjgis_foreign
  WHERE layer = '{LAYER}' AND json_extract(old, '$.sha256') NOTNULL"""


COLUMNS: Final = {TABLE: "content_type, sha256, size_bytes, data", PREVIEWS: "sha256, data"}
# As GeoPackage 1.3 has it; GDAL makes it only where it needs one.
_EXTENSIONS: Final = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"""


@dataclass(frozen=True, slots=True)
class Stock:
    """How many contents there are, and how large they are together."""

    count: int
    size_bytes: int


class Media:
    """The contents of one open project, to read and to clean up.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of this thread.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = connection, path

    def previews(self, digests: Iterable[str]) -> dict[str, bytes]:
        """Return the small JPEGs of those of some contents that have one."""
        result: dict[str, bytes] = {}
        for some in database.chunks(list(dict.fromkeys(digests))):
            marks = ",".join("?" * len(some))
            sql = f"SELECT sha256, data FROM {PREVIEWS} WHERE sha256 IN ({marks})"
            result.update(self._db.execute(sql, some))
        return result

    def has(self, sha256: str) -> bool:
        """Whether a content is in the file."""
        return _id_of(self._db, sha256) is not None

    def content_type(self, sha256: str) -> str:
        """Return what kind of content it is; empty if it is not there."""
        sql = f"SELECT content_type FROM {TABLE} WHERE sha256 = ?"
        row = self._db.execute(sql, (sha256,)).fetchone()
        return str(row[0]) if row else ""

    def read(self, sha256: str) -> bytes:
        """Return a content.

        Raises
        ------
        ProjectError
            If it is not in the file, or is not what was stored.
        """
        return b"".join(self.chunks(sha256))

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """Yield a content, a megabyte at a time, and look whether it is what was stored.

        Raises
        ------
        ProjectError
            If it is not in the file, or, at the end, if it is not what was stored.
        """
        number = _id_of(self._db, sha256)
        if number is None:
            message = _(
                "The content of this attachment is no longer in {path}; take it from a backup."
            )
            raise ProjectError(message.format(path=self._path.name))
        digest = hashlib.sha256()
        with (
            database.told(self._path),
            self._db.blobopen(TABLE, "data", number, readonly=True) as blob,
        ):
            while chunk := blob.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != sha256:
            message = _("An attachment in {path} is damaged; take it from a backup.")
            raise ProjectError(message.format(path=self._path.name))

    def save(self, sha256: str, target: Path) -> None:
        """Write a content into a file, whole or not at all.

        Raises
        ------
        ProjectError
            If it is not in the project or damaged.
        InputError
            If the file cannot be written.
        """
        try:
            with paths.written_whole(target) as draft, draft.open("wb") as file:
                self._write_to(file, sha256)
        except OSError as error:
            message = _("Cannot write {path}: {error}")
            raise InputError(message.format(path=target, error=reason(error))) from error

    def _write_to(self, file: BinaryIO, sha256: str) -> None:
        for chunk in self.chunks(sha256):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())

    def stock(self) -> Stock:
        """Return what there is."""
        return self._counted("")

    def unneeded(self) -> Stock:
        """Return what no attachment names and no change in the history would bring back.

        What an archive of old history names counts as unneeded.
        """
        return self._counted(f"WHERE sha256 NOT IN ({self._needed()})")

    def clean(self) -> Stock:
        """Take out what is not needed; undo does not bring it back. Return what went.

        Raises
        ------
        ProjectError
            If the file cannot be written.
        """
        with database.transaction(self._db, self._path):
            gone = self.unneeded()
            self._db.execute(f"DELETE FROM {TABLE} WHERE sha256 NOT IN ({self._needed()})")
            kept = f"SELECT sha256 FROM {TABLE}"
            self._db.execute(f"DELETE FROM {PREVIEWS} WHERE sha256 NOT IN ({kept})")
        return gone

    def _needed(self) -> str:
        parked = self._db.execute(
            "SELECT parked FROM hjgis_change_range WHERE layer = ? AND parked NOTNULL", (LAYER,)
        )
        tables = (
            f" UNION SELECT sha256 FROM {quoted(row[0])} WHERE sha256 NOTNULL"
            for row in parked.fetchall()
        )
        return _NEEDED + "".join(tables)

    def _counted(self, where: str) -> Stock:
        sql = f"SELECT count(*), coalesce(sum(size_bytes), 0) FROM {TABLE} {where}"
        return Stock(*self._db.execute(sql).fetchone())


def create(connection: sqlite3.Connection, types: Iterable[AssetType]) -> None:
    """Make the tables and the mapping of each layer that features have attachments in.

    Layers that have theirs already are left alone; without records of attachments nothing is made.
    """
    layers = list(types)
    if LAYER not in {asset.id for asset in layers}:
        return
    made = "SELECT 1 FROM sqlite_master WHERE name = ?"
    if connection.execute(made, (PREVIEWS,)).fetchone() is None:
        for statement in _SQL.split(";\n"):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description)"
            " VALUES (?, 'attributes', '照片和资料', 'Photos and papers')",
            (TABLE,),
        )
        _register(connection, "gpkgext_relations")
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'hjgis_project', ?, 'read-write')",
            (PREVIEWS, "hjgis: docs/ARCHITECTURE.md"),
        )
    for name, statement in views(layers).items():
        if connection.execute(made, (name,)).fetchone() is None:
            connection.execute(statement)
            _register(connection, name)
            connection.execute(
                "INSERT INTO gpkgext_relations (base_table_name, base_primary_column,"
                " related_table_name, related_primary_column, relation_name, mapping_table_name)"
                " VALUES (?, 'fid', ?, 'id', 'media', ?)",
                (name.removeprefix(_VIEW), TABLE, name),
            )


def carry_over(
    project: Path,
    target: Path,
    layers: Sequence[AssetType],
    progress: Progress,
    *,
    changed: Callable[[bytes, str], bytes] | None = None,
) -> Stock:
    """Write into a GeoPackage that holds exported layers what its attachments name.

    The file must be closed elsewhere. Without attachments in it, nothing is written.

    Parameters
    ----------
    project : Path
        Of the open project; it is only read.
    layers : sequence of AssetType
        What the file holds.
    changed : callable, optional
        Returns the content that is to be there, of content and type; then it has another digest,
        which its records name.

    Raises
    ------
    ProjectError
        If one of the two cannot be read or written.
    Cancelled
        If `progress` says so; the file is then of no use.
    """
    if LAYER not in {asset.id for asset in layers}:
        return Stock(0, 0)
    sized = any(asset.id == LAYER and asset.has("size_bytes") for asset in layers)
    with database.told(target), closing(database.connect(target, write=True)) as made:
        with database.attached(made, project):
            made.execute("BEGIN IMMEDIATE")
            made.execute(_EXTENSIONS)
            create(made, layers)
            wanted = made.execute(
                f"SELECT sha256 FROM other.{TABLE} WHERE sha256 IN (SELECT sha256 FROM {LAYER})"
            ).fetchall()
            for number, row in enumerate(wanted):
                progress.report(number, len(wanted), TABLE)
                progress.check()
                if changed is not None:
                    _copy_changed(made, row[0], changed, sized=sized)
                    continue
                for table, columns in COLUMNS.items():
                    made.execute(
                        f"INSERT INTO main.{table} ({columns}) SELECT {columns}"
                        f" FROM other.{table} WHERE sha256 = ?",
                        row,
                    )
            made.execute("COMMIT")
        return Media(made, target).stock()


def _copy_changed(
    made: sqlite3.Connection,
    sha256: str,
    changed: Callable[[bytes, str], bytes],
    *,
    sized: bool,
) -> None:
    """Copy one content as it is to be, without a trace of what it was.

    Parameters
    ----------
    sized : bool
        Whether its records say how large it is.
    """
    sql = f"SELECT data, content_type FROM other.{TABLE} WHERE sha256 = ?"
    before, kind = made.execute(sql, (sha256,)).fetchone()
    data = changed(before, kind)
    digest = hashlib.sha256(data).hexdigest()
    # Two photos may have differed in what the camera wrote alone.
    sql = f"INSERT OR IGNORE INTO main.{TABLE} ({COLUMNS[TABLE]}) VALUES (?,?,?,?)"
    made.execute(sql, (kind, digest, len(data), data))
    previews = made.execute(f"SELECT data FROM other.{PREVIEWS} WHERE sha256 = ?", (sha256,))
    for (preview,) in previews.fetchall():
        sql = f"INSERT OR IGNORE INTO main.{PREVIEWS} ({COLUMNS[PREVIEWS]}) VALUES (?,?)"
        made.execute(sql, (digest, changed(preview, "image/jpeg")))
    if sized:
        sql = f"UPDATE main.{LAYER} SET size_bytes = ? WHERE sha256 = ?"
        made.execute(sql, (len(data), sha256))
    made.execute(f"UPDATE main.{LAYER} SET sha256 = ? WHERE sha256 = ?", (digest, sha256))


def views(types: Iterable[AssetType]) -> dict[str, str]:
    """Return name and statement of the view that maps a layer's features to media, for each."""
    layers = list(types)
    if LAYER not in {asset.id for asset in layers}:
        return {}
    return {
        _VIEW + asset.id: f"CREATE VIEW {quoted(_VIEW + asset.id)} AS"
        f" SELECT f.fid AS base_id, m.id AS related_id FROM {LAYER} a"
        f" JOIN {quoted(asset.id)} f ON f.uuid = a.asset_uuid"
        f" JOIN {TABLE} m ON m.sha256 = a.sha256 WHERE a.asset_layer = '{asset.id}'"
        for asset in layers
        if not asset.is_record
    }


def stage(project: Path, contents: Sequence[Content], progress: Progress) -> None:
    """Store contents of an open project ahead of the change that names them, in another thread.

    That change is then quick, however large they are. If it never comes, they are not needed, and
    `Media.clean` takes them out. Each is a transaction of its own: an edit hardly has to wait.

    Raises
    ------
    StoreConflict
        If a file has changed or gone since it was looked at.
    ProjectError
        If the project cannot be written.
    Cancelled
        If `progress` says so.
    """
    with closing(database.connect(project, write=True)) as connection:
        for number, content in enumerate(contents):
            progress.report(number, len(contents), TABLE)
            progress.check()
            with database.transaction(connection, project):
                put(connection, [content])
        progress.report(len(contents), len(contents), TABLE)


def put(connection: sqlite3.Connection, contents: Iterable[Content]) -> None:
    """Store contents that are not there yet, inside a transaction.

    Raises
    ------
    StoreConflict
        If a file has changed or gone since it was looked at.
    """
    for content in contents:
        if _id_of(connection, content.sha256) is None:
            _insert(connection, content)
        if content.preview is not None:
            sql = f"INSERT OR IGNORE INTO {PREVIEWS} VALUES (?, ?)"
            connection.execute(sql, (content.sha256, content.preview))


def _insert(connection: sqlite3.Connection, content: Content) -> None:
    cursor = connection.execute(
        f"INSERT INTO {TABLE} (content_type, sha256, size_bytes, data)"
        " VALUES (?, ?, ?, zeroblob(?))",
        (content.content_type, content.sha256, content.size_bytes, content.size_bytes),
    )
    assert cursor.lastrowid is not None
    digest = hashlib.sha256()
    try:
        with connection.blobopen(TABLE, "data", cursor.lastrowid) as blob:
            for chunk in content.chunks():
                digest.update(chunk)
                blob.write(chunk)
    except (OSError, ValueError) as error:
        # ValueError: the file has grown.
        raise _changed(content) from error
    if digest.hexdigest() != content.sha256:
        raise _changed(content)


def _changed(content: Content) -> StoreConflict:
    message = _("{name} was changed meanwhile; nothing was stored. Attach it again.")
    name = content.source.name if isinstance(content.source, Path) else content.sha256[:8]
    return StoreConflict(message.format(name=name))


def _id_of(connection: sqlite3.Connection, sha256: str) -> int | None:
    row = connection.execute(f"SELECT id FROM {TABLE} WHERE sha256 = ?", (sha256,)).fetchone()
    return int(row[0]) if row else None


def _register(connection: sqlite3.Connection, table: str) -> None:
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
        (table, _EXTENSION, _DEFINITION),
    )
