"""Work of somebody else that runs beside what a test is about."""

from __future__ import annotations

import threading

from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs


def begin_export(jobs: Jobs) -> tuple[threading.Event, list[str]]:
    """Begin a job that ends when the event is set, and then leaves a word in the list."""
    begun, go_on = threading.Event(), threading.Event()
    written: list[str] = []

    def export(progress: Progress) -> str:
        begun.set()
        go_on.wait(5)
        progress.check()
        return "written"

    jobs.run(export, written.append, title="an export")
    begun.wait(5)
    return go_on, written
