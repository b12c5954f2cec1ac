"""SQL texts for the rows of a layer, made once for the same fields."""

from __future__ import annotations

from functools import lru_cache

from hjgis.layers.schema import quoted

Names = tuple[str, ...]


@lru_cache(maxsize=256)
def insert(layer: str, names: Names, *, spatial: bool = True) -> str:
    """Return the statement that adds a row: fid, geom and uuid come before the fields.

    The place of a row is bound in a table without geometry too, and not looked at.
    """
    listed = {1: "fid", 2: "geom", 3: "uuid", **dict(enumerate(map(quoted, names), 4))}
    if not spatial:
        del listed[2]
    marks = ", ".join(f"?{number}" for number in listed)
    return f"INSERT INTO {quoted(layer)} ({', '.join(listed.values())}) VALUES ({marks})"


@lru_cache(maxsize=256)
def update(layer: str, names: Names) -> str:
    """Return the statement that sets columns of one row; its fid comes last."""
    marks = ", ".join(f"{quoted(name)} = ?" for name in names)
    return f"UPDATE {quoted(layer)} SET {marks} WHERE fid = ?"


@lru_cache(maxsize=256)
def more_columns(names: Names) -> str:
    """Return a list of columns to stand behind others."""
    return "".join(f", {quoted(name)}" for name in names)
