"""What a check finds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Severity(StrEnum):
    """How bad a finding is; only errors make ``hjgis check`` exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a rule found in one layer, as columns: entry i of each is the same finding.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rows of the layer; 0 where the whole layer is meant.
    uuids : array of str or None, shape (n,)
        The features at fault; None where the whole layer is meant.
    xy : array of float64, shape (n, 2)
        Where to zoom to, project CRS; NaN where there is no place.
    facts : mapping of str to array of shape (n,), or to one value for all
        What the rule's message names; ``case`` chooses among several messages.
    part : tuple of str
        The facts that tell several findings on one feature apart.
    """

    layer: str
    fids: NDArray[np.int64]
    uuids: NDArray[np.object_]
    xy: NDArray[np.float64]
    facts: Mapping[str, Any] = field(default_factory=dict)
    part: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.fids)

    def facts_of(self, row: int) -> dict[str, Any]:
        """Return the facts of one finding, as values of Python."""
        return {name: _plain(values, row) for name, values in self.facts.items()}

    def part_of(self, row: int) -> str:
        """Return what tells a finding apart from others of its rule on the same feature."""
        return "\x1e".join(str(_plain(self.facts[name], row)) for name in self.part)

    def taken(self, rows: NDArray[Any]) -> Findings:
        """Return only these findings: positions, or whether each stays."""
        facts = {
            name: values[rows] if isinstance(values, np.ndarray) else values
            for name, values in self.facts.items()
        }
        fids, uuids, xy = self.fids[rows], self.uuids[rows], self.xy[rows]
        return Findings(self.layer, fids, uuids, xy, facts, self.part)


def _plain(values: Any, row: int) -> Any:
    if not isinstance(values, np.ndarray):
        return values
    value = values[row]
    return value.item() if isinstance(value, np.generic) else value


def merged(several: Iterable[Findings]) -> Iterator[Findings]:
    """Yield one for each layer of several findings of a rule, so that they have one order.

    A fact that only some of them have is None in the others.
    """
    layers: dict[str, list[Findings]] = {}
    for findings in several:
        layers.setdefault(findings.layer, []).append(findings)
    for layer, parts in layers.items():
        names = dict.fromkeys(name for part in parts for name in part.facts)
        yield Findings(
            layer,
            np.concatenate([part.fids for part in parts]),
            np.concatenate([part.uuids for part in parts]),
            np.concatenate([part.xy for part in parts]),
            {name: np.concatenate([_fact(part, name) for part in parts]) for name in names},
            parts[0].part,
        )


def _fact(findings: Findings, name: str) -> NDArray[np.object_]:
    values = np.empty(len(findings), dtype=object)
    held = findings.facts.get(name)
    # A list, for values of Python.
    values[:] = held.tolist() if isinstance(held, np.ndarray) else [held] * len(findings)
    return values


def of_layer(layer: str, **facts: Any) -> Findings:
    """Return one finding about a layer as a whole."""
    nowhere = np.full((1, 2), np.nan)
    nobody = np.array([None], dtype=object)
    return Findings(layer, np.zeros(1, np.int64), nobody, nowhere, facts, tuple(facts)[:1])


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding with its rule, as shown and reported; same data, same `id`."""

    id: str
    rule: str
    severity: Severity
    element: str
    heading: str
    layer: str
    uuid: str | None
    x: float | None
    y: float | None
    message: str
    part: str = ""


def issue_id(rule: str, layer: str, uuid: str | None, part: str = "") -> str:
    """Return the same id for the same fault of the same feature, run after run."""
    text = "\x1f".join((rule, layer, uuid or "", part))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
