"""Shapefiles whose every byte is decided here: names, widths, language byte, what is lost.

Other writers grow widths, drop characters that the encoding lacks and cut text in the middle of
one, all without a word. So all values are looked at before the first byte is written: that gives
the widths, and the list of what will be lost. Then the rows are written, lot by lot, and what the
files say of themselves and each of their texts is read back.

Columns: text is C, of as many bytes as its longest value, at most 254; a date D; a date-time C, as
``2020-06-15 15:25:00``; a yes/no N of one digit (1, 0, blank); a whole number N of as many digits
as its longest value, C if one has more than 18 (readers take that for a floating number); a number
N of 19 bytes with as many decimals as bring every value back. Missing is blank. Empty text is
blank, too, and listed as lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange import marks
from hjgis.exchange.outgoing import LOT, Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.shapefiles import dbf_check, dbf_records, look_beside, shape_records
from hjgis.exchange.shapefiles.column_names import column_names
from hjgis.exchange.shapefiles.dbf_records import Column, NumberColumn, Trouble
from hjgis.exchange.shapefiles.shape_records import Shapes
from hjgis.exchange.unfinished import cannot_write
from hjgis.i18n import _
from hjgis.models.assets import Field
from hjgis.models.reading import StoredLot
from hjgis.progress import SILENT, Progress

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
UUID_NAME: Final = "UUID"
# Offsets are counted in words of two bytes and signed; most programs stop at 2 GB anyhow.
LARGEST: Final = 2**31 - 1
_COLUMNS: Final = 255
_PAGES: Final = {"gbk": "936", "utf-8": "UTF-8"}
# Of losses: what is not in a column.
_PLACE: Final = "geometry"
_UUID_FIELD: Final = Field("uuid", "text", {}, UUID_NAME, "identity")


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return column names and what will be lost of each layer; nothing is written.

    Raises
    ------
    InputError
        If a layer has more columns than a shapefile holds, or the system no name.
    """
    return [plan.told for plan in _plans(going, writing, LARGEST, progress)]


def write(
    going: Sequence[Outgoing],
    path: Path,
    writing: Writing,
    *,
    largest: int = LARGEST,
    progress: Progress = SILENT,
) -> list[LayerExport]:
    """Write layers into a folder; a table without geometry becomes a ``.dbf`` alone.

    Parameters
    ----------
    largest : int
        Bytes of a file; what has more goes into several, ``_1``, ``_2`` and so on.

    Raises
    ------
    InputError
        If a file cannot be written, or does not say what it should when read back, or a layer has
        more columns than a shapefile holds.
    """
    plans = _plans(going, writing, largest, progress)
    for plan in plans:
        for name, part in plan.files():
            _write(path / name, plan, part, writing, progress)
    return [plan.told for plan in plans]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a layer becomes.

    Attributes
    ----------
    z : bool
        Whether its shapes have heights.
    ends : tuple of int
        Behind which rows a file ends.
    """

    one: Outgoing
    columns: tuple[Column, ...]
    z: bool
    ends: tuple[int, ...]
    told: LayerExport

    def files(self) -> Iterator[tuple[str, Outgoing]]:
        """Yield the name of each file without its ending, and what goes into it."""
        for number, (start, end) in enumerate(zip((0, *self.ends), self.ends, strict=False), 1):
            name = self.one.asset.id
            yield (
                f"{name}_{number}" if len(self.ends) > 1 else name,
                self.one.part(slice(start, end)),
            )


def _plans(
    going: Sequence[Outgoing], writing: Writing, largest: int, progress: Progress
) -> list[_Plan]:
    # Before anything is written it is known whether the system can be named.
    writing.crs.esri_wkt()
    return [_plan(one, writing, largest, progress) for one in going]


def _plan(one: Outgoing, writing: Writing, largest: int, progress: Progress) -> _Plan:
    columns = _columns(one, writing)
    look = _Look(one, columns)
    look.all_rows(progress)
    head = 33 + 32 * len(columns)
    # No file more for the sake of blanks.
    spare = largest - head - 1 - len(one) * dbf_records.record_bytes(columns)
    dbf_records.give_room(columns, len(one), most=spare)
    record = dbf_records.record_bytes(columns)
    sizes = look.shape_bytes(z=look.z)
    most = (largest - head - 1) // record, largest - shape_records.HEADER_BYTES
    ends = _ends(one.asset.id, sizes, *most)
    names = {c.field: c.name.decode(writing.encoding) for c in columns}
    notes = []
    if len(ends) > 1:
        words = _("{layer} is more than a file holds and is in {count} files, _1 to _{count}")
        notes.append(words.format(layer=one.asset.id, count=len(ends)))
    told = LayerExport(
        one.asset.id, len(one), names, tuple(look.losses(names)), one.asset.secrecy, tuple(notes)
    )
    return _Plan(one, tuple(columns), look.z, ends, told)


def _columns(one: Outgoing, writing: Writing) -> list[Column]:
    fields = (_UUID_FIELD, *one.asset.fields)
    names = column_names([field.short or field.name for field in fields], writing.encoding)
    if len(fields) > _COLUMNS:
        _refuse_columns(one)
    return [
        dbf_records.column_of(field, name, writing.encoding, writing.substitute)
        for field, name in zip(fields, names, strict=True)
    ]


def _refuse_columns(one: Outgoing) -> None:
    """Say what may be left out: what holds nothing, and then what comes last."""
    used: set[str] = set()
    for table in one.lots():
        used |= {name for name, column in table.columns.items() if (column != None).any()}  # noqa: E711
    spare = [*reversed(one.asset.field_names)]
    spare.sort(key=lambda name: name in used)
    count = 1 + len(one.asset.fields) - _COLUMNS
    message = _(
        "{layer} has {count} columns, a shapefile holds {most}. Leave out {over} fields, for"
        " example: {names}."
    )
    raise InputError(
        message.format(
            layer=one.asset.id, count=1 + len(one.asset.fields), most=_COLUMNS, over=count,
            names=", ".join(spare[:count]),
        )
    )  # fmt: skip


class _Look:
    """Looks at all rows of a layer and gathers what will be lost."""

    def __init__(self, one: Outgoing, columns: Sequence[Column]) -> None:
        self._one, self._columns = one, columns
        self._found: dict[str, list[Loss]] = {_PLACE: [], **{c.field: [] for c in columns}}
        self._points: list[NDArray[np.int64]] = []
        self._has_z: list[NDArray[np.bool_]] = []
        self._sizes: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    @property
    def z(self) -> bool:
        """Whether some shape has heights."""
        return any(part.any() for part in self._has_z)

    def all_rows(self, progress: Progress) -> None:
        """Read the layer."""
        spatial = self._one.asset.is_spatial
        for number, lot in enumerate(self._one.stored(geometry=spatial, blanks=True)):
            progress.report(number * LOT, len(self._one), self._one.asset.id)
            progress.check()
            for column in self._columns:
                self._note(lot, column.field, column.look(lot))
            if spatial:
                shapes = shape_records.shapes_of(lot.shapes, self._one.asset.geometry)
                self._note(lot, _PLACE, (Trouble(r, _PLACE, words) for r, words in shapes.troubles))
                self._has_z.append(shapes.has_z)
                self._points.append(shapes.points)
                self._sizes.append((shapes.words(z=False), shapes.words(z=True)))
        self._again(progress)

    def _again(self, progress: Progress) -> None:
        """Look once more at what only the whole layer told: decimals, and heights of some rows."""
        rounding = [c for c in self._columns if isinstance(c, NumberColumn) and c.rounds]
        flat = self.z and not all(part.all() for part in self._has_z)
        if not rounding and not flat:
            return
        lots = self._one.stored([column.field for column in rounding], geometry=False)
        for at, lot in enumerate(lots):
            progress.check()
            for column in rounding:
                self._note(lot, column.field, column.rounded(lot))
            if flat:
                rows = np.flatnonzero(~self._has_z[at] & (self._points[at] > 0)).tolist()
                words = _("has no height, others of the layer have; written with height 0")
                self._note(lot, _PLACE, (Trouble(row, _PLACE, words) for row in rows))

    def _note(self, lot: StoredLot, field: str, troubles: Iterator[Trouble]) -> None:
        told = list(troubles)
        if not told:
            return
        uuids = lot.texts["uuid"].texts()
        self._found[field] += [Loss(field, uuids[t.row], t.kind, t.message) for t in told]

    def shape_bytes(self, *, z: bool) -> NDArray[np.int64]:
        """Return how many bytes the record of each row takes in the ``.shp``."""
        if not self._sizes:
            return np.zeros(len(self._one), np.int64)
        return np.concatenate([(both[z] + 2) * 4 for both in self._sizes])

    def losses(self, names: Mapping[str, str]) -> Iterator[Loss]:
        """Yield all losses: those of names first, then column by column."""
        for field in self._one.asset.fields:
            if names[field.name] != field.short:
                words = _("the column is called {name}, not {wanted}")
                said = words.format(name=names[field.name], wanted=field.short)
                yield Loss(field.name, "", "truncated", said)
        for found in self._found.values():
            yield from found


def _ends(layer: str, sizes: NDArray[np.int64], most_rows: int, most_bytes: int) -> tuple[int, ...]:
    """Return behind which rows a file is full."""
    total = np.cumsum(sizes)
    ends, start, before = [], 0, 0
    while True:
        full = int(np.searchsorted(total, before + most_bytes, side="right"))
        end = min(start + most_rows, full, len(sizes))
        ends.append(end)
        if end == len(sizes):
            return tuple(ends)
        if end == start:
            message = _("{layer}: one record alone is more than a file holds.")
            raise InputError(message.format(layer=layer))
        start, before = end, int(total[end - 1])


def _write(file: Path, plan: _Plan, part: Outgoing, writing: Writing, progress: Progress) -> None:
    """Write one table and, of a layer with places, its shapes; `file` has no ending yet."""
    spatial = plan.one.asset.is_spatial
    try:
        _write_records(file, plan, part, writing, progress)
        _named(file, ".cpg").write_text(_PAGES[writing.encoding], "ascii")
        if spatial:
            _named(file, ".prj").write_text(writing.crs.esri_wkt(), "utf-8")
        if spatial and writing.crs.is_geographic:
            marks.write_note(_named(file, ".shp"))
        if spatial and writing.symbols:
            project, going = plan.one.project, plan.one.asset
            whole, names = project.asset_type(going.id), plan.told.names
            text = look_beside.look(whole, going, names, project.catalogue)
            _named(file, look_beside.ENDING).write_text(text, "utf-8")
        dbf_check.check(_named(file, ".dbf"), plan.columns, len(part), writing.encoding)
    except OSError as error:
        raise cannot_write(_named(file, ".dbf"), error) from error


def _named(file: Path, ending: str) -> Path:
    # A layer's name may have a full stop in it.
    return file.with_name(file.name + ending)


def _write_records(
    file: Path, plan: _Plan, part: Outgoing, writing: Writing, progress: Progress
) -> None:
    spatial = plan.one.asset.is_spatial
    with ExitStack() as open_files:

        def made(ending: str) -> BinaryIO:
            return open_files.enter_context(_named(file, ending).open("xb"))

        table = made(".dbf")
        table.write(dbf_records.header(plan.columns, len(part), writing.encoding))
        shapes = _ShapeFiles(made(".shp"), made(".shx"), plan) if spatial else None
        for number, lot in enumerate(part.stored(geometry=spatial)):
            progress.report(number * LOT, len(part), file.name)
            progress.check()
            table.write(dbf_records.records(plan.columns, lot).data)
            if shapes is not None:
                shapes.add(shape_records.shapes_of(lot.shapes, plan.one.asset.geometry))
        table.write(b"\x1a")
        if shapes is not None:
            shapes.finish()


class _ShapeFiles:
    """A ``.shp`` and its ``.shx`` that grow; their heads come last."""

    def __init__(self, shp: BinaryIO, shx: BinaryIO, plan: _Plan) -> None:
        self._shp, self._shx, self._plan = shp, shx, plan
        self._box = np.array([[np.inf] * 3, [-np.inf] * 3])
        self._rows, self._size = 0, shape_records.HEADER_BYTES
        for out in (shp, shx):
            out.write(bytes(shape_records.HEADER_BYTES))

    def add(self, shapes: Shapes) -> None:
        """Write the shapes of some rows, in the system of the files."""
        transform = self._plan.one.transform
        if not transform.identity:
            shapes = shapes.moved(*transform.finite_points(*shapes.xyz.T[:2]))
        words, sizes, box = shape_records.records(shapes, self._rows + 1, z=self._plan.z)
        self._shp.write(words.data)
        self._shx.write(shape_records.index(sizes, self._size))
        self._rows += len(sizes)
        self._size += 4 * len(words)
        self._box = np.stack([np.minimum(self._box[0], box[0]), np.maximum(self._box[1], box[1])])

    def finish(self) -> None:
        """Write the heads."""
        kind = self._plan.one.asset.geometry.removeprefix("Multi")
        index = shape_records.HEADER_BYTES + shape_records.INDEX_BYTES * self._rows
        for out, size in ((self._shp, self._size), (self._shx, index)):
            out.seek(0)
            out.write(shape_records.header(kind, size, self._box, z=self._plan.z))
