from __future__ import annotations

import pytest

from hjgis.edits.arrange import rename, take_out
from hjgis.errors import EditRefused
from hjgis.models.arrangement import Arrangement
from hjgis.models.catalogue_files import catalogue


def test_it_is_read_back_as_written() -> None:
    wanted = Arrangement(
        ("road", "manhole"), {"trees": "行道树"}, frozenset({"road"}), frozenset({"old"})
    )
    read = Arrangement.read(wanted.text())
    assert read.stored == wanted.text()
    assert (read.order, read.titles, read.locked, read.gone) == (
        wanted.order,
        wanted.titles,
        wanted.locked,
        wanted.gone,
    )


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '{"titles": 3}', '{"order": 7}', "null"])
def test_what_cannot_be_read_is_as_if_nothing_were_arranged(text: str | None) -> None:
    types = catalogue().types
    assert list(Arrangement.read(text).arranged(types)) == list(types)


def test_layers_that_are_not_named_stay_beside_their_neighbours() -> None:
    types = catalogue().types
    names = list(types)
    first, second, *others = names
    turned = Arrangement(order=(second, first)).arranged(types)
    assert list(turned) == [second, *others, first]
    below = {"fresh": types[first], **types}
    assert list(Arrangement(order=tuple(names[::-1])).arranged(below)) == ["fresh", *names[::-1]]


def test_layers_of_assets_keep_their_names_and_stay() -> None:
    asset = catalogue().types["manhole"]
    with pytest.raises(EditRefused, match="belong to every project"):
        rename(Arrangement(), asset, "Lids")
    with pytest.raises(EditRefused, match="belong to every project"):
        take_out(Arrangement(), asset, None)  # type: ignore[arg-type]
