"""Everything that menus, the tool row and keys can do: one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from hjgis.i18n import N_, _, label
from hjgis.models.assets import AssetType
from hjgis.ui import theme


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


ACTIONS: Final = (
    ActionSpec("new", N_("New project…"), "new", ("Ctrl+N",), N_("Make an empty project file")),
    ActionSpec("open", N_("Open project…"), "open", ("Ctrl+O",), N_("Open a project file")),
    ActionSpec(
        "sample", N_("Open sample project…"), "sample", (), N_("An invented town to try on")
    ),
    ActionSpec(
        "save",
        N_("Save"),
        "save",
        ("Ctrl+S",),
        N_("Every change is stored at once; there is nothing to save"),
        needs_project,
    ),
    ActionSpec(
        "save-copy",
        N_("Save a copy…"),
        "copy",
        ("Ctrl+Shift+S",),
        N_("Write a compact copy of the project file"),
        needs_project,
    ),
    ActionSpec(
        "discard",
        N_("Back to checkpoint"),
        "",
        (),
        N_("Take back what was done after the moment that Ctrl+S marked last"),
        needs_undo,
    ),
    ActionSpec("close", N_("Close project"), "close", ("Ctrl+W",), "", needs_project),
    ActionSpec("quit", N_("Quit"), "", ("Ctrl+Q",)),
    ActionSpec("undo", N_("Undo"), "undo", ("Ctrl+Z",), "", needs_undo),
    ActionSpec("redo", N_("Redo"), "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "", needs_redo),
    ActionSpec(
        "delete",
        N_("Delete selected features"),
        "delete",
        ("Del",),
        N_("Pipes that end at a deleted node stay and lose that end"),
        needs_editable_selection,
    ),
    ActionSpec(
        "duplicate",
        N_("Copy selected features"),
        "copy",
        ("Ctrl+D",),
        N_("Put copies beside the selected features; identifiers of the copies are left empty"),
        needs_editable_selection,
    ),
    ActionSpec(
        "take-out-node",
        N_("Take out node"),
        "take-out-node",
        (),
        N_("Delete the selected node and join the two pipes that meet there to one"),
        needs_editable_selection,
    ),
    ActionSpec(
        "connect-nearest",
        N_("Connect free ends"),
        "connect",
        (),
        N_("Let free ends of the selected pipes belong to the nearest node within 2 m"),
        needs_editable_selection,
    ),
    ActionSpec(
        "reverse",
        N_("Turn round"),
        "reverse",
        (),
        N_("Let the selected lines run the other way; what is said of their ends goes along"),
        needs_editable_selection,
    ),
    ActionSpec(
        "flow",
        N_("Flow direction by levels"),
        "flow",
        (),
        N_("Turn those of the selected pipes round that run uphill"),
        needs_editable_selection,
    ),
    ActionSpec(
        "align",
        N_("Align points"),
        "align",
        (),
        N_("Move the selected points onto the line between the outermost two"),
        needs_editable_selection,
    ),
    ActionSpec(
        "distribute",
        N_("Space points evenly"),
        "distribute",
        (),
        N_("Move the selected points onto one line, equally far apart"),
        needs_editable_selection,
    ),
    ActionSpec(
        "clear-selection",
        N_("Clear selection"),
        "clear",
        ("Ctrl+Shift+A", "Ctrl+Alt+A"),
        "",
        needs_selection,
    ),
    ActionSpec(
        "identify",
        N_("Identify"),
        "identify",
        ("Ctrl+Shift+I",),
        N_("Click a feature to see and edit its attributes; it never moves anything"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "select",
        N_("Select by rectangle"),
        "select",
        (),
        N_("Pull a rectangle; Shift adds, Ctrl adds or takes away"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "pan",
        N_("Pan"),
        "pan",
        (),
        N_("Drag the map; with any tool: middle button or Space"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "zoom-box",
        N_("Zoom to a box"),
        "zoom-box",
        (),
        N_("Pull a box to see it larger; with any tool: hold Z"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "move-node",
        N_("Move point"),
        "move",
        (),
        N_("Drag a point; pipes that end there follow"),
        needs_writing,
        tool=True,
    ),
    ActionSpec(
        "measure-distance",
        N_("Measure length"),
        "measure",
        ("Ctrl+Shift+M",),
        N_("Length along the clicked points"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "measure-area",
        N_("Measure area"),
        "measure-area",
        ("Ctrl+Shift+J",),
        N_("Area inside the clicked points"),
        needs_project,
        tool=True,
    ),
    ActionSpec(
        "snapping",
        N_("Snapping"),
        "snap",
        ("S",),
        N_("The mouse is drawn to nodes, vertices and edges"),
        needs_project,
        checkable=True,
    ),
    ActionSpec(
        "full-extent", N_("Full extent"), "full-extent", ("Ctrl+Shift+F",), "", needs_project
    ),
    ActionSpec(
        "zoom-selection",
        N_("Zoom to selection"),
        "zoom-selection",
        ("Ctrl+J",),
        "",
        needs_selection,
    ),
    ActionSpec("zoom-layer", N_("Zoom to layer"), "zoom-layer", (), "", needs_project),
    ActionSpec(
        "add-picture",
        N_("Add basemap picture…"),
        "picture",
        (),
        N_("Lay tiles (MBTiles) or an orthophoto (GeoTIFF) under the map"),
        needs_project,
    ),
    ActionSpec(
        "add-file",
        N_("Add reference file…"),
        "underlay",
        (),
        N_("Show somebody else's vector file under the map without importing it"),
        needs_project,
    ),
    ActionSpec("zoom-in", N_("Zoom in"), "zoom-in", ("Ctrl++", "Ctrl+="), "", needs_project),
    ActionSpec("zoom-out", N_("Zoom out"), "zoom-out", ("Ctrl+-",), "", needs_project),
    ActionSpec(
        "previous-view", N_("Previous view"), "previous", ("Alt+Left",), "", needs_previous_view
    ),
    ActionSpec("next-view", N_("Next view"), "next", ("Alt+Right",), "", needs_next_view),
    ActionSpec(
        "bookmark-add",
        N_("Add bookmark…"),
        "bookmark",
        ("Ctrl+B",),
        N_("Keep the place that is seen under a name, with the project"),
        needs_writing,
    ),
    ActionSpec("bookmarks", N_("Manage bookmarks…"), "", (), "", needs_project),
    ActionSpec(
        "overview",
        N_("Overview map"),
        "",
        (),
        N_("The whole town in the corner of the map"),
        needs_project,
        checkable=True,
    ),
    ActionSpec("layers", N_("Layer list"), "layers", ("Ctrl+1",), "", needs_project),
    ActionSpec("attributes", N_("Attributes"), "attributes", ("F4",), "", needs_project),
    ActionSpec("history", N_("History"), "history", (), "", needs_project),
    ActionSpec("table", N_("Attribute table"), "table", ("F6",), "", needs_project),
    ActionSpec("show-all", N_("Show all layers"), "", (), "", needs_project),
    ActionSpec("hide-all", N_("Hide all layers"), "", (), "", needs_project),
    ActionSpec(
        "check",
        N_("Check data"),
        "check",
        ("F9",),
        N_("Completeness, values, identifiers and network"),
        needs_project,
    ),
    ActionSpec("issues", N_("Check results"), "check", (), "", needs_project),
    ActionSpec(
        "targets",
        N_("Target board"),
        "targets",
        (),
        N_("What the layers hold against what the notice asks for"),
        needs_project,
    ),
    ActionSpec(
        "map",
        N_("Thematic map…"),
        "map",
        ("Ctrl+P",),
        N_("A sheet with title, legend and scale bar as PDF or picture"),
        needs_project,
    ),
    ActionSpec(
        "import",
        N_("Import…"),
        "import",
        (),
        N_("Shapefile, GeoPackage or GeoJSON into a layer"),
        needs_writing,
    ),
    ActionSpec(
        "export",
        N_("Export shapefiles…"),
        "export",
        (),
        N_("Shapefiles with a data dictionary and a list of losses"),
        needs_project,
    ),
    ActionSpec("settings", N_("Settings…"), "settings", (), N_("Language and operator name")),
    ActionSpec("keys", N_("Keys"), "", ("F1",)),
    ActionSpec("about", N_("About hjgis"), "help"),
)

DRAW: Final = "draw."
DRAW_MENU: Final = "draw-menu"
RECENT_MENU: Final = "recent-menu"
BOOKMARK_MENU: Final = "bookmark-menu"
_DRAW_ICONS: Final = {"Point": "draw-point", "LineString": "draw-line"}

MENUS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        N_("Project"),
        ("new", "open", RECENT_MENU, "sample", "", "save", "save-copy", "close", "", "quit"),
    ),
    (
        N_("Edit"),
        ("undo", "redo", "discard", "", "select", "clear-selection", "", "move-node", "delete"),
    ),
    (
        N_("View"),
        (
            *("pan", "zoom-box", "full-extent", "zoom-selection", "zoom-in", "zoom-out", ""),
            *("previous-view", "next-view", BOOKMARK_MENU, "", "overview", "layers"),
            *("attributes", "history", "table", "targets", "issues"),
        ),
    ),
    (
        N_("Layer"),
        ("zoom-layer", "table", "", "show-all", "hide-all", "", "add-picture", "add-file"),
    ),
    (
        N_("Facilities"),
        (
            *(DRAW_MENU, "", "identify", "move-node", "duplicate", "delete", ""),
            *("take-out-node", "connect-nearest", "reverse", "flow", "", "align", "distribute"),
        ),
    ),
    (N_("Checks"), ("check", "issues", "", "targets")),
    (N_("Mapping"), ("map",)),
    (N_("Data exchange"), ("import", "export")),
    (N_("Tools"), ("measure-distance", "measure-area", "", "snapping")),
    (N_("Settings"), ("settings",)),
    (N_("Help"), ("keys", "about")),
)
# Stand above the named places in the menu of bookmarks.
BOOKMARK_ENTRIES: Final = ("bookmark-add", "bookmarks")
# An empty entry is a line between groups; the words stand beside the icons of `WORDED`.
TOOL_ROW: Final = (
    *("open", ""),
    *("identify", "select", "pan", "zoom-box", "full-extent", "previous-view", "next-view"),
    *("", "measure-distance", "measure-area", ""),
    *(DRAW_MENU, "move-node", "delete", "snapping", "", "undo", "redo", ""),
    *("table", "check", "targets", "map", "import", "export"),
)
WORDED: Final = frozenset({"identify", DRAW_MENU, "move-node", "check", "targets", "map", "export"})


def draw_spec(asset: AssetType) -> ActionSpec:
    """Return the action that draws features of a layer."""

    def need(state: State) -> str:
        locked = asset.id in state.locked_layers
        why = _("The layer is locked in the layer list.") if locked else ""
        return needs_writing(state) or why

    icon = _DRAW_ICONS.get(asset.geometry, "draw-polygon")
    return ActionSpec(DRAW + asset.id, label(asset.label), icon, (), "", need, tool=True)


class ActionSet(QObject):
    """The QActions of the table; `chosen` says which was triggered."""

    chosen = Signal(str)

    def __init__(self, drawn: Iterable[AssetType], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in (*ACTIONS, *map(draw_spec, drawn))}
        self._actions = {spec.id: self._made(spec) for spec in self._specs.values()}
        tools = QActionGroup(self)
        for spec in self._specs.values():
            if spec.tool:
                tools.addAction(self._actions[spec.id])
        self._actions["snapping"].setChecked(True)

    def __getitem__(self, action: str) -> QAction:
        return self._actions[action]

    @property
    def draw_ids(self) -> list[str]:
        """The actions that draw, one for each layer."""
        return [action for action in self._actions if action.startswith(DRAW)]

    @property
    def specs(self) -> Mapping[str, ActionSpec]:
        """The table by id."""
        return self._specs

    def refresh(self, state: State) -> None:
        """Make actions available or not; a disabled one says why."""
        for action, spec in self._specs.items():
            why = spec.need(state) if spec.need else ""
            self._actions[action].setEnabled(not why)
            self._actions[action].setToolTip(why or _tip(spec))
        self._name("undo", _("Undo: {what}"), state.undo)
        self._name("redo", _("Redo: {what}"), state.redo)

    def _name(self, action: str, template: str, what: str) -> None:
        spec = self._specs[action]
        self._actions[action].setText(template.format(what=what) if what else _(spec.words))
        if what:
            tip = f"{template.format(what=what)} ({spec.keys[0]})"
            self._actions[action].setToolTip(tip)

    def _made(self, spec: ActionSpec) -> QAction:
        words = spec.words if spec.id.startswith(DRAW) else _(spec.words)
        action = QAction(words, self)
        action.setData(spec.id)
        action.setIconText(words.rstrip("…"))
        if spec.icon:
            action.setIcon(theme.icon(spec.icon))
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.tool or spec.checkable)
        action.setStatusTip(_(spec.hint))
        action.triggered.connect(self._triggered)
        return action

    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(action.data())


def _tip(spec: ActionSpec) -> str:
    words = spec.words if spec.id.startswith(DRAW) else _(spec.words)
    title = words.rstrip("…") + (f" ({spec.keys[0]})" if spec.keys else "")
    return f"{title}\n{_(spec.hint)}" if spec.hint else title
