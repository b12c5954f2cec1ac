"""A value meets the same rule, with the same words, by whatever door it comes in."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from hjgis.edits.attributes import set_each
from hjgis.edits.cells import calculate
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.models import expressions
from hjgis.models.assets import Value
from hjgis.models.pasting import cells_of
from hjgis.models.validation import problem
from hjgis.ui.bridge import Bridge
from hjgis.ui.door import store
from hjgis.ui.itemmodels import FeatureTableModel
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.selection import Selection
from tests.network import build

LAYER = "manhole"


@dataclass(frozen=True)
class Answer:
    """What is stored then, and what was said against it."""

    value: Value
    said: str


def stored(project: Project, fid: int, field: str) -> Value:
    (feature,) = project.store.features(LAYER, [fid])
    return feature.values[field]


def doubt(project: Project, fid: int, field: str) -> str:
    value = stored(project, fid, field)
    return problem(project.asset_type(LAYER).field(field), value, project.catalogue) or ""


def by_form(project: Project, field: str, text: str, _folder: Path) -> Answer:
    selection = Selection()
    panel = AttributesPanel(project, Bridge(project.session), selection)
    fid = int(project.store.fids(LAYER)[0])
    selection.set(LAYER, [fid])
    editor = panel._form.editor(field)
    editor.put(text)
    said = editor.said
    panel.deleteLater()
    QApplication.processEvents()
    return Answer(stored(project, fid, field), said)


def by_table(project: Project, field: str, text: str, _folder: Path) -> Answer:
    model = FeatureTableModel(project)
    model.show_layer(LAYER)
    model.show_rows(project.store.fids(LAYER))
    fid, column = int(model.fids[0]), model.column_of(field)
    refused = model.put(0, column, text)
    return Answer(stored(project, fid, field), refused or doubt(project, fid, field))


def by_paste(project: Project, field: str, text: str, _folder: Path) -> Answer:
    asset = project.asset_type(LAYER)
    fid = int(project.store.fids(LAYER)[0])
    (cell,) = cells_of(((text,),), [field], asset, project.catalogue)
    if not cell.refused:
        changes = set_each(project, LAYER, [fid], {field: [cell.value]})
        if changes:
            store(project, changes)
    return Answer(stored(project, fid, field), cell.refused or cell.doubt)


def by_calculator(project: Project, field: str, text: str, _folder: Path) -> Answer:
    asset = project.asset_type(LAYER)
    fids = project.store.fids(LAYER)[:1]
    expression = expressions.parse(f'"{text}"', asset, project.catalogue)
    found = calculate(project, expression, asset.field(field), fids, project.catalogue)
    fid = int(fids[0])
    if found.fids:
        changes = set_each(project, LAYER, found.fids, {field: found.new})
        if changes:
            store(project, changes)
    return Answer(
        stored(project, fid, field), found.refused.get(fid, "") or doubt(project, fid, field)
    )


def by_import(project: Project, field: str, text: str, folder: Path) -> Answer:
    path = folder / "rows.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["East", "North", field], ["428333", "4528333", text]])
    before = set(project.store.fids(LAYER).tolist())
    plan = plan_import(project, path, to=LAYER, x="East", y="North", crs=project.crs.text)
    report = carry_out(project, plan)
    (fid,) = set(project.store.fids(LAYER).tolist()) - before
    # Of what an importer adds to the field's own words, only that is left out.
    words = [p.message for p in report.problems if p.field == field and p.kind != "full-width"]
    return Answer(stored(project, fid, field), "; ".join(words))


DOORS: dict[str, Callable[[Project, str, str, Path], Answer]] = {
    "form": by_form,
    "table": by_table,
    "paste": by_paste,
    "calculator": by_calculator,
    "import": by_import,
}
TAKEN: dict[str, tuple[str, str, Value]] = {
    "a code by its name": ("pipe_kind", "污水", "WS"),
    "a code by its initials": ("cover_shape", "yx", "圆"),
    "a diameter with its sign": ("cover_size_mm", "Φ700", 700),
    "full-width digits": ("cover_size_mm", "７００", 700),
    "a decimal comma": ("well_depth_m", "1,5", 1.5),
    "another unit": ("well_depth_m", "150cm", 1.5),
    "a date with points": ("made_date", "2020.6.15", "2020-06-15"),
    "a date in Chinese": ("made_date", "2020年6月15日", "2020-06-15"),
    "yes": ("five_proof", "是", True),
    "rare characters": ("maker", "𠮷野㐂厂", "𠮷野㐂厂"),
    "an emoji": ("maker", "好👍🏽", "好👍🏽"),
    "right to left": ("maker", "مصنع", "مصنع"),
    "a formula": ("maker", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
}
REFUSED: dict[str, tuple[str, str]] = {
    "a code that is not in the list": ("cover_shape", "五角形的"),
    "a day that is in no calendar": ("made_date", "2020-02-30"),
    "no number": ("well_depth_m", "deep"),
    "half a millimetre": ("cover_size_mm", "700.5"),
    "fifteen hundred characters": ("maker", "长" * 1_500),
    "neither yes nor no": ("five_proof", "perhaps"),
}
DOUBTFUL: dict[str, tuple[str, str, Value]] = {
    "too deep": ("well_depth_m", "80", 80.0),
    "too small": ("cover_size_mm", "7", 7),
}


@pytest.fixture
def town(project: Project) -> Project:
    build(project)
    return project


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", TAKEN)
def test_what_is_understood_is_stored_alike(
    qapp: QApplication, town: Project, tmp_path: Path, case: str, door: str
) -> None:
    field, text, value = TAKEN[case]
    assert DOORS[door](town, field, text, tmp_path) == Answer(value, "")


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_is_out_of_range_is_stored_and_marked_with_the_same_words(
    qapp: QApplication, town: Project, tmp_path: Path, case: str
) -> None:
    field, text, value = DOUBTFUL[case]
    answers = {name: door(town, field, text, tmp_path) for name, door in DOORS.items()}
    assert {answer.value for answer in answers.values()} == {value}
    said = answers["form"].said
    assert said
    assert all(said in answer.said for answer in answers.values()), answers


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_understood_is_refused_with_the_same_words(
    qapp: QApplication, town: Project, tmp_path: Path, case: str
) -> None:
    field, text = REFUSED[case]
    before = np.array([stored(town, int(fid), field) for fid in town.store.fids(LAYER)[:1]])
    answers = {name: door(town, field, text, tmp_path) for name, door in DOORS.items()}
    said = answers["form"].said
    assert said
    assert all(said in answer.said for answer in answers.values()), answers
    typed = [answers[name].value for name in DOORS if name != "import"]
    assert typed == [before[0]] * len(typed)
