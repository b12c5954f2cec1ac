from __future__ import annotations

from hjgis.models.catalogue_files import catalogue
from hjgis.models.templates import (
    Template,
    read_templates,
    repeatable,
    set_templates,
    templates_text,
    usual,
    with_template,
)

STORM = Template("雨水井 Ø700", "manhole", {"cover_kind": "雨水井盖", "cover_size_mm": 700})


def test_templates_are_read_back_and_what_is_not_readable_is_left_out() -> None:
    assert read_templates(templates_text([STORM])) == [STORM]
    assert read_templates(None) == read_templates("{") == read_templates("7") == []
    broken = '[{"name": "x"}, {"name": "y", "layer": "manhole", "values": {"a": [1]}}, 3]'
    assert read_templates(broken) == []


def test_a_template_of_the_same_name_and_kind_gives_way() -> None:
    other = Template(STORM.name, "manhole", {"cover_size_mm": 800})
    elsewhere = Template(STORM.name, "pipe_point", {})
    assert with_template([STORM, elsewhere], other) == [elsewhere, other]


def test_the_last_template_leaves_no_fact_behind() -> None:
    text = templates_text([STORM])
    (fact,) = set_templates(text, []).facts
    assert (fact.before, fact.after) == (text, None)
    assert not set_templates(text, [STORM])


def test_a_template_holds_no_identity_nothing_computed_and_mostly_no_measurements() -> None:
    asset = catalogue().type("manhole")
    values = {
        **asset.empty_values(),
        "exp_no": "W1",
        "sheet_no": "4528.00-428.00",
        "unknown_fields": "built_year",
        "cover_kind": "雨水井盖",
        "cover_size_mm": 700,
        "ground_elev_m": 1040.0,
        "smart": False,
    }
    repeated = repeatable(asset, values)
    assert {*repeated} == {"cover_kind", "cover_size_mm", "ground_elev_m", "smart"}
    assert {*usual(asset, values)} == {"cover_kind", "cover_size_mm", "smart"}
