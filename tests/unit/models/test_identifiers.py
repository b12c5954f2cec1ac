from __future__ import annotations

import pytest

from hjgis.models.catalogue_files import catalogue
from hjgis.models.identifiers import ComponentId, class_code, class_prefixes, convert


def test_a_17_digit_id_is_county_class_and_serial() -> None:
    assert ComponentId.parse("15082603001000007") == ComponentId("150826", "03001", 7)
    assert str(ComponentId("150826", "0301", 7)) == "1508260301000007"


@pytest.mark.parametrize("text", ["", "1508260300100000", "15082603001000007x", "1" * 18])
def test_what_is_no_id_is_refused(text: str) -> None:
    if len(text) == 16:
        assert ComponentId.parse(text).class_code == "0300"
        return
    with pytest.raises(ValueError, match="16 or 17"):
        ComponentId.parse(text)


def test_both_schemes_name_the_same_toilet() -> None:
    toilet = catalogue().type("toilet")
    assert convert("15082603001000007", toilet, catalogue(), 16) == "1508260301000007"
    assert convert("1508260301000007", toilet, catalogue(), 17) == "15082603001000007"


def test_the_class_of_a_manhole_follows_its_kind() -> None:
    manhole = catalogue().type("manhole")
    field = manhole.field(manhole.component.codes_field)
    code = catalogue().codes(field.codes).parse("污水井盖")
    assert class_code(manhole, {field.name: code}, catalogue()) == "01002"
    assert class_code(manhole, {field.name: code}, catalogue(), 16) == "0102"
    assert class_code(manhole, {field.name: None}, catalogue()) is None


def test_serials_of_both_schemes_are_the_same_numbers() -> None:
    toilet = catalogue().type("toilet")
    assert class_prefixes(toilet, catalogue(), "03001") == ("03001", "0301")
