"""Component ids: 17 and 16 digits from one scheme-neutral kind.

GB/T 47678.5-2026: 6 county + 2 major + 3 minor + 6 serial = 17 digits.
GB/T 30428.2-2013: 6 county + 2 major + 2 minor + 6 serial = 16 digits. Neither has a check digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hjgis.models.assets import AssetType, Catalogue, Code, Value

COUNTY: Final = "150826"
SERIAL_DIGITS: Final = 6
SYNTHETIC_SERIALS: Final = range(900_000, 1_000_000)
Scheme = Literal[17, 16]


@dataclass(frozen=True, slots=True)
class ComponentId:
    """The parts of a component id."""

    county: str
    class_code: str
    serial: int

    def __str__(self) -> str:
        return f"{self.county}{self.class_code}{self.serial:0{SERIAL_DIGITS}d}"

    @classmethod
    def parse(cls, text: str) -> ComponentId:
        """Take a 17- or 16-digit id apart.

        Raises
        ------
        ValueError
            If `text` is neither.
        """
        if not (text.isascii() and text.isdigit() and len(text) in (16, 17)):
            raise ValueError(f"{text!r} is not 16 or 17 digits")
        return cls(text[:6], text[6:-SERIAL_DIGITS], int(text[-SERIAL_DIGITS:]))


def class_code(
    asset: AssetType, values: Mapping[str, Value], catalogue: Catalogue, scheme: Scheme = 17
) -> str | None:
    """Return the component class of a feature in the scheme asked for; None if it has none."""
    component = asset.component
    if component is None:
        return None
    source: object = component
    if component.codes_field:
        field = asset.field(component.codes_field)
        source = catalogue.codes(field.codes or "").get(values.get(field.name)) or Code("", {})
    code = getattr(source, f"class_{scheme}")
    return str(code) if code else None


def convert(identifier: str, asset: AssetType, catalogue: Catalogue, scheme: Scheme) -> str | None:
    """Return the same component's id in the other scheme; None where it has no class there."""
    parts = ComponentId.parse(identifier)
    given: Scheme = 17 if len(identifier) == 17 else 16
    for old, new in _classes(asset, catalogue, given, scheme):
        if old == parts.class_code and new:
            return str(ComponentId(parts.county, new, parts.serial))
    return None


def other_scheme(identifier: object, asset: AssetType, catalogue: Catalogue) -> str | None:
    """Return what a component is called in the scheme that its id is not of; None if nothing."""
    try:
        scheme: Scheme = 16 if len(str(identifier)) == 17 else 17
        return convert(str(identifier), asset, catalogue, scheme)
    except ValueError:
        return None


def classes_of(asset: AssetType, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the component classes that features of a kind can have, in both schemes."""
    pairs = _classes(asset, catalogue, 17, 16)
    return tuple(dict.fromkeys(code for pair in pairs for code in pair if code))


def class_prefixes(asset: AssetType, catalogue: Catalogue, class_17: str) -> tuple[str, ...]:
    """Return the classes whose serials are the same numbers: 17 digits, and 16 where there is."""
    others = (old for new, old in _classes(asset, catalogue, 17, 16) if new == class_17 and old)
    return (class_17, *others)


def _classes(
    asset: AssetType, catalogue: Catalogue, given: Scheme, wanted: Scheme
) -> Iterable[tuple[str | None, str | None]]:
    component = asset.component
    if component is None:
        return []
    sources: Iterable[object] = [component]
    if component.codes_field:
        sources = catalogue.codes(asset.field(component.codes_field).codes or "").codes
    return [(getattr(s, f"class_{given}"), getattr(s, f"class_{wanted}")) for s in sources]
