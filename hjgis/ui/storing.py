"""Much at once in another thread, worked out or stored: the window lives, the user may stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QProgressBar, QPushButton, QVBoxLayout

from hjgis.errors import Cancelled
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.layers.second_writer import second_writer
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.progress import Progress

T = TypeVar("T")
# To work out or to store fewer rows takes less time than anybody notices.
MANY: Final = 1000
_PATIENCE_MS: Final = 300


def rows_of(changes: ChangeSet) -> int:
    """Return how many rows a change writes."""
    bulk = (part.geometry if hasattr(part, "geometry") else part.fids for part in changes.bulk)
    return len(changes.changes) + sum(map(len, bulk))


def reckoned(project: Project, rows: int, work: Callable[[Project], T]) -> T:
    """Return what `work` makes of the project that it gets; it reads only.

    Where it is about many rows, that is another opening of the same file, in another thread; this
    returns when it has ended all the same, the user seeing how it goes.

    Raises
    ------
    HjgisError
        As `work` does.
    Cancelled
        If the user stopped it.
    """
    if rows < MANY:
        return work(project)

    def aside(progress: Progress) -> T:
        with project.reader() as other, other.stoppable(progress):
            return work(other)

    return _waited(aside, _("Working out the change…"))


def stored(project: Project, rows: int, work: Callable[[Project], T]) -> T:
    """Return what `work` does with the project that it gets, and let listeners hear of it.

    Where it is many rows, that is another opening of the same file, in another thread; this
    returns when it has ended all the same, the user seeing how it goes.

    Raises
    ------
    HjgisError
        As `work` does.
    Cancelled
        If the user stopped it; nothing was stored.
    """
    if rows < MANY:
        return work(project)
    heard: list[Announcement] = []

    def aside(progress: Progress) -> T:
        with second_writer(project, progress) as other:
            other.session.listen(heard.append)
            return work(other)

    try:
        return _waited(aside, _("Storing the change…"))
    finally:
        # Whoever closes the window within the first moment has what was stored in the file.
        for announcement in () if project.is_closed else heard:
            project.take_up(announcement)


def _waited(work: Callable[[Progress], T], words: str) -> T:
    """Do something in another thread; return when it is over, the window having lived."""
    ears = _Ears()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="storing") as thread:
        future = thread.submit(work, ears)
        future.add_done_callback(ears.hear_end)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            # What is typed and clicked meanwhile waits: it may be about what is being stored.
            _turn(ears, future, QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, _PATIENCE_MS)
        finally:
            QGuiApplication.restoreOverrideCursor()
        if not future.done():
            dialog = StoringDialog(ears, words)
            dialog.show()
            _turn(ears, future, QEventLoop.ProcessEventsFlag.AllEvents)
            dialog.end()
        return future.result()


def _turn(
    ears: _Ears,
    future: Future[T],
    which: QEventLoop.ProcessEventsFlag,
    longest_ms: int | None = None,
) -> None:
    loop = QEventLoop()
    ears.ended.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
    if longest_ms is not None:
        QTimer.singleShot(longest_ms, loop, loop.quit)
    if not future.done():
        loop.exec(which)


class _Ears(QObject):
    """The progress of one store; its end is a signal that crosses into the window's thread."""

    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ask for an end."""
        self._stopped.set()

    def hear_end(self, _future: Future[T]) -> None:
        """Tell that it is over; in any thread."""
        self.ended.emit()

    def report(self, done: int, total: int, key: str) -> None:
        """Hear nothing: what SQLite does with an edit has no steps."""

    def check(self) -> None:
        """Raise Cancelled when the user has asked to stop."""
        if self._stopped.is_set():
            raise Cancelled(_("Stopped; nothing was changed."))


class StoringDialog(QDialog):
    """Says that an edit is worked out or stored; it goes when that is over, not before."""

    def __init__(self, ears: _Ears, words: str) -> None:
        super().__init__(QApplication.activeModalWidget() or QApplication.activeWindow())
        self._ears = ears
        self.setModal(True)
        self.setWindowTitle("hjgis")
        self.said, self.cancel = QLabel(words), QPushButton(_("Cancel"))
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setMinimumWidth(320)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.said)
        column.addWidget(bar)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignRight)
        self.cancel.clicked.connect(self.reject)

    def reject(self) -> None:
        """Ask for an end; nothing is stored then."""
        self.cancel.setEnabled(False)
        self.said.setText(_("Stopping…"))
        self._ears.stop()

    def end(self) -> None:
        """Go."""
        self.done(QDialog.DialogCode.Accepted)
        self.deleteLater()
