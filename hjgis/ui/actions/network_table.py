"""What is asked of the pipe network, as a table: where water comes from and goes, profiles."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_
from hjgis.ui.actions.needs import ActionSpec, State, needs_project, needs_selection


def needs_pipes(state: State) -> str:
    """Return why not, or nothing."""
    there = "pipe_line" in state.layers
    return needs_project(state) or ("" if there else N_("The project has no layer of pipes."))


def needs_start(state: State) -> str:
    """Return why not, or nothing."""
    return needs_pipes(state) or needs_selection(state)


NETWORK_ACTIONS: Final = (
    ActionSpec(
        "trace-up",
        N_("Upstream"),
        "trace-up",
        ("Ctrl+Alt+PgUp",),
        N_("Select all pipes that bring water to what is selected, and show where data break off"),
        needs_start,
    ),
    ActionSpec(
        "trace-down",
        N_("Downstream"),
        "trace-down",
        ("Ctrl+Alt+PgDown",),
        N_("Select all pipes that water from here runs through, and show where data break off"),
        needs_start,
    ),
    ActionSpec(
        "trace-all",
        N_("All that hangs together"),
        "trace-all",
        ("Ctrl+Alt+Home",),
        N_("Select all pipes that are joined with what is selected, whichever way they flow"),
        needs_start,
    ),
    ActionSpec(
        "next-break",
        N_("Next break"),
        "next-break",
        ("Ctrl+Alt+End",),
        N_("Go to where the pipes that were followed break off, one place after the other"),
        needs_pipes,
    ),
    ActionSpec(
        "profile",
        N_("Length profile"),
        "profile",
        ("Ctrl+Shift+Q",),
        N_("Click two nodes: ground, pipes, slopes and cover along the way, as PDF or DXF"),
        needs_pipes,
        tool=True,
    ),
)
