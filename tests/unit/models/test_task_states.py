from __future__ import annotations

import datetime as dt

import pytest

from hjgis.errors import EditRefused
from hjgis.models.task_states import Evidence, TaskEntry, keep_task, read_tasks

DONE = TaskEntry(
    20,
    "done",
    "办法已印发",
    "2020-12-01",
    "示例员",
    (Evidence("印发文件", "2020-12-01", "规章.pdf"),),
)


def test_what_is_kept_of_a_task_is_read_back_and_other_tasks_stay() -> None:
    first = keep_task(None, DONE).facts[0].after
    second = keep_task(first, TaskEntry(21, "under_way")).facts[0].after
    assert read_tasks(second) == {20: DONE, 21: TaskEntry(21, "under_way")}


def test_a_task_of_which_nothing_is_said_is_not_kept_and_the_same_twice_is_no_edit() -> None:
    first = keep_task(None, DONE).facts[0].after
    assert keep_task(first, TaskEntry(20)).facts[0].after is None
    assert not keep_task(first, DONE)
    assert not keep_task(None, TaskEntry(20))


@pytest.mark.parametrize("day", ["2020-13-01", "gestern", "2020"])
def test_a_date_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(EditRefused, match="no date"):
        keep_task(None, TaskEntry(20, on=day))
    with pytest.raises(EditRefused, match="no date"):
        keep_task(None, TaskEntry(20, evidence=(Evidence("a", day),)))


def test_today_is_the_last_day_that_may_be_given() -> None:
    today = dt.date.today()
    assert keep_task(None, TaskEntry(20, "done", on=today.isoformat()))
    with pytest.raises(EditRefused, match="future"):
        keep_task(None, TaskEntry(20, on=(today + dt.timedelta(days=1)).isoformat()))


def test_evidence_says_something_or_is_a_file() -> None:
    assert keep_task(None, TaskEntry(20, evidence=(Evidence("", file="a.pdf"),)))
    with pytest.raises(EditRefused, match="evidence"):
        keep_task(None, TaskEntry(20, evidence=(Evidence(" "),)))


@pytest.mark.parametrize(
    "text", ["{", "3", '[{"no": 20, "state": "perhaps"}]', "[7]", '[{"state": "done"}]']
)
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert read_tasks(text) == {}
