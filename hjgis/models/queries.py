"""Queries that a project keeps under names: read, written, changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet, FactChange, new_uuid
from hjgis.models.facts import fact_content, fact_text
from hjgis.models.issues import Severity
from hjgis.models.own_lists import clean_name
from hjgis.models.query import Condition, Group, Location, Part, Query, plain

FACT: Final = "queries"
VERSION: Final = 1
_log = logging.getLogger("hjgis.store")
# Deeper sentences than anybody writes.
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query under a name.

    Attributes
    ----------
    id : str
        Stays when the name changes; the rule ``query.<id>`` is called by it.
    query : Query or None
        None where a newer program has written what this one cannot read.
    severity : Severity or None
        How bad it is to meet the query, if that is a fault to be checked for.
    message : str
        What a finding says; the name if empty.
    raw : mapping
        What stood in the project; an entry that cannot be read is written back as it was.
    """

    id: str
    name: str
    query: Query | None
    description: str = ""
    severity: Severity | None = None
    message: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


# -- queries as JSON -------------------------------------------------------------------------


def query_json(query: Query) -> dict[str, Any]:
    """Return a query as it is kept in projects and files."""
    return {"version": VERSION, **_query(query)}


def read_query(raw: object) -> Query:
    """Read what `query_json` wrote.

    Unknown fields and operators stay in the query; `sentences.problems` tells of them.

    Raises
    ------
    ValueError
        If it is no query, or one of a newer program; in words.
    """
    if not isinstance(raw, Mapping):
        raise ValueError(_("This is no query."))
    if raw.get("version", VERSION) != VERSION:
        raise ValueError(_("A newer version of the program has written this query."))
    try:
        return _read(raw, 0)
    except (
        KeyError, TypeError, AttributeError, OverflowError, shapely.GEOSException, RecursionError,
    ) as error:  # fmt: skip
        raise ValueError(_("This is no query.")) from error


def _query(query: Query) -> dict[str, Any]:
    raw: dict[str, Any] = {"layer": query.layer, "where": [_part(p) for p in query.conditions]}
    return {**raw, "any": True} if query.any else raw


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, Group):
        return {part.how: [_part(inner) for inner in part.parts]}
    if isinstance(part, Location):
        raw: dict[str, Any] = {"place": part.relation}
        if isinstance(part.other, Query):
            raw["of"] = _query(part.other)
        else:
            raw["area"] = shapely.to_wkb(part.other, hex=True, output_dimension=2)
        return {**raw, "distance_m": part.distance_m} if part.distance_m else raw
    raw = {"field": part.field, "op": part.operator}
    if part.value is not None:
        raw["value"] = list(part.value) if isinstance(part.value, tuple) else part.value
    return raw


def _read(raw: Mapping[str, Any], depth: int) -> Query:
    parts = tuple(_read_part(part, depth + 1) for part in raw["where"])
    return Query(str(raw["layer"]), parts, any=bool(raw.get("any", False)))


def _read_part(raw: Mapping[str, Any], depth: int) -> Part:
    if depth > _DEEPEST:
        raise ValueError(_("This is no query."))
    if "field" in raw:
        return Condition(str(raw["field"]), str(raw["op"]), plain(raw.get("value")))
    if "place" in raw:
        other: Query | BaseGeometry
        other = _read(raw["of"], depth) if "of" in raw else shapely.from_wkb(str(raw["area"]))
        return Location(str(raw["place"]), other, float(raw.get("distance_m", 0.0)))
    [(how, parts)] = raw.items()
    return Group(tuple(_read_part(part, depth + 1) for part in parts), str(how))


# -- the list --------------------------------------------------------------------------------


def read_queries(text: str | None) -> list[SavedQuery]:
    """Read the fact `FACT`; entries that cannot be read are there without a query."""
    try:
        rows = fact_content(text or "[]")
    except ValueError as error:
        _log.warning("the saved queries are not readable: %s", error)
        return []
    rows = rows if isinstance(rows, list) else []
    return [_entry(row) for row in rows if isinstance(row, dict)]


def _entry(row: Mapping[str, Any]) -> SavedQuery:
    query: Query | None = None
    try:
        query = read_query(row.get("query"))
    except ValueError as error:
        _log.warning("the query %r is not readable: %s", row.get("name"), error)
    severity = row.get("severity")
    return SavedQuery(
        str(row.get("id") or new_uuid()),
        str(row.get("name", "?")),
        query,
        str(row.get("description", "")),
        Severity(severity) if severity in tuple(Severity) else None,
        str(row.get("message", "")),
        row,
    )


def queries_text(entries: Iterable[SavedQuery]) -> str:
    """Return queries as the project keeps them."""
    return fact_text([_row(entry) for entry in entries])


def _row(entry: SavedQuery) -> dict[str, Any]:
    if entry.query is None:
        return {**entry.raw, "name": entry.name}
    row: dict[str, Any] = {"id": entry.id, "name": entry.name, "query": query_json(entry.query)}
    if entry.description:
        row["description"] = entry.description
    if entry.severity is not None:
        row["severity"] = str(entry.severity)
    if entry.message:
        row["message"] = entry.message
    return row


def find(entries: Iterable[SavedQuery], name: str) -> SavedQuery | None:
    """Return the entry of this name or id; None if there is none."""
    return next((entry for entry in entries if name in (entry.name, entry.id)), None)


# -- edits -----------------------------------------------------------------------------------


def save_query(stored: str | None, entry: SavedQuery) -> ChangeSet:
    """Return the edit that keeps a query; it takes the place of the one with its id.

    Raises
    ------
    EditRefused
        If it has no name or a very long one, or another query has the same.
    """
    if not entry.name.strip():
        raise EditRefused(_("Give the query a name."))
    entry = replace(entry, name=clean_name(entry.name))
    entries = read_queries(stored)
    if any(other.name == entry.name and other.id != entry.id for other in entries):
        raise EditRefused(_("There is a query {name} already.").format(name=entry.name))
    known = [other.id for other in entries]
    if entry.id in known:
        entries[known.index(entry.id)] = entry
    else:
        entries.append(entry)
    return _change("queries.save", stored, entries, entry.name)


def new_query(name: str, query: Query, **more: Any) -> SavedQuery:
    """Return a query under a name, with an id of its own."""
    return SavedQuery(new_uuid(), name, query, **more)


def delete_query(stored: str | None, query_id: str) -> ChangeSet:
    """Return the edit that lets go of a saved query."""
    entries = read_queries(stored)
    gone = next((entry.name for entry in entries if entry.id == query_id), "")
    rest = [entry for entry in entries if entry.id != query_id]
    return _change("queries.delete", stored, rest, gone)


def _change(key: str, stored: str | None, entries: Sequence[SavedQuery], name: str) -> ChangeSet:
    text = queries_text(entries) if entries else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(key, facts=facts, params={"source": name})
