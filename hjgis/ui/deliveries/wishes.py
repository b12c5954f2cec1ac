"""What is wished for in the assistant so far, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.delivery.package import Delivered
from hjgis.delivery.planning import Planned
from hjgis.models.deliveries import Order
from hjgis.models.query import Query
from hjgis.ui.step_dialog import StepPage


@dataclass(frozen=True, slots=True, eq=False)
class Where:
    """Which features of the ticked kinds are meant.

    Attributes
    ----------
    words : str
        How people call it; stands in the register.
    area : geometry, optional
        Project CRS: features that meet it.
    rows : mapping of str to array of int64, optional
        These and no others.
    query : Query, optional
        What it finds.
    """

    kind: Literal["all", "seen", "selected", "inside", "query", "file"]
    words: str
    area: BaseGeometry | None = None
    rows: Mapping[str, NDArray[np.int64]] | None = None
    query: Query | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """How far the assistant has come; what follows from other wishes is None again."""

    order: Order
    where: Where
    password: str = field(default="", repr=False)
    planned: Planned | None = None
    delivered: Delivered | None = None


class WishPage(StepPage):
    """One step of the assistant."""

    def show_wishes(self, wishes: Wishes) -> None:
        """Show what is wished for."""
        raise NotImplementedError

    def wished(self, wishes: Wishes) -> Wishes:
        """Return the wishes with what this page says."""
        return wishes
