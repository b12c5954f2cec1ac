"""A job stopped at any moment ends, tells it, leaves nothing behind, and can begin anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from hjgis.checks import gaps, renewal, runner, trend, visits
from hjgis.checks.fixes.register import all_fixes
from hjgis.checks.live import LiveChecks
from hjgis.edits.attributes import set_values
from hjgis.errors import Cancelled
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.progress import Progress
from hjgis.reports.inspection import write_report
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import add, at


class Stopper:
    """Stops a job at one of its questions, or never; counts them."""

    def __init__(self, at_question: int | None = None) -> None:
        self.asked = 0
        self._at = at_question

    def report(self, _done: int, _total: int, _key: str) -> None:
        """Hear how far it is."""

    def check(self) -> None:
        self.asked += 1
        if self._at is not None and self.asked >= self._at:
            raise Cancelled("stopped")


@pytest.fixture
def town(project: Project) -> Project:
    for faulty, _faultless in [*EXAMPLES.values()][:40]:
        faulty(project)
    return project


Job = Callable[[Project, Path, Progress], object]


def mend(project: Project, _folder: Path, progress: Progress) -> object:
    issues = runner.run(project, only=["attribute.required"]).issues
    fix = next(one for one in all_fixes().values() if "attribute.required" in one.rules)
    answers = fix.choices(project, issues) if fix.choices else [(None, "")]
    return fix.make(project, issues, answer=answers[0][0], progress=progress)


def print_report(project: Project, folder: Path, progress: Progress) -> object:
    report = runner.run(project, only=["geometry"])
    return write_report(project, report, folder / "report.html", progress=progress)


JOBS: Final[dict[str, Job]] = {
    "check": lambda p, _folder, progress: runner.run(p, progress=progress),
    "visits": lambda p, _folder, progress: visits.find_visits(p, progress=progress),
    "renewal": lambda p, _folder, progress: renewal.candidates(p, progress=progress),
    "completeness": lambda p, _folder, progress: gaps.read(p, "manhole", progress=progress),
    "days": lambda p, _folder, progress: trend.trend(p, "manhole", progress=progress),
    "fix": mend,
    "report": print_report,
}


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", JOBS)
def test_a_job_ends_at_whatever_question_it_is_stopped(
    town: Project, tmp_path: Path, name: str
) -> None:
    job, before = JOBS[name], town.content_sha256()
    heard = Stopper()
    job(town, tmp_path, heard)
    assert heard.asked
    # The first ones, the last one, and some between.
    moments = sorted({1, 2, heard.asked, *range(3, heard.asked, max(heard.asked // 6, 1))})
    for moment in (one for one in moments if one <= heard.asked):
        folder = tmp_path / str(moment)
        folder.mkdir()
        with pytest.raises(Cancelled):
            job(town, folder, Stopper(moment))
        assert not [*folder.iterdir()]
    assert town.content_sha256() == before


def test_the_list_is_true_after_work_was_stopped_at_any_moment(town: Project) -> None:
    live = LiveChecks(town)
    town.session.listen(live.hear)
    for moment in (1, 5, 50):
        task = live.all()
        with pytest.raises(Cancelled):
            task.work(town, Stopper(moment))
        live.give_back(task)
        assert live.report is None
    task = live.all()
    live.take(task, task.work(town))
    key = FeatureKey("manhole", add(town, "manhole", at(3), exp_no="Z"))
    for number, moment in enumerate((1, 2, 7, 40)):
        town.session.apply(set_values(town, [key], {"exp_no": f"Z{number}", "road_name": None}))
        task = live.after_edit()
        assert task is not None
        with pytest.raises(Cancelled):
            task.work(town, Stopper(moment))
        live.give_back(task)
        assert not live.is_current
    while (task := live.after_edit() or live.when_idle()) is not None:
        live.take(task, task.work(town))
    assert live.is_current
    assert live.report == runner.run(town)
