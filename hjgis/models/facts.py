"""How a project keeps what its users edit besides features: JSON under a key of its own."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import shapely

from hjgis.logs import Said

_log = logging.getLogger("hjgis.store")
Entry = TypeVar("Entry")
# What a reader of an entry may stumble over in a row that somebody else wrote.
_UNREADABLE = (
    TypeError,
    KeyError,
    AttributeError,
    ValueError,
    OverflowError,
    shapely.GEOSException,
)


def read_entries(
    text: str | None, read: Callable[[Mapping[str, Any]], Entry], what: str
) -> list[Entry]:
    """Read a list of entries; those that cannot be read are left out and logged.

    Parameters
    ----------
    text : str or None
        The fact as the project has it; None: it says nothing.
    read : callable
        Makes an entry of a row, or raises what one stumbles over: KeyError, ValueError, …
    what : str
        The entries' name, for the log.
    """
    try:
        rows = fact_content(text or "[]")
    except ValueError as error:
        _log.warning("the %s are not readable: %s", Said(what), error)
        return []
    result = []
    for row in rows if isinstance(rows, list) else []:
        try:
            result.append(read(row))
        except _UNREADABLE as error:
            _log.warning("one of the %s is not readable: %r", Said(what), error)
    return result


def fact_content(text: str) -> Any:
    """Return what the text of a fact holds, whoever wrote it.

    Halves of signs, which no file can be written with, are replaced.

    Raises
    ------
    ValueError
        If it is no JSON, or nested too deep to be read.
    """
    try:
        content = json.loads(text)
        if "\\ud" in text.casefold():
            whole = json.dumps(content, ensure_ascii=False).encode("utf-16", "surrogatepass")
            content = json.loads(whole.decode("utf-16", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return content


def fact_text(content: object) -> str:
    """Return rows or a table as a project keeps them."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
