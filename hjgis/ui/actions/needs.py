"""What an action is, and why it cannot be done just now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hjgis.i18n import _


@dataclass(frozen=True, slots=True)
class State:
    """What decides which actions are available."""

    has_project: bool = False
    read_only_reason: str = ""
    selected: int = 0
    selection_locked: bool = False
    undo: str = ""
    redo: str = ""
    has_previous_view: bool = False
    has_next_view: bool = False
    locked_layers: frozenset[str] = frozenset()
    has_position: bool = False
    layers: frozenset[str] = frozenset()


Need = Callable[[State], str]


def needs_project(state: State) -> str:
    """Return why not, or nothing."""
    return "" if state.has_project else _("Open a project first.")


def needs_writing(state: State) -> str:
    """Return why not, or nothing."""
    return needs_project(state) or state.read_only_reason


def needs_selection(state: State) -> str:
    """Return why not, or nothing."""
    return needs_project(state) or ("" if state.selected else _("Select something first."))


def needs_editable_selection(state: State) -> str:
    """Return why not, or nothing."""
    locked = _("The layer is locked in the layer list.") if state.selection_locked else ""
    return needs_writing(state) or needs_selection(state) or locked


def needs_undo(state: State) -> str:
    """Return why not, or nothing."""
    return needs_writing(state) or ("" if state.undo else _("Nothing to undo."))


def needs_redo(state: State) -> str:
    """Return why not, or nothing."""
    return needs_writing(state) or ("" if state.redo else _("Nothing to redo."))


def needs_position(state: State) -> str:
    """Return why not, or nothing."""
    why = _("The receiver has no position yet; start it in its panel.")
    return needs_project(state) or ("" if state.has_position else why)


def needs_place_to_take(state: State) -> str:
    """Return why not, or nothing."""
    return needs_writing(state) or needs_position(state)


def needs_previous_view(state: State) -> str:
    """Return why not, or nothing."""
    return needs_project(state) or ("" if state.has_previous_view else _("No earlier view."))


def needs_next_view(state: State) -> str:
    """Return why not, or nothing."""
    return needs_project(state) or ("" if state.has_next_view else _("No later view."))


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action; `keys` are those of the QGIS profile."""

    id: str
    words: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    hint: str = ""
    need: Need | None = None
    tool: bool = False
    checkable: bool = False
