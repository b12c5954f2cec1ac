"""What is odd in records that come back, kept until it is known which of them somebody changed."""

from __future__ import annotations

from collections.abc import Mapping

from hjgis.exchange.differences import LayerUpdate
from hjgis.exchange.matching import Incoming
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import Problems
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.reading import LayerTable
from hjgis.models.validation import BadValue, coerce


class Held(Problems):
    """Keeps what is odd in single records until it is known who was changed."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[int | None, str | None, str, str]] = []

    def add(
        self, row: int | None, field_name: str | None, kind: str, message: str, *, count: int = 1
    ) -> None:
        """Keep it."""
        del count  # of whole files, which are told at once
        self.entries.append((row, field_name, kind, message))


def tell(
    project: Project,
    asset: AssetType,
    held: Held,
    columns: Mapping[str, Column],
    incoming: Incoming,
    given: LayerTable,
    update: LayerUpdate,
    problems: Problems,
) -> None:
    """Tell what is odd in records that were changed or are new; what went out so is not told."""
    told = {entry.row for entry in update.differing} | {*update.fresh_rows}
    here = {uuid: place for place, uuid in enumerate(given.uuids.tolist())}
    records_of = {int(row) + 1: record for record, row in enumerate(incoming.rows)}
    known: dict[tuple[str, Value], bool] = {}
    blank = _("left empty: {why}").format(why="")

    def was_sound(record: int, field: str) -> bool:
        """Whether what was given away is a value of its field, so that theirs is another one."""
        place = here.get(str(incoming.uuids[record]))
        value = None if place is None else given.columns[field][place]
        if (field, value) not in known:
            known[field, value] = _is_sound(project, asset, field, value)
        return known[field, value]

    for row, source, kind, message in held.entries:
        if kind == "connected" or row is None:
            continue
        record = records_of.get(row)
        field = columns[source].field if source is not None and source in columns else None
        refused = record is not None and field is not None
        refused = refused and record in incoming.refused.get(str(field), ())
        if record is None or row in told or (refused and was_sound(record, str(field))):
            if record is not None and str(incoming.uuids[record]) in here:
                message = message.replace(blank, _("not taken, the stored value stays: "))
            problems.add(row, source, kind, message)


def _is_sound(project: Project, asset: AssetType, field: str, value: Value) -> bool:
    try:
        coerce(asset.field(field), value, project.catalogue)
    except BadValue:
        return False
    return True
