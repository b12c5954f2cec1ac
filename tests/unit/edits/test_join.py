from __future__ import annotations

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.join import merge_choices, merge_features, remove_node
from hjgis.edits.shape import reverse_lines
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from tests.network import PLACES, build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


@pytest.mark.parametrize("turned", [(), ("AB",), ("BC",), ("AB", "BC")])
def test_a_node_between_two_pipes_can_be_taken_out(
    project: Project, keys: dict[str, FeatureKey], turned: tuple[str, ...]
) -> None:
    project.session.apply(set_values(project, [keys["AB"]], {"length_m": 30.0, "material": "PE"}))
    project.session.apply(set_values(project, [keys["BC"]], {"length_m": 32.0, "start_elev_m": 9}))
    if turned:
        project.session.apply(reverse_lines(project, [keys[name] for name in turned]))
    project.session.apply(remove_node(project, keys["B"]))
    whole = project.get(keys["BC"])
    assert project.count("pipe_line") == 1
    assert project.count("manhole") == 2
    ends = {whole.values["from_node"], whole.values["to_node"]}
    assert ends == {keys["A"].uuid, keys["C"].uuid}
    coords = list(whole.geometry.coords)
    assert sorted(coords) == sorted(PLACES.values())
    first = "A" if whole.values["from_node"] == keys["A"].uuid else "C"
    assert coords[0] == PLACES[first]
    assert whole.values["length_m"] == 62.0
    assert whole.values["material"] == "PE"


def test_pipes_of_different_kinds_are_not_joined(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(set_values(project, [keys["BC"]], {"kind": "YS"}))
    with pytest.raises(EditRefused, match="different kinds"):
        remove_node(project, keys["B"])
    with pytest.raises(EditRefused, match="two pipes"):
        remove_node(project, keys["A"])


def test_a_merge_shows_what_it_would_do_with_each_field(project: Project) -> None:
    keys = []
    for number, (side, name) in enumerate([(10, "甲"), (20, "乙"), (5, None)]):
        box = shapely.box(number * 10, 0, number * 10 + 10, side)
        change = add_feature(
            project, "park", box, {"park_name": name, "supervisor_name": f"{side}"}
        )
        project.session.apply(change)
        keys.append(change.changes[0].key)
    choices = {c.field: c for c in merge_choices(project, keys, {"park_name": "largest"})}
    assert choices["park_name"].values == ("甲", "乙", None)
    assert choices["park_name"].result == "乙"
    assert choices["park_name"].differs
    assert choices["supervisor_name"].result == "10"

    asked = merge_features(project, keys, {"park_name": "largest"}, {"supervisor_name": "新"})
    project.session.apply(asked)
    merged = project.get(keys[0])
    assert merged.geometry.area == 350
    assert merged.values["park_name"] == "乙"
    assert merged.values["supervisor_name"] == "新"
    assert project.count("park") == 1
    project.session.undo()
    assert project.count("park") == 3


def test_what_does_not_belong_together_is_not_merged(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    with pytest.raises(EditRefused, match="two features"):
        merge_features(project, [keys["A"], keys["A"]])
    with pytest.raises(EditRefused, match="different layers"):
        merge_features(project, [keys["A"], keys["AB"]])
    # Before anybody chooses values, and with the way that leads there.
    with pytest.raises(EditRefused, match="with Move node"):
        merge_choices(project, [keys["A"], keys["B"]])


def test_the_ends_of_merged_pipes_are_foreseen_as_they_will_be(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(set_values(project, [keys["AB"]], {"end_elev_m": 8.5}))
    project.session.apply(set_values(project, [keys["BC"]], {"end_elev_m": 8.0}))
    both = [keys["AB"], keys["BC"]]
    foreseen = {choice.field: choice for choice in merge_choices(project, both)}
    project.session.apply(merge_features(project, both))
    merged = project.get(keys["AB"]).values
    assert merged["end_elev_m"] == 8.0
    for field, choice in foreseen.items():
        assert choice.result == merged[field], field
    assert foreseen["end_elev_m"].policy is None, "nobody chooses it"


def test_pipes_are_merged_end_to_end(project: Project, keys: dict[str, FeatureKey]) -> None:
    project.session.apply(merge_features(project, [keys["AB"], keys["BC"]]))
    whole = project.get(keys["AB"])
    assert list(whole.geometry.coords) == [PLACES["A"], PLACES["B"], PLACES["C"]]
    assert (whole.values["from_node"], whole.values["to_node"]) == (
        keys["A"].uuid,
        keys["C"].uuid,
    )
    assert project.count("manhole") == 3
