"""The register of checks: code says what is a fault, ``resources/rules.toml`` how bad it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.i18n import N_, _
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.catalogue_files import read_toml
from hjgis.models.issues import Findings, Severity
from hjgis.models.reading import Doubt

if TYPE_CHECKING:
    from hjgis.checks.survey import Survey

HEADINGS: Final[Mapping[str, str]] = {
    "completeness": N_("Completeness"),
    "outlier": N_("Implausible values"),
    "topology": N_("Topology"),
    "target": N_("Targets"),
}
# Data quality elements of ISO 19157 that findings are sorted under.
ELEMENTS: Final[Mapping[str, str]] = {
    "completeness": N_("completeness"),
    "conceptual consistency": N_("conceptual consistency"),
    "domain consistency": N_("domain consistency"),
    "format consistency": N_("format consistency"),
    "topological consistency": N_("topological consistency"),
    "absolute accuracy": N_("absolute accuracy"),
    "relative accuracy": N_("relative accuracy"),
    "thematic accuracy": N_("thematic accuracy"),
    "temporal quality": N_("temporal quality"),
    "usability": N_("usability"),
}
CONFIDENCE: Final[Mapping[str, str]] = {
    "N": N_("stated in the notice"),
    "S": N_("from a published source"),
    "T": N_("computed"),
    "M-H": N_("from memory, quite sure"),
    "M-M": N_("from memory, to be checked against the standard"),
    "M-L": N_("from memory, unsure, to be checked against the standard"),
    "P": N_("a choice of this program"),
}


# How heavily a fault weighs in the score of an inspection (GB/T 24356: A to D; I for information).
GRADES: Final[Mapping[str, str]] = {
    "A": N_("A, extremely important"),
    "B": N_("B, important"),
    "C": N_("C, fairly important"),
    "D": N_("D, ordinary"),
    "I": N_("for information"),
}


class Scope(StrEnum):
    """What a finding on one feature depends on, so what must be looked at again after an edit."""

    FEATURE = "feature"  # the feature itself
    NEIGHBOURS = "neighbours"  # and what lies within the reach of the rule
    GROUP = "group"  # and what shares a key with it
    LAYER = "layer"  # everything


Columns = Callable[[AssetType], Sequence[str] | None]
Keys = Callable[[AssetType], Sequence[str]]
Doubts = Callable[[AssetType, Catalogue], Sequence[Doubt]]


def _no_keys(_asset: AssetType) -> tuple[str, ...]:
    return ()


def in_layers(**fields: Sequence[str]) -> Columns:
    """Return columns by layer, for a rule about some kinds; no other layer is looked at."""
    return lambda asset: fields.get(asset.id)


@dataclass(frozen=True, slots=True)
class Reads:
    """What a rule looks at.

    Attributes
    ----------
    columns : function
        Fields that are read of an asset type; None if its layer is not looked at.
    scope : Scope
        Anything but ``FEATURE`` makes the survey load whole layers, whatever the extent.
    reach : str
        ``NEIGHBOURS``: name of the limit, in metres, beyond which nothing matters to a feature.
    keys : function
        ``GROUP``: fields, or ``uuid``, whose values bind features of an asset type to those of
        the same value in any key of any layer. A finding on a feature may depend on what it
        shares a value with, and on nothing farther.
    geometry : bool
        Whether it matters where and of what shape features are.
    doubts : function, optional
        ``FEATURE``: the rule finds nothing but features of which one of these holds, so that
        no others need be read. The rule itself looks at them again.
    """

    columns: Columns
    scope: Scope = Scope.FEATURE
    reach: str = ""
    keys: Keys = _no_keys
    geometry: bool = True
    doubts: Doubts | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check: what the code finds, and what ``rules.toml`` says about it.

    Attributes
    ----------
    ref : str
        Number in the list of checks of an inspection, e.g. ``PL-22``.
    title_key, explanation_key : str
        English words; `title` and `explanation` are in the language in use.
    messages : mapping of str to str
        Templates by ``case`` of a finding's params; the empty case is the usual one.
    grade : str
        One of `GRADES`.
    visit : bool
        Whether somebody must go and look: the finding belongs in the list of places to visit.
    limits : mapping
        Numbers of the rule, units in their names.
    """

    id: str
    title_key: str
    explanation_key: str
    messages: Mapping[str, str]
    reads: Reads
    find: Callable[[Survey], Iterator[Findings]]
    ref: str
    severity: Severity
    element: str
    heading: str
    basis: str
    confidence: str
    enabled: bool
    limits: Mapping[str, Any]
    grade: str = "C"
    visit: bool = False

    @property
    def title(self) -> str:
        """Name of the rule."""
        return _(self.title_key)

    @property
    def explanation(self) -> str:
        """What is a fault, why it matters and what to do."""
        return _(self.explanation_key)

    @property
    def prefix(self) -> str:
        """The thing that the rule is about: the id up to its dot."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class _Code:
    """What the decorator knows."""

    title_key: str
    explanation_key: str
    messages: Mapping[str, str]
    reads: Reads
    limits: frozenset[str]
    find: Callable[[Survey], Iterator[Findings]]


_Find = Callable[["Survey"], Iterator[Findings]]
_CODE: Final[dict[str, _Code]] = {}
_MODULES: Final = (
    *("attributes", "component_ids", "dates", "duplicates", "geometry", "grids", "identity"),
    *("missing", "records", "renewal", "shapes", "targets", "topology", "units"),
    *("alignments", "joints", "levels", "pipes", "points"),
    *("toilets", "lamps", "manholes", "parking", "parks", "bikes"),
)
_KEYS: Final = frozenset(
    (
        *("id", "ref", "severity", "grade", "element", "heading", "basis", "confidence"),
        *("enabled", "visit", "limits"),
    )
)
_OPTIONAL: Final = {"limits", "visit"}


def rule(
    rule_id: str,
    *,
    title: str,
    explanation: str,
    message: str | Mapping[str, str],
    reads: Reads,
    limits: Sequence[str] = (),
) -> Callable[[_Find], _Find]:
    """Register a function that yields findings.

    Parameters
    ----------
    rule_id : str
        ``thing.fault``; never changes.
    title, explanation : str
        English, marked with `N_`.
    message : str or mapping of str to str
        Template for a finding's params; several by ``case`` where one does not do.
    limits : sequence of str
        Names of the limits that ``rules.toml`` must give, and no others.
    """
    messages = {"": message} if isinstance(message, str) else dict(message)

    def register(find: _Find) -> _Find:
        assert rule_id not in _CODE, rule_id
        code = _Code(title, explanation, messages, reads, frozenset(limits), find)
        _CODE[rule_id] = code
        return find

    return register


@cache
def limits_of(rule_id: str) -> Mapping[str, Any]:
    """Return the limits of a rule without loading the code of the rules, which takes long."""
    entries = read_toml(paths.resources() / "rules.toml")["rule"]
    assert isinstance(entries, list)
    return next(entry["limits"] for entry in entries if entry["id"] == rule_id)


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return every rule by id, in the order of ``rules.toml``, the disabled ones too.

    Raises
    ------
    DictionaryError
        If the file and the code do not name the same rules and limits.
    """
    return load_rules(paths.resources() / "rules.toml")


def load_rules(path: Path) -> Mapping[str, Rule]:
    """Join the rules of the code with their entries in a file.

    Raises
    ------
    DictionaryError
        As for `all_rules`; names file and entry.
    """
    # The register fills at import; here and not above, as these modules import this one.
    for module in _MODULES:
        import_module(f"hjgis.checks.{module}")
    raw = read_toml(path)
    entries = raw.get("rule")
    if set(raw) != {"rule"} or not isinstance(entries, list):
        raise DictionaryError(f"{path.name}: a list of [[rule]] is needed, nothing else")
    names = [str(entry.get("id", "?")) for entry in entries]
    twice = {name for name in names if names.count(name) > 1}
    for problem, wrong in (
        ("given twice", twice),
        ("no such rule in the program", set(names) - set(_CODE)),
        ("has no entry", set(_CODE) - set(names)),
    ):
        if wrong:
            raise DictionaryError(f"{path.name}: {', '.join(sorted(wrong))}: {problem}")
    return MappingProxyType({entry["id"]: _joined(path, entry) for entry in entries})


def _joined(path: Path, entry: Mapping[str, object]) -> Rule:
    given = dict(entry)
    code = _CODE[str(given["id"])]
    limits = cast("Mapping[str, Any]", given.pop("limits", {}))
    wrong = {*entry} - _KEYS | _KEYS - _OPTIONAL - {*entry}
    try:
        if wrong:
            raise ValueError(f"keys missing or unknown: {', '.join(sorted(wrong))}")
        if set(limits) != code.limits:
            raise ValueError(f"limits must be {', '.join(sorted(code.limits)) or 'left out'}")
        for key, known in (
            ("element", ELEMENTS),
            ("heading", HEADINGS),
            ("confidence", CONFIDENCE),
            ("grade", GRADES),
        ):
            if given[key] not in known:
                raise ValueError(f"{key}: {given[key]!r} is unknown")
        given["severity"] = Severity(str(given["severity"]))
        return Rule(
            title_key=code.title_key,
            explanation_key=code.explanation_key,
            messages=MappingProxyType(dict(code.messages)),
            reads=code.reads,
            find=code.find,
            limits=MappingProxyType(dict(limits)),
            **given,  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {entry['id']}: {error}") from error
