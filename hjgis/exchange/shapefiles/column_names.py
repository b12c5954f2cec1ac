"""What the columns of a DBF table are called, in the ten bytes that there are for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hjgis.exchange.outgoing import Encoding

_NAME_BYTES: Final = 10


def column_names(wanted: Sequence[str], encoding: Encoding) -> list[bytes]:
    """Return names of at most ten bytes in whole characters, no two the same, whatever the case."""
    taken: set[str] = set()
    return [_name(name, encoding, taken) for name in wanted]


def _name(wanted: str, encoding: Encoding, taken: set[str]) -> bytes:
    plain = "".join(sign if sign.isprintable() else "_" for sign in wanted.strip()) or "_"
    whole = plain.encode(encoding, "replace").replace(b"?", b"_")
    for number in range(1, len(taken) + 2):
        end = b"" if number == 1 else f"_{number}".encode()
        room = _NAME_BYTES - len(end)
        kept = whole[:room].decode(encoding, "ignore")
        name = kept.encode(encoding) + end
        if name.decode(encoding).casefold() not in taken:
            break
    taken.add(name.decode(encoding).casefold())
    return name
