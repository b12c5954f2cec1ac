"""Which features the rows of a workbook are, and what of them can be taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange import matching, record_import
from hjgis.exchange.matching import Incoming, same_value
from hjgis.exchange.report import Problems
from hjgis.exchange.workbooks import workbook_places
from hjgis.exchange.workbooks import workbook_sheets as sheets
from hjgis.exchange.workbooks.workbook_places import Nodes
from hjgis.exchange.workbooks.workbook_rows import SAYS_UNKNOWN
from hjgis.exchange.workbooks.workbook_sheets import Cells
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import unknown
from hjgis.models.assets import RECORD_OF, AssetType, Value
from hjgis.models.changes import FeatureKey
from hjgis.models.reading import LayerTable
from hjgis.models.records import LAYER as INSPECTIONS


class Rows:
    """The rows of one kind, beside the features that are stored or were given away.

    Parameters
    ----------
    source : str
        Name of the file.
    nodes : Nodes
        Of the sheets before this one.
    given : LayerTable, optional
        What was given away, with all its fields; what is stored when left out.
    """

    def __init__(
        self,
        project: Project,
        asset: AssetType,
        incoming: Incoming,
        problems: Problems,
        *,
        source: str,
        nodes: Nodes,
        given: LayerTable | None = None,
    ) -> None:
        self._project, self._asset, self._source = project, asset, source
        self._incoming, self._problems, self._nodes = incoming, problems, nodes
        self.stored = self._table() if given is None else given
        self._found: NDArray[np.int64] = np.full(len(incoming), -1, dtype=np.int64)

    def settled(self) -> Incoming:
        """Return the rows that can be taken, with the places and identities that they have."""
        self._part_copies()
        if len(self.stored.fids):
            self._found = matching.pairs(self._asset, self._bare(), self.stored)
            self._adopt()
            self._keep_what_writing_spoilt()
        self._say_unknown()
        self._name_owners()
        shapes = workbook_places.settled(
            self._asset, self._incoming, self.stored, self._found, self._problems
        )
        self._incoming = replace(self._incoming, geometry=shapes)
        if self._asset.ends_on:
            nodes = self._nodes.with_stored(self._project, self._asset.ends_on)
            self._incoming = workbook_places.connected(
                self._asset, self._incoming, self.stored, self._found, nodes, self._problems
            )
        kept = self._placed()
        self._name_source()
        return _some(self._bare(), kept)

    # -- which features -------------------------------------------------------------------

    def _table(self) -> LayerTable:
        own = [name for name in self._incoming.values if self._asset.has(name)]
        more = [unknown.FIELD, *(name for pair in self._asset.topology.pairs for name in pair)]
        names = dict.fromkeys([*own, *(name for name in more if self._asset.has(name))])
        return self._project.table(self._asset.id, list(names))

    def _bare(self) -> Incoming:
        """Return the rows with nothing beside their fields."""
        values = {
            name: column for name, column in self._incoming.values.items() if self._asset.has(name)
        }
        return replace(self._incoming, values=values)

    def _part_copies(self) -> None:
        """Let of the rows with one identity that be the feature which is most like it."""
        groups: dict[str, list[int]] = defaultdict(list)
        for place, uuid in enumerate(self._incoming.uuids):
            if uuid is not None:
                groups[uuid].append(place)
        uuids = list(self._incoming.uuids)
        for uuid, places in groups.items():
            if len(places) == 1:
                continue
            own = max(places, key=lambda place: self._likeness(uuid, place))
            for place in places:
                if place != own:
                    uuids[place] = None
                    words = _("has the identity of row {row}, as copied rows do: taken as new")
                    said = words.format(row=int(self._incoming.rows[own]) + 1)
                    self._add(place, None, "duplicate-id", said)
        self._incoming = replace(self._incoming, uuids=uuids)

    def _likeness(self, uuid: str, place: int) -> int:
        here = np.flatnonzero(self.stored.uuids == uuid)
        if not len(here):
            return 0
        return sum(
            same_value(self.stored.columns[name][here[0]], column[place])
            for name, column in self._incoming.values.items()
            if name in self.stored.columns
        )

    def _adopt(self) -> None:
        """Give rows the identities of the features that they were found to be."""
        uuids = list(self._incoming.uuids)
        for place in np.flatnonzero(self._found >= 0).tolist():
            uuids[place] = str(self.stored.uuids[self._found[place]])
        for place in np.flatnonzero(self._found < 0).tolist():
            if uuids[place] is not None:
                words = _("the project has no such feature any more: taken as new")
                self._add(place, None, "no-identity", words)
        self._incoming = replace(self._incoming, uuids=uuids)

    # -- values ---------------------------------------------------------------------------

    def _keep_what_writing_spoilt(self) -> None:
        """Take a value that is what became of the stored one on its way out for no other."""
        known = np.flatnonzero(self._found >= 0).tolist()
        values = dict(self._incoming.values)
        for name in self._bare().values:
            cells = Cells(self._asset.field(name), self._project.catalogue)
            column, stored = list(values[name]), self.stored.columns[name]
            for place in known:
                ours = stored[self._found[place]]
                if ours != column[place] and same_value(cells.reads_back(ours), column[place]):
                    column[place] = ours
            values[name] = column
        self._incoming = replace(self._incoming, values=values)

    def _say_unknown(self) -> None:
        """Keep 不详 where it stands, and no longer where it was taken out or answered."""
        values = dict(self._incoming.values)
        says = values.get(SAYS_UNKNOWN)
        if says is None:
            return
        given = values.get(unknown.FIELD)
        column: list[Value] = []
        for place, said in enumerate(says):
            text = self._stored_value(unknown.FIELD, place) or (given[place] if given else None)
            before = unknown.unknown_names({unknown.FIELD: text})
            # Without the hidden column no 不详 was written, so that a blank cell takes none back.
            asked = {name for name in before if name in values and (given or values[name][place])}
            after = before - asked | set(str(said).split())
            column.append(text if after == before else unknown.named(self._asset, after))
        if given is not None or any(says):
            values[unknown.FIELD] = column
        self._incoming = replace(self._incoming, values=values)

    def _stored_value(self, name: str, place: int) -> Value:
        if self._found[place] < 0:
            return None
        value: Value = self.stored.columns[name][self._found[place]]
        return value

    def _name_owners(self) -> None:
        """Let new records belong to the asset whose number they give."""
        new = np.flatnonzero(self._found < 0).tolist()
        if not self._asset.is_record or not new:
            return
        owners = record_import.owners_of(self._project)
        count = len(self._incoming)
        values = dict(self._incoming.values)
        pairs = [list(values.get(name, [None] * count)) for name in RECORD_OF]
        told = values.get(sheets.OWNER, [None] * count)
        for place in new:
            found = owners.get(str(told[place] or "").strip(), [])
            if len(found) == 1:
                pairs[0][place], pairs[1][place] = found[0].layer, found[0].uuid
        values |= zip(RECORD_OF, pairs, strict=True)
        self._incoming = replace(self._incoming, values=values)

    def _name_source(self) -> None:
        """Say in new features which row of which file they were."""
        if not self._asset.has("source_file"):
            return
        values = dict(self._incoming.values)
        files = list(values.get("source_file", [None] * len(self._incoming)))
        rows = list(values.get("source_row", [None] * len(self._incoming)))
        for place, file in enumerate(files):
            if file is None:
                files[place] = self._source
                rows[place] = int(self._incoming.rows[place]) + 1
        values |= {"source_file": files, "source_row": rows}
        self._incoming = replace(self._incoming, values=values)

    # -- what can be taken ----------------------------------------------------------------

    def _placed(self) -> NDArray[np.intp]:
        """Return which rows can be taken; why others cannot is listed."""
        kept = []
        for place, known in enumerate((self._found >= 0).tolist()):
            why = "" if known else self._trouble(place)
            if why:
                kind = "rejected" if self._asset.is_record else "null-geometry"
                self._add(place, None, kind, why)
            else:
                kept.append(place)
        return np.array(kept, dtype=np.intp)

    def _trouble(self, place: int) -> str:
        """Say why a row cannot become a new feature; empty if it can."""
        if self._asset.id == INSPECTIONS:
            return self._record_trouble(place)
        if self._asset.is_record:
            return _("left out: photos and papers are attached, not added in a workbook")
        if not self._asset.is_spatial or self._incoming.geometry[place] is not None:
            return ""
        if self._asset.ends_on:
            return _("left out: a pipe needs the places of both its points")
        if self._asset.geometry == "Point":
            return _("left out: a new feature needs X and Y")
        return _("left out: the shape of a new feature cannot be given in a workbook; draw it")

    def _record_trouble(self, place: int) -> str:
        values = {name: column[place] for name, column in self._incoming.values.items()}
        layer, uuid = (str(values.get(name) or "") for name in RECORD_OF)
        key = FeatureKey(layer, uuid)
        there = layer in self._project.types and bool(self._project.known([key]))
        named = str(values.get(sheets.OWNER) or "") or uuid
        return record_import.owner_trouble(named, [key] if there else [], values)

    def _add(self, place: int, heading: str | None, kind: str, words: str) -> None:
        self._problems.add(int(self._incoming.rows[place]) + 1, heading, kind, words)


def _some(incoming: Incoming, kept: NDArray[np.intp]) -> Incoming:
    """Return some of the rows."""
    if len(kept) == len(incoming):
        return incoming
    new_place = {place: at for at, place in enumerate(kept.tolist())}
    return replace(
        incoming,
        rows=incoming.rows[kept],
        geometry=incoming.geometry[kept],
        values={name: [column[i] for i in kept] for name, column in incoming.values.items()},
        uuids=[incoming.uuids[i] for i in kept],
        refused={
            name: {new_place[place] for place in places if place in new_place}
            for name, places in incoming.refused.items()
        },
    )
