"""What is kept with the project: layouts by name, and how each theme was printed last."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from hjgis.errors import EditRefused, HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.facts import fact_content
from hjgis.models.own_lists import free_name
from hjgis.models.own_sheets import OwnSheets, named, read_sheets, store_sheets
from hjgis.models.sheets import DEFAULT_SHEET, FACT, Sheet, custom_sheet, papers, sheet
from hjgis.models.themes import DEFAULT_THEME, Theme
from hjgis.ui.mapsheet.design import Wish

# How somebody works, not what is recorded: no edit, and undo does not touch it.
_KEPT: Final = "map_window"


class Keeping:
    """Reads and stores what the window starts with."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.own = read_sheets(project.info(FACT))

    def refresh(self) -> None:
        """Read the layouts again: somebody has changed them."""
        self.own = read_sheets(self._project.info(FACT))

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be kept; empty if it can."""
        return self._project.read_only_reason or ""

    def is_changed(self, made: Sheet) -> bool:
        """Whether a sheet is otherwise than it is kept, or than its form."""
        return made != self.origin(made)

    def origin(self, made: Sheet) -> Sheet:
        """Return what a sheet was before it was changed: as it is kept, or its form."""
        # The layout of its name may be deleted meanwhile.
        return self._sheet(made.id) or made

    def form(self, made: Sheet) -> Sheet:
        """Return the ready-made form on a sheet's paper."""
        if self.own.sheet(made.id) is None:
            return self.origin(made)
        return replace(ready_made(made.paper_mm), id=made.id, label=made.label)

    # Each of these is one step that can be undone, returns the sheet to go on with, and raises
    # EditRefused if the name cannot be one, or the project cannot be written.

    def keep(self, made: Sheet, name: str = "") -> Sheet:
        """Keep a sheet under its name, or under a new one."""
        if name:
            made = named(made, name)
        elif self.own.sheet(made.id) is None:
            wanted = _("{form}, own").format(form=label(made.label))
            made = named(made, free_name(wanted, self.own.names))
        self._store(self.own.with_sheet(made))
        return made

    def rename(self, made: Sheet, name: str) -> Sheet:
        """Give a layout another name."""
        renamed = self.own.renamed(made.id, name)
        new = next(iter(set(renamed.names) - set(self.own.names)), made.id)
        self._store(renamed)
        return replace(made, id=new, label=dict.fromkeys(made.label, new))

    def delete(self, made: Sheet) -> Sheet:
        """Delete a layout; what stays is the ready-made form for its paper."""
        self._store(self.own.without(made.id))
        return ready_made(made.paper_mm)

    def toggle_usual(self, made: Sheet) -> Sheet:
        """Let the window start with a layout, or with the usual one again."""
        self._store(self.own.starting_with("" if self.own.usual == made.id else made.id))
        return made

    def _store(self, own: OwnSheets) -> None:
        if self._project.read_only:
            words = _("The layout is not kept: {reason}")
            raise EditRefused(words.format(reason=self.read_only_reason))
        change = store_sheets(self._project.info(FACT), own)
        if change.facts:
            self._project.session.apply(change)
        self.own = own

    # -- what was chosen last ------------------------------------------------------------

    def first_wish(self, themes: tuple[Theme, ...], shown: Theme | None = None) -> Wish:
        """Return what the window starts with: the theme of the map, or that of last time."""
        wanted = shown.id if shown is not None else self._kept().get("theme")
        about = next((one for one in themes if one.id == wanted), None)
        usual = next(one for one in themes if one.id == DEFAULT_THEME)
        start = Wish(usual, self.own.find(self.own.usual or DEFAULT_SHEET))
        return self.for_theme(start, about or usual)

    def for_theme(self, wish: Wish, about: Theme) -> Wish:
        """Return a wish with a theme: on the paper on which it was printed last."""
        last = self._kept().get("themes", {}).get(about.id)
        if not isinstance(last, dict):
            return replace(wish, theme=about)
        made = self._sheet(str(last.get("sheet", ""))) or wish.sheet
        wish = replace(wish, theme=about, sheet=made)
        if last.get("where") != "all":
            return wish
        scale = last.get("scale")
        known = float(scale) if isinstance(scale, int | float) and scale >= 1 else None
        return replace(wish, scale=known, where="all", extent=None, center=None)

    def remember(self, wish: Wish) -> None:
        """Remember how a theme was printed."""
        if self._project.read_only:
            return
        kept = self._kept()
        themes = dict(kept.get("themes", {}))
        themes[wish.theme.id] = {
            "sheet": wish.sheet.id,
            "where": wish.where,
            "scale": wish.scale,
        }
        text = json.dumps({"theme": wish.theme.id, "themes": themes}, ensure_ascii=False)
        if text != self._project.info(_KEPT):
            self._project.set_info(_KEPT, text)

    def _sheet(self, sheet_id: str) -> Sheet | None:
        try:
            return self.own.find(sheet_id)
        except HjgisError:
            return None

    def _kept(self) -> dict[str, Any]:
        try:
            kept = fact_content(self._project.info(_KEPT) or "{}")
        except ValueError:
            return {}
        if not isinstance(kept, dict) or not isinstance(kept.get("themes", {}), dict):
            return {}
        return kept


def ready_made(size_mm: tuple[float, float]) -> Sheet:
    """Return the ready-made form for a paper."""
    paper = paper_of(size_mm)
    return sheet(f"{paper}-{form_of(size_mm)}") if paper else custom_sheet(*size_mm)


def paper_of(size_mm: tuple[float, float]) -> str:
    """Return the usual paper of this size, whichever way it lies; empty if it is another size."""
    found = (one.id for one in papers().values() if sorted(one.size_mm) == sorted(size_mm))
    return next(found, "")


def form_of(size_mm: tuple[float, float]) -> str:
    """Return the form for paper that lies this way."""
    return "landscape" if size_mm[0] > size_mm[1] else "portrait"
