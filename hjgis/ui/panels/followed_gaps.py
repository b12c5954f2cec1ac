"""What layers lack, read once in the background and kept up to date by every edit."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from hjgis.checks import gaps
from hjgis.checks.cells import CELLS
from hjgis.checks.gaps import FEW, LayerGaps
from hjgis.checks.targets import TargetResult
from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, LayerDelta
from hjgis.models.targets import FACT as TARGETS
from hjgis.progress import Progress
from hjgis.reports import completeness as report
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs

# SQL counts them, which takes as long as all the rest: not while somebody goes on editing.
_TARGETS_AFTER_MS: Final = 1_500
_Read = tuple[LayerGaps, list[TargetResult]]


class FollowedGaps(QObject):
    """Gaps of the layers that were asked for.

    `changed` says that an answer may be another, `stopped` that what is asked for does not come.
    """

    changed = Signal()
    stopped = Signal()

    def __init__(
        self, project: Project, bridge: Bridge, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs = project, jobs
        self._held: dict[str, LayerGaps] = {}
        self._measured: dict[str, list[TargetResult]] = {}
        self._reading: set[str] = set()
        self._late: dict[str, list[LayerDelta]] = {}
        self._outdated: set[str] = set()
        self._stale: set[str] = set()
        self._later = QTimer(self, interval=_TARGETS_AFTER_MS, singleShot=True)
        self._later.timeout.connect(self._measure)
        bridge.changed.connect(self._heard)

    def __getitem__(self, layer: str) -> LayerGaps:
        return self._held[layer]

    def measured(self, layer: str) -> list[TargetResult]:
        """Return the targets that count a layer's features; after an edit they follow later."""
        return self._measured[layer]

    def ask(self, layers: Iterable[str]) -> bool:
        """Say whether all of some layers are known; those that are not are read."""
        missing = [layer for layer in layers if layer not in self._held]
        new = [layer for layer in missing if layer not in self._reading]
        if new:
            self._read(new)
        return not missing

    def _read(self, layers: list[str]) -> None:
        self._reading.update(layers)
        reader = self._project.reader

        def work(progress: Progress) -> dict[str, _Read]:
            with reader() as project:
                return {
                    layer: (
                        gaps.read(project, layer, progress=progress),
                        report.count_targets(project, layer),
                    )
                    for layer in layers
                }

        give_up = partial(self._give_up, layers)
        self._jobs.run(work, self._take, title=_("How complete"), on_error=give_up)

    def _give_up(self, layers: list[str], error: HjgisError) -> None:
        """Let layers be asked for again that could not be read, or were not to be."""
        for layer in layers:
            self._reading.discard(layer)
            self._outdated.discard(layer)
            self._late.pop(layer, None)
        self.stopped.emit()
        if not isinstance(error, Cancelled):
            self._jobs.failed.emit(error)

    def _take(self, found: dict[str, _Read]) -> None:
        for layer, (held, measured) in found.items():
            self._reading.discard(layer)
            late = self._late.pop(layer, [])
            if layer in self._outdated:
                self._outdated.discard(layer)
                continue
            self._held[layer], self._measured[layer] = held, measured
            for delta in late:
                self._follow(layer, delta)
        self.changed.emit()

    def _follow(self, layer: str, delta: LayerDelta) -> None:
        if len(delta.inserted) + len(delta.updated) + len(delta.deleted) > FEW:
            self._held.pop(layer, None)
        elif layer in self._held:
            self._held[layer] = self._held[layer].updated(delta, self._project)
        if layer in self._measured:
            self._stale.add(layer)
            self._later.start()

    def _measure(self) -> None:
        """Measure the targets of the layers that were edited; what is stopped, the next time."""
        layers = sorted(self._stale)
        reader = self._project.reader

        def work(progress: Progress) -> dict[str, list[TargetResult]]:
            progress.check()
            with reader() as project:
                return {layer: report.count_targets(project, layer) for layer in layers}

        self._jobs.run(work, self._take_targets, title=_("How complete"))

    def _take_targets(self, found: dict[str, list[TargetResult]]) -> None:
        if not self._later.isActive():
            self._stale.difference_update(found)
        self._measured.update(found)
        self.changed.emit()

    def _heard(self, announcement: Announcement) -> None:
        if CELLS in announcement.layers:
            # Which cell a feature lies in is another question now.
            self._held.clear()
            self._outdated |= self._reading
        if TARGETS in announcement.facts:
            self._stale.update(self._measured)
            self._later.start()
        for layer, delta in announcement.layers.items():
            if layer in self._reading:
                self._late.setdefault(layer, []).append(delta)
            else:
                self._follow(layer, delta)
        self.changed.emit()
