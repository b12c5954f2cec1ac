from __future__ import annotations

import numpy as np
import pytest

from hjgis.basemap.pyramid import TileCache, TileKey, draw, is_too_small
from hjgis.basemap.warp import Mesh, Pixels, mesh
from hjgis.errors import Cancelled
from hjgis.progress import SILENT


class Chequered:
    """A picture of 64 x 64 pixels in tiles of 16; the value of a pixel tells its level and tile."""

    tile_px = 16
    size = (64.0, 64.0)

    def __init__(self, *, stored_levels: int, coarsest: int, holes: set[TileKey] | None = None):
        self.stored_levels, self.coarsest = stored_levels, coarsest
        self.holes = holes or set()
        self.reads: list[TileKey] = []

    def scale(self, level: int) -> tuple[float, float]:
        return float(2**level), float(2**level)

    def read(self, key: TileKey) -> Pixels | None:
        self.reads.append(key)
        across = 4 >> key.level
        if key in self.holes or not (0 <= key.column < across and 0 <= key.row < across):
            return None
        return np.full((16, 16), 1 + key.level * 100 + key.row * across + key.column, np.uint32)


def view(m_per_px: float, side_px: int = 64) -> Mesh:
    metres = side_px * m_per_px
    extent = (0.0, 64.0 - metres, metres, 64.0)
    return mesh(extent, side_px, side_px, lambda x, y: (x, 64 - y))


def seen(picture: Chequered, shape: Mesh) -> Pixels:
    return draw(picture, TileCache(picture), shape, SILENT)


def test_tiles_stand_where_they_belong() -> None:
    painted = seen(Chequered(stored_levels=1, coarsest=0), view(1.0))
    assert painted[::16, ::16].tolist() == np.arange(1, 17).reshape(4, 4).tolist()


def test_the_level_is_the_one_whose_pixels_are_about_as_large_as_the_maps() -> None:
    picture = Chequered(stored_levels=3, coarsest=2)
    for m_per_px, level in ((0.25, 0), (1.0, 0), (1.6, 0), (2.0, 1), (3.3, 1), (4.0, 2)):
        picture.reads.clear()
        seen(picture, view(m_per_px, 16))
        assert {key.level for key in picture.reads} == {level}, m_per_px


def test_a_level_that_is_not_stored_is_made_of_finer_tiles() -> None:
    painted = seen(Chequered(stored_levels=1, coarsest=2), view(2.0, 32))
    assert painted[::8, ::8].tolist() == np.arange(1, 17).reshape(4, 4).tolist()


def test_a_scale_beyond_the_coarsest_level_shows_nothing_and_is_known() -> None:
    picture = Chequered(stored_levels=1, coarsest=1)
    assert not seen(picture, view(8.0, 8)).any()
    assert is_too_small(picture, view(8.0, 8))
    assert not is_too_small(picture, view(2.0, 8))


def test_a_hole_shows_the_coarser_tile_enlarged() -> None:
    holes = {TileKey(0, 1, 0), TileKey(0, 2, 3)}
    painted = seen(Chequered(stored_levels=2, coarsest=1, holes=holes), view(1.0))
    assert painted[0, 16] == 101
    assert painted[63, 47] == 104
    assert painted[0, 0] == 1


def test_a_hole_without_anything_coarser_is_transparent() -> None:
    painted = seen(Chequered(stored_levels=1, coarsest=0, holes={TileKey(0, 0, 0)}), view(1.0))
    assert not painted[:15, :15].any()
    assert painted[0, 17] == 2


def test_a_tile_that_is_kept_is_not_read_again() -> None:
    picture = Chequered(stored_levels=1, coarsest=0)
    tiles = TileCache(picture)
    draw(picture, tiles, view(1.0), SILENT)
    first = len(picture.reads)
    draw(picture, tiles, view(1.0), SILENT)
    assert len(picture.reads) == first == 16


def test_the_tiles_kept_longest_unused_go_first() -> None:
    picture = Chequered(stored_levels=1, coarsest=0)
    tiles = TileCache(picture, most_bytes=2 * 16 * 16 * 4)
    one, two, three = (TileKey(0, column, 0) for column in range(3))
    for key in (one, two, one, three):
        tiles.get(key, SILENT)
    picture.reads.clear()
    tiles.get(one, SILENT)
    tiles.get(two, SILENT)
    assert picture.reads == [two]


class Impatient:
    def __init__(self, patience: int) -> None:
        self.patience = patience

    def report(self, done: int, total: int, key: str) -> None:
        del done, total, key

    def check(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise Cancelled


def test_drawing_stops_when_asked_and_keeps_the_tiles_it_has() -> None:
    picture = Chequered(stored_levels=1, coarsest=0)
    tiles = TileCache(picture)
    with pytest.raises(Cancelled):
        draw(picture, tiles, view(1.0), Impatient(5))
    assert len(picture.reads) == 5
    draw(picture, tiles, view(1.0), SILENT)
    assert len(picture.reads) == 16
