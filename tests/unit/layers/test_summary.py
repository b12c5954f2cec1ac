from __future__ import annotations

import numpy as np
import shapely

from hjgis.edits.add import add_feature
from hjgis.layers.project import Project
from hjgis.layers.summary import Common


def test_what_features_share_and_how_many_values_they_have(project: Project) -> None:
    rows = [
        {"exp_no": "1", "cover_shape": "圆", "smart": True, "built_year": 1999, "remarks": "x"},
        {"exp_no": "2", "cover_shape": "圆", "smart": True, "built_year": 1999},
        {"exp_no": "3", "cover_shape": "方", "smart": True, "built_year": 2001},
        {"exp_no": "3", "smart": True, "built_year": 1999},
    ]
    for number, values in enumerate(rows):
        at = shapely.Point(428_000 + number, 4_528_000)
        project.session.apply(add_feature(project, "manhole", at, values))
    for fids in ([1, 2, 3, 4], [1, 2, 4]):
        found = project.store.common_values("manhole", np.array(fids))
        assert found["smart"] == Common(True, 1)
        assert found["maker"] == Common(None, 1)
        assert found["exp_no"].different == 3
        assert found["remarks"].different == 2, "missing is a value of its own"
    assert found["built_year"] == Common(1999, 1)
    assert found["cover_shape"] == Common("圆", 2)
    everywhere = project.store.common_values("manhole", np.array([1, 2, 3, 4]))
    assert everywhere["cover_shape"] == Common("圆", 3)


def test_features_that_lack_the_same_are_counted_together(project: Project) -> None:
    rows = [{"exp_no": "1", "maker": "x"}, {"exp_no": "2", "maker": "y"}, {"exp_no": "3"}]
    for number, values in enumerate(rows):
        at = shapely.Point(428_000 + number, 4_528_000)
        project.session.apply(add_feature(project, "manhole", at, values))
    found = project.store.alike("manhole", np.array([1, 2, 3]), ["maker", "exp_no"], ["exp_no"])
    assert {(values["exp_no"], values["maker"], count) for values, count in found} == {
        ("1", 1, 1),
        ("2", 1, 1),
        ("3", None, 1),
    }
    found = project.store.alike("manhole", np.array([1, 3]), ["maker"], [])
    assert sorted(map(str, found)) == sorted(map(str, [({"maker": 1}, 1), ({"maker": None}, 1)]))
    assert project.store.alike("manhole", np.array([1, 2]), ["maker"], []) == [({"maker": 1}, 2)]


def test_the_row_beside_another_is_told_and_none_at_the_end(project: Project) -> None:
    for x in range(3):
        at = shapely.Point(428_000 + x, 4_528_000)
        project.session.apply(add_feature(project, "manhole", at))
    assert project.store.fid_beside("manhole", 1, forward=True) == 2
    assert project.store.fid_beside("manhole", 3, forward=True) is None
    assert project.store.fid_beside("manhole", 3, forward=False) == 2
