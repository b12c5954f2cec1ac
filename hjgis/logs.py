"""What the program did: files of one line a fact, and reports of our own faults.

Neither holds data of users: of what is put into a message only whole numbers and what is `Said`
are written, of a path the name of the file, of an exception its kind.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from traceback import walk_tb
from typing import Final

from hjgis import paths

_FILE_BYTES: Final = 1_000_000
_FILES: Final = 5
_LINES_IN_REPORT: Final = 50
_REPORTS: Final = 20
_LEFT_OUT: Final = "…"
_ROOT: Final = "hjgis"
# What other libraries quote, and where files are.
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|[^\x00-\x7f]+")
_PLACE: Final = re.compile(r"(?:[A-Za-z]:)?[/\\](?:[^\s/\\:]+[/\\])*([^\s/\\:]*)")
_recent: deque[str] = deque(maxlen=_LINES_IN_REPORT)
_log = logging.getLogger("hjgis.logs")


class Said(str):
    """Words that are known to hold no data."""

    __slots__ = ()


def start() -> None:
    """Write what is logged from now on; a folder that cannot be written stops nothing.

    Asked again, it changes nothing.
    """
    logger = logging.getLogger(_ROOT)
    if any(isinstance(handler, _Recent) for handler in logger.handlers):
        return
    logger.setLevel(logging.INFO)
    logger.addHandler(_Recent())
    # Warnings reach the terminal as they would without any handler.
    if logging.lastResort is not None:
        logger.addHandler(logging.lastResort)
    try:
        paths.log_dir().mkdir(parents=True, exist_ok=True)
        file = _File(
            paths.log_dir() / "hjgis.log",
            maxBytes=_FILE_BYTES,
            backupCount=_FILES - 1,
            encoding="utf-8",
        )
    except OSError as error:
        _log.info("no log file is written: %s", error)
        return
    file.setFormatter(_Line())
    logger.addHandler(file)


def stop() -> None:
    """Close the log; what is logged later is not written."""
    logger = logging.getLogger(_ROOT)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        if isinstance(handler, _File):
            with suppress(OSError, ValueError):
                handler.close()
    _recent.clear()


def scrubbed(text: str) -> Said:
    """Return words of another library without what it quotes, and without folders."""
    return Said(_QUOTED.sub(_LEFT_OUT, _PLACE.sub(r"\1", text)))


def kind_of(error: BaseException) -> Said:
    """Return what kind of exception it is; its message may hold data and is left out."""
    detail = getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError) and error.errno is not None:
        detail = errno.errorcode.get(error.errno, str(error.errno))
    return Said(f"{type(error).__name__} ({detail})" if detail else type(error).__name__)


def trace_of(error: BaseException) -> Said:
    """Return the modules and lines that an exception came through, the place itself last."""
    lines: list[str] = []
    for one in reversed(list(_chain(error))):
        lines += [
            f"  {_module(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
            for frame, line in walk_tb(one.__traceback__)
        ]
        lines.append(kind_of(one))
    return Said("\n".join(lines))


def report(error: BaseException, versions: Sequence[str]) -> str:
    """Return all that helps to find a fault of ours, and nothing of the user's data."""
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    parts = (now, "\n".join(versions), trace_of(error), "\n".join(_recent))
    return "\n\n".join(part for part in parts if part) + "\n"


def keep_report(text: str) -> Path | None:
    """Write a report into the folder of logs; return the file, None where that cannot be."""
    folder = paths.log_dir()
    stamp = dt.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    target = folder / f"fault-{stamp}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        for old in sorted(folder.glob("fault-*.txt"))[:-_REPORTS]:
            old.unlink()
    except OSError as error:
        _log.info("the report is not kept: %s", error)
        return target if target.is_file() else None
    return target


# -- inside ------------------------------------------------------------------------------


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, the first one last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)


def _module(file: str) -> str:
    """Return a source file without the folders that say where the user keeps it."""
    parts = PurePath(file).parts
    for root in ("site-packages", "dist-packages"):
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    if _ROOT in parts:
        last = len(parts) - 1 - parts[::-1].index(_ROOT)
        return ".".join((*parts[last:-1], PurePath(file).stem))
    return parts[-1] if parts else file


class _Line(logging.Formatter):
    """One line a fact: when, how bad, who, in which thread, what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record without data."""
        safe = logging.makeLogRecord(record.__dict__)
        if isinstance(record.args, tuple):
            safe.args = tuple(map(_safe, record.args))
        elif isinstance(record.args, dict):
            safe.args = {name: _safe(value) for name, value in record.args.items()}
        trace = ""
        if record.exc_info and record.exc_info[1] is not None:
            trace = trace_of(record.exc_info[1])
        safe.exc_info = safe.exc_text = safe.stack_info = None
        lines = f"{super().format(safe)}\n{trace}".splitlines()
        return " | ".join(line.strip() for line in lines)


def _safe(value: object) -> object:
    if isinstance(value, bool | int | Said):
        return value
    if isinstance(value, BaseException):
        return kind_of(value)
    if isinstance(value, PurePath):
        return value.name
    return _LEFT_OUT


class _Recent(logging.Handler):
    """Keeps the last lines for a report."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Line())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        with suppress(TypeError, ValueError):
            _recent.append(self.format(record))


class _File(RotatingFileHandler):
    """A file that cannot be written any more, or not be renamed, stops nothing."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Let a line go that cannot be written."""
