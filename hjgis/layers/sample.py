"""The sample project: a copy of the built one, with or without its seeded defects."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely

from hjgis import paths
from hjgis.errors import ProjectError
from hjgis.i18n import _, reason
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid


def create_sample(path: Path, *, clean: bool) -> None:
    """Make the sample project.

    Parameters
    ----------
    clean : bool
        Leave the seeded defects out.

    Raises
    ------
    ProjectError
        If there is a file already, or the folder cannot be written.
    """
    if path.exists():
        raise _exists(path)
    try:
        # Away from the target: nothing half made is left there, and the backups of a project
        # that had this name before stay as they are.
        with tempfile.TemporaryDirectory(prefix="hjgis-") as folder:
            draft = Path(folder) / "sample.gpkg"
            shutil.copyfile(paths.sample_data() / "town.gpkg", draft)
            _finish(draft, clean=clean)
            _place(draft, path)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise ProjectError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error


def begin_history(path: Path) -> None:
    """Forget how the data came to be, so that a new project starts with nothing to undo."""
    with Project.open(path) as project:
        project.history.forget()


def repair_of(before: Feature | None, key: FeatureKey) -> dict[str, Any]:
    """Return what brings a feature back as it was: None means that there was none."""
    if before is None:
        return {"layer": key.layer, "uuid": key.uuid, "action": "delete"}
    shape = before.geometry
    return {
        "layer": key.layer,
        "uuid": key.uuid,
        "action": "restore",
        "values": dict(before.values),
        "geometry": None if shape is None else shapely.to_wkb(shape, hex=True, output_dimension=4),
    }


def _finish(draft: Path, *, clean: bool) -> None:
    with Project.open(draft) as project:
        project.set_info("project_uuid", new_uuid())
        if clean:
            repairs = json.loads((paths.sample_data() / "repairs.json").read_text("utf-8"))
            changes = tuple(_repair(project, repair) for repair in repairs)
            project.session.apply(ChangeSet("sample", changes))
        project.history.forget()


def _place(draft: Path, path: Path) -> None:
    """Copy to where no file may be; what a full disk left half written goes again."""
    with draft.open("rb") as source, path.open("xb") as target:
        try:
            shutil.copyfileobj(source, target)
        except OSError:
            target.close()
            path.unlink(missing_ok=True)
            raise


def _exists(path: Path) -> ProjectError:
    return ProjectError(_("{path} exists already; choose another name.").format(path=path))


def _repair(project: Project, repair: Mapping[str, Any]) -> Change:
    now = project.get(FeatureKey(repair["layer"], repair["uuid"]))
    if repair["action"] == "delete":
        return Change(now, None)
    shape = repair["geometry"] and shapely.from_wkb(repair["geometry"])
    return Change(now, Feature(now.key, shape, repair["values"], now.fid))
