"""Import every file of a folder of real files and write down what came of it.

``python -m tests.real_files FOLDER [--markdown FILE]``. Each layer goes into an empty project as a
reference layer. Where the import asks, the answer that a person would give is given and noted:
what is asked is part of the result.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.errors import HjgisError, InputQuestion
from hjgis.exchange.differences import KINDS
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.exchange.report import Problem
from hjgis.exchange.survey import plan_survey
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.paths import sample_data

SUFFIXES: Final = (
    ".shp", ".gpkg", ".geojson", ".json", ".csv", ".xlsx", ".xls", ".dxf", ".inp", ".dat", ".dbf",
    ".kml", ".kmz",
)  # fmt: skip
# Headings that hold coordinates, east and north.
_PLACES: Final = (("XCOORD", "YCOORD"), ("經度", "緯度"), ("經度(WGS84)", "緯度(WGS84)"),
                  ("TWD97經度", "TWD97緯度"), ("X", "Y"), ("lon", "lat"))  # fmt: skip
_PIPES: Final = "pipe_line"
_DEGREES: Final = "EPSG:4326"
_MOST_QUESTIONS: Final = 6


@dataclass
class Outcome:
    """What came of one layer."""

    file: str
    layer: str
    read: int = 0
    imported: int = 0
    encoding: str = ""
    crs: str = ""
    answers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: str = ""


def import_all(folder: Path) -> list[Outcome]:
    """Import every layer of every file of a folder, each into a project of its own.

    Raises
    ------
    AssertionError
        If a record is neither imported nor accounted for, or undo does not lead back.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in SUFFIXES)
    # The table of a shapefile is read with it.
    files = [p for p in files if p.suffix != ".dbf" or not p.with_suffix(".shp").exists()]
    with tempfile.TemporaryDirectory() as scratch:
        # Making the tables takes longer than most of the files.
        blank = Path(scratch) / "blank.gpkg"
        Project.create(blank).close()
        return [outcome for path in files for outcome in _outcomes(path, folder, blank)]


def _outcomes(path: Path, folder: Path, blank: Path) -> Iterator[Outcome]:
    name = path.relative_to(folder).as_posix()
    layers: Sequence[str | None] = [None]
    first = _imported(path, name, None, blank)
    if isinstance(first, list):
        layers = first
    else:
        yield first
        return
    for layer in layers:
        outcome = _imported(path, name, layer, blank)
        assert isinstance(outcome, Outcome)
        yield outcome


def _imported(path: Path, name: str, layer: str | None, blank: Path) -> Outcome | list[str]:
    """Import a layer; return the layers to choose from where that is asked."""
    outcome = Outcome(name, layer or "")
    with (
        tempfile.TemporaryDirectory() as scratch,
        Project.open(Path(shutil.copy(blank, scratch)), operator="test") as project,
    ):
        before = project.content_sha256()
        try:
            found = _planned(project, path, layer, outcome)
        except HjgisError as error:
            outcome.refused = str(error)
            return outcome
        if isinstance(found, list):
            return found
        report = carry_out(project, found)
        outcome.read, outcome.imported = report.read, report.imported
        outcome.encoding = f"{report.encoding} ({report.encoding_source})"
        outcome.crs = f"{report.crs} ({report.crs_source})"
        outcome.said = [_said(problem) for problem in report.problems]
        assert report.read == report.imported + report.rejected, name
        stored = sum(project.count(one) for one in project.types)
        assert stored == report.imported, name
        if report.imported:
            _same_again(project, path, found, outcome)
        if project.session.can_undo:
            project.session.undo()
        assert project.content_sha256() == before, name
    return outcome


def _said(problem: Problem) -> str:
    words = f"{problem.count} × {problem.message}"
    return f"{words} (row {problem.rows})" if problem.rows else words


def _same_again(project: Project, path: Path, first: ImportPlan, outcome: Outcome) -> None:
    """Make sure that the same file once more changes nothing."""
    stored = project.content_sha256()
    again = _planned(project, path, outcome.layer or None, Outcome(outcome.file, ""))
    assert isinstance(again, ImportPlan)
    report = carry_out(project, again, KINDS)
    assert report.unchanged == first.report.imported, (outcome.file, report)
    assert project.content_sha256() == stored, outcome.file


def _planned(
    project: Project, path: Path, layer: str | None, outcome: Outcome
) -> ImportPlan | list[str]:
    options: dict[str, Any] = {"source_layer": layer}
    for _question in range(_MOST_QUESTIONS):
        try:
            return plan_import(project, path, as_reference="theirs", **options)
        except InputQuestion as question:
            if question.option == "--source-layer" and layer is None:
                return list(question.candidates)
            answer = answer_to(question)
            if answer is None or answer.items() <= options.items():
                raise
            options |= answer
            outcome.answers += [f"{key} = {value}" for key, value in answer.items()]
    raise AssertionError(f"{path.name} asks without end")


def answer_to(question: InputQuestion) -> dict[str, Any] | None:
    """Return what a person would say, from the candidates."""
    if question.option.startswith("--x"):
        known = set(question.candidates)
        pair = next((pair for pair in _PLACES if known.issuperset(pair)), None)
        return {"spatial": False} if pair is None else {"x": pair[0], "y": pair[1]}
    if question.option == "--swap-axes":
        return {"swap": True}
    if question.option == "--accept-ballpark":
        return {"accept_ballpark": True}
    if question.option == "--crs":
        degrees = _DEGREES in question.candidates
        return {"crs": _DEGREES if degrees else question.candidates[0]}
    if question.option == "--encoding" and question.candidates:
        return {"encoding": question.candidates[0]}
    return None


@dataclass(frozen=True)
class Network:
    """What came of a survey of nodes and the pipes between them."""

    name: str
    nodes: int
    pipes: int
    ends: int
    connected: int
    dangling: Counter[str]


def networks(folder: Path) -> list[Network]:
    """Import the sewers of a real town, manholes and then pipes, and our own survey workbook."""
    found = []
    town = folder / "town-bangor"
    if town.is_dir():
        steps = [
            (town / "sanitaryManhole.geojson", "manhole"), (town / "sanitaryPipe.geojson", _PIPES),
        ]  # fmt: skip
        plans = [
            (source, lambda project, path, to=to: plan_import(project, path, to=to))
            for source, to in steps
        ]
        found.append(_network("town-bangor, sanitaryManhole and sanitaryPipe", plans))
    ours = sample_data() / "foreign" / "管线探测成果.xlsx"
    found.append(_network("管线探测成果.xlsx, made by us", [(ours, plan_survey)]))
    return found


def _network(name: str, plans: Sequence[tuple[Path, Callable[..., ImportPlan]]]) -> Network:
    with (
        tempfile.TemporaryDirectory() as scratch,
        Project.create(Path(scratch) / "town.gpkg", operator="test") as project,
    ):
        reports = [carry_out(project, plan(project, source)) for source, plan in plans]
        ends = project.table(_PIPES, ["from_node", "to_node"], geometry=False).columns
        linked = [uuid for column in ends.values() for uuid in column]
        known = {
            uuid
            for layer in project.node_layers
            for uuid in project.table(layer, [], geometry=False).uuids.tolist()
        }
        connected = [uuid for uuid in linked if uuid is not None]
        assert known.issuperset(connected), "a pipe names a node that is not there"
        dangling = Counter[str]()
        for problem in reports[-1].problems:
            if problem.kind == "unresolved-node":
                dangling[_reason(problem.message)] += problem.count
        assert len(connected) + dangling.total() == len(linked), "an end is neither way"
        pipes = project.count(_PIPES)
        return Network(name, len(known), pipes, len(linked), len(connected), dangling)


def _reason(message: str) -> str:
    if "times" in message:
        return "names a repeated number"
    if "NO MH" in message:
        return "says NO MH"
    return "names no node" if "unknown" in message else "is blank"


def page(outcomes: Sequence[Outcome], found: Sequence[Network] = ()) -> str:
    """Return the page of the documentation."""
    lines = [
        "# Real files, imported",
        "",
        "Made by `python -m tests.real_files FOLDER --markdown docs/exchange.md`; do not edit.",
        "",
        "Every layer goes into an empty project as a reference layer, and undo takes it out again."
        " *Asked* is what the program would not decide by itself, with the answer given here;"
        " *said* is what it reports beside the counts. Every record read is imported or listed.",
        "",
        "| file | layer | read | imported | encoding | coordinates | asked | said, or refused |",
        "|---|---|---:|---:|---|---|---|---|",
    ]
    for o in outcomes:
        said = o.refused or "; ".join(o.said[:4])
        cells = (
            o.file, o.layer, str(o.read), str(o.imported), o.encoding, o.crs,
            ", ".join(o.answers), said,
        )  # fmt: skip
        lines.append("| " + " | ".join(map(_plain, cells)) + " |")
    read = sum(o.read for o in outcomes)
    imported = sum(o.imported for o in outcomes)
    refused = sum(bool(o.refused) for o in outcomes)
    lines += [
        "",
        f"{len(outcomes)} layers, {read} records read, {imported} imported, {refused} layers"
        " refused with the reason above.",
        "",
        "## Networks",
        "",
        "Pipes know their nodes by identity, found by the numbers that the tables give. Every end"
        " that leads nowhere is in the import's list, with row, column and number.",
        "",
        "| survey | nodes | pipes | ends | connected | not connected, because the end |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for network in found:
        why = ", ".join(f"{reason}: {count}" for reason, count in sorted(network.dangling.items()))
        lines.append(
            f"| {network.name} | {network.nodes} | {network.pipes} | {network.ends}"
            f" | {network.connected} | {why} |"
        )
    lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:300]


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    set_language("en")
    text = page(import_all(given.folder), networks(given.folder))
    if given.markdown:
        given.markdown.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
