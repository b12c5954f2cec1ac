"""What a theme can say of a layer: methods, fields, and what a method begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from hjgis.checks.cells import CELLS
from hjgis.checks.figures import figures_of
from hjgis.checks.renewal import PIPES
from hjgis.checks.shading import COMPLETENESS, RENEWAL
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.targets import FACT as TARGETS
from hjgis.models.targets import project_register
from hjgis.models.themes import Cells, Measure, Method, Portrayal, Scheme, Summary, Theme

METHOD_WORDS: Final[Mapping[Method, str]] = {
    "single": N_("One colour"),
    "categories": N_("Colours by value"),
    "graduated": N_("Colours by number"),
    "size": N_("Signs sized by number"),
    "density": N_("Density in cells"),
    "pies": N_("Pies in cells"),
    "coverage": N_("Covered area"),
    "dots": N_("Dots for a number"),
    "reckoned": N_("Reckoned by the program"),
    "target": N_("What a target counts"),
}
SCHEME_WORDS: Final[Mapping[Scheme, str]] = {
    "natural": N_("Natural breaks"),
    "quantile": N_("As many in each class"),
    "equal": N_("Equal steps"),
    "std_mean": N_("Standard deviations"),
    "user": N_("Limits of one's own"),
}
CELL_WORDS: Final[Mapping[Cells, str]] = {
    "hexagon": N_("Hexagons"),
    "square": N_("Squares"),
    "grid": N_("Unit grid"),
}
MEASURE_WORDS: Final[Mapping[Measure, str]] = {
    "count": N_("How many"),
    "per_km2": N_("How many per km²"),
    "sum": N_("Sum of a field"),
    "mean": N_("Mean of a field"),
    "length_km": N_("Length in km"),
}
SHADE_WORDS: Final[Mapping[str, str]] = {
    COMPLETENESS: N_("Completeness of the data"),
    RENEWAL: N_("Need of renewal"),
}
_SHADED: Final = {CELLS: COMPLETENESS, PIPES: RENEWAL}
# They give the layer's own features other signs: of these it can have one.
_RECOLOURING: Final[frozenset[Method]] = frozenset(
    ("single", "categories", "graduated", "size", "reckoned", "target")
)
_OF_FIELDS: Final[tuple[Method, ...]] = ("categories", "graduated", "size", "pies")
_OF_VALUES: Final = ("categories", "pies")
_BESIDE: Final = ("boundary", "road")
RADIUS_M: Final = 500.0


def methods_of(project: Project, layer: str, others: Iterable[Portrayal] = ()) -> list[Method]:
    """Return how a layer can be shown, besides `others` of its portrayals."""
    asset = project.asset_type(layer)
    left_out: set[Method] = set()
    if asset.geometry not in ("Point", "Polygon", "MultiPolygon"):
        left_out |= {"dots", "pies"}
    if layer not in _SHADED:
        left_out.add("reckoned")
    if not targets_of(project, layer):
        left_out.add("target")
    for method in _OF_FIELDS:
        if not fields_of(asset, method):
            left_out.add(method)
    if any(entry.method in _RECOLOURING for entry in others):
        left_out |= _RECOLOURING
    return [method for method in METHOD_WORDS if method not in left_out]


def fields_of(asset: AssetType, method: Method) -> dict[str, str]:
    """Return the fields that a method can show by what they are called, the likeliest first."""
    ranked = sorted(asset.fields, key=partial(_rank, asset))
    own = {field.name: label(field.label) for field in ranked}
    kinds = ("integer", "number")
    numbers = [one.name for one in asset.fields if one.type in kinds and not one.unique]
    figures = {name: _(figure.words) for name, figure in figures_of(asset).items()}
    if method in _OF_VALUES:
        return {**own, **(figures if method == "categories" else {})}
    return {name: own[name] for name in own if name in numbers} | figures


def targets_of(project: Project, layer: str) -> dict[str, str]:
    """Return the targets that count a layer, by id."""
    targets = project_register(project.info(TARGETS)).targets
    return {one.id: label(one.title) for one in targets if one.layer == layer}


def begun(project: Project, layer: str, method: Method) -> Portrayal:
    """Return what a method begins with."""
    fields = fields_of(project.asset_type(layer), method) if method in _OF_FIELDS else {}
    return Portrayal(
        layer,
        method,
        field=next(iter(fields), ""),
        radius_m=RADIUS_M if method == "coverage" else 0.0,
        shade=_SHADED.get(layer, "") if method == "reckoned" else "",
        target=next(iter(targets_of(project, layer)), "") if method == "target" else "",
    )


def begun_theme(project: Project, layer: str) -> Theme:
    """Return a theme that begins with a layer, on the ground that maps of it stand on."""
    methods = methods_of(project, layer)
    method = next((one for one in ("categories", "graduated") if one in methods), methods[0])
    words = _("{layer}, own theme").format(layer=label(project.asset_type(layer).label))
    beside = [one for one in _BESIDE if one in project.map_types and one != layer]
    return Theme(
        "",
        dict.fromkeys(("en", "zh_CN"), words),
        (*beside, layer),
        (layer,),
        (begun(project, layer, method),),
        Summary(layer, "class"),
    )


def _rank(asset: AssetType, field: Field) -> tuple[bool, int, bool]:
    """Put the kind first, then what has classes; of those what only this layer has."""
    classes = field.codes or field.type == "boolean"
    kind = 0 if classes else 2 if field.unique else 1
    return field.name != asset.class_field, kind, field.group != "technical"
