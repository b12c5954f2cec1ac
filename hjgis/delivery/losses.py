"""The workbook of what formats cannot hold as it is: how much of what, and each value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hjgis.exchange.report import LayerExport
from hjgis.exchange.shapefiles.dictionary import LOSS_KINDS
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.reports.tables import Cell, Column, Table, write_tables

_COUNTS: Final = (
    Column(N_("Format"), 10),
    Column(N_("Layer"), 20),
    Column(N_("Features"), 12),
    Column(N_("Losses"), 12),
    *(Column(words, 14) for words in LOSS_KINDS.values()),
)
_EACH: Final = (
    Column(N_("Format"), 10),
    Column(N_("Layer"), 20),
    Column(N_("Field"), 24),
    Column(N_("Kind"), 24),
    Column(N_("What happened"), 70),
    Column("uuid", 38),
)


def write_losses(
    project: Project, written: Mapping[str, Sequence[LayerExport]], path: Path
) -> None:
    """Write the losses of all formats; a file without any says so by its zeros.

    Raises
    ------
    HjgisError
        If it cannot be written.
    """
    tables = (_counts(project, written), _each(project, written))
    write_tables(path, _("Losses"), tables)


def _counts(project: Project, written: Mapping[str, Sequence[LayerExport]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for format_, layers in written.items():
        for layer in layers:
            counts = Counter(loss.kind for loss in layer.losses)
            title = label(project.asset_type(layer.name).label)
            each = (counts[kind] for kind in LOSS_KINDS)
            rows.append((format_, title, layer.written, len(layer.losses), *each))
    return Table(_("Overview"), _COUNTS, tuple(rows))


def _each(project: Project, written: Mapping[str, Sequence[LayerExport]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for format_, layers in written.items():
        for layer in layers:
            asset = project.asset_type(layer.name)
            for loss in layer.losses:
                field = label(asset.field(loss.field).label) if asset.has(loss.field) else ""
                kind = _(LOSS_KINDS[loss.kind]) if loss.kind in LOSS_KINDS else loss.kind
                named = f"{field} {loss.field}".strip()
                rows.append((format_, label(asset.label), named, kind, loss.message, loss.uuid))
    return Table(_("Losses"), _EACH, tuple(rows))
