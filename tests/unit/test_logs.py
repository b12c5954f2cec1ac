"""The log and the reports of faults: what they say, and that no data are in them."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hjgis import logs
from hjgis.errors import InputError
from hjgis.logs import Said

SECRET = "李四家的井盖 secret-4711"


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    logs.stop()
    monkeypatch.setenv("HJGIS_LOG_DIR", str(tmp_path / "logs"))
    yield logging.getLogger("hjgis.test")
    logs.stop()


def written(tmp_path: Path) -> str:
    return (tmp_path / "logs" / "hjgis.log").read_text("utf-8")


def failure() -> Exception:
    """A fault with data in its message, its cause and a local variable."""
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise InputError(f"{SECRET} in /home/li/{SECRET}.shp") from error
    except InputError as error:
        return error


def test_a_line_names_time_level_place_thread_and_what(tmp_path: Path, log: logging.Logger) -> None:
    logs.start()
    log.info("read %d rows of %s", 12, Said("manhole"))
    (line,) = written(tmp_path).splitlines()
    assert line.endswith("INFO hjgis.test MainThread read 12 rows of manhole")


def test_no_data_reach_the_log_or_a_report(tmp_path: Path, log: logging.Logger) -> None:
    logs.start()
    error = failure()
    log.info("a text %s, a number %s, a query %r", SECRET, 512345.25, SECRET)
    log.info("a file %s, a mapping %s", Path("/home/li/geheim/town.gpkg"), {SECRET: SECRET})
    log.warning("not readable: %s", error)
    log.error("failed", exc_info=error)
    log.warning("Qt: %s", logs.scrubbed(f"cannot read '{SECRET}' in /home/li/geheim/a.png: 井盖"))
    report = logs.report(error, ("hjgis 1",))
    for text in (written(tmp_path), report):
        for planted in ("secret", "4711", "李四", "512345", "geheim", "/home", "井盖"):
            assert planted not in text
    assert "town.gpkg" in report
    assert "InputError" in report
    assert "KeyError" in report
    assert "test_logs.py" in report.replace("test_logs:", "test_logs.py:")


def test_every_fact_is_one_line_even_with_a_trace(tmp_path: Path, log: logging.Logger) -> None:
    logs.start()
    log.error("failed\ntwice", exc_info=failure())
    assert len(written(tmp_path).splitlines()) == 1


def test_kinds_of_trouble_are_named_with_their_codes() -> None:
    assert logs.kind_of(OSError(28, SECRET)) == "OSError (ENOSPC)"
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.Error) as caught:
        connection.execute(f"SELECT '{SECRET}' FROM nowhere")
    connection.close()
    assert logs.kind_of(caught.value) == "OperationalError (SQLITE_ERROR)"


def test_a_report_ends_with_the_last_fifty_lines(log: logging.Logger) -> None:
    logs.start()
    for number in range(80):
        log.info("line %d", number)
    lines = logs.report(failure(), ()).splitlines()
    assert sum("MainThread line" in line for line in lines) == 50
    assert lines[-1].endswith("line 79")


def test_old_lines_go_and_five_files_of_a_megabyte_stay(
    tmp_path: Path, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 2000)
    logs.start()
    for number in range(400):
        log.info("line %d", number)
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["hjgis.log", *(f"hjgis.log.{n}" for n in range(1, 5))]
    assert all(file.stat().st_size <= 2000 for file in files)


def test_threads_do_not_mix_their_lines(tmp_path: Path, log: logging.Logger) -> None:
    logs.start()

    def write(name: int) -> None:
        for number in range(200):
            log.info("%d says %d", name, number)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = written(tmp_path).splitlines()
    assert len(lines) == 800
    assert all(line.split()[-2] == "says" for line in lines)


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path, log: logging.Logger) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    logs.start()
    log.info("line %d", 1)
    assert "line 1" in logs.report(failure(), ())
    assert logs.keep_report("text") is None


def test_a_file_that_cannot_be_written_any_more_stops_nothing(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.start()
    (file,) = (one for one in logging.getLogger("hjgis").handlers if hasattr(one, "stream")
               and hasattr(one, "baseFilename"))  # fmt: skip
    file.stream.close()
    log.info("line %d", 1)
    assert "Traceback" not in capsys.readouterr().err


def test_twenty_reports_are_kept(tmp_path: Path) -> None:
    kept = [logs.keep_report(f"report {number}") for number in range(23)]
    assert all(kept)
    files = sorted((tmp_path / "logs").glob("fault-*.txt"))
    assert len(files) == 20
    assert files[-1].read_text("utf-8") == "report 22"
