"""The map of a delivery: drawn of a project that holds what goes out and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hjgis.cartography.composition import Composer, MapJob, Place
from hjgis.cartography.output import write_composition
from hjgis.delivery.planning import Planned
from hjgis.exchange.outgoing import Outgoing
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import arrangement, own_lists, sheets, themes
from hjgis.models.assets import AssetType
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.deliveries import Delivery
from hjgis.models.own_themes import read_themes, theme_named
from hjgis.models.themes import Theme
from hjgis.progress import Progress
from hjgis.render.fonts import ensure_application

# What of the project's facts a map is drawn by.
_FACTS: Final = (own_lists.FACT, arrangement.FACT, themes.FACT, sheets.FACT, "sample")


def write_map(
    project: Project, planned: Planned, entry: Delivery, out: Path, *, progress: Progress
) -> None:
    """Write the map of what goes out, marked with secrecy and number; none if nothing has a place.

    Raises
    ------
    UsageError
        If there is no theme of the order's name.
    HjgisError
        If the map cannot be drawn.
    Cancelled
        If `progress` says so.
    """
    ensure_application()
    wanted = planned.order.theme
    with _excerpt(project, planned, progress) as excerpt:
        if excerpt.extent() is None:
            return
        about = (
            theme_named(wanted, read_themes(project.info(themes.FACT)))
            if wanted
            else Theme("delivered", {}, tuple(planned.counts), tuple(planned.counts))
        )
        title = _("{project}: delivered data").format(project=project.title)
        job = MapJob(excerpt, title=title, theme=about, extent=planned.extent)
        composer = Composer(job, progress=progress)
        place = composer.place()
        number = _("Delivery No. {name}").format(name=entry.name)
        page = composer.page(Place(place.center, place.scale, number=number))
        write_composition(page, out, progress=progress)


@contextmanager
def _excerpt(project: Project, planned: Planned, progress: Progress) -> Iterator[Project]:
    """Give a project of the delivered rows and fields, which is gone afterwards."""
    facts = {key: text for key in _FACTS if (text := project.info(key)) is not None}
    info = {**facts, "secrecy": planned.secrecy}
    with (
        TemporaryDirectory(prefix="hjgis-") as folder,
        Project.create(
            Path(folder, "map.gpkg"),
            project.crs.text,
            catalogue=project.shipped,
            title=project.title,
            info=info,
        ) as excerpt,
    ):
        for one in planned.selection.outgoing(project, project.crs):
            progress.check()
            if one.asset.is_spatial:
                _copy(project.asset_type(one.asset.id), one, excerpt)
        yield excerpt


def _copy(asset: AssetType, one: Outgoing, excerpt: Project) -> None:
    if asset.id not in excerpt.store.types:
        excerpt.session.apply(ChangeSet("import", new_layer=asset))
    for table in one.lots():
        assert table.geometry is not None
        # Nodes may stay behind, and a map shows no links.
        columns = {
            name: values.tolist()
            for name, values in table.columns.items()
            if name not in ("from_node", "to_node")
        }
        rows = BulkInsert(asset.id, table.geometry, columns, table.uuids.tolist())
        excerpt.session.apply(ChangeSet("import", bulk=(rows,), source="import"))
