"""What an export says of its coordinates, so that no shift is ever taken away from them twice.

Degrees that were shifted and straightened look like any others. So whatever goes out in degrees
says that they are true ones, in words that stay in the file when it is copied, zipped or saved
into another folder; and the import looks for these words before it takes a shift away.
"""

from __future__ import annotations

import hashlib
import mmap
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hjgis.layers.project import Project
from hjgis.models.crs import Crs

# In the description of a GeoJSON or GeoPackage, in the metadata beside a shapefile.
TRUE: Final = "hjgis:true-coordinates"
NORTH_EAST: Final = ("X(北)", "Y(东)")
# A table of degrees names their datum in its headings.
_LATITUDE: Final = "纬度({datum})"
_LONGITUDE: Final = "经度({datum})"
_DATUMS: Final = ("CGCS2000", "WGS 84", "Xian 1980", "Beijing 1954")
SHAPEFILE_NOTE: Final = ".shp.xml"
_SOUGHT: Final = (TRUE, *(_LONGITUDE.format(datum=datum) for datum in _DATUMS))
_CHUNK: Final = 1 << 20
_FACT: Final = "shifted:"


def headings(crs: Crs) -> tuple[str, str]:
    """Return what a table calls its northings and eastings, or latitudes and longitudes."""
    if not crs.is_geographic:
        return NORTH_EAST
    datum = crs.datum or crs.name
    return _LATITUDE.format(datum=datum), _LONGITUDE.format(datum=datum)


def is_heading(name: str, crs: Crs) -> bool:
    """Whether a table of these coordinates calls a column so; once all degrees were CGCS2000."""
    former = (form.format(datum=_DATUMS[0]) for form in (_LATITUDE, _LONGITUDE))
    known = (*headings(crs), *NORTH_EAST, *former)
    return name.casefold() in [heading.casefold() for heading in known]


def says_true(source: Path) -> bool:
    """Whether a file says that its coordinates are true ones.

    Tables are looked through in UTF-8 and GBK. What a program keeps compressed, such as the inside
    of a workbook, is unpacked like an archive.
    """
    sought = [text.encode(page) for text in _SOUGHT for page in ("utf-8", "gbk")]
    if source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            return any(_holds_any(_chunks(archive, entry), sought) for entry in archive.infolist())
    beside = source.with_name(source.name + ".xml")
    return any(_file_holds(path, sought) for path in (source, beside) if path.is_file())


def note_beside(shapefile: Path) -> Path:
    """Return where the note of a shapefile stands: where ArcGIS looks for metadata."""
    return shapefile.with_suffix(SHAPEFILE_NOTE)


def write_note(shapefile: Path) -> None:
    """Write the note of a shapefile in degrees."""
    note_beside(shapefile).write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<metadata xml:lang="zh"><dataIdInfo><idAbs>'
        f"{TRUE}</idAbs></dataIdInfo></metadata>\n",
        "utf-8",
    )


def shifted(source: Path, shift: str | None) -> tuple[str, str] | None:
    """Return digest and map service of a file whose shift is taken away; None for any other."""
    known = digest(source) if shift is not None else None
    return (known, shift) if known is not None and shift is not None else None


def digest(source: Path) -> str | None:
    """Return what tells one file from another by its bytes; None for a folder."""
    if not source.is_file():
        return None
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(project: Project, source_digest: str, system: str) -> None:
    """Keep in the project that these bytes hold degrees that a map service has shifted."""
    project.set_info(_FACT + source_digest, system)


def remembered(project: Project, source: Path) -> str | None:
    """Return the system in which these bytes were imported before, if they were shifted degrees."""
    known = digest(source)
    return project.info(_FACT + known) if known else None


def _file_holds(path: Path, sought: list[bytes]) -> bool:
    if not path.stat().st_size:
        return False
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held,
    ):
        return any(held.find(one) >= 0 for one in sought)


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Return what is in an entry, each piece with the end of the one before."""
    if entry.flag_bits & 1:
        return
    longest = max(len(text.encode()) for text in _SOUGHT)
    with archive.open(entry) as file:
        tail = b""
        while piece := file.read(_CHUNK):
            yield tail + piece
            tail = piece[-longest:]


def _holds_any(chunks: Iterator[bytes], sought: list[bytes]) -> bool:
    return any(one in chunk for chunk in chunks for one in sought)
