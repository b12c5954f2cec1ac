"""Archives (ZIP, KMZ, the parts of a workbook): unpacked into our folder, and only what is safe."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import photos
from hjgis.exchange.foreign import unreadable
from hjgis.exchange.tables import sisters
from hjgis.i18n import _

# An archive that unpacks to more than this, or to so many files, is no delivery but a trap.
_MOST_UNPACKED_BYTES: Final = 4 * 1024**3
_MOST_FILES: Final = 10_000
# Tables full of blanks shrink a hundredfold; what shrinks further and is large is a trap.
_MOST_TIMES: Final = 300
_SMALL_BYTES: Final = 64 * 1024**2
_CHUNK_BYTES: Final = 1024**2
_UTF8_FLAG: Final = 0x800
_LOCKED_FLAG: Final = 0x1
_NESTED: Final = {".zip", ".kmz", ".rar", ".7z", ".gz", ".tar"}
_NOTES: Final = {".txt", ".log"}
# What macOS adds of its own.
_RUBBISH: Final = "__MACOSX"
# What 中文 Windows writes is GBK, without saying so; macOS writes UTF-8, without saying so.
_NAMES_IN: Final = ("utf-8", "gb18030")


def only_file(source: Path, folder: Path, suffixes: Set[str]) -> Path:
    """Unpack a ZIP and return the one file in it that can be read, or `folder` if all are photos.

    Parameters
    ----------
    suffixes : set of str
        Of what can be read, in small letters; archives in the archive are not opened.

    Raises
    ------
    InputError
        If it is damaged, locked or a trap.
    InputQuestion
        If there is not just one.
    """
    with _opened(source) as archive:
        _unpack(source, archive, _members(source, archive), folder)
    inside = sorted(folder.rglob("*"))
    known = [p for p in inside if p.suffix.casefold() in suffixes - _NESTED]
    databases = [path for path in known if path.is_dir()]
    found = [path for path in known if not any(d in path.parents for d in databases)]
    shapefiles = {path.with_suffix("").name for path in found if path.suffix.casefold() == ".shp"}
    # A note beside a shapefile is no layer, and its table is none of its own.
    found = [p for p in found if p.suffix.casefold() not in _NOTES or not shapefiles]
    found = [p for p in found if p.suffix.casefold() != ".dbf" or p.stem not in shapefiles]
    # Beside anything else photographs only show what is meant.
    others = [path for path in found if path.suffix.casefold() not in photos.SUFFIXES]
    if found and not others:
        return folder
    found = others
    if not found and any(path.suffix.casefold() in _NESTED for path in inside):
        message = _("{path} holds another archive; unpack it and choose a file.")
        raise InputError(message.format(path=source.name))
    if len(found) > 1 and set(found) == {found[0], *sisters(found[0])}:
        return found[0]
    if len(found) != 1:
        names = tuple(path.name for path in found)
        message = _("{path} holds {count} files that could be read; unpack it and choose one.")
        raise InputQuestion(message.format(path=source.name, count=len(found)), "SOURCE", names)
    return found[0]


def only_kml(source: Path, folder: Path) -> Path:
    """Unpack the document of a KMZ, under the name of the KMZ.

    Raises
    ------
    InputError
        If there is none, or the archive is damaged, locked or a trap.
    """
    with _opened(source) as archive:
        members = _members(source, archive)
        documents = {n: i for n, i in members.items() if n.suffix.casefold() == ".kml"}
        if not documents:
            message = _("{path} cannot be read: {error}")
            raise InputError(message.format(path=source.name, error=_("there is no KML in it")))
        # The first one in the root is the document (KML 2.3, annex C).
        chosen = min(documents, key=lambda name: len(name.parts))
        name = PurePosixPath(source.stem + ".kml")
        _unpack(source, archive, {name: documents[chosen]}, folder)
    return folder / name


def unpack(source: Path, folder: Path, *, password: str | None = None) -> None:
    """Unpack the whole of a ZIP, also one that is locked with a password (AES or the old way).

    Raises
    ------
    InputError
        If it is damaged or a trap, or the password is another one.
    InputQuestion
        If it is locked and there is no password.
    """
    import pyzipper

    with _opened(source, pyzipper.AESZipFile) as archive:
        locked = [one for one in archive.infolist() if one.flag_bits & _LOCKED_FLAG]
        if locked and not password:
            message = _("{path} is locked with a password.")
            question = message.format(path=source.name)
            raise InputQuestion(question, "--password-file", ("PASSWORD.txt",))
        if password:
            archive.setpassword(password.encode())
        try:
            for one in locked[:1]:
                archive.open(one).close()
        except RuntimeError as error:
            words = _("The password does not open {path}.").format(path=source.name)
            raise InputError(words) from error
        _unpack(source, archive, _members(source, archive, locked_too=True), folder)


def look_into(source: Path) -> None:
    """Refuse an archive that is a trap and that a library is going to unpack."""
    with _opened(source) as archive:
        _members(source, archive)


@contextmanager
def _opened(source: Path, reader: Any = zipfile.ZipFile) -> Iterator[zipfile.ZipFile]:
    import pyzipper

    try:
        with reader(source) as archive:
            yield archive
    except (zipfile.BadZipFile, pyzipper.BadZipFile) as error:
        message = _(
            "{path} cannot be read: it is damaged or no ZIP archive; fetch it again or have it"
            " packed anew."
        )
        raise InputError(message.format(path=source.name)) from error
    except (zlib.error, RuntimeError, OSError, EOFError) as error:
        # RuntimeError is what an archive with an unknown method raises.
        raise unreadable(source, error) from error


def _members(
    source: Path, archive: zipfile.ZipFile, *, locked_too: bool = False
) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Return the files of an archive by the names that they are to have."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_FILES or _is_too_much(source, unpacked):
        raise _trap(source)
    members: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & _LOCKED_FLAG and not locked_too:
            message = _("{path} is locked with a password; unpack it and choose a file.")
            raise InputError(message.format(path=source.name))
        name = _name(entry)
        if _leads_outside(name, entry):
            message = _(
                "{path} holds the name {name}, which leads out of the archive; it is not opened."
            )
            raise InputError(message.format(path=source.name, name=name[:80]))
        place = PurePosixPath(name)
        if place in members:
            raise unreadable(source, _("it holds {name} twice").format(name=name[:80]))
        if not entry.is_dir() and place.parts[0] != _RUBBISH:
            members[place] = entry
    return members


def _unpack(
    source: Path,
    archive: zipfile.ZipFile,
    members: dict[PurePosixPath, zipfile.ZipInfo],
    folder: Path,
) -> None:
    """Write members into a folder; what they really hold counts, not what they say."""
    written = 0
    for name, entry in members.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("xb") as file:
            while chunk := packed.read(_CHUNK_BYTES):
                written += len(chunk)
                if _is_too_much(source, written):
                    raise _trap(source)
                file.write(chunk)


def _is_too_much(source: Path, unpacked_bytes: int) -> bool:
    most = max(_SMALL_BYTES, _MOST_TIMES * source.stat().st_size)
    return unpacked_bytes > min(_MOST_UNPACKED_BYTES, most)


def _trap(source: Path) -> InputError:
    message = _("{path} unpacks to more than can be a delivery; it is not opened.")
    return InputError(message.format(path=source.name))


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of a member in the encoding that it is really in."""
    if entry.flag_bits & _UTF8_FLAG or entry.orig_filename.isascii():
        return entry.orig_filename
    given = entry.orig_filename.encode("cp437")
    for encoding in _NAMES_IN:
        try:
            name = given.decode(encoding)
        except UnicodeDecodeError:
            continue
        if name.isprintable():
            return name
    return entry.orig_filename


def _leads_outside(name: str, entry: zipfile.ZipInfo) -> bool:
    """Whether a name is no plain path inside a folder, or the member no plain file."""
    parts = name.split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return (
        not name.isprintable()
        or "\\" in name
        or re.match("[A-Za-z]:", name) is not None
        or name.startswith("/")
        or ".." in parts
        or not PurePosixPath(name).parts
        or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
    )
