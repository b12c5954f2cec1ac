"""What tables and charts tell: the same figures and colours on sheets, in files, in the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hjgis.i18n import _
from hjgis.models.styles.ramps import OTHERS_COLOR

# Told apart by people who see no red or no green too; the first is the program's accent.
PALETTE: Final = (
    "#0b63c5", "#e08a00", "#3a9d6e", "#b24a8c", "#7a5ac2", "#c4492f", "#5f9fd6", "#9a8a1f",
    "#4f6f7a", "#d28fb5", "#88b04b", "#8a5a3b",
)  # fmt: skip
_MOST_SLICES: Final = 10
# Where there are more than that, they come again lighter, then darker: what they are mixed with.
_AGAIN: Final = ((255, 0.5), (0, 0.4))

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a pie: what it is, how much, its colour."""

    name: str
    value: float
    ink: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows.

    Attributes
    ----------
    categories : tuple of str
        Names along the axis.
    series : tuple of (str, tuple of float)
        Name and one number a category; NaN where there is none.
    unit : str
        What the numbers are.
    decimals : int
        Digits after the point of the numbers beside the bars.
    colours : tuple of str
        Of the series, or of each bar of a single one and each slice of a pie, where a colour says
        something; else they follow `PALETTE`.
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str
    kind: str = "bar"
    decimals: int = 0
    note: str = ""
    colours: tuple[str, ...] = ()

    def ink(self, series: int, category: int = 0) -> str:
        """Return the colour of a bar or line."""
        inks = self.colours or PALETTE
        if self._by_category:
            return inks[category]
        round_, place = divmod(series, len(inks))
        return _mixed(inks[place], *_AGAIN[(round_ - 1) % len(_AGAIN)]) if round_ else inks[place]

    @property
    def _by_category(self) -> bool:
        """Whether each category has a colour."""
        return len(self.series) == 1 and len(self.colours) >= len(self.categories)

    def total(self, category: int) -> float:
        """Return the sum of what is known of a category; 0 if that is nothing."""
        return sum(values[category] for _n, values in self.series if values[category] >= 0)

    def slices(self) -> tuple[Slice, ...]:
        """Return the parts of a pie: in their order if colours say what they are, else by size.

        What is nothing has none, and the smallest of too many are one.
        """
        own = self._by_category
        found = [(self.total(i), i) for i in range(len(self.categories))]
        found = [pair for pair in found if pair[0] > 0]
        if not own:
            found.sort(key=lambda pair: (-pair[0], pair[1]))
        kept, rest = found, 0.0
        if len(found) > _MOST_SLICES:
            kept = sorted(found, key=lambda pair: (-pair[0], pair[1]))[: _MOST_SLICES - 1]
            kept = [pair for pair in found if pair in kept]
            rest = sum(value for value, _i in found) - sum(value for value, _i in kept)
        slices = [
            Slice(self.categories[i], value, self.colours[i] if own else PALETTE[number])
            for number, (value, i) in enumerate(kept)
        ]
        return (*slices, *((Slice(_("others"), rest, OTHERS_COLOR),) if rest else ()))

    def text(self, value: float) -> str:
        """Write one of its numbers."""
        return f"{value:,.{self.decimals}f}"


def _mixed(ink: str, other: int, share: float) -> str:
    levels = (int(ink[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(level + (other - level) * share):02x}" for level in levels)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a sheet's table and chart tell.

    Attributes
    ----------
    header : tuple of str
        Of each column; the first one holds names, the others numbers.
    rows : tuple of tuple
        Text or number; None where there is none.
    total : tuple, optional
        The last row, below a line.
    note : str
        What the numbers are of.
    chart : Chart, optional
        The same as a picture.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    note: str = ""
    chart: Chart | None = None
