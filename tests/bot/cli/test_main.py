"""Every command answers in sentences and with an exit code that means something."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.slack.manifest import load_manifest
from tests.bot.surroundings import surround
from tests.bot.written import written

TOP = Path(__file__).parents[3]
SLOW_LIBRARIES = {"slack_bolt", "sqlalchemy", "aiohttp", "structlog", "uvicorn", "yaml"}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where the commands are called; the logs they set up are put away afterwards."""
    surround(monkeypatch, tmp_path)
    with written():
        yield tmp_path


@pytest.fixture
def stumble() -> Iterator[list[BaseException]]:
    """One more command, which raises what it is given."""
    errors: list[BaseException] = []

    def stumble() -> None:
        raise errors.pop()

    main.app.command("stumble")(stumble)
    yield errors
    main.app.registered_commands.pop()


def called(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program as it is called from a shell."""
    command = [sys.executable, "-m", "bot", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(TOP), **environment}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_baton_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == "baton 0.1.0\n"


def test_baton_alone_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 0

    listed = capsys.readouterr().out
    commands = ("run", "demo", "check", "apply", "import", "jobs", "routes", "db", "manifest")
    assert [command for command in commands if f" {command} " not in listed] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
        (["run", "--fast"], "No such option: --fast"),
        (["apply"], "Missing argument 'file'."),
        (["demo", "--port", "high"], "Invalid value for '--port': Input should be a valid integer"),
        (["manifest", "--http", "desk"], "--http desk is no address that Slack can reach."),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(arguments) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"baton: {sentence}")
    assert len(said.err.splitlines()) == 1


def test_a_missing_token_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["run"]) == 2

    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" is missing. ")[0] for line in lines] == [
        "baton: SLACK_BOT_TOKEN",
        "baton: SLACK_APP_TOKEN",
    ]


def test_a_wrong_setting_stops_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://ana:hush@host/desk")

    assert main.main(["db", "upgrade"]) == 2
    assert capsys.readouterr().err.startswith("baton: DATABASE_URL is not right. Use sqlite+aiosqlite:///baton.db")


@pytest.fixture
def sample_env(folder: Path) -> None:
    """The sample of .env as it was copied, with nothing filled in."""
    (folder / ".env").write_bytes((TOP / ".env.sample").read_bytes())


@pytest.mark.usefixtures("sample_env")
def test_a_configuration_is_applied_before_there_are_tokens(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "desk.yml").write_bytes((TOP / "desk.sample.yml").read_bytes())

    assert main.main(["apply", "desk.yml"]) == 0
    assert "Team Support is new" in capsys.readouterr().out


@pytest.mark.usefixtures("sample_env")
def test_a_configuration_is_checked_before_there_are_tokens(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "desk.yml").write_bytes((TOP / "desk.sample.yml").read_bytes())

    assert main.main(["check"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok     desk.yml is valid: 2 teams, 3 ticket types.")
    wrong = [line.split()[1] for line in lines if line.startswith("wrong")]
    assert wrong == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]


@pytest.mark.usefixtures("sample_env")
def test_the_desk_does_not_run_with_tokens_that_cannot_be_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["run"]) == 2
    assert "baton: SLACK_BOT_TOKEN is not right." in capsys.readouterr().err


def test_the_database_is_brought_up_to_date_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["db", "upgrade"]) == 0
    assert main.main(["db", "upgrade"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Applied 0001 The first tables."
    assert lines[-1] == "The database is up to date."
    assert (folder / "baton.db").is_file()


def test_what_is_no_database_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "baton.db").write_text("Dear Ana, this is a letter and no database at all." * 20)

    assert main.main(["db", "upgrade"]) == 1
    assert capsys.readouterr().err.startswith("baton: The database sqlite+aiosqlite:///baton.db refuses: file is not")


def test_a_check_that_finds_something_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["check"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("wrong  desk.yml: there is no such file")
    assert lines[1].startswith("ok     The database sqlite+aiosqlite:///baton.db is empty")
    assert [line.split()[1] for line in lines[2:]] == ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"]


def test_the_manifest_is_printed_to_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["manifest"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == load_manifest()

    assert main.main(["manifest", "--json", "--http", "https://desk.example.com"]) == 0
    assert json.loads(capsys.readouterr().out) == load_manifest("https://desk.example.com")


def test_a_fault_of_batons_own_is_one_sentence_with_a_reference(
    stumble: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    stumble.append(ValueError("with xoxb-1234-secret in it"))

    assert main.main(["stumble"]) == 70

    said = capsys.readouterr().err
    assert said.startswith("baton: Something went wrong in Baton (ValueError at test_main.py:")
    assert len(said.splitlines()) == 1


def test_whoever_asks_for_debug_sees_the_way_but_no_secret(
    stumble: list[BaseException], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    stumble.append(ValueError("with xoxb-1234-secret in it"))

    assert main.main(["stumble"]) == 70

    said = capsys.readouterr().err
    assert "Traceback (most recent call last)" in said
    assert "xoxb-" not in said


def test_ctrl_c_is_no_fault(stumble: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    stumble.append(KeyboardInterrupt())

    assert main.main(["stumble"]) == 130
    assert capsys.readouterr().err == ""


def test_it_runs_as_a_module_too() -> None:
    done = called("run", SLACK_BOT_TOKEN="xoxp-not-a-bot")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("baton: SLACK_BOT_TOKEN is not right. Copy it from")
    assert "xoxp-" not in done.stderr


def test_a_reader_who_has_had_enough_hears_no_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "bot", "manifest"], stdout=writing, stderr=subprocess.PIPE, check=False, cwd=TOP
    )

    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_version_waits_for_no_library() -> None:
    code = "import sys; from bot.cli.main import main; main(['--version']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)

    assert SLOW_LIBRARIES & set(done.stdout.split()) == set()
