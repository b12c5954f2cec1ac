"""Words that other programs say are said in ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hjgis.i18n import reason


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EISDIR])
def test_what_the_system_says_has_words_of_ours(number: int) -> None:
    said = reason(OSError(number, os.strerror(number), "/some/path"))
    assert said
    assert os.strerror(number) not in said
    assert "/some/path" not in said


def test_a_folder_in_the_place_of_a_file_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        tmp_path.read_bytes()
    assert reason(caught.value) == "it is a folder"


def test_a_file_that_windows_holds_for_others_is_in_use() -> None:
    held = PermissionError(errno.EACCES, "The process cannot access the file")
    held.winerror = 32  # type: ignore[attr-defined]
    assert reason(held) == "another program is using it"


def test_other_errors_say_what_they_say() -> None:
    assert reason(ValueError("no number")) == "no number"
    assert reason(OSError(None, "the disk is full")) == "the disk is full"
    assert reason(OSError(errno.ELOOP, "Too many links")) == "Too many links"
    assert reason("in words") == "in words"
