"""Reading ahead: a second thread reads what rules will ask for, while they compute.

SQLite works without the lock of Python, so that it costs rules nothing where there are two cores.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

from hjgis.errors import Cancelled
from hjgis.layers.project import Project
from hjgis.layers.questions import FeatureQuestions
from hjgis.progress import Progress

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_log = logging.getLogger("hjgis.checks")


class Ahead(Generic[K, V]):
    """What two threads read between them, each part once.

    Parameters
    ----------
    project : Project
        Read by the thread that takes; the other one opens the file again and reads only if it
        sees the same state of it.
    keys : sequence
        What will be taken, in this order.
    read : function
        Reads one of them from a store.
    """

    def __init__(
        self,
        project: Project,
        keys: Sequence[K],
        read: Callable[[FeatureQuestions, K, Progress], V],
        progress: Progress,
    ) -> None:
        self._project, self._read, self._progress = project, read, progress
        self._open = list(keys)
        self._at_work: set[K] = set()
        self._done: dict[K, V] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._state = project.store.state()
        self._thread = threading.Thread(target=self._work, name="reading ahead", daemon=True)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Let the other thread read as long as this lasts."""
        self._thread.start()
        try:
            yield self
        finally:
            with self._changed:
                self._stopped = True
            self._thread.join()

    def take(self, key: K) -> V:
        """Return one part: read already, or read here; reads others while it has to wait."""
        while True:
            with self._changed:
                if key in self._done:
                    return self._done.pop(key)
                mine = key if key not in self._at_work else self._next()
                if mine is None:
                    self._changed.wait()
                    continue
                self._begin(mine)
            found = self._read(self._project.store, mine, self._progress)
            if mine == key:
                return found
            with self._changed:
                self._done[mine] = found

    # -- Cancelled, where a reader asks whether to go on --------------------------------------

    def report(self, done: int, total: int, key: str) -> None:
        """Tell nothing: the rules tell how far they are."""

    def check(self) -> None:
        """Stop the other thread when nobody waits for it any more."""
        if self._stopped:
            raise Cancelled

    # ----------------------------------------------------------------------------------------

    def _next(self) -> K | None:
        return self._open[0] if self._open else None

    def _begin(self, key: K) -> None:
        if key in self._open:
            self._open.remove(key)
        self._at_work.add(key)

    def _work(self) -> None:
        try:
            with self._project.reader() as reader, reader.store.snapshot():
                # Somebody may have stored something in between.
                while reader.store.state() == self._state and self._work_once(reader.store):
                    pass
        except Exception as error:  # noqa: BLE001 - whoever wants it reads it, and hears what is wrong
            _log.info("reading ahead has ended: %s", error)

    def _work_once(self, store: FeatureQuestions) -> bool:
        with self._changed:
            key = None if self._stopped else self._next()
            if key is None:
                return False
            self._begin(key)
        try:
            found = self._read(store, key, self)
        except BaseException:
            with self._changed:
                self._at_work.discard(key)
                self._changed.notify_all()
            raise
        with self._changed:
            self._done[key] = found
            self._changed.notify_all()
        return True
