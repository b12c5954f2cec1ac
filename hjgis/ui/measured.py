"""What a panel shows of the whole project, measured in the background when it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.progress import Progress
from hjgis.ui.jobs import Job, Jobs

# After the last edit, so that typing does not measure at every key.
_AFTER_MS: Final = 400
Work = Callable[[Progress], Any]


class Measured(QObject):
    """Measures when its panel is shown, and again after what it measured has changed.

    Only the newest result is shown. What was stopped or failed is still to be measured: it is
    when the panel is shown the next time.

    Parameters
    ----------
    prepare : callable
        Returns the work for a background thread, or None while there is nothing to measure.
    show : callable
        Takes the result, in the GUI thread.

    Attributes
    ----------
    said : signal of str
        That the work was stopped or has failed: what is shown, if anything, is old.
    """

    said = Signal(str)

    def __init__(
        self,
        panel: QWidget,
        jobs: Jobs,
        *,
        title: str,
        prepare: Callable[[], Work | None],
        show: Callable[[Any], None],
    ) -> None:
        super().__init__(panel)
        self._panel, self._jobs, self._title = panel, jobs, title
        self._prepare, self._show = prepare, show
        self._stale, self._asked = True, 0
        self._job: Job | None = None
        self._later = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._later.timeout.connect(self.measure)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._stale:
            self.measure()
        return super().eventFilter(watched, event)

    def outdate(self, *, seen_elsewhere: bool = False) -> None:
        """Hear that it has changed; it is measured soon if the panel or the map shows it."""
        self._stale = True
        if self._panel.isVisible() or seen_elsewhere:
            self._later.start()

    def measure(self) -> None:
        """Measure now; a result that is still to come would be old."""
        self._later.stop()
        if self._job is not None:
            self._job.stop()
        self._asked += 1
        work = self._prepare()
        self._stale = work is None
        if work is not None:
            self._job = self._jobs.run(
                work,
                partial(self._take, self._asked),
                title=self._title,
                on_error=partial(self._fail, self._asked),
            )

    def _take(self, asked: int, result: object) -> None:
        if asked == self._asked:
            self._job = None
            self._show(result)

    def _fail(self, asked: int, error: HjgisError) -> None:
        if asked == self._asked:
            self._job, self._stale = None, True
            self.said.emit(not_measured())
            if not isinstance(error, Cancelled):
                self._jobs.failed.emit(error)


def not_measured() -> str:
    """Return what a panel says instead of figures that somebody did not wait for."""
    return _("Not measured: it was stopped. Show this panel again to measure.")
