"""What the window does with the pipe network: follows it, and draws profiles of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.errors import InputError
from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.progress import Progress
from hjgis.ui.tools.measure import length_text
from hjgis.ui.tools.route import Node, RouteTool
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.network.pipes import Pipes
    from hjgis.network.profile import Profile
    from hjgis.network.tracing import Traced, Way
    from hjgis.ui.network.profile_window import ProfileWindow

    _Found = tuple[Pipes, Way, Traced, NDArray[np.float64]]

# A manhole and the pipes around it.
_BREAK_DENOMINATOR: Final = 500
_NOWHERE: Final = np.empty((0, 2))


class Following(QObject):
    """Reads the network when it is first asked for, and again after pipes or nodes were edited."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window
        self._pipes: Pipes | None = None
        # How often pipes were edited: what was read before the last time is not kept.
        self._edits = 0
        self._breaks = _NOWHERE
        self._next = 0
        self._profile: ProfileWindow | None = None
        self._drawn: Sequence[Node] = ()
        workspace.bridge.changed.connect(self._heard)
        workspace.selection.changed.connect(self._forget_breaks)
        tool = workspace.toolbox["profile"]
        assert isinstance(tool, RouteTool)
        tool.routed.connect(self.show_profile)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        ways = ("up", "down", "all")
        return {
            **{f"trace-{way}": partial(self.trace, way) for way in ways},
            "next-break": self.next_break,
            "profile": self._ask_profile,
        }

    # -- tracing ---------------------------------------------------------------------------

    def trace(self, way: str) -> None:
        """Select what is reached from what is selected."""
        selection, project = self._space.selection, self._space.project
        if selection.layer not in ("pipe_line", *project.node_layers):
            self._space.canvas.message.say(_("Select a pipe, a manhole or a pipe point first."))
            return
        self._space.jobs.run(
            partial(_traced, project.reader, self._pipes, way, (selection.layer, selection.fids)),
            partial(self._show_traced, self._edits),
            title=_("Following the pipes"),
        )

    def _show_traced(self, edits: int, found: _Found) -> None:
        pipes, way, traced, places = found
        self._keep(edits, pipes)
        canvas = self._space.canvas
        if not len(traced.lines):
            canvas.message.say(_nothing(way, traced))
            return
        self._space.selection.set(pipes.layers[0], pipes.lines.fids[traced.lines])
        self._breaks, self._next = places, 0
        canvas.show_breaks(self._breaks)
        self._space.zoom_to_selection()
        canvas.message.say(
            traced_words(way, traced),
            _("Show the break") if len(self._breaks) else "",
            self.next_break,
        )

    def next_break(self) -> None:
        """Show one break after the other."""
        canvas, count = self._space.canvas, len(self._breaks)
        if not count:
            canvas.message.say(_("No breaks are shown: follow the pipes upstream or downstream."))
            return
        x, y = self._breaks[self._next].tolist()
        canvas.show_place(x, y, _BREAK_DENOMINATOR)
        words = _("Break {number} of {count}").format(number=self._next + 1, count=count)
        self._next = (self._next + 1) % count
        canvas.message.say(words, _("Next") if count > 1 else "", self.next_break)

    def _forget_breaks(self) -> None:
        if len(self._breaks):
            self._breaks = _NOWHERE
            self._space.canvas.show_breaks(_NOWHERE)

    def _keep(self, edits: int, pipes: Pipes) -> None:
        """Keep what was read, unless it was edited meanwhile."""
        if edits == self._edits:
            self._pipes = pipes

    def _heard(self, announcement: Announcement) -> None:
        concerned = {"pipe_line", *self._space.project.node_layers}
        if concerned & {*announcement.layers}:
            self._pipes = None
            self._edits += 1
        if self._profile is not None:
            self._profile.hear(announcement)

    # -- profiles --------------------------------------------------------------------------

    def _ask_profile(self) -> None:
        """Draw the profile between two nodes that are selected; else let them be clicked."""
        selection = self._space.selection
        if selection.layer in self._space.project.node_layers and len(selection) == 2:
            layer = str(selection.layer)
            self.show_profile([(layer, fid) for fid in selection.fids.tolist()])
            return
        self._space.use_tool("profile")

    def show_profile(self, nodes: Sequence[Node]) -> None:
        """Draw the profile of the way through some nodes."""
        self._drawn = nodes
        self._space.jobs.run(
            partial(_profile, self._space.project.reader, self._pipes, nodes),
            partial(self._take_profile, self._edits),
            title=_("Drawing the profile"),
        )

    def _take_profile(self, edits: int, found: tuple[Pipes, Profile]) -> None:
        pipes, profile = found
        self._keep(edits, pipes)
        window = self.profile_window()
        window.show_profile(profile, stale=edits != self._edits)
        fids = np.array([reach.fid for reach in profile.reaches])
        self._space.selection.set(pipes.layers[0], fids)
        window.show()
        window.raise_()
        window.activateWindow()

    def profile_window(self) -> ProfileWindow:
        """Return the window of profiles; it stays open beside the map."""
        from hjgis.ui.network.profile_window import ProfileWindow

        if self._profile is None:
            self._profile = ProfileWindow(self._space.project, self._space.jobs, self._window)
            self._profile.pipe_wanted.connect(self._show_pipe)
            self._profile.again_wanted.connect(self._draw_again)
        return self._profile

    def _draw_again(self) -> None:
        self.show_profile(self._drawn)

    def _show_pipe(self, fid: int) -> None:
        self._space.selection.set("pipe_line", [fid])
        self._space.zoom_to_selection()


def _read(project: Project, held: Pipes | None, progress: Progress) -> Pipes:
    from hjgis.network.pipes import read

    return held or read(project, progress=progress)


def _traced(
    reader: Callable[[], Project],
    held: Pipes | None,
    way: str,
    selected: tuple[str, NDArray[np.int64]],
    progress: Progress,
) -> _Found:
    from hjgis.network.tracing import Way, trace

    with reader() as project:
        pipes = _read(project, held, progress)
        layer, fids = selected
        lines, nodes = pipes.rows_of(layer, fids), pipes.nodes_of(layer, fids)
        found = trace(pipes, project.catalogue, Way(way), nodes=nodes, lines=lines)
        # A town without flows breaks off at each pipe: found here, the window waits for nothing.
        return pipes, Way(way), found, pipes.places_of(found.breaks)


def _profile(
    reader: Callable[[], Project], held: Pipes | None, nodes: Sequence[Node], progress: Progress
) -> tuple[Pipes, Profile]:
    from hjgis.network.profile import profile

    with reader() as project:
        pipes = _read(project, held, progress)
        numbers = [pipes.node(layer, fid) for layer, fid in nodes]
        there = [number for number in numbers if number is not None]
        if len(there) < len(numbers):
            raise InputError(_("A node at which the profile begins or ends was deleted."))
        return pipes, profile(pipes, project.catalogue, there)


def traced_words(way: Way, traced: Traced) -> str:
    """Say what was reached, and at how many places it breaks off and why."""
    count = len(traced.lines)
    heads = {
        "up": ngettext_("Upstream: {count} pipe", "Upstream: {count} pipes", count),
        "down": ngettext_("Downstream: {count} pipe", "Downstream: {count} pipes", count),
        "all": ngettext_("Joined: {count} pipe", "Joined: {count} pipes", count),
    }
    words = [heads[way.value].format(count=grouped(count)), length_text(traced.length_m)]
    words += _break_words(traced)
    return _("; ").join(words)


def _break_words(traced: Traced) -> list[str]:
    said = [
        (ngettext_("{count} loose end", "{count} loose ends", len(traced.loose)), traced.loose),
        (
            ngettext_(
                "{count} pipe of unknown flow", "{count} pipes of unknown flow", len(traced.unknown)
            ),
            traced.unknown,
        ),
        (ngettext_("{count} dead end", "{count} dead ends", len(traced.stops)), traced.stops),
    ]
    return [words.format(count=len(places)) for words, places in said if len(places)]


def _nothing(way: Way, traced: Traced) -> str:
    words = {
        "up": _("No pipe is known to bring water here."),
        "down": _("No pipe is known to take water on from here."),
        "all": _("No pipe ends here."),
    }[way.value]
    return " ".join([words, _(", ").join(_break_words(traced))]).strip()
