"""The application: Qt itself, the window in use, the last net for our own faults."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QMessageBox

from hjgis import i18n, logs, paths, settings
from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models import operators
from hjgis.render.fonts import FAMILIES, missing_chinese_font
from hjgis.ui import file_dialogs, glimpses, theme
from hjgis.ui.binding import GarbageCollector, complete_types
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.crash import CrashDialog
from hjgis.ui.keyboard import Keyboard
from hjgis.ui.main_window import MainWindow, layout_file
from hjgis.ui.on_screen import OnScreen
from hjgis.ui.preloading import Preloading

_log = logging.getLogger("hjgis.ui")


def run(project: Path | None, argv: Sequence[str]) -> int:
    """Open the window and stay until it is closed."""
    application = start_qt(argv)
    desk = Desk(application)
    faults = Faults(application)
    faults.happened.connect(desk.show_fault, Qt.ConnectionType.QueuedConnection)
    desk.begin(project)
    return int(application.exec())


def start_qt(argv: Sequence[str]) -> QApplication:
    """Return the application, made and dressed; without a display it draws offscreen."""
    headless = not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    there = QApplication.instance()
    application = there if isinstance(there, QApplication) else QApplication(list(argv))
    application.setApplicationName("hjgis")
    theme.apply(application)
    if application.findChild(GarbageCollector) is None:
        complete_types()
        GarbageCollector(application)
        Keyboard(application)
        OnScreen(application)
    return application


def hear_qt() -> None:
    """Send Qt's messages to the log, but for one that means nothing without a display."""

    def heard(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if "propagateSizeHints" not in text:
            trouble = kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
            level = logging.WARNING if trouble else logging.DEBUG
            _log.log(level, "Qt: %s", logs.scrubbed(text))

    qInstallMessageHandler(heard)


class Faults(QObject):
    """Carries exceptions that nobody expected, from any thread, to the window."""

    happened = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _caught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        _log.error("unexpected: %s", logs.trace_of(error.with_traceback(trace)))
        from hjgis.reports.health import versions

        report = logs.report(error, versions())
        self.happened.emit(report, logs.keep_report(report))


class Desk(QObject):
    """Decides which project is open in which window; the only place that opens and closes."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._translator = QTranslator(self)
        self.settings = settings.load()
        self.window: MainWindow | None = None
        self._fault: CrashDialog | None = None
        self._unsaved = False
        self._preloading = Preloading(self._is_busy, self)
        self._use_language()

    def begin(self, project: Path | None) -> None:
        """Show the first window: of the project that was asked for, else the start page."""
        self._warn_of_fonts()
        if project is None or not self.open(project):
            self._put(None)
        self._tell_damage()
        self._preloading.begin()

    def open(self, path: Path) -> bool:
        """Open a project in place of the present one; return whether that worked."""
        if self._path == path.resolve():
            return True
        project = self._load(path.resolve())
        if project is None:
            return False
        self._remember(path.resolve())
        self._put(project)
        return True

    def close_project(self) -> None:
        """Close the project and go back to the start page."""
        self._put(None)

    def new(self) -> bool:
        """Ask where and in which system, then make an empty project."""
        from hjgis.ui.dialogs.project import NewProjectDialog

        dialog = NewProjectDialog(self.window)
        if not accepted(dialog):
            return False
        try:
            made = Project.create(dialog.path, dialog.crs, title=dialog.title)
            made.close()
        except HjgisError as error:
            self._tell(error)
            return False
        return self.open(dialog.path)

    def new_for_import(self) -> None:
        """Make an empty project and ask at once what to import into it."""
        if self.new() and self.window is not None:
            self.window.open_import_dialog()

    def forget(self, path: Path) -> None:
        """Take a project off the list of recent ones; its file, if there is one, stays."""
        glimpses.forget(path)
        self.settings = self.settings.without_recent(path)
        self._save_settings()
        self._put(None)

    def open_sample(self) -> None:
        """Ask where the sample goes, make it and open it."""
        proposal = (Path.home() / _("sample town")).with_suffix(".gpkg")
        kinds = _("Projects (*.gpkg)")
        title = _("Where the sample project goes")
        # A file that is there is opened, not overwritten.
        chosen = file_dialogs.save_file(self.window, title, str(proposal), kinds, confirm=False)[0]
        if not chosen:
            return
        path = Path(chosen).with_suffix(".gpkg")
        try:
            if not path.exists():
                create_sample(path, clean=False)
        except HjgisError as error:
            self._tell(error)
            return
        self.open(path)

    def change_settings(self) -> None:
        """Ask for settings and use them at once; the window is built anew in the language."""
        from hjgis.ui.dialogs.settings import SettingsDialog

        space = self.window.workspace if self.window is not None else None
        text = space.project.info(operators.FACT) if space is not None else None
        names = [one.name for one in operators.read_operators(text)]
        dialog = SettingsDialog(self.settings, self.window, operators=names)
        if accepted(dialog):
            self.use_settings(dialog.result_settings())

    def use_settings(self, chosen: settings.Settings) -> None:
        """Keep settings and use them at once."""
        self.settings = chosen
        self._save_settings()
        self._use_language()
        path = self._path
        if self.window is not None:
            # The file is given back before the new window takes it.
            self.window.release()
        self._put(self._load(path) if path else None)

    def show_fault(self, report: str, file: Path | None) -> None:
        """Show a fault of ours; the project is as it was after the last change.

        What follows while it is shown is in the log only: a fault in painting comes many times.
        """
        if self._fault is None:
            self._fault = CrashDialog(report, file, self.window)
            accepted(self._fault)
            self._fault = None

    def _put(self, project: Project | None) -> None:
        """Show a new window in place of the old one."""
        old = self.window
        if old is not None:
            old.keep_layout()
        window = MainWindow(project, self.settings, layout=layout_file())
        window.open_requested.connect(self.open)
        window.new_requested.connect(self.new)
        window.sample_requested.connect(self.open_sample)
        window.import_requested.connect(self.new_for_import)
        window.forget_requested.connect(self.forget)
        window.close_requested.connect(self.close_project)
        window.settings_requested.connect(self.change_settings)
        window.operator_named.connect(self._remember_operator)
        window.jobs.finished.connect(self._tell_damage)
        self.window = window
        window.show()
        if old is not None:
            old.close()
            old.deleteLater()

    def _is_busy(self) -> bool:
        """Whether the window has something better to do than to load modules."""
        space = self.window.workspace if self.window is not None else None
        if self.window is None or space is None:
            return False
        return self.window.jobs.busy or space.canvas.busy or not space.layers.is_loaded

    @property
    def _path(self) -> Path | None:
        workspace = self.window.workspace if self.window is not None else None
        return workspace.project.path if workspace is not None else None

    def _load(self, path: Path) -> Project | None:
        """Open a file, for reading if it cannot be written; what is wrong is told."""
        self._application.setOverrideCursor(Qt.CursorShape.WaitCursor)
        trouble: HjgisError | None = None
        try:
            project = Project.open_or_read(
                path, operator=self.settings.operator, checked_later=True
            )
            _log.info("project opened, %d layers", len(project.layers))
            return project
        except HjgisError as error:
            trouble = error
        finally:
            self._application.restoreOverrideCursor()
        self._tell(trouble)
        return None

    def _use_language(self) -> None:
        i18n.set_language(self.settings.language or None)
        theme.translate_qt(self._application, self._translator)

    def _remember(self, path: Path) -> None:
        self.settings = self.settings.with_recent(path)
        self._save_settings()

    def _remember_operator(self, name: str) -> None:
        self.settings = replace(self.settings, operator=name)
        self._save_settings()

    def _save_settings(self) -> None:
        """Keep the settings; where they cannot be written, work goes on and it is said once."""
        try:
            settings.save(self.settings)
        except OSError as error:
            _log.warning("the settings cannot be written: %s", error)
            if not self._unsaved:
                self._unsaved = True
                text = _("The settings cannot be written to {path}: {error} They hold until hjgis"
                         " is closed.")  # fmt: skip
                file = paths.config_file()
                self._tell(HjgisError(text.format(path=file, error=i18n.reason(error))))

    def _tell(self, error: HjgisError) -> None:
        QMessageBox.warning(self.window, "hjgis", str(error))

    def _tell_damage(self) -> None:
        """Say which files of ours were damaged and have been put aside; each once."""
        files = paths.untold_damage()
        if not files:
            return
        head = _("A file in which hjgis remembers something was damaged, perhaps when the computer"
                 " went off. hjgis begins it anew; no project is concerned. The damaged file is"
                 " kept here:")  # fmt: skip
        text = "\n".join((head, *map(str, files)))
        box = QMessageBox(QMessageBox.Icon.Information, "hjgis", text, parent=self.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _warn_of_fonts(self) -> None:
        if missing_chinese_font():
            text = _("No Chinese font is installed. Install one of: {fonts}.")
            QMessageBox.warning(None, "hjgis", text.format(fonts=", ".join(FAMILIES)))
