"""What the program looks at when it examines itself, one line a thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final, Literal

State = Literal["ok", "warning", "fault"]
_STATES: Final[tuple[State, ...]] = ("ok", "warning", "fault")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at.

    Attributes
    ----------
    topic : str
        Which thing: a key for scripts, such as ``fonts`` or ``proj``.
    state : str
        ``ok``, ``warning`` (something is missing, work goes on) or ``fault``.
    said : str
        What was found, in words.
    todo : str
        What to do about it; empty where all is well.
    """

    topic: str
    state: State
    said: str
    todo: str = ""


def worst(lines: Iterable[Line]) -> State:
    """Return the worst state of all."""
    return max((line.state for line in lines), key=_STATES.index, default="ok")


def health_json(lines: Iterable[Line]) -> dict[str, object]:
    """Return the lines as ``info --doctor --json`` prints them."""
    lines = list(lines)
    return {"state": worst(lines), "lines": [asdict(line) for line in lines]}
