"""What never leaves the house: features and fields by the rules of `delivery.toml`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hjgis.i18n import N_, _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models import secrecy
from hjgis.models.assets import RECORD_OF, AssetType, Field
from hjgis.models.delivery_rules import DeliveryRules, delivery_rules
from hjgis.models.reading import FeatureColumns

_SECRECY = "secrecy"
_LEVEL_TITLE = "密级"
_MARKED = N_("secrecy {level}")
_UNKNOWN = N_("secrecy {level}, which is no level")


@dataclass(frozen=True, slots=True)
class Withheld:
    """What of a layer does not go out: `count` features, or a field of as many; and why."""

    layer: str
    field: str | None
    count: int
    reason: str

    def said(self, asset: AssetType) -> str:
        """Return it in words."""
        if self.field is not None:
            field = label(asset.field(self.field).label) if asset.has(self.field) else self.field
            words = _("{layer}: field {field} ({reason})")
            return words.format(layer=label(asset.label), field=field, reason=self.reason)
        words = ngettext_(
            "{layer}: {count} feature ({reason})",
            "{layer}: {count} features ({reason})",
            self.count,
        )
        return words.format(layer=label(asset.label), count=self.count, reason=self.reason)


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """Rows of a layer that may go out, the highest secrecy of them, and what is kept back."""

    fids: NDArray[np.int64]
    level: str
    withheld: tuple[Withheld, ...]


def released(project: Project, layer: str, fids: NDArray[np.int64]) -> Released:
    """Return which of some rows may go out.

    Parameters
    ----------
    fids : array of int64
        Rising.
    """
    rules, asset = delivery_rules(), project.asset_type(layer)
    own = secrecy.level_of(asset.secrecy)
    why = _layer_reason(rules, asset)
    if why:
        held = Withheld(layer, None, len(fids), why)
        return Released(fids[:0], own, (held,) if len(fids) else ())
    kept, level, withheld = np.ones(len(fids), dtype=bool), own, []
    names = _telling(project, asset, rules)
    columns = project.store.columns(layer, names, fids=fids, geometry=False)
    for name in names:
        column = columns.texts[name]
        judged = [_judged(project, asset.field(name), str(value)) for value in column.values]
        stays = np.array([*(bool(why) for why, _level in judged), False], dtype=bool)
        counts = np.bincount(column.codes[kept & stays[column.codes]], minlength=len(judged))
        withheld += [
            Withheld(layer, None, int(counts[code]), judged[code][0])
            for code in np.flatnonzero(counts)
        ]
        kept &= ~stays[column.codes]
        goes = np.unique(column.codes[kept & (column.codes >= 0)])
        level = max([level, *(judged[code][1] for code in goes)], key=secrecy.rank)
    return Released(fids[kept], level, _added_up(withheld))


def _added_up(several: Sequence[Withheld]) -> tuple[Withheld, ...]:
    """Join those of the same reason."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in several:
        counts[one.layer, one.reason] += one.count
    return tuple(Withheld(layer, None, n, reason) for (layer, reason), n in counts.items())


def _layer_reason(rules: DeliveryRules, asset: AssetType) -> str:
    own = secrecy.level_of(asset.secrecy)
    if secrecy.rank(own) >= secrecy.rank(rules.withheld_from):
        return _(_MARKED).format(level=own)
    titles = (asset.id, *asset.label.values())
    return next((label(rule.label) for rule in rules.kinds if rule.names(titles)), "")


def _telling(project: Project, asset: AssetType, rules: DeliveryRules) -> list[str]:
    """Return the fields that tell whether a feature may go out, the level of secrecy last."""
    wanted = {name for rule in rules.kinds for name in rule.fields}
    # Of other people's layers nobody knows which field says what.
    every = asset.id not in project.shipped.types
    texts = [field for field in asset.fields if field.type in ("text", "code")]
    found = [field.name for field in texts if every or field.name in wanted]
    levels = [field.name for field in texts if _is_level(field)]
    return [*(name for name in found if name not in levels), *levels]


def _is_level(field: Field) -> bool:
    return field.name == _SECRECY or _LEVEL_TITLE in field.label.get("zh_CN", "")


def _judged(project: Project, field: Field, value: str) -> tuple[str, str]:
    """Return why a feature with this value does not go out, empty if it does, and its level."""
    rules, public = delivery_rules(), secrecy.LEVELS[0]
    if not _is_level(field):
        entry = project.catalogue.codes(field.codes).get(value) if field.codes else None
        texts = (value, *(entry.label.values() if entry else ()))
        why = next((label(rule.label) for rule in rules.kinds if rule.names(texts)), "")
        return why, public
    level = secrecy.stated_level(project.catalogue, value)
    if level is None:
        return _(_UNKNOWN).format(level=value), public
    if secrecy.rank(level) >= secrecy.rank(rules.withheld_from):
        return _(_MARKED).format(level=level), level
    return "", level


def released_records(
    project: Project,
    layer: str,
    fids: NDArray[np.int64],
    going: dict[str, NDArray[np.object_]],
) -> Released:
    """Return which records may go out: those of some features.

    Parameters
    ----------
    going : dict of str to array of str
        Identities of the features, by layer.
    """
    first = released(project, layer, fids)
    columns = project.store.columns(layer, RECORD_OF, fids=first.fids, geometry=False)
    of_layer, of_uuid = (columns.texts[name].objects() for name in RECORD_OF)
    kept = np.zeros(len(first.fids), dtype=bool)
    for name, uuids in going.items():
        kept |= (of_layer == name) & np.isin(of_uuid.astype(str), uuids.astype(str))
    return Released(first.fids[kept], first.level, first.withheld)


def withheld_fields(
    project: Project, asset: AssetType, fids: NDArray[np.int64]
) -> tuple[Withheld, ...]:
    """Return the fields of a layer that never go out and hold something in some of the rows."""
    rules = delivery_rules()
    never = {f.name: rule for f in asset.fields if (rule := rules.never(f)) is not None}
    columns = project.store.columns(asset.id, [*never], fids=fids, geometry=False)
    counts = {name: _held(columns, name) for name in never}
    return tuple(
        Withheld(asset.id, name, count, label(never[name].label))
        for name, count in counts.items()
        if count
    )


def _held(columns: FeatureColumns, name: str) -> int:
    """Count the rows in which a field holds something."""
    if name in columns.texts:
        return int((~columns.texts[name].missing).sum())
    return int(np.isfinite(columns.numbers[name]).sum())
