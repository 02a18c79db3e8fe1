"""While Slack is silent, whoever waits is answered all the same, and may try again.

The client waits for ever here: whatever the acknowledgement waits for must end by itself.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
import pytest

from bot.slack import app as apps
from handlers.slack import ephemeral, errors
from tests.desks import HeldClock, Office, opened_office

SILENT = ("views.open", "views.push", "views.update", "views.publish", "chat.postEphemeral", "conversations.replies")


@pytest.fixture
async def office(sqlite_url: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr(apps, "REQUEST_TIMEOUT", aiohttp.ClientTimeout(total=None))
    async with opened_office(sqlite_url, clock, http=True) as opened:
        yield opened


@contextmanager
def silence(office: Office) -> Iterator[None]:
    """Slack's limits stay as they are; ours are shortened, because nothing comes anyway."""
    office.emulator.faults.fall_silent(*SILENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ephemeral, "ANSWER_TIMEOUT_SECONDS", 0.1)
        patch.setattr(errors, "POST_TIMEOUT_SECONDS", 0.1)
        yield
    office.emulator.faults.answer_again()


async def test_a_command_that_opens_a_form_says_to_try_again(office: Office) -> None:
    with silence(office):
        outcome = await office.person("U0AGENT1").command("C0SUPPORT", "/ticket")

    assert outcome.ephemerals[-1]["text"].startswith("Slack does not answer me just now.")


async def test_so_does_one_that_a_proxy_answers(office: Office) -> None:
    office.emulator.faults.fail_next("views.open", page="upstream connect error", status=503)

    outcome = await office.person("U0AGENT1").command("C0SUPPORT", "/ticket")

    assert outcome.ephemerals[-1]["text"].startswith("Slack does not answer me just now.")


@pytest.mark.parametrize("error", sorted(ephemeral.TOO_LATE_ERRORS))
async def test_what_slack_opens_no_more_is_to_be_opened_again_and_is_one_warning(
    office: Office, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    office.emulator.faults.fail_next("views.open", error=error)

    outcome = await office.person("U0AGENT1").command("C0SUPPORT", "/ticket")

    assert outcome.ephemerals[-1]["text"].endswith("Please open it again.")
    assert [one.levelname for one in caplog.records if one.name.startswith("baton")] == ["WARNING"]


@pytest.mark.parametrize("button", ["ticket.reply", "ticket.assign"])
async def test_a_button_that_opens_a_form_is_answered(office: Office, button: str) -> None:
    ana = office.person("U0AGENT1")
    await office.file("VPN is down")
    await ana.press("C0SUPPORT", office.card("C0SUPPORT", "VPN is down")["ts"], "ticket.take")
    await office.settled()

    with silence(office):
        outcome = await ana.press("C0SUPPORT", office.card("C0SUPPORT", "VPN is down")["ts"], button)

    assert (outcome.ok, outcome.view) == (True, None)


async def test_so_are_home_and_what_is_pressed_there_and_on_a_page(office: Office) -> None:
    await office.file("VPN is down")
    ana = office.person("U0AGENT1")
    await ana.open_home()
    await office.settled()
    await ana.press_view("next.show", home=True)

    with silence(office):
        on_home = await ana.press_view("ticket.new", home=True)
        on_page = await ana.press_view("next.skip")
        await ana.open_home()
        await office.emulator.wait_until_settled()

    assert (on_home.ok, on_page.ok) == (True, True)


async def test_a_mention_in_a_thread_is_sent_again_by_slack_and_filed_then(office: Office) -> None:
    ana = office.person("U0AGENT1")
    root = await ana.say("C0GENERAL", "The printer is on fire")
    office.emulator.delivery.retry_delays = (0.0,) * 100

    with silence(office):
        await ana.say("C0GENERAL", "@baton", thread=root["ts"])
        await office.emulator.wait_until(lambda: failed_mentions(office) > 1)
    await office.settled()

    assert office.card("C0SUPPORT", "The printer is on fire")


def failed_mentions(office: Office) -> int:
    entries = office.emulator.traffic.entries_after(0)
    return sum(
        one["name"].startswith("app_mention") and one["status"] == HTTPStatus.INTERNAL_SERVER_ERROR for one in entries
    )
