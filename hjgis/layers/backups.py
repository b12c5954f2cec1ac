"""The backups of a project: what there is, what differs, what the features were then."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from hjgis import paths
from hjgis.errors import InputError, ProjectError
from hjgis.i18n import _, reason
from hjgis.layers import database, migrations
from hjgis.layers.comparing import Differing
from hjgis.layers.project import Project
from hjgis.layers.safekeeping import STAMP, backup_folder
from hjgis.models.attachments import LAYER, Content
from hjgis.models.changes import Feature, FeatureKey
from hjgis.progress import SILENT, Progress

Way = Literal["added", "changed", "deleted"]
_STAMP_LENGTH: Final = len("20200615-080000")
WAYS: Final[tuple[Way, ...]] = ("deleted", "changed", "added")


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of a project; `made` is in local time."""

    path: Path
    made: dt.datetime
    size_bytes: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Look at a file; its name says when it was made, else its date."""
        facts = path.stat()
        try:
            made = dt.datetime.strptime(path.stem[-_STAMP_LENGTH:] + "Z", f"{STAMP}%z")
        except ValueError:
            made = dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC)
        return cls(path, made.astimezone(), facts.st_size)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a project is not as it was, by layer; layers that are alike are left out."""

    backup: Backup
    layers: Mapping[str, Differing]

    def chosen(self, layers: Collection[str], ways: Collection[Way]) -> list[FeatureKey]:
        """Return the features of some layers that differ in some ways."""
        return [
            FeatureKey(layer, uuid)
            for layer, differing in self.layers.items()
            if layer in layers
            for way in WAYS
            if way in ways
            for uuid in getattr(differing, way)
        ]


def backups_of(project: Path) -> list[Backup]:
    """Return the backups of a project, the latest first."""
    folder = backup_folder(project)
    found = folder.glob(f"{project.stem}-*.gpkg") if folder.is_dir() else ()
    return sorted((Backup.of(path) for path in found), key=lambda b: b.path.name, reverse=True)


def compare(project: Project, backup: Path, progress: Progress = SILENT) -> Comparison:
    """Say what was added, changed and deleted since a backup was made.

    Parameters
    ----------
    project : Project
        A reader of this thread.

    Raises
    ------
    ProjectError
        If the backup is damaged or no project.
    InputError
        If it is one of another project or in another coordinate system.
    Cancelled
        If `progress` says so.
    """
    layers = {}
    with _opened(project, backup) as then:
        names = list(project.types)
        for number, layer in enumerate(names):
            progress.report(number, len(names), layer)
            progress.check()
            differing = project.store.differing(then.path, layer)
            if differing.added or differing.changed or differing.deleted:
                layers[layer] = differing
    return Comparison(Backup.of(backup), layers)


def states_in(
    project: Project, backup: Path, keys: Collection[FeatureKey]
) -> dict[FeatureKey, Feature | None]:
    """Return what features were in a backup; None: they were not there.

    Fields that the backup does not know keep their present value.
    """
    now = project.known(keys)
    with _opened(project, backup) as then:
        found = then.store.known(key for key in keys if key.layer in then.store.types)
    result: dict[FeatureKey, Feature | None] = dict.fromkeys(keys)
    for key, feature in found.items():
        known = now[key].values if key in now else {}
        empty = project.asset_type(key.layer).empty_values()
        values = {name: feature.values.get(name, known.get(name)) for name in empty}
        result[key] = Feature(key, feature.geometry, values, feature.fid)
    return result


def contents_in(
    project: Project, backup: Path, features: Collection[Feature | None]
) -> tuple[Content, ...]:
    """Return what attachments among some features name and only the backup still holds."""
    named = {
        str(one.values["sha256"]) for one in features if one is not None and one.key.layer == LAYER
    }
    lost = sorted(sha256 for sha256 in named if not project.media.has(sha256))
    if not lost:
        return ()
    with _opened(project, backup) as then:
        return tuple(
            Content.of(
                then.media.read(sha256),
                then.media.content_type(sha256),
                then.media.previews([sha256]).get(sha256),
            )
            for sha256 in lost
            if then.media.has(sha256)
        )


def save_as(backup: Backup, target: Path) -> None:
    """Write a backup as a file of its own.

    Raises
    ------
    ProjectError
        If there is a file already or it cannot be written; then nothing is left of it.
    """
    if target.exists():
        raise ProjectError(_("{path} exists already; choose another name.").format(path=target))
    try:
        with paths.written_whole(target) as draft:
            shutil.copyfile(backup.path, draft)
    except OSError as error:
        raise ProjectError(_("{path}: {error}").format(path=target, error=reason(error))) from error


@contextmanager
def _opened(project: Project, backup: Path) -> Iterator[Project]:
    """Open a backup; one from before the catalogue had all its fields, as a copy brought up."""
    connection = database.connect(backup, write=False)
    try:
        database.verify(connection, backup)
        current = migrations.is_current_file(connection, backup, project.shipped)
    finally:
        connection.close()
    with tempfile.TemporaryDirectory(prefix="hjgis-") as folder:
        path = backup
        if not current:
            path = Path(folder) / backup.name
            try:
                shutil.copyfile(backup, path)
            except OSError as error:
                raise ProjectError(
                    _("{path}: {error}").format(path=path, error=reason(error))
                ) from error
            Project.open(path, catalogue=project.shipped).close()
        with Project.open(path, write=False, catalogue=project.shipped, verify=False) as then:
            _refuse_stranger(project, then, backup)
            yield then


def _refuse_stranger(project: Project, then: Project, backup: Path) -> None:
    if then.info("project_uuid") != project.info("project_uuid"):
        raise InputError(_("{path} is a backup of another project.").format(path=backup.name))
    if then.crs != project.crs:
        message = _("{path} is in another coordinate system than the project.")
        raise InputError(message.format(path=backup.name))
