"""Photos and papers in other GeoPackages of ours: exports, copies and projects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hjgis.errors import InputError, StoreConflict
from hjgis.i18n import _
from hjgis.layers.media import PREVIEWS, TABLE
from hjgis.models.assets import Value
from hjgis.models.attachments import CHUNK_BYTES, LAYER, Content

# What a file holds that was made by this program, with all that hangs on its features.
_NEEDED: Final = frozenset((LAYER, TABLE, PREVIEWS))


@dataclass(frozen=True, slots=True)
class ContentInFile(Content):
    """A content that lies in another GeoPackage until it is stored; `source` is that file."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, a megabyte at a time.

        Raises
        ------
        StoreConflict
            If the file no longer holds it.
        """
        assert isinstance(self.source, Path)
        with closing(_opened(self.source)) as file:
            sql = f"SELECT id FROM {TABLE} WHERE sha256 = ?"
            row = file.execute(sql, (self.sha256,)).fetchone()
            if row is None:
                message = _("{name} was changed meanwhile; nothing was stored. Attach it again.")
                raise StoreConflict(message.format(name=self.source.name))
            with file.blobopen(TABLE, "data", row[0], readonly=True) as blob:
                while chunk := blob.read(CHUNK_BYTES):
                    yield chunk


@dataclass(frozen=True, slots=True)
class Brought:
    """The attachments of a file: what is said of each (with ``uuid``), and what they show."""

    records: tuple[Mapping[str, Value], ...]
    contents: Mapping[str, Content]


def attachments_in(path: Path) -> Brought:
    """Return what a GeoPackage that this program wrote holds of photos and papers.

    Raises
    ------
    InputError
        If it cannot be read or holds none.
    """
    none = InputError(_("{path} holds no photos or papers of hjgis.").format(path=path.name))
    try:
        with closing(_opened(path)) as file:
            tables = {row[0] for row in file.execute("SELECT name FROM sqlite_master")}
            if not tables >= _NEEDED:
                raise none
            file.row_factory = sqlite3.Row
            records = tuple(dict(row) for row in file.execute(f"SELECT * FROM {LAYER}"))
            contents: dict[str, Content] = {
                row["sha256"]: ContentInFile(
                    row["sha256"], row["content_type"], row["size_bytes"], path, row["preview"]
                )
                for row in file.execute(
                    "SELECT m.sha256, m.content_type, m.size_bytes, p.data AS preview"
                    f" FROM {TABLE} m LEFT JOIN {PREVIEWS} p USING (sha256)"
                )
            }
    except sqlite3.Error as error:
        message = _("Cannot read {path}: {error}")
        raise InputError(message.format(path=path.name, error=error)) from error
    if not records:
        raise none
    return Brought(records, contents)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
