from __future__ import annotations

import pytest

from hjgis.models.catalogue_files import catalogue
from hjgis.models.naming import called, number_of

CATALOGUE = catalogue()


@pytest.mark.parametrize(
    ("layer", "values", "name"),
    [
        ("manhole", {"exp_no": "YS1653", "component_id": "15082601002900000"}, "YS1653"),
        ("manhole", {"exp_no": "", "component_id": "15082601002900000"}, "15082601002900000"),
        ("street_lamp", {"pole_no": "环城001", "component_id": "15082601037900000"}, "环城001"),
        ("toilet", {"component_name": "东门公厕"}, "东门公厕"),
        ("pipe_line", {"pipe_no": "P7", "start_no": "YS1", "end_no": "YS2"}, "P7"),
        ("pipe_line", {"start_no": "YS1", "end_no": None}, "YS1–?"),
        ("manhole", {}, ""),
    ],
)
def test_a_feature_is_called_what_a_technician_calls_it(layer, values, name) -> None:
    asset = CATALOGUE.type(layer)
    assert number_of(asset, values, CATALOGUE) == name
    kind = asset.label["en"]
    assert called(asset, values, CATALOGUE) == f"{kind} {name}".strip()
