"""How the layers of a project are arranged: draw order, titles, locks, what was taken out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from hjgis.models.assets import AssetType
from hjgis.models.facts import fact_content, fact_text

FACT: Final = "layers"
_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What of the layers can be changed by hand; the project keeps it under `FACT`.

    Attributes
    ----------
    order : tuple of str
        Layers, lowest first; one that is not named keeps its place below or above its neighbour.
    titles : mapping of str to str
        Names that were given to reference layers.
    locked : frozenset of str
        Layers that are not edited.
    gone : frozenset of str
        Reference layers that were taken out; their empty tables stay, so that undo finds them.
    stored : str or None
        What it was read from.
    """

    order: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    stored: str | None = None

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Read what `text` wrote; what cannot be read is as if nothing had been arranged."""
        try:
            raw = fact_content(text or "{}")
            titles = {str(layer): str(title) for layer, title in raw.get("titles", {}).items()}
            lists = {
                name: [str(layer) for layer in raw.get(name, ())]
                for name in ("order", "locked", "gone")
            }
        except (ValueError, TypeError, AttributeError) as error:
            _log.warning("the arrangement of the layers is not readable: %s", error)
            return cls(stored=text)
        return cls(
            order=tuple(lists["order"]),
            titles=titles,
            locked=frozenset(lists["locked"]),
            gone=frozenset(lists["gone"]),
            stored=text,
        )

    def text(self) -> str:
        """Return it as it is kept."""
        parts = {
            "order": list(self.order),
            "titles": dict(sorted(self.titles.items())),
            "locked": sorted(self.locked),
            "gone": sorted(self.gone),
        }
        filled = {name: part for name, part in parts.items() if part}
        return fact_text(filled)

    def arranged(self, types: Mapping[str, AssetType]) -> dict[str, AssetType]:
        """Return the layers that are there, lowest first, with the names they were given."""
        places = {layer: place for place, layer in enumerate(self.order)}
        ranks: dict[str, tuple[int, int]] = {}
        last = -1
        for number, layer in enumerate(types):
            last = places.get(layer, last)
            ranks[layer] = (last, -1 if layer in places else number)
        return {
            layer: self._named(types[layer])
            for layer in sorted(types, key=ranks.__getitem__)
            if layer not in self.gone
        }

    def _named(self, asset: AssetType) -> AssetType:
        title = self.titles.get(asset.id)
        return asset if title is None else replace(asset, label={"zh_CN": title, "en": title})
