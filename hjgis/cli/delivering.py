"""The commands that give data out: deliver, export, and the register of what was given."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.options import names
from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import InputError, InputQuestion, UsageError
from hjgis.i18n import _, ngettext_, reason

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from hjgis.delivery.package import Delivered
    from hjgis.delivery.planning import Planned
    from hjgis.exchange.report import LayerExport
    from hjgis.layers.project import Project
    from hjgis.models.deliveries import Delivery, Order, Part
    from hjgis.models.query import Query

PASSWORD: Final = "HJGIS_PASSWORD"


def deliver(arguments: argparse.Namespace) -> int:
    """Make a package for somebody and enter it in the register."""
    from hjgis.delivery import destination, package
    from hjgis.delivery.names import LOSSES

    password = _password(arguments)
    if not arguments.dry_run:
        destination.check(arguments.out, password)
    with _opened(arguments) as project:
        planned = _planned(project, arguments, _ordered(arguments))
        _say_plan(project, planned)
        if arguments.dry_run:
            if not arguments.json:
                _say_losses(_foreseen(planned))
            return print_json(_facts(planned, None)) if arguments.json else 0
        built = package.build(
            project, planned, arguments.out, password=password, progress=progress()
        )
        done = built.hand_over(project)
    if arguments.json:
        return print_json(_facts(planned, done))
    if planned.losses:
        words = ngettext_(
            "{count} value cannot be held as it is, see {file}",
            "{count} values cannot be held as they are, see {file}",
            planned.losses,
        )
        say(words.format(count=planned.losses, file=LOSSES))
    words = _("Delivery {name} to {recipient}: {path}")
    say(words.format(name=done.entry.name, recipient=done.entry.recipient, path=done.path))
    if password is not None:
        say(package.how_opened())
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the data alone, by the same rules and entered in the same register."""
    from hjgis.delivery import destination, package
    from hjgis.models.deliveries import Order

    format_ = arguments.format or _format_of(arguments.out)
    destination.check_bare(arguments.out, format_)
    with _opened(arguments) as project:
        order = Order(
            recipient=arguments.to or _("own use"),
            purpose=arguments.purpose or _("export"),
            # Photos are records like others here: a GeoPackage holds them.
            layers=names(arguments.layers) or tuple(project.types),
            formats=(format_,),
            parts=_beside(arguments),
            **_writing(arguments),
        )
        planned = _planned(project, arguments, order)
        _say_plan(project, planned)
        built = package.build_bare(
            project, planned, arguments.out, photos=arguments.photos, progress=progress()
        )
        done = built.hand_over(project)
    facts = done.report.to_json()
    if arguments.json:
        return print_json(facts)
    for path in facts["files"]:
        print(path)
    _say_losses(done.report.layers)
    return 0


def deliveries(arguments: argparse.Namespace) -> int:
    """List what was given to whom, latest first."""
    from hjgis.layers.project import Project

    with Project.open(arguments.project, write=False) as project:
        entries = project.deliveries.entries()
    if arguments.json:
        return print_json({"deliveries": [_entry(entry) for entry in entries]})
    for entry in entries:
        count = sum(entry.counts.values())
        features = ngettext_("{count} feature", "{count} features", count).format(count=count)
        print(
            f"{entry.name:<14} {entry.at[:16]}  {entry.recipient}  {entry.purpose}  "
            f"{entry.secrecy}  {features}  {entry.area_km2:.2f} km²  {entry.operator}  "
            f"{entry.package}"
        )
    return 0


# -- what is asked for ---------------------------------------------------------------------


def _opened(arguments: argparse.Namespace) -> Project:
    """Open the project for writing, as the register is; a dry run only reads."""
    from hjgis.layers.project import Project

    writes = not getattr(arguments, "dry_run", False)
    return Project.open(arguments.project, write=writes, operator=operator())


def _beside(arguments: argparse.Namespace) -> tuple[Part, ...]:
    asked: tuple[tuple[Part, bool], ...] = (
        ("photos", arguments.photos), ("symbols", arguments.symbols)
    )  # fmt: skip
    return tuple(part for part, wanted in asked if wanted)


def _ordered(arguments: argparse.Namespace) -> Order:
    from hjgis.models.deliveries import Order

    parts: list[Part] = [] if arguments.no_report else ["report"]
    parts += [] if arguments.no_map else ["map"]
    parts += _beside(arguments)
    return Order(
        recipient=arguments.to or "",
        purpose=arguments.purpose or "",
        layers=names(arguments.layers) or (),
        formats=names(arguments.formats) or (),
        parts=tuple(parts),
        theme=arguments.theme or "",
        contractor=arguments.contractor or "",
        **_writing(arguments),
    )


def _format_of(out: Path) -> str:
    """Return the format of the one file that a name ends like; of a folder it is shp."""
    from hjgis.exchange.exporting import FOLDERS, FORMATS

    ending = out.suffix.removeprefix(".").casefold()
    return ending if ending in FORMATS and ending not in FOLDERS else "shp"


def _writing(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "fields": _fields(arguments.fields or ()),
        "secrecy": arguments.secrecy or "",
        "crs": arguments.crs or "",
        "encoding": arguments.encoding,
        "drawing": arguments.drawing,
        "substitute": arguments.substitute,
        "approved": arguments.approved or "",
    }


def _fields(texts: list[str] | tuple[()]) -> dict[str, tuple[str, ...]]:
    found = {}
    for text in texts:
        layer, equals, fields = text.partition("=")
        if not equals or not names(fields):
            raise UsageError(_("--fields takes LAYER=FIELD,FIELD, not {text}.").format(text=text))
        found[layer.strip()] = names(fields) or ()
    return found


def _planned(project: Project, arguments: argparse.Namespace, order: Order) -> Planned:
    from hjgis.delivery import planning

    return planning.plan(
        project,
        order,
        area=_area(project, arguments),
        query=_query(project, arguments),
        progress=progress(),
    )


def _query(project: Project, arguments: argparse.Namespace) -> Query | None:
    from hjgis.layers.querying import query_named

    return query_named(project, arguments.query) if arguments.query else None


def _area(project: Project, arguments: argparse.Namespace) -> BaseGeometry | None:
    import shapely

    if arguments.area and arguments.extent:
        raise UsageError(_("--area and --extent both say which place; leave one out."))
    if arguments.extent:
        box: BaseGeometry = shapely.box(*arguments.extent)
        return box
    return _area_of(project, arguments.area) if arguments.area else None


def _area_of(project: Project, path: Path) -> BaseGeometry:
    from hjgis.exchange.area_file import area_of_file

    try:
        return area_of_file(path, project.crs, progress=progress())
    except InputQuestion as question:
        # The options that would answer it are about what goes out.
        message = _("The area in {path} cannot be used as it is: {question}")
        raise InputError(message.format(path=path, question=question)) from question


def _password(arguments: argparse.Namespace) -> str | None:
    """Return the password, never from the command line, which others can see."""
    if arguments.password_file:
        return password_from(arguments.password_file)
    if not arguments.encrypt:
        return None
    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    if not sys.stdin.isatty():
        message = _("--encrypt asks for a password; here, put it in {name} or --password-file.")
        raise UsageError(message.format(name=PASSWORD))
    first, again = getpass.getpass(_("Password: ")), getpass.getpass(_("Once more: "))
    if first != again or not first:
        raise UsageError(_("The two passwords are not the same, or empty."))
    return first


def password_from(path: Path) -> str:
    """Return the first line of a file.

    Raises
    ------
    InputError
        If it cannot be read or has none.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_("{path}: {error}").format(path=path, error=reason(error))) from error
    if not lines or not lines[0]:
        raise InputError(_("{path} holds no password in its first line.").format(path=path))
    return lines[0]


# -- what is said --------------------------------------------------------------------------


def _say_plan(project: Project, planned: Planned) -> None:
    for entry in planned.withheld:
        words = entry.said(project.asset_type(entry.layer))
        say(_("Not given out: {what}").format(what=words))
    for warning in planned.warnings:
        say(warning)
    for layer in _foreseen(planned):
        for note in layer.notes:
            say(note)


def _foreseen(planned: Planned) -> list[LayerExport]:
    return [layer for layers in planned.foreseen.values() for layer in layers]


def _say_losses(layers: list[LayerExport] | tuple[LayerExport, ...]) -> None:
    for layer in layers:
        for loss in layer.losses:
            say(f"{layer.name} {loss.field} {loss.uuid}: {loss.message}")


def _facts(planned: Planned, done: Delivered | None) -> dict[str, Any]:
    """Return what scripts read; without a delivery what would be made."""
    from hjgis.exchange.report import ExportReport

    return {
        "delivery": _entry(done.entry) if done else None,
        "path": str(done.path) if done else None,
        "files": [str(path) for path in done.report.files] if done else [],
        "secrecy": planned.secrecy,
        "area_km2": round(planned.area_km2, 3),
        "patch_km2": round(planned.patch_km2, 3),
        "counts": planned.counts,
        "withheld": [
            {"layer": one.layer, "field": one.field, "count": one.count, "reason": one.reason}
            for one in planned.withheld
        ],
        "warnings": list(planned.warnings),
        "formats": {
            format_: ExportReport((), layers).to_json()["layers"]
            for format_, layers in planned.foreseen.items()
        },
    }


def _entry(entry: Delivery) -> dict[str, Any]:
    return {
        "number": entry.number,
        "name": entry.name,
        "uuid": entry.uuid,
        "at": entry.at,
        "operator": entry.operator,
        "recipient": entry.recipient,
        "purpose": entry.purpose,
        "secrecy": entry.secrecy,
        "package": entry.package,
        "sha256": entry.sha256,
        "area_km2": entry.area_km2,
        "counts": dict(entry.counts),
        "order": dict(entry.order),
    }
