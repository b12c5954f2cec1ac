"""A satellite receiver at a serial port, or a log that is played as if it were one."""

from __future__ import annotations

import datetime as dt
import errno
import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hjgis.exchange import nmea
from hjgis.exchange.sources import is_held
from hjgis.i18n import _, reason
from hjgis.models.positions import Fix

BAUDS: Final = (4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800)
# Most receivers are delivered with it, and those at USB take any.
USUAL_BAUD: Final = 9600
# A receiver is silent between two moments; within one it is not for so long.
_GAP_S: Final = 0.25
_SILENT_S: Final = 5.0
_RETRY_S: Final = 2.0
# One that is just being opened, as that of a phone, may take longer: nobody waits for it.
_STOP_S: Final = 0.6
# No sentence is longer; what is, comes with another speed of the line.
_LONGEST_LINE: Final = 4096
# Pauses of a log are not waited for any longer than this.
_LONGEST_PAUSE_S: Final = 5.0
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port, such as ``/dev/ttyUSB0`` or ``/dev/rfcomm0``, and its speed."""

    port: str
    baud: int = USUAL_BAUD

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.port


@dataclass(frozen=True, slots=True)
class Replay:
    """A log, and how many times as fast as it was recorded it is played."""

    path: Path
    speed: float = 1.0

    @property
    def name(self) -> str:
        """What it is called in messages: never the way to it."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port of this computer, and what is plugged in there."""

    device: str
    words: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing comes, in words; `ended` says that nothing will come any more."""

    words: str
    ended: bool = False


Source = SerialLine | Replay
News = Fix | Trouble


def ports() -> list[Port]:
    """Return the serial ports of this computer, those of USB first."""
    from serial.tools import list_ports

    found = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
    return [
        Port(port.device, port.description if port.description != "n/a" else "") for port in found
    ]


def listen(source: Source, stopped: threading.Event) -> Iterator[News]:
    """Yield what a receiver says, fix by fix, until `stopped` is set.

    A port that is not there, or goes away, is told once and tried again. A log ends.
    """
    if isinstance(source, Replay):
        return _played(source, stopped)
    return _plugged(source, stopped)


class Receiver:
    """Listens in a thread of its own.

    Parameters
    ----------
    tell : callable
        Takes what is said, in that thread.
    """

    def __init__(self, source: Source, tell: Callable[[News], None]) -> None:
        self.source, self._tell = source, tell
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; nothing is told after this."""
        self._stopped.set()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            for news in listen(self.source, self._stopped):
                if self._stopped.is_set():
                    return
                self._tell(news)
        except BaseException:  # noqa: BLE001 - a thread ends where the user is
            # A bug of ours: the crash dialog hears of it.
            sys.excepthook(*sys.exc_info())


# -- a port ------------------------------------------------------------------------------


def _plugged(line: SerialLine, stopped: threading.Event) -> Iterator[News]:
    import serial

    told = ""
    while not stopped.is_set():
        try:
            with serial.Serial(line.port, line.baud, timeout=_GAP_S, exclusive=True) as port:
                for news in _heard(line, port, stopped):
                    told = ""
                    yield news
        except (serial.SerialException, OSError) as error:
            words = _lost_words(line, error)
            if words != told:
                yield Trouble(words)
            told = words
            stopped.wait(_RETRY_S)


def _heard(line: SerialLine, port: Any, stopped: threading.Event) -> Iterator[News]:
    """Yield what comes through an open port."""
    listener, rest = nmea.Listener(), b""
    heard, told, since, came = 0, "", time.monotonic(), False
    while not stopped.is_set():
        data = port.read(max(1, min(port.in_waiting, _LONGEST_LINE)))
        if data:
            came = True
            *lines, rest = (rest + data).split(b"\n")
            rest = rest[-_LONGEST_LINE:]
            for text in lines:
                yield from listener.hear(text)
        else:
            yield from listener.close()
        if listener.heard > heard:
            heard, told, since, came = listener.heard, "", time.monotonic(), False
        elif time.monotonic() - since > _SILENT_S:
            words = _silence_words(line, came=came)
            if words != told:
                yield Trouble(words)
            told, since, came = words, time.monotonic(), False


def _lost_words(line: SerialLine, error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EACCES:
        words = _(
            "{port} may not be read by you: let the administrator add you to the group of the port"
            " (dialout)."
        )
    elif code == errno.ENOENT:
        words = _("There is no receiver at {port}. Plug it in: it is tried again and again.")
    elif code in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
        words = _("{port} is used by another program; close that one.")
    else:
        words = _("The receiver at {port} is gone. Plug it in: it is tried again and again.")
    return words.format(port=line.port)


def _silence_words(line: SerialLine, *, came: bool) -> str:
    if came:
        words = _("What comes through {port} is no NMEA; try another speed than {baud} baud.")
    else:
        words = _("Nothing comes through {port}. Is the receiver switched on, and set to NMEA?")
    return words.format(port=line.port, baud=line.baud)


# -- a log -------------------------------------------------------------------------------


def _played(replay: Replay, stopped: threading.Event) -> Iterator[News]:
    listener, before = nmea.Listener(), None
    try:
        # At once and not bit by bit: a file that is held open cannot be imported meanwhile.
        data = replay.path.read_bytes() if not is_held(replay.path) else b""
    except OSError as error:
        words = _("{path} cannot be read: {error}")
        yield Trouble(words.format(path=replay.name, error=reason(error)), ended=True)
        return
    for fix in nmea.fixes(io.BytesIO(data), listener):
        if stopped.wait(_pause_s(before, fix.time) / replay.speed):
            return
        before = fix.time or before
        yield fix
    ended = _("The log {path} is at its end.")
    none = _("{path} is no log of a satellite receiver (NMEA).")
    yield Trouble((ended if listener.heard else none).format(path=replay.name), ended=True)


def _pause_s(before: dt.time | None, after: dt.time | None) -> float:
    """Return how long the receiver waited, over midnight as well."""
    if before is None or after is None:
        return 0.0
    return min(nmea.ahead_s(before, after) % _DAY_S, _LONGEST_PAUSE_S)
