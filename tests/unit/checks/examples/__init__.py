"""One faulty and one faultless example for each check, by the module of the check."""

from __future__ import annotations

from collections.abc import Mapping

from tests.unit.checks.examples import (
    facilities,
    general,
    grounds,
    identity,
    missing,
    pipes,
    renewal,
)
from tests.unit.checks.faults import Example

EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    **general.EXAMPLES,
    **pipes.EXAMPLES,
    **facilities.EXAMPLES,
    **grounds.EXAMPLES,
    **identity.EXAMPLES,
    **missing.EXAMPLES,
    **renewal.EXAMPLES,
}
