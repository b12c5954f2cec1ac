from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from hjgis.errors import Cancelled, HjgisError, InputError
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    del qtbot
    made = Jobs()
    yield made
    made.stop()


def test_work_runs_elsewhere_and_its_result_comes_back_here(qtbot: QtBot, jobs: Jobs) -> None:
    threads: list[int] = []
    heard: list[tuple[str, int]] = []

    def work(progress: Progress) -> str:
        del progress
        threads.append(threading.get_ident())
        return "done"

    with qtbot.waitSignal(jobs.finished):
        jobs.run(work, lambda text: heard.append((text, threading.get_ident())), title="t")
    assert heard == [("done", threading.get_ident())]
    assert threads != [threading.get_ident()]


def test_expected_trouble_is_handed_over(qtbot: QtBot, jobs: Jobs) -> None:
    errors: list[HjgisError] = []

    def work(progress: Progress) -> None:
        del progress
        raise InputError("row 7")

    with qtbot.waitSignal(jobs.finished):
        jobs.run(work, errors.append, title="t", on_error=errors.append)
    assert [str(error) for error in errors] == ["row 7"]


def test_trouble_that_nobody_takes_is_told_to_the_window(qtbot: QtBot, jobs: Jobs) -> None:
    def work(progress: Progress) -> None:
        del progress
        raise InputError("row 7")

    with qtbot.waitSignal(jobs.failed) as told:
        jobs.run(work, print, title="t")
    assert str(told.args[0]) == "row 7"


def test_a_job_can_be_cancelled_and_ends_in_silence(qtbot: QtBot, jobs: Jobs) -> None:
    done: list[object] = []
    failed: list[object] = []
    jobs.failed.connect(failed.append)

    def work(progress: Progress) -> None:
        while True:
            progress.check()

    jobs.run(work, done.append, title="t")
    with qtbot.waitSignal(jobs.finished):
        jobs.cancel()
    assert (done, failed, jobs.busy) == ([], [], False)


def test_a_fault_of_ours_reaches_the_last_net_and_the_next_job_runs(
    qtbot: QtBot, jobs: Jobs
) -> None:
    def broken(progress: Progress) -> None:
        del progress
        raise ZeroDivisionError

    done: list[object] = []
    with qtbot.captureExceptions() as faults, qtbot.waitSignal(jobs.finished):
        jobs.run(broken, done.append, title="t")
        jobs.run(lambda progress: progress is not None, done.append, title="t")
    assert [fault[0] for fault in faults] == [ZeroDivisionError]
    assert done == [True]


def test_jobs_run_one_after_the_other(qtbot: QtBot, jobs: Jobs) -> None:
    running: list[int] = []
    most: list[int] = []
    second = threading.Event()

    def work(progress: Progress) -> None:
        del progress
        running.append(1)
        most.append(len(running))
        # Room for another one to begin meanwhile.
        if len(running) > 1:
            second.set()
        second.wait(0.02)
        running.pop()

    heard: list[object] = []
    with qtbot.waitSignal(jobs.finished):
        for _job in range(3):
            jobs.run(work, heard.append, title="t")
    assert most == [1, 1, 1]


def test_progress_is_heard(qtbot: QtBot, jobs: Jobs) -> None:
    def work(progress: Progress) -> None:
        progress.report(10, 10, "rows")

    with qtbot.waitSignal(jobs.progressed) as heard:
        jobs.run(work, print, title="t")
    assert heard.args == [10, 10, "rows"]


def test_a_job_that_waits_can_be_stopped_without_the_one_before_it(
    qtbot: QtBot, jobs: Jobs
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    heard: list[object] = []

    def first(progress: Progress) -> str:
        begun.set()
        go_on.wait(5)
        progress.check()
        return "first"

    def second(progress: Progress) -> str:
        del progress
        heard.append("second has begun")
        return "second"

    jobs.run(first, heard.append, title="first")
    begun.wait(5)
    waiting = jobs.run(second, heard.append, title="second", on_error=heard.append)
    waiting.stop()
    with qtbot.waitSignal(jobs.finished):
        go_on.set()
    assert heard[0] == "first"
    assert [type(one) for one in heard[1:]] == [Cancelled]
