"""The field sheet of places to visit, read back by another reader."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest

from hjgis.cartography.visit_sheet import pages_of, write_visit_sheet
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.visits import Visit

X, Y = 428_245.0, 4_528_395.0


def visit(number: int, x: float = X, y: float = Y, reason: str = "灯距60 m") -> Visit:
    road = "示例街" if number % 2 else ""
    return Visit(number, f"id{number}", "visit.lamp_gap", "疑漏路灯", reason, "street_lamp", None,
                 road, "150826100001001", x, y)  # fmt: skip


def text_of(path: Path) -> str:
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages)


def test_each_place_is_on_the_sheet_with_its_reason_and_boxes(
    own_town: Project, tmp_path: Path
) -> None:
    set_language("zh_CN")
    out = tmp_path / "visits.pdf"
    assert write_visit_sheet(own_town, [visit(1), visit(2, X + 40)], out) == 1
    said = text_of(out)
    for words in ("疑漏路灯", "灯距60m", "示例街", "150826100001001", "4528395.0"):
        assert words in said
    page = pypdf.PdfReader(out).pages[0]
    assert round(float(page.mediabox.width) * 25.4 / 72) == 297


def test_a_page_holds_twelve_places_that_one_map_shows() -> None:
    near = [visit(number, X + number) for number in range(1, 14)]
    assert [len(page) for page in pages_of(near)] == [12, 1]
    far = [visit(1), visit(2, X + 2501), visit(3, X + 2501, Y + 2499)]
    assert [len(page) for page in pages_of(far)] == [1, 2]
    assert pages_of([]) == ((),)


def test_a_long_reason_is_written_in_lines(own_town: Project, tmp_path: Path) -> None:
    reason = "沿路间距异常，需到现场核实" * 4 + "末尾"
    out = tmp_path / "visits.pdf"
    write_visit_sheet(own_town, [visit(1, reason=reason)], out)
    assert reason in text_of(out)


def test_nothing_to_visit_is_said(own_town: Project, tmp_path: Path) -> None:
    out = tmp_path / "visits.pdf"
    assert write_visit_sheet(own_town, [], out) == 1
    assert "Nothinghastobelookedat." in text_of(out)


def test_a_sheet_is_a_pdf_in_a_folder_that_is_there(own_town: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.pdf"):
        write_visit_sheet(own_town, [visit(1)], tmp_path / "visits.docx")
    with pytest.raises(HjgisError, match="no such folder"):
        write_visit_sheet(own_town, [visit(1)], tmp_path / "gone" / "visits.pdf")


def test_who_stops_it_leaves_no_file(own_town: Project, tmp_path: Path) -> None:
    class Impatient:
        def report(self, done: int, total: int, key: str) -> None:
            pass

        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_visit_sheet(own_town, [visit(1)], tmp_path / "v.pdf", progress=Impatient())
    assert list(tmp_path.glob("*.pdf")) == []
