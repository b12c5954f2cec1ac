"""Fixes of levels and of the way water runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hjgis.checks.fixes.register import Bench, Fault, fix
from hjgis.edits.derived import alike
from hjgis.edits.shape import reverse_lines
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Feature
from hjgis.models.issues import Issue

_SIDES: Final = {"from_node": "start", "to_node": "end"}
_GROUND: Final = "ground_elev_m"
_FLOW: Final = "flow_dir"
_FLOWS: Final = "flow_direction"
_USE: Final = "use_state"
_ABANDONED: Final = "废弃"


def _thirds(_project: Project, _issues: Sequence[Issue]) -> list[tuple[Value, str]]:
    """Return which of the three may be computed."""
    return [
        ("elevation", _("the elevation of the pipe, from ground and depth")),
        ("depth", _("the depth of the pipe, from ground and elevation")),
        ("ground", _("the ground at the node, from elevation and depth")),
    ]


@fix(
    "pipe.elevation_identity",
    name="third-of-three",
    title=N_("Compute one from the two others"),
    explanation=N_(
        "Ground less depth is elevation: choose which of the three is wrong, and it is computed"
        " from the two others. The ground at a node is changed only where no other pipe agrees with"
        " it."
    ),
    choices=_thirds,
)
def third_of_three(bench: Bench, fault: Fault) -> None:
    """Compute ground, depth or elevation at a pipe end from the two others."""
    line, end = bench.feature(fault), fault.facts["end"]
    node = bench.draft.node(str(line.values.get(end)))
    depth, elevation = (_level(line, end, what) for what in ("depth", "elev"))
    ground = node.values.get(_GROUND) if node is not None else None
    if node is None or not all(isinstance(v, int | float) for v in (ground, depth, elevation)):
        raise EditRefused(_("One of the three is not known."))
    assert isinstance(ground, int | float)
    assert isinstance(depth, int | float)
    assert isinstance(elevation, int | float)
    side = _SIDES[end]
    if bench.answer == "elevation":
        bench.set(fault, **{f"{side}_elev_m": round(ground - depth, 3)})
    elif bench.answer == "depth":
        bench.set(fault, **{f"{side}_depth_m": round(ground - elevation, 3)})
    elif bench.answer == "ground":
        _refuse_agreed(bench, node, line, float(ground))
        bench.put(node, node.with_values(**{_GROUND: round(depth + elevation, 3)}))
    else:
        raise EditRefused(_("Choose which of the three is computed."))


def _level(line: Feature, end: str, what: str) -> Value:
    return line.values.get(f"{_SIDES[end]}_{what}_m")


def _refuse_agreed(bench: Bench, node: Feature, line: Feature, ground: float) -> None:
    """Refuse to change a ground that another pipe confirms."""
    for other in bench.draft.lines_ending_at(node.key.uuid):
        for end in _SIDES:
            if other.key == line.key or other.values.get(end) != node.key.uuid:
                continue
            depth, elevation = (_level(other, end, what) for what in ("depth", "elev"))
            if not isinstance(depth, int | float) or not isinstance(elevation, int | float):
                continue
            if alike(round(depth + elevation, 3), ground):
                raise EditRefused(_("Another pipe at the node agrees with the ground there."))


@fix(
    "pipe.adverse_slope",
    name="turn-flow",
    title=N_("Turn the flow direction"),
    explanation=N_(
        "The levels are taken for right and water runs the other way. Vertices, nodes and levels"
        " stay where they are."
    ),
)
def turn_flow(bench: Bench, fault: Fault) -> None:
    """Turn the flow direction of a pipe."""
    now = bench.catalogue.codes(_FLOWS).get(bench.feature(fault).values.get(_FLOW))
    sign = int(str(now.extra.get("sign", 0))) if now else 0
    if not sign:
        raise EditRefused(_("The flow direction is not known."))
    bench.set(fault, **{_FLOW: _flowing(bench, -sign)})


def _flowing(bench: Bench, sign: int) -> str:
    """Return the code of the flow to the last vertex, 1, or to the first one, -1."""
    codes = bench.catalogue.codes(_FLOWS).codes
    return next(entry.code for entry in codes if entry.extra.get("sign") == sign)


@fix(
    "pipe.flow_unknown",
    name="flow-by-levels",
    title=N_("Take the flow direction from the levels"),
    explanation=N_(
        "The water runs to the lower end. Vertices, nodes and levels stay where they are; pipes"
        " whose levels are equal or not known stay on the list."
    ),
)
def flow_by_levels(bench: Bench, fault: Fault) -> None:
    """Say that a pipe flows to its lower end."""
    sign = {"forward": 1, "back": -1}.get(fault.facts["case"])
    if sign is None:
        raise EditRefused(_("The levels do not tell which way it flows."))
    bench.set(fault, **{_FLOW: _flowing(bench, sign)})


@fix(
    "pipe.adverse_slope",
    name="turn-pipe",
    title=N_("Turn the pipe round"),
    explanation=N_(
        "The pipe was drawn against its flow: first and last vertex change places with their nodes,"
        " numbers and levels; the flow direction, which counts along the pipe, then runs downhill."
    ),
)
def turn_pipe(bench: Bench, fault: Fault) -> None:
    """Turn a pipe round."""
    bench.draft.add(reverse_lines(bench.draft, [bench.feature(fault).key]))


@fix(
    "pipe.use_state",
    name="abandoned",
    title=N_("Mark it as abandoned"),
    explanation=N_(
        "A pipe that ends at an abandoned point, or a point all of whose pipes are abandoned,"
        " becomes abandoned too. Right where these are known to be out of use."
    ),
)
def abandoned(bench: Bench, fault: Fault) -> None:
    """Mark a pipe or point as abandoned."""
    feature = bench.feature(fault)
    asset = bench.draft.asset_type(feature.key.layer)
    bench.set(fault, **{_USE if asset.has(_USE) else "state": _ABANDONED})
