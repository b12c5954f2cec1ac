"""Photos and papers put to assets and taken off; photos find their asset by their place."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import shapely

from hjgis.models.assets import Value
from hjgis.models.attachments import LAYER, PAPER, PHOTO, Content, Paper
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.reading import FeatureReader

# A photo taken farther from an asset is hardly one of it; a street is less wide.
FAR_M: Final = 50.0
# For a folder of photos that is shared out: a phone is wrong by 5 to 15 m in a street.
NEAR_M: Final = 30.0
_SURE_M: Final = 15.0
# Another asset that is hardly farther away makes the nearest one doubtful.
_APART_M: Final = 5.0
# Photos that follow one another so soon are of the same thing.
_SERIES: Final = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A photo and the asset that it seems to be of.

    Attributes
    ----------
    key : FeatureKey or None
        None where no asset is near, or the photo says no place.
    distance_m : float or None
        From where it was taken.
    sure : bool
        Whether no other asset can be meant.
    """

    paper: Paper
    key: FeatureKey | None = None
    distance_m: float | None = None
    sure: bool = False


def attach(
    reader: FeatureReader,
    wanted: Sequence[tuple[FeatureKey, Paper]],
    *,
    role: str | None = None,
    photographer: str = "",
    record: str | None = None,
) -> ChangeSet:
    """Put photos and papers to assets; what an asset has already in this role is left out.

    Parameters
    ----------
    role : str, optional
        Code of the list ``attachment_role``; photo or paper by the kind of file when left out.
    photographer : str
        Who brings them.
    record : str, optional
        The uuid of the inspection that they belong to.

    Returns
    -------
    ChangeSet
        With the contents; empty (false) when nothing would be new.
    """
    asset, features, contents = reader.asset_type(LAYER), [], {}
    had = {
        (r.values["asset_uuid"], r.values["sha256"], r.values["role"])
        for r in reader.records_of({key.uuid for key, _paper in wanted})
        if r.key.layer == LAYER
    }
    for key, paper in wanted:
        as_what = role or (PHOTO if paper.content.is_picture else PAPER)
        same = (key.uuid, paper.content.sha256, as_what)
        if same in had:
            continue
        had.add(same)
        known: dict[str, Value] = {
            "asset_layer": key.layer,
            "asset_uuid": key.uuid,
            "role": as_what,
            "photographer": photographer or None,
            "record_uuid": record,
        }
        values = asset.empty_values() | _said_by(paper) | known
        features.append(Feature(FeatureKey(LAYER, new_uuid()), None, values))
        contents[paper.content.sha256] = paper.content
    changes = tuple(Change(None, feature) for feature in features)
    layers = {str(feature.values["asset_layer"]) for feature in features}
    params = {"count": len(changes), "layer": layers.pop() if len(layers) == 1 else ""}
    return ChangeSet("attach", changes, params=params, contents=tuple(contents.values()))


def detach(reader: FeatureReader, keys: Sequence[FeatureKey]) -> ChangeSet:
    """Take attachments off their assets; their content stays in the file for undo."""
    going = reader.get_many(dict.fromkeys(keys))
    layers = {str(feature.values["asset_layer"]) for feature in going}
    params = {"count": len(going), "layer": layers.pop() if len(layers) == 1 else ""}
    return ChangeSet("detach", tuple(Change(feature, None) for feature in going), params=params)


def bring_over(
    reader: FeatureReader,
    records: Sequence[Mapping[str, Value]],
    contents: Mapping[str, Content],
) -> ChangeSet:
    """Take over attachments of another file for those of its assets that are here.

    Assets are the same by their uuid, and attachments too: one that is here already is left out,
    like one whose content the file lacks.

    Parameters
    ----------
    records : sequence of mapping
        What the file says of each attachment, with its ``uuid``.
    contents : mapping of str to Content
        By digest.
    """
    asset, changes, needed = reader.asset_type(LAYER), [], {}
    owners = reader.known({_owner(record) for record in records})
    had = {
        (one.values["asset_uuid"], one.values["sha256"], one.values["role"])
        for one in reader.records_of({key.uuid for key in owners})
        if one.key.layer == LAYER
    }
    stored = reader.known({FeatureKey(LAYER, str(record["uuid"])) for record in records})
    for record in records:
        key, sha256 = FeatureKey(LAYER, str(record["uuid"])), str(record["sha256"])
        same = (record["asset_uuid"], record["sha256"], record["role"])
        if _owner(record) not in owners or sha256 not in contents or key in stored or same in had:
            continue
        had.add(same)
        known = {name: record.get(name) for name in asset.field_names}
        changes.append(Change(None, Feature(key, None, known)))
        needed[sha256] = contents[sha256]
    params = {"count": len(changes), "layer": ""}
    return ChangeSet("attach.over", tuple(changes), params=params, contents=tuple(needed.values()))


def attachments_of(reader: FeatureReader, uuids: Sequence[str]) -> list[Feature]:
    """Return the attachments of assets, in the order in which they came."""
    found = (record for record in reader.records_of(uuids) if record.key.layer == LAYER)
    return sorted(found, key=lambda record: record.fid or 0)


def distance_m(feature: Feature, paper: Paper) -> float | None:
    """Return how far from an asset a photo was taken, metres; None where that is not known."""
    if paper.place is None or feature.geometry is None:
        return None
    return float(shapely.distance(feature.geometry, shapely.Point(paper.place)))


def propose(
    reader: FeatureReader, papers: Sequence[Paper], layers: Sequence[str]
) -> list[Proposal]:
    """Say of which assets of some layers photos seem to be: the nearest within 30 m.

    A photo that is not sure follows one taken within a minute of it that is.
    """
    found = [_nearest(reader, paper, layers) for paper in papers]
    sure = [proposal for proposal in found if proposal.sure]
    return [proposal if proposal.sure else _followed(reader, proposal, sure) for proposal in found]


def _nearest(reader: FeatureReader, paper: Paper, layers: Sequence[str]) -> Proposal:
    if paper.place is None:
        return Proposal(paper)
    x, y = paper.place
    box = (x - NEAR_M, y - NEAR_M, x + NEAR_M, y + NEAR_M)
    near = sorted(
        (distance, feature.key, feature.geometry.geom_type == "Point")
        for layer in layers
        for feature in reader.within(layer, box)
        if feature.geometry is not None
        and (distance := float(shapely.distance(feature.geometry, shapely.Point(x, y)))) <= NEAR_M
    )
    points = [entry for entry in near if entry[2]]
    if points and points[0][0] <= _SURE_M:
        # A point close by is meant rather than the pipe that ends there or the park around it.
        near = points
    if not near:
        return Proposal(paper)
    distance, key, _point = near[0]
    next_m = near[1][0] if len(near) > 1 else math.inf
    sure = distance <= _SURE_M and next_m - distance >= _APART_M
    return Proposal(paper, key, round(distance, 1), sure)


def _followed(reader: FeatureReader, doubtful: Proposal, sure: Sequence[Proposal]) -> Proposal:
    taken = _moment(doubtful.paper)
    if taken is None or doubtful.paper.place is None:
        return doubtful
    for other in sure:
        moment = _moment(other.paper)
        if moment is None or other.key is None or abs(moment - taken) > _SERIES:
            continue
        distance = distance_m(reader.get(other.key), doubtful.paper)
        if distance is not None and distance <= NEAR_M:
            return replace(doubtful, key=other.key, distance_m=round(distance, 1), sure=True)
    return doubtful


def _moment(paper: Paper) -> dt.datetime | None:
    if paper.taken_at is None:
        return None
    moment = dt.datetime.fromisoformat(paper.taken_at)
    # Clocks without a zone are compared with one another as they are.
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _owner(record: Mapping[str, Value]) -> FeatureKey:
    return FeatureKey(str(record["asset_layer"]), str(record["asset_uuid"]))


def _said_by(paper: Paper) -> dict[str, Value]:
    x, y = paper.place or (None, None)
    return {
        "sha256": paper.content.sha256,
        "file_name": paper.name,
        "content_type": paper.content.content_type,
        "taken_at": paper.taken_at,
        "x_m": x,
        "y_m": y,
        "direction_deg": paper.direction_deg,
        "width_px": paper.width_px,
        "height_px": paper.height_px,
        "size_bytes": paper.content.size_bytes,
    }
