from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.own_themes import (
    copied_theme,
    named_theme,
    read_themes,
    store_themes,
    theme_text,
    with_theme,
)
from hjgis.models.themes import FACT, theme, theme_ids, theme_of


@pytest.mark.parametrize("name", theme_ids())
def test_a_theme_written_to_a_file_is_read_back_as_it_was(name: str) -> None:
    made = copied_theme(theme(name), ())
    assert theme_of(tomllib.loads(theme_text(made))) == made


def test_signs_that_mean_something_in_a_file_are_written_and_read_back() -> None:
    name = 'a "quoted" \\ name\x7f 路灯'
    made = replace(theme("lamps"), label={"en": name, "zh_CN": name})
    assert theme_of(tomllib.loads(theme_text(made))).label["en"] == name


def test_kept_themes_are_one_step_that_undo_takes_back(project: Project) -> None:
    own = (copied_theme(theme("lamps"), ()),)
    before = project.info(FACT)
    project.session.apply(store_themes(before, own))
    assert read_themes(project.info(FACT)) == own
    project.session.undo()
    assert project.info(FACT) == before
    project.session.redo()
    assert read_themes(project.info(FACT)) == own


def test_keeping_the_same_again_changes_nothing(project: Project) -> None:
    own = (copied_theme(theme("lamps"), ()),)
    project.session.apply(store_themes(None, own))
    assert not store_themes(project.info(FACT), own).facts


def test_copies_have_ids_and_names_of_their_own() -> None:
    first = copied_theme(theme("lamps"), ())
    second = copied_theme(first, (first,))
    assert len({first.id, second.id, "lamps"}) == 3
    assert len({first.label["en"], second.label["en"], theme("lamps").label["en"]}) == 3


def test_a_changed_theme_takes_the_place_of_the_one_of_its_id() -> None:
    first = copied_theme(theme("lamps"), ())
    second = copied_theme(theme("parks"), (first,))
    changed = replace(first, layers=("road",))
    assert with_theme((first, second), changed) == (changed, second)


def test_a_name_that_another_theme_has_is_refused() -> None:
    first = copied_theme(theme("lamps"), ())
    second = copied_theme(theme("parks"), (first,))
    with pytest.raises(EditRefused):
        named_theme(second, first.label["en"].upper(), (first, second))
    with pytest.raises(EditRefused):
        named_theme(second, " ", (first, second))
    assert named_theme(first, first.label["en"], (first, second)).id == first.id
