"""Queries by name and by sentence, asked from a shell too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyogrio import list_layers, raw

from hjgis import cli
from hjgis.errors import UsageError
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.queries import FACT, new_query, save_query
from hjgis.models.query import Condition, Query
from tests.network import build

TWO = Query("manhole", (Condition("exp_no", "in", ("A", "C")),))


class NoWindow:
    def window(self, project: Path | None) -> int:
        raise AssertionError(project)

    def screenshot(self, project: Path, out: Path, **options: object) -> None:
        raise AssertionError(project, out, options)


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments], NoWindow())


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    Project.create(path).close()
    with Project.open(path) as project:
        build(project)
        project.session.apply(save_query(None, new_query("两口井", TWO)))
        broken = Query("manhole", (Condition("colour", "=", "red"),))
        project.session.apply(save_query(project.info(FACT), new_query("Broken", broken)))
    return path


def test_a_saved_query_and_a_sentence_print_the_same_features(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("select", town, "两口井", "--json") == 0
    named = json.loads(capsys.readouterr().out)
    assert (named["layer"], named["count"]) == ("manhole", 2)
    assert run("select", town, "--where", "窨井: 物探点号 属于 A、C") == 0
    assert capsys.readouterr().out.split() == named["uuids"]
    assert run("select", town, "--layer", "manhole", "--where", "exp_no = A", "--json") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 1


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["nobody"], "两口井"),
        (["Broken"], "colour"),
        ([], "--where"),
        (["--where", "exp_no = A"], "colon"),
        (["--where", "Manhole: smell = A"], "smell"),
        (["--layer", "ufo", "--where", "a = 1"], "ufo"),
    ],
)
def test_what_cannot_be_asked_is_told(
    town: Path, arguments: list[str], naming: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("select", town, *arguments) == 2
    assert naming in capsys.readouterr().err


def test_an_export_holds_only_what_the_query_finds(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "two.gpkg"
    assert run("export", town, out, "--format", "gpkg", "--query", "两口井") == 0
    meta, _fids, _geometry, data = raw.read(out, layer="manhole")
    names = dict(zip(meta["fields"], data, strict=True))["exp_no"]
    assert sorted(names) == ["A", "C"]
    assert list_layers(out)[:, 0].tolist() == ["manhole", "layer_styles"]


def test_a_query_that_names_what_is_gone_is_not_asked(town: Path) -> None:
    with Project.open(town, write=False) as project:
        broken = querying.saved(project)[1]
        assert "colour" in querying.why_not(project, broken)
        assert broken.query is not None
        with pytest.raises(UsageError, match="colour"):
            querying.rows(project, broken.query)
