"""The sketch that is being drawn, kept beside the project until it is finished."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class Sketch:
    """Vertices that were clicked for a feature of a layer, project CRS."""

    layer: str
    vertices: tuple[tuple[float, float], ...]


class SketchFile:
    """A hidden file beside the project; it is there only while something is being drawn.

    It is not in the project itself: each click would be a change of that.
    """

    def __init__(self, project: Path) -> None:
        project = project.resolve()
        self._path = project.with_name(f".{project.name}.sketch")

    def keep(self, layer: str, vertices: Sequence[tuple[float, float]]) -> None:
        """Write what is drawn so far; without vertices, forget it."""
        if not vertices:
            self.forget()
            return
        draft = self._path.with_name(self._path.name + ".new")
        content = {"layer": layer, "vertices": [list(place) for place in vertices]}
        try:
            draft.write_text(json.dumps(content), "utf-8")
            draft.replace(self._path)
        except OSError as error:
            # Drawing goes on; only a crash would cost the sketch.
            _log.info("the sketch is not kept: %s", error)

    def forget(self) -> None:
        """There is nothing unfinished."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def read(self) -> Sketch | None:
        """Return what was left unfinished; None if there is nothing that can be read."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
            vertices = tuple((float(x), float(y)) for x, y in content["vertices"])
            layer = content["layer"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            _log.info("an unfinished sketch cannot be read: %s", error)
            return None
        if not isinstance(layer, str) or not all(math.isfinite(v) for at in vertices for v in at):
            return None
        return Sketch(layer, vertices) if vertices else None
