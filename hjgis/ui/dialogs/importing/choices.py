"""What has been answered so far in an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from hjgis.exchange.profiles import Column

# What is said of the places of one layer.
_OF_LAYER: Final = (
    "crs", "x", "y", "swap", "spatial", "as_is", "accept_ballpark", "common_points",
)  # fmt: skip
# What is true of one layer of a file is true of the others.
_OF_FILE: Final = ("encoding", "crs", "swap", "as_is", "accept_ballpark", "common_points")
# Answers that change what is read, so that the file must be looked at again.
READING: Final = frozenset({"source_layer", "encoding", "network", *_OF_LAYER})
# Those of them after which the columns may be others.
COLUMNS: Final = frozenset({"source_layer", "encoding", "x", "y", "spatial", "network"})
_TARGET: Final = ("to", "as_reference", "mapping")


@dataclass(frozen=True, slots=True)
class FromFile:
    """An answer that is a file, still to be chosen; `kinds` is what the file dialog offers."""

    name: str
    kinds: str

    def answer(self, path: Path) -> dict[str, Any]:
        """Return the answer that a file is."""
        return {self.name: str(path) if self.name == "crs" else path, "as_is": False}


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers, named as `plan_import` names them; what is at its default was not answered.

    Attributes
    ----------
    network : bool or None
        Whether the tables of a survey are taken as one network; None: if they can be.
    several : bool
        Whether layers of the file are taken at once, each to what is proposed.
    """

    source: Path
    source_layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    x: str | None = None
    y: str | None = None
    swap: bool = False
    spatial: bool | None = None
    accept_ballpark: bool = False
    common_points: Path | None = None
    as_is: bool = False
    to: str | None = None
    as_reference: str | None = None
    network: bool | None = None
    several: bool = False
    mapping: Mapping[str, str | Column] = field(default_factory=dict)

    def answered(self) -> dict[str, Any]:
        """Return what was answered, as keyword arguments of `plan_import`."""
        default = Choices(self.source)
        given = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {
            name: value
            for name, value in given.items()
            if name not in ("source", "network", "several") and value != getattr(default, name)
        }

    def of_file(self) -> dict[str, Any]:
        """Return what was answered of the file, as keyword arguments of `plan_import`."""
        return {name: value for name, value in self.answered().items() if name in _OF_FILE}

    def for_layer(self, name: str) -> Choices:
        """Return the answers for another layer of the file: what is said of the file stays."""
        kept = {one: getattr(self, one) for one in _OF_FILE}
        return Choices(self.source, source_layer=name, **kept)

    def with_answers(self, given: Mapping[str, Any]) -> Choices:
        """Return the answers with some more; what no longer makes sense after them is forgotten."""
        base, more = self, dict(given)
        if more.get("source_layer") not in (None, self.source_layer):
            default = Choices(self.source)
            forgotten = {name: getattr(default, name) for name in (*_OF_LAYER, *_TARGET)}
            base = replace(self, **forgotten)
        if base.x and base.y and more.get("swap") and "x" not in more:
            # Of a table, columns are exchanged: then they say what they hold.
            more |= {"x": base.y, "y": base.x, "swap": False}
        result = replace(base, **more)
        changed = {name for name in COLUMNS if getattr(result, name) != getattr(self, name)}
        if changed or result.to != self.to:
            # What was told of fields names some that there are no more.
            result = replace(result, mapping=more.get("mapping", {}))
        return result
