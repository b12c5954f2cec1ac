"""What an import or export tells: every row accounted for, every loss named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hjgis.errors import InputError
from hjgis.exchange.csv_files import write_csv
from hjgis.i18n import _, reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of trouble in a source.

    Attributes
    ----------
    row : int or None
        First record that has it, counted from 1; None when it is not a matter of rows.
    count : int
        How many records have it.
    rows : str
        All of them, e.g. ``3, 7-12, 40``; empty when it is not a matter of rows.
    """

    row: int | None
    field: str | None
    kind: str
    message: str
    count: int = 1
    rows: str = ""

    @classmethod
    def of_rows(
        cls, rows: Sequence[int], field_name: str | None, kind: str, message: str
    ) -> Problem:
        """Return the trouble that some records have, one row for each time."""
        return cls(rows[0], field_name, kind, message, len(rows), in_ranges(rows))


class Problems:
    """Gathers problems; the same kind, field and message is one entry with a count."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, str, str], _Gathered] = {}
        self._where = ""

    def of(self, where: str) -> Problems:
        """Return a place for the problems of one table among several; they are listed here."""
        part = Problems()
        part._found, part._where = self._found, where
        return part

    def add(
        self, row: int | None, field_name: str | None, kind: str, message: str, *, count: int = 1
    ) -> None:
        """Note a problem of one record, or of `count`."""
        message = f"{self._where}: {message}" if self._where else message
        found = self._found.setdefault((field_name, kind, message), _Gathered())
        found.count += count
        if row is not None:
            found.rows.append(row)

    def include(self, problem: Problem) -> None:
        """Note a problem that a reader has gathered, with its rows."""
        self.add(None, problem.field, problem.kind, problem.message, count=problem.count)
        if problem.row is not None:
            message = f"{self._where}: {problem.message}" if self._where else problem.message
            found = self._found[problem.field, problem.kind, message]
            found.gathered.append((problem.row, problem.rows or str(problem.row)))

    def listed(self) -> tuple[Problem, ...]:
        """Return the problems: those of the whole file first, then by first record."""
        problems = [
            Problem(found.first, *key, found.count, found.in_words)
            for key, found in self._found.items()
        ]
        return tuple(sorted(problems, key=lambda p: (p.row or 0, p.kind, p.field or "")))


@dataclass(slots=True)
class _Gathered:
    """How many records have one trouble, and which."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    gathered: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first(self) -> int | None:
        """The first record that was noted."""
        return next(iter([*self.rows[:1], *(row for row, _rows in self.gathered)]), None)

    @property
    def in_words(self) -> str:
        """All records, as people write them down."""
        own = [in_ranges(self.rows)] if self.rows else []
        return ", ".join([*own, *(rows for _row, rows in self.gathered)])


def in_ranges(rows: Sequence[int]) -> str:
    """Return numbers as people write them down: ``3, 7-12, 40``."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def from_ranges(text: str) -> list[tuple[int, int]]:
    """Return the runs of numbers that `in_ranges` has written, first and last of each."""
    runs = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        low, dash, high = part.partition("-")
        runs.append((int(low), int(high if dash else low)))
    return runs


@dataclass(frozen=True, slots=True)
class LayerImport:
    """What became of the records of a source in one of the layers that it fills."""

    layer: str
    imported: int
    matched: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a source's records: ``read == imported + matched + rejected``.

    Attributes
    ----------
    matched : int
        Records that are features of the project already; `unchanged` of them say nothing new,
        `updated` were taken over.
    missing : int
        Features that the file should have and has not; `deleted` of them were taken out.
    """

    source: str
    layer: str
    read: int
    imported: int
    rejected: int
    encoding: str
    encoding_source: str
    crs: str | None
    crs_source: str
    transform: str
    problems: tuple[Problem, ...]
    matched: int = 0
    unchanged: int = 0
    missing: int = 0
    updated: int = 0
    deleted: int = 0
    layers: tuple[LayerImport, ...] = ()

    def stored(self, take: Collection[str], changed: int) -> ImportReport:
        """Return the report of an import that was carried out; `changed` could be taken over."""
        return replace(
            self,
            imported=self.imported if "new" in take else 0,
            updated=changed if "changed" in take else 0,
            deleted=self.missing if "missing" in take else 0,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the report as scripts read it; `layers` only where there are several."""
        parts = {"layers": [asdict(part) for part in self.layers]} if self.layers else {}
        return {
            "source": self.source,
            "layer": self.layer,
            "read": self.read,
            "imported": self.imported,
            "rejected": self.rejected,
            "matched": self.matched,
            "unchanged": self.unchanged,
            "updated": self.updated,
            "missing": self.missing,
            "deleted": self.deleted,
            "encoding": self.encoding,
            "encoding_source": self.encoding_source,
            "crs": self.crs,
            "crs_source": self.crs_source,
            "transform": self.transform,
            **parts,
            "problems": [
                {
                    "row": p.row,
                    "field": p.field,
                    "kind": p.kind,
                    "count": p.count,
                    "message": p.message,
                    "rows": p.rows,
                }
                for p in self.problems
            ],
        }


def write_problems(report: ImportReport, path: Path) -> None:
    """Write the problems of an import as a CSV that a spreadsheet opens with a double click.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    heading = (_("Rows"), _("Count"), _("Column"), _("Kind"), _("What"))
    rows = [(p.rows, p.count, p.field or "", p.kind, p.message) for p in report.problems]
    try:
        write_csv(path, (heading, *rows))
    except OSError as error:
        raise InputError(_("{path}: {error}").format(path=path, error=reason(error))) from error


@dataclass(frozen=True, slots=True)
class Loss:
    """One value that a format cannot hold as it is; without a uuid, of the column or the layer."""

    field: str
    uuid: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class LayerExport:
    """What was written of one layer; `names` maps field to column.

    Attributes
    ----------
    notes : tuple of str
        What whoever gets the files must know of them, in words.
    """

    name: str
    written: int
    names: Mapping[str, str]
    losses: tuple[Loss, ...] = ()
    secrecy: str = "public"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Files written and what was lost on the way."""

    files: tuple[Path, ...]
    layers: tuple[LayerExport, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the report as scripts read it."""
        return {
            "files": [str(path) for path in self.files],
            "layers": [
                {
                    "name": layer.name,
                    "written": layer.written,
                    "names": dict(layer.names),
                    "secrecy": layer.secrecy,
                    **({"notes": list(layer.notes)} if layer.notes else {}),
                    "losses": [
                        {"field": e.field, "uuid": e.uuid, "kind": e.kind, "message": e.message}
                        for e in layer.losses
                    ],
                }
                for layer in self.layers
            ],
        }
