"""The register of checks: code says what is a fault, ``resources/rules.toml`` how bad it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from hjgis.models.rule_settings import RuleSetting, is_number, read_settings

if TYPE_CHECKING:
    from hjgis.checks.survey import Survey

FILE: Final = "rules.toml"
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
    few : frozenset of str
        Fields of text that the rule tells of few features (`Features.objects`, `Features.each`).
        Where no other rule wants all of their values, they are not read as columns.
    repeats : bool
        The rule asks `Survey.repeating`, so that no layer need be read as a whole.
    """

    columns: Columns
    scope: Scope = Scope.FEATURE
    reach: str = ""
    keys: Keys = _no_keys
    geometry: bool = True
    doubts: Doubts | None = None
    repeats: bool = False
    few: frozenset[str] = frozenset()


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
    *(
        f"rules.{name}"
        for name in (
            *("attributes", "component_ids", "dates", "density", "duplicates", "geometry"),
            *("grids", "identity", "missing", "records", "shapes", "topology", "units"),
            *("alignments", "joints", "levels", "pipes", "points", "toilets", "lamps"),
            *("manholes", "parking", "parks", "bikes"),
        )
    ),
    "renewal",
    "targets",
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
def limits_of(rule_id: str, own: str | None = None) -> Mapping[str, Any]:
    """Return the limits of a rule without loading the code of the rules, which takes long.

    Parameters
    ----------
    own : str or None
        What the project has otherwise: its fact `rule_settings.FACT`.
    """
    entries = read_toml(paths.resources() / FILE)["rule"]
    assert isinstance(entries, list)
    shipped = next(entry.get("limits", {}) for entry in entries if entry.get("id") == rule_id)
    wanted = read_settings(own).get(rule_id, RuleSetting()).limits
    return shipped if limit_faults({**shipped, **wanted}, shipped) else {**shipped, **wanted}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the entry of a rule cannot be used."""

    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def words(self, rule_id: str, where: str) -> str:
        """Return file, rule and what is wrong, in the language in use."""
        said = _(self.template).format(**self.facts)
        return _("{file}, {rule}: {problem}").format(file=where, rule=rule_id, problem=said)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a file of rules holds: those that can be used, and why others cannot."""

    name: str
    rules: Mapping[str, Rule]
    faults: Mapping[str, Fault]

    def failed(self) -> dict[str, str]:
        """Return in words why rules cannot be used."""
        return {rule: fault.words(rule, self.name) for rule, fault in self.faults.items()}


@cache
def rule_file() -> RuleFile:
    """Return what the program's file of rules holds.

    Raises
    ------
    DictionaryError
        If it is no list of rules at all.
    """
    return load_rules(paths.resources() / FILE)


def all_rules() -> Mapping[str, Rule]:
    """Return every rule by id, in the order of ``rules.toml``, the disabled ones too."""
    return rule_file().rules


def load_rules(path: Path) -> RuleFile:
    """Join the rules of the code with their entries in a file; an entry that is wrong is named.

    Raises
    ------
    DictionaryError
        If the file is no list of rules at all; names it.
    """
    # The register fills at import; here and not above, as these modules import this one.
    for module in _MODULES:
        import_module(f"hjgis.checks.{module}")
    raw = read_toml(path)
    entries = raw.get("rule")
    tables = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    if set(raw) != {"rule"} or not isinstance(entries, list) or not tables:
        raise DictionaryError(f"{path.name}: a list of [[rule]] is needed, nothing else")
    rules: dict[str, Rule] = {}
    faults: dict[str, Fault] = {}
    names = [str(entry.get("id", "?")) for entry in entries]
    for name, entry in zip(names, entries, strict=True):
        if name not in _CODE:
            faults[name] = Fault(N_("the program has no such rule"))
        elif names.count(name) > 1:
            faults[name] = Fault(N_("it is given twice"))
        else:
            made = _joined(entry)
            if isinstance(made, Rule):
                rules[name] = made
            else:
                faults[name] = made
    for name in sorted(set(_CODE) - set(names)):
        faults[name] = Fault(N_("it has no entry"))
    return RuleFile(path.name, MappingProxyType(rules), MappingProxyType(faults))


def project_rules(own: str | None) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules that a project has otherwise, and why rules cannot run, in words.

    Parameters
    ----------
    own : str or None
        The project's fact `rule_settings.FACT`.
    """
    failed = rule_file().failed()
    changed: dict[str, Rule] = {}
    for name, setting in read_settings(own).items():
        rule = all_rules().get(name)
        if rule is None:
            continue
        limits = {**rule.limits, **setting.limits}
        faults = limit_faults(limits, rule.limits)
        if faults:
            failed[name] = faults[0].words(name, _("project"))
        changed[name] = replace(
            rule,
            enabled=not faults and (rule.enabled if setting.enabled is None else setting.enabled),
            severity=setting.severity or rule.severity,
            limits=rule.limits if faults else MappingProxyType(limits),
        )
    return changed, failed


# By its name a limit is a number, or holds numbers: a length, a share, a year, the most or least.
_MEASURE: Final = re.compile(r"_(m|mm|m2|km|deg|percent|ratio|year|years|days)$|^(most|least)_")


def limit_faults(
    limits: Mapping[str, Any], wanted: Collection[str] | Mapping[str, Any]
) -> list[Fault]:
    """Say what is wrong with limits.

    Parameters
    ----------
    wanted : collection of str, or mapping of str to anything
        Which limits there must be; a mapping also shows of what kind each is.
    """
    faults = [
        Fault(N_("the limit {limit} is missing"), {"limit": name})
        for name in sorted(set(wanted) - set(limits))
    ]
    for name, value in limits.items():
        facts = {"limit": name, "value": value}
        like = wanted.get(name) if isinstance(wanted, Mapping) else None
        if name not in wanted:
            faults.append(Fault(N_("there is no limit {limit}"), facts))
        elif like is not None and not _alike(value, like):
            faults.append(Fault(N_("the limit {limit} cannot be {value}"), facts))
        elif any(not is_number(leaf) for leaf in _leaves(value) if _is_measured(name, leaf)):
            faults.append(Fault(N_("the limit {limit} is {value}, which is no number"), facts))
        elif _MEASURE.search(name) and any(is_number(v) and v < 0 for v in _leaves(value)):
            faults.append(Fault(N_("the limit {limit} is {value}, less than nothing"), facts))
    return faults


def _is_measured(name: str, leaf: object) -> bool:
    return bool(_MEASURE.search(name)) or isinstance(leaf, float)


def _alike(value: object, like: object) -> bool:
    if is_number(like):
        return is_number(value)
    return isinstance(value, type(like))


def _leaves(value: object) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _joined(entry: Mapping[str, object]) -> Rule | Fault:
    given = dict(entry)
    code = _CODE[str(given["id"])]
    limits = cast("Mapping[str, Any]", given.pop("limits", {}))
    wrong = {*entry} - _KEYS | _KEYS - _OPTIONAL - {*entry}
    if wrong:
        names = {"keys": ", ".join(sorted(wrong))}
        return Fault(N_("keys missing or unknown: {keys}"), names)
    if not isinstance(limits, dict):
        return Fault(N_("the limit {limit} cannot be {value}"), {"limit": "", "value": limits})
    if faults := limit_faults(limits, code.limits):
        return faults[0]
    for key, known in (
        ("element", ELEMENTS),
        ("heading", HEADINGS),
        ("confidence", CONFIDENCE),
        ("grade", GRADES),
        ("severity", [*Severity]),
        ("enabled", [True, False]),
        ("visit", [True, False]),
    ):
        if key in given and (not isinstance(given[key], str | bool) or given[key] not in known):
            return Fault(N_("{key} cannot be {value}"), {"key": key, "value": given[key]})
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
