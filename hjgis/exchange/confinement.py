"""What a process that reads other people's files may not do: reach the network, start programs.

GDAL has nearly a hundred drivers, and picks one by what is in a file, not by its name: a ``.shp``
may really be a list of addresses to fetch. So only the drivers of our formats are left, and the
kernel refuses the rest to whatever is in the process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping
from typing import Final

DRIVERS: Final = frozenset(
    {"ESRI Shapefile", "GPKG", "GeoJSON", "GeoJSONSeq", "KML", "LIBKML", "OpenFileGDB"}
)
# What the libraries of today bring beside them; `others` finds what they bring tomorrow.
_SKIPPED: Final = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF",
    "EDIGEO", "EEDA", "ESRIJSON", "Elasticsearch", "FlatGeobuf", "GDALG", "GML", "GPSBabel", "GPX",
    "GTFS", "GeoRSS", "HTTP", "Idrisi", "JML", "JSONFG", "LVBAG", "MBTiles", "MEM", "MVT",
    "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT",
    "OGR_PDS", "OGR_VRT", "OSM", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57",
    "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
# What is said for those who look for a network in spite of that; port 9 throws all away.
_NOWHERE: Final = "http://127.0.0.1:9"
_ENVIRONMENT: Final = {
    "GDAL_SKIP": ",".join(_SKIPPED),
    # Views of a database may only call functions that do nothing to anything.
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "GDAL_HTTP_PROXY": _NOWHERE,
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "PROJ_NETWORK": "OFF",
    # Threads that do nothing here take addresses from the limit of memory.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

# Numbers of the kernel: linux/audit.h, linux/seccomp.h, linux/filter.h and the tables of calls.
_X86: Final = {"socket": 41, "execve": 59, "execveat": 322, "io_uring_setup": 425}
_GENERIC: Final = {"socket": 198, "execve": 221, "execveat": 281, "io_uring_setup": 425}
_MACHINES: Final[Mapping[str, tuple[int, int, Mapping[str, int]]]] = {
    # machine: its number, that of the call `seccomp`, what is refused
    "x86_64": (0xC000003E, 317, _X86),
    "aarch64": (0xC00000B7, 277, _GENERIC),
    "loongarch64": (0xC0000102, 277, _GENERIC),
}
_NO_NEW_PRIVILEGES: Final = 38
_FILTER_MODE: Final = 1
_ALL_THREADS: Final = 1
_LOAD, _IS, _IS_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES
# Calls of x86_64 with this bit are those of another table.
_X32_BIT: Final = 0x40000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def environment() -> dict[str, str]:
    """Return this process's environment with what holds GDAL back."""
    return {**os.environ, **_ENVIRONMENT}


def others() -> set[str]:
    """Return the drivers that GDAL has and should not have."""
    import pyogrio

    return set(pyogrio.list_drivers()) - DRIVERS


def seal() -> bool:
    """Have the kernel refuse sockets and programs to this process, for good.

    Returns
    -------
    bool
        Whether it does; not outside Linux and on machines of rare kinds.
    """
    machine = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if machine is None:
        return False
    number, call, refused = machine
    steps = _steps(number, tuple(refused.values()))
    program = _Program(len(steps) // 8, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return bool(libc.syscall(call, _FILTER_MODE, _ALL_THREADS, ctypes.byref(program)) == 0)


def _steps(machine: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter: a call of another machine or one of `refused` fails with EACCES."""
    checks = [(_IS_AT_LEAST, _X32_BIT), *((_IS, call) for call in refused)]
    last = 4 + len(checks)
    # A jump counts the steps that it leaves out; the last but one allows, the last refuses.
    steps = [
        (_LOAD, 0, 0, 4),
        (_IS, 0, last - 2, machine),
        (_LOAD, 0, 0, 0),
        *((code, last - place - 1, 0, value) for place, (code, value) in enumerate(checks, 3)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
