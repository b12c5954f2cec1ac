"""The window's second face: the same rooms from a shell or a script."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from hjgis import settings
from hjgis.errors import HjgisError, InputQuestion, UsageError
from hjgis.i18n import _, label, set_language
from hjgis.models.changes import Extent, FeatureKey
from hjgis.progress import SILENT, Progress

if TYPE_CHECKING:
    from hjgis.exchange.importing import ImportPlan
    from hjgis.exchange.profiles import Column
    from hjgis.exchange.updating import Kind

BUG: Final = 70
_STOPPED: Final = 4
_log = logging.getLogger("hjgis.cli")


class Faces(Protocol):
    """What needs a window, handed in by the program's entry."""

    def window(self, project: Path | None) -> int:
        """Open the window; return the exit code."""

    def screenshot(
        self, project: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
    ) -> None:
        """Draw one screen of the program into a picture."""


def main(argv: Sequence[str], faces: Faces) -> int:
    """Run one command; return its exit code.

    0 done, 1 done and found errors, 2 usage, 3 the input cannot be used, 4 cancelled,
    70 a bug of ours.
    """
    set_language(settings.load().language or None)
    try:
        if not argv or (argv[0] not in _OPTIONS and not argv[0].startswith("-")):
            return faces.window(_window_argument(argv))
        arguments = _parser().parse_args(argv)
        if arguments.command == "screenshot":
            return _screenshot(arguments, faces)
        return _COMMANDS[arguments.command](arguments)
    except HjgisError as error:
        _say(_in_full(error))
        return error.exit_code
    except KeyboardInterrupt:
        _say(_("Stopped."))
        return _STOPPED
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - the last net: a bug of ours gets its own exit code
        traceback.print_exc()
        _say(_("This is a fault of hjgis; the project is as it was after the last change."))
        return BUG


def _window_argument(argv: Sequence[str]) -> Path | None:
    if len(argv) > 1:
        message = _("Unknown command {name}. Commands: {commands}.")
        raise UsageError(message.format(name=argv[0], commands=", ".join(_OPTIONS)))
    return Path(argv[0]) if argv else None


def _in_full(error: HjgisError) -> str:
    if not isinstance(error, InputQuestion):
        return str(error)
    lines = [str(error), *(f"  {answer}" for answer in error.answers)]
    if error.option == "--x / --y" and error.candidates:
        lines.append("  --no-geometry")
    return "\n".join(lines)


# -- the commands ------------------------------------------------------------------------


def _new(arguments: argparse.Namespace) -> int:
    path: Path = arguments.project
    if arguments.clean and not arguments.sample:
        raise UsageError(_("--clean belongs to --sample."))
    if arguments.sample:
        if arguments.crs:
            raise UsageError(_("The sample has its own coordinate system; leave --crs out."))
        from hjgis.layers.sample import create_sample

        create_sample(path, clean=arguments.clean)
    else:
        from hjgis.layers.project import Project

        Project.create(path, arguments.crs or "EPSG:4545", operator=_operator()).close()
    _say(_("Made {path}.").format(path=path))
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from hjgis.layers.project import Project

    with Project.open(arguments.project, write=False) as project:
        facts: dict[str, Any] = {
            "crs": project.crs.text,
            "integrity": "ok",
            "content_sha256": project.content_sha256(),
            "layers": [
                {
                    "name": layer.id,
                    "title": label(layer.title),
                    "kind": layer.kind,
                    "geometry": layer.geometry,
                    "count": layer.count,
                }
                for layer in project.layers
            ],
        }
        title = project.title
    if arguments.json:
        return _print_json(facts)
    print(f"{title}  {facts['crs']}")
    for entry in facts["layers"]:
        print(f"  {entry['name']:<14} {entry['count']:>9}  {entry['title']}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from hjgis.exchange import importing, survey
    from hjgis.layers.project import Project

    with Project.open(arguments.project, operator=_operator()) as project:
        asked: dict[str, Any] = {
            "encoding": arguments.encoding,
            "crs": arguments.crs,
            "x": arguments.x,
            "y": arguments.y,
            "swap": arguments.swap_axes,
            "as_is": arguments.as_is,
            "accept_ballpark": arguments.accept_ballpark,
            "common_points": arguments.common_points,
            "mapping": _mapping(arguments),
            "progress": _progress(),
        }
        if arguments.to == survey.NETWORK:
            plan = survey.plan_survey(project, arguments.source, **asked)
        else:
            plan = importing.plan_import(
                project,
                arguments.source,
                to=arguments.to,
                as_reference=arguments.as_reference,
                source_layer=arguments.source_layer,
                spatial=False if arguments.no_geometry else None,
                **asked,
            )
        if arguments.dry_run:
            report = plan.report
        else:
            report = importing.carry_out(project, plan, _take(arguments.update, plan))
    facts = report.to_json()
    if plan.update.matched:
        facts["differences"] = plan.update.to_json()
    if arguments.json:
        return _print_json(facts)
    print(
        _("{read} read, {imported} imported, {rejected} rejected").format(
            read=facts["read"], imported=facts["imported"], rejected=facts["rejected"]
        )
    )
    if report.matched:
        print(
            _(
                "{matched} in the project already: {unchanged} as they are, {updated} taken over;"
                " {missing} are missing in the file, {deleted} taken out"
            ).format(**facts)
        )
    for problem in facts["problems"]:
        print(f"  {problem['row'] or '':>6} ×{problem['count']:<6} {problem['message']}")
    if arguments.dry_run:
        _say(_("Nothing was stored: this was a trial."))
    return 0


def _take(told: str | None, plan: ImportPlan) -> Sequence[Kind]:
    """Return which differences are to be taken over; where that is not told, ask if it matters."""
    from hjgis.exchange.updating import KINDS

    named = (told or "new").split(",")
    chosen = [kind for kind in KINDS if kind in named]
    if len(chosen) != len(named):
        message = _("--update takes some of {kinds}, not {text}.")
        raise UsageError(message.format(kinds=", ".join(KINDS), text=told))
    changed = plan.update.count("changed")
    if told is None and changed:
        message = _(
            "{count} records are in the project with other values or at another place; --dry-run"
            " --json lists them. Take over only what is new, or what was changed too?"
        )
        raise InputQuestion(message.format(count=changed), "--update", ("new", "new,changed"))
    return chosen


def _mapping(arguments: argparse.Namespace) -> dict[str, str | Column] | None:
    from hjgis.exchange.profiles import read_mapping

    mapping = dict(read_mapping(arguments.mapping, arguments.to)) if arguments.mapping else {}
    for pair in arguments.map or ():
        source, equals, field = pair.partition("=")
        if not equals or not source or not field:
            raise UsageError(_("--map takes SOURCE=FIELD, not {text}.").format(text=pair))
        mapping[source] = field
    return mapping or None


def _check(arguments: argparse.Namespace) -> int:
    from hjgis.checks import runner
    from hjgis.layers.project import Project
    from hjgis.models.issues import Severity

    with Project.open(arguments.project, write=False) as project:
        report = runner.run(
            project, only=tuple(arguments.only or ()), extent=arguments.extent, progress=_progress()
        )
        if arguments.report:
            from hjgis.reports.check_report import write_report

            write_report(project, report, arguments.report)
            _say(_("Report: {path}").format(path=arguments.report))
    if arguments.json:
        _print_json(report.to_json())
    else:
        for issue in report.issues:
            place = f"{issue.layer}/{issue.uuid}" if issue.uuid else issue.layer
            print(f"{issue.severity:<8} {issue.rule:<28} {place}  {issue.message}")
        for rule, count in sorted(report.summary.items()):
            print(f"{count:>7}  {rule}")
    return int(any(issue.severity is Severity.ERROR for issue in report.issues))


def _targets(arguments: argparse.Namespace) -> int:
    from hjgis.checks import targets
    from hjgis.layers.project import Project

    with Project.open(arguments.project, write=False) as project:
        facts = targets.to_json(targets.measure(project))
    if arguments.json:
        return _print_json(facts)
    for entry in facts["targets"]:
        figures = f"{entry['actual']} / {entry['expected']}"
        print(f"{entry['id']:<12} {entry['status']:<6} {figures:<16} {entry['title']}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from hjgis.exchange import exporting
    from hjgis.layers.project import Project

    with Project.open(arguments.project, write=False) as project:
        report = exporting.export(
            project,
            arguments.out,
            format=arguments.format,
            layers=_names(arguments.layers),
            encoding=arguments.encoding,
            crs=arguments.crs,
            extent=arguments.extent,
            progress=_progress(),
        )
    facts = report.to_json()
    if arguments.json:
        return _print_json(facts)
    for path in facts["files"]:
        print(path)
    for layer in facts["layers"]:
        for loss in layer["losses"]:
            _say(f"{layer['name']} {loss['field']} {loss['uuid']}: {loss['message']}")
    return 0


def _map(arguments: argparse.Namespace) -> int:
    from hjgis.cartography import output
    from hjgis.layers.project import Project

    if arguments.series:
        raise UsageError(_("Map series are not built yet; leave --series out."))
    with Project.open(arguments.project, write=False) as project:
        result = output.make_map(
            project,
            arguments.out,
            sheet=arguments.sheet,
            scale=arguments.scale,
            center=arguments.center,
            extent=arguments.extent,
            theme=arguments.theme,
            progress=_progress(),
        )
        hidden = [label(project.asset_type(name).label) for name in result.hidden]
    _say(_("Map 1:{scale:.0f}: {path}").format(scale=result.scale, path=result.path))
    if hidden:
        _say(_("Not shown at this scale: {names}").format(names=", ".join(hidden)))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    from hjgis.layers.project import Project
    from hjgis.models.wording import describe_change

    with Project.open_or_read(arguments.project, operator=_operator()) as project:
        key = _feature_key(arguments.feature, project) if arguments.feature else None
        entries = project.store.history(key, ancestry=True)
        words = [describe_change(e.label, e.params, project.catalogue) for e in entries]
    facts = {
        "changes": [
            {
                "id": entry.id,
                "uuid": entry.uuid,
                "at": entry.at,
                "operator": entry.operator,
                "device": entry.device,
                "label": entry.label,
                "words": text,
                "params": dict(entry.params),
                "undoes": entry.undoes,
                "source": entry.source,
                "rows": [{"op": row.op, "old": row.old} for row in entry.rows],
            }
            for entry, text in zip(entries, words, strict=True)
        ]
    }
    if arguments.json:
        return _print_json(facts)
    for entry, text in zip(entries, words, strict=True):
        undone = _(" (takes back {change})").format(change=entry.undoes) if entry.undoes else ""
        who = entry.operator or entry.source
        print(f"{entry.id:>6}  {entry.at[:19]}  {who:<10} {text}{undone}")
    return 0


def _feature_key(text: str, project: Any) -> FeatureKey:
    layer, slash, uuid = text.partition("/")
    if not slash or layer not in project.types:
        raise UsageError(_("--feature takes LAYER/UUID, not {text}.").format(text=text))
    return FeatureKey(layer, uuid)


def _fit_crs(arguments: argparse.Namespace) -> int:
    from hjgis.exchange import common_points

    result = common_points.fit_file(
        arguments.points,
        arguments.out,
        source=arguments.source,
        target=arguments.target,
        model=arguments.model,
        name=arguments.name,
    )
    if arguments.json:
        return _print_json(result.to_json())
    print("\n".join(result.lines))
    for words in (result.parameters.words, *result.warnings):
        _say(words)
    _say(_("Written, to be kept secret: {path}").format(path=arguments.out))
    return 0


def _screenshot(arguments: argparse.Namespace, faces: Faces) -> int:
    faces.screenshot(
        arguments.project,
        arguments.out,
        size=arguments.size,
        show=arguments.show,
        extent=arguments.extent,
    )
    _say(_("Picture: {path}").format(path=arguments.out))
    return 0


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "new": _new,
    "info": _info,
    "import": _import,
    "check": _check,
    "targets": _targets,
    "export": _export,
    "fit-crs": _fit_crs,
    "map": _map,
    "history": _history,
}
SCREENS: Final = (
    "main", "start", "form", "table", "check", "targets", "map", "import", "export", "history",
    "import-file", "import-found", "import-target", "import-fields", "import-trial",
    "import-update", "import-done",
)  # fmt: skip


# -- arguments ---------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hjgis", description=_("Town asset inventory"))
    from hjgis import __version__

    parser.add_argument("--version", action="version", version=f"hjgis {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, options in _OPTIONS.items():
        command = commands.add_parser(name)
        for flags, settings_ in options:
            command.add_argument(*flags, **settings_)
    return parser


def _extent(text: str) -> Extent:
    xmin, ymin, xmax, ymax = (float(part) for part in text.split(","))
    if xmin >= xmax or ymin >= ymax:
        raise ValueError(text)
    return xmin, ymin, xmax, ymax


def _point(text: str) -> tuple[float, float]:
    x, y = (float(part) for part in text.split(","))
    return x, y


def _size(text: str) -> tuple[int, int]:
    width, height = (int(part) for part in text.lower().split("x"))
    if not (200 <= width <= 8000 and 200 <= height <= 8000):
        raise ValueError(text)
    return width, height


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else None


_Option = tuple[tuple[str, ...], dict[str, Any]]
_PROJECT: Final[_Option] = (("project",), {"type": Path, "metavar": "PROJECT.gpkg"})
_JSON: Final[_Option] = (("--json",), {"action": "store_true"})
_EXTENT: Final[_Option] = (("--extent",), {"type": _extent, "metavar": "XMIN,YMIN,XMAX,YMAX"})
_OUT: Final[_Option] = (("out",), {"type": Path, "metavar": "OUT"})
_FORMATS: Final = ("shp", "gpkg", "geojson", "dxf", "xlsx", "csv", "kml")
_FLAG: Final = {"action": "store_true"}

_OPTIONS: Final[dict[str, tuple[_Option, ...]]] = {
    "new": (_PROJECT, (("--crs",), {}), (("--sample",), _FLAG), (("--clean",), _FLAG)),
    "info": (_PROJECT, _JSON),
    "import": (
        _PROJECT,
        (("source",), {"type": Path, "metavar": "SOURCE"}),
        (("--to",), {"metavar": "ASSET|network"}),
        (("--as-reference",), {"metavar": "NAME"}),
        (("--source-layer",), {}),
        (("--encoding",), {}),
        (("--crs",), {}),
        (("--x",), {"metavar": "COLUMN"}),
        (("--y",), {"metavar": "COLUMN"}),
        (("--swap-axes",), _FLAG),
        (("--as-is",), _FLAG),
        (("--accept-ballpark",), _FLAG),
        (("--no-geometry",), _FLAG),
        (("--common-points",), {"type": Path, "metavar": "FILE.csv"}),
        (("--map",), {"nargs": "+", "metavar": "SRC=FIELD"}),
        (("--mapping",), {"type": Path, "metavar": "FILE"}),
        (("--update",), {"metavar": "new,changed,missing"}),
        (("--dry-run",), _FLAG),
        _JSON,
    ),
    "check": (
        _PROJECT,
        (("--only",), {"nargs": "+", "metavar": "RULE"}),
        _EXTENT,
        (("--report",), {"type": Path, "metavar": "OUT.xlsx|.html"}),
        _JSON,
    ),
    "targets": (_PROJECT, _JSON),
    "export": (
        _PROJECT,
        _OUT,
        (("--format",), {"choices": _FORMATS, "default": "shp"}),
        (("--layers",), {"metavar": "A,B"}),
        (("--encoding",), {"choices": ("gbk", "utf-8"), "default": "gbk"}),
        (("--crs",), {}),
        _EXTENT,
        _JSON,
    ),
    "fit-crs": (
        (("points",), {"type": Path, "metavar": "POINTS.csv"}),
        (("out",), {"type": Path, "metavar": "OUT.toml"}),
        (("--from",), {"dest": "source", "required": True, "metavar": "SYSTEM"}),
        (("--to",), {"dest": "target", "required": True, "metavar": "SYSTEM"}),
        (("--model",), {"type": int, "choices": (4, 7), "default": 4}),
        (("--name",), {}),
        _JSON,
    ),
    "map": (
        _PROJECT,
        _OUT,
        (("--theme",), {}),
        (("--sheet",), {"default": "a3-landscape"}),
        (("--scale",), {"type": _positive}),
        (("--center",), {"type": _point, "metavar": "X,Y"}),
        _EXTENT,
        (("--series",), {"choices": ("grid", "road", "sheet")}),
    ),
    "history": (_PROJECT, (("--feature",), {"metavar": "ASSET/UUID"}), _JSON),
    "screenshot": (
        _PROJECT,
        (("out",), {"type": Path, "metavar": "OUT.png"}),
        (("--size",), {"type": _size, "default": (1366, 768), "metavar": "1366x768"}),
        (("--show",), {"choices": SCREENS, "default": "main"}),
        _EXTENT,
    ),
}


# -- words -------------------------------------------------------------------------------


class _Bar:
    """Progress for people at a terminal."""

    def report(self, done: int, total: int, key: str) -> None:
        """Rewrite one line."""
        sys.stderr.write(f"\r{key} {done}/{total}\x1b[K")
        if done >= total:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def check(self) -> None:
        """Stop is Ctrl+C here."""


def _progress() -> Progress:
    return _Bar() if sys.stderr.isatty() else SILENT


def _operator() -> str:
    return settings.load().operator


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _print_json(facts: object) -> int:
    print(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
    return 0
