"""Which page of the handbook is about which window, panel or dialog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtWidgets import QTabWidget, QWidget

FIRST: Final = "first-hour"
# By the names of classes, so that no window is imported for its page.
PAGE_OF: Final[dict[str, str]] = {
    "MainWindow": FIRST,
    "StartPage": FIRST,
    "NewProjectDialog": "own-town",
    **dict.fromkeys(("CheckpointsDialog", "HistoryPanel"), "projects"),
    **dict.fromkeys(("BackupsDialog", "ArchiveDialog"), "storage"),
    **dict.fromkeys(("MapCanvas", "LayerTree", "UnderlayList", "BookmarksDialog"), "map"),
    **dict.fromkeys(("ChoiceDialog", "LengthDialog"), "drawing"),
    **dict.fromkeys(("ReceiverPanel", "SettingsDialog", "AssignmentsDialog"), "map"),
    **dict.fromkeys(("RowDialog", "MergeDialog", "AssignmentDialog"), "drawing"),
    **dict.fromkeys(("AttributesPanel", "TemplatesDialog", "TemplateDialog"), "forms"),
    **dict.fromkeys(("TablePanel", "TableDialog", "RenumberDialog"), "forms"),
    **dict.fromkeys(("ProjectListsDialog", "AskingDialog"), "forms"),
    **dict.fromkeys(("SearchBox", "FilterDialog", "ChoosingDialog", "SavedDialog"), "finding"),
    **dict.fromkeys(("PropertiesDialog", "StatisticsPanel", "StatisticsDialog"), "finding"),
    "ProfileWindow": "network",
    **dict.fromkeys(("PhotoStrip", "PhotoViewer", "MatchDialog"), "photos"),
    **dict.fromkeys(("RecordDialog", "CyclesDialog", "OverduePanel", "RecordsPart"), "photos"),
    "ImportDialog": "import",
    "KeysDialog": "keys",
    **dict.fromkeys(("IssuesPanel", "VisitsPanel", "CheckRulesDialog", "RuleDialog"), "checks"),
    **dict.fromkeys(("CheckExceptionsDialog", "ExceptionDialog", "FixDialog"), "checks"),
    "CheckReportDialog": "checks",
    **dict.fromkeys(("TargetsPanel", "TaskStateDialog", "TargetDialog"), "targets"),
    **dict.fromkeys(("CompletenessPanel", "RenewalPanel", "RenewalDialog"), "targets"),
    **dict.fromkeys(("MapWindow", "SeriesDialog", "ThemeEditor"), "maps"),
    **dict.fromkeys(("DeliverDialog", "ReturnDialog", "RegisterDialog"), "deliver"),
    **dict.fromkeys(("CrashDialog", "HealthDialog", "QMessageBox"), "trouble"),
}  # fmt: skip


def page_about(widget: QWidget | None) -> str:
    """Return the page about what has the keyboard: the widget itself, or what it lies in."""
    for one in outwards(widget):
        for kind in type(one).__mro__:
            if kind.__name__ in PAGE_OF:
                return PAGE_OF[kind.__name__]
    return FIRST


def outwards(widget: QWidget | None) -> Iterator[QWidget]:
    """Yield a widget and all that it lies in; of tabs, the one that is shown."""
    while widget is not None:
        if isinstance(widget, QTabWidget) and widget.currentWidget() is not None:
            yield widget.currentWidget()
        yield widget
        widget = widget.parentWidget()
