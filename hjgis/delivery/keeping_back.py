"""What never leaves the house: features and fields by the rules of `delivery.toml`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hjgis.i18n import N_, _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models import secrecy
from hjgis.models.assets import RECORD_OF, AssetType
from hjgis.models.delivery_rules import DeliveryRules, NeverKind, delivery_rules

_SECRECY = "secrecy"
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
    reasons, levels = _reasons(project, asset, fids, rules)
    kept = np.array([not reason for reason in reasons], dtype=bool)
    words = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons) if reason}
    held_back = tuple(Withheld(layer, None, count, reason) for reason, count in words.items())
    level = max([own, *(levels[i] for i in np.flatnonzero(kept))], key=secrecy.rank)
    return Released(fids[kept], level, held_back)


def _layer_reason(rules: DeliveryRules, asset: AssetType) -> str:
    own = secrecy.level_of(asset.secrecy)
    if secrecy.rank(own) >= secrecy.rank(rules.withheld_from):
        return _(_MARKED).format(level=own)
    titles = (asset.id, *asset.label.values())
    return next((label(rule.label) for rule in rules.kinds if rule.names(titles)), "")


def _reasons(
    project: Project, asset: AssetType, fids: NDArray[np.int64], rules: DeliveryRules
) -> tuple[list[str], list[str]]:
    """Return for each row why it does not go out, empty if it does, and its level."""
    wanted = {name for rule in rules.kinds for name in rule.fields} | {_SECRECY}
    names = [f.name for f in asset.fields if f.name in wanted and f.type in ("text", "code")]
    columns = project.store.columns(asset.id, names, fids=fids, geometry=False)
    reasons, levels = [""] * len(fids), [secrecy.LEVELS[0]] * len(fids)
    for name in names:
        column = columns.texts[name]
        if name == _SECRECY:
            judged = [_judged(project, rules, str(value)) for value in column.values]
        else:
            judged = [
                (_kind_reason(project, asset, name, str(value), rules.kinds), secrecy.LEVELS[0])
                for value in column.values
            ]
        for row in np.flatnonzero(column.codes >= 0).tolist():
            why, level = judged[column.codes[row]]
            reasons[row] = reasons[row] or why
            levels[row] = max(levels[row], level, key=secrecy.rank)
    return reasons, levels


def _judged(project: Project, rules: DeliveryRules, value: str) -> tuple[str, str]:
    """Return why a feature marked so does not go out, and its level."""
    level = secrecy.stated_level(project.catalogue, value)
    if level is None:
        return _(_UNKNOWN).format(level=value), secrecy.LEVELS[0]
    if secrecy.rank(level) >= secrecy.rank(rules.withheld_from):
        return _(_MARKED).format(level=level), level
    return "", level


def _kind_reason(
    project: Project, asset: AssetType, name: str, value: str, kinds: tuple[NeverKind, ...]
) -> str:
    """Return why a feature with this value does not go out; empty if it does."""
    codes = asset.field(name).codes
    entry = project.catalogue.codes(codes).get(value) if codes else None
    texts = (value, *(entry.label.values() if entry else ()))
    return next((label(rule.label) for rule in kinds if rule.names(texts)), "")


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
    table = project.table(asset.id, [*never], fids=fids.tolist(), geometry=False)
    counts = {
        name: sum(value not in (None, "") for value in table.columns[name].tolist())
        for name in never
    }
    return tuple(
        Withheld(asset.id, name, count, label(never[name].label))
        for name, count in counts.items()
        if count
    )
