"""What the logs tell, and what they never tell."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import logs
from tests.bot.written import Written
from tests.bot.written import written as keeping

SECRETS = {
    "bot token": "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy",
    "person's token": "xoxp-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy",
    "refresh token": "xoxe.xoxp-1-Mi0yLTUxNjUxNTIx",
    "rotated token": "xoxe-1-Mi0yLTUxNjUxNTIx",
    "app token": "xapp-1-A0123-456-abcdef0123456789",
    "signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    "response_url": "https://hooks.slack.com/commands/T0001/1234/pdFZKVeTuE8sk",
    "bearer": "Bearer pdFZKVeTuE8sk7oOcBrzbqgy",
    "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    "e-mail": "ana.kowalska@example.com",
    "database password": "postgresql://baton:hunter2secret@db/baton",
    "socket address": "wss://wss.slack.com/link/?ticket=12345678-aaaa-bbbb&app_id=5d41",
}
CORES = {**SECRETS, "database password": "hunter2secret", "socket address": "12345678-aaaa-bbbb"}


@pytest.fixture(params=["console", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(form: str) -> Iterator[Written]:
    with keeping("DEBUG", form) as page:
        yield page


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_in_the_words_stays_in(written: Written, kind: str) -> None:
    structlog.get_logger("bot.test").info(f"Slack said {SECRETS[kind]} and more")
    structlog.get_logger("bot.test").info("Slack said %s and more", SECRETS[kind])
    logging.getLogger("elsewhere").info("Slack said %s and more", SECRETS[kind])

    assert written().count(logs.REDACTED) == 3
    assert CORES[kind] not in written()


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_among_the_details_stays_in(written: Written, kind: str) -> None:
    structlog.get_logger("bot.test").info("sent", to={"whom": [SECRETS[kind]]}, other=SECRETS[kind])
    logging.getLogger("elsewhere").warning("sent", extra={"where": SECRETS[kind]})

    assert CORES[kind] not in written()
    assert len(written().splitlines()) == 2


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_in_an_error_stays_in(written: Written, kind: str) -> None:
    try:
        raise ValueError(f"refused with {SECRETS[kind]}") from KeyError(SECRETS[kind])
    except ValueError:
        structlog.get_logger("bot.test").exception("failed")
        logging.getLogger("elsewhere").exception("failed")

    assert "ValueError" in written()
    assert CORES[kind] not in written()


@pytest.mark.parametrize("name", ["token", "SLACK_SIGNING_SECRET", "authorization", "trigger_id", "body", "payload"])
def test_what_is_called_a_secret_is_hidden_whatever_it_looks_like(written: Written, name: str) -> None:
    structlog.get_logger("bot.test").info("sent", **{name: "plain-looking"})
    logging.getLogger("elsewhere").info(f"sent {name}=plain-looking")
    logging.getLogger("elsewhere").info("sent %s", {name: "plain-looking"})

    assert "plain-looking" not in written()
    assert len(written().splitlines()) == 3


def test_what_ben_wrote_to_slack_is_in_no_log(written: Written) -> None:
    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.NOTSET)  # an app made before the log had set its own
    logging.getLogger("slack_bolt.RequestVerification").info("Invalid signature (body: ben wrote this)")
    logging.getLogger("slack_sdk.web.async_base_client").debug("Received ben wrote this")
    logging.getLogger("slack_bolt.AsyncApp").info("Unsuccessful (status: 500, body: ben wrote this)")
    logging.getLogger("uvicorn.access").info("POST ben wrote this")

    assert "ben wrote" not in written()
    assert "Unsuccessful (status: 500" in written()


def test_debug_is_for_batons_own_packages(written: Written) -> None:
    logging.getLogger("services.escalations").debug("mine")
    logging.getLogger("slack_sdk").debug("theirs")

    assert "mine" in written()
    assert "theirs" not in written()


def test_bolt_made_later_does_not_tell_more(written: Written) -> None:
    AsyncApp(signing_secret="8f742231b10e", token="xoxb-1", client=AsyncWebClient(token="xoxb-1"))

    assert logging.getLogger("slack_bolt.AsyncApp").level == logging.INFO
    assert written() == ""


@pytest.mark.parametrize("form", ["console"], indirect=True)
def test_nobody_writes_a_line_of_his_own(written: Written) -> None:
    structlog.get_logger("bot.test").info("named\n2026-11-22 ERROR all is lost\x1b[31m", who="ana\nben\x1b")

    assert len(written().splitlines()) == 1
    assert "\x1b" not in written()


@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_machine_reads_each_line(written: Written) -> None:
    structlog.get_logger("bot.test").warning("Delivery waits", lane="C0SUPPORT", seconds=30, why={"token": 'a"b'})

    line = json.loads(written())
    assert (line["event"], line["level"], line["logger"], line["lane"], line["seconds"], line["why"]) == (
        "Delivery waits",
        "warning",
        "bot.test",
        "C0SUPPORT",
        30,
        {"token": logs.REDACTED},
    )


def test_the_way_to_an_error_is_told_to_those_who_ask_for_it() -> None:
    told = {level: failing_at(level) for level in ("INFO", "DEBUG")}

    assert "ZeroDivisionError: division by zero" in told["INFO"]
    assert len(told["INFO"].splitlines()) == 1
    assert "Traceback" in told["DEBUG"]


def failing_at(level: str) -> str:
    with keeping(level) as page:
        try:
            assert 1 / 0
        except ZeroDivisionError:
            structlog.get_logger("bot.test").exception("failed")
        return page()


def test_a_mention_or_a_number_is_no_secret() -> None:
    plain = "#12 of <@U0ANA> in C0SUPPORT is due 2026-11-22T16:00:00Z, 3 tokens of time left"

    assert logs.redact_secrets(plain) == plain
