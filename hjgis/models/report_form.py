"""What people add to the report of a check: who made it, who looked it through, their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries

# The project's fact that holds the form as it was filled in last.
FACT: Final = "report_form"


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What stands on a report besides what the program found; empty: room to write by hand.

    Attributes
    ----------
    office : str
        Who had the data checked.
    inspector, reviewer : str
    sources : str
        Where the data come from.
    opinion : str
        Conclusion in somebody's own words, after that of the figures.
    """

    office: str = ""
    inspector: str = ""
    reviewer: str = ""
    sources: str = ""
    opinion: str = ""


def form_of(stored: str | None) -> ReportForm:
    """Return the form of a project by its fact `FACT`; an empty one where it has none."""
    entries = read_entries(stored, _read, "report form")
    return entries[0] if entries else ReportForm()


def store_form(stored: str | None, form: ReportForm) -> ChangeSet:
    """Return the edit that keeps a form."""
    text = None if form == ReportForm() else fact_text([asdict(form)])
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("checks.form", facts=facts)


def _read(entry: Mapping[str, Any]) -> ReportForm:
    return ReportForm(
        **{field.name: str(entry.get(field.name, "")) for field in fields(ReportForm)}
    )
