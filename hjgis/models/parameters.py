"""Sets of transformation parameters: files of their own, never part of a project.

Parameters between the national systems, and between them and a town's own, are state secrets
(list of 2003: 绝密). So a project, a report and the journal name the set and how well it fits and
hold none of its numbers.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from hjgis.errors import InputError
from hjgis.i18n import _, reason
from hjgis.models.similarity import Plane, Space

LOCAL: Final = "local"
SUFFIX: Final = ".toml"
_SECRECY: Final = "涉密"
_OWNER_ONLY: Final = 0o600
_HEAD: Final = (
    "# 涉密：坐标系统转换参数属国家秘密，按保密规定保管，不得随项目文件、图件或报告外传。\n"
    "# Transformation parameters are state secrets in China: keep this file out of deliveries.\n"
)


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """Parameters from one system to another.

    Attributes
    ----------
    source : str
        A coordinate system, or ``local`` for plane coordinates of a system without a name.
    target : str
        A coordinate system.
    model : Plane or Space
        Four parameters between planes or seven between geocentric systems.
    rms_m : float or None
        How well the common points fitted, metres.
    """

    name: str
    source: str
    target: str
    model: Plane | Space
    points: int = 0
    rms_m: float | None = None

    @property
    def count(self) -> Literal[4, 7]:
        """How many parameters there are."""
        return 4 if isinstance(self.model, Plane) else 7

    @property
    def words(self) -> str:
        """The name and how good it is; none of the numbers that are secret."""
        if self.rms_m is None:
            return _("parameter set {name} ({count} parameters)").format(
                name=self.name, count=self.count
            )
        message = _("parameter set {name} ({count} parameters, RMS {rms:.3f} m)")
        return message.format(name=self.name, count=self.count, rms=self.rms_m)


def is_parameter_file(text: str | None) -> bool:
    """Whether what is given as a coordinate system is a file of parameters."""
    return text is not None and text.strip().casefold().endswith(SUFFIX)


def read_parameters(path: Path) -> ParameterSet:
    """Read a set.

    Raises
    ------
    InputError
        If the file cannot be read, or a key is missing, unknown or no number; names file and key.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            _("Cannot read {path}: {error}").format(path=path, error=reason(error))
        ) from error
    try:
        raw.pop("secrecy", None)
        kind = {4: Plane, 7: Space}[raw.pop("model")]
        numbers = {key: float(value) for key, value in raw.pop("parameters").items()}
        rms = raw.pop("rms_m", None)
        return ParameterSet(model=kind(**numbers), rms_m=None if rms is None else float(rms), **raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = _("{path} is no set of transformation parameters: {error}")
        raise InputError(message.format(path=path.name, error=error)) from error


def write_parameters(path: Path, parameters: ParameterSet) -> None:
    """Write a set into a new file that only its owner can read.

    Raises
    ------
    InputError
        If there is a file already or it cannot be written.
    """
    numbers = "\n".join(f"{key} = {value!r}" for key, value in asdict(parameters.model).items())
    lines = [
        f"name = {_quoted(parameters.name)}",
        f"secrecy = {_quoted(_SECRECY)}",
        f"source = {_quoted(parameters.source)}",
        f"target = {_quoted(parameters.target)}",
        f"model = {parameters.count}",
        f"points = {parameters.points}",
        *([f"rms_m = {parameters.rms_m!r}"] if parameters.rms_m is not None else []),
        f"\n[parameters]\n{numbers}\n",
    ]
    try:
        path.touch(_OWNER_ONLY, exist_ok=False)
        path.write_text(_HEAD + "\n".join(lines), "utf-8")
    except FileExistsError as error:
        message = _("{path} exists already; choose another place, nothing was overwritten.")
        raise InputError(message.format(path=path)) from error
    except OSError as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error


def _quoted(text: str) -> str:
    # A basic string of TOML is written like one of JSON.
    return json.dumps(text, ensure_ascii=False)
