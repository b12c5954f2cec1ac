"""Numbers that are reckoned of features, for maps that colour by them as by a field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks import gaps, renewal
from hjgis.checks.features import Features
from hjgis.checks.rules.attributes import asked_names, required_names
from hjgis.i18n import N_
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.progress import SILENT, Progress

_YEARS: Final = ("laid_year", "built_year", "build_year", "opened_year")
_FIRST_YEAR: Final = 1900
_Reckon = Callable[[Project, AssetType, Progress], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is reckoned of each feature.

    Attributes
    ----------
    words : str
        Its name, to be translated.
    unit : str
        To be translated.
    meant : function
        Whether the features of a layer have it.
    """

    words: str
    unit: str
    meant: Callable[[AssetType], bool]
    reckon: _Reckon


def figures_of(asset: AssetType) -> dict[str, Figure]:
    """Return the figures that the features of a layer have, by id."""
    return {name: figure for name, figure in FIGURES.items() if figure.meant(asset)}


def reckoned(
    project: Project, layer: str, name: str, *, progress: Progress = SILENT
) -> NDArray[np.float64]:
    """Reckon a figure of all features of a layer.

    Returns
    -------
    array of float64, shape (n,)
        In fid order; NaN where it is not known.

    Raises
    ------
    KeyError
        If the layer has no such figure.
    """
    asset = project.asset_type(layer)
    return figures_of(asset)[name].reckon(project, asset, progress)


def _read(
    project: Project, asset: AssetType, names: tuple[str, ...], progress: Progress
) -> Features:
    columns = project.store.columns(asset.id, names, geometry=False, progress=progress)
    return Features(asset, columns, names)


def _year_of(asset: AssetType) -> str:
    return next((name for name in _YEARS if asset.has(name)), "")


def _has_year(asset: AssetType) -> bool:
    return bool(_year_of(asset))


def _age(project: Project, asset: AssetType, progress: Progress) -> NDArray[np.float64]:
    name, this_year = _year_of(asset), dt.date.today().year
    year = _read(project, asset, (name,), progress).numbers(name)
    # What cannot be is not known: a year to come, a year 0.
    known = (year >= _FIRST_YEAR) & (year <= this_year)
    return np.where(known, this_year - year, np.nan)


def _is_asset(asset: AssetType) -> bool:
    return asset.kind == "asset" and bool(required_names(asset))


def _completeness(project: Project, asset: AssetType, progress: Progress) -> NDArray[np.float64]:
    bits = gaps.bits_of(_read(project, asset, tuple(asked_names(asset)), progress))
    asked, lacking = np.bitwise_count(bits.applies), np.bitwise_count(bits.lacking)
    shares = 100.0 * (asked.astype(np.float64) - lacking)
    result = np.full(len(asked), np.nan)
    np.divide(shares, asked, out=result, where=asked > 0)
    return result


def _is_pipe(asset: AssetType) -> bool:
    return asset.id == renewal.PIPES


def _overdue(project: Project, _asset: AssetType, progress: Progress) -> NDArray[np.float64]:
    return renewal.candidates(project, progress=progress).over


def _score(project: Project, _asset: AssetType, progress: Progress) -> NDArray[np.float64]:
    return renewal.candidates(project, progress=progress).score


FIGURES: Final[Mapping[str, Figure]] = {
    "age_years": Figure(N_("Age"), N_("years"), _has_year, _age),
    "overdue": Figure(N_("Years beyond the limit"), N_("years"), _is_pipe, _overdue),
    "completeness_share": Figure(N_("Completeness"), "%", _is_asset, _completeness),
    "renewal_score": Figure(N_("Renewal score"), N_("score points"), _is_pipe, _score),
}
