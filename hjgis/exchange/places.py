"""Where foreign coordinates belong: which system they are in, and what must be asked first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange import comparing, marks, symptoms
from hjgis.exchange.common_points import fit, read_common_points
from hjgis.exchange.coordinates import exchanged, heights_of, in_words, numbers_of, straightened
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.placement import DatumQuestion, Placement, PlaceQuestion
from hjgis.exchange.symptoms import PSEUDO, SHIFTED, Numbers, Proposal
from hjgis.exchange.twins import twins
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.crs import Crs, FittedTransform, Transform, parse_crs
from hjgis.models.parameters import LOCAL, ParameterSet, is_parameter_file, read_parameters
from hjgis.models.region import region

_TRUE_DEGREES: Final = "EPSG:4490"
# Ways to a better transformation.
_BETTER: Final = ("--crs PARAMETERS.toml", "--common-points POINTS.csv")
_WEB_MERCATOR: Final = "EPSG:3857"
_HALF: Final = 0.5
_NEXT_ZONE_DEG: Final = 4.5
# Where the numbers tell nothing: what is offered first.
_USUAL: Final = ("EPSG:4524", "EPSG:2381", "EPSG:2433")
_USUAL_DEGREES: Final = ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09")


def examine(
    layer: ForeignLayer,
    project: Project,
    *,
    crs: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    source: Path | None = None,
    to: str | None = None,
    common_points: Path | None = None,
) -> Placement:
    """Look where a layer would land in a project and what could be wrong with that.

    Parameters
    ----------
    layer : ForeignLayer
        As the file has it.
    crs : str, optional
        What the user says: a code, WKT, PROJ string or file, ``GCJ-02``, ``BD-09``, ``DMS`` for
        degrees, minutes and seconds in one number, or a file of parameters (.toml).
    swap : bool
        Whether the user says that x and y are exchanged in the file.
    as_is : bool
        Whether the user wants the places where they are, however odd: only a system that nobody
        names is asked for then.
    source : Path, optional
        The file, to see whether it says that its degrees are true ones, or has been imported
        before as shifted ones.
    to : str, optional
        The kind of what is in it; stored features of that kind are compared first.
    common_points : Path, optional
        Points in the file's plane coordinates and in the project's, to fit four parameters to.

    Raises
    ------
    InputError
        If `crs` is no system, its kind of coordinates is not what the file holds, or a shift is
        to be taken away from coordinates that are true.
    """
    if common_points is not None or is_parameter_file(crs):
        parameters, said = _parameters(layer, project.crs, crs, common_points)
        layer = replace(layer, warnings=(*layer.warnings, *said))
        return _fitted(layer, project.crs, parameters, swap=swap, as_is=as_is)
    named = pseudo_name(crs)
    if named in SHIFTED:
        _refuse_true(layer, str(named), source)
    placement = located(layer, project.crs, crs=crs, swap=swap, as_is=as_is)
    before = marks.remembered(project, source) if crs is None and source is not None else None
    if before is not None:
        words = _("this file was imported before as {system}").format(system=before)
        return _offered(placement, before, words, as_is=as_is)
    if named:
        return placement
    compared, told = _compared(placement, project, to, as_is=as_is)
    return compared if told else _untold(compared, source)


def _parameters(
    layer: ForeignLayer, project: Crs, crs: str | None, common_points: Path | None
) -> tuple[ParameterSet, tuple[str, ...]]:
    """Return the parameters that are given or fitted, and what is to be said of them."""
    if common_points is None:
        parameters = read_parameters(Path(str(crs).strip()))
        return parameters, (_("Transformed by {set}.").format(set=parameters.words),)
    if crs is not None:
        raise UsageError(_("Common points say what the system is; leave --crs out."))
    if layer.crs is not None and layer.crs.is_geographic:
        message = _("Common points lead from plane to plane; {file} is in degrees.")
        raise InputError(message.format(file=layer.name))
    fitted = fit(
        read_common_points(common_points),
        name=common_points.stem,
        source=LOCAL,
        target=project.text,
    )
    return fitted.parameters, (fitted.residual_words, *fitted.warnings)


def _fitted(
    layer: ForeignLayer, project: Crs, parameters: ParameterSet, *, swap: bool, as_is: bool
) -> Placement:
    """Return where a layer lands by a set of parameters."""
    read = exchanged(layer) if swap else layer
    system = None
    if parameters.source != LOCAL:
        system = parse_crs(parameters.source)
        if layer.crs is not None and layer.crs.datum == system.datum:
            system = layer.crs.horizontal
    placement = Placement(
        read, system, "given", heights=heights_of(read, layer.crs), parameters=parameters
    )
    numbers = numbers_of(read)
    if not len(numbers):
        return placement
    transform = FittedTransform(system, parse_crs(symptoms.WORLD), parameters)
    here, turned = (
        np.column_stack(transform.points(*side.T)) for side in (numbers, numbers[:, ::-1])
    )
    inside = symptoms.holds(here, most=_HALF)
    landed = here[np.isfinite(here).all(axis=1)]
    result = replace(
        placement,
        box_wgs84=symptoms.box_of(landed) if len(landed) else None,
        in_county=inside if _is_of_county(project) else None,
    )
    if inside or not _is_of_county(project) or not symptoms.holds(turned, most=_HALF):
        return result
    words = _("X (north) and Y (east) are exchanged")
    proposal = Proposal("swap", words, {"swap": not swap}, symptoms.box_of(turned))
    question = PlaceQuestion(_axes_words(numbers).format(box=in_words(numbers)), [proposal],
                             as_is=True)  # fmt: skip
    return replace(result, proposals=(proposal,), question=None if as_is or swap else question)


def _refuse_true(layer: ForeignLayer, named: str, source: Path | None) -> None:
    """Refuse to take a shift away where there is none: half a kilometre off, and nothing shows it.

    Raises
    ------
    InputError
        If the file says that its coordinates are true.
    """
    if layer.crs is not None and not layer.crs.is_geographic:
        words = _("{file} says that it is in {crs}: {given} is not taken away from metres.")
        message = words.format(file=layer.name, crs=layer.crs.called, given=named)
        raise InputError(message)
    if source is not None and marks.says_true(source):
        words = _(
            "{file} says that its degrees are true: the shift of {given} would be taken away"
            " twice. Do not name {given} as its system."
        )
        raise InputError(words.format(file=source.name, given=named))


def _compared(
    placement: Placement, project: Project, to: str | None, *, as_is: bool
) -> tuple[Placement, bool]:
    """Return the placement with what stored features say of it, and whether they say anything."""
    if placement.in_county is False:
        return placement, True
    beside = _Beside(placement, project.crs)
    limits_m = region().old_datum_m
    pairs = twins(placement.layer, project, to)
    if pairs is not None:
        places, readings = beside.readings(pairs.numbers)
        shift = pairs.shifted_by(places, readings)
        step = pairs.constant_step(places, limits_m=limits_m)
        if pairs.away_m(places) < limits_m[0]:
            return placement, True
        if shift is not None or step is not None:
            return _told(placement, shift, step, as_is=as_is), True
    places, readings = beside.readings(numbers_of(placement.layer))
    for known in comparing.known_around(project, places, to):
        if comparing.are_straight(known, places):
            return placement, True
        shift = comparing.shifted_by(known, readings)
        step = comparing.constant_step(known, places, limits_m=limits_m)
        if shift is not None or step is not None:
            return _told(placement, shift, step, as_is=as_is), True
    return placement, False


def _untold(placement: Placement, source: Path | None) -> Placement:
    """Return the placement with a word on degrees that could be a map service's as well.

    A file of theirs says WGS 84 like any other, or nothing; where nothing stored tells, the one
    who knows where it is from must.
    """
    system, layer = placement.crs, placement.layer
    told = placement.how == "given" or placement.question is not None or layer.measured
    if told or system is None or system.text != symptoms.WORLD or not placement.in_county:
        return placement
    if source is not None and marks.says_true(source):
        return placement
    words = _(
        "Nothing tells whether these degrees are true ones or those of a map service, which lie"
        " some 500 m away. If they are from Amap or Tencent, choose GCJ-02 as the coordinate"
        " system; from Baidu, BD-09."
    )
    return replace(placement, unverified=words)


class _Beside:
    """Brings coordinates of a layer into the project, as they are and as they could be."""

    def __init__(self, placement: Placement, project: Crs) -> None:
        self._system = placement.crs.text if placement.crs is not None else _TRUE_DEGREES
        self._to_project = Transform(parse_crs(symptoms.WORLD), project)

    def readings(self, numbers: Numbers) -> tuple[Numbers, list[tuple[str, Callable[[], Numbers]]]]:
        """Return the places, and by map service what gives them without its shift."""
        world = symptoms.degrees(numbers, self._system)
        others: list[tuple[str, Callable[[], Numbers]]] = [
            (name, partial(self._straight, world, name)) for name in SHIFTED
        ]
        return self._metres(world), others

    def _straight(self, world: Numbers, name: str) -> Numbers:
        return self._metres(symptoms.degrees(world, name))

    def _metres(self, degrees: Numbers) -> Numbers:
        return np.column_stack(self._to_project.points(degrees[:, 0], degrees[:, 1]))


def _told(
    placement: Placement,
    shift: str | None,
    step: tuple[float, float] | None,
    *,
    as_is: bool,
) -> Placement:
    if shift is not None:
        return _shifted(placement, shift, as_is=as_is)
    assert step is not None
    return _old_datum(placement, step, as_is=as_is)


def _shifted(placement: Placement, shift: str, *, as_is: bool) -> Placement:
    """Return the placement with the shift of a map service offered, or told if in metres."""
    if placement.crs is None or placement.crs.is_geographic:
        words = _(
            "without the shift of {system} most places are where the project has the same things"
        )
        return _offered(placement, shift, words.format(system=shift), as_is=as_is)
    words = _(
        "The places lie as far from the same things in the project as {system} shifts them. Ask for"
        " the degrees that the metres were made of."
    )
    return _doubted(placement, words.format(system=shift), (), as_is=as_is)


def _old_datum(placement: Placement, step: tuple[float, float], *, as_is: bool) -> Placement:
    words = _(
        "Most places lie {distance} m from the same things in the project ({east} m too far east,"
        " {north} m too far north): they look like Beijing 1954 or Xi'an 1980 read as another"
        " datum."
    )
    east, north = (f"{-value:.1f}" for value in step)
    text = words.format(distance=f"{np.hypot(*step):.1f}", east=east, north=north)
    return _doubted(placement, text, _BETTER, as_is=as_is)


def _doubted(placement: Placement, words: str, ways: tuple[str, ...], *, as_is: bool) -> Placement:
    """Return the placement with a doubt, which is a question unless the system was given."""
    asked = placement.question
    if asked is None and not as_is and placement.how != "given":
        asked = DatumQuestion(words, *ways, "--as-is")
    return replace(placement, doubts=(words,), question=asked)


def _offered(placement: Placement, shift: str, reason: str, *, as_is: bool) -> Placement:
    """Return the placement with the shift of a map service proposed before all else."""
    box = symptoms.box_of(symptoms.degrees(numbers_of(placement.layer), shift))
    first = Proposal(f"crs:{shift}", reason, {"crs": shift}, box)
    others = [one for one in placement.proposals if one.answer != first.answer]
    unknown = placement.crs is None
    message = _("The degrees look like those of a map service: {reason}.").format(reason=reason)
    question = PlaceQuestion(message, [first, *(others if unknown else ())], as_is=not unknown)
    must = unknown or (not as_is and placement.how != "given")
    return replace(
        placement,
        proposals=(first, *others),
        doubts=(message,),
        question=question if must else placement.question,
    )


def located(
    layer: ForeignLayer,
    target: Crs,
    *,
    crs: str | None = None,
    swap: bool = False,
    as_is: bool = False,
) -> Placement:
    """Do what `examine` does where there is no more of a project than its system."""
    raw = numbers_of(layer)
    named = pseudo_name(crs)
    read = exchanged(layer) if swap else layer
    read = straightened(read, named) if named else read
    system, how = _system(read, crs, named, target)
    if system is None and len(raw) and _assumable(numbers_of(read), target):
        system, how = target, "assumed"
    heights = heights_of(read, system)
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


def transform_of(placement: Placement, project: Crs, *, accept_ballpark: bool) -> Transform:
    """Return the transform of a layer that has been examined; see `transform_to`."""
    if placement.parameters is not None:
        return FittedTransform(placement.crs, project, placement.parameters)
    return transform_to(project, placement.crs or project, accept_ballpark=accept_ballpark)


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
        raise DatumQuestion(
            message.format(source=source.called, target=project.called),
            "--accept-ballpark",
            *_BETTER,
        )
    return transform


def _judged(
    placement: Placement, raw: Numbers, stated: str | None, project: Crs, *,
    swap: bool, as_is: bool,
) -> Placement:  # fmt: skip
    """Return the placement with where it lands, what is proposed and what is asked."""
    system = placement.crs
    places = None
    if system is not None:
        places = symptoms.degrees(numbers_of(placement.layer), system.text)
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
        message = words.format(box=in_words(raw))
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
    return PlaceQuestion(words.format(box=in_words(raw), crs=system.name), proposals, as_is=True)


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
