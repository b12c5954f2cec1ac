"""What the window does with the pipe network: follows it, and draws profiles of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

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

# A manhole and the pipes around it.
_BREAK_DENOMINATOR: Final = 500


class Following(QObject):
    """Reads the network when it is first asked for, and again after pipes or nodes were edited."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window
        self._pipes: Pipes | None = None
        self._profile: ProfileWindow | None = None
        workspace.bridge.changed.connect(self._heard)
        tool = workspace.toolbox["profile"]
        assert isinstance(tool, RouteTool)
        tool.routed.connect(self.show_profile)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        ways = ("up", "down", "all")
        return {
            **{f"trace-{way}": partial(self.trace, way) for way in ways},
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
            self._show_traced,
            title=_("Following the pipes"),
        )

    def _show_traced(self, found: tuple[Pipes, Way, Traced]) -> None:
        self._pipes, way, traced = found
        canvas = self._space.canvas
        if not len(traced.lines):
            canvas.message.say(_nothing(way, traced))
            return
        self._space.selection.set(self._pipes.layers[0], self._pipes.lines.fids[traced.lines])
        places = self._pipes.places_of(traced.breaks)
        canvas.show_breaks(places)
        self._space.selection.changed.connect(self._forget_breaks)
        self._space.zoom_to_selection()
        canvas.message.say(
            traced_words(way, traced),
            _("Show the break") if len(places) else "",
            partial(self._go_to, places, 0) if len(places) else None,
        )

    def _go_to(self, places: NDArray[np.float64], at: int) -> None:
        """Show one break after the other."""
        x, y = places[at].tolist()
        canvas = self._space.canvas
        canvas.show_place(x, y, _BREAK_DENOMINATOR)
        words = _("Break {number} of {count}").format(number=at + 1, count=len(places))
        if len(places) > 1:
            onward = partial(self._go_to, places, (at + 1) % len(places))
            canvas.message.say(words, _("Next"), onward)

    def _forget_breaks(self) -> None:
        self._space.selection.changed.disconnect(self._forget_breaks)
        self._space.canvas.show_breaks(np.empty((0, 2)))

    def _heard(self, announcement: Announcement) -> None:
        concerned = {"pipe_line", *self._space.project.node_layers}
        if concerned & {*announcement.layers}:
            self._pipes = None

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
        self._space.jobs.run(
            partial(_profile, self._space.project.reader, self._pipes, nodes),
            self._take_profile,
            title=_("Drawing the profile"),
        )

    def _take_profile(self, found: tuple[Pipes, Profile]) -> None:
        self._pipes, profile = found
        window = self.profile_window()
        window.show_profile(profile)
        fids = np.array([reach.fid for reach in profile.reaches])
        self._space.selection.set(self._pipes.layers[0], fids)
        window.show()
        window.raise_()
        window.activateWindow()

    def profile_window(self) -> ProfileWindow:
        """Return the window of profiles; it stays open beside the map."""
        from hjgis.ui.network.profile_window import ProfileWindow

        if self._profile is None:
            self._profile = ProfileWindow(self._space.project, self._space.jobs, self._window)
            self._profile.pipe_wanted.connect(self._show_pipe)
        return self._profile

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
) -> tuple[Pipes, Way, Traced]:
    from hjgis.network.tracing import Way, trace

    with reader() as project:
        pipes = _read(project, held, progress)
        layer, fids = selected
        lines, nodes = pipes.rows_of(layer, fids), pipes.nodes_of(layer, fids)
        found = trace(pipes, project.catalogue, Way(way), nodes=nodes, lines=lines)
        return pipes, Way(way), found


def _profile(
    reader: Callable[[], Project], held: Pipes | None, nodes: Sequence[Node], progress: Progress
) -> tuple[Pipes, Profile]:
    from hjgis.network.profile import profile

    with reader() as project:
        pipes = _read(project, held, progress)
        numbers = [pipes.node(layer, fid) for layer, fid in nodes]
        return pipes, profile(pipes, project.catalogue, [n for n in numbers if n is not None])


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
    return ", ".join(words)


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
    return " ".join([words, ", ".join(_break_words(traced))]).strip()
