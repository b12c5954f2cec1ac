"""Real towns, imported and checked: what is known of the files is found, and little else."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hjgis.checks import runner
from hjgis.checks.runner import CheckReport
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.issues import Issue
from tests import real_towns


class Town:
    """A town, imported and checked."""

    def __init__(self, folder: Path, name: str, path: Path) -> None:
        real_towns.build(folder, name, path)
        self.project = Project.open(path, write=False)
        self.report: CheckReport = runner.run(self.project)

    def of(self, rule: str, layer: str) -> list[Issue]:
        return [i for i in self.report.issues if (i.rule, i.layer) == (rule, layer)]

    def values(self, layer: str, *fields: str) -> dict[str, tuple[Any, ...]]:
        """Return fields of all features of a layer by uuid."""
        table = self.project.table(layer, list(fields), geometry=False)
        rows = zip(*(table.columns[name] for name in fields), strict=True)
        return dict(zip(table.uuids.tolist(), rows, strict=True))

    def in_file(self, layer: str) -> dict[int, str]:
        """Return the features of a layer by their number in its file."""
        if self.project.asset_type(layer).has("source_row"):
            rows = self.values(layer, "source_row")
            return {int(number): uuid for uuid, (number,) in rows.items()}
        uuids = self.project.table(layer, [], geometry=False).uuids.tolist()
        return dict(enumerate(uuids, 1))


def town(real_data: Path, tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Town]:
    opened = Town(real_data, name, tmp_path_factory.mktemp(name) / f"{name}.gpkg")
    yield opened
    opened.project.close()


@pytest.fixture(scope="module")
def bangor(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from town(real_data, tmp_path_factory, "bangor")


@pytest.fixture(scope="module")
def ky4(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from town(real_data, tmp_path_factory, "ky4")


@pytest.mark.parametrize("name", real_towns.TOWNS)
def test_no_check_fails_on_a_real_town(real_data: Path, tmp_path: Path, name: str) -> None:
    opened = Town(real_data, name, tmp_path / "town.gpkg")
    opened.project.close()
    assert opened.report.failed == {}
    assert opened.report.issues


# What the folder says of the ends of pipes: blank, "NO MH", and no manhole of the layer.
BLANK, NO_MANHOLE, UNKNOWN = (12, 16), (1107, 1619), (996, 258)


@pytest.mark.parametrize("end", [0, 1])
def test_each_end_of_a_pipe_without_a_manhole_is_told(bangor: Town, end: int) -> None:
    field, side = (("start_no", "start"), ("end_no", "end"))[end]
    numbers = bangor.values("pipe_line", field)
    manholes = Counter(number for (number,) in bangor.values("manhole", "exp_no").values())
    told = Counter[str]()
    for issue in bangor.of("pipe.end_without_node", "pipe_line"):
        if issue.message.startswith(f"The {side}"):
            (number,) = numbers[str(issue.uuid)]
            repeated = number is not None and manholes[number] > 1
            kind = "twice" if repeated else "other" if number not in (None, "NO MH") else number
            told[str(kind)] += 1
    assert told.pop("twice") > 0
    assert told == {"None": BLANK[end], "NO MH": NO_MANHOLE[end], "other": UNKNOWN[end]}


def test_ends_without_a_number_lack_a_required_value(bangor: Town) -> None:
    said = [issue.message for issue in bangor.of("attribute.required", "pipe_line")]
    lacking = [
        sum(f"Point number at the {place} vertex" in message for message in said)
        for place in ("first", "last")
    ]
    assert tuple(lacking) == BLANK


def test_repeated_and_blank_manhole_numbers(bangor: Town) -> None:
    numbers = bangor.values("manhole", "exp_no")
    told = Counter(numbers[str(i.uuid)][0] for i in bangor.of("point.number_twice", "manhole"))
    assert told == dict.fromkeys(("BU034", "OC350", "PJ540", "CW013", "CW010"), 2)
    assert sum(number is None for (number,) in numbers.values()) == 6


def test_repeated_pipe_numbers(bangor: Town) -> None:
    numbers = bangor.values("pipe_line", "pipe_no")
    told = Counter(numbers[str(i.uuid)] for i in bangor.of("pipe.number_twice", "pipe_line"))
    assert sum(count - 1 for count in told.values()) == 9


def test_levels_of_zero_are_told_as_not_measured(bangor: Town, real_data: Path) -> None:
    for file, layer, names in (
        ("sanitaryManhole", "manhole", ("BCD_RIM", "BCD_INV")),
        ("sanitaryPipe", "pipe_line", ("BCD_UP_INV", "BCD_DN_INV")),
    ):
        path = real_data / "town-bangor" / f"{file}.geojson"
        records = json.loads(path.read_text("utf-8"))["features"]
        zeros = sum(r["properties"][name] == 0 for r in records for name in names)
        assert len(bangor.of("attribute.placeholder", layer)) == zeros > 0


def test_the_one_outline_that_crosses_itself(bangor: Town) -> None:
    (issue,) = (i for i in bangor.report.issues if i.rule == "geometry.invalid")
    assert issue.layer == "service_area"
    assert bangor.values("service_area", "area_name")[str(issue.uuid)] == ("GOLF",)


EXAMINED = tomllib.loads(
    (Path(__file__).parents[1] / "seeded" / "examined.toml").read_text("utf-8")
)["finding"]


@pytest.mark.parametrize("entry", EXAMINED, ids=[f"{e['rule']}-{e['feature']}" for e in EXAMINED])
def test_what_was_examined_by_hand_is_still_said(
    request: pytest.FixtureRequest, entry: dict[str, Any]
) -> None:
    folder = str(entry["file"]).partition("/")[0]
    checked: Town = request.getfixturevalue({"town-bangor": "bangor", "water-ky4": "ky4"}[folder])
    sources = real_towns.TOWNS["bangor" if folder == "town-bangor" else "ky4"]
    (layer,) = (source.to for source in sources if source.file == entry["file"])
    uuid = checked.in_file(layer)[int(entry["feature"])]
    set_language("zh_CN")
    said = {i.message for i in checked.of(entry["rule"], layer) if i.uuid == uuid}
    assert entry["message_zh"] in said
    assert entry["true"] is True


def test_at_least_ten_findings_of_seven_rules_were_examined() -> None:
    assert len(EXAMINED) >= 10
    assert len({entry["rule"] for entry in EXAMINED}) >= 7
    assert len({str(entry["file"]).partition("/")[0] for entry in EXAMINED}) == 2
