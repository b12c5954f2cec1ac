"""What checks of a whole project found, kept so that edits can be followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from hjgis.checks import completeness, runner
from hjgis.checks.completeness import Completeness
from hjgis.checks.key_index import KeyIndex, Keys, LayerKeys, layer_keys
from hjgis.checks.rules.register import Rule, Scope
from hjgis.checks.runner import Look
from hjgis.checks.shared_features import SharedFeatures
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What was found, rule by rule, and what must be known to follow edits.

    Attributes
    ----------
    rules : mapping of str to Rule
        Those that are run, by id.
    own : mapping of str to Rule
        What the project brings along or has otherwise than the program.
    unread : mapping of str to str
        Rules that were not run, as their entry cannot be used, and why.
    looks : mapping of str to Look
        What each rule found, accepted or not.
    index : KeyIndex
        The rows that were looked at and what binds them.
    day : datetime.date
        When: some rules compare with today.
    """

    rules: Mapping[str, Rule]
    own: Mapping[str, Rule]
    unread: Mapping[str, str]
    looks: Mapping[str, Look]
    completeness: Mapping[str, Completeness]
    index: KeyIndex
    day: dt.date

    @property
    def failed(self) -> dict[str, str]:
        """Rules of whose faults nothing is known, and why."""
        return {**self.unread, **runner.troubles(self.looks)}


def check_all(project: Project, progress: Progress) -> Checked:
    """Run every rule on the whole project.

    Raises
    ------
    Cancelled
        If the user has asked to stop.
    """
    own, unread = runner.rules_for(project)
    rules = {rule.id: rule for rule in runner.select((), own)}
    shared = SharedFeatures(
        project, [*(rule.reads for rule in rules.values()), completeness.READS], progress=progress
    )
    index = _index(shared, rules.values())
    looks = runner.look_all([*rules.values()], shared)
    shares = runner.completeness_of(shared)
    shared.let_go()
    return Checked(rules, own, unread, looks, shares, index, dt.date.today())


def check_again(
    project: Project,
    checked: Checked,
    rules: Collection[str],
    layers: Collection[str],
    progress: Progress,
) -> Checked:
    """Run some rules on the whole project once more, and measure completeness of some layers."""
    chosen = {name: rule for name, rule in checked.rules.items() if name in rules}
    reads = [rule.reads for rule in chosen.values()]
    shared = SharedFeatures(
        project, [*reads, *([completeness.READS] if layers else [])], progress=progress
    )
    looks = {**checked.looks, **runner.look_all([*chosen.values()], shared)}
    shares = {**checked.completeness, **runner.completeness_of(shared, layers)}
    shared.let_go()
    return replace(checked, looks=looks, completeness=shares)


def _index(shared: SharedFeatures, rules: Collection[Rule]) -> KeyIndex:
    keys = [keys_of(rule, shared.layers) for rule in rules]
    layers = {}
    for asset in shared.layers:
        names = {name: None for some in keys for name in some.get(asset.id, ())}
        # What is bound by nothing need not be read for this.
        layers[asset.id] = (
            layer_keys(shared.whole(asset.id), names)
            if names
            else LayerKeys(shared.project.store.fids(asset.id), {})
        )
    return KeyIndex(layers)


def keys_of(rule: Rule, layers: Collection[AssetType]) -> Keys:
    """Return by layer the fields whose values bind features, for a rule of groups."""
    if rule.reads.scope is not Scope.GROUP:
        return {}
    return {
        asset.id: tuple(rule.reads.keys(asset))
        for asset in layers
        if rule.reads.columns(asset) is not None
    }
