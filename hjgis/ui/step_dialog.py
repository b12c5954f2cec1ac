"""A dialog of steps: where one is at the left, a page, work in the background, back and next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import error_text, muted, open_at, scrolled
from hjgis.ui.step_list import StepList

T = TypeVar("T")


class StepPage(QWidget):
    """One step; `changed` says that `missing` may be another."""

    changed = Signal()

    @property
    def missing(self) -> str:
        """What must be done before the next step, in words; nothing if it can be taken."""
        return ""

    def heightForWidth(self, width: int) -> int:
        """Return how tall it must be: a list in it shrinks before the page scrolls."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else -1


class StepDialog(QDialog):
    """What dialogs of steps have in common; which steps there are and what they do is theirs.

    Parameters
    ----------
    titles : mapping of str to str
        Headings of the steps, in their order; the last one has nothing after it.
    """

    def __init__(
        self,
        jobs: Jobs,
        titles: Mapping[str, str],
        pages: Mapping[str, StepPage],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._titles = jobs, titles
        self.pages = pages
        self._step, *_between, self._last = titles
        # Results of work that was begun before the latest are of no interest any more.
        self._turn = 0
        self._busy = self._left = self._stopping = False
        self.steps = StepList([(step, _(title)) for step, title in titles.items()])
        self._lay_out()
        self._connect()
        open_at(self, QSize(1080, 680))

    # -- look ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.title = QLabel()
        self.title.setObjectName("heading")
        self.trouble = error_text()
        self.trouble.hide()
        self._stack = QStackedWidget()
        for page in self.pages.values():
            # Each by itself, or all would be as wide and as tall as the largest.
            self._stack.addWidget(scrolled(page))
        content = QVBoxLayout()
        content.setContentsMargins(20, 16, 20, 12)
        content.setSpacing(12)
        content.addWidget(self.title)
        content.addWidget(self._stack, 1)
        content.addWidget(self.trouble)
        content.addLayout(self._bottom())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.steps)
        row.addLayout(content, 1)

    def _bottom(self) -> QHBoxLayout:
        self.hint = muted()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = QPushButton(_("Cancel"))
        self.back = QPushButton(_("Back"))
        self.next = QPushButton(_("Next"))
        self.next.setObjectName("primary")
        self.next.setDefault(True)
        self.leave = QPushButton(_("Close"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        row.addWidget(self.bar, 1)
        for button in (self.stop, self.back, self.next, self.leave):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.next.setMinimumWidth(110)
        self._show_busy(on=False)
        return row

    def _connect(self) -> None:
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.leave.clicked.connect(self.reject)
        self.stop.clicked.connect(self._stop_asked)
        self._jobs.progressed.connect(self._progressed)
        self.back.setToolTip(_("Alt+Left"))
        QShortcut(QKeySequence(Qt.Modifier.ALT | Qt.Key.Key_Left), self, self.go_back)
        QShortcut(QKeySequence(Qt.Modifier.ALT | Qt.Key.Key_Right), self, self.go_on)
        for page in self.pages.values():
            page.changed.connect(self._refresh)
        self.steps.chosen.connect(self._step_chosen)

    # -- steps: what each dialog decides ---------------------------------------------------

    def _path(self) -> list[str]:
        """Return the steps that are needed."""
        return list(self._titles)

    def _elsewhere(self) -> Collection[str]:
        """Return the steps of another way through, which are not shown."""
        return ()

    def _enter(self, page: StepPage) -> None:
        """Fill a page before it is shown."""
        raise NotImplementedError

    def _focus(self) -> None:
        """Set the focus where the work of a step begins."""
        self.next.setFocus()

    def _forward(self) -> None:
        """Do what Next does, when nothing is missing."""
        path = self._path()
        self._show_step(path[path.index(self._step) + 1])

    def _next_words(self) -> str:
        """Return what stands on the button."""
        return _("Next")

    def _why_not(self) -> str:
        """Return why the next step cannot be taken, beside what the page lacks."""
        return ""

    # -- steps ---------------------------------------------------------------------------

    @property
    def step(self) -> str:
        """The step that is shown."""
        return self._step

    @property
    def busy(self) -> bool:
        """Whether something is being read or tried."""
        return self._busy

    def tell(self, words: str) -> None:
        """Say why something was refused, until another step is shown."""
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _show_step(self, step: str) -> None:
        self._step = step
        self.tell("")
        page = self.pages[step]
        self._stack.setCurrentIndex(list(self.pages).index(step))
        self.title.setText(_(self._titles[step]))
        self._enter(page)
        self._refresh()
        self._focus()

    def _refresh(self) -> None:
        path, done = self._path(), self._step == self._last
        here = path.index(self._step)
        self.steps.show_steps(path, here, finished=done, elsewhere=self._elsewhere())
        reason = self.pages[self._step].missing or self._why_not()
        self.next.setText(self._next_words())
        self.next.setVisible(not done)
        self.next.setEnabled(not self._busy and not reason)
        self.next.setToolTip(reason)
        self.back.setVisible(not done)
        self.back.setEnabled(here > 0 and not self._busy)
        self.hint.setText(reason)

    def _step_chosen(self, step: str) -> None:
        path = self._path()
        open_ = not self._busy and self._step != self._last
        if open_ and path.index(step) < path.index(self._step):
            self._show_step(step)

    def go_back(self) -> None:
        """Return to the step before."""
        path = self._path()
        here = path.index(self._step)
        if self.back.isVisible() and self.back.isEnabled() and here > 0:
            self._show_step(path[here - 1])

    def go_on(self) -> None:
        """Take the next step, if nothing is missing."""
        if self.next.isEnabled() and self._step != self._last:
            self._forward()

    # -- work ----------------------------------------------------------------------------

    def _run(
        self,
        job: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[HjgisError], None],
        title: str,
    ) -> None:
        """Do something in the background; only the latest counts."""
        self._turn += 1
        self._stopping = False
        self.tell("")
        turn = self._turn

        def over(then: Callable[[Any], None], result: Any) -> None:
            if turn == self._turn:
                self._show_busy(on=False)
                then(result)
                self._refresh()
                self._refocus()

        def stoppable(progress: Progress) -> T:
            mine = Stoppable(progress, lambda: turn == self._turn and not self._stopping)
            mine.check()
            return job(mine)

        self._show_busy(on=True, title=title)
        self._jobs.run(stoppable, partial(over, done), title=title, on_error=partial(over, failed))
        self._refresh()

    def _refocus(self) -> None:
        """Lead the keyboard back from Close, where it fell when Next was off."""
        if self._step != self._last and self.focusWidget() in (self.stop, self.leave, None):
            self._focus()

    def _show_busy(self, *, on: bool, title: str = "") -> None:
        self._busy = on
        self.bar.setRange(0, 0)
        self.bar.setVisible(on)
        self.bar.setToolTip(title)
        self.stop.setVisible(on)
        self.hint.setVisible(not on)

    def _stop_asked(self) -> None:
        self._stopping = True

    def _progressed(self, done: int, total: int, key: str) -> None:
        del key
        if self._busy:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def done(self, result: int) -> None:
        """Leave; what is still being read is of no interest any more."""
        self._turn += 1
        self._left = True
        super().done(result)


class Stoppable:
    """Stops a job that nobody wants any more, wherever it stands in the queue."""

    def __init__(self, inner: Progress, is_wanted: Callable[[], bool]) -> None:
        self._inner, self._is_wanted = inner, is_wanted

    def report(self, done: int, total: int, key: str) -> None:
        """Pass on how far the work has come."""
        self._inner.report(done, total, key)

    def check(self) -> None:
        """Raise Cancelled when the work is to end."""
        self._inner.check()
        if not self._is_wanted():
            raise Cancelled
