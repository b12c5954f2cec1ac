"""One open project in the window: its map, its tools, its edits."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from hjgis.checks.area import BOUNDARY
from hjgis.edits.delete import delete_rows
from hjgis.errors import Cancelled, EditRefused, HjgisError, ProjectLocked
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.checkpoints import Checkpoint
from hjgis.layers.columns import LayerColumns
from hjgis.layers.project import Project
from hjgis.models import rule_settings
from hjgis.models.arrangement import FACT
from hjgis.models.changes import Announcement, ChangeSet, Extent, FeatureKey
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.numbering import LABEL as RANGES
from hjgis.models.wording import describe_change
from hjgis.progress import Progress
from hjgis.render.frame import MapFrame
from hjgis.ui import clipboard
from hjgis.ui.actions.needs import State
from hjgis.ui.bridge import Bridge
from hjgis.ui.checking import Checking
from hjgis.ui.commands import COMMANDS
from hjgis.ui.door import store, told
from hjgis.ui.habits import Habits
from hjgis.ui.jobs import Jobs
from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.map.map_loading import MapLoader
from hjgis.ui.map.underlays import Underlays
from hjgis.ui.receiver.positioning import Positioning
from hjgis.ui.receiver.shown_position import ShownPosition
from hjgis.ui.search.searching import Searching
from hjgis.ui.selection import Selection
from hjgis.ui.settling import Settling
from hjgis.ui.storing import reckoned, stored
from hjgis.ui.tools.draw import DrawTool
from hjgis.ui.tools.measure import MeasureTool
from hjgis.ui.tools.sketch import SketchTool
from hjgis.ui.tools.toolbox import Toolbox
from hjgis.ui.whose import Whose

_POLL_MS: Final = 1000
# Where an empty project starts: the town of Shanba, degrees of longitude and latitude.
_START_DEG: Final = (107.15, 40.89)
_START_DENOMINATOR: Final = 10_000.0


class Workspace(QObject):
    """Holds what belongs to one open project; edits go through `apply`."""

    failed = Signal(object)
    node_dropped = Signal(object)
    state_changed = Signal()
    tool_changed = Signal(str)
    drawn = Signal()
    closing = Signal()

    def __init__(self, project: Project, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.jobs = jobs
        self.bridge = Bridge(project.session, self)
        self.selection = Selection(self)
        self.layers = MapLayers(project.map_types, self)
        self.layers.arrange(project.map_types, project.arrangement.locked)
        self._loader = MapLoader(project.reader, self.layers.show_partly, self)
        self.underlays = Underlays(project, self)
        self.canvas = MapCanvas(
            self.layers, self.selection, project.reader, underlays=self.underlays
        )
        self.canvas.start_at(_start_frame(project))
        self.whose = Whose(project, self.canvas.show_assigned)
        self.positioning = Positioning(project, self)
        self.position = ShownPosition(self.positioning, self.canvas, self)
        self.search = Searching(project, jobs, self.bridge, self)
        self.checking = Checking(project, jobs, self.bridge, self.apply, self)
        self.habits = Habits(project, self.bridge, self)
        self.toolbox = Toolbox(project, self.layers, self.selection, self, habits=self.habits)
        self._settling = Settling(project, self)
        self._data_version = project.store.data_version()
        self._poll = QTimer(self, interval=_POLL_MS)
        self._connect()
        self.use_tool("identify")
        self.read_layers()
        self._offer_unfinished()
        if project.access.unchecked:
            self.jobs.run(
                self._check, self._sound, title=_("Checking the file"), on_error=self._unsound
            )

    def _connect(self) -> None:
        # Layers first: whoever hears of a change next finds them up to date.
        self.bridge.changed.connect(self._follow)
        self.selection.changed.connect(self.state_changed)
        self.checking.failed.connect(self.failed)
        self._settling.failed.connect(self.failed)
        self.underlays.listed.connect(self._lay_under)
        self.underlays.listed.connect(self.canvas.refresh)
        self.layers.behind.connect(self.read_layers)
        self.layers.shown_changed.connect(self._leave_locked)
        self.layers.shown_changed.connect(self.state_changed)
        self.canvas.history_changed.connect(self.state_changed)
        self.canvas.escaped.connect(self._back_to_identify)
        toolbox, say = self.toolbox, self.canvas.message.say
        toolbox.edited.connect(self.apply)
        toolbox.refused.connect(say)
        toolbox.dropped_on.connect(self.node_dropped)
        toolbox.sketched.connect(self.state_changed)
        toolbox.given_up.connect(self._offer_sketch)
        self.positioning.available_changed.connect(self.state_changed)
        self._poll.timeout.connect(self.look_for_foreign_edits)
        self._poll.start()

    # -- what can be done ----------------------------------------------------------------

    @property
    def state(self) -> State:
        """What decides which actions are available."""
        project, history = self.project, self.canvas.history
        locked = frozenset(held.asset.id for held in self.layers if held.locked)
        return State(
            has_project=True,
            read_only_reason=project.read_only_reason or "",
            selected=len(self.selection),
            selection_locked=self.selection.layer in locked,
            undo=self.canvas.tool.undo_words or self._words(project.session.next_undo()),
            redo=self.canvas.tool.redo_words or self._words(project.session.next_redo()),
            has_previous_view=history.has_previous,
            has_next_view=history.has_next,
            locked_layers=locked,
            has_position=self.positioning.placed is not None,
            layers=frozenset(project.map_types),
        )

    def use_tool(self, name: str) -> None:
        """Give the mouse to a tool."""
        self.canvas.set_tool(self.toolbox[name])
        self.tool_changed.emit(name)

    def apply(self, changes: ChangeSet) -> bool:
        """Store an edit; what does not fit is told and nothing of it is stored."""
        if not changes:
            # Another program has deleted meanwhile what this was about.
            return False
        try:
            unnumbered: list[str] = []
            announcement = store(self.project, changes, tell=unnumbered.append)
        except HjgisError as error:
            self.failed.emit(error)
            return False
        if changes.label == "edit.add":
            self._select_added(announcement)
        for words in (told(self.project, changes), *unnumbered, self.whose.words(changes)):
            if words:
                self.canvas.message.say(words, _("Undo"), self.undo)
        return True

    def undo(self) -> None:
        """Take back the latest step of a sketch, or the latest edit."""
        if self.canvas.tool.undo():
            self.state_changed.emit()
        elif (taken_back := self.project.session.next_undo()) is not None:
            words = _("Taken back: {words}").format(words=self._words(taken_back))
            if taken_back[0] == RANGES:
                # Two copies without ranges number alike; nobody is to find that out too late.
                words = _("The number ranges are taken back: copies may now give one id twice.")
            if self._undo():
                # It may lie far from what the map shows.
                self.canvas.message.say(words, _("Redo"), self.redo)

    def redo(self) -> None:
        """Do the latest undone step or edit again."""
        if self.canvas.tool.redo():
            self.state_changed.emit()
        elif self.project.session.can_redo:
            self._store(self.project.session.redo_rows, _done_again)

    def delete_selected(self) -> None:
        """Delete what is selected; the window has asked already where there are many."""
        layer, fids, count = self.selection.layer, self.selection.fids, len(self.selection)
        if layer is None:
            return
        try:
            change = reckoned(self.project, count, lambda some: delete_rows(some, layer, fids))
        except HjgisError as error:
            self.failed.emit(error)
            return
        self.apply(change)
        words = ngettext_("{count} feature deleted", "{count} features deleted", count)
        if not len(self.selection):
            self.canvas.message.say(words.format(count=count), _("Undo"), self.undo)

    def edit_selected(self, command: str) -> None:
        """Do one of `COMMANDS` to what is selected; what makes no sense is said and not done."""
        keys, edit = self.selection.keys, COMMANDS[command]
        self.carry_out_of_many(len(self.selection), lambda some: edit(some, keys(some)))

    def carry_out_of_many(self, count: int, make: Callable[[Project], ChangeSet]) -> None:
        """Store an edit of so many features, worked out with the project that `make` gets."""
        self.carry_out(lambda: reckoned(self.project, count, make))

    def carry_out(self, make: Callable[[], ChangeSet]) -> None:
        """Store an edit and say what it was; one that makes no sense is said and not done."""
        try:
            change = make()
        except EditRefused as error:
            self.canvas.message.say(str(error))
            return
        except HjgisError as error:
            self.failed.emit(error)
            return
        if not change:
            self.canvas.message.say(_("There is nothing to change."))
            return
        if self.apply(change):
            words = describe_change(change.label, change.params, self.project.catalogue)
            self.canvas.message.say(words, _("Undo"), self.undo)

    def copy_selected(self) -> None:
        """Put what is selected on the clipboard."""
        try:
            count = clipboard.copy(self.project, self.selection)
        except HjgisError as error:
            self.canvas.message.say(str(error))
            return
        words = ngettext_("{count} feature copied", "{count} features copied", count)
        self.canvas.message.say(words.format(count=count))

    def copy_other_ids(self) -> None:
        """Put the ids that what is selected has in the other scheme on the clipboard."""
        try:
            count, without = clipboard.copy_other_ids(self.project, self.selection)
        except HjgisError as error:
            self.canvas.message.say(str(error))
            return
        words = ngettext_("{count} id copied", "{count} ids copied", count).format(count=count)
        if without:
            more = _("{count} have none in the other list")
            words = f"{words}; {more.format(count=without)}"
        self.canvas.message.say(words)

    def paste(self) -> None:
        """Store what is on the clipboard."""
        self.carry_out(lambda: clipboard.paste(self.project))

    def selected_extent(self) -> Extent | None:
        """Return the box around what is selected; None if nothing is, or has no place."""
        if self.selection.layer is None:
            return None
        return self.layers.extent_of(self.selection.layer, self.selection.fids)

    def selected_keys(self) -> Sequence[FeatureKey]:
        """Return what is selected."""
        return tuple(self.selection.keys(self.project))

    def zoom_to_selection(self) -> None:
        """Show what is selected."""
        if self.selection.layer is not None:
            extent = self.selected_extent()
            if extent is not None:
                self.canvas.show_extent(extent)
            else:
                self.canvas.message.say(_("What is selected has no place on the map."))

    def zoom_to_layer(self, layer: str | None) -> None:
        """Show all of a layer, or of all layers."""
        extent = self.layers.extent(layer)
        if extent is not None:
            self.canvas.show_extent(extent)
        elif layer is not None and not self.project.asset_type(layer).is_spatial:
            self.canvas.message.say(_("A table without geometry has no place on the map."))

    def say_saved(self) -> None:
        """Answer Ctrl+S: all is stored already; mark the moment, to come back to."""
        self._settling.begin()
        text = _("Everything is already saved: each change is stored at once.")
        if not self.project.read_only:
            try:
                name = self.project.session.mark().name
            except HjgisError as error:
                self.failed.emit(error)
                return
            marked = _("{saved} Checkpoint {name} is marked, to come back to.")
            text = marked.format(saved=text, name=name)
        self.canvas.message.say(text)

    def discard_to(self, mark: Checkpoint) -> None:
        """Go back to a checkpoint."""
        history, count = self.project.history, 0
        rows = sum(map(history.row_count, history.changes_after(mark.change)))
        try:
            count = stored(self.project, rows, partial(_discarded, mark))
        except HjgisError as error:
            self.failed.emit(error)
        words = ngettext_(
            "Back at checkpoint {name}; {count} change taken back",
            "Back at checkpoint {name}; {count} changes taken back",
            count,
        )
        undo = partial(self._undo_steps, count)
        self.canvas.message.say(words.format(name=mark.name, count=count), _("Undo"), undo)

    # -- in the background ---------------------------------------------------------------

    def read_layers(self, layers: Collection[str] | None = None) -> None:
        """Read layers, all of them if not told which, in the background."""
        wanted = [*self.project.map_types] if layers is None else [*layers]
        self.layers.begin(wanted)
        read = partial(self._loader.read, wanted)
        self.jobs.run(read, self._take_layers, title=_("Reading the map"))

    def look_for_foreign_edits(self) -> None:
        """Take up what another program has written into the file meanwhile."""
        version = self.project.store.data_version()
        if version == self._data_version:
            return
        if self.project.read_only:
            self._data_version = version
            self.read_layers()
            self.search.look_again()
            self.checking.look_again()
            return
        try:
            announcement = self.project.session.adopt_foreign()
        except ProjectLocked:
            # The other program is still writing; there is a next time.
            return
        self._data_version = version
        if announcement is not None:
            count = int(announcement.params.get("count", 0))
            words = ngettext_(
                "Another program has changed {count} feature of this file; it is on the map now",
                "Another program has changed {count} features of this file; they are on the map"
                " now",
                count,
            )
            self.canvas.message.say(words.format(count=count), _("Undo"), self.undo)

    def close(self) -> None:
        """Stop everything and close the file."""
        self.closing.emit()
        self._poll.stop()
        self._settling.stop()
        self.search.stop()
        self.checking.stop()
        self.positioning.stop()
        self.canvas.stop()
        self.underlays.stop()
        self.project.close()

    # -- inside --------------------------------------------------------------------------

    def _follow(self, announcement: Announcement) -> None:
        self.whose.follow(announcement)
        if BOUNDARY in announcement.layers or rule_settings.FACT in announcement.facts:
            self.toolbox.area.forget()
        types = self.project.map_types
        if FACT in announcement.facts or any(layer not in self.layers for layer in types):
            self.layers.arrange(types, self.project.arrangement.locked)
        # Its link would take back this change instead of the one that it speaks of.
        self.canvas.message.hide()
        self.layers.follow(announcement, self.project.store)
        self.selection.follow(announcement)
        self.canvas.tool.stored()
        self._settling.begin_later()
        self.state_changed.emit()

    def _lay_under(self) -> None:
        self.layers.set_underneath(self.underlays.sources())

    def _check(self, progress: Progress) -> None:
        self.project.check(progress)

    def _sound(self, _nothing: None) -> None:
        self.project.allow_edits()
        self.state_changed.emit()

    def _unsound(self, error: HjgisError) -> None:
        stopped = _("The check of the file was stopped; it can only be read until it is reopened.")
        reason = stopped if isinstance(error, Cancelled) else str(error)
        self.project.refuse_edits(reason)
        self.state_changed.emit()
        self.canvas.message.say(reason)
        if not isinstance(error, Cancelled):
            self.failed.emit(error)

    def _offer_sketch(self, tool: SketchTool) -> None:
        """Offer a sketch that was thrown away for a moment; undo brings it back as well."""
        if isinstance(tool, MeasureTool):
            return

        def take_up() -> None:
            name = self.toolbox.name_of(tool)
            if self.canvas.tool is not tool:
                self.use_tool(name)
            tool.undo()

        self.canvas.message.say(_("The sketch is given up"), _("Take it up again"), take_up)

    def _offer_unfinished(self) -> None:
        """Show the sketch that was left when the project was closed in the middle of it."""
        tool = self.toolbox.unfinished()
        if tool is None:
            return
        if self.project.read_only_reason or self.layers[tool.layer].locked:
            return
        self.use_tool(self.toolbox.name_of(tool))
        words = _("The sketch that was not finished last time is here again: {layer}")
        self.canvas.message.say(
            words.format(layer=label(tool.asset.label)), _("Give it up"), tool.cancel
        )

    def _take_layers(self, columns: dict[str, LayerColumns]) -> None:
        self.layers.load(columns, self.project.store)
        self.search.begin_later()

    def _undo(self) -> bool:
        return self._store(self.project.session.undo_rows, _taken_back)

    def _store(self, rows: int, step: Callable[[Project], object]) -> bool:
        try:
            stored(self.project, rows, step)
        except HjgisError as error:
            self.failed.emit(error)
            return False
        return True

    def _undo_steps(self, count: int) -> None:
        for _step in range(count):
            self._undo()

    def _select_added(self, announcement: Announcement) -> None:
        # A node divides the pipe that it is put on: the new half is not what was drawn.
        layer = str(announcement.params.get("layer", ""))
        if layer in announcement.layers:
            self.selection.set(layer, announcement.layers[layer].inserted)
            if isinstance(self.canvas.tool, DrawTool):
                self.drawn.emit()

    def _words(self, head: tuple[str, Mapping[str, Any]] | None) -> str:
        return describe_change(*head, self.project.catalogue) if head else ""

    def _back_to_identify(self) -> None:
        self.use_tool("identify")

    def _leave_locked(self) -> None:
        tool = self.canvas.tool
        if isinstance(tool, DrawTool) and self.layers[tool.layer].locked:
            self._back_to_identify()


def _taken_back(project: Project) -> Announcement:
    return project.session.undo()


def _done_again(project: Project) -> Announcement:
    return project.session.redo()


def _discarded(mark: Checkpoint, project: Project) -> int:
    return project.session.discard_to(mark)


def _start_frame(project: Project) -> MapFrame:
    # Where there are features, the map goes to them; only the way to the town takes time.
    empty = not any(map(project.last_fid, project.map_types))
    x, y = _town(project.crs) if empty else (0.0, 0.0)
    return MapFrame.at_scale((x, y), _START_DENOMINATOR, width_px=800, height_px=600)


def _town(crs: Crs) -> tuple[float, float]:
    """Return where the town is in the project's system; (0, 0) where that cannot be said."""
    transform = Transform(parse_crs("EPSG:4326"), crs)
    x, y = transform.points(np.array([_START_DEG[0]]), np.array([_START_DEG[1]]))
    place = (float(x[0]), float(y[0]))
    return place if all(map(math.isfinite, place)) else (0.0, 0.0)
