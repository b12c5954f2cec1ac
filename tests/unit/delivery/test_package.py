"""Packages as others read them, and what becomes of them when something goes wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ezdxf
import numpy as np
import openpyxl
import pypdf
import pytest
import pyzipper
import shapely
from pyogrio import list_layers, raw

from hjgis.checks import runner
from hjgis.delivery import package
from hjgis.delivery.checked import delivered_report
from hjgis.delivery.planning import Planned, plan
from hjgis.delivery.returning import plan_return
from hjgis.edits.attachments import attach
from hjgis.edits.attributes import set_values
from hjgis.errors import Cancelled, HjgisError, InputError, UsageError
from hjgis.exchange.pictures import facts_of, read_paper
from hjgis.i18n import set_language
from hjgis.layers.media_files import attachments_in
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet, FeatureKey
from hjgis.models.exceptions import accept
from hjgis.progress import SILENT
from tests import network
from tests.photos import make_photo
from tests.unit.delivery.conftest import OPERATOR, PERSON, SECRET, SURVEYOR, X, Y, order

FORMATS = ("shp", "dxf", "xlsx", "gpkg", "geojson", "kml", "csv")
ALL = ("manhole", "street_lamp", "road", "inspection")
KEPT = FeatureKey("manhole", "00000000-0000-7000-8000-000000000003")


def delivered(
    project: Project, out: Path, *layers: str, password: str | None = None, **given: object
) -> package.Delivered:
    planned = plan(project, order(*layers, **given))
    with project.reader() as reader:
        built = package.build(reader, planned, out, password=password)
    return built.hand_over(project)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- what is in it -------------------------------------------------------------------------


def test_the_list_names_every_file_with_its_digest(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "包", *ALL, formats=FORMATS, parts=("report", "map"))
    content = json.loads((done.path / "清单.json").read_text("utf-8"))
    files = {entry["path"]: entry for entry in content["files"]}
    there = {path.relative_to(done.path).as_posix() for path in done.path.rglob("*.*")}
    assert set(files) == there - {"清单.json"}
    for name, entry in files.items():
        held = (done.path / name).read_bytes()
        assert (len(held), hashlib.sha256(held).hexdigest()) == (entry["bytes"], entry["sha256"])
    assert listed(done.path) == sorted(
        [
            "地图.pdf",
            "字段对照表.xlsx",
            "损失清单.xlsx",
            "数据",
            "检查报告.xlsx",
            "清单.json",
            "说明.html",
        ]
    )
    assert {path for path in done.path.rglob("*") if path.is_file()} == set(done.report.files)
    assert content["uuid"] == done.entry.uuid
    assert content["secrecy"] == "内部"
    assert content["project"]["uuid"] == stock.info("project_uuid")
    (layer,) = (one for one in content["formats"]["shp"]["layers"] if one["name"] == "manhole")
    assert (layer["count"], layer["names"]["uuid"]) == (5, "UUID")


def test_the_register_says_what_the_list_says(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "a", "manhole")
    held = (done.path / "清单.json").read_bytes()
    (entry,) = stock.deliveries.entries()
    assert entry == done.entry
    assert entry.sha256 == hashlib.sha256(held).hexdigest()
    assert (entry.number, entry.operator, entry.package) == (1, OPERATOR, "a")
    assert (entry.counts, entry.secrecy) == ({"manhole": 5}, "内部")
    assert stock.deliveries.rows(1)["manhole"].tolist() == [1, 2, 3, 4, 8]
    assert entry.change == stock.deliveries.last_change()
    assert {one["reason"] for one in entry.order["withheld"]} >= {"military facility"}
    assert json.loads(held)["name"] == entry.name


@pytest.mark.parametrize("format_", ["gpkg", "geojson", "shp"])
def test_data_read_back_with_their_values_and_system(
    stock: Project, tmp_path: Path, format_: str
) -> None:
    done = delivered(stock, tmp_path / "a", "manhole", formats=(format_,))
    folder = done.path / "数据" / format_
    (path,) = folder.glob("*.gpkg" if format_ == "gpkg" else f"manhole.{format_}")
    meta, _fids, _shapes, data = raw.read(path, layer="manhole")
    columns = dict(zip(meta["fields"], data, strict=True))
    numbers = columns["exp_no" if format_ != "shp" else "WTDH"].tolist()
    assert numbers == ["WS0", "WS1", "WS2", "WS3", "WS7"]
    assert meta["crs"] == ("EPSG:4326" if format_ == "geojson" else "EPSG:4545")


def test_a_drawing_is_sound_and_holds_the_features(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "a", "manhole", formats=("dxf",))
    (path,) = (done.path / "数据" / "dxf").glob("*.dxf")
    drawing = ezdxf.readfile(path)
    assert not drawing.audit().errors
    texts = {tag.dxf.text for one in drawing.modelspace().query("INSERT") for tag in one.attribs}
    assert {"WS0", "WS7"} <= texts
    assert "WS4" not in texts


def test_losses_and_names_stand_in_workbooks(stock: Project, tmp_path: Path) -> None:
    value = {"remarks": "𠮷祥" * 200}
    stock.session.apply(set_values(stock, [KEPT], value))
    done = delivered(stock, tmp_path / "a", "manhole", formats=("shp", "gpkg"))
    book = openpyxl.load_workbook(done.path / "损失清单.xlsx")
    counts, each = book.worksheets
    told = [len(layer.losses) for layer in done.report.layers]
    assert [row[3].value for row in counts.iter_rows(min_row=2)] == told
    assert told[0] > told[1] == 0
    assert {row[5].value for row in each.iter_rows(min_row=2)} == {
        KEPT.uuid, KEPT.uuid[:-1] + "0"
    }  # fmt: skip
    names = openpyxl.load_workbook(done.path / "字段对照表.xlsx").worksheets[0]
    assert "WTDH" in {row[1].value for row in names.iter_rows(min_row=2)}


def test_the_report_is_of_the_delivered_features_alone(stock: Project, tmp_path: Path) -> None:
    issue = next(
        one for one in runner.run(stock).issues if one.uuid == KEPT.uuid and one.layer == "manhole"
    )
    accepted = accept(
        stock.info("check_exceptions"), [issue], "如此", operator=OPERATOR, on=dt.date(2020, 6, 15)
    )
    stock.session.apply(accepted)
    done = delivered(stock, tmp_path / "a", "manhole", parts=("report",))
    book = openpyxl.load_workbook(done.path / "检查报告.xlsx")
    found = book[book.sheetnames[3]]
    uuids = {row[-1].value for row in found.iter_rows(min_row=2)}
    went = stock.table("manhole", [], fids=stock.deliveries.rows(1)["manhole"].tolist())
    assert uuids
    assert uuids <= set(went.uuids.tolist())
    assert {row[1].value for row in found.iter_rows(min_row=2)} == {"Manhole"}
    reasons = [row[3].value for row in book[book.sheetnames[4]].iter_rows(min_row=2)]
    assert reasons == ["如此"]


def test_a_node_that_stays_here_is_no_fault_of_its_pipe(project: Project, tmp_path: Path) -> None:
    keys = network.build(project)
    secret = set_values(project, [keys["A"]], {"secrecy": "秘密"})
    project.session.apply(secret)
    planned = plan(project, order("pipe_line", "manhole"))
    report = delivered_report(project, planned, progress=SILENT)
    assert "pipe.end_without_node" not in report.summary
    assert all(keys["A"].uuid not in issue.message for issue in report.issues)
    assert len(report.issues) > 0


def test_map_and_page_carry_secrecy_and_number(stock: Project, tmp_path: Path) -> None:
    set_language("zh_CN")
    done = delivered(stock, tmp_path / "a", "manhole", "road", parts=("map",))
    text = pypdf.PdfReader(done.path / "地图.pdf").pages[0].extract_text()
    page = (done.path / "说明.html").read_text("utf-8")
    assert [word for word in ("内部", done.entry.name) if word not in text] == []
    marked = 'class="mark" align="right">内部<'
    assert [word for word in (marked, done.entry.name) if word not in page] == []
    assert [word for word in ("http", "<script", "src=", "url(") if word in page] == []


def test_a_map_of_a_theme_is_drawn_of_what_goes_out(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "a", "manhole", parts=("map",), theme="manholes")
    assert (done.path / "地图.pdf").read_bytes().startswith(b"%PDF")


def test_photos_go_with_their_features_and_only_on_request(stock: Project, tmp_path: Path) -> None:
    hidden = FeatureKey("manhole", KEPT.uuid[:-1] + "4")
    for key, noise in ((KEPT, 1), (hidden, 2)):
        paper = read_paper(make_photo(tmp_path / f"p{noise}.jpg", noise=noise), stock.crs)
        stock.session.apply(attach(stock, [(key, paper)]))
    without = delivered(stock, tmp_path / "a")
    assert not (without.path / "照片").exists()
    assert "attachment" not in without.entry.counts
    done = delivered(stock, tmp_path / "b", "manhole", parts=("photos",))
    assert [path.name for path in sorted((done.path / "照片").iterdir())] == [
        "WS3_1.jpg", "photos.csv"
    ]  # fmt: skip


@pytest.mark.parametrize("fields", [{}, {"attachment": ("caption",)}])
def test_photos_in_a_geopackage_come_back_without_a_difference(
    stock: Project, tmp_path: Path, fields: dict[str, tuple[str, ...]]
) -> None:
    paper = read_paper(make_photo(tmp_path / "p.jpg", noise=1), stock.crs)
    stock.session.apply(attach(stock, [(KEPT, paper)]))
    done = delivered(stock, tmp_path / "a", "manhole", "attachment", formats=("gpkg",),
                     fields=fields)  # fmt: skip
    path = done.path / "数据" / "gpkg" / "数据.gpkg"
    (record,) = attachments_in(path).records
    assert record["sha256"] != paper.content.sha256
    data = b"".join(attachments_in(path).contents[str(record["sha256"])].chunks())
    assert facts_of(data, "image/jpeg").place is None
    (done.path / "清单.json").unlink()
    came = plan_return(stock, done.path)
    assert [*came.update.differences] == []
    assert {problem.kind for problem in came.problems} == {"warning"}


# -- what is not in it ---------------------------------------------------------------------


def parts_of(path: Path) -> Iterator[bytes]:
    """Everything that a file holds, unpacked."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from map(book.read, book.namelist())
        # Packed bytes may spell three letters by chance.
        return
    elif path.suffix == ".pdf":
        for page in pypdf.PdfReader(path).pages:
            yield page.extract_text().encode()
    yield path.read_bytes()


def test_nothing_of_what_stays_here_is_in_any_byte(stock: Project, tmp_path: Path) -> None:
    stock.session.apply(set_values(stock, [KEPT], {"remarks": "改了"}))
    done = delivered(stock, tmp_path / "a", *ALL, formats=FORMATS, parts=("report", "map"))
    words = [
        SECRET, SURVEYOR, PERSON, OPERATOR, "普查.xlsx", "某部队", "hjgis_change",
        "hjgis_project", "hjgis_delivery", "hjgis_exceptions", "WS4", "WS5", "WS6", "改前旧值",
        "00000000-0000-7000-8000-000000000004", str(tmp_path), str(Path.home()) + "/",
    ]  # fmt: skip
    for path in (path for path in done.path.rglob("*") if path.is_file()):
        for held in parts_of(path):
            for word in words:
                for encoding in ("utf-8", "gbk", "utf-16-le"):
                    assert word.encode(encoding) not in held, (path.name, word)


def test_a_geopackage_of_a_delivery_holds_its_layers_and_nothing_of_ours(
    stock: Project, tmp_path: Path
) -> None:
    done = delivered(stock, tmp_path / "a", "manhole", "street_lamp", formats=("gpkg",))
    (path,) = (done.path / "数据" / "gpkg").iterdir()
    assert set(list_layers(path)[:, 0]) == {"manhole", "street_lamp", "layer_styles"}
    _meta, _fids, _shapes, data = raw.read(path, layer="layer_styles", columns=["f_table_name"])
    assert set(data[0]) == {"manhole", "street_lamp"}


# -- archives ------------------------------------------------------------------------------


def test_an_archive_is_encrypted_and_its_names_are_chinese(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "包.zip", "manhole", password="Pass 1!")
    with zipfile.ZipFile(done.path) as plain:
        members = plain.infolist()
        with pytest.raises(RuntimeError, match="encrypted"):
            plain.read(members[0])
    assert {member.flag_bits & 0x800 for member in members} == {0x800}
    root = f"内部_{done.entry.name}/"
    assert all(member.filename.startswith(root) for member in members)
    with pyzipper.AESZipFile(done.path) as archive:
        archive.setpassword(b"Pass 1!")
        assert archive.testzip() is None
        held = archive.read(root + "清单.json")
        archive.setpassword(b"wrong")
        with pytest.raises(RuntimeError):
            archive.read(root + "清单.json")
    assert hashlib.sha256(held).hexdigest() == done.entry.sha256
    assert SECRET.encode("gbk") not in done.path.read_bytes()


def test_an_archive_without_password_opens_with_any_program(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "包.zip", "manhole")
    with zipfile.ZipFile(done.path) as archive:
        assert archive.testzip() is None


def test_a_folder_cannot_have_a_password(stock: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Only an archive"):
        delivered(stock, tmp_path / "a", "manhole", password="x")


@pytest.mark.parametrize("password", ["", "密码", "a\n"])
def test_a_password_that_other_programs_read_otherwise_is_refused(
    stock: Project, tmp_path: Path, password: str
) -> None:
    with pytest.raises(UsageError, match="Latin letters"):
        delivered(stock, tmp_path / "a.zip", "manhole", password=password)


def test_the_same_content_is_the_same_bytes(stock: Project, tmp_path: Path) -> None:
    first, second = (delivered(stock, tmp_path / name, *ALL, formats=FORMATS) for name in "ab")
    for path in first.path.rglob("*.*"):
        other = second.path / path.relative_to(first.path)
        if path.suffix in (".shp", ".shx", ".dbf", ".csv", ".geojson", ".prj", ".cpg"):
            assert path.read_bytes() == other.read_bytes(), path.name


def test_a_suggested_name_begins_with_the_secrecy_and_fits_every_system(stock: Project) -> None:
    planned = plan(stock, order("manhole", recipient="甲/乙:公司" * 40))
    name = package.suggested_name(stock, planned, dt.date(2020, 6, 15))
    assert name.startswith(f"内部_{stock.title}_甲_乙_公司")
    assert name.endswith("_20200615")
    assert len(name.encode()) < 255


def test_what_has_no_place_has_no_map(stock: Project, tmp_path: Path) -> None:
    done = delivered(stock, tmp_path / "a", "inspection", formats=("csv",), parts=("map",))
    assert not (done.path / "地图.pdf").exists()


# -- what goes wrong -----------------------------------------------------------------------


def test_what_is_there_is_not_overwritten(stock: Project, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="exists already"):
        delivered(stock, tmp_path / "a", "manhole")
    assert stock.deliveries.entries() == []


def test_a_folder_that_is_not_there_and_a_name_too_long_are_told(
    stock: Project, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no folder"):
        delivered(stock, tmp_path / "none" / "a", "manhole")
    before = listed(tmp_path)
    with pytest.raises(InputError, match="Cannot write"):
        delivered(stock, tmp_path / ("交" * 250), "manhole")
    assert listed(tmp_path) == before


def test_a_place_that_cannot_be_written_is_told(stock: Project) -> None:
    with pytest.raises(InputError, match="Cannot write"):
        delivered(stock, Path("/proc/hjgis"), "manhole")


def test_a_long_path_with_chinese_is_no_trouble(stock: Project, tmp_path: Path) -> None:
    deep = tmp_path
    while len(str(deep)) < 240:
        deep = deep / "交付资料汇总文件夹"
    deep.mkdir(parents=True)
    done = delivered(stock, deep / "中山路", "manhole", formats=FORMATS)
    assert (done.path / "数据" / "shp" / "manhole.dbf").is_file()


class Stopping:
    """Asks to stop at the n-th look."""

    def __init__(self, at: int) -> None:
        self.left = at

    def report(self, done: int, total: int, key: str) -> None:
        pass

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled("stop")


def test_whenever_it_is_stopped_nothing_is_left(stock: Project, tmp_path: Path) -> None:
    planned = plan(stock, order(*ALL, formats=FORMATS, parts=("report", "map")))
    before, at, stopped = listed(tmp_path), 0, True
    while stopped:
        out = tmp_path / ("a.zip" if at % 2 else "a")
        try:
            built = package.build(stock, planned, out, progress=Stopping(at))
        except Cancelled:
            assert listed(tmp_path) == before
        else:
            built.discard()
            stopped = False
        at += 13
    assert at > 100
    assert (listed(tmp_path), stock.deliveries.entries()) == (before, [])


@pytest.mark.parametrize("without", ["--no-report", "--no-map"])
def test_a_full_disk_is_told_and_leaves_nothing(
    stock: Project, tmp_path: Path, without: str
) -> None:
    spots = shapely.points(X + 1.0 * np.arange(6000), np.full(6000, Y))
    # One long value makes a wide column of a shapefile.
    texts = [field for field in stock.asset_type("manhole").fields if field.type == "text"]
    long = {one.name: ["长" * (one.max_length or 80), *[None] * 5999] for one in texts}
    many = BulkInsert("manhole", spots, long | {"owner_name": [None] * 6000})
    stock.session.apply(ChangeSet("import", bulk=(many,)))
    stock.close()
    before = listed(tmp_path)
    # The system refuses files of more than so many bytes, as a full disk does.
    most = stock.path.stat().st_size + 200_000
    script = (
        "import resource, sys; from hjgis import cli;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, resource.RLIM_INFINITY));"
        "sys.exit(cli.main(sys.argv[1:], None))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, "deliver", stock.path, tmp_path / "a", "--to", "甲",
         "--for", "乙", "--layers", "manhole", without, "--no-map"],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert said.returncode == 3, said.stderr
    assert "Traceback" not in said.stderr, said.stderr
    assert str(tmp_path / "a") in said.stderr
    assert ".hjgis-" not in said.stderr
    assert [name for name in listed(tmp_path) if "backups" not in name] == before


@pytest.mark.parametrize(
    ("format_", "most"), [("kml", 100), ("xlsx", 100), ("xlsx", 3000), ("xlsx", 9000)]
)
def test_an_export_that_fails_names_its_file_once_and_says_nothing_else(
    stock: Project, tmp_path: Path, format_: str, most: int
) -> None:
    stock.close()
    module = {"kml": "kml_file", "xlsx": "workbook_file"}[format_]
    # As a full disk does, the system refuses what comes after so many bytes of a file.
    script = (
        "import resource, signal, sys; from hjgis import cli;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from hjgis.exchange import kml_file; from hjgis.exchange.workbooks import workbook_file;"
        f"writer = {module};"
        "write = writer.write;\n"
        "def limited(*given, **more):\n"
        f"    resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, resource.RLIM_INFINITY))\n"
        "    return write(*given, **more)\n"
        "writer.write = limited;"
        "sys.exit(cli.main(sys.argv[1:], None))"
    )
    out = tmp_path / f"out.{format_}"
    said = subprocess.run(
        [sys.executable, "-c", script, "export", stock.path, out, "--format", format_],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert said.returncode == 3, said.stderr
    assert said.stderr.splitlines()[-1].endswith("disk")
    assert said.stderr.count(f"Cannot write {out}: ") == 1
    assert "Exception" not in said.stderr
    assert not out.exists()


def ready(stock: Project, out: Path) -> package.Built:
    return package.build(stock, plan(stock, order("manhole")), out)


def test_what_was_put_there_meanwhile_is_not_overwritten(stock: Project, tmp_path: Path) -> None:
    built = ready(stock, tmp_path / "a")
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="exists already"):
        built.hand_over(stock)
    assert not built.made.exists()
    assert stock.deliveries.entries() == []


def test_a_number_is_given_once(stock: Project, tmp_path: Path) -> None:
    first, second = ready(stock, tmp_path / "a"), ready(stock, tmp_path / "b")
    assert first.hand_over(stock).entry.number == 1
    with pytest.raises(HjgisError, match="Another delivery was made meanwhile"):
        second.hand_over(stock)
    assert [path for path in (second.made, tmp_path / "b") if path.exists()] == []


def test_a_project_that_changed_since_the_plan_is_refused(stock: Project, tmp_path: Path) -> None:
    planned = plan(stock, order("manhole"))
    stock.session.apply(set_values(stock, [KEPT], {"secrecy": "秘密"}))
    with pytest.raises(HjgisError, match="changed since"):
        package.build(stock, planned, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_an_edit_after_the_package_is_not_in_it_and_the_register_knows(
    stock: Project, tmp_path: Path
) -> None:
    built = ready(stock, tmp_path / "a")
    before = stock.deliveries.last_change()
    stock.session.apply(set_values(stock, [KEPT], {"remarks": "后来"}))
    assert built.hand_over(stock).entry.change == before


def joining(stock: Project, value: str, joins: int | None = None) -> int:
    edit = set_values(stock, [KEPT], {"remarks": value})
    return stock.session.apply(edit, joins=joins).change_id


def test_an_edit_that_joins_the_last_one_changes_the_plan(stock: Project, tmp_path: Path) -> None:
    change = joining(stock, "一")
    planned = plan(stock, order("manhole"))
    assert joining(stock, "二", joins=change) == change
    with pytest.raises(HjgisError, match="changed since"):
        package.build(stock, planned, tmp_path / "a")


@pytest.mark.parametrize("more", [False, True])
def test_an_edit_that_joins_what_a_package_ends_with_is_not_registered_as_written(
    stock: Project, tmp_path: Path, more: bool
) -> None:
    change = joining(stock, "一")
    built = ready(stock, tmp_path / "a")
    joining(stock, "二", joins=change)
    if more:
        joining(stock, "三")
    with pytest.raises(HjgisError, match="changed since"):
        built.hand_over(stock)
    assert [path for path in (built.made, tmp_path / "a") if path.exists()] == []
    assert stock.deliveries.entries() == []


def test_a_project_that_is_only_read_delivers_nothing(stock: Project, tmp_path: Path) -> None:
    with stock.reader() as reader:
        built = ready(reader, tmp_path / "a")
        with pytest.raises(HjgisError):
            built.hand_over(reader)
    assert [path for path in (built.made, tmp_path / "a") if path.exists()] == []


def test_a_move_that_fails_says_that_the_register_has_it(stock: Project, tmp_path: Path) -> None:
    built = ready(stock, tmp_path / "a")
    lost = replace(built, moves=((built.made / "gone", tmp_path / "a"),))
    with pytest.raises(HjgisError, match=r"stands in the register.*Deliver the same again"):
        lost.hand_over(stock)
    assert len(stock.deliveries.entries()) == 1
    assert delivered(stock, tmp_path / "a", "manhole").entry.number == 2


# -- the data alone ------------------------------------------------------------------------


def bare(project: Project, planned: Planned, out: Path) -> package.Delivered:
    return package.build_bare(project, planned, out).hand_over(project)


def test_an_export_is_in_the_register_and_leaves_no_more_than_its_files(
    stock: Project, tmp_path: Path
) -> None:
    planned = plan(stock, order("manhole", "road"))
    done = bare(stock, planned, tmp_path / "新" / "夹")
    assert {path.name for path in done.report.files} == set(listed(tmp_path / "新" / "夹"))
    assert stock.deliveries.entries() == [done.entry]
    with pytest.raises(InputError, match="exists already"):
        bare(stock, planned, tmp_path / "新" / "夹")
    lamps = plan(stock, order("street_lamp", formats=("csv",)))
    bare(stock, lamps, tmp_path / "新" / "夹")
    one = plan(stock, order("road", formats=("gpkg",)))
    bare(stock, one, tmp_path / "b.gpkg")
    assert not [name for name in listed(tmp_path) if name.startswith(".hjgis")]


def test_symbols_for_qgis_are_listed_explained_and_no_change_when_they_come_back(
    stock: Project, tmp_path: Path
) -> None:
    done = delivered(stock, tmp_path / "a", "manhole", "road", parts=("symbols",))
    looks = sorted((done.path / "数据" / "shp").glob("*.qml"))
    assert [path.name for path in looks] == ["manhole.qml", "road.qml"]
    held = json.loads((done.path / "清单.json").read_text("utf-8"))
    assert {f"数据/shp/{path.name}" for path in looks} <= {one["path"] for one in held["files"]}
    assert ".qml" in (done.path / "说明.html").read_text("utf-8")
    for path in looks:
        assert SECRET not in path.read_text("utf-8")
    # Somebody chose other colours in QGIS, and made a look where there was none.
    looks[0].write_text("<qgis/>", "utf-8")
    (looks[0].parent / "mine.qml").write_text("<qgis/>", "utf-8")
    plan_ = plan_return(stock, done.path)
    assert not plan_.update.differences
    assert not plan_.problems
    plain = delivered(stock, tmp_path / "b", "manhole")
    assert ".qml" not in (plain.path / "说明.html").read_text("utf-8")
