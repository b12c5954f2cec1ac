"""SQL texts for the rows of a layer, made once for the same fields."""

from __future__ import annotations

from functools import lru_cache

from hjgis.layers.schema import quoted

Names = tuple[str, ...]


@lru_cache(maxsize=256)
def insert(layer: str, names: Names) -> str:
    """Return the statement that adds a row: fid, geom and uuid come before the fields."""
    listed = ["fid", "geom", "uuid", *map(quoted, names)]
    marks = ", ".join("?" * len(listed))
    return f"INSERT INTO {quoted(layer)} ({', '.join(listed)}) VALUES ({marks})"


@lru_cache(maxsize=256)
def update(layer: str, names: Names) -> str:
    """Return the statement that sets columns of one row; its fid comes last."""
    marks = ", ".join(f"{quoted(name)} = ?" for name in names)
    return f"UPDATE {quoted(layer)} SET {marks} WHERE fid = ?"


@lru_cache(maxsize=256)
def columns(names: Names) -> str:
    """Return a list of columns."""
    return ", ".join(quoted(name) for name in names)


@lru_cache(maxsize=256)
def more_columns(names: Names) -> str:
    """Return a list of columns to stand behind others."""
    return "".join(f", {quoted(name)}" for name in names)
