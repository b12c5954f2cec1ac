"""New points where a satellite receiver stands, with what is known of how good the place is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import shapely

from hjgis.edits.network import place_node
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import ChangeSet
from hjgis.models.positions import Average, receiver_rules
from hjgis.models.reading import FeatureReader
from hjgis.models.validation import BadValue, coerce

# How the code list of data sources calls what a receiver measures.
_MEASURED: Final = "GPS"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who measured, and what was replayed if it was no receiver."""

    surveyor: str = ""
    replayed: str = ""


def add_measured(
    reader: FeatureReader, layer: str, place: Average, *, catalogue: Catalogue, origin: Origin
) -> ChangeSet:
    """Add a point at a measured place; on a pipe it divides that, as a drawn one does.

    Date, surveyor and source go into their fields, where the kind has them; quality, spread and
    height into the remarks. The height is in no datum of a survey, so that it is never a level.

    Parameters
    ----------
    place : Average
        In the project CRS; of one place or of many.
    """
    values = measured_values(reader.asset_type(layer), place, catalogue, origin)
    return place_node(reader, layer, shapely.Point(place.x, place.y), values)


def measured_values(
    asset: AssetType, place: Average, catalogue: Catalogue, origin: Origin
) -> dict[str, Value]:
    """Return the values that a measured place gives; what does not fit a field is left out."""
    day = place.last.local_date(receiver_rules().limits.local_utc_h)
    offered: dict[str, str] = {
        "survey_date": day.isoformat() if day else "",
        "surveyor": origin.surveyor,
        "data_source": _MEASURED if place.quality.measured and not origin.replayed else "",
        "remarks": measured_words(place, origin),
    }
    values: dict[str, Value] = {}
    for name, text in offered.items():
        if not text or not asset.has(name):
            continue
        field = asset.field(name)
        try:
            values[name] = coerce(
                field, text[: field.max_length] if field.max_length else text, catalogue
            )
        except BadValue:
            # The kind has another list under this name.
            continue
    return values


def measured_words(place: Average, origin: Origin) -> str:
    """Say how a place was measured, in one line."""
    said = [_("Satellite receiver: {quality}").format(quality=label(place.quality.label))]
    if place.satellites is not None:
        said.append(_("{count} satellites").format(count=place.satellites))
    if place.hdop is not None:
        said.append(f"HDOP {place.hdop:.2f}")
    if place.last.stated_m is not None:
        said.append(_("stated ±{metres:.3f} m").format(metres=place.last.stated_m))
    if place.count > 1:
        words = _("mean of {count}, RMS {rms:.3f} m, at most {spread:.3f} m apart from it")
        said.append(words.format(count=place.count, rms=place.rms_m, spread=place.spread_m))
    if place.height_m is not None:
        words = _("height {height:.3f} m above the receiver's geoid (not the 1985 datum)")
        said.append(words.format(height=place.height_m))
    moment = place.last.utc
    if moment is not None:
        said.append(f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
    if origin.replayed:
        said.append(_("replayed from {file}").format(file=origin.replayed))
    return _("; ").join(said)
