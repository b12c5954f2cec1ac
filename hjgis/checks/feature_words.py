"""What people call the features at fault, and by whom and where they are put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.layers.project import Project
from hjgis.models.naming import name_fields
from hjgis.models.reading import Coded
from hjgis.models.validation import display
from hjgis.progress import SILENT, Progress

# The first of these that a feature holds says it; who answers for a thing must put it right.
NAME: Final = "name"
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "unit": ("responsible_unit", "managing_unit"),
    "road": ("road_name",),
    "grid": ("grid_id",),
}
# Who changed a feature last; the journal knows.
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True, eq=False)
class FeatureWords:
    """One word for each of some features of a layer, each different one held once.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rising.
    codes : array of int64, shape (n + 1,)
        Position in `values`; -1 where there is no word; the last one stands for no feature.
    values : tuple of str
    """

    fids: NDArray[np.int64]
    codes: NDArray[np.int64]
    values: tuple[str, ...]

    def codes_of(self, fids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the codes of features, -1 for those that are not there."""
        at = np.searchsorted(self.fids, fids)
        there = at < len(self.fids)
        there[there] &= self.fids[at[there]] == fids[there]
        return self.codes[np.where(there, at, len(self.fids))]

    def of(self, fid: int) -> str:
        """Return the word of a feature, nothing if it has none."""
        code = int(self.codes_of(np.array([fid]))[0])
        return self.values[code] if code >= 0 else ""


def words_of(
    project: Project,
    layer: str,
    kind: str,
    *,
    fids: NDArray[np.int64] | None = None,
    progress: Progress = SILENT,
) -> FeatureWords:
    """Read one word for each feature of a layer.

    Parameters
    ----------
    kind : str
        `NAME`, `OPERATOR` or a key of `FIELDS`.
    fids : array of int64, optional
        Only these features.
    """
    asset = project.types.get(layer)
    if kind == OPERATOR and asset is not None:
        return _operators(project, layer, fids, progress)
    fields = () if asset is None else name_fields(asset) if kind == NAME else FIELDS.get(kind, ())
    fields = tuple(name for name in fields if asset is not None and asset.has(name))
    if asset is None or not fields:
        return FeatureWords(np.empty(0, np.int64), np.array([-1]), ())
    wanted = None if fids is None else np.unique(fids)
    columns = project.store.columns(layer, fields, fids=wanted, geometry=False, progress=progress)
    texts = [(asset.field(name), columns.texts[name]) for name in fields if name in columns.texts]
    held = [column for _field, column in texts]
    said = [[display(field, value, project.catalogue) for value in c.values] for field, c in texts]
    return _first(columns.fids, held, said)


def _operators(
    project: Project, layer: str, fids: NDArray[np.int64] | None, progress: Progress
) -> FeatureWords:
    """Say who changed each feature last."""
    there = project.store.columns(layer, (), fids=fids, geometry=False, progress=progress).fids
    changes, operators = project.history.last_changes(layer, there, few=fids is not None)
    known, at = np.unique(changes, return_inverse=True)
    names = [operators.get(change) or "" for change in known.tolist()]
    values = tuple(dict.fromkeys(name for name in names if name))
    codes = np.array([values.index(name) if name else -1 for name in names] + [-1], np.int64)
    return FeatureWords(there, np.append(codes[at], -1), values)


def _first(
    fids: NDArray[np.int64], held: Sequence[Coded], said: Sequence[Sequence[str]]
) -> FeatureWords:
    """Take of each feature the first column that holds something."""
    numbers: dict[str, int] = {}
    codes = np.full(len(fids) + 1, -1, np.int64)
    for column, words in zip(held, said, strict=True):
        known = np.array([numbers.setdefault(word, len(numbers)) for word in words] + [-1])
        open_ = codes[:-1] < 0
        codes[:-1][open_] = known[column.codes[open_]]
    return FeatureWords(fids, codes, tuple(numbers))
