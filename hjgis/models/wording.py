"""Journal keys put into words, at the time of showing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hjgis.i18n import N_, _, label, listed
from hjgis.models.assets import Catalogue

_SINGLE: Final = {
    "edit.add": N_("Add {layer}"),
    "edit.delete": N_("Delete {layer}"),
    "edit.move": N_("Move {layer}"),
    "edit.attributes": N_("Change {fields} of {layer}"),
    "edit.rotate": N_("Turn {layer}"),
    "edit.scale": N_("Scale {layer}"),
    "edit.vertices": N_("Change the vertices of {layer}"),
    "edit.split": N_("Split {layer}"),
    "edit.join": N_("Take out a node and join the pipes"),
    "edit.restore": N_("Bring {layer} back"),
    "edit.restore-backup": N_("Bring {count} features back from the backup of {day}"),
    "edit.restore-day": N_("Take the work of {who} on {day} back"),
    "edit.nodes": N_("Make two nodes one"),
    "edit.detach": N_("Move {layer} and leave its pipes"),
    "edit.merge": N_("Merge {count} × {layer}"),
    "edit.reshape": N_("Reshape {layer}"),
    "edit.extend": N_("Extend {layer}"),
    "edit.trim": N_("Trim {layer}"),
    "edit.offset": N_("Copy {layer} aside"),
    "edit.reverse": N_("Turn {layer} round"),
    "edit.simplify": N_("Simplify {layer}"),
    "edit.ring": N_("Change a hole of {layer}"),
    "edit.part": N_("Change a piece of {layer}"),
    "edit.align": N_("Align {count} × {layer}"),
    "edit.distribute": N_("Space {count} × {layer} evenly"),
    "edit.copy": N_("Copy {layer}"),
    "edit.paste": N_("Paste {layer}"),
    "edit.kind": N_("Make it {layer}"),
    "edit.connect": N_("Connect {layer}"),
    "edit.disconnect": N_("Disconnect {layer}"),
    "edit.flow": N_("Flow direction of {layer}"),
    "edit.fix": "{fix}",
    "edit.row": N_("Add a row of {count} × {layer}"),
    "edit.foreign": N_("Edited by another program ({count})"),
    "record.add": N_("Record of {layer}"),
    "record.change": N_("Change a record of {layer}"),
    "record.delete": N_("Delete a record of {layer}"),
    "record.import": N_("Import {source} ({count} × {layer})"),
    "record.cycles": N_("Change the inspection cycles"),
    "checks.form": N_("Change what stands on check reports"),
    "checks.scoring": N_("Change how findings are scored"),
    "attach": N_("Attach a photo or paper to {layer}"),
    "attach.over": N_("Take {count} photos or papers over from another file"),
    "detach": N_("Take a photo or paper off {layer}"),
    "assignments": N_("Change the assignments"),
    "templates": N_("Change the templates"),
    "sheets": N_("Change the layouts of map sheets"),
    "themes": N_("Change the themes of maps"),
    "lists.codes": N_("Change a code list"),
    "lists.recode": N_("{list}: {old} becomes {new} ({count} values)"),
    "lists.operators": N_("Change the list of operators"),
    "lists.ranges": N_("Change the number ranges"),
    "lists.targets": N_("Change a target"),
    "exceptions.accept": N_("Accept {count} findings as exceptions"),
    "exceptions.withdraw": N_("Withdraw {count} exceptions"),
    "check.rules": N_("Change the rules of the check"),
    "renewal.rules": N_("Change how renewal is scored"),
    "tasks.state": N_("Change how far task {task} is"),
    "edit.renumber": N_("Number {count} × {layer} anew"),
    "queries.save": N_("Save the query {source}"),
    "queries.delete": N_("Delete the query {source}"),
    "layers.lock": N_("Lock the layer {layer}"),
    "layers.unlock": N_("Unlock the layer {layer}"),
    "layers.order": N_("Move the layer {layer} up or down"),
    "layers.rename": N_("Rename the layer {layer}"),
    "layers.add": N_("Add the layer {layer}"),
    "layers.take-out": N_("Take the layer {layer} out"),
    "import": N_("Import {source} ({count} × {layer})"),
    "import.update": N_("Take {count} × {layer} over from {source}"),
    "import.return": N_("Return of {delivery} ({who}): {layer}"),
    "sample": N_("Sample data"),
}
_MANY: Final = {
    "edit.add": N_("Add {count} × {layer}"),
    "edit.delete": N_("Delete {count} features {layer}"),
    "edit.move": N_("Move {count} features {layer}"),
    "edit.attributes": N_("Change {fields} of {count} × {layer}"),
    "record.add": N_("Records of {count} × {layer}"),
    "record.delete": N_("Delete records of {count} × {layer}"),
    "import.return": N_("Return of {delivery} ({who}): {count} features"),
    "edit.rotate": N_("Turn {count} features {layer}"),
    "edit.scale": N_("Scale {count} features {layer}"),
    "edit.reverse": N_("Turn {count} × {layer} round"),
    "edit.simplify": N_("Simplify {count} × {layer}"),
    "edit.copy": N_("Copy {count} features {layer}"),
    "edit.paste": N_("Paste {count} features {layer}"),
    "edit.kind": N_("Make {count} of them {layer}"),
    "edit.fix": N_("{fix} ({count} × {layer})"),
    "edit.connect": N_("Connect {count} × {layer}"),
    "edit.flow": N_("Flow direction of {count} × {layer}"),
    "attach": N_("Attach {count} photos or papers to {layer}"),
    "detach": N_("Take {count} photos or papers off {layer}"),
}


def describe_change(
    key: str, params: Mapping[str, Any], catalogue: Catalogue, *, feature: str = ""
) -> str:
    """Return what a change did, e.g. "Move manhole" or "Import lamps.shp (78 × Street lamp)".

    Parameters
    ----------
    key : str
        The change's stable label such as ``edit.move``; an unknown one is shown as it is.
    feature : str
        What the one feature that was changed is called; without it only its kind is named.
    """
    facts = {
        "layer": feature or _layer_name(params, catalogue),
        "count": params.get("count", 1),
        "source": params.get("source", ""),
        "fields": _field_labels(params, catalogue),
        "who": params.get("who", ""),
        "delivery": params.get("delivery", ""),
        "day": params.get("day", ""),
        "fix": _fix_title(params),
        **{name: params.get(name, "") for name in ("list", "old", "new")},
    }
    several = bool(facts["count"] != 1)
    return _template(key, several).format(**facts).strip()


def _layer_name(params: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Return the name; of a layer that is not in the catalogue the one that it had then."""
    title = params.get("title")
    return label(title) if title else layer_label(str(params.get("layer", "")), catalogue)


def _fix_title(params: Mapping[str, Any]) -> str:
    title = params.get("fix")
    return _(title) if title else ""


def layer_label(layer: str, catalogue: Catalogue) -> str:
    """Return the layer's name in the language in use; its id if it is not in the catalogue."""
    asset = catalogue.types.get(layer)
    return label(asset.label) if asset else layer


def _template(key: str, several: bool) -> str:
    words = (_MANY.get(key) if several else None) or _SINGLE.get(key)
    return _(words) if words else key


def _field_labels(params: Mapping[str, Any], catalogue: Catalogue) -> str:
    asset = catalogue.types.get(str(params.get("layer", "")))
    names = params.get("fields", ())
    words = [label(asset.field(n).label) if asset and asset.has(n) else str(n) for n in names]
    return listed(words[:3]) + ("…" if len(words) > 3 else "")
