"""The register of deliveries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hjgis.errors import HjgisError
from hjgis.layers.project import Project
from hjgis.models.deliveries import Delivery

ENTRY = Delivery(
    0,
    "u-1",
    "",
    "",
    0,
    "示例施工队",
    "改造",
    "内部",
    "示例.zip",
    "00",
    1.5,
    {"manhole": 3},
    {"crs": ""},
)
ROWS = {"manhole": np.array([1, 5, 900], dtype=np.int64), "toilet": np.array([], dtype=np.int64)}


def test_a_project_without_deliveries_has_an_empty_register(project: Project) -> None:
    assert project.deliveries.entries() == []
    assert project.deliveries.with_uuid("u-1") is None


def test_what_is_entered_is_there_after_opening_again(project: Project) -> None:
    made = project.deliveries.enter(ENTRY, ROWS, operator="甲")
    second = project.deliveries.enter(replace(ENTRY, uuid="u-2"), {}, operator="甲")
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again.deliveries.entries() == [second, made]
        assert (made.number, made.operator, made.counts) == (1, "甲", {"manhole": 3})
        kept = again.deliveries.rows(made.number)
        assert {layer: fids.tolist() for layer, fids in kept.items()} == {
            "manhole": [1, 5, 900], "toilet": []
        }  # fmt: skip


def test_undo_takes_nothing_out_of_the_register(project: Project) -> None:
    project.deliveries.enter(ENTRY, ROWS, operator="甲")
    assert not project.session.can_undo
    assert len(project.deliveries.entries()) == 1


def test_the_register_of_a_project_that_is_only_read_cannot_be_written(project: Project) -> None:
    with project.reader() as reader, pytest.raises(HjgisError):
        reader.deliveries.enter(ENTRY, ROWS, operator="甲")
    assert project.deliveries.entries() == []
