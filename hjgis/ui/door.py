"""The one way from the window into the project: every edit is completed and stored here."""

from __future__ import annotations

from hjgis.edits.derived import with_derived
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet


def store(project: Project, changes: ChangeSet, *, joins: int | None = None) -> Announcement:
    """Store an edit with what follows from it; see `EditSession.apply`."""
    complete = with_derived(project, changes, project.catalogue)
    return project.session.apply(complete, joins=joins)
