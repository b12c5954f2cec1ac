from __future__ import annotations

import pytest

from hjgis.exchange import differences
from hjgis.models import search
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


def test_differences_and_search_call_it_the_same() -> None:
    asset = CATALOGUE.type("manhole")
    values = {"exp_no": "YS1653", "component_id": "15082601002900000"}
    assert differences.title_of(asset, values, 3) == "YS1653"
    assert search.title_of(asset, values, CATALOGUE) == "YS1653"
    assert differences.title_of(asset, {}, 3) == "#3"
    assert search.title_of(asset, {"road_name": "迎宾街"}, CATALOGUE) == "迎宾街"
