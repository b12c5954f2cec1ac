"""Levels of secrecy, from public to top secret: what is together has the highest of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hjgis.models.assets import Catalogue

LIST: Final = "secrecy_class"
# Rising; the codes of the list, and what the catalogue calls them.
LEVELS: Final = ("公开", "内部", "秘密", "机密", "绝密")
SECRET: Final = "秘密"
_LEVEL_OF: Final = {"public": "公开", "internal": "内部", "secret": SECRET}


def level_of(secrecy: str) -> str:
    """Return the level that `AssetType.secrecy` means."""
    return _LEVEL_OF[secrecy]


def rank(level: str) -> int:
    """Return how high a level is, 0 for public."""
    return LEVELS.index(level)


def stated_level(catalogue: Catalogue, text: str | None) -> str | None:
    """Return the level that a code or label means; None if it means none."""
    level = catalogue.codes(LIST).parse(text) if text else None
    return level if level in LEVELS else None


def highest(catalogue: Catalogue, stated: str | None, layers: Iterable[str]) -> str:
    """Return the highest level of a project and of some layers.

    Parameters
    ----------
    stated : str or None
        The project's own secrecy: a code or label of the list `LIST`.
    layers : iterable of str
        ``AssetType.secrecy`` of the layers.
    """
    levels = [level_of(entry) for entry in layers]
    named = stated_level(catalogue, stated)
    return max([*levels, *([named] if named else [])], key=rank, default=LEVELS[0])
