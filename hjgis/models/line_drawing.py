"""A drawing of strokes, areas and words in millimetres of paper, whoever paints or writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Place = tuple[float, float]
Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through some places, mm from the upper left corner; `ink` as ``#rrggbb``."""

    places: tuple[Place, ...]
    layer: str
    ink: str
    width_mm: float = 0.18
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon without holes."""

    places: tuple[Place, ...]
    layer: str
    ink: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text.

    Attributes
    ----------
    at : Place
        The middle of its height, and across what `anchor` says.
    room_mm : float
        How long it may be; a longer one is made smaller, then cut.
    upright : bool
        Written upwards; `anchor` then goes from below to above.
    """

    at: Place
    text: str
    layer: str
    ink: str
    size_mm: float
    room_mm: float
    anchor: Anchor = "center"
    upright: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class LineDrawing:
    """What is drawn, the lowest first, on a paper of this size."""

    title: str
    paper_mm: tuple[float, float]
    items: tuple[Stroke | Area | Words, ...]

    def layers(self) -> Iterable[tuple[str, str]]:
        """Return the layers with the ink of the first line or word on each, in their order."""
        inks = {item.layer: item.ink for item in reversed(self.items)}
        inks |= {one.layer: one.ink for one in reversed(self.items) if not isinstance(one, Area)}
        return [(layer, inks[layer]) for layer in dict.fromkeys(one.layer for one in self.items)]
