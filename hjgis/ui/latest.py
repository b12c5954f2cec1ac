"""Questions to a project that are answered in the background, the newest one only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from hjgis.errors import Cancelled, HjgisError
from hjgis.layers.project import Project
from hjgis.progress import SILENT, Progress
from hjgis.ui.jobs import Jobs

T = TypeVar("T")


class Latest(QObject):
    """A newer question takes the place of the one before it, whose answer nobody hears.

    `failed` carries what went wrong with the newest one.
    """

    busy_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, project: Project, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._title = project, title
        self._asked: object | None = None
        self._jobs = Jobs(self)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    def ask(
        self,
        work: Callable[[Project, Progress], T],
        done: Callable[[T], None],
        *,
        at_once: bool = False,
    ) -> None:
        """Do `work` with a reader of the project, then `done` with its result.

        What is small is done `at_once`: before this returns, and its errors are the caller's.
        """
        self._jobs.cancel()
        if at_once:
            self._set_asked(None)
            done(work(self._project, SILENT))
            return
        asked, reader = object(), self._project.reader
        self._set_asked(asked)

        def apart(progress: Progress) -> T:
            if self._asked is not asked:
                raise Cancelled
            with reader() as project:
                return work(project, progress)

        self._jobs.run(
            apart,
            partial(self._take, asked, done),
            title=self._title,
            on_error=partial(self._fail, asked),
        )

    def give_up(self) -> None:
        """Drop the question that is not answered yet."""
        self._jobs.cancel()
        self._set_asked(None)

    def stop(self) -> None:
        """Stop for good, with the project."""
        self._set_asked(None)
        self._jobs.stop()

    def _take(self, asked: object, done: Callable[[T], None], answer: T) -> None:
        if asked is self._asked:
            self._set_asked(None)
            done(answer)

    def _fail(self, asked: object, error: HjgisError) -> None:
        if asked is self._asked:
            self._set_asked(None)
            if not isinstance(error, Cancelled):
                self.failed.emit(error)

    def _set_asked(self, asked: object | None) -> None:
        was, self._asked = self.busy, asked
        if was != self.busy:
            self.busy_changed.emit(self.busy)
