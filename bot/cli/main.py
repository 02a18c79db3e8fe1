"""The command line: each command is one call, each failure one sentence and an exit code."""

# ruff: noqa: PLC0415 - a command imports what it needs itself, so that `baton --version` waits for no library.

import gc
import os
import sys
import traceback
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar
from uuid import uuid4

import typer

from rules.errors import Refused
from rules.text import Text, _

if TYPE_CHECKING:
    from rich.console import Console

    from bot.settings import Settings

T = TypeVar("T")

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_INTERNAL_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 70, 130
PIPED_WIDTH: Final = 200

app = typer.Typer(
    name="baton",
    help="A help desk in Slack.",
    pretty_exceptions_enable=False,
    add_completion=False,
)
jobs_app = typer.Typer(help="Scheduled jobs: when they ran, how it went.")
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(jobs_app, name="jobs")
app.add_typer(db_app, name="db")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 70 an error of Baton itself, 130 interrupted."""
    try:
        code = app(arguments, standalone_mode=False, prog_name="baton")
        return code if isinstance(code, int) else EXIT_DONE
    except typer.TyperException as error:
        return _print_refusal(error.format_message(), error.exit_code)
    except Refused as error:
        return _print_refusal(_render(error.text), _exit_code(error))
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except Exception as error:  # nothing above can answer the person
        return _report_unexpected(error)


@app.callback(invoke_without_command=True)
def show_version_or_help(
    context: typer.Context, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if show_version:
        typer.echo(f"baton {version('baton-desk')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("run")
def run_desk() -> None:
    """Run Baton until it is stopped."""
    settings = _load_settings(tokens=True)
    from bot.runtime.run import run_until_stopped

    _run_async(run_until_stopped(settings))


@app.command("demo")
def start_demo(
    port: Annotated[int, typer.Option(help="Where the local Slack listens.", min=0, max=65535)] = 8000,
    cast: Annotated[bool, typer.Option("--cast/--no-cast", help="Let sample people create and answer tickets.")] = True,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = False,
) -> None:
    """Try Baton in a local Slack, without account or token."""
    from bot.demo.main import run_demo
    from bot.logs import configure_logging

    configure_logging("WARNING")
    _run_async(run_demo(port=port, with_cast=cast, open_browser=browser))


@app.command("check")
def check_setup() -> int:
    """Check configuration, database, tokens, scopes, channels and people; say what to do."""
    from bot.cli.check import FindingState, setup_findings

    settings, token_faults = _load_settings_without_slack()

    async def print_findings() -> bool:
        console, passed = _make_console(), True
        async for finding in setup_findings(settings, token_faults):
            console.print(
                f"{finding.state:5}  {_render(finding.sentence)}", style=None if finding.state == "ok" else "bold"
            )
            passed = passed and finding.state is not FindingState.WRONG
        return passed

    return EXIT_DONE if _run_async(print_findings()) else EXIT_FAILED


@app.command("apply")
def apply_configuration(
    file: Annotated[Path, typer.Argument(help="The configuration, such as desk.yml.")],
) -> None:
    """Apply the configuration in FILE, and say what changed."""
    from bot.cli.apply import apply_desk_file

    _print_lines(*_run_async(apply_desk_file(_load_settings(), file)))


@app.command("import")
def import_tickets(
    file: Annotated[Path, typer.Argument(help="A log of tickets, as CSV.", exists=True, dir_okay=False)],
    mapping: Annotated[str, typer.Option("--map", metavar="NAME|FILE", help="How its columns are read: servicenow.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be imported.")] = False,
) -> None:
    """Import tickets with their history; a second run changes nothing."""
    from bot.cli.import_log import import_ticket_log

    gc.freeze()  # looking for garbage among Baton's own modules took a tenth of the time
    _print_lines(*_run_async(import_ticket_log(_load_settings(), file, mapping, dry_run)).lines())


@app.command("leave")
def import_leave(
    file: Annotated[Path, typer.Argument(help="A calendar, as iCalendar (.ics).", exists=True, dir_okay=False)],
    person: Annotated[str, typer.Option(metavar="ID", help="The person: a Slack member id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    drop: Annotated[bool, typer.Option("--drop-missing", help="Remove leave that FILE no longer has.")] = False,
) -> None:
    """Import a person's leave from a calendar; a second run changes nothing."""
    from bot.cli.import_leave import import_leave_file

    _print_lines(*_run_async(import_leave_file(_load_settings(), file, person, dry_run, drop=drop)).lines())


@jobs_app.callback(invoke_without_command=True)
def list_jobs(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    from bot.cli.job_hours import team_hours
    from bot.runtime.jobs import job_rows

    jobs = []
    for row in _run_async(job_rows(_load_settings())):
        ms, result = (
            "" if row.ms is None else str(row.ms),
            _render(_("failed: {reason}", reason=row.result)) if row.failed else row.result,
        )
        jobs.append([row.name, row.trigger, _format_moment(row.last_run), ms, result, _format_moment(row.next_run)])
    _print_table([_("Job"), _("When"), _("Last run"), _("ms"), _("Result"), _("Next run")], jobs)
    teams = []
    for hours in _run_async(team_hours(_load_settings())):
        works = _("now") if hours.is_open else _("from {at}", at=_format_moment(hours.opens_at))
        teams.append([hours.team, hours.zone, _render(works), _format_moment(hours.summary_at)])
    _print_table([_("Team"), _("Time zone"), _("Business hours"), _("Next summary")], teams)


@jobs_app.command("run")
def run_job(name: Annotated[str, typer.Argument(help="The job's name, as `baton jobs` lists it.")]) -> None:
    """Run one job now."""
    from bot.runtime.jobs import run_job_now

    _print_lines(f"{name}: {_run_async(run_job_now(_load_settings(), name))}")


@app.command("routes")
def list_routes() -> None:
    """List what Slack can send, and the function that answers it."""
    from bot.cli.routes import route_rows

    rows = [[row.kind, row.name, row.function, row.place] for row in route_rows()]
    _print_table([_("Kind"), _("Name"), _("Function"), _("Place")], rows)


@db_app.command("upgrade")
def upgrade_database() -> None:
    """Bring the schema up to date; `baton run` does it too."""
    from storage.migrations.migrate import upgrade_schema

    applied = upgrade_schema(_load_settings().database_url)
    _print_lines(
        *(_("Applied {step}.", step=step) for step in applied) if applied else [_("The database is up to date.")]
    )


@app.command("manifest")
def print_manifest(
    http: Annotated[
        str | None, typer.Option(metavar="URL", help="Request URLs at this address, no Socket Mode.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON instead of YAML.")] = False,
) -> None:
    """Print the app manifest, to paste on the app's page at Slack."""
    from bot.slack.manifest import manifest_text

    _print_lines(manifest_text(http, as_json=as_json))


def _load_settings(*, tokens: bool = False) -> "Settings":
    """With `tokens` those of Slack are needed; without, wrong ones count as left out."""
    if not tokens:
        return _load_settings_without_slack()[0]
    from bot.logs import configure_logging
    from bot.settings import read_settings

    settings = read_settings(tokens=True)
    configure_logging(settings.log_level, settings.log_format)
    return settings


def _load_settings_without_slack() -> tuple["Settings", list[Text]]:
    """The settings, and a sentence for each token that cannot be right."""
    from bot.logs import configure_logging
    from bot.settings import read_settings_and_token_faults

    settings, token_faults = read_settings_and_token_faults()
    configure_logging(settings.log_level, settings.log_format)
    return settings, token_faults


def _run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    import uvloop

    return uvloop.run(coroutine)


def _print_lines(*lines: Text | str) -> None:
    for line in lines:
        typer.echo(_render(line))


def _render(text: Text | str) -> str:
    from handlers.text.terminal import render_terminal

    return render_terminal(text)


def _make_console() -> "Console":
    """Output that goes to a file or a program is not wrapped at the terminal's width."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def _print_table(columns: list[Text], rows: list[list[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text as Cell

    table = Table(*map(_render, columns), box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Cell(cell) for cell in row))
    _make_console().print(table)


def _format_moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _print_refusal(sentences: str, code: int) -> int:
    for line in sentences.splitlines():
        typer.echo(f"baton: {line}", err=True)
    return code


def _exit_code(error: Refused) -> int:
    """2 when the person has to change the command, a file or a setting; 1 otherwise."""
    from bot.config_file import DeskFileError
    from bot.settings import SettingsError
    from bot.slack.manifest import BadRequestUrl
    from storage.database import InvalidDatabaseUrl

    is_usage = isinstance(error, DeskFileError | BadRequestUrl | SettingsError | InvalidDatabaseUrl)
    return EXIT_USAGE if is_usage else EXIT_FAILED


def _report_unexpected(error: Exception) -> int:
    """Prints a reference, and the traceback when LOG_LEVEL is DEBUG."""
    import logging

    from bot.logs import redact_secrets

    frame = traceback.extract_tb(error.__traceback__)[-1]
    reference = uuid4().hex[:8]
    place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    if logging.getLogger("bot").level == logging.DEBUG or os.environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        typer.echo(redact_secrets("".join(traceback.format_exception(error))), err=True)
    sentence = _(
        "Something went wrong in Baton ({place}, reference {reference}). LOG_LEVEL=DEBUG shows the details.",
        place=place,
        reference=reference,
    )
    return _print_refusal(_render(sentence), EXIT_INTERNAL_ERROR)
