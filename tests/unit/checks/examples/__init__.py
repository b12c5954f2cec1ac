"""One faulty and one faultless example for each check, by the module of the check."""

from __future__ import annotations

from collections.abc import Mapping

<<<<<<< HEAD
from tests.unit.checks.examples import facilities, general, grounds, identity, missing, renewal
=======
from tests.unit.checks.examples import general, identity, missing, pipes, renewal
>>>>>>> lead
from tests.unit.checks.faults import Example

EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    **general.EXAMPLES,
<<<<<<< HEAD
    **facilities.EXAMPLES,
    **grounds.EXAMPLES,
=======
    **pipes.EXAMPLES,
>>>>>>> lead
    **identity.EXAMPLES,
    **missing.EXAMPLES,
    **renewal.EXAMPLES,
}
