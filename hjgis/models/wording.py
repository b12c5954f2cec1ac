"""Journal keys put into words, at the time of showing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hjgis.i18n import _, label
from hjgis.models.assets import Catalogue


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
    single = {
        "edit.add": _("Add {layer}"),
        "edit.delete": _("Delete {layer}"),
        "edit.move": _("Move {layer}"),
        "edit.attributes": _("Change {fields} of {layer}"),
        "edit.rotate": _("Turn {layer}"),
        "edit.scale": _("Scale {layer}"),
        "edit.vertices": _("Change the vertices of {layer}"),
        "edit.split": _("Split {layer}"),
        "edit.join": _("Take out a node and join the pipes"),
        "edit.restore": _("Bring {layer} back"),
        "edit.restore-backup": _("Bring {count} features back from the backup of {day}"),
        "edit.restore-day": _("Take the work of {who} on {day} back"),
        "edit.nodes": _("Make two nodes one"),
        "edit.detach": _("Move {layer} and leave its pipes"),
        "edit.merge": _("Merge {count} × {layer}"),
        "edit.reshape": _("Reshape {layer}"),
        "edit.extend": _("Extend {layer}"),
        "edit.trim": _("Trim {layer}"),
        "edit.offset": _("Copy {layer} aside"),
        "edit.reverse": _("Turn {layer} round"),
        "edit.simplify": _("Simplify {layer}"),
        "edit.ring": _("Change a hole of {layer}"),
        "edit.part": _("Change a piece of {layer}"),
        "edit.align": _("Align {count} × {layer}"),
        "edit.distribute": _("Space {count} × {layer} evenly"),
        "edit.copy": _("Copy {layer}"),
        "edit.paste": _("Paste {layer}"),
        "edit.kind": _("Make it {layer}"),
        "edit.connect": _("Connect {layer}"),
        "edit.disconnect": _("Disconnect {layer}"),
        "edit.flow": _("Flow direction of {layer}"),
        "edit.fix": "{fix}",
        "edit.row": _("Add a row of {count} × {layer}"),
        "edit.foreign": _("Edited by another program ({count})"),
        "record.add": _("Record of {layer}"),
        "record.change": _("Change a record of {layer}"),
        "record.delete": _("Delete a record of {layer}"),
        "record.import": _("Import {source} ({count} × {layer})"),
        "record.cycles": _("Change the inspection cycles"),
        "checks.form": _("Change what stands on check reports"),
        "checks.scoring": _("Change how findings are scored"),
        "attach": _("Attach a photo or paper to {layer}"),
        "attach.over": _("Take {count} photos or papers over from another file"),
        "detach": _("Take a photo or paper off {layer}"),
        "assignments": _("Change the assignments"),
        "templates": _("Change the templates"),
        "sheets": _("Change the layouts of map sheets"),
        "themes": _("Change the themes of maps"),
        "lists.codes": _("Change a code list"),
        "lists.recode": _("{list}: {old} becomes {new} ({count} values)"),
        "lists.operators": _("Change the list of operators"),
        "lists.ranges": _("Change the number ranges"),
        "lists.targets": _("Change a target"),
        "exceptions.accept": _("Accept {count} findings as exceptions"),
        "exceptions.withdraw": _("Withdraw {count} exceptions"),
        "check.rules": _("Change the rules of the check"),
        "renewal.rules": _("Change how renewal is scored"),
        "tasks.state": _("Change how far task {task} is"),
        "edit.renumber": _("Number {count} × {layer} anew"),
        "queries.save": _("Save the query {source}"),
        "queries.delete": _("Delete the query {source}"),
        "layers.lock": _("Lock the layer {layer}"),
        "layers.unlock": _("Unlock the layer {layer}"),
        "layers.order": _("Move the layer {layer} up or down"),
        "layers.rename": _("Rename the layer {layer}"),
        "layers.add": _("Add the layer {layer}"),
        "layers.take-out": _("Take the layer {layer} out"),
        "import": _("Import {source} ({count} × {layer})"),
        "import.update": _("Take {count} × {layer} over from {source}"),
        "import.return": _("Return of {delivery} ({who}): {layer}"),
        "sample": _("Sample data"),
    }
    many = {
        "edit.add": _("Add {count} × {layer}"),
        "edit.delete": _("Delete {count} features {layer}"),
        "edit.move": _("Move {count} features {layer}"),
        "edit.attributes": _("Change {fields} of {count} × {layer}"),
        "record.add": _("Records of {count} × {layer}"),
        "record.delete": _("Delete records of {count} × {layer}"),
        "import.return": _("Return of {delivery} ({who}): {count} features"),
        "edit.rotate": _("Turn {count} features {layer}"),
        "edit.scale": _("Scale {count} features {layer}"),
        "edit.reverse": _("Turn {count} × {layer} round"),
        "edit.simplify": _("Simplify {count} × {layer}"),
        "edit.copy": _("Copy {count} features {layer}"),
        "edit.paste": _("Paste {count} features {layer}"),
        "edit.kind": _("Make {count} of them {layer}"),
        "edit.fix": _("{fix} ({count} × {layer})"),
        "edit.connect": _("Connect {count} × {layer}"),
        "edit.flow": _("Flow direction of {count} × {layer}"),
        "attach": _("Attach {count} photos or papers to {layer}"),
        "detach": _("Take {count} photos or papers off {layer}"),
    }
    return (many.get(key) if several else None) or single.get(key) or key


def _field_labels(params: Mapping[str, Any], catalogue: Catalogue) -> str:
    asset = catalogue.types.get(str(params.get("layer", "")))
    names = params.get("fields", ())
    words = [label(asset.field(n).label) if asset and asset.has(n) else str(n) for n in names]
    return ", ".join(words[:3]) + ("…" if len(words) > 3 else "")
