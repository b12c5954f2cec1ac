"""Other people's files are read in a process of their own, which may crash, hang or swell.

One process serves one question after another; it is started when the first is asked and replaced
when it dies. Questions and answers are lines of JSON on its pipes; arrays come in a folder.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Any, Final

from hjgis import i18n
from hjgis.errors import HjgisError, InputError, InputQuestion, UsageError
from hjgis.exchange import confinement
from hjgis.exchange.foreign import beside
from hjgis.i18n import _
from hjgis.progress import Progress

_MODULE: Final = "hjgis.exchange.reading_child"
_START_SECONDS: Final = 60.0
_SECONDS: Final = 8.0
_SECONDS_PER_MB: Final = 4.0
# A megabyte of these is many once it is unpacked.
_PACKED: Final = {".zip", ".kmz", ".xlsx", ".xls"}
_UNPACKED_TIMES: Final = 10
_LOOK_SECONDS: Final = 0.05
_ENDING_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: facts from JSON, and the folder with the arrays."""

    facts: Any
    folder: Path


class _Gone(Exception):
    """The process ended without an answer; the text says how."""


class _Child:
    """One process that reads files."""

    def __init__(self) -> None:
        # The same modules from the same places as here; -P: not from the user's folder.
        places = [str(Path(place).absolute()) for place in sys.path if place]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confinement.environment() | {"PYTHONPATH": os.pathsep.join(places)},
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.pid = self._process.pid

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def started(self, progress: Progress) -> None:
        """Wait until it is ready to be asked."""
        self._heard(_START_SECONDS, progress)

    def ask(self, question: Mapping[str, Any], seconds: float, progress: Progress) -> Any:
        """Return the answer to a question.

        Raises
        ------
        _Gone
            If there is none.
        TimeoutError
            If there is none in time.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _Gone(str(error)) from error
        return self._heard(seconds, progress)

    def _heard(self, seconds: float, progress: Progress) -> Any:
        end = time.monotonic() + seconds
        while True:
            progress.check()
            try:
                line = self._lines.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if time.monotonic() > end:
                    raise TimeoutError from None
                continue
            if not line.endswith(b"\n"):
                raise _Gone(self._ending())
            return json.loads(line)

    def _ending(self) -> str:
        """Say how the process, which says nothing more, ended."""
        try:
            code = self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            return _("it fell silent")
        try:
            return _("exit code {code}").format(code=code) if code >= 0 else Signals(-code).name
        except ValueError:
            return _("signal {number}").format(number=-code)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                continue  # what was not yet written has nobody to go to


class _Reader:
    """The process that reads, if there is one now; one question at a time."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._turn = threading.Lock()
        # How often a process had to be replaced.
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._child.pid if self._child else None

    def ask(self, question: Mapping[str, Any], seconds: float, progress: Progress) -> Any:
        while not self._turn.acquire(timeout=_LOOK_SECONDS):
            progress.check()
        try:
            if self._child is None:
                self._child = _Child()
                self._child.started(progress)
            reply = self._child.ask(question, seconds, progress)
        except BaseException:
            # Cancelled, crashed or too slow: what it does now is of no use to anybody.
            self._end()
            self.restarts += 1
            raise
        else:
            if reply.get("last"):
                self._end()
            return reply
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._turn:
            self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


READER: Final = _Reader()
atexit.register(READER.close)


@contextmanager
def asked(
    work: str, source: Path, options: Mapping[str, Any], progress: Progress
) -> Iterator[Answer]:
    """Have something read in the process apart; the answer's folder lasts as long as the block.

    Parameters
    ----------
    work : str
        Name of one of `hjgis.exchange.reading_child.WORK`.
    options : mapping
        Its keyword arguments, as JSON holds them.

    Raises
    ------
    HjgisError
        What the work raises; InputError also if the process crashes or takes too long.
    Cancelled
        If `progress` says so; the process is ended.
    """
    with tempfile.TemporaryDirectory(prefix="hjgis-", ignore_cleanup_errors=True) as folder:
        size = _size(source)
        seconds = _SECONDS + _SECONDS_PER_MB * size / 1e6
        question = {
            "work": work,
            # Absolute, so that no name is taken for an address or an option.
            "source": str(source.absolute()),
            "options": dict(options),
            "folder": folder,
            "size": size,
            "language": i18n.language(),
        }
        try:
            reply = READER.ask(question, seconds, progress)
        except _Gone as gone:
            message = _(
                "{path} cannot be read: the reader broke down over it ({how}). The file is damaged;"
                " have its program save it anew, or in another format."
            )
            raise InputError(message.format(path=source.name, how=gone)) from gone
        except TimeoutError as error:
            message = _(
                "{path} cannot be read: the reader had not finished after {seconds:.0f} s. The file"
                " is damaged or very large; have its program save it anew, or in parts."
            )
            raise InputError(message.format(path=source.name, seconds=seconds)) from error
        yield Answer(facts_of(reply), Path(folder))


def facts_of(reply: Mapping[str, Any]) -> Any:
    """Return what the process found out.

    Raises
    ------
    HjgisError
        If it could not.
    """
    if "error" in reply:
        raise _error(**reply)
    return reply["facts"]


def _size(source: Path) -> int:
    """Return about how many bytes are to be read: the file, its table, what is packed in it."""
    if source.is_dir():
        return sum(part.stat().st_size for part in source.rglob("*") if part.is_file())
    own = source.stat().st_size
    if source.suffix.casefold() in _PACKED:
        return own * _UNPACKED_TIMES
    table = beside(source, ".dbf") if source.suffix.casefold() == ".shp" else None
    return own + (table.stat().st_size if table else 0)


def _error(
    *, error: str, words: str, option: str, candidates: list[str], proposed: int, **_rest: Any
) -> HjgisError:
    if error == InputQuestion.__name__:
        return InputQuestion(words, option, tuple(candidates), proposed)
    return UsageError(words) if error == UsageError.__name__ else InputError(words)
