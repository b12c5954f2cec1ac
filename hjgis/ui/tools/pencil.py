"""What a sketch consists of so far, and how its next stretch is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.arcs import arc_through, circle
from hjgis.models.linework import direction_deg
from hjgis.models.typed import azimuth_words

Place = tuple[float, float]


class Pencil:
    """Vertices, and the switches that decide what the next click adds.

    Attributes
    ----------
    curve : str
        ``arc`` or ``circle`` while one is being drawn; curves are kept as short straight pieces.
    trace : bool
        Follow the feature that both the last place and the next one lie on.
    square : bool
        Go on at right angles only.
    length_m, angle_deg : float or None
        Locks on the next stretch.
    """

    def __init__(self) -> None:
        self.vertices: list[Place] = []
        self.curve = ""
        self.trace = self.square = False
        self.length_m: float | None = None
        self.angle_deg: float | None = None
        self._via: Place | None = None

    def switch(self, name: str) -> None:
        """Turn a way of drawing on or off."""
        if name == "trace":
            self.trace = not self.trace
        elif name == "square":
            self.square = not self.square
        else:
            self.curve = "" if self.curve == name else name
            self._via = None

    def lock(self, length_m: float | None, angle_deg: float | None) -> None:
        """Bind the next stretch; None leaves a lock as it is."""
        self.length_m = self.length_m if length_m is None else length_m
        self.angle_deg = self.angle_deg if angle_deg is None else angle_deg

    def add(self, place: Place, path: Sequence[Place] = ()) -> None:
        """Take a place that was clicked or typed.

        Parameters
        ----------
        path : sequence of places
            Vertices on the way there.

        Raises
        ------
        EditRefused
            If no arc or circle goes through the places.
        """
        if self._waits_for_via():
            self._via = place
            return
        self.vertices[:] = self._with(place, path)
        self._via = self.length_m = self.angle_deg = None
        if self.curve == "circle":
            self.curve = ""

    def with_next(self, place: Place) -> list[Place]:
        """Return the vertices as they would be with a place more."""
        if not self.vertices and not self._via:
            return []
        if self._waits_for_via():
            return [*self.vertices, place]
        try:
            return self._with(place, ())
        except EditRefused:
            return [*self.vertices, place]

    def take_back(self) -> None:
        """Forget the last place."""
        if self._via is not None:
            self._via = None
        elif self.vertices:
            self.vertices.pop()

    def clear(self) -> None:
        """Begin anew; the ways of drawing stay as they are, but for curves and locks."""
        self.vertices.clear()
        self.curve, self._via = "", None
        self.length_m = self.angle_deg = None

    def words(self, *, azimuths: bool = False) -> str:
        """Say which switches are on."""
        said = []
        if self.curve:
            curve = _("Arc") if self.curve == "arc" else _("Circle")
            said.append(_("{curve} (kept as short straight lines)").format(curve=curve))
        if self.trace:
            said.append(_("Tracing"))
        if self.square and self.vertices:
            said.append(_("Right angles"))
        if self.length_m is not None:
            said.append(_("Length {length:g} m").format(length=self.length_m))
        if self.angle_deg is not None and azimuths:
            azimuth = azimuth_words(90 - self.angle_deg)
            said.append(_("Azimuth {azimuth}").format(azimuth=azimuth))
        elif self.angle_deg is not None:
            said.append(_("Angle {angle:g}°").format(angle=round(self.angle_deg, 2) % 360))
        return " · ".join(said)

    def square_to(self, place: Place) -> float:
        """Return which of the right angles to the last stretch points best at a place, degrees."""
        last = self.vertices[-1]
        first = 0.0
        if len(self.vertices) > 1:
            first = direction_deg(self.vertices[-2], last)
        wanted = math.degrees(math.atan2(place[1] - last[1], place[0] - last[0]))
        return first + round((wanted - first) / 90) * 90

    def _waits_for_via(self) -> bool:
        """Whether the next place is the one that a curve goes through, or its middle."""
        first = self.curve == "circle" or bool(self.vertices)
        return bool(self.curve) and first and self._via is None

    def _with(self, place: Place, path: Sequence[Place]) -> list[Place]:
        if self.curve == "circle" and self._via is not None:
            return circle(self._via, place)
        if self.curve == "arc" and self._via is not None:
            return [*self.vertices[:-1], *arc_through(self.vertices[-1], self._via, place)]
        return [*self.vertices, *path, place]
