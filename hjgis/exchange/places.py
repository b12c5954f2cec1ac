"""Where foreign coordinates belong: which system they are in, and what must be asked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import marks, symptoms
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.symptoms import PACKED, PSEUDO, SHIFTED, Numbers, Proposal
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.region import Box, region

_TRUE_DEGREES: Final = "EPSG:4490"
_WEB_MERCATOR: Final = "EPSG:3857"
# The heights of the project: 1985 国家高程基准 (EPSG:5737).
_OWN_HEIGHTS: Final = "Yellow Sea 1985 height"
# So many places tell where the others are.
_ENOUGH: Final = 2000
_HALF: Final = 0.5
_DEGREES_UP_TO: Final = 1000
_NEXT_ZONE_DEG: Final = 4.5
# Where the numbers tell nothing: what is offered first.
_USUAL: Final = ("EPSG:4524", "EPSG:2381", "EPSG:2433")
_USUAL_DEGREES: Final = ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09")


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
    question: InputQuestion | None = None

    @property
    def astray_words(self) -> str | None:
        """Say that it lies outside the county, and how it would not; None where all is well."""
        if self.in_county is not False or self.crs is None:
            return None
        words = _("The places lie outside the county ({box} in {crs}).")
        said = [words.format(box=_in_words(_numbers(self.layer)), crs=self.crs.name)]
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


class BallparkQuestion(InputQuestion):
    """Whether two datums may be set equal between which no transformation is known."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "--accept-ballpark", ())

    @property
    def answers(self) -> tuple[str, ...]:
        """Return the ways out."""
        return ("--accept-ballpark", "--crs PARAMETERS.toml", "--common-points POINTS.csv")


def examine(
    layer: ForeignLayer,
    project: Project,
    *,
    crs: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    source: Path | None = None,
) -> Placement:
    """Look where a layer would land in a project and what could be wrong with that.

    Parameters
    ----------
    layer : ForeignLayer
        As the file has it.
    crs : str, optional
        What the user says: a code, WKT, PROJ string or file, ``GCJ-02``, ``BD-09``, or ``DMS``
        for degrees, minutes and seconds in one number.
    swap : bool
        Whether the user says that x and y are exchanged in the file.
    as_is : bool
        Whether the user wants the places where they are, however odd: only a system that nobody
        names is asked for then.
    source : Path, optional
        The file, to see whether it says that its degrees are true ones, or has been imported
        before as shifted ones.

    Raises
    ------
    InputError
        If `crs` is no system, its kind of coordinates is not what the file holds, or a shift is
        to be taken away from coordinates that are true.
    """
    named = pseudo_name(crs)
    if named in SHIFTED:
        _refuse_true(layer, str(named), source)
    placement = located(layer, project.crs, crs=crs, swap=swap, as_is=as_is)
    if crs is None and source is not None:
        return _recalled(placement, project, source, as_is=as_is)
    return placement


def _refuse_true(layer: ForeignLayer, named: str, source: Path | None) -> None:
    """Refuse to take a shift away where there is none: half a kilometre off, and nothing shows it.

    Raises
    ------
    InputError
        If the file says that its coordinates are true.
    """
    if layer.crs is not None and not layer.crs.is_geographic:
        words = _("{file} says that it is in {crs}: {given} is not taken away from metres.")
        message = words.format(file=layer.name, crs=layer.crs.name, given=named)
        raise InputError(message)
    if source is not None and marks.says_true(source):
        words = _(
            "{file} says that its degrees are true: the shift of {given} would be taken away"
            " twice. Import it without --crs {given}."
        )
        raise InputError(words.format(file=source.name, given=named))


def _recalled(placement: Placement, project: Project, source: Path, *, as_is: bool) -> Placement:
    """Ask about a file whose shift was taken away when it was imported before."""
    before = marks.remembered(project, source)
    numbers = _numbers(placement.layer)
    if before is None or not len(numbers):
        return placement
    words = _("this file was imported before as {system}").format(system=before)
    box = symptoms.box_of(symptoms.degrees(numbers, before))
    proposal = Proposal(f"crs:{before}", words, {"crs": before}, box)
    question = PlaceQuestion(_("{file}: {reason}.").format(file=source.name, reason=words),
                             [proposal], as_is=True)  # fmt: skip
    others = tuple(one for one in placement.proposals if one.answer != proposal.answer)
    return replace(placement, proposals=(proposal, *others), question=None if as_is else question)


def located(
    layer: ForeignLayer,
    target: Crs,
    *,
    crs: str | None = None,
    swap: bool = False,
    as_is: bool = False,
) -> Placement:
    """Do what `examine` does where there is no more of a project than its system."""
    raw = _numbers(layer)
    named = pseudo_name(crs)
    read = _exchanged(layer) if swap else layer
    read = _straightened(read, named) if named else read
    system, how = _system(read, crs, named, target)
    if system is None and len(raw) and _assumable(_numbers(read), target):
        system, how = target, "assumed"
    heights = _heights(read, system)
    system = system.horizontal if system is not None else None
    shift = named if named in SHIFTED else None
    placement = Placement(read, system, how, heights=heights, shift=shift)
    if not len(raw):
        return placement
    stated = named or (system.text if system is not None and how != "assumed" else None)
    return _judged(placement, raw, stated, target, swap=swap, as_is=as_is)


def pseudo_name(given: str | None) -> str | None:
    """Return GCJ-02, BD-09 or DMS where that is what is meant, however it is written."""
    bare = str(given).strip().upper().replace("-", "").replace("_", "")
    return next((name for name in PSEUDO if name.replace("-", "") == bare), None)


def transform_to(project: Crs, source: Crs, *, accept_ballpark: bool) -> Transform:
    """Return the transform, after asking about one that merely sets two datums equal.

    Raises
    ------
    InputQuestion
        If no real transformation is known and that has not been accepted.
    """
    transform = Transform(source, project)
    if transform.ballpark and not accept_ballpark:
        message = _(
            "From {source} to {target} no real transformation is known: places would be off by tens"
            " of metres. Accept that, or give parameters or common points."
        )
        raise BallparkQuestion(message.format(source=source.name, target=project.name))
    return transform


def _judged(
    placement: Placement, raw: Numbers, stated: str | None, project: Crs, *,
    swap: bool, as_is: bool,
) -> Placement:  # fmt: skip
    """Return the placement with where it lands, what is proposed and what is asked."""
    system = placement.crs
    places = None
    if system is not None:
        places = symptoms.degrees(_numbers(placement.layer), system.text)
        places = places[np.isfinite(places).all(axis=1)]
    inside = None if places is None else symptoms.holds(places, most=_HALF)
    ours = _is_of_county(project)
    proposals: tuple[Proposal, ...] = ()
    doubtful = not inside or (stated in (_TRUE_DEGREES, symptoms.WORLD) and symptoms.packed(raw))
    if ours and doubtful:
        assumed = project.text if _assumes(project) else None
        proposals = symptoms.explanations(raw, stated, swapped=swap, assumed=assumed)
    if not proposals and system is not None and not inside:
        proposals = symptoms.exchanged_degrees(raw, system, swapped=swap)
    result = replace(
        placement,
        proposals=proposals,
        box_wgs84=symptoms.box_of(places) if places is not None and len(places) else None,
        in_county=inside if ours else None,
    )
    return replace(result, question=_question(result, raw, project, swap=swap, as_is=as_is))


def _question(
    placement: Placement, raw: Numbers, project: Crs, *, swap: bool, as_is: bool
) -> InputQuestion | None:
    proposals, system = placement.proposals, placement.crs
    if system is None:
        words = _("Nothing says which coordinate system the coordinates are in ({box}).")
        if proposals and "swap" in proposals[0].answer:
            words = _axes_words(raw)
        message = words.format(box=_in_words(raw))
        if proposals:
            return PlaceQuestion(message, proposals, as_is=False)
        fallback = _USUAL_DEGREES if np.abs(raw).max() <= 180 else (project.text, *_USUAL)
        return InputQuestion(message, "--crs", fallback)
    if as_is or not proposals or not _must_ask(placement, swap=swap):
        return None
    if "swap" in proposals[0].answer:
        words = _axes_words(raw)
    elif placement.in_county:
        words = _("The degrees look like degrees, minutes and seconds in one number ({box}).")
    else:
        words = _("The places lie outside the county ({box} in {crs}).")
    return PlaceQuestion(words.format(box=_in_words(raw), crs=system.name), proposals, as_is=True)


def _must_ask(placement: Placement, *, swap: bool) -> bool:
    """Whether what is proposed is so much likelier that nothing may go on without an answer.

    Whoever names the system has answered, but for what that does not say: the order of the axes
    and the number of the zone.
    """
    first, system = placement.proposals[0], placement.crs
    assert system is not None
    if swap:
        return False
    if placement.how == "given":
        return "swap" in first.answer or _same_meridian(system, first)
    # What is said to be in a system of another country is there, whatever its numbers look like.
    usual = _is_of_county(system, most_deg=_NEXT_ZONE_DEG) or system.text == _WEB_MERCATOR
    return usual or system.is_geographic


def _same_meridian(system: Crs, proposal: Proposal) -> bool:
    text = str(proposal.answer["crs"])
    meridian = system.central_meridian_deg
    return (
        text not in PSEUDO
        and meridian is not None
        and parse_crs(text).central_meridian_deg == meridian
    )


def _axes_words(raw: Numbers) -> str:
    if np.abs(raw).max() <= 180:
        return _("Latitude seems to come first: {box}.")
    return _("The first coordinate looks like X (north), the second like Y (east): {box}.")


def _system(
    layer: ForeignLayer, given: str | None, named: str | None, project: Crs
) -> tuple[Crs | None, str]:
    if named is not None:
        return parse_crs(_TRUE_DEGREES), "given"
    if given is not None:
        return (project if given == project.text else parse_crs(given)), "given"
    return layer.crs, "file" if layer.crs else "unknown"


def _is_of_county(project: Crs, *, most_deg: float = 1.5) -> bool:
    """Whether the county lies so near to a system's meridian: half a zone, or a zone and a half."""
    west, _south, east, _north = region().box_deg
    meridian = project.central_meridian_deg
    return meridian is not None and abs(meridian - (west + east) / 2) <= most_deg


def _assumes(project: Crs) -> bool:
    """Whether numbers without a system that fit the project are taken to be in its system."""
    return _is_of_county(project) and not project.is_geographic


def _assumable(numbers: Numbers, project: Crs) -> bool:
    return _assumes(project) and symptoms.holds(symptoms.degrees(numbers, project.text), most=_HALF)


def _exchanged(layer: ForeignLayer) -> ForeignLayer:
    return _moved(layer, lambda coords: np.column_stack([coords[:, 1], coords[:, 0]]))


def _straightened(layer: ForeignLayer, name: str) -> ForeignLayer:
    """Return the layer in true degrees, with a warning how far they are to be trusted.

    Raises
    ------
    InputError
        If the coordinates are no degrees.
    """
    numbers = _numbers(layer)
    if len(numbers) and (np.abs(numbers) > (180, 90)).any():
        message = _("Only degrees can be in {given}: {box}.")
        raise InputError(message.format(given=name, box=_in_words(numbers)))
    words = (
        _("Degrees, minutes and seconds in one number were made decimal degrees.")
        if name == PACKED
        else _("The shift of {given} was taken away, to about a metre: no survey rests on that.")
    )
    moved = _moved(layer, PSEUDO[name])
    return replace(moved, crs=None, warnings=(*layer.warnings, words.format(given=name)))


def _moved(layer: ForeignLayer, move: symptoms.Move) -> ForeignLayer:
    """Return the layer with x and y changed; Z is kept."""
    shapes = layer.geometry.copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for with_z in (False, True):
        rows = there & (shapely.has_z(shapes) == with_z)
        shapes[rows] = shapely.transform(
            shapes[rows],
            lambda coords: np.column_stack([move(coords[:, :2]), coords[:, 2:]]),
            include_z=with_z,
        )
    return replace(layer, geometry=shapes)


def _heights(layer: ForeignLayer, system: Crs | None) -> str | None:
    """Return what is known of the datum of the heights, in words."""
    if not shapely.has_z(layer.geometry).any():
        return None
    name = system.heights if system is not None else None
    if name is None:
        return _("Heights are taken as they are: nothing says in which height datum they are.")
    if name == _OWN_HEIGHTS:
        return _("Heights are in {name}; they are taken as they are.").format(name=name)
    words = _("Heights are in {name}, not in the 1985 height datum; they are taken as they are.")
    return words.format(name=name)


def _numbers(layer: ForeignLayer) -> Numbers:
    """Return coordinates of a layer, enough to tell where it lies; shape (n, 2)."""
    xy = shapely.get_coordinates(layer.geometry)
    xy = xy[np.isfinite(xy).all(axis=1)]
    return xy[:: max(1, len(xy) // _ENOUGH)]


def _in_words(numbers: Numbers) -> str:
    west, south, east, north = symptoms.box_of(numbers)
    digits = 4 if np.abs(numbers).max() < _DEGREES_UP_TO else 0
    return f"x {west:.{digits}f} … {east:.{digits}f}, y {south:.{digits}f} … {north:.{digits}f}"


def finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return where all coordinates are numbers, shape (n,)."""
    result = np.ones(len(geometry), dtype=bool)
    xy, index = shapely.get_coordinates(geometry, return_index=True)
    result[index[~np.isfinite(xy).all(axis=1)]] = False
    return result
