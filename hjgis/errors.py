"""What can go wrong and is told to the user, each with its exit code."""

from __future__ import annotations


class HjgisError(Exception):
    """Expected trouble; the message is in the user's language and says what to do next."""

    exit_code = 3


class UsageError(HjgisError):
    """The command or option itself is wrong."""

    exit_code = 2


class Cancelled(HjgisError):
    """The user stopped a long job."""

    exit_code = 4


class DictionaryError(HjgisError):
    """A file of ``resources/`` does not load; names file and key."""


class ProjectError(HjgisError):
    """A project file cannot be opened, made or written."""


class ProjectLocked(ProjectError):
    """Somebody else is writing to the project."""


class ReadOnlyProject(ProjectError):
    """A change was asked of a project that is open for reading only."""


class StoreConflict(HjgisError):
    """A change does not fit what is stored, so nothing of it was stored."""


class EditRefused(HjgisError):
    """An edit makes no sense where it is asked for; said beside the cursor, nothing is stored."""


class InputError(HjgisError):
    """Somebody else's file cannot be used; names file, row or field."""


class InputQuestion(InputError):
    """An import must ask before it goes on.

    Parameters
    ----------
    message : str
        The question, in the user's language.
    option : str
        The command line option that answers it, e.g. ``--encoding``.
    candidates : tuple of str
        Possible answers, the likeliest first.
    proposed : int
        So many of the first, together, are very likely right.
    """

    def __init__(
        self, message: str, option: str, candidates: tuple[str, ...], proposed: int = 0
    ) -> None:
        super().__init__(message)
        self.option = option
        self.candidates = candidates
        self.proposed = proposed

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what could be added to the command, one line an answer."""
        return tuple(f"{self.option} {one}" for one in self.candidates) or (f"{self.option} …",)
