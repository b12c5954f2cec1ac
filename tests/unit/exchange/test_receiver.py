"""Real bytes through a pseudo-terminal, and the sample's log played."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from hjgis import paths
from hjgis.exchange import receiver
from hjgis.exchange.receiver import News, Receiver, Replay, SerialLine, Trouble, listen
from hjgis.models.positions import Fix
from tests import sentences

LOG = paths.sample_data() / "foreign" / "合成航迹_RTK.nmea"
Heard = list[News]


def gga(time_text: str) -> bytes:
    return f"{sentences.gga(time_text, quality=4)}\r\n".encode()


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until something is true; only on a very busy machine is it so for long."""
    end = time.monotonic() + 60.0
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def nobody_listens() -> bool:
    return all(thread.name != "receiver" for thread in threading.enumerate())


class Port(serial.Serial):  # type: ignore[misc]
    """The serial port as it is, which tells how often it was tried and what came through it."""

    tried = 0
    opened = 0
    came = b""

    def open(self) -> None:
        Port.tried += 1
        super().open()
        Port.opened += 1

    def read(self, size: int = 1) -> bytes:
        data: bytes = super().read(size)
        Port.came += data
        return data


class Cable:
    """A pseudo-terminal: what is written here comes out of the serial port."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        self.port = os.ttyname(self._theirs)
        self._open = True

    def wait_until_opened(self) -> None:
        """Wait for the one who listens: what came before it opened the port is thrown away."""
        wait_for(lambda: Port.opened > 0)

    def write(self, data: bytes) -> None:
        os.write(self._ours, data)

    def unplug(self) -> None:
        if self._open:
            self._open = False
            os.close(self._theirs)
            os.close(self._ours)


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cable]:
    monkeypatch.setattr(serial, "Serial", Port)
    Port.tried, Port.opened, Port.came = 0, 0, b""
    made = Cable()
    yield made
    made.unplug()


@pytest.fixture
def heard(cable: Cable) -> Iterator[Heard]:
    """What a receiver at the cable is heard to say."""
    said: Heard = []
    listening = Receiver(SerialLine(cable.port, 115_200), said.append)
    cable.wait_until_opened()
    yield said
    listening.stop()


def test_a_fix_is_told_without_waiting_for_the_next_one(cable: Cable, heard: Heard) -> None:
    cable.write(gga("020304.00")[:40])
    wait_for(lambda: len(Port.came) == 40)
    cable.write(gga("020304.00")[40:])
    wait_for(lambda: len(heard) == 1)
    (fix,) = heard
    assert isinstance(fix, Fix)
    assert (fix.quality.id, fix.satellites, fix.lon) == ("rtk_fixed", 12, pytest.approx(107.1486))


def test_each_moment_is_one_fix_also_in_a_stream(cable: Cable, heard: Heard) -> None:
    for second in range(5):
        cable.write(b"garbage\xff" + gga(f"02030{second}.00"))
    wait_for(lambda: len(heard) == 5)
    assert [fix.time.second for fix in heard if isinstance(fix, Fix) and fix.time] == [*range(5)]


def test_a_receiver_that_is_pulled_out_is_told_in_words(cable: Cable, heard: Heard) -> None:
    cable.write(gga("020304.00"))
    wait_for(lambda: len(heard) == 1)
    cable.unplug()
    wait_for(lambda: len(heard) >= 2)
    assert isinstance(heard[1], Trouble)
    assert not heard[1].ended
    assert cable.port in heard[1].words
    assert "Plug it in" in heard[1].words


def test_a_receiver_that_is_plugged_in_later_is_heard(
    tmp_path: Path, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "_RETRY_S", 0.05)
    said: Heard = []
    socket = tmp_path / "ttyUSB0"
    listening = Receiver(SerialLine(str(socket)), said.append)
    wait_for(lambda: Port.tried >= 4)
    assert [news.words for news in said if isinstance(news, Trouble)] == [
        f"There is no receiver at {socket}. Plug it in: it is tried again and again."
    ]
    socket.symlink_to(cable.port)
    cable.wait_until_opened()
    cable.write(gga("020304.00"))
    wait_for(lambda: len(said) == 2)
    listening.stop()
    assert isinstance(said[1], Fix)


def test_silence_is_told_and_so_is_another_speed(
    cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "_SILENT_S", 0.4)
    said: Heard = []
    listening = Receiver(SerialLine(cable.port, 9600), said.append)
    wait_for(lambda: len(said) == 1)
    cable.write(b"\xf0\x0f" * 2000)
    wait_for(lambda: len(said) == 2)
    cable.write(gga("020304.00"))
    # Where the machine is slow there was silence once more before it came.
    wait_for(lambda: isinstance(said[-1], Fix))
    listening.stop()
    assert "switched on" in said[0].words  # type: ignore[union-attr]
    assert "no NMEA; try another speed than 9600" in said[1].words  # type: ignore[union-attr]


def test_two_programs_do_not_share_a_port(cable: Cable, heard: Heard) -> None:
    cable.write(gga("020304.00"))
    wait_for(lambda: len(heard) == 1)
    second: Heard = []
    other = Receiver(SerialLine(cable.port), second.append)
    wait_for(lambda: len(second) == 1)
    other.stop()
    assert "used by another program" in second[0].words  # type: ignore[union-attr]


def test_nothing_is_told_after_the_stop(cable: Cable) -> None:
    said: Heard = []
    listening = Receiver(SerialLine(cable.port), said.append)
    listening.stop()
    cable.write(gga("020304.00"))
    wait_for(nobody_listens)
    assert said == []


def test_a_log_is_played_to_its_end() -> None:
    told = list(listen(Replay(LOG, speed=1e6), threading.Event()))
    found = [news for news in told if isinstance(news, Fix)]
    assert len(found) == 185
    assert {fix.quality.id for fix in found} == {"none", "single", "rtk_float", "rtk_fixed"}
    assert told[-1] == Trouble(f"The log {LOG.name} is at its end.", ended=True)


def test_a_log_is_played_at_its_own_pace(tmp_path: Path) -> None:
    path = tmp_path / "walk.nmea"
    path.write_bytes(gga("235956.00") + gga("000000.00") + gga("000004.00"))
    begun = time.monotonic()
    told = list(listen(Replay(path, speed=40.0), threading.Event()))
    assert len(told) == 4
    # A fortieth of what was recorded, and on a busy machine still less than that.
    assert 0.2 <= time.monotonic() - begun < 8.0


def test_a_played_log_can_be_stopped_in_a_pause(tmp_path: Path) -> None:
    path = tmp_path / "walk.nmea"
    path.write_bytes(gga("020304.00") + gga("120000.00"))
    said: Heard = []
    playing = Receiver(Replay(path), said.append)
    wait_for(lambda: len(said) == 1)
    begun = time.monotonic()
    playing.stop()
    wait_for(nobody_listens)
    assert time.monotonic() - begun < receiver._LONGEST_PAUSE_S
    assert len(said) == 1


@pytest.mark.parametrize(("content", "words"), [(b"x", "is no log"), (None, "cannot be read")])
def test_what_cannot_be_played_is_told_without_the_way_to_it(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "walk.nmea"
    if content is not None:
        path.write_bytes(content)
    (trouble,) = listen(Replay(path), threading.Event())
    assert isinstance(trouble, Trouble)
    assert trouble.ended
    assert words in trouble.words
    assert str(tmp_path) not in trouble.words


def test_the_ports_of_this_computer_are_listed() -> None:
    assert all(port.device for port in receiver.ports())
