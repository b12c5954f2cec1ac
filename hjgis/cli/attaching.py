"""Photos and papers put to an asset from a shell."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import InputError, UsageError
from hjgis.i18n import _, ngettext_
from hjgis.models.changes import FeatureKey

if TYPE_CHECKING:
    from hjgis.layers.project import Project
    from hjgis.models.attachments import Paper

_ROLES: Final = "attachment_role"


def attach(arguments: argparse.Namespace) -> int:
    """Put files to an asset, all of them or none; or take over what another file holds."""
    if arguments.source is not None:
        return _bring_over(arguments)
    if not arguments.files:
        raise UsageError(_("Name an asset and files, or a GeoPackage with --from."))
    from hjgis.edits import attachments
    from hjgis.layers.project import Project

    with Project.open(arguments.project, operator=operator()) as project:
        key = _asset(project, arguments.feature)
        role = _role(project, arguments.role)
        papers = _read(project, arguments.files, shrink=arguments.recompress)
        change = attachments.attach(
            project,
            [(key, paper) for paper in papers],
            role=role,
            photographer=operator(),
        )
        far = [_distance(project, key, paper) for paper in papers]
        if change:
            project.session.apply(change)
        facts: dict[str, Any] = {
            "attached": [
                {
                    "uuid": entry.after.key.uuid,
                    **{name: entry.after.values[name] for name in ("file_name", "sha256", "role")},
                    "size_bytes": entry.after.values["size_bytes"],
                }
                for entry in change.changes
                if entry.after is not None
            ],
            "already_there": len(papers) - len(change.changes),
            "warnings": [words for words in far if words],
        }
    return _told(facts, as_json=arguments.json)


def _bring_over(arguments: argparse.Namespace) -> int:
    """Take over the photos and papers of those assets of a GeoPackage that are here."""
    if arguments.feature is not None or arguments.role or arguments.recompress:
        raise UsageError(_("--from takes all as it is: leave out asset, files, role, recompress."))
    from hjgis.edits.attachments import bring_over
    from hjgis.layers.media import stage
    from hjgis.layers.media_files import attachments_in
    from hjgis.layers.project import Project

    found = attachments_in(arguments.source)
    with Project.open(arguments.project, operator=operator()) as project:
        change = bring_over(project, found.records, found.contents)
        if change:
            stage(project.path, change.contents, progress())
            project.session.apply(change)
    facts = {"found": len(found.records), "taken_over": len(change.changes)}
    if arguments.json:
        return print_json(facts)
    words = _("{taken_over} of {found} photos and papers taken over")
    print(words.format(**facts))
    return 0


def _told(facts: dict[str, Any], *, as_json: bool) -> int:
    for words in facts["warnings"]:
        say(words)
    if as_json:
        return print_json(facts)
    count = len(facts["attached"])
    words = ngettext_("{count} file attached", "{count} files attached", count)
    print(words.format(count=count))
    return 0


def _asset(project: Project, text: str) -> FeatureKey:
    layer, slash, uuid = text.partition("/")
    if not slash or layer not in project.types or project.asset_type(layer).is_record:
        raise UsageError(_("Name the asset as LAYER/UUID, not {text}.").format(text=text))
    key = FeatureKey(layer, uuid)
    if not project.known([key]):
        raise InputError(_("There is no feature {key}.").format(key=key))
    return key


def _role(project: Project, text: str | None) -> str | None:
    if text is None:
        return None
    codes = project.catalogue.codes(_ROLES)
    code = codes.parse(text)
    if code is None:
        known = ", ".join(entry.code for entry in codes.codes)
        message = _("There is no role {text}. There are: {known}.")
        raise UsageError(message.format(text=text, known=known))
    return code


def _read(project: Project, files: list[Path], *, shrink: bool) -> list[Paper]:
    from hjgis.exchange import pictures

    told, papers = progress(), []
    for number, path in enumerate(files):
        told.report(number, len(files), path.name)
        paper = pictures.read_paper(path, project.crs, shrink=shrink)
        if paper.original_bytes is not None and not shrink:
            message = _("{path} has {size}: --recompress stores a picture of {smaller} instead.")
            raise InputError(
                message.format(
                    path=path.name,
                    size=pictures.in_megabytes(paper.original_bytes),
                    smaller=pictures.in_megabytes(paper.content.size_bytes),
                )
            )
        papers.append(paper)
    told.report(len(files), len(files), "")
    return papers


def _distance(project: Project, key: FeatureKey, paper: Paper) -> str:
    """Say it where a photo was taken far from the asset; else nothing."""
    from hjgis.edits.attachments import FAR_M, distance_m

    distance = distance_m(project.get(key), paper)
    if distance is None or distance <= FAR_M:
        return ""
    words = _("{path} was taken {distance:.0f} m from the asset.")
    return words.format(path=paper.name, distance=distance)
