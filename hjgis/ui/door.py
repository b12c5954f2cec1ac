"""The one way from the window into the project: every edit is completed and stored here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hjgis.edits.derived import with_derived
from hjgis.edits.numbering import with_ids
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.ui.storing import rows_of, stored


def store(
    project: Project,
    changes: ChangeSet,
    *,
    joins: int | None = None,
    tell: Callable[[str], object] | None = None,
) -> Announcement:
    """Store an edit with what follows from it; see `EditSession.apply`.

    `tell` hears in words why components got no id. What is large is stored in another thread; the
    user may stop that, which raises Cancelled.
    """
    work = partial(_completed, changes=changes, joins=joins)
    announcement, reasons = stored(project, rows_of(changes), work)
    if tell is not None:
        for words in reasons:
            tell(words)
    return announcement


def _completed(
    project: Project, *, changes: ChangeSet, joins: int | None
) -> tuple[Announcement, tuple[str, ...]]:
    complete = with_derived(project, changes, project.catalogue)
    # What is derived may say the class that an id is made of.
    complete, reasons = with_ids(project, complete, project.number_plan)
    return project.session.apply(complete, joins=joins), tuple(reasons)
