"""Photos and papers in the window: strip, viewer, folders, and what their actions do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QScrollArea, QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.edits.attachments import bring_over
from hjgis.errors import HjgisError
from hjgis.exchange.pictures import in_megabytes
from hjgis.i18n import _, ngettext_
from hjgis.layers.media import stage
from hjgis.layers.media_files import Brought, attachments_in
from hjgis.models.attachments import Paper
from hjgis.models.changes import Extent, FeatureKey
from hjgis.progress import Progress
from hjgis.settings import Settings
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs import confirming
from hjgis.ui.memory import memory
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.panels.photos import PhotoStrip
from hjgis.ui.photos.attaching import Attaching
from hjgis.ui.photos.camera_folder import CameraFolder
from hjgis.ui.photos.photo_drop import PhotoDrop
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.match_photos import MatchDialog
    from hjgis.ui.dialogs.photo_viewer import PhotoViewer

_REMEMBERED: Final = "camera_folder"


class Photographs(QObject):
    """What the photo actions of the window do.

    Parameters
    ----------
    memory : Path, optional
        The file that remembers which folder was watched last; never the project.
    """

    camera_changed = Signal(bool)

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        window: QWidget,
        *,
        memory: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._space, self._window, self._memory = workspace, window, memory
        self.attaching = Attaching(workspace, settings, window)
        self.strip = PhotoStrip(workspace.project, workspace.bridge, self.attaching)
        self.camera = CameraFolder(self)
        self.drop = PhotoDrop(workspace, self)
        self._viewer: PhotoViewer | None = None
        self._match: MatchDialog | None = None
        self.strip.wanted.connect(workspace.carry_out)
        self.strip.add_requested.connect(self.ask_files)
        self.strip.view_requested.connect(self.show_viewer)
        self.strip.camera_toggled.connect(self.toggle_camera)
        self.drop.dropped.connect(self._take_dropped)
        self.camera.arrived.connect(self._take_new)
        self.camera.changed.connect(self._tell_camera)
        self.camera.lost.connect(self._tell_lost)

    def show_in(self, form: AttributesPanel, watching: QAction) -> None:
        """Put the strip into the form, and let an action say whether a folder is watched."""
        form.add_part(_("Photos and papers"), self.strip)
        self.camera_changed.connect(watching.setChecked)

    def scroll_to_strip(self) -> None:
        """Let the strip be seen in the form."""
        place = self.strip.parentWidget()
        while place is not None and not isinstance(place, QScrollArea):
            place = place.parentWidget()
        if place is not None:
            place.ensureWidgetVisible(self.strip)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "photo-add": self._add_to_selected,
            "photos": self._look_at_selected,
            "photos-match": self.show_match,
            "camera-folder": self.toggle_camera,
            "photos-bring": self._ask_other_file,
            "photos-clean": self._clean,
        }

    # -- one asset -----------------------------------------------------------------------

    def ask_files(self, key: FeatureKey, record: str | None = None) -> None:
        """Ask for files and attach them to an asset, or to a record of it."""
        kinds = _("Photos and papers ({endings})").format(
            endings="*.jpg *.jpeg *.png *.tif *.tiff *.webp *.bmp *.gif *.pdf *.doc *.docx"
            " *.xls *.xlsx *.dwg *.txt *.ofd"
        )
        chosen, _kind = file_dialogs.open_files(
            self._window,
            _("Add photos or papers"),
            str(Path.home()),
            ";;".join((kinds, _("All files (*)"))),
        )
        if chosen:
            self.attaching.take([Path(name) for name in chosen], key, record=record)

    def show_viewer(self, asset: FeatureKey, first: FeatureKey | None = None) -> PhotoViewer:
        """Show the attachments of an asset large; the window stays open beside the map."""
        from hjgis.ui.dialogs.photo_viewer import PhotoViewer

        space = self._space
        if self._viewer is None:
            self._viewer = PhotoViewer(space.project, space.bridge, space.jobs, self._window)
            self._viewer.place_wanted.connect(self._show_place)
        self._viewer.show_asset(asset, first)
        self._viewer.show()
        self._viewer.raise_()
        return self._viewer

    def _selected(self) -> FeatureKey | None:
        """Return the one asset that is selected; say it where it is not one."""
        keys = self._space.selection.keys(self._space.project) if len(self._space.selection) else []
        if len(keys) == 1 and keys[0].layer in self._space.project.map_types:
            return keys[0]
        self._space.canvas.message.say(_("Select one asset alone to see its photos."))
        return None

    def _add_to_selected(self) -> None:
        key = self._selected()
        if key is not None:
            self.ask_files(key)

    def _look_at_selected(self) -> None:
        key = self._selected()
        if key is not None:
            self.show_viewer(key)

    def _take_dropped(self, paths: Sequence[Path], key: FeatureKey) -> None:
        project = self._space.project
        self._space.selection.set(key.layer, [project.store.fid(key)])
        self.attaching.take(paths, key)

    def _show_place(self, around: Extent | None, shapes: tuple[BaseGeometry, ...]) -> None:
        self._space.canvas.show_past(shapes)
        if around is not None:
            self._space.canvas.show_extent(around)

    # -- folders -------------------------------------------------------------------------

    def show_match(self) -> MatchDialog:
        """Show the window that shares out photos; it stays open beside the map."""
        from hjgis.ui.dialogs.match_photos import MatchDialog

        space = self._space
        if self._match is None:
            self._match = MatchDialog(space.project, space.jobs, self.attaching, self._window)
            self._match.feature_wanted.connect(self._show_feature)
        self._match.show()
        self._match.raise_()
        return self._match

    def toggle_camera(self) -> None:
        """Watch a folder that is asked for, or no more."""
        if self.camera.folder is not None:
            self.camera.stop()
            return
        start = self._remembered() or str(Path.home())
        title = _("Folder in which new photos appear")
        chosen = file_dialogs.folder(self._window, title, start)
        if chosen:
            self.watch(Path(chosen))
        else:
            self._tell_camera()

    def watch(self, folder: Path) -> None:
        """Watch a camera folder, and remember it for the next time."""
        self.camera.watch(folder)
        if self._memory is not None:
            kept = memory(self._memory)
            kept.setValue(_REMEMBERED, str(folder))
        words = _("New photos in {folder} go to the selected asset.")
        self._space.canvas.message.say(words.format(folder=folder.name))

    def _remembered(self) -> str:
        if self._memory is None:
            return ""
        kept = memory(self._memory).value(_REMEMBERED, "")
        return str(kept) if Path(str(kept)).is_dir() else ""

    def _take_new(self, paths: Sequence[Path]) -> None:
        """Attach new photos to the selected asset; propose one where none is selected."""
        space = self._space
        if space.project.is_closed:
            # The window goes; the folder has told of something meanwhile.
            self.camera.stop()
            return
        keys = space.selection.keys(space.project) if len(space.selection) == 1 else []
        if len(keys) == 1 and keys[0].layer in space.project.map_types:
            self.attaching.take(paths, keys[0])
        else:
            self.attaching.look_at(paths, self._propose_new)

    def _propose_new(self, papers: Sequence[Paper]) -> None:
        self.show_match().add(papers)

    def _tell_camera(self) -> None:
        folder = self.camera.folder
        self.strip.show_camera(on=folder is not None, where=str(folder or ""))
        self.camera_changed.emit(folder is not None)

    def _tell_lost(self, folder: Path) -> None:
        words = _("The camera folder {folder} is gone; it is watched no more.")
        self._space.canvas.message.say(words.format(folder=folder.name))

    def _show_feature(self, key: FeatureKey) -> None:
        self._space.selection.set(key.layer, [self._space.project.store.fid(key)])
        self._space.zoom_to_selection()

    def _ask_other_file(self) -> None:
        kinds = _("GeoPackages (*.gpkg)")
        title = _("Photos of another file")
        chosen = file_dialogs.open_file(self._window, title, str(Path.home()), kinds)[0]
        if chosen:
            self.bring_over(Path(chosen))

    def bring_over(self, path: Path) -> None:
        """Take over the photos and papers of those assets of a file that are here."""
        opened_now = self._space.project
        reader, project = opened_now.reader, opened_now.path
        if opened_now.read_only or opened_now.access.unchecked:
            words = opened_now.read_only_reason or _("The file is still being checked.")
            self._space.canvas.message.say(words)
            return

        def work(progress: Progress) -> Brought:
            found = attachments_in(path)
            with reader() as opened:
                change = bring_over(opened, found.records, found.contents)
            stage(project, change.contents, progress)
            return found

        self._space.jobs.run(work, self._take_over, title=_("Reading photos"))

    def _take_over(self, found: Brought) -> None:
        # While they were written, assets may have gone.
        change = bring_over(self._space.project, found.records, found.contents)
        if not change:
            words = _(
                "None of the {count} photos and papers is new and of an asset in this project."
            )
            self._space.canvas.message.say(words.format(count=len(found.records)))
            return
        self._space.carry_out(lambda: change)

    # -- the file ------------------------------------------------------------------------

    def _clean(self) -> None:
        """Say what could go, ask, and take it out."""
        media = self._space.project.media
        there, loose = media.stock(), media.unneeded()
        if not loose.count:
            words = ngettext_(
                "{count} photo or paper with {size} is in the project; all are needed by"
                " attachments or the history.",
                "{count} photos and papers with {size} are in the project; all are needed by"
                " attachments or the history.",
                there.count,
            )
            text = words.format(count=there.count, size=in_megabytes(there.size_bytes))
            QMessageBox.information(self._window, _("Clean up photos"), text)
            return
        words = ngettext_(
            "{count} photo or paper with {size} is no longer needed by any attachment or change"
            " in the history. Take it out of the file? This cannot be undone.",
            "{count} photos and papers with {size} are no longer needed by any attachment or"
            " change in the history. Take them out of the file? This cannot be undone.",
            loose.count,
        )
        text = words.format(count=loose.count, size=in_megabytes(loose.size_bytes))
        verb = ngettext_("Take out {count} file", "Take out {count} files", loose.count)
        verb = verb.format(count=loose.count)
        if not confirming.agreed(self._window, _("Clean up photos"), text, verb, final=True):
            return
        try:
            gone = media.clean()
        except HjgisError as error:
            self._space.failed.emit(error)
            return
        words = _("{size} taken out; a copy of the project (Save a copy) is smaller by that.")
        self._space.canvas.message.say(words.format(size=in_megabytes(gone.size_bytes)))
