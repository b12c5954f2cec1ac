"""Words: English in the source, other languages from gettext catalogues.

Chinese is what starts when the locale is Chinese or says nothing.
"""

from __future__ import annotations

import errno
import gettext
import locale
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Final

from hjgis import paths

LANGUAGES: Final = ("zh_CN", "en")
_DOMAIN = "hjgis"


class _Words:
    """The catalogue in use; replaced as a whole when the language changes."""

    def __init__(self) -> None:
        self.language = ""
        self.catalogue: gettext.NullTranslations = gettext.NullTranslations()

    def use(self, language: str) -> None:
        self.language = language
        self.catalogue = gettext.translation(
            _DOMAIN, paths.resources() / "i18n", languages=[language], fallback=True
        )


_words = _Words()


def system_language() -> str:
    """Return ``en`` for an English locale, otherwise ``zh_CN``."""
    return "en" if _named_locale().lower().startswith("en") else "zh_CN"


def _named_locale() -> str:
    # Python takes C.UTF-8 for en_US, so what the environment says goes first.
    for variable in ("HJGIS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable]
    return (locale.getlocale()[0] or "") if sys.platform == "win32" else ""


def set_language(code: str | None) -> None:
    """Use `code` (one of `LANGUAGES`); None means the system's language."""
    _words.use(code if code in LANGUAGES else system_language())


def language() -> str:
    """Return the code of the language in use."""
    if not _words.language:
        set_language(None)
    return _words.language


def _(text: str) -> str:
    """Return `text` in the language in use."""
    language()
    return _words.catalogue.gettext(text) if text else ""


def ngettext_(one: str, many: str, count: int) -> str:
    """Return the form that fits `count`, in the language in use."""
    language()
    return _words.catalogue.ngettext(one, many, count)


def N_(text: str) -> str:
    """Mark `text` for translation where it is shown, not where it stands."""
    return text


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, with the comma that the language in use puts between."""
    return ("、" if language() == "zh_CN" else ", ").join(names)


def label(names: Mapping[str, str]) -> str:
    """Pick the name in the language in use from a catalogue label.

    Parameters
    ----------
    names : mapping of str to str
        Language code to name, e.g. ``{"en": "Manhole", "zh_CN": "窨井"}``.
    """
    return names.get(language()) or names.get("zh_CN") or next(iter(names.values()), "")


def grouped(number: float, spec: str = "") -> str:
    """Return a number as it is read: thousands apart by a narrow space that does not break.

    Parameters
    ----------
    spec : str
        What else Python's format language is to do, such as ``.2f``.
    """
    return f"{number:,{spec}}".replace(",", "\u202f")


# ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: to Python they look like a missing right.
_HELD_BY_OTHERS: Final = (32, 33)
_FULL: Final = N_("the disk is full")
_FORBIDDEN: Final = N_("access to it is not allowed")
_IN_USE: Final = N_("another program is using it")
_REASONS: Final[Mapping[int | None, str]] = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: N_("the disk can only be read"),
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.EEXIST: N_("it exists already"),
    errno.ENOTEMPTY: N_("the folder is not empty"),
    errno.EBUSY: _IN_USE,
    errno.ETXTBSY: _IN_USE,
    errno.ENAMETOOLONG: N_("its name is too long"),
    errno.EFBIG: N_("the file is too large for this disk"),
    errno.EMFILE: N_("too many files are open"),
    errno.EIO: N_("the disk does not work or is not connected"),
    errno.ENODEV: N_("the device is not connected"),
    errno.ENXIO: N_("the device is not connected"),
    errno.ETIMEDOUT: N_("the network drive does not answer"),
}


def reason(error: object) -> str:
    """Say in the language in use why something went wrong.

    What the operating system says is in its own language and often names the path once more; the
    errors that people meet have words of ours. Others say what they say.
    """
    if not isinstance(error, OSError):
        return str(error)
    if getattr(error, "winerror", None) in _HELD_BY_OTHERS:
        return _(_IN_USE)
    if error.errno in _REASONS:
        return _(_REASONS[error.errno])
    return error.strerror or str(error)
