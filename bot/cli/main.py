"""The command line: every command is one call, every failure one sentence and an exit code."""

# ruff: noqa: PLC0415 - a command imports what it needs itself, so that `baton --version` waits for no library.

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

from rules.errors import DeskError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.settings import Settings

T = TypeVar("T")

DONE, FAILED, MISTAKEN, BROKEN, INTERRUPTED = 0, 1, 2, 70, 130
WIDE: Final = 200

app = typer.Typer(
    name="baton",
    help="A help desk that lives in Slack: work passes from hand to hand and never drops.",
    pretty_exceptions_enable=False,
    add_completion=False,
)
jobs_app = typer.Typer(help="What Baton does by the clock, and how it went.")
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(jobs_app, name="jobs")
app.add_typer(db_app, name="db")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 failed, 2 wrongly called or set up, 70 a fault of Baton's own, 130 interrupted."""
    try:
        code = app(arguments, standalone_mode=False, prog_name="baton")
        return code if isinstance(code, int) else DONE
    except typer.TyperException as error:
        return _refuse(error.format_message(), error.exit_code)
    except DeskError as error:
        return _refuse(str(error), _code_of(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # the last one who can still answer the person
        return _unexpected(error)


@app.callback(invoke_without_command=True)
def baton(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        typer.echo(f"baton {version('baton-desk')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run() -> None:
    """Run the desk until it is told to stop."""
    settings = _settings(tokens=True)
    from bot.runtime.run import run

    _await(run(settings))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the local Slack listens.", min=0, max=65535)] = 8000,
    cast: Annotated[bool, typer.Option("--cast/--no-cast", help="Let sample people file and answer.")] = True,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = False,
) -> None:
    """Try Baton in a local Slack, without account or token."""
    from bot.demo.main import demo
    from bot.logs import configure

    configure("WARNING")
    _await(demo(port=port, with_cast=cast, open_browser=browser))


@app.command()
def check() -> int:
    """Check configuration, database, tokens, scopes, channels and people; say what to do."""
    from bot.cli.check import State, check

    settings = _settings()

    async def told() -> bool:
        console, well = _console(), True
        async for finding in check(settings):
            console.print(f"{finding.state:5}  {finding.sentence}", style=None if finding.state == "ok" else "bold")
            well = well and finding.state is not State.WRONG
        return well

    return DONE if _await(told()) else FAILED


@app.command()
def apply(file: Annotated[Path, typer.Argument(help="The desk's description, such as desk.yml.")]) -> None:
    """Bring the desk to what FILE describes, and say what changed."""
    from bot.cli.apply import apply

    _say(*_await(apply(_settings(), file)) or ["Nothing changed."])


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="A log of tickets, as CSV.", exists=True, dir_okay=False)],
    mapping: Annotated[str, typer.Option("--map", metavar="NAME|FILE", help="How its columns are read: servicenow.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be brought in.")] = False,
) -> None:
    """Bring in tickets with their history; a second run changes nothing."""
    from bot.cli.import_log import bring

    _say(*_await(bring(_settings(), file, mapping, dry_run)).lines())


@app.command()
def leave(
    file: Annotated[Path, typer.Argument(help="A calendar, as iCalendar (.ics).", exists=True, dir_okay=False)],
    person: Annotated[str, typer.Option(metavar="ID", help="Whose leave it is: a Slack member id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    drop: Annotated[bool, typer.Option("--drop-missing", help="Take back what FILE does not hold any more.")] = False,
) -> None:
    """Bring in somebody's leave from a calendar; a second run changes nothing."""
    from bot.cli.import_leave import bring

    _say(*_await(bring(_settings(), file, person, dry_run, drop=drop)).lines())


@jobs_app.callback(invoke_without_command=True)
def jobs(context: typer.Context) -> None:
    """What Baton does by the clock, and how it went."""
    if context.invoked_subcommand is not None:
        return
    from bot.cli.job_hours import hours
    from bot.runtime.jobs import table

    rows = _await(table(_settings()))
    _table(
        ["Job", "When", "Last run", "ms", "Result", "Next run"],
        [
            [
                row.name,
                row.trigger,
                _moment(row.last_run),
                "" if row.ms is None else str(row.ms),
                f"failed: {row.result}" if row.failed else row.result,
                _moment(row.next_run),
            ]
            for row in rows
        ],
    )
    _table(
        ["Team", "Zone", "Works", "Next summary"],
        [
            [row.team, row.zone, "now" if row.is_open else f"from {_moment(row.opens_at)}", _moment(row.summary_at)]
            for row in _await(hours(_settings()))
        ],
    )


@jobs_app.command("run")
def run_job(name: Annotated[str, typer.Argument(help="The job's name, as `baton jobs` lists it.")]) -> None:
    """Run one job now."""
    from bot.runtime.jobs import run_one

    _say(f"{name}: {_await(run_one(_settings(), name))}")


@app.command()
def routes() -> None:
    """List what Slack can send, and the function that answers it."""
    from bot.cli.routes import table

    _table(["Kind", "Name", "Function", "Place"], [[row.kind, row.name, row.function, row.place] for row in table()])


@db_app.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date; `baton run` does it too."""
    from storage.migrations.migrate import upgrade

    applied = upgrade(_settings().database_url)
    _say(*(f"Applied {step}." for step in applied) if applied else ["The database is up to date."])


@app.command()
def manifest(
    http: Annotated[
        str | None, typer.Option(metavar="URL", help="Request URLs at this address, no Socket Mode.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON instead of YAML.")] = False,
) -> None:
    """Print what Slack is told about Baton, to paste on the app's page."""
    from bot.slack.manifest import printed

    _say(printed(http, as_json=as_json))


def _settings(*, tokens: bool = False) -> "Settings":
    """The settings, with the logs going where they say."""
    from bot.logs import configure
    from bot.settings import read_settings

    settings = read_settings(tokens=tokens)
    configure(settings.log_level, settings.log_format)
    return settings


def _await(work: Coroutine[Any, Any, T]) -> T:
    import uvloop

    return uvloop.run(work)


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line)


def _console() -> "Console":
    """Wide where nobody looks: whoever reads the output by program wants whole lines."""
    from rich.console import Console

    return Console(
        highlight=False, markup=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE
    )


def _table(columns: list[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=box.SIMPLE_HEAD)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    _console().print(drawn)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _refuse(sentences: str, code: int) -> int:
    for line in sentences.splitlines():
        typer.echo(f"baton: {line}", err=True)
    return code


def _code_of(error: DeskError) -> int:
    """2 where another word or file would help, 1 where the world would have to be different."""
    from bot.config_file import DeskFileError
    from bot.settings import SettingsError
    from bot.slack.manifest import BadRequestUrl
    from storage.database import BadAddress

    return MISTAKEN if isinstance(error, DeskFileError | BadRequestUrl | SettingsError | BadAddress) else FAILED


def _unexpected(error: Exception) -> int:
    """The person gets a reference, and the way there when LOG_LEVEL is DEBUG."""
    from bot.logs import redacted

    frame = traceback.extract_tb(error.__traceback__)[-1]
    reference = uuid4().hex[:8]
    place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    if _debugging():
        typer.echo(redacted("".join(traceback.format_exception(error))), err=True)
    return _refuse(f"Something broke on our side ({place}, reference {reference}). LOG_LEVEL=DEBUG shows how.", BROKEN)


def _debugging() -> bool:
    import logging

    return logging.getLogger("bot").level == logging.DEBUG or os.environ.get("LOG_LEVEL", "").upper() == "DEBUG"
