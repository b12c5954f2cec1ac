"""Where a foreign layer would land, and the questions that this raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hjgis.errors import InputQuestion
from hjgis.exchange.coordinates import in_words, numbers_of
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.symptoms import Proposal
from hjgis.i18n import _
from hjgis.models.crs import Crs
from hjgis.models.parameters import ParameterSet
from hjgis.models.region import Box


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a layer would land, and what speaks against it.

    Attributes
    ----------
    layer : ForeignLayer
        The layer with what has been answered carried out: x east, shift of a map service taken
        away, coordinates in `crs`.
    crs : Crs or None
        The system they are in, without heights; None if nothing says it or nothing has a place.
    how : str
        How that is known: given, file, assumed or unknown.
    proposals : tuple of Proposal
        Readings that would put things right, the simplest first.
    box_wgs84 : tuple of float or None
        Where the bulk of it lands: west, south, east, north, degrees; None if it cannot be told.
    in_county : bool or None
        Whether that is in the county; None if it cannot be told or the project is of elsewhere.
    heights : str or None
        What is known of the heights, in words; None if there are none.
    shift : str or None
        The map service whose shift has been taken away.
    parameters : ParameterSet or None
        What leads from `crs`, or from a plane without a name, into a system with one.
    doubts : tuple of str
        What the stored features beside it say against it, in words.
    unverified : str or None
        That nothing tells whether the degrees are true ones, in words; None where something does.
    question : InputQuestion or None
        What must be answered before an import; its `option` and `candidates` say how.
    """

    layer: ForeignLayer
    crs: Crs | None
    how: str
    proposals: tuple[Proposal, ...] = ()
    box_wgs84: Box | None = None
    in_county: bool | None = None
    heights: str | None = None
    shift: str | None = None
    parameters: ParameterSet | None = None
    doubts: tuple[str, ...] = ()
    unverified: str | None = None
    question: InputQuestion | None = None

    @property
    def astray_words(self) -> str | None:
        """Say that it lies outside the county, and how it would not; None where all is well."""
        if self.in_county is not False:
            return None
        words = _("The places lie outside the county ({box} in {crs}).")
        name = self.parameters.words if self.parameters else self.crs.called if self.crs else "?"
        said = [words.format(box=in_words(numbers_of(self.layer)), crs=name)]
        if self.proposals:
            answers = ", ".join(f"{one.reason} ({one.options})" for one in self.proposals)
            said.append(_("They would be inside it if: {answers}.").format(answers=answers))
        return " ".join(said)


class PlaceQuestion(InputQuestion):
    """A question about coordinates; `proposals` are the answers, which may need two options."""

    def __init__(self, message: str, proposals: Sequence[Proposal], *, as_is: bool) -> None:
        only_crs = [str(one.answer["crs"]) for one in proposals if set(one.answer) == {"crs"}]
        option = "--crs" if set(proposals[0].answer) == {"crs"} else "--swap-axes"
        super().__init__(message, option, tuple(only_crs))
        self.proposals = tuple(proposals)
        self._others = ("--as-is",) if as_is else ()

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what could be added to the command, with what it would mean."""
        return (*(f"{one.options}   ({one.reason})" for one in self.proposals), *self._others)


class DatumQuestion(InputQuestion):
    """A question that a better transformation answers; `ways` are the options, the first first."""

    def __init__(self, message: str, *ways: str) -> None:
        super().__init__(message, ways[0].split()[0], ())
        self._ways = ways

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what could be added to the command."""
        return self._ways
