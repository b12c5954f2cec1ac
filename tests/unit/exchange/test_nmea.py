from __future__ import annotations

import datetime as dt
import functools
import json
import operator
import random
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis import cli, paths
from hjgis.errors import InputError
from hjgis.exchange import nmea
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.sources import read_layer, summaries
from hjgis.i18n import label
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.positions import Fix, receiver_rules
from tests.sentences import gga, rmc, sentence


def heard(*lines: str) -> list[Fix]:
    data = [line.encode("latin-1") + b"\r\n" for line in lines]
    return list(nmea.fixes(data, nmea.Listener()))


def write(folder: Path, *lines: str, name: str = "track.nmea") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join([*lines, ""]).encode("latin-1"))
    return path


def test_the_sentences_of_one_moment_are_one_fix() -> None:
    gst = sentence("GNGST,020304.00,1.2,,,,0.30,0.40,0.9")
    (fix,) = heard(rmc(), gga(quality=4), gst)
    assert (fix.lon, fix.lat) == pytest.approx((107.1486, 40.8872), abs=1e-9)
    assert fix.quality.id == "rtk_fixed"
    assert fix.utc == dt.datetime(2026, 6, 15, 2, 3, 4, tzinfo=dt.UTC)
    assert (fix.satellites, fix.hdop, fix.height_m) == (12, 0.8, 1039.21)
    assert fix.ellipsoidal_m == pytest.approx(1000.71)
    assert fix.speed_ms == pytest.approx(2.5 * 1852 / 3600)
    assert fix.course_deg == 87.5
    assert fix.stated_m == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("number", "quality"),
    [
        (1, "single"), (2, "differential"), (3, "precise"), (4, "rtk_fixed"), (5, "rtk_float"),
        (6, "estimated"), (7, "manual"), (8, "simulated"), (9, "differential"),
    ],
)  # fmt: skip
def test_each_quality_of_gga_is_told(number: int, quality: str) -> None:
    (fix,) = heard(gga(quality=number))
    assert fix.quality.id == quality
    assert fix.lon is not None


def test_a_quality_that_nobody_knows_is_a_fault_and_no_fix() -> None:
    listener = nmea.Listener()
    assert not list(nmea.fixes([gga(quality=42).encode()], listener))
    assert listener.faults.wrong == [1]


@pytest.mark.parametrize(
    ("place", "lon", "lat"),
    [
        ("3352.5000,S,15112.6000,E", 151.21, -33.875),
        ("4053.2320,N,07700.6000,W", -77.01, 40.8872),
        ("3436.0000,S,05822.8000,W", -58.38, -34.6),
    ],
)
def test_south_and_west_are_negative(place: str, lon: float, lat: float) -> None:
    (fix,) = heard(gga(place=place))
    assert (fix.lon, fix.lat) == pytest.approx((lon, lat), abs=1e-9)


def test_the_date_goes_on_at_midnight_without_being_said_again() -> None:
    found = heard(rmc("235959.00"), gga("235959.00"), gga("000000.00"), gga("000001.00"))
    assert [fix.utc.isoformat() for fix in found if fix.utc] == [
        "2026-06-15T23:59:59+00:00",
        "2026-06-16T00:00:00+00:00",
        "2026-06-16T00:00:01+00:00",
    ]


def test_fixes_before_the_first_date_get_theirs_backwards_over_midnight(tmp_path: Path) -> None:
    path = write(tmp_path, gga("235959.00"), gga("000000.00"), gga("000001.00"), rmc("000001.00"))
    assert read_layer(path).columns["time_utc"].tolist() == [
        "2026-06-14T23:59:59Z",
        "2026-06-15T00:00:00Z",
        "2026-06-15T00:00:01Z",
    ]


def test_a_date_said_without_a_position_is_not_believed() -> None:
    early = sentence("GNRMC,020303.00,V,,,,,,,060180,,,N")
    found = heard(early, gga("020304.00"), rmc("020304.00"))
    assert [fix.date for fix in found] == [None, dt.date(2026, 6, 15)]


def test_the_date_of_survey_is_that_of_the_wall_clock_in_china(tmp_path: Path) -> None:
    path = write(tmp_path, rmc("170000.00"), gga("170000.00"))
    assert read_layer(path).columns["survey_date"].tolist() == ["2026-06-16"]


def test_the_rest_of_a_moment_that_was_closed_too_early_is_no_fix_of_its_own() -> None:
    listener = nmea.Listener()
    first = [*listener.hear(gga().encode()), *listener.close()]
    assert [fix.satellites for fix in first] == [12]
    assert not [*listener.hear(rmc().encode()), *listener.close()]
    later = [*listener.hear(gga("020305.00").encode()), *listener.close()]
    assert [fix.date for fix in later] == [dt.date(2026, 6, 15)]


@pytest.mark.parametrize("who", ["GP", "GN", "BD", "GB", "GL"])
def test_every_system_is_understood(who: str) -> None:
    (fix,) = heard(gga(who=who))
    assert fix.talker == who


def test_of_several_systems_in_one_moment_the_best_place_is_taken(tmp_path: Path) -> None:
    other = "4053.2330,N,10708.9160,E"
    path = write(
        tmp_path, gga(who="GP", place=other), gga(who="BD", quality=0, place=",,,"),
        gga(who="GN"), gga("020305.00", who="GP", quality=4, place=other), gga("020305.00"),
    )  # fmt: skip
    layer = read_layer(path)
    assert layer.columns["talker"].tolist() == ["GN", "GP"]
    assert any("several systems: 2" in words for words in layer.warnings)


def test_a_log_of_nothing_but_rmc_has_places_too(tmp_path: Path) -> None:
    layer = read_layer(write(tmp_path, rmc("020304.00"), rmc("020305.00", mode="D")))
    assert layer.columns["quality"].tolist() == ["Single", "Differential"]
    assert np.isnan(layer.columns["satellites"].astype(float)).all()


def test_what_is_damaged_is_left_out_and_said_with_its_lines(tmp_path: Path) -> None:
    wrong = gga("020305.00")[:-2] + "00"
    path = write(
        tmp_path,
        "# recorded by somebody",
        gga("020304.00"),
        wrong,
        gga("020306.00")[:30],
        gga("020307.00")[:25] + gga("020308.00"),
        "\xb5b\x01\x07binary",
        gga("020309.00", quality=0, place=",,,"),
        f"2026-06-15 10:03:10 {gga('020310.00')},1750000000",
    )
    layer = read_layer(path)
    times = layer.columns["time_utc"].tolist()
    assert times == ["02:03:04Z", "02:03:08Z", "02:03:10Z"]
    assert layer.columns["log_line"].tolist() == [2, 5, 8]
    said = " ".join(layer.warnings)
    assert "wrong checksum or value, left out: 1 (line 3)" in said
    assert "cut off, left out: 2 (lines 4, 5)" in said
    assert "no sentence of a receiver: 2 (lines 1, 6)" in said
    assert "without a position, left out: 1 (line 7)" in said
    assert "only the time of day" in said
    assert "1985" in said


@pytest.mark.parametrize(
    "body",
    [
        "GNGGA,020304.00,4053.2320,,10708.9160,E,1,12,0.8,1,M,1,M,,",
        "GNGGA,020304.00,9953.2320,N,10708.9160,E,1,12,0.8,1,M,1,M,,",
        "GNGGA,020304.00,4053.2320,N,abc,E,1,12,0.8,1,M,1,M,,",
        "GNGGA,020304.00,4053.2320,N",
        "GNGGA",
        "GNGGA,256199.00,4053.2320,N,10708.9160,E,1,12,0.8,1,M,1,M,,",
    ],
)
def test_a_sentence_whose_values_make_no_sense_is_a_fault(body: str) -> None:
    listener = nmea.Listener()
    found = list(nmea.fixes([sentence(body).encode()], listener))
    assert not any(fix.lon for fix in found)
    assert listener.faults.wrong == [1]


@pytest.mark.parametrize("name", ["track.txt", "track.log", "TRACK.NMEA"])
def test_a_log_is_known_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, gga(), name=name)
    (summary,) = summaries(path)
    assert (summary.geometry, summary.crs, summary.count) == ("Point", "EPSG:4326", 1)


def test_another_log_is_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, "2026-06-15 started", name="server.log")
    with pytest.raises(InputError, match=r"server\.log is no log of a satellite receiver"):
        read_layer(path)


def test_a_log_without_any_position_is_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, gga(quality=0, place=",,,"), gga("", quality=0, place=",,,"))
    with pytest.raises(InputError, match="no position in any of 2 moments"):
        read_layer(path)


def test_no_column_of_a_log_becomes_a_field_that_means_something_else() -> None:
    fix = Fix(receiver_rules().quality("single"), 107.0, 41.0)
    names = list(nmea._columns([fix]))
    for asset in catalogue().types.values():
        taken = {source: column.field for source, column in columns_for(asset, names).items()}
        assert taken.items() <= {"survey_date": "survey_date"}.items()


def test_the_points_have_no_height_of_another_datum(tmp_path: Path) -> None:
    layer = read_layer(write(tmp_path, gga()))
    assert not shapely.has_z(layer.geometry).any()
    assert layer.columns["above_geoid_m"].tolist() == [1039.21]
    assert layer.columns["geoid_separation_m"].tolist() == [-38.5]
    assert layer.columns["above_ellipsoid_m"].tolist() == pytest.approx([1000.71])


class NoWindow:
    def window(self, project: Path | None) -> int:
        raise AssertionError(f"no window was asked for: {project}")

    def screenshot(self, project: Path, out: Path, **options: object) -> None:
        raise AssertionError(f"no picture was asked for: {project} {out} {options}")


def test_the_command_line_takes_a_log_as_a_reference_layer(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, rmc(), gga(), gga("020305.00"), gga("020306.00")[:-2] + "00")
    project.close()
    arguments = ["import", str(project.path), str(path), "--as-reference", "航迹", "--json"]
    code = cli.main(arguments, NoWindow())
    report = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (report["read"], report["imported"], report["crs"]) == (2, 2, "EPSG:4326")
    assert any("checksum" in problem["message"] for problem in report["problems"])
    with Project.open(project.path, write=False) as again:
        (layer,) = [held for held in again.layers if label(held.title) == "航迹"]
        shapes = again.table(layer.id, []).geometry
        # The town's middle by the domain's own figures: E 428 244.94, N 4 528 395.52.
        assert shapely.get_coordinates(shapes)[0] == pytest.approx(
            (428244.94, 4528395.52), abs=0.01
        )


def test_fixes_become_assets_and_one_undo_takes_them_back(project: Project, tmp_path: Path) -> None:
    before = project.content_sha256()
    plan = plan_import(project, write(tmp_path, rmc(), gga()), to="street_lamp")
    assert plan.mapping == {"survey_date": "survey_date"}
    carry_out(project, plan)
    table = project.table("street_lamp", ["survey_date", "source_file", "source_row"])
    assert {name: list(values) for name, values in table.columns.items()} == {
        "survey_date": ["2026-06-15"],
        "source_file": ["track.nmea"],
        "source_row": [1],
    }
    project.session.undo()
    assert project.content_sha256() == before


@pytest.mark.parametrize("seed", range(5))
def test_no_damage_whatever_breaks_the_reader_or_makes_impossible_places(seed: int) -> None:
    chance = random.Random(seed)
    lines = (paths.sample_data() / "foreign" / "合成航迹_RTK.nmea").read_bytes().splitlines()
    damaged = []
    for line in lines:
        body = bytearray(line[1:-3])
        for _ in range(chance.randrange(3)):
            body[chance.randrange(len(body))] = chance.choice(b",.0123456789ABNSEW-+*$ \xff")
        if chance.random() < 0.2:
            body = body[: chance.randrange(len(body))]
        # Right checksums, so that the damage is not found by them.
        total = functools.reduce(operator.xor, body, 0)
        damaged.append(b"$" + bytes(body) + b"*%02X" % total)
    listener = nmea.Listener()
    found = list(nmea.fixes(damaged, listener))
    assert found
    assert listener.faults.wrong
    for fix in found:
        assert fix.lon is None or (abs(fix.lon) <= 180 and abs(fix.lat or 0.0) <= 90)
