"""Edits of the list of layers: lock, order, name, take out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.arrangement import FACT, Arrangement
from hjgis.models.assets import AssetType
from hjgis.models.changes import BulkDelete, ChangeSet, FactChange
from hjgis.models.reading import LayerTable


def lock(now: Arrangement, asset: AssetType, *, locked: bool) -> ChangeSet:
    """Keep a layer from being edited, or let it be edited again."""
    others = now.locked - {asset.id}
    after = replace(now, locked=others | {asset.id} if locked else others)
    return _change("layers.lock" if locked else "layers.unlock", asset, now, after)


def reorder(now: Arrangement, asset: AssetType, order: Sequence[str]) -> ChangeSet:
    """Draw the layers in this order, lowest first; `asset` is the one that was moved."""
    return _change("layers.order", asset, now, replace(now, order=tuple(order)))


def rename(now: Arrangement, asset: AssetType, title: str) -> ChangeSet:
    """Give a reference layer another name.

    Raises
    ------
    EditRefused
        If it is a layer of the catalogue or the name is empty.
    """
    _refuse_asset(asset)
    title = title.strip()
    if not title:
        raise EditRefused(_("A layer needs a name."))
    return _change(
        "layers.rename", asset, now, replace(now, titles={**now.titles, asset.id: title})
    )


def take_out(now: Arrangement, asset: AssetType, rows: LayerTable) -> ChangeSet:
    """Take a reference layer or an optional kind out of the project with all its features.

    Raises
    ------
    EditRefused
        If it is a layer of the catalogue, or locked.
    """
    if not asset.optional:
        _refuse_asset(asset)
    if asset.id in now.locked:
        raise EditRefused(_("The layer is locked in the layer list."))
    change = _change("layers.take-out", asset, now, replace(now, gone=now.gone | {asset.id}))
    if not len(rows.fids):
        return change
    return replace(change, bulk=(BulkDelete(asset.id, rows.fids, list(rows.uuids)),))


def add_kind(now: Arrangement, asset: AssetType, *, made: bool) -> ChangeSet:
    """Give a project the layer of an optional kind.

    Parameters
    ----------
    made : bool
        Whether the file has its table already, from before the layer was taken out.
    """
    change = _change("layers.add", asset, now, replace(now, gone=now.gone - {asset.id}))
    return change if made else replace(change, new_layer=asset)


def _refuse_asset(asset: AssetType) -> None:
    if asset.kind == "asset":
        raise EditRefused(
            _("The layers of assets belong to every project; hide what you do not need.")
        )


def _change(what: str, asset: AssetType, now: Arrangement, after: Arrangement) -> ChangeSet:
    text = after.text()
    facts = (FactChange(FACT, now.stored, text),) if text != now.stored else ()
    return ChangeSet(what, facts=facts, params={"layer": asset.id, "title": dict(asset.label)})
