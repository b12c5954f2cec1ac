"""Reads a table back that was just written: what it says of itself, and each of its texts."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hjgis.errors import InputError
from hjgis.exchange.outgoing import Encoding
from hjgis.exchange.shapefiles.dbf_records import Column, header, record_bytes
from hjgis.i18n import _

_ROWS: Final = 20_000


def check(path: Path, columns: Sequence[Column], rows: int, encoding: Encoding) -> None:
    """Look whether a table says what it should, down to the last text.

    Raises
    ------
    InputError
        If it does not.
    OSError
        If it cannot be read.
    """
    wanted, record = header(columns, rows, encoding), record_bytes(columns)
    with path.open("rb") as file:
        found = file.read(len(wanted))
        # The date may have changed at midnight.
        whole = found[4:] == wanted[4:] and path.stat().st_size == len(wanted) + rows * record + 1
        left = struct.unpack_from("<I", found, 4)[0] if whole else 0
        while whole and left:
            lot = np.fromfile(file, np.uint8, min(left, _ROWS) * record).reshape(-1, record)
            left -= len(lot)
            whole = _reads(lot, columns, encoding)
    if not whole:
        message = _("{path} was not written as it should be; the disk may be failing.")
        raise InputError(message.format(path=path))


def _reads(lot: np.ndarray, columns: Sequence[Column], encoding: Encoding) -> bool:
    start = 1
    for column in columns:
        values = lot[:, start : start + column.width]
        start += column.width
        if column.kind != "C" or not (values & 0x80).any():
            continue
        # Each behind an end of line, which is no part of any character.
        apart = np.full((len(values), column.width + 1), ord("\n"), np.uint8)
        apart[:, 1:] = values
        try:
            apart.tobytes().decode(encoding)
        except UnicodeDecodeError:
            return False
    return True
