"""The open project: its layers in order, CRS and extent; the one object passed around."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import ProjectError, ProjectLocked, ReadOnlyProject
from hjgis.i18n import _
from hjgis.layers import (
    database,
    geometry_blob,
    media,
    migrations,
    opening,
    project_file,
    schema,
    serials,
)
from hjgis.layers.safekeeping import WriterLock
from hjgis.layers.session import EditSession
from hjgis.layers.store import GeoPackageStore
from hjgis.models import catalogue_files, numbering, own_lists
from hjgis.models.arrangement import FACT, Arrangement
from hjgis.models.assets import AssetType, Catalogue, Label
from hjgis.models.changes import Announcement, Extent, Feature, FeatureKey
from hjgis.models.crs import DEFAULT, parse_project_crs
from hjgis.models.identifiers import SYNTHETIC_SERIALS
from hjgis.models.numbering import NumberPlan, read_ranges
from hjgis.models.own_lists import OwnLists
from hjgis.models.query import Condition
from hjgis.models.reading import LayerTable
from hjgis.progress import Progress


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """What a list of layers shows."""

    id: str
    title: Label
    kind: Literal["asset", "reference", "record"]
    geometry: str
    count: int


class Project:
    """One open project file. Use `create` or `open`; close it, or use it in ``with``.

    Attributes
    ----------
    shipped : Catalogue
        What comes with the program.
    catalogue : Catalogue
        The same with the project's own code lists; another one after these have changed, so it is
        asked for when it is needed.
    read_only_reason : str or None
        Why edits are off, in the user's language.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        catalogue: Catalogue,
        *,
        lock: WriterLock | None,
        read_only_reason: str | None,
        operator: str,
    ) -> None:
        self.path = path
        self.shipped = catalogue
        self.catalogue = migrations.own_catalogue(connection, catalogue)
        self.read_only_reason = read_only_reason
        self._db = connection
        self._lock = lock
        self._closed = False
        self.crs = project_file.crs(connection)
        self.store = GeoPackageStore(
            connection,
            path,
            project_file.stored_types(connection, catalogue),
            srs_id=self.crs.srs_id,
            make_layer=self._make_layer,
            renew_lists=self._renew_lists,
            read_only=read_only_reason is not None,
        )
        self.history = self.store.history
        self.deliveries = self.store.deliveries
        self.access = self.store.access
        self.media = media.Media(connection, path)
        self.session = EditSession(self.store, operator)
        # Before all others, who ask what the layers are now.
        self.session.listen(self._hear)
        self._arrange()

    # -- opening and closing -------------------------------------------------------------

    @classmethod
    def create(
        cls,
        path: Path,
        crs: str = DEFAULT,
        *,
        catalogue: Catalogue | None = None,
        title: str = "",
        operator: str = "",
        info: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Make a new, empty project and open it for writing.

        Parameters
        ----------
        crs : str
            A projected CRS in metres.
        info : mapping of str to str, optional
            Further facts for the project table, e.g. ``{"sample": "1"}``.

        Raises
        ------
        ProjectError, InputError
            If the file exists, cannot be written or the CRS does not fit.
        """
        catalogue = catalogue or catalogue_files.catalogue()
        project_file.create(path, catalogue, parse_project_crs(crs), title=title, info=info)
        return cls._open_for_writing(path, catalogue, operator, backup=False)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        write: bool = True,
        catalogue: Catalogue | None = None,
        operator: str = "",
        verify: bool = True,
        checked_later: bool = False,
    ) -> Self:
        """Open a project.

        Parameters
        ----------
        write : bool
            Take the right to write; without it nothing in the file changes.
        verify : bool
            Look at integrity first; only a second reader of a verified file leaves it out.
        checked_later : bool
            The caller shows a large file before `check` has looked at all of it; until
            `allow_edits` it is not written.

        Raises
        ------
        ProjectError
            If it is no project of ours, newer, damaged, or open elsewhere for writing.
        """
        catalogue = catalogue or catalogue_files.catalogue()
        later = checked_later and opening.may_be_checked_later(path, catalogue, write=write)
        if verify:
            opening.verify(path, sound=not later)
        if not write:
            reason = _("Opened for reading only.")
            connection = opening.reading(path, catalogue)
            project = cls(
                connection, path, catalogue, lock=None, read_only_reason=reason, operator=operator
            )
        else:
            project = cls._open_for_writing(
                path, catalogue, operator, backup=not later, unchecked=later
            )
        project.access.unchecked = later
        return project

    @classmethod
    def open_or_read(cls, path: Path, *, operator: str = "", checked_later: bool = False) -> Self:
        """Open for writing; where that cannot be, for reading, with the reason kept."""
        try:
            return cls.open(path, operator=operator, checked_later=checked_later)
        except (ProjectLocked, ReadOnlyProject) as error:
            project = cls.open(path, write=False, operator=operator, checked_later=checked_later)
            project.read_only_reason = str(error)
            return project

    def check(self, progress: Progress) -> None:
        """Look at every page of the file and make a backup if one is due; for another thread.

        Raises
        ------
        ProjectError
            If the file is damaged.
        Cancelled
            If `progress` says so.
        """
        opening.check(self.path, progress, backup=not self.read_only)

    def allow_edits(self) -> None:
        """Hear that the file is sound."""
        self.access.unchecked = False
        self.session.adopt_foreign()

    def refuse_edits(self, reason: str) -> None:
        """Hear that the file is not sound: it is only read from now on."""
        self.access.read_only, self.access.unchecked = True, False
        self.read_only_reason = reason

    @classmethod
    def _open_for_writing(
        cls,
        path: Path,
        catalogue: Catalogue,
        operator: str,
        *,
        backup: bool,
        unchecked: bool = False,
    ) -> Self:
        with opening.writing(path, catalogue, operator, backup=backup) as (connection, lock):
            project = cls(
                connection, path, catalogue, lock=lock, read_only_reason=None, operator=operator
            )
            project.access.unchecked = unchecked
            project.session.adopt_foreign()
        return project

    def reader(self) -> Project:
        """Open the same file again for reading, for another thread."""
        return Project.open(
            self.path,
            write=False,
            catalogue=self.shipped,
            verify=False,
            operator=self.session.operator,
        )

    @contextmanager
    def read_aside(self, progress: Progress) -> Iterator[Project]:
        """Open the same file again for reading, for another thread that reads very much.

        Raises
        ------
        Cancelled
            If `progress` says so.
        """
        with self.reader() as other:
            try:
                with database.stoppable(other._db, progress):
                    yield other
            except ProjectError:
                progress.check()
                raise

    @contextmanager
    def aside(self, progress: Progress) -> Iterator[Project]:
        """Open the same file again for writing, for another thread that stores something large.

        This one may be read meanwhile; it hears of what was stored by `take_up`.

        Raises
        ------
        ReadOnlyProject
            If it may not be written.
        Cancelled
            If `progress` says so; then nothing of what was being stored is.
        """
        self.access.refuse()
        with closing(database.connect(self.path, write=True)) as connection:
            database.use_wal(connection)
            other = Project(
                connection,
                self.path,
                self.shipped,
                lock=None,
                read_only_reason=None,
                operator=self.session.operator,
            )
            try:
                with database.stoppable(connection, progress):
                    yield other
            except ProjectError:
                # A store that was broken off says so in its own words.
                progress.check()
                raise

    def take_up(self, announcement: Announcement) -> Announcement:
        """Hear of a change that was stored `aside` as of one that was stored here."""
        if FACT in announcement.facts:
            self.store.types = project_file.stored_types(self._db, self.shipped)
        return self.session.take_up(announcement)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be read any more."""
        return self._closed

    def close(self) -> None:
        """Leave one plain file behind and give the right to write back."""
        if self._closed:
            return
        self._closed = True
        self.store.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what it holds -------------------------------------------------------------------

    @property
    def types(self) -> Mapping[str, AssetType]:
        """The layers' asset types in draw order, reference layers of one's own included."""
        return MappingProxyType(self._types)

    @property
    def map_types(self) -> Mapping[str, AssetType]:
        """The same without records, which the list of layers does not show."""
        return MappingProxyType(
            {k: asset for k, asset in self._types.items() if not asset.is_record}
        )

    @property
    def arrangement(self) -> Arrangement:
        """How the layers are arranged."""
        return self._arrangement

    @property
    def own_lists(self) -> OwnLists:
        """What the project says of the code lists."""
        return OwnLists.read(self.info(own_lists.FACT), self.shipped)

    @property
    def number_plan(self) -> NumberPlan:
        """What decides which component id a new feature gets here."""
        ranges = read_ranges(self.info(numbering.FACT))
        spare = SYNTHETIC_SERIALS if self.is_sample else numbering.REAL_SERIALS
        return NumberPlan(tuple(ranges), self.session.operator, spare=spare)

    @property
    def node_layers(self) -> tuple[str, ...]:
        """The layers of points that pipes end on."""
        return project_file.node_layers(self.types)

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """The layers in draw order, with their counts."""
        return tuple(
            LayerInfo(asset.id, asset.label, asset.kind, asset.geometry, self.store.count(asset.id))
            for asset in self._types.values()
        )

    @property
    def title(self) -> str:
        """The project's name for people."""
        return self.info("title") or self.path.stem

    @property
    def is_sample(self) -> bool:
        """Whether the data are invented and every print must say so."""
        return self.info("sample") == "1"

    @property
    def read_only(self) -> bool:
        """Whether edits are off."""
        return self.access.read_only

    def info(self, key: str) -> str | None:
        """Return a fact of the project table."""
        row = self._db.execute("SELECT value FROM hjgis_project WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row and row[0] is not None else None

    def set_info(self, key: str, value: str) -> None:
        """Keep a fact in the project table."""
        with database.transaction(self._db, self.path):
            self._db.execute("INSERT OR REPLACE INTO hjgis_project VALUES (?, ?)", (key, value))

    def extent(self, layer: str | None = None) -> Extent | None:
        """Return the box around one layer or all; None if there is nothing."""
        layers = [layer] if layer else list(self._types)
        return geometry_blob.union(self.store.extent(name) for name in layers)

    def count(self, layer: str) -> int:
        """Return the number of features of a layer."""
        return self.store.count(layer)

    def last_fid(self, layer: str) -> int:
        """Return the highest row number of a layer, 0 if it is empty."""
        return self.store.last_fid(layer)

    def content_sha256(self) -> str:
        """Return a digest over all rows by uuid, all fields but fid."""
        return self.store.content_sha256(self._types)

    def table(
        self,
        layer: str,
        names: Sequence[str] | None = None,
        *,
        fids: Iterable[int] | None = None,
        extent: Extent | None = None,
        geometry: bool = True,
    ) -> LayerTable:
        """Read columns of a layer; see `GeoPackageStore.table`."""
        return self.store.table(layer, names, fids=fids, extent=extent, geometry=geometry)

    # -- FeatureReader -------------------------------------------------------------------

    def asset_type(self, layer: str) -> AssetType:
        """Return what the features of `layer` are, also of an optional one that is yet to come."""
        return self._types.get(layer) or self.store.types.get(layer) or self.shipped.types[layer]

    def get(self, key: FeatureKey) -> Feature:
        """Return the stored feature; KeyError if there is none."""
        return self.store.get(key)

    def node(self, uuid: str) -> Feature | None:
        """Return the manhole or pipe point with this uuid."""
        return self.store.node(uuid)

    def get_many(self, keys: Iterable[FeatureKey]) -> list[Feature]:
        """Return the stored features, each once; KeyError if one is missing."""
        return self.store.get_many(keys)

    def known(self, keys: Iterable[FeatureKey]) -> dict[FeatureKey, Feature]:
        """Return those of some features that are stored."""
        return self.store.known(keys)

    def lines_ending_at_any(self, node_uuids: Iterable[str]) -> dict[str, tuple[Feature, ...]]:
        """Return for each node the pipes that end at it, by identity."""
        return self.store.lines_ending_at_any(node_uuids)

    def lines_ending_at(self, node_uuid: str) -> tuple[Feature, ...]:
        """Return the pipes that end at this node, by identity."""
        return self.store.lines_ending_at(node_uuid)

    def ends_at(self, node_uuids: Iterable[str]) -> list[LayerTable]:
        """Return ``from_node`` and ``to_node`` of the lines that end at some nodes."""
        return self.store.ends_at(node_uuids)

    def records_of(self, asset_uuids: Iterable[str]) -> tuple[Feature, ...]:
        """Return the records of all kinds that belong to some assets."""
        return self.store.records_of(asset_uuids)

    def last_changed(self, key: FeatureKey, field: str, *, but: str) -> str | None:
        """Return the ISO date on which a field was changed last, edits labelled `but`… left out."""
        return self.history.last_changed(key, field, but=but)

    def within(self, layer: str, extent: Extent) -> tuple[Feature, ...]:
        """Return features whose box meets the extent."""
        return self.store.within(layer, extent)

    def value_counts(self, layer: str, field: str) -> dict[str, int]:
        """Return how often each text is the value of a field, missing left out."""
        return self.store.value_counts(layer, field)

    def fids_with(self, layer: str, field: str, value: str) -> NDArray[np.int64]:
        """Return row numbers of the features with a value in a field."""
        return self.store.fids(layer, [Condition(field, "=", value)])

    def highest_serial(self, prefix: str, numbers: range) -> int | None:
        """Return the highest serial ever used behind county and class; None if there is none."""
        return serials.highest(self._db, self.store.types.values(), prefix, numbers)

    def used_serials(self, prefix: str, numbers: range) -> set[int]:
        """Return all serials ever used behind county and class."""
        return serials.used(self._db, self.store.types.values(), prefix, numbers)

    def known_ids(self, ids: Sequence[str]) -> Mapping[str, set[tuple[str, int]]]:
        """Return which component ids are or were in use, by layer and fid; by none: once."""
        return serials.known(self._db, self.store.types.values(), ids)

    # -- layers of one's own -------------------------------------------------------------

    @property
    def more_kinds(self) -> tuple[AssetType, ...]:
        """The optional kinds of the catalogue that the project does not have, or took out."""
        optional = (asset for asset in self.shipped.types.values() if asset.optional)
        return tuple(asset for asset in optional if asset.id not in self._types)

    def is_free(self, layer: str) -> bool:
        """Whether a new layer may have this id; one that was taken out keeps its own."""
        return layer not in self.store.types

    def _hear(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            self._arrange()
        if own_lists.FACT in announcement.facts:
            self.catalogue = self.own_lists.catalogue()

    def _arrange(self) -> None:
        self._arrangement = Arrangement.read(self.info(FACT))
        self._types = self._arrangement.arranged(self.store.types)

    def _renew_lists(self) -> None:
        own = self.own_lists.catalogue()
        schema.renew_code_lists(self._db, own)
        for asset in self.store.types.values():
            schema.describe_fields(self._db, asset, own)

    def _make_layer(self, asset: AssetType) -> None:
        if asset.id in self.store.types:
            raise ProjectError(_("There is a layer {layer} already.").format(layer=asset.id))
        known = list(self.shipped.types)
        position = known.index(asset.id) if asset.id in known else -1 - len(self.store.types)
        schema.create_layer(self._db, asset, self.catalogue, self.crs, position)
        media.create(self._db, (*self.store.types.values(), asset))
