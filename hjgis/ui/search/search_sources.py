"""What the search box offers: features, roads, units, layers, commands, places and projects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QIcon

from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.search import Hit, LayerHits, ValueHits
from hjgis.models.assets import RECORD_OF, AssetType
from hjgis.models.changes import FeatureKey
from hjgis.models.query import Condition
from hjgis.models.search import grade, search_words, words_of
from hjgis.models.search_places import FoundPlace, read_place
from hjgis.ui import theme
from hjgis.ui.actions.action_set import ActionSet
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.actions.needs import ActionSpec, State
from hjgis.ui.docks import Docks
from hjgis.ui.map.bookmarks import Bookmark, Bookmarks
from hjgis.ui.workspace import Workspace

COMMANDS_ONLY: Final = ">"
LAYERS_ONLY: Final = "@"
_OF_A_LAYER: Final = 4
_LAYERS_AT_MOST: Final = 6
_COMMANDS_AT_MOST: Final = 6
_ALL: Final = 1_000
# A grade of `models.search.grade`.
_WHOLE: Final = 3
_OTHERS_AT_MOST: Final = 3
_PLACE_DENOMINATOR: Final = 500.0
_SYMBOL_PX: Final = 20
_Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the answer.

    Attributes
    ----------
    second : str
        A second line, fainter.
    note : str
        At the right end, such as a key.
    why_not : str
        Why it cannot be chosen just now; empty where it can.
    act, act_on_all, act_aside : callable
        What Enter, Ctrl+Enter and Alt+Enter do.
    fills : str
        What comes into the line instead, where it is a proposal of what to type.
    """

    title: str
    second: str = ""
    note: str = ""
    icon: QIcon | None = None
    why_not: str = ""
    act: _Act | None = None
    act_on_all: _Act | None = None
    act_aside: _Act | None = None
    fills: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind, below a heading."""

    title: str
    entries: tuple[Entry, ...]
    note: str = ""


class SearchSources:
    """Answers texts; asks the open project where there is one.

    Parameters
    ----------
    recent : sequence of str
        Paths of projects.
    open_project : callable
        Takes the path of one.
    """

    def __init__(
        self,
        actions: ActionSet,
        *,
        workspace: Workspace | None,
        docks: Docks | None,
        bookmarks: Bookmarks | None,
        recent: Sequence[str],
        open_project: Callable[[Path], object],
    ) -> None:
        self._actions, self._space, self._docks = actions, workspace, docks
        self._bookmarks, self._recent, self._open = bookmarks, recent, open_project
        self._begun = False
        self._icons: dict[tuple[str, int], QIcon] = {}

    @property
    def state_words(self) -> str:
        """Why something may not be found; empty where all is."""
        return self._space.search.state_words if self._space is not None else ""

    def begin(self) -> None:
        """Hear that somebody is about to search."""
        if not self._begun:
            self._begun = True
            # Dictionaries, then some hundred names: all is there when the first letter comes.
            Thread(target=_learn, args=(self._names(),), daemon=True).start()
        if self._space is not None:
            self._space.search.begin()

    def _names(self) -> list[str]:
        """Return what commands and layers are called."""
        titles = [_command_title(spec) for spec in self._actions.specs.values()]
        known = search_words()
        called = [
            name for names in (known.synonyms, known.layers) for name in chain(*names.values())
        ]
        types = self._space.project.map_types.values() if self._space is not None else ()
        return [*titles, *called, *(name for asset in types for name in asset.label.values())]

    def sections(self, text: str) -> list[Section]:
        """Return what is found for a text, the likeliest first."""
        if text.startswith((COMMANDS_ONLY, "》", "＞")):
            words = words_of(text[1:])
            found = self._commands(words, most=_ALL, least=1 if words else 0)
            return _filled(_("Commands"), found)
        if text.startswith((LAYERS_ONLY, "＠")):
            words = words_of(text[1:])
            return _filled(_("Layers"), self._layers(words, least=1 if words else 0))
        words = words_of(text)
        if not words:
            return []
        sections = self._place(text)
        # There are few layers and many commands: who types gc means toilets.
        named, others = self._layers(words, least=2), self._layers(words, least=1)[:1]
        sections += _filled(_("Layers"), named[:_OTHERS_AT_MOST])
        begun = self._commands(words, most=_COMMANDS_AT_MOST, least=2)
        sections += _filled(_("Commands"), begun)
        sections += self._features(text)
        sections += _filled(_("Layers"), [] if named else others)
        if not begun:
            weak = self._commands(words, most=_OTHERS_AT_MOST, least=1)
            sections += _filled(_("Commands"), weak)
        sections += _filled(_("Bookmarks"), self._places(words))
        return sections + _filled(_("Recent projects"), self._projects(words))

    def proposals(self, latest: Sequence[str]) -> list[Section]:
        """Return what could be typed."""
        sections = _filled(_("Searched lately"), [Entry(text, fills=text) for text in latest])
        examples: list[tuple[str, str]] = []
        if self._space is not None:
            x, y = self._space.canvas.frame.center_x, self._space.canvas.frame.center_y
            types = [asset for asset in self._space.project.types.values() if asset.kind == "asset"]
            if types:
                examples.append((label(types[-1].label), _("a name, a kind, a road, a unit")))
            examples += [
                ("gc", _("pinyin initials, or the whole pinyin")),
                ("0012", _("any digits of a number or an id")),
                (f"{y:.2f}, {x:.2f}", _("X, Y; degrees; the number of a sheet")),
                (LAYERS_ONLY, _("layers only")),
            ]
        examples.append((COMMANDS_ONLY, _("commands only, also by their names in QGIS and ArcMap")))
        lines = [Entry(text, second, fills=text) for text, second in examples]
        return sections + _filled(_("For example"), lines)

    # -- commands, layers, places, files ---------------------------------------------------

    def _commands(self, words: Sequence[str], *, most: int, least: int) -> list[Entry]:
        state = self._space.state if self._space is not None else State()
        found: list[tuple[int, bool, Entry]] = []
        for spec in self._actions.specs.values():
            if spec.id == "search":
                continue
            title = _command_title(spec)
            english = "" if spec.id.startswith(DRAW) else spec.words
            synonyms = search_words().synonyms.get(spec.id, ())
            best, how = max((grade(words, name), -at) for at, name in enumerate((title, english)))
            second = ""
            for name in synonyms:
                if grade(words, name) > best:
                    best, second = grade(words, name), name
            if best < least:
                continue
            why = spec.need(state) if spec.need else ""
            entry = Entry(
                title,
                why or second or _(spec.hint),
                spec.keys[0] if spec.keys else "",
                theme.icon(spec.icon) if spec.icon else None,
                why,
                partial(self._actions[spec.id].trigger),
            )
            found.append((best + (how == 0), not why, entry))
        # Sorting keeps the order of the table among equals.
        found.sort(key=lambda one: (-one[0], not one[1]))
        return [entry for _best, _can, entry in found[:most]]

    def _layers(self, words: Sequence[str], *, least: int) -> list[Entry]:
        """Return the layers whose names the words meet that well; synonyms only as a whole."""
        if self._space is None:
            return []
        found: list[tuple[int, Entry]] = []
        for asset in reversed(list(self._space.project.map_types.values())):
            best = max(grade(words, name) for name in asset.label.values())
            called = search_words().layers.get(asset.id, ())
            synonym = next((name for name in called if grade(words, name) == _WHOLE), "")
            best = max(best, 2 if synonym else 0)
            if best < least:
                continue
            entry = Entry(
                label(asset.label),
                _("Show it and open its attribute table; Alt+Enter zooms to it"),
                grouped(self._space.layers[asset.id].count),
                self._icon(asset.id),
                act=partial(self._open_layer, asset.id),
                act_aside=partial(self._space.zoom_to_layer, asset.id),
            )
            found.append((best, entry))
        found.sort(key=lambda one: -one[0])
        return [entry for _best, entry in found]

    def _open_layer(self, layer: str) -> None:
        if self._space is not None and self._docks is not None:
            self._space.layers.set_visible(layer, visible=True)
            self._docks.layer_tree.set_current_layer(layer)
            self._docks.open_table(layer)

    def _place(self, text: str) -> list[Section]:
        if self._space is None:
            return []
        frame = self._space.canvas.frame
        place = read_place(text, self._space.project.crs, (frame.center_x, frame.center_y))
        if place is None:
            return []
        words = _("X (north) {x:.2f}, Y (east) {y:.2f}").format(x=place.y, y=place.x)
        titles = {
            "metres": _("Go to these coordinates"),
            "degrees": _("Go to this longitude and latitude"),
            "sheet": _("Go to this map sheet"),
        }
        act = partial(self._go_to, place)
        return [
            Section(
                _("Place"),
                (Entry(titles[place.kind], words, icon=theme.icon("bookmark"), act=act),),
            )
        ]

    def _go_to(self, place: FoundPlace) -> None:
        if self._space is None:
            return
        canvas = self._space.canvas
        if place.extent is not None:
            canvas.show_extent(place.extent)
        else:
            canvas.show_place(place.x, place.y, _PLACE_DENOMINATOR)

    def _places(self, words: Sequence[str]) -> list[Entry]:
        met = [place for place in self._bookmarks or () if grade(words, place.name)]
        icon = theme.icon("bookmark")
        return [
            Entry(place.name, icon=icon, act=partial(self._show, place))
            for place in met[:_OTHERS_AT_MOST]
        ]

    def _show(self, place: Bookmark) -> None:
        if self._space is not None:
            self._space.canvas.show_place(place.x, place.y, place.denominator)

    def _projects(self, words: Sequence[str]) -> list[Entry]:
        here = self._space.project.path.resolve() if self._space is not None else None
        paths = [Path(text) for text in self._recent]
        met = [path for path in paths if path.resolve() != here and grade(words, path.stem)]
        return [
            Entry(
                path.name, str(path.parent), "", theme.icon("open"), act=partial(self._open, path)
            )
            for path in met[:_OTHERS_AT_MOST]
        ]

    # -- features ------------------------------------------------------------------------

    def _features(self, text: str) -> list[Section]:
        if self._space is None:
            return []
        index, words = self._space.search.index, search_words()
        groups = index.groups(text, _OF_A_LAYER)
        sections = [self._group(group, text) for group in groups[:_LAYERS_AT_MOST]]
        for title, fields in ((_("Roads"), words.roads), (_("Units"), words.units)):
            hits = index.values(fields, text, _OTHERS_AT_MOST)
            hits = [hit for hit in hits if hit.layer in self._space.layers]
            sections += _filled(title, [self._value(hit) for hit in hits[:_OTHERS_AT_MOST]])
        rest = [
            self._rest(group, text)
            for group in groups[_LAYERS_AT_MOST:]
            if group.layer in self._space.layers
        ]
        return sections + _filled(_("Found in other layers too"), rest)

    def _group(self, group: LayerHits, text: str) -> Section:
        asset = self._type(group.layer)
        return Section(
            label(asset.label),
            tuple(self._feature(hit, text) for hit in group.hits),
            grouped(group.count),
        )

    def _type(self, layer: str) -> AssetType:
        assert self._space is not None
        return self._space.project.asset_type(layer)

    def _feature(self, hit: Hit, text: str) -> Entry:
        asset = self._type(hit.layer)
        matched = ""
        if hit.field:
            name = label(asset.field(hit.field).label)
            matched = _("{field}: {value}").format(field=name, value=hit.matched)
        if asset.is_record:
            return self._record(hit, matched)
        unnamed = _("{layer}, row {fid}").format(layer=label(asset.label), fid=hit.fid)
        return Entry(
            hit.title or unnamed,
            " · ".join(part for part in (matched, hit.place) if part),
            icon=self._icon_of(hit),
            act=partial(self._open_feature, FeatureKey(hit.layer, hit.uuid)),
            act_on_all=partial(self._select_all, hit.layer, text),
        )

    def _record(self, hit: Hit, matched: str) -> Entry:
        """Return a line that leads to the asset that a record belongs to."""
        layer, uuid = (str(hit.values.get(name)) for name in RECORD_OF)
        assert self._space is not None
        owner = label(self._type(layer).label) if layer in self._space.layers else ""
        return Entry(
            hit.title or matched,
            " · ".join(part for part in (matched, hit.place, owner) if part),
            icon=theme.icon("table"),
            act=partial(self._open_feature, FeatureKey(layer, uuid)),
        )

    def _rest(self, group: LayerHits, text: str) -> Entry:
        words = ngettext_("Select {count} feature", "Select {count} features", group.count)
        act = partial(self._select_all, group.layer, text)
        name = label(self._type(group.layer).label)
        icon = self._icon(group.layer)
        return Entry(name, words.format(count=grouped(group.count)), "", icon, "", act, act)

    def _value(self, hit: ValueHits) -> Entry:
        asset = self._type(hit.layer)
        words = ngettext_(
            "{field} of {count} feature of {layer}; select it",
            "{field} of {count} features of {layer}; select them",
            hit.count,
        )
        field = label(asset.field(hit.field).label)
        second = words.format(field=field, count=grouped(hit.count), layer=label(asset.label))
        act = partial(self._select_value, hit)
        return Entry(hit.value, second, "", self._icon(hit.layer), "", act, act)

    def _open_feature(self, key: FeatureKey) -> None:
        """Select a feature, go there and show its form."""
        assert self._space is not None
        try:
            feature = self._space.project.get(key)
        except KeyError:
            self._space.canvas.message.say(_("This feature is no longer there."))
            return
        self._space.layers.set_visible(key.layer, visible=True)
        self._space.selection.set(key.layer, [feature.fid or 0])
        if feature.geometry is not None and not feature.geometry.is_empty:
            self._space.canvas.show_extent(feature.geometry.bounds)
        if self._docks is not None:
            self._docks.show_attributes()

    def _select_all(self, layer: str, text: str) -> None:
        assert self._space is not None
        fids = self._space.search.fids(layer, text)
        if fids is not None:
            self._select(layer, fids)

    def _select_value(self, hit: ValueHits) -> None:
        assert self._space is not None
        condition = Condition(hit.field, "=", hit.value)
        self._select(hit.layer, self._space.project.store.fids(hit.layer, [condition]))

    def _select(self, layer: str, fids: NDArray[np.int64]) -> None:
        assert self._space is not None
        self._space.layers.set_visible(layer, visible=True)
        self._space.selection.set(layer, fids)
        self._space.zoom_to_selection()
        words = ngettext_("{count} feature selected", "{count} features selected", len(fids))
        self._space.canvas.message.say(words.format(count=grouped(len(fids))))

    def _icon_of(self, hit: Hit) -> QIcon:
        """Return the symbol of a feature, as on the map."""
        assert self._space is not None
        style = self._space.layers[hit.layer].style
        code = hit.values.get(style.class_field or "")
        return self._icon(hit.layer, style.class_of(code))

    def _icon(self, layer: str, index: int = 0) -> QIcon:
        if (layer, index) not in self._icons:
            self._icons[layer, index] = self._made_icon(layer, index)
        return self._icons[layer, index]

    def _made_icon(self, layer: str, index: int) -> QIcon:
        assert self._space is not None
        held = self._space.layers[layer]
        if not held.asset.is_spatial:
            return theme.icon("table")
        ratio = self._space.canvas.devicePixelRatioF()
        symbol = held.style.all_classes[index].symbol
        return theme.symbol_icon(symbol, _SYMBOL_PX, _SYMBOL_PX, ratio)


def _filled(title: str, entries: Sequence[Entry]) -> list[Section]:
    return [Section(title, tuple(entries))] if entries else []


def _command_title(spec: ActionSpec) -> str:
    if spec.id.startswith(DRAW):
        return _("Draw: {layer}").format(layer=spec.words)
    return _(spec.words).rstrip("…")


def _learn(names: Sequence[str]) -> None:
    """Spell names, so that they are known when they are asked for."""
    for name in names:
        grade(("x",), name)
