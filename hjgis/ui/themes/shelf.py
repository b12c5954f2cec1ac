"""The themes of a project: kept, copied, taken out, read from files and written to them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hjgis import paths
from hjgis.errors import EditRefused, HjgisError
from hjgis.i18n import _, reason
from hjgis.layers.project import Project
from hjgis.models.own_themes import (
    all_themes,
    copied_theme,
    named_theme,
    read_themes,
    store_themes,
    theme_text,
    with_theme,
)
from hjgis.models.themes import FACT, Theme, theme_ids, theme_of


class Shelf:
    """What somebody can choose from; all that is refused is an HjgisError."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.own = read_themes(project.info(FACT))

    @property
    def themes(self) -> tuple[Theme, ...]:
        """Those of the project, then the ready-made ones."""
        return all_themes(self.own)

    def refresh(self) -> None:
        """Read the project's themes again: somebody has changed them."""
        self.own = read_themes(self._project.info(FACT))

    def now(self, about: Theme) -> Theme | None:
        """Return a theme as it is now; None if it is no more, or was never kept."""
        return next((one for one in self.themes if one.id == about.id), None)

    def keep(self, made: Theme, name: str) -> Theme:
        """Keep a theme under a name; a ready-made one becomes one of the project."""
        ready_made = made.id in theme_ids()
        kept = copied_theme(made, self.own) if ready_made else named_theme(made, name, self.own)
        return self._store(with_theme(self.own, kept), kept)

    def copy(self, made: Theme) -> Theme:
        """Keep a copy of a theme, which can be changed."""
        copied = copied_theme(made, self.own)
        return self._store((*self.own, copied), copied)

    def take_out(self, made: Theme) -> Theme:
        """Take a theme out of the project; return the one that is first now."""
        self._store(tuple(one for one in self.own if one.id != made.id), made)
        return self.themes[0]

    def read_file(self, path: Path) -> Theme:
        """Keep the theme of a file."""
        try:
            made = theme_of(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            words = _("{name} holds no theme: {reason}")
            raise HjgisError(words.format(name=path.name, reason=reason(error))) from error
        return self.copy(made)

    def write_file(self, made: Theme, path: Path) -> None:
        """Write a theme to a file."""
        try:
            with paths.written_whole(path) as draft:
                draft.write_text(theme_text(made), "utf-8")
        except OSError as error:
            words = _("{name} cannot be written: {reason}")
            raise HjgisError(words.format(name=path, reason=reason(error))) from error

    def _store(self, own: tuple[Theme, ...], made: Theme) -> Theme:
        if self._project.read_only:
            raise EditRefused(self._project.read_only_reason or "")
        change = store_themes(self._project.info(FACT), own)
        if change.facts:
            self._project.session.apply(change)
        self.own = own
        return made
