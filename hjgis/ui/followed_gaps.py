"""What layers lack, read once in the background and kept up to date by every edit."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from hjgis.checks import gaps
from hjgis.checks.gaps import CELLS, FEW, LayerGaps
from hjgis.checks.targets import TargetResult
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, LayerDelta
from hjgis.models.targets import FACT as TARGETS
from hjgis.progress import Progress
from hjgis.reports import completeness as report
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs

_Read = tuple[LayerGaps, list[TargetResult]]


class FollowedGaps(QObject):
    """Gaps of the layers that were asked for; `changed` says that an answer may be another."""

    changed = Signal()

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
        bridge.changed.connect(self._heard)

    def __getitem__(self, layer: str) -> LayerGaps:
        return self._held[layer]

    def measured(self, layer: str) -> list[TargetResult]:
        """Return the targets that count a layer's features."""
        if layer not in self._measured:
            self._measured[layer] = report.count_targets(self._project, layer)
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

        self._jobs.run(work, self._take, title=_("How complete"))

    def _take(self, found: dict[str, _Read]) -> None:
        for layer, (held, measured) in found.items():
            self._reading.discard(layer)
            if layer in self._outdated:
                continue
            self._held[layer], self._measured[layer] = held, measured
            for delta in self._late.pop(layer, ()):
                self._follow(layer, delta)
        self._outdated.clear()
        self.changed.emit()

    def _follow(self, layer: str, delta: LayerDelta) -> None:
        if len(delta.inserted) + len(delta.updated) + len(delta.deleted) > FEW:
            self._held.pop(layer, None)
        elif layer in self._held:
            self._held[layer] = self._held[layer].updated(delta, self._project)
        self._measured.pop(layer, None)

    def _heard(self, announcement: Announcement) -> None:
        if CELLS in announcement.layers:
            # Which cell a feature lies in is another question now.
            self._held.clear()
            self._outdated |= self._reading
        if TARGETS in announcement.facts:
            self._measured.clear()
        for layer, delta in announcement.layers.items():
            if layer in self._reading:
                self._late.setdefault(layer, []).append(delta)
            else:
                self._follow(layer, delta)
        self.changed.emit()
