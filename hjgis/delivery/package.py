"""A package: made in a hidden folder, entered in the register, and then there all at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.delivery import destination, names
from hjgis.delivery import manifest as manifests
from hjgis.delivery.checked import write_check_report
from hjgis.delivery.excerpt import write_map
from hjgis.delivery.losses import write_losses
from hjgis.delivery.planning import Planned, writing
from hjgis.delivery.readme import write_readme
from hjgis.errors import HjgisError
from hjgis.exchange import exporting, photo_folder
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.exchange.shapefiles.dictionary import write_dictionary
from hjgis.exchange.unfinished import refuse_existing, unfinished
from hjgis.i18n import _, reason
from hjgis.layers.deliveries import State, now
from hjgis.layers.project import Project
from hjgis.models.attachments import plain_name
from hjgis.models.deliveries import Delivery
from hjgis.progress import SILENT, Progress

_NAME_LENGTH: Final = 30
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """What left the house: the entry of the register, and where it is.

    Attributes
    ----------
    path : Path
        The folder or archive; of a bare export what was asked for.
    report : ExportReport
        Files and losses.
    """

    entry: Delivery
    path: Path
    report: ExportReport


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A package that is whole but has no name yet: hand it over, or discard it.

    Attributes
    ----------
    state : State
        What the project held; the register can name no other.
    made : Path
        The hidden folder that all of it is in.
    moves : tuple of (Path, Path)
        What of it goes where.
    """

    entry: Delivery
    rows: Mapping[str, NDArray[np.int64]]
    state: State
    made: Path
    moves: tuple[tuple[Path, Path], ...]
    path: Path
    report: ExportReport

    def hand_over(self, project: Project) -> Delivered:
        """Enter it in the register and give it its name; nothing is left of it if that fails.

        Only if the machine stops in between is there an entry without a package.

        Raises
        ------
        ReadOnlyProject
            If the register cannot be written.
        HjgisError
            If something of that name is there by now, another delivery was entered meanwhile, or
            an edit has become part of the change that the package ends with.
        """
        try:
            if project.deliveries.next_number() != self.entry.number:
                raise HjgisError(_("Another delivery was made meanwhile; repeat this one."))
            if project.deliveries.state(self.state.change) != self.state:
                # The register names a change, which is no longer what was written.
                raise HjgisError(_changed())
            for _made, target in self.moves:
                refuse_existing(target)
            with destination.made_folder(self.moves[0][1].parent):
                entry = project.deliveries.enter(
                    self.entry, self.rows, operator=project.session.operator
                )
            self._move(entry)
        finally:
            self.discard()
        return Delivered(entry, self.path, self.report)

    def _move(self, entry: Delivery) -> None:
        moved: list[tuple[Path, Path]] = []
        try:
            for made, target in self.moves:
                made.rename(target)
                moved.append((made, target))
        except OSError as error:
            for made, target in moved:
                target.rename(made)
            message = _(
                "Delivery {name} stands in the register, but {path} could not be written: {error}"
                " Deliver the same again; the entry stays as that of a try."
            )
            raise HjgisError(
                message.format(name=entry.name, path=self.path, error=reason(error))
            ) from error

    def discard(self) -> None:
        """Take away what was made."""
        shutil.rmtree(self.made, ignore_errors=True)


def how_opened() -> str:
    """Return what whoever gets an encrypted archive must know."""
    return _(
        "Windows Explorer cannot open an encrypted archive: it needs 7-Zip, WinRAR or Bandizip, and"
        " the password, sent by another way."
    )


def suggested_name(project: Project, planned: Planned, day: dt.date) -> str:
    """Return what a package may be called: its secrecy first, then whose it is and for whom."""
    named = (project.title, planned.order.recipient.strip())
    words = (plain_name(re.sub(r"[/\\]", "_", name))[:_NAME_LENGTH] for name in named)
    return "_".join((planned.secrecy, *words, f"{day:%Y%m%d}"))


def build(
    project: Project,
    planned: Planned,
    out: Path,
    *,
    password: str | None = None,
    progress: Progress = SILENT,
) -> Built:
    """Make a package in a hidden folder beside its place; for another thread.

    Parameters
    ----------
    project : Project
        May be a reader of the open project.
    out : Path
        A folder that is not there yet, or an archive if it ends in ``.zip``.
    password : str, optional
        Encrypts the archive (AES-256); ASCII.

    Raises
    ------
    UsageError
        If a folder is to have a password, or one that other programs read otherwise.
    HjgisError
        If `out` is there already or cannot be written, or the project is not as it was planned.
    Cancelled
        If `progress` says so.
    """
    destination.check(out, password)
    archive = destination.is_archive(out)
    with unfinished(out.parent, out) as made, project.store.snapshot():
        entry = _entry(project, planned, out.name)
        root = made / _root_name(entry)
        root.mkdir()
        written = _write_data(project, planned, root, progress)
        _write_parts(project, planned, entry, written, root, progress)
        content = manifests.manifest(project, planned, entry, written, manifests.listed(root))
        as_bytes = manifests.as_bytes(content)
        (root / names.MANIFEST).write_bytes(as_bytes)
        entry = replace(entry, sha256=hashlib.sha256(as_bytes).hexdigest())
        files = [out / path.relative_to(root) for path in root.rglob("*") if path.is_file()]
        moment = dt.datetime.fromisoformat(entry.at).astimezone()
        whole = _archived(root, made, moment, password, progress) if archive else root
        layers = tuple(layer for layers in written.values() for layer in layers)
        report = ExportReport((out,) if archive else tuple(sorted(files)), layers)
        rows = planned.selection.rows
        return Built(entry, rows, planned.state, made, ((whole, out),), out, report)


def build_bare(
    project: Project,
    planned: Planned,
    out: Path,
    *,
    photos: bool = False,
    progress: Progress = SILENT,
) -> Built:
    """Make an export: the data alone, in the one format of the order; see `build`.

    Parameters
    ----------
    out : Path
        As `exporting.write` has it: a folder, or the one file.
    """
    (format_,) = planned.order.formats
    folder = format_ in exporting.FOLDERS
    exporting.check_place(project, out, planned.selection, writing(project, planned.order, format_))
    target = out if folder else out.parent
    with unfinished(destination.folder_above(out), target) as made, project.store.snapshot():
        entry = _entry(project, planned, out.name)
        home = made / "data"
        home.mkdir()
        report = exporting.write(
            project,
            home if folder else home / out.name,
            planned.selection,
            writing(project, planned.order, format_),
            photos=photos,
            progress=progress,
        )
        content = manifests.manifest(
            project, planned, entry, {format_: report.layers}, manifests.listed(home)
        )
        digest = hashlib.sha256(manifests.as_bytes(content)).hexdigest()
        moves = tuple((path, target / path.name) for path in sorted(home.iterdir()))
        files = tuple(target / path.relative_to(home) for path in report.files)
        return Built(
            replace(entry, sha256=digest),
            planned.selection.rows,
            planned.state,
            made,
            moves,
            out,
            ExportReport(files, report.layers),
        )


# -- contents ------------------------------------------------------------------------------


def _entry(project: Project, planned: Planned, package: str) -> Delivery:
    """Return the entry as it will be made; refuse a project that is another by now."""
    if project.deliveries.state() != planned.state:
        raise HjgisError(_changed())
    order = planned.order
    withheld = [
        {"layer": one.layer, "field": one.field, "count": one.count, "reason": one.reason}
        for one in planned.withheld
    ]
    return Delivery(
        number=project.deliveries.next_number(),
        uuid=str(uuid.uuid4()),
        at=now(),
        operator=project.session.operator,
        change=planned.state.change,
        recipient=order.recipient.strip(),
        purpose=order.purpose.strip(),
        secrecy=planned.secrecy,
        package=package,
        sha256="",
        area_km2=round(planned.area_km2, 3),
        counts=planned.counts,
        order={
            **order.to_json(),
            "fields": {layer: list(names) for layer, names in planned.selection.fields.items()},
            "area": planned.place,
            "withheld": withheld,
        },
    )


def _changed() -> str:
    return _("The project was changed since this delivery was worked out; do it again.")


def _root_name(entry: Delivery) -> str:
    """Return the name of the folder in an archive: secrecy and number."""
    return f"{entry.secrecy}_{entry.name}"


def _write_data(
    project: Project, planned: Planned, root: Path, progress: Progress
) -> dict[str, Sequence[LayerExport]]:
    written: dict[str, Sequence[LayerExport]] = {}
    for format_ in planned.foreseen:
        folder = root / names.DATA / format_
        folder.mkdir(parents=True)
        out = folder if format_ in exporting.FOLDERS else folder / f"{names.DATA}.{format_}"
        report = exporting.write(
            project,
            out,
            planned.selection,
            writing(project, planned.order, format_),
            dictionary=False,
            progress=progress,
        )
        written[format_] = report.layers
    return written


def _write_parts(
    project: Project,
    planned: Planned,
    entry: Delivery,
    written: Mapping[str, Sequence[LayerExport]],
    root: Path,
    progress: Progress,
) -> None:
    """Write what lies beside the data; the page that explains it last."""
    # Names of shapefiles are the only ones that are not plain.
    layers = written.get("shp") or next(iter(written.values()))
    write_dictionary(project, layers, root / exporting.DICTIONARY)
    write_losses(project, written, root / names.LOSSES)
    parts = planned.order.parts
    if "report" in parts:
        write_check_report(project, planned, root / names.CHECKS, progress=progress)
    if "map" in parts:
        out = root / names.MAP
        write_map(project, planned, entry, out, progress=progress)
    if "photos" in parts:
        going = planned.selection.outgoing(project, project.crs)
        uuids = {one.asset.id: one.uuids() for one in going if not one.asset.is_record}
        photo_folder.write(project, uuids, root / names.PHOTOS, progress)
    write_readme(project, planned, entry, written, root)


def _archived(
    root: Path, made: Path, moment: dt.datetime, password: str | None, progress: Progress
) -> Path:
    """Return the archive of a folder, encrypted if there is a password."""
    import pyzipper

    whole = made / "package.zip"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    secret = {"encryption": pyzipper.WZ_AES} if password is not None else {}
    with pyzipper.AESZipFile(whole, "w", compression=pyzipper.ZIP_DEFLATED, **secret) as archive:
        if password is not None:
            archive.setpassword(password.encode())
        for number, path in enumerate(files):
            progress.report(number, len(files), "archive")
            progress.check()
            # All of one moment, so that the same content makes the same archive.
            member = archive.zipinfo_cls.from_file(path, path.relative_to(made).as_posix())
            member.date_time = moment.timetuple()[:6]
            member.compress_type = pyzipper.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    return whole
