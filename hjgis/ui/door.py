"""The one way from the window into the project: every edit is completed and stored here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hjgis.edits.derived import with_derived
from hjgis.edits.numbering import with_ids
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.models.wording import describe_change
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


def told(project: Project, changes: ChangeSet) -> str:
    """Return what is to be known of an edit that the map does not show; nothing of most."""
    if changes.label == "edit.move":
        return _("Moved {distance:.2f} m").format(distance=changes.params["distance_m"])
    if changes.label == "edit.row":
        return describe_change(changes.label, changes.params, project.catalogue)
    # A node that is put on a pipe divides it as well, and connects its halves.
    cut = {change.key.layer for change in changes.changes} if changes.label == "edit.split" else {}
    if len(cut) == 1 and project.asset_type(*cut).ends_on:
        return _("Split, and not connected at the cut: draw a manhole or pipe point there.")
    return ""
