"""Parameters and common points: fitted, kept outside the project, used by the import."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from hjgis import cli
from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.exchange.common_points import fit, read_common_points
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.layers.second_writer import move_log
from hjgis.models.crs import Transform, geocentric, parse_crs
from hjgis.models.parameters import read_parameters, write_parameters
from hjgis.models.similarity import Plane, Space

# A town's own plane: turned, a little larger, far from the national one.
LOCAL = Plane(-23_456.789, -4_000_123.4, -2000.0, 12.0)
TOWN = np.array([[428_000.0, 4_528_000.0], [431_000.0, 4_527_000.0], [429_500.0, 4_531_000.0],
                 [426_000.0, 4_530_200.0], [430_000.0, 4_529_000.0]])  # fmt: skip
HEADING = "点名,原X(北),原Y(东),新X(北),新Y(东)"


def table(folder: Path, source: np.ndarray, target: np.ndarray, *, heading: str = HEADING) -> Path:
    rows = [
        ",".join([f"P{n}", *(repr(float(v)) for v in (a[1], a[0], b[1], b[0]))])
        for n, (a, b) in enumerate(zip(source, target, strict=True), 1)
    ]
    path = folder / "陕坝公共点.csv"
    path.write_bytes("\n".join([heading, *rows]).encode("gbk"))
    return path


def wells(folder: Path, places: np.ndarray, name: str = "wells.csv") -> Path:
    path = folder / name
    rows = "".join(f"{x!r},{y!r},W{n}\n" for n, (x, y) in enumerate(places.tolist()))
    path.write_text("e,n,exp_no\n" + rows)
    return path


def planned(project: Project, path: Path, **said: object) -> ImportPlan:
    return plan_import(project, path, to="manhole", x="e", y="n", **said)  # type: ignore[arg-type]


def spots(plan: ImportPlan) -> np.ndarray:
    return shapely.get_coordinates(plan.changes.bulk[0].geometry)


def said(plan: ImportPlan) -> str:
    return " ".join(problem.message for problem in plan.report.problems)


def test_common_points_put_a_local_survey_into_the_project(
    tmp_path: Path, project: Project
) -> None:
    local = LOCAL.apply(TOWN)
    points = table(
        tmp_path, local[:4], TOWN[:4] + 0.01 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    )
    plan = planned(project, wells(tmp_path, local), common_points=points)
    assert np.abs(spots(plan) - TOWN).max() < 0.03
    assert "fitted to 4 common points" in said(plan)
    assert "P1 0.0" in said(plan)
    assert plan.report.crs is None
    assert plan.report.crs_source == "given"
    assert plan.report.transform.startswith("parameter set 陕坝公共点 (4 parameters, RMS 0.0")


def test_doubtful_common_points_are_told(tmp_path: Path, project: Project) -> None:
    local = LOCAL.apply(TOWN)
    wrong = TOWN.copy()
    wrong[1] += 3.0
    words = said(
        planned(project, wells(tmp_path, local), common_points=table(tmp_path, local, wrong))
    )
    assert "worse than 0.05 m" in words
    assert "Point P2 fits much worse" in words
    two = planned(
        project, wells(tmp_path, local), common_points=table(tmp_path, local[:2], TOWN[:2])
    )
    assert "4 or more are recommended" in said(two)
    assert "nothing shows whether one is mistaken" in said(two)


def test_a_local_survey_with_north_first_is_asked_about(tmp_path: Path, project: Project) -> None:
    local = LOCAL.apply(TOWN)
    points = table(tmp_path, local, TOWN)
    path = wells(tmp_path, local[:, ::-1])
    with pytest.raises(InputQuestion) as asked:
        planned(project, path, common_points=points)
    assert asked.value.option == "--swap-axes"
    assert (
        np.abs(spots(planned(project, path, common_points=points, swap=True)) - TOWN).max() < 1e-3
    )


def test_a_set_from_a_file_is_used_like_a_system_and_leaves_nothing_in_the_project(
    tmp_path: Path, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    local = LOCAL.apply(TOWN)
    points, out = table(tmp_path, local, TOWN), tmp_path / "陕坝.toml"
    arguments = ["fit-crs", str(points), str(out), "--from", "local", "--to", "EPSG:4545", "--json"]
    assert cli.main(arguments, None) == 0  # type: ignore[arg-type]
    facts = json.loads(capsys.readouterr().out)
    assert facts["rms_m"] < 1e-6
    assert [point["name"] for point in facts["points"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert "parameters" not in facts
    plan = planned(project, wells(tmp_path, local), crs=str(out))
    assert np.abs(spots(plan) - TOWN).max() < 1e-4
    carry_out(project, plan)
    move_log(project)
    kept = project.path.read_bytes() + json.dumps(plan.report.to_json()).encode()
    found = read_parameters(out).model
    assert isinstance(found, Plane)
    for number in (found.east_m, found.north_m, found.rotation_arcsec, found.scale_ppm):
        assert f"{number:.2f}".encode() not in kept


def test_the_table_of_residuals_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = table(tmp_path, LOCAL.apply(TOWN), TOWN)
    out = tmp_path / "set.toml"
    arguments = ["fit-crs", str(points), str(out), "--from", "local", "--to", "EPSG:4545"]
    assert cli.main(arguments, None) == 0  # type: ignore[arg-type]
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()] == ["P1", "P2", "P3", "P4", "P5"]
    assert "RMS 0.000 m" in shown.err
    assert cli.main(arguments, None) == 3  # type: ignore[arg-type]


def test_seven_parameters_lead_from_xian_80(tmp_path: Path, project: Project) -> None:
    model = Space(12.3, -45.6, 78.9, 0.4, -0.8, 1.9, 2.5)
    old, new = parse_crs("EPSG:2381"), project.crs
    flat = np.zeros(len(TOWN))
    there = model.apply(geocentric(old, *TOWN.T, flat))
    lon, lat, height = pyproj.Transformer.from_crs(
        "EPSG:4479", "EPSG:4480", always_xy=True
    ).transform(*there.T)
    true = np.column_stack(Transform(parse_crs("EPSG:4490"), new).points(lon, lat))
    path = tmp_path / "points.csv"
    path.write_text(
        "name,from_east,from_north,from_height,to_east,to_north,to_height\n"
        + "".join(
            f"P{n},{x!r},{y!r},0,{e!r},{m!r},{h!r}\n"
            for n, (x, y, e, m, h) in enumerate(
                zip(*TOWN.T.tolist(), *true.T.tolist(), height.tolist(), strict=True)
            )
        )
    )
    out = tmp_path / "80.toml"
    arguments = ["fit-crs", str(path), str(out), "--from", "EPSG:2381", "--to", "EPSG:4545"]
    assert cli.main([*arguments, "--model", "7"], None) == 0  # type: ignore[arg-type]
    plan = planned(project, wells(tmp_path, TOWN + np.array([36_000_000, 0])), crs=str(out))
    assert "outside the county" in said(plan)
    plan = planned(project, wells(tmp_path, TOWN), crs=str(out))
    assert np.abs(spots(plan) - true).max() < 1e-3
    assert plan.report.crs == "EPSG:2381"


def test_a_set_serves_files_of_its_datum_in_any_projection(
    tmp_path: Path, project: Project, geojson: Callable[..., Path]
) -> None:
    out = tmp_path / "80.toml"
    shifted = Plane(20.0, -30.0, 1.0, 2.0).apply(TOWN)
    fitted = fit(
        read_common_points(table(tmp_path, TOWN, shifted)),
        name="80", source="EPSG:2381", target="EPSG:4545",
    )  # fmt: skip
    write_parameters(out, fitted.parameters)
    x, y = TOWN[0]
    for crs, spot in (("EPSG:2381", (x, y)), ("EPSG:2360", (x + 36_000_000, y))):
        path = geojson([(shapely.Point(spot), {"a": 1})], crs=crs)
        plan = plan_import(project, path, to="manhole", crs=str(out))
        assert np.abs(spots(plan) - shifted[0]).max() < 1e-4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks the columns"),
        ("点名,X,Y,X,Y\nA,1,2,3,4\n", "lacks the columns from_east"),
        (f"{HEADING}\nA,1,2,3\n", "row 2, 新Y(东): - is no number"),
        (f"{HEADING}\nA,1,2,3,abc\n", "row 2, 新Y(东): abc is no number"),
        (f"{HEADING}\nA,1,2,3,4\n", "1 common points are too few"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_row_and_column(
    tmp_path: Path, project: Project, text: str, words: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        planned(project, wells(tmp_path, TOWN), common_points=path)
    assert words in str(refused.value)


def test_headings_may_have_any_width_and_order(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("新Y（东）,新X（北）, 原 Y(东),原X(北),点号\n1,2,3,4,A\n", "utf-8-sig")
    points = read_common_points(path)
    assert points.names == ("A",)
    assert points.source.tolist() == [[3, 4, 0]]
    assert points.target.tolist() == [[1, 2, 0]]


@pytest.mark.parametrize(
    ("source", "target", "model"),
    [("EPSG:4610", "EPSG:4545", 4), ("local", "local", 4), ("local", "EPSG:4545", 7)],
)
def test_systems_that_the_model_cannot_join_are_refused(
    tmp_path: Path, source: str, target: str, model: int
) -> None:
    points = read_common_points(table(tmp_path, TOWN, TOWN))
    with pytest.raises(UsageError):
        fit(points, name="x", source=source, target=target, model=model)  # type: ignore[arg-type]


def test_degrees_are_no_plane_for_common_points(
    tmp_path: Path, project: Project, geojson: Callable[..., Path]
) -> None:
    path = geojson([(shapely.Point(107.1, 40.9), {"a": 1})], crs="EPSG:4490")
    with pytest.raises(InputError, match="in degrees"):
        plan_import(project, path, to="manhole", common_points=table(tmp_path, TOWN, TOWN))
    with pytest.raises(UsageError, match="leave --crs out"):
        plan_import(
            project, path, to="manhole", crs="EPSG:4490",
            common_points=table(tmp_path, TOWN, TOWN),
        )  # fmt: skip


def test_parameters_in_a_proj_string_shift_and_are_told_nowhere(
    tmp_path: Path, project: Project
) -> None:
    text = "+proj=tmerc +lon_0=108 +x_0=500000 +ellps=krass +towgs84=15.8,-154.4,-82.3 +type=crs"
    plan = planned(project, wells(tmp_path, TOWN), crs=text)
    lon, lat = Transform(parse_crs(text), parse_crs("EPSG:4326")).points(*TOWN.T)
    true = np.column_stack(Transform(parse_crs("EPSG:4326"), project.crs).points(lon, lat))
    assert np.abs(spots(plan) - true).max() < 1e-4
    assert np.hypot(*(true - TOWN).T).min() > 30
    assert "154.4" not in json.dumps(plan.report.to_json())
