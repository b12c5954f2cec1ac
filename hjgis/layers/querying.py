"""Queries asked of an open project: by name, by sentence, with what is wrong in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.queries import FACT, SavedQuery, find, read_queries
from hjgis.models.query import Query
from hjgis.models.sentence_parser import NotUnderstood, parse
from hjgis.models.sentences import problems
from hjgis.models.statistics import Question, read_dimension, read_measure
from hjgis.progress import SILENT, Progress


def saved(project: Project) -> list[SavedQuery]:
    """Return the queries that a project keeps."""
    return read_queries(project.info(FACT))


def why_not(project: Project, entry: SavedQuery) -> str:
    """Say why a saved query cannot be asked; nothing if it can."""
    if entry.query is None:
        return _("This version of the program cannot read it.")
    return " ".join(problems(entry.query, project.types))


def query_named(project: Project, name: str) -> Query:
    """Return the saved query of this name or id.

    Raises
    ------
    UsageError
        If there is none, or it cannot be asked; says which there are, or why.
    """
    entries = saved(project)
    entry = find(entries, name)
    if entry is None:
        names = ", ".join(entry.name for entry in entries) or "-"
        message = _("There is no query {name}. Saved are: {names}.")
        raise UsageError(message.format(name=name, names=names))
    reason = why_not(project, entry)
    if entry.query is None or reason:
        message = _("The query {name} cannot be asked: {reason}")
        raise UsageError(message.format(name=entry.name, reason=reason))
    return entry.query


def query_said(project: Project, text: str, layer: str = "") -> Query:
    """Return the query that a sentence means, e.g. ``窨井: 井盖尺寸 > 600``.

    Parameters
    ----------
    layer : str
        Asked of this layer; else the sentence names its layer before a colon.

    Raises
    ------
    UsageError
        If the layer is not there or not named, or the sentence is not understood.
    """
    if not layer:
        layer = _layer_named(project, text)
    if layer not in project.types:
        message = _("There is no layer {name}. There are: {names}.")
        raise UsageError(message.format(name=layer, names=", ".join(project.types)))
    try:
        return parse(text, layer, project.types, project.catalogue)
    except NotUnderstood as error:
        raise UsageError(str(error)) from error


def _layer_named(project: Project, text: str) -> str:
    head = text.replace("：", ":").partition(":")[0].strip().casefold()
    for asset in project.types.values():
        if head in (asset.id.casefold(), *(name.casefold() for name in asset.label.values())):
            return asset.id
    message = _("Start the sentence with the name of a layer and a colon, not with {text}.")
    raise UsageError(message.format(text=head[:20]))


def rows(project: Project, query: Query, *, progress: Progress = SILENT) -> NDArray[np.int64]:
    """Return the fids of the features that a query finds, rising.

    Raises
    ------
    UsageError
        If it names what the project has not got.
    Cancelled
        If `progress` says so.
    """
    wrong = problems(query, project.types)
    if wrong:
        raise UsageError(" ".join(wrong))
    return project.store.fids(query.layer, query.parts, progress=progress)


def question(
    project: Project,
    layer: str,
    by: Sequence[str] = (),
    measure: str = "count",
    query: Query | None = None,
) -> Question:
    """Return the statistics that are asked for in writing.

    Parameters
    ----------
    by : sequence of str
        Up to two dimensions: ``material``, ``made_date:year``, ``in:grid``.
    measure : str
        ``count``, ``length``, ``area`` or ``sum:FIELD`` and the like.
    query : Query, optional
        Of the same layer: only what it finds.

    Raises
    ------
    NoSuchStatistics
        If the layer has no such field or measure.
    """
    asset = project.asset_type(layer)
    return Question(
        layer,
        tuple(read_dimension(text, asset, project.types) for text in by),
        read_measure(measure, asset),
        query.parts if query is not None else (),
    )
