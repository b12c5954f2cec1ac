"""What lies in a package that comes back: which files are as they went out, changed or added."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.delivery import manifest as manifests
from hjgis.delivery import names
from hjgis.errors import InputError
from hjgis.exchange import archives, exporting
from hjgis.i18n import _

# What values and places can be read back from, by the ending of the file that names the others.
_READ: Final = {".shp", ".dbf", ".gpkg", ".geojson", ".json", ".csv", ".xlsx", ".dxf"}
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qpj", ".fix")
_TO_LOOK_AT: Final = {".kml", ".kmz"}
# Left by programs that only looked, and of no use to anybody else.
_TRACES: Final = {
    ".qml",
    ".qmd",
    ".lock",
    ".xml",
    ".gpkg-wal",
    ".gpkg-shm",
    ".gpkg-journal",
    ".db",
    ".ini",
}
# Tables that say something about the data.
_PAPERS: Final = {exporting.DICTIONARY, names.CHECKS, names.LOSSES}
_RUBBISH: Final = {"__MACOSX", ".DS_Store"}


@dataclass(frozen=True, slots=True)
class Package:
    """What came back.

    Attributes
    ----------
    manifest : mapping or None
        The list of contents that went out with it: ``files`` is path to digest, ``columns`` is
        format and layer to column to field; None where it is not there.
    data : tuple of Path
        Files to be read: changed ones and added ones; all where nothing says what went out.
    same : tuple of str
        Data files that are byte for byte as they went out.
    gone : tuple of str
        Data files that went out and are not there.
    unread : tuple of str
        Files that were changed or added and cannot be read back, such as papers.
    warnings : tuple of str
        What is odd, in words.
    """

    root: Path
    manifest: Mapping[str, Any] | None
    data: tuple[Path, ...]
    same: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def name(self, path: Path) -> str:
        """Return how people call a file of the package."""
        return path.relative_to(self.root).as_posix() if path != self.root else path.name


@contextmanager
def opened(source: Path, password: str | None) -> Iterator[Package]:
    """Look into a folder, an archive or one file; an archive lasts as long as the block.

    Raises
    ------
    InputError
        If it is not there, damaged, empty or holds nothing that can be read.
    InputQuestion
        If it is locked and there is no password.
    """
    if not source.exists():
        raise InputError(_("There is no file {path}.").format(path=source))
    if source.is_dir():
        yield _package(source, source.name)
    elif source.suffix.casefold() in _TO_LOOK_AT:
        message = _(
            "{path} is for looking at, it does not come back: its values are words and its layers"
            " are known by their titles alone. Have SHP, GPKG, GeoJSON, CSV, XLSX or DXF returned,"
            " or import it."
        )
        raise InputError(message.format(path=source.name))
    elif source.suffix.casefold() != ".zip":
        yield Package(source, None, (source,))
    else:
        if not source.stat().st_size:
            message = _("{path} is empty (0 bytes): it was not copied whole. Fetch it again.")
            raise InputError(message.format(path=source.name))
        with tempfile.TemporaryDirectory(prefix="hjgis-") as folder:
            archives.unpack(source, Path(folder), password=password)
            yield _package(Path(folder), source.name)


def _package(folder: Path, called: str) -> Package:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in found if not _RUBBISH.intersection(path.parts)]
    if not files:
        raise InputError(_("{path} is empty: there is no file in it.").format(path=called))
    lists = [path for path in files if path.name == names.MANIFEST]
    if len(lists) > 1:
        message = _("{path} holds {count} packages; return them one after the other.")
        raise InputError(message.format(path=called, count=len(lists)))
    warnings: list[str] = []
    manifest = _manifest(lists[0], warnings) if lists else None
    root = lists[0].parent if lists else folder
    package = (
        _compared(root, files, manifest, warnings)
        if manifest is not None
        else Package(root, None, _leading(files), warnings=tuple(warnings))
    )
    if not package.data and not package.same:
        message = _(
            "{path} holds nothing that can be taken back: no SHP, GPKG, GeoJSON, CSV, XLSX or DXF."
        )
        raise InputError(message.format(path=called))
    return package


def _manifest(path: Path, warnings: list[str]) -> Mapping[str, Any] | None:
    """Return the list of contents; one that cannot be read is as good as none, and that is said."""
    try:
        content = json.loads(path.read_bytes())
        sound = content["format"] == manifests.FORMAT and isinstance(content["uuid"], str)
        files = {str(entry["path"]): str(entry["sha256"]) for entry in content["files"]}
        columns = {
            (format_, layer["name"]): {str(short): name for name, short in layer["names"].items()}
            for format_, told in content["formats"].items()
            for layer in told["layers"]
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        words = _("{name} is damaged, so every file is compared.").format(name=path.name)
        warnings.append(words)
        return None
    if content.get("version") != manifests.VERSION:
        words = _("{name} was made by another version of the program.").format(name=path.name)
        warnings.append(words)
    return {**content, "files": files, "columns": columns}


def _compared(
    root: Path, files: list[Path], manifest: Mapping[str, Any], warnings: list[str]
) -> Package:
    """Say which files are as they went out."""
    went: Mapping[str, str] = manifest["files"]
    called = {path: _inside(path, root) for path in files if path.name != names.MANIFEST}
    other = {path for path, name in called.items() if _sha256(path) != went.get(name)}
    leading = _leading([path for path, name in called.items() if _is_data(name, went)])
    touched = [path for path in leading if not other.isdisjoint(_parts(path, files))]
    # A layer in several files comes back whole, or the features of the others would be missing.
    split = {group for path in touched if (group := _split(path, manifest)) is not None}
    touched = [path for path in leading if path in touched or _split(path, manifest) in split]
    data_went = _leading([Path(name) for name in went if name.startswith(f"{names.DATA}/")])
    gone = {path.as_posix() for path in data_went} - {*called.values()}
    of_data = {part for path in leading for part in _parts(path, files)}
    unread = [
        called[path]
        for path in sorted(other - of_data)
        if path.suffix.casefold() not in _TRACES and not path.name.startswith("~$")
    ]
    return Package(
        root, manifest, tuple(touched),
        tuple(called[path] for path in leading if path not in touched),
        tuple(sorted(gone)), tuple(unread), tuple(warnings),
    )  # fmt: skip


def _split(path: Path, manifest: Mapping[str, Any]) -> Path | None:
    """Return what the files of a layer that went out in several are called without number."""
    layer, _line, number = path.stem.rpartition("_")
    layers = {name for format_, name in manifest["columns"] if format_ == "shp"}
    is_one = number.isdecimal() and layer in layers and path.stem not in layers
    return path.with_name(layer) if is_one else None


def _inside(path: Path, root: Path) -> str:
    """Return the name in the manifest; what lies above its folder is no part of the package."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _is_data(name: str, went: Mapping[str, str]) -> bool:
    """Whether a file is data that went out, or was added."""
    return name.startswith(f"{names.DATA}/") or name not in went


def _leading(files: list[Path]) -> tuple[Path, ...]:
    """Return the files that can be read, those that name the others alone."""
    shapes = {path.with_suffix("") for path in files if path.suffix.casefold() == ".shp"}
    return tuple(
        path
        for path in files
        if path.suffix.casefold() in _READ
        and path.name not in {names.MANIFEST, *_PAPERS}
        and names.PHOTOS not in path.parts
        and not (path.suffix.casefold() == ".dbf" and path.with_suffix("") in shapes)
    )


def _parts(path: Path, files: list[Path]) -> set[Path]:
    """Return the files that belong to one that can be read."""
    if path.suffix.casefold() not in (".shp", ".dbf"):
        return {path}
    stem = path.with_suffix("")
    return {one for one in files if one.with_suffix("") == stem and one.suffix.casefold() in _PARTS}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
