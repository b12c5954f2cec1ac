"""Takes files to assets: reads them in the background, asks what must be asked, stores them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDateTime, QMimeData, QObject, QTemporaryDir
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QWidget

from hjgis.edits.attachments import FAR_M, attach, distance_m
from hjgis.exchange.pictures import MEGABYTE, in_megabytes, read_papers
from hjgis.i18n import _, ngettext_
from hjgis.layers.media import stage
from hjgis.layers.project import Project
from hjgis.models.attachments import Paper
from hjgis.models.changes import ChangeSet, Feature, FeatureKey
from hjgis.models.naming import called
from hjgis.progress import Progress
from hjgis.settings import Settings
from hjgis.ui.dialogs import confirming
from hjgis.ui.workspace import Workspace

_MOST_LISTED: Final = 8
Taker = Callable[[Sequence[Paper]], object]
Wanted = tuple[FeatureKey, Paper]
# Writes a megabyte in about 10 ms; what takes longer than the eye notices is written ahead.
_AT_ONCE_BYTES: Final = 4 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of files that were read: papers, and in words why others are none."""

    papers: list[Paper]
    refused: list[str]


class Attaching(QObject):
    """What strip, map, clipboard and camera folder do with the files that they get."""

    def __init__(self, workspace: Workspace, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._settings, self._window = workspace, settings, window
        # Pasted pictures lie here until they are stored; it goes with this object.
        self._pasted = QTemporaryDir()

    def take(self, paths: Sequence[Path], key: FeatureKey, *, record: str | None = None) -> None:
        """Attach files to an asset, or to a record of it by the record's uuid.

        What belongs to a locked layer is left as it is.
        """
        if key.layer in self._space.state.locked_layers:
            self._space.canvas.message.say(_("The layer is locked in the layer list."))
            return
        self.look_at(paths, partial(self._store, key, record=record))

    def look_at(self, paths: Sequence[Path], then: Taker, *, shrink: bool | None = None) -> None:
        """Read files in the background; what cannot be used is told, the rest goes to `then`."""
        crs, files = self._space.project.crs, list(paths)
        limit = self._settings.photo_limit_mb * MEGABYTE
        smaller = self._settings.shrink_photos if shrink is None else shrink

        def work(progress: Progress) -> Reading:
            return Reading(
                *read_papers(files, crs, limit_bytes=limit, shrink=smaller, progress=progress)
            )

        done = partial(self._consider, then, asked_for_smaller=smaller)
        self._space.jobs.run(work, done, title=_("Reading photos"))

    def take_pasted(self, mime: QMimeData | None, key: FeatureKey) -> bool:
        """Attach what is on the clipboard: files or a picture. Return whether there was any."""
        paths = files_in(mime)
        image = mime.imageData() if mime is not None and mime.hasImage() else None
        if not paths and isinstance(image, QImage):
            stamp = QDateTime.currentDateTime().toString("yyyyMMdd-HHmmss")
            path = Path(self._pasted.filePath(f"{_('pasted')}-{stamp}.png"))
            if image.save(str(path)):
                paths = [path]
        if paths:
            self.take(paths, key)
        return bool(paths)

    def _consider(self, then: Taker, reading: Reading, *, asked_for_smaller: bool) -> None:
        if reading.refused:
            self._tell_refused(reading.refused)
        papers = reading.papers
        too_large = [paper for paper in papers if paper.original_bytes is not None]
        others = len(papers) - len(too_large)
        if too_large and not asked_for_smaller and not self._may_shrink(too_large, others):
            papers = [paper for paper in papers if paper.original_bytes is None]
        if papers:
            then(papers)

    def _store(
        self, key: FeatureKey, papers: Sequence[Paper], *, record: str | None = None
    ) -> None:
        project = self._space.project
        feature = project.known([key]).get(key)
        if feature is None:
            self._space.canvas.message.say(_("The asset is no longer there."))
            return
        far = [
            (paper, distance)
            for paper in papers
            if (distance := distance_m(feature, paper)) is not None and distance > FAR_M
        ]
        name, others = feature_name(project, feature), len(papers) - len(far)
        if far and not self._put_anyway(far, name, others):
            gone = {id(paper) for paper, _distance in far}
            papers = [paper for paper in papers if id(paper) not in gone]
        self.store([(key, paper) for paper in papers], record=record)

    def store(
        self,
        wanted: Sequence[Wanted],
        then: Callable[[], object] | None = None,
        *,
        record: str | None = None,
    ) -> None:
        """Store papers with the assets that they are of; large ones are written ahead."""
        change = self._change(wanted, record)
        if not change:
            if wanted:
                self._space.canvas.message.say(_("These files are attached already."))
            return
        project, contents = self._space.project, change.contents
        small = sum(content.size_bytes for content in contents) <= _AT_ONCE_BYTES
        if small or project.read_only or project.access.unchecked:
            # Where nothing may be written, this says why.
            self._apply(wanted, then, record)
            return
        path = project.path

        def work(progress: Progress) -> None:
            stage(path, contents, progress)

        done = partial(self._staged, wanted, then, record)
        self._space.jobs.run(work, done, title=_("Storing photos"))

    def _staged(
        self,
        wanted: Sequence[Wanted],
        then: Callable[[], object] | None,
        record: str | None,
        _nothing: None,
    ) -> None:
        self._apply(wanted, then, record)

    def _apply(
        self, wanted: Sequence[Wanted], then: Callable[[], object] | None, record: str | None
    ) -> None:
        # While they were written, assets may have gone.
        change = self._change(wanted, record)
        if not self._space.apply(change):
            return
        count = len(change.changes)
        words = ngettext_("{count} file attached", "{count} files attached", count)
        remarks = {paper.remark for _key, paper in wanted if paper.remark}
        text = " ".join([words.format(count=count), *sorted(remarks)])
        self._space.canvas.message.say(text, _("Undo"), self._space.undo)
        if then is not None:
            then()

    def _change(self, wanted: Sequence[Wanted], record: str | None) -> ChangeSet:
        project = self._space.project
        there = project.known({key for key, _paper in wanted})
        still = [(key, paper) for key, paper in wanted if key in there]
        operator = project.session.operator
        return attach(project, still, photographer=operator, record=record)

    # -- questions -----------------------------------------------------------------------

    def _tell_refused(self, refused: Sequence[str]) -> None:
        count = len(refused)
        words = ngettext_(
            "{count} file cannot be attached:", "{count} files cannot be attached:", count
        )
        text = "\n".join([words.format(count=count), "", *_listed(refused)])
        QMessageBox.warning(self._window, _("Photos and papers"), text)

    def _may_shrink(self, papers: Sequence[Paper], others: int) -> bool:
        lines = [
            f"{paper.name}: {in_megabytes(paper.original_bytes or 0)}"
            f" → {in_megabytes(paper.content.size_bytes)}"
            for paper in papers
        ]
        limit = self._settings.photo_limit_mb
        words = _("Larger than {limit} MB. Store smaller pictures instead?").format(limit=limit)
        kept = _("The files themselves are not changed.")
        text = "\n".join([words, "", *_listed(lines), "", kept, *_without(others)])
        verb = _("Store smaller")
        return confirming.agreed(self._window, _("Photos and papers"), text, verb)

    def _put_anyway(self, far: Sequence[tuple[Paper, float]], name: str, others: int) -> bool:
        lines = [
            _("{path} was taken {distance:.0f} m from here.").format(
                path=paper.name, distance=distance
            )
            for paper, distance in far
        ]
        words = _("Attach to {name} anyway?").format(name=name)
        text = "\n".join([*_listed(lines), "", words, *_without(others)])
        verb = _("Attach anyway")
        return confirming.agreed(self._window, _("Photos and papers"), text, verb)


def feature_name(project: Project, feature: Feature) -> str:
    """Return what people call a feature of an open project."""
    asset = project.asset_type(feature.key.layer)
    return called(asset, feature.values, project.catalogue)


def files_in(mime: QMimeData | None) -> list[Path]:
    """Return the files that are dragged or copied; folders are left out."""
    if mime is None or not mime.hasUrls():
        return []
    names = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    return [path for path in map(Path, filter(None, names)) if path.is_file()]


def _without(others: int) -> list[str]:
    """Say what Cancel does where there are other files: it is no end of all."""
    words = ngettext_(
        "Cancel leaves these out; the other file is attached all the same.",
        "Cancel leaves these out; the other {count} files are attached all the same.",
        others,
    )
    return [words.format(count=others)] if others else []


def _listed(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _MOST_LISTED
    shown = list(lines[:_MOST_LISTED])
    return [*shown, _("… and {count} more").format(count=more)] if more > 0 else shown
