"""What uses the codes of a list, and other codes instead of them everywhere at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.models import queries, templates
from hjgis.models.assets import AssetType, CodeList, Value
from hjgis.models.changes import BulkUpdate, ChangeSet, FactChange
from hjgis.models.own_lists import OwnLists, clean_name, store_lists
from hjgis.models.query import with_values
from hjgis.models.reading import ValueReader

# A text field that a list feeds holds words, not codes.
Kind = str
CODED: Final = "code"
WORDS: Final = "text"
_SAME: Final = object()


class ListReader(ValueReader, Protocol):
    """What can count values and knows what the project keeps besides features."""

    def info(self, key: str) -> str | None:
        """Return a fact of the project."""


@dataclass(frozen=True, slots=True)
class Use:
    """How often one value stands in one field; `kind` says whether as a code or in words."""

    layer: str
    field: str
    value: str
    count: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Usage:
    """What uses a list.

    Attributes
    ----------
    by_code : mapping of str to list of Use
        By code of the list; words in text fields by the code that they mean.
    unlisted : mapping of str to list of Use
        By value that is in no entry of the list.
    """

    by_code: Mapping[str, Sequence[Use]] = field(default_factory=dict)
    unlisted: Mapping[str, Sequence[Use]] = field(default_factory=dict)

    def coded(self, code: str) -> int:
        """Return how many values are this code itself."""
        return sum(use.count for use in self.by_code.get(code, ()) if use.kind == CODED)

    def of(self, value: str) -> tuple[Use, ...]:
        """Return where a code or its words stand, or a value that is not in the list."""
        return (*self.by_code.get(value, ()), *self.unlisted.get(value, ()))

    def count(self, code: str) -> int:
        """Return how many values are or mean this code."""
        return sum(use.count for use in self.by_code.get(code, ()))


def fields_of(types: Mapping[str, AssetType], list_id: str) -> list[tuple[str, str, Kind]]:
    """Return layer, field and kind of the fields that a list feeds."""
    return [
        (asset.id, entry.name, CODED if entry.codes == list_id else WORDS)
        for asset in types.values()
        for entry in asset.fields
        if list_id in (entry.codes, entry.suggests)
    ]


def usage(reader: ValueReader, codes: CodeList) -> Usage:
    """Count the values in all fields that a list feeds."""
    by_code: dict[str, list[Use]] = {}
    unlisted: dict[str, list[Use]] = {}
    for layer, name, kind in fields_of(reader.types, codes.id):
        for value, count in reader.value_counts(layer, name).items():
            use = Use(layer, name, value, count, kind)
            meant = value if codes.get(value) else codes.parse(value) if kind == WORDS else None
            into, key = (unlisted, value) if meant is None else (by_code, meant)
            into.setdefault(key, []).append(use)
    return Usage(by_code, unlisted)


def recode(
    reader: ListReader,
    lists: OwnLists,
    stored: str | None,
    list_id: str,
    change: tuple[str, str],
    *,
    words: bool = False,
) -> ChangeSet:
    """Store another code wherever one stands, together with the list that has it.

    Saved queries and templates that name the old one name the new one, too.
    Where the new code is in the list already, the two become one. A value that is not in the list
    becomes another word for the code that replaces it.

    Parameters
    ----------
    lists, stored : OwnLists, str or None
        The project's own lists, and the fact that they were read from.
    change : (str, str)
        Old and new code.
    words : bool
        Let text fields that the list feeds follow: whoever is named there by a word of the old
        code is named by the new one. Where two units become one, the social credit code beside
        the name becomes that of the other, or empty where it is not known.

    Raises
    ------
    EditRefused
        If the codes are the same, or the new one is empty or too long.
    """
    old, new = change[0], clean_name(change[1])
    if old == new:
        raise EditRefused(_("Old and new code are the same."))
    before = lists.code_list(list_id)
    after = lists.recoded(list_id, old, new)
    name = after.code_list(list_id).label_of(new)
    uses = [
        use
        for use in usage(reader, before).of(old)
        if use.kind == CODED or (words and use.value != name)
    ]
    target = before.get(new)
    credit = target.extra.get("credit_code") if target else None
    parts = [
        _update(reader, use, new)
        if use.kind == CODED
        else _named(reader, use, name, credit if target else _SAME)
        for use in uses
    ]
    swaps: dict[tuple[str, str, Value], str] = {
        (use.layer, use.field, use.value): name for use in uses if use.kind == WORDS
    }
    fields = fields_of(reader.types, list_id)
    swaps |= {(layer, field, old): new for layer, field, kind in fields if kind == CODED}
    fact = store_lists(stored, after)
    facts = (*fact.facts, *_following(reader, swaps))
    params = {
        "list": label(before.label),
        "old": before.label_of(old),
        "new": name,
        "count": sum(use.count for use in uses),
    }
    return replace(fact, label="lists.recode", bulk=tuple(parts), params=params, facts=facts)


def _following(
    reader: ListReader, swaps: Mapping[tuple[str, str, Value], str]
) -> Iterator[FactChange]:
    """Yield what becomes of saved queries and templates that name a value which is another now."""

    def swapped(layer: str, name: str, value: Value) -> Value:
        return swaps.get((layer, name, value), value)

    stored = reader.info(queries.FACT)
    known = queries.read_queries(stored)
    asking = [
        replace(entry, query=with_values(entry.query, swapped)) if entry.query else entry
        for entry in known
    ]
    if asking != known:
        yield FactChange(queries.FACT, stored, queries.queries_text(asking))
    stored = reader.info(templates.FACT)
    named = templates.read_templates(stored)
    filling = [
        replace(one, values={n: swapped(one.layer, n, value) for n, value in one.values.items()})
        for one in named
    ]
    if filling != named:
        yield FactChange(templates.FACT, stored, templates.templates_text(filling))


def _update(reader: ValueReader, use: Use, new: str) -> BulkUpdate:
    fids = reader.fids_with(use.layer, use.field, use.value)
    count = len(fids)
    return BulkUpdate(use.layer, fids, {use.field: [new] * count}, {use.field: [use.value] * count})


def _named(reader: ValueReader, use: Use, name: str, credit: object) -> BulkUpdate:
    """Return the same for who is named in words, with the code beside unless it is `_SAME`."""
    part = _update(reader, use, name)
    beside = reader.asset_type(use.layer).field(use.field).suggests_code
    if beside is None or credit is _SAME:
        return part
    stored = reader.table(use.layer, [beside], fids=part.fids.tolist(), geometry=False)
    value = None if credit is None else str(credit)
    return BulkUpdate(
        use.layer,
        part.fids,
        {**part.columns, beside: [value] * len(part.fids)},
        {**part.before, beside: stored.columns[beside].tolist()},
    )
