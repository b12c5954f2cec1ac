"""What a sentence may refer to besides its own fields: layers, saved queries, what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _, label, ngettext_
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.query import Condition, Query
from hjgis.models.sentences import sentence
from hjgis.ui.selection import Selection

# What a location may be asked of: a query or a shape.
Other = Query | BaseGeometry
Seen = Callable[[], Extent]
_HECTARE_M2: Final = 10_000.0


class Surroundings:
    """The open project as sentence builders see it.

    Parameters
    ----------
    seen : callable
        Returns what the map shows, in the project CRS.
    """

    def __init__(self, project: Project, selection: Selection, seen: Seen) -> None:
        self.project, self.selection = project, selection
        self._seen = seen

    def selected(self) -> Query | None:
        """Return the query that finds what is selected just now; None if nothing is."""
        keys = self.selection.keys(self.project)
        if not keys:
            return None
        uuids = tuple(key.uuid for key in keys)
        return Query(keys[0].layer, (Condition("uuid", "in", uuids),))

    def others(self) -> list[tuple[str, Other]]:
        """Return what a place may be asked of, and what it is called."""
        result: list[tuple[str, Other]] = []
        selected = self.selected()
        if selected is not None:
            count = len(self.selection)
            words = ngettext_(
                "the selected feature ({layer})", "the {count} selected features ({layer})", count
            )
            name = label(self.project.asset_type(selected.layer).label)
            result.append((words.format(count=count, layer=name), selected))
        layers = [asset for asset in self.project.types.values() if asset.is_spatial]
        result += [(label(asset.label), Query(asset.id)) for asset in reversed(layers)]
        result.append((_("what the map shows now"), shapely.box(*self._seen())))
        for entry in querying.saved(self.project):
            if entry.query is not None and not querying.why_not(self.project, entry):
                words = _("query “{name}”").format(name=entry.name)
                result.append((words, entry.query))
        return result

    def words_of(self, other: Other) -> str:
        """Return what an other is called that is in no list."""
        if isinstance(other, Query):
            return sentence(other, self.project.types, self.project.catalogue)
        return _("a fixed area ({area:.2f} ha)").format(area=other.area / _HECTARE_M2)
