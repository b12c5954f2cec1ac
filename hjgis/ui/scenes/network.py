"""Scenes of the pipe network: followed on the map, and a profile of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from hjgis.checks.pipe_facts import gravity
from hjgis.network.pipes import Pipes, read
from hjgis.network.tracing import Way, trace
from hjgis.ui.network.profile_window import PROFILE_SIZE
from hjgis.ui.scenes.stage import Stage


def traced(stage: Stage) -> QWidget:
    """Show all that flows to where a sewer ends."""
    pipes, _first, last = _sewer(stage)
    features, row = pipes.features_of(last)
    stage.space.selection.set(features.layer, features.fids[row : row + 1])
    stage.window.do("trace-up")
    stage.wait()
    return stage.window


def profile(stage: Stage) -> QWidget:
    """Show the profile of a sewer from its first node to its last."""
    pipes, *ends = _sewer(stage)
    nodes = []
    for node in ends:
        features, row = pipes.features_of(node)
        nodes.append((features.layer, int(features.fids[row])))
    following = stage.window.following
    assert following is not None
    following.show_profile(nodes)
    stage.wait()
    window = following.profile_window()
    window.resize(PROFILE_SIZE.boundedTo(stage.window.size()))
    return stage.shown(window)


def _sewer(stage: Stage) -> tuple[Pipes, int, int]:
    """Return the network, and the first and the last node of the way down from some pipe."""
    project = stage.space.project
    pipes = read(project)
    catalogue = project.catalogue
    known = gravity(pipes.lines, catalogue) & (pipes.flow != 0) & (pipes.ends >= 0).all(axis=1)
    row = int(np.flatnonzero(known)[0])
    first = int(pipes.ends[row, 0 if pipes.flow[row] > 0 else 1])
    down = trace(pipes, catalogue, Way.DOWN, nodes=[first])
    onward = np.zeros(pipes.network.count, dtype=bool)
    flows = down.lines[pipes.flow[down.lines] != 0]
    onward[pipes.ends[flows, np.where(pipes.flow[flows] > 0, 0, 1)]] = True
    return pipes, first, int(next(node for node in down.nodes if not onward[node]))
