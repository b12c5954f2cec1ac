"""The command that finds features by any of their words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hjgis.cli.options import names
from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, label, ngettext_
from hjgis.models.assets import RECORD_OF
from hjgis.models.changes import FeatureKey

if TYPE_CHECKING:
    from hjgis.layers.project import Project
    from hjgis.layers.search import Hit


def find(arguments: argparse.Namespace) -> int:
    """Find features and say where they are."""
    from hjgis.layers.project import Project
    from hjgis.layers.search import SearchIndex
    from hjgis.models.search import words_of

    text = " ".join(arguments.text)
    if not words_of(text):
        message = _("There is nothing to search for in “{text}”: type letters or digits.")
        raise UsageError(message.format(text=text))
    with Project.open(arguments.project, write=False) as project:
        layers = names(arguments.layer)
        for layer in layers or ():
            if layer not in project.types:
                known = ", ".join(project.types)
                message = _("There is no layer {layer}. Layers: {known}.")
                raise UsageError(message.format(layer=layer, known=known))
        index = SearchIndex(project)
        index.build(progress())
        groups = index.groups(text, arguments.limit, layers)
        hits = sorted((hit for group in groups for hit in group.hits), key=lambda hit: -hit.grade)
        facts = [_facts(project, hit) for hit in hits[: arguments.limit]]
        counts = {group.layer: group.count for group in groups}
        if arguments.json:
            return print_json({"text": text, "layers": counts, "hits": facts})
        for one in facts:
            print(_line(project, one))
    count = sum(counts.values())
    words = ngettext_("{count} feature found", "{count} features found", count).format(count=count)
    shown = _("; the best {shown} are shown").format(shown=len(facts))
    say(words + (shown if len(facts) < count else ""))
    return 0


def _facts(project: Project, hit: Hit) -> dict[str, Any]:
    key = FeatureKey(hit.layer, hit.uuid)
    if project.asset_type(hit.layer).is_record:
        # It has no place; the asset that it belongs to has.
        layer, uuid = (str(hit.values[name]) for name in RECORD_OF)
        key = FeatureKey(layer, uuid)
    found = project.known([key]) if key.layer in project.types else {}
    geometry = found[key].geometry if found else None
    place = None if geometry is None or geometry.is_empty else geometry.representative_point()
    return {
        "layer": hit.layer,
        "fid": hit.fid,
        "uuid": hit.uuid,
        "asset": str(key) if key.uuid != hit.uuid else None,
        "title": hit.title,
        "place": hit.place,
        "field": hit.field or None,
        "value": hit.matched or None,
        "x": None if place is None else round(place.x, 3),
        "y": None if place is None else round(place.y, 3),
    }


def _line(project: Project, one: dict[str, Any]) -> str:
    asset = project.asset_type(one["layer"])
    # North is X and comes first, as surveyors write it.
    where = "-" if one["x"] is None else f"X {one['y']:.2f}  Y {one['x']:.2f}"
    parts = [label(asset.label), one["title"] or f"#{one['fid']}", where]
    if one["field"]:
        parts.append(f"{label(asset.field(one['field']).label)}: {one['value']}")
    return "  ".join((*parts, one["place"])).rstrip()
