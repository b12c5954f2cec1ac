"""What may leave the house: the rules of ``resources/delivery.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models import secrecy
from hjgis.models.assets import AssetType, Field, Label
from hjgis.models.catalogue_files import read_toml

_CONFIDENCE: Final = ("N", "S", "T", "M-H", "M-M", "M-L", "P")


@dataclass(frozen=True, slots=True)
class AreaRule:
    """How much ground may go out without an approval.

    Attributes
    ----------
    limit_km2 : float
        Largest continuous cover.
    cell_m : float
        Side of the cells that cover is counted in.
    not_counted : tuple of str
        Kinds that show no ground of their own.
    """

    limit_km2: float
    cell_m: float
    not_counted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeverKind:
    """Features that never go out: those with one of `words` in one of `fields` or their layer."""

    id: str
    label: Label
    words: tuple[str, ...]
    fields: tuple[str, ...]

    def names(self, texts: Iterable[str]) -> bool:
        """Whether one of some texts says that it is of this kind."""
        return any(word in text for text in texts for word in self.words)


@dataclass(frozen=True, slots=True)
class NeverField:
    """Fields that never go out, by name or by a word of their title."""

    id: str
    label: Label
    names: tuple[str, ...]
    words: tuple[str, ...]

    def holds(self, field: Field) -> bool:
        """Whether a field is one of them."""
        titles = (field.name, *field.label.values())
        return field.name in self.names or any(w in text for text in titles for w in self.words)


@dataclass(frozen=True, slots=True)
class Contractor:
    """A trade, the kinds that its contractors work on and the groups of fields that they need."""

    id: str
    label: Label
    kinds: tuple[str, ...]
    groups: tuple[str, ...]

    def fields(self, asset: AssetType) -> tuple[str, ...]:
        """Return the fields of a kind that they need."""
        return tuple(entry.name for entry in asset.fields if entry.group in self.groups)


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """All of it.

    Attributes
    ----------
    withheld_from : str
        Features and layers of this level of secrecy or above never go out.
    ask_first : tuple of str
        Kinds that are secret as a whole in some places.
    """

    area: AreaRule
    withheld_from: str
    ask_first: tuple[str, ...]
    kinds: tuple[NeverKind, ...]
    fields: tuple[NeverField, ...]
    contractors: tuple[Contractor, ...]

    def never(self, field: Field) -> NeverField | None:
        """Return the rule that keeps a field back, if one does."""
        return next((rule for rule in self.fields if rule.holds(field)), None)


@cache
def delivery_rules() -> DeliveryRules:
    """Return the shipped rules; `DictionaryError` names file and key if they do not load."""
    path = paths.resources() / "delivery.toml"
    raw: Any = read_toml(path)
    try:
        return _rules(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def _rules(raw: Any) -> DeliveryRules:
    area = raw["area"]
    for entry in (
        area, raw["secrecy"], *raw["kind"], *raw["field"], *raw["contractor"]
    ):  # fmt: skip
        if not entry["basis"] or entry["confidence"] not in _CONFIDENCE:
            raise ValueError(f"{entry.get('id', entry)}: basis or confidence is missing")
    secrecy.rank(raw["secrecy"]["withheld_from"])
    if not (area["limit_km2"] > 0 and area["cell_m"] > 0):
        raise ValueError("area: numbers above 0 are needed")
    return DeliveryRules(
        AreaRule(float(area["limit_km2"]), float(area["cell_m"]), tuple(area["not_counted"])),
        raw["secrecy"]["withheld_from"],
        tuple(raw["secrecy"]["ask_first"]),
        tuple(
            NeverKind(one["id"], one["label"], tuple(one["words"]), tuple(one["fields"]))
            for one in raw["kind"]
        ),
        tuple(
            NeverField(one["id"], one["label"], tuple(one["names"]), tuple(one["words"]))
            for one in raw["field"]
        ),
        tuple(
            Contractor(one["id"], one["label"], tuple(one["kinds"]), tuple(one["groups"]))
            for one in raw["contractor"]
        ),
    )
