"""Taking back: what a contractor changed in what he was given, taken or left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.delivery import returning
from hjgis.delivery.returning import ReturnPlan
from hjgis.errors import Cancelled, HjgisError, InputQuestion
from hjgis.i18n import N_, _, grouped
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.deliveries import Delivery
from hjgis.progress import Progress
from hjgis.ui import file_dialogs, storing
from hjgis.ui.dialogs.importing.dropping import FileDrop
from hjgis.ui.dialogs.importing.page import Question
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.dialogs.importing.work import union
from hjgis.ui.differences import Differences
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import column_of, muted
from hjgis.ui.step_dialog import StepDialog, StepPage

FILE, DIFFERENCES, DONE = "file", "differences", "done"
TITLES: Final = {
    FILE: N_("What came back"),
    DIFFERENCES: N_("Differences"),
    DONE: N_("Done"),
}
_AUTO: Final = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """How far the return has come."""

    plan: ReturnPlan | None = None
    taken: int = 0
    stored: Announcement | None = None


class _ReturnPage(StepPage):
    def show_standing(self, standing: _Standing) -> None:
        """Show how far the return has come."""
        raise NotImplementedError


class FilePage(_ReturnPage):
    """Which package or file, of which delivery, changed by whom."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.path, self.by, self.password = QLineEdit(), QLineEdit(), QLineEdit()
        self.crs = QLineEdit()
        self.delivery = QComboBox()
        self.question: Question | None = None
        self._fill(project)
        self._lay_out()
        self.path.textChanged.connect(self.changed)

    def _fill(self, project: Project) -> None:
        self.path.setPlaceholderText(_("Package (ZIP or folder), or one file of it"))
        self.path.setClearButtonEnabled(True)
        self.by.setPlaceholderText(_("the recipient of the delivery"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(_("only if the archive has one"))
        self.crs.setPlaceholderText(_("as delivered; else EPSG:n"))
        self.delivery.addItem(_("the package says which"), _AUTO)
        for entry in project.deliveries.entries():
            self.delivery.addItem(f"{entry.name}  {entry.recipient}", entry.name)
        self.delivery.addItem(_("none: beside the project as it is now"), returning.PRESENT)

    def _lay_out(self) -> None:
        browse, folder = QPushButton(_("Browse…")), QPushButton(_("Folder…"))
        for button, clicked in ((browse, self._browse), (folder, self._browse_folder)):
            button.setAutoDefault(False)
            button.clicked.connect(clicked)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(browse)
        row.addWidget(folder)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow(_("Package or file"), row)
        form.addRow(_("Delivery"), self.delivery)
        form.addRow(_("Changed by"), self.by)
        form.addRow(_("Password"), self.password)
        form.addRow(_("Coordinate system"), self.crs)
        column = column_of(self)
        column.setSpacing(14)
        column.addWidget(
            muted(
                _(
                    "It is laid beside what was delivered, so that only what was changed since is"
                    " shown. Nothing is taken before you have seen it."
                )
            )
        )
        column.addLayout(form)
        self._asked = QVBoxLayout()
        column.addLayout(self._asked)
        column.addStretch(1)

    def _browse(self) -> None:
        kinds = _("Packages and tables (*.zip *.shp *.gpkg *.geojson *.csv *.dbf *.dxf *.xlsx)")
        name = file_dialogs.open_file(self, _("What came back"), "", kinds)[0]
        if name:
            self.path.setText(name)

    def _browse_folder(self) -> None:
        name = file_dialogs.folder(self, _("What came back"))
        if name:
            self.path.setText(name)

    def show_standing(self, standing: _Standing) -> None:
        del standing
        self._forget_question()

    @property
    def missing(self) -> str:
        return "" if self.path.text().strip() else _("Choose what came back.")

    def ask(self, question: InputQuestion) -> None:
        """Show a question with its answers as buttons."""
        self._forget_question()
        answers = [(_answer_words(one), (question.option, one)) for one in question.candidates]
        self.question = Question(str(question), answers)
        self.question.answered.connect(self._answered)
        self._asked.addWidget(self.question)
        if question.option == "--password-file":
            self.password.setFocus()

    def _answered(self, answer: tuple[str, str]) -> None:
        option, given = answer
        if option == "--delivery":
            self.delivery.setCurrentIndex(max(0, self.delivery.findData(given)))
        elif option == "--crs":
            self.crs.setText(given)
        self._forget_question()
        self.changed.emit()

    def _forget_question(self) -> None:
        if self.question is not None:
            self.question.hide()
            self.question.deleteLater()
            self.question = None


def _answer_words(answer: str) -> str:
    return _("beside the project as it is now") if answer == returning.PRESENT else answer


class DifferencesPage(_ReturnPage):
    """What was changed, with ticks, below what should be known of the package."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.warnings = QLabel()
        self.warnings.setObjectName("question")
        self.warnings.setWordWrap(True)
        self.warnings.setMargin(6)
        self.nothing = muted(_("Nothing was changed in what came back."))
        self.differences = Differences(project)
        column = column_of(self)
        column.addWidget(self.warnings)
        column.addWidget(self.nothing)
        column.addWidget(self.differences, 1)
        self.differences.changed.connect(self.changed)

    def show_standing(self, standing: _Standing) -> None:
        plan = standing.plan
        if plan is None:
            return
        said = [*plan.found.warnings, *(problem.message for problem in plan.problems)]
        self.warnings.setText("\n".join(said))
        self.warnings.setVisible(bool(said))
        some = bool(plan.update.differences)
        self.nothing.setVisible(not some)
        self.differences.setVisible(some)
        words = _("Changed by {who}. {unchanged} records are as they were delivered.")
        if plan.already:
            words += " " + _("{count} changes are in the project already.")
        self.differences.show_update(
            plan.update,
            words.format(
                who=plan.by or _("somebody"),
                unchanged=grouped(plan.update.unchanged),
                count=grouped(plan.already),
            ),
        )

    @property
    def missing(self) -> str:
        return "" if self.differences.accepted else _("Nothing is ticked.")


class DonePage(_ReturnPage):
    """What was taken."""

    map_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said, self.tiles = QLabel(), Tiles()
        self.said.setObjectName("heading")
        self.said.setWordWrap(True)
        self.show_map = QPushButton(_("Show on the map"))
        self.show_map.setObjectName("primary")
        self.show_map.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.show_map)
        row.addStretch(1)
        column = column_of(self)
        column.setSpacing(14)
        column.addWidget(self.said)
        column.addWidget(self.tiles)
        column.addWidget(
            muted(_("What was taken is one change: one undo (Ctrl+Z) gives all of it up."))
        )
        column.addLayout(row)
        column.addStretch(1)
        self.show_map.clicked.connect(self.map_wanted)

    def show_standing(self, standing: _Standing) -> None:
        plan = standing.plan
        if plan is None:
            return
        words = _("The changes of {who} are in the project.")
        self.said.setText(words.format(who=plan.by or plan.update.source))
        left = len(plan.update.differences) - standing.taken
        self.tiles.show_counts([(_("taken"), standing.taken), (_("left"), left)])
        self.show_map.setEnabled(standing.stored is not None)


class ReturnDialog(StepDialog):
    """Shows what was changed and takes what is ticked; `map_wanted` carries an extent."""

    map_wanted = Signal(object)

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        delivery: Delivery | None = None,
    ) -> None:
        self._project = project
        self._standing = _Standing()
        self.file, self.differences = FilePage(project), DifferencesPage(project)
        self.done_page = DonePage()
        self._return_pages: dict[str, _ReturnPage] = {
            FILE: self.file, DIFFERENCES: self.differences, DONE: self.done_page,
        }  # fmt: skip
        super().__init__(jobs, TITLES, self._return_pages, parent)
        self.setWindowTitle(_("Take back"))
        if delivery is not None:
            self.file.delivery.setCurrentIndex(self.file.delivery.findData(delivery.name))
        FileDrop(self).dropped.connect(self._dropped)
        self.done_page.map_wanted.connect(self._show_map)
        self._show_step(FILE)

    # -- steps ---------------------------------------------------------------------------

    def _enter(self, page: StepPage) -> None:
        assert isinstance(page, _ReturnPage)
        page.show_standing(self._standing)

    def _focus(self) -> None:
        if self._step == FILE:
            self.file.path.setFocus()
        else:
            super()._focus()

    def _why_not(self) -> str:
        return self._project.read_only_reason or "" if self._step == DIFFERENCES else ""

    def _next_words(self) -> str:
        if self._step != DIFFERENCES:
            return super()._next_words()
        words = _("Take {count}")
        return words.format(count=grouped(len(self.differences.differences.accepted)))

    def _forward(self) -> None:
        if self._step == FILE:
            self._look()
        else:
            self._store()

    def _dropped(self, path: Path) -> None:
        if self._step == FILE:
            self.file.path.setText(str(path))

    # -- work ----------------------------------------------------------------------------

    def _look(self) -> None:
        project, page = self._project, self.file
        job = partial(
            returning.plan_return,
            source=Path(page.path.text().strip()),
            delivery=page.delivery.currentData() or None,
            by=page.by.text().strip() or None,
            crs=page.crs.text().strip() or None,
            password=page.password.text() or None,
        )

        def look(progress: Progress) -> ReturnPlan:
            with project.reader() as reader:
                plan = job(reader, progress=progress)
            # What is stored is stored through the project that is open.
            return replace(plan, update=replace(plan.update, project=project))

        self._run(look, self._looked, self._refused, _("Reading what came back"))

    def _looked(self, plan: ReturnPlan) -> None:
        self._standing = _Standing(plan)
        self._show_step(DIFFERENCES)

    def _refused(self, error: HjgisError) -> None:
        if isinstance(error, InputQuestion):
            self.file.ask(error)
        elif not isinstance(error, Cancelled):
            self.tell(str(error))

    def _store(self) -> None:
        plan = self._standing.plan
        assert plan is not None
        accepted = self.differences.differences.accepted
        take = partial(returning.store, plan=plan, indices=accepted)
        try:
            stored = storing.stored(self._project, len(accepted), take)
        except HjgisError as error:
            self.tell(str(error))
            return
        self._standing = replace(self._standing, taken=len(accepted), stored=stored)
        self._show_step(DONE)

    def _show_map(self) -> None:
        stored = self._standing.stored
        self.accept()
        deltas = stored.layers.values() if stored is not None else ()
        extent = union(delta.extent for delta in deltas)
        if extent is not None:
            self.map_wanted.emit(extent)
