"""Step 6: what the file says otherwise than the project; each difference is taken or left."""

from __future__ import annotations

from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.differences import Differences
from hjgis.ui.page_parts import column_of


class UpdatePage(Page):
    """The differences of what is imported."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.differences = Differences(project)
        column_of(self).addWidget(self.differences)
        self.differences.changed.connect(self.changed)

    def show_standing(self, standing: Standing) -> None:
        update = standing.trial.update if standing.trial else None
        words = _(
            "{matched} records are features of the project, {unchanged} of them say nothing"
            " new. Choose what is taken over:"
        )
        if update is not None:
            words = words.format(
                matched=grouped(update.matched), unchanged=grouped(update.unchanged)
            )
        self.differences.show_update(update, words)

    @property
    def accepted(self) -> list[int]:
        """The differences that are ticked."""
        return self.differences.accepted

    @property
    def missing(self) -> str:
        return "" if self.accepted else _("Nothing is ticked.")
