"""What a check finds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import shapely


class Severity(StrEnum):
    """How bad a finding is; only errors make ``hjgis check`` exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule yields: where, and the facts for its words.

    Attributes
    ----------
    uuid : str or None
        The feature at fault; None when a whole layer is meant.
    point : shapely Point or None
        Where to zoom to, in the project CRS.
    params : mapping
        Facts that the rule's message names.
    """

    layer: str
    uuid: str | None
    point: shapely.Point | None = None
    params: Mapping[str, object] = field(default_factory=dict)


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


def issue_id(rule: str, finding: Finding, part: str = "") -> str:
    """Return the same id for the same fault of the same feature, run after run."""
    text = "\x1f".join((rule, finding.layer, finding.uuid or "", part))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
