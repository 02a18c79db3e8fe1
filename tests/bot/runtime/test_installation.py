"""Slack is ill when Baton starts: an installation that it knows comes up and waits, any other says what is wrong."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest

from bot.emulator.server import Emulator
from bot.runtime.assembly import assemble_baton
from bot.runtime.installation import SlackUnavailable
from bot.runtime.run import serve_with_jobs
from bot.settings import Settings, make_settings
from rules.intake.requests import TicketRequest
from rules.model.health import HealthState
from services.config import apply_configuration, reload_configuration
from services.tickets import tickets
from tests.desks import OFFICE, HeldClock, patient_emulator, seed

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
ILLNESSES: list[dict[str, Any]] = [
    {"error": "invalid_auth"},
    {"error": "account_inactive"},
    {"error": "token_revoked"},
    {"error": "ratelimited", "status": HTTPStatus.TOO_MANY_REQUESTS},
    {"page": "upstream connect error", "status": HTTPStatus.SERVICE_UNAVAILABLE},
]


@pytest.fixture
async def slack() -> AsyncIterator[Emulator]:
    emulator = patient_emulator(seed())
    await emulator.start(port=0)
    yield emulator
    await emulator.stop()


def settings_for(slack: Emulator, database_url: str, **other: str) -> Settings:
    given = {"slack_bot_token": "xoxb-local", "slack_api_url": slack.api_url, "slack_app_token": "xapp-local"} | other
    return make_settings(database_url=database_url, baton_config="no-such-file.yml", **given)


async def start_once(settings: Settings, clock: HeldClock) -> None:
    """Slack is well, and says whose token it is."""
    async with assemble_baton(settings, clock=clock) as baton:
        await baton.desk.execute(apply_configuration, OFFICE)


@pytest.mark.parametrize("illness", ILLNESSES, ids=str)
async def test_a_known_installation_comes_up_takes_tickets_and_posts_them_when_slack_is_well(
    slack: Emulator, database_url: str, clock: HeldClock, illness: dict[str, Any]
) -> None:
    settings = settings_for(slack, database_url)
    await start_once(settings, clock)
    slack.faults.fail_next("auth.test", **illness)

    async with assemble_baton(settings, clock=clock, monotonic=clock.monotonic, pace=0) as baton:
        state = baton.desk.health.state
        await baton.desk.execute(tickets.create_ticket, VPN)
        await baton.delivery.wait_until_idle()
        posted_meanwhile = len(slack.person("U0LEAD1").visible_messages("C0SUPPORT"))
        clock.forward(minutes=5)
        await baton.delivery.wait_until_idle()

        assert (state, posted_meanwhile) == (HealthState.DEGRADED, 0)
        assert baton.desk.workspace == "T0LOCAL"
        assert baton.desk.health.state is HealthState.OK
        assert len(slack.person("U0LEAD1").visible_messages("C0SUPPORT")) == 1


async def test_it_comes_up_where_nobody_answers_at_all(slack: Emulator, database_url: str, clock: HeldClock) -> None:
    await start_once(settings_for(slack, database_url), clock)
    settings = settings_for(slack, database_url, slack_api_url="http://127.0.0.1:9/api/")

    async with assemble_baton(settings, clock=clock) as baton:
        await reload_configuration(baton.desk)

        assert await baton.desk.execute(tickets.create_ticket, VPN) == 1
        assert "Slack does not answer Baton" in str(baton.desk.health.reasons[0].sentence)


async def test_while_slack_refuses_both_tokens_it_serves_and_connects_when_slack_is_well(
    slack: Emulator, sqlite_url: str, clock: HeldClock
) -> None:
    settings = settings_for(slack, sqlite_url, port="0")
    await start_once(settings, clock)
    slack.faults.fail_next("auth.test", error="account_inactive")
    slack.faults.fail_next("apps.connections.open", times=2, error="account_inactive")

    async with assemble_baton(settings, clock=clock) as baton:
        serving = asyncio.create_task(serve_with_jobs(baton, settings))
        await slack.wait_until_connected()
        answer = await slack.person("U0AGENT1").command("C0SUPPORT", "/ticket", "VPN is down")
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    assert "Created #1 VPN is down" in answer.ephemerals[0]["text"]


@pytest.mark.parametrize("illness", ILLNESSES, ids=str)
async def test_a_first_start_ends_with_what_slack_says(
    slack: Emulator, database_url: str, clock: HeldClock, illness: dict[str, Any]
) -> None:
    slack.faults.fail_next("auth.test", **illness)

    with pytest.raises(SlackUnavailable, match=r"Slack refused SLACK_BOT_TOKEN .* Run `baton check`"):
        await start_once(settings_for(slack, database_url), clock)


async def test_so_does_a_start_with_another_token(slack: Emulator, database_url: str, clock: HeldClock) -> None:
    await start_once(settings_for(slack, database_url), clock)

    with pytest.raises(SlackUnavailable, match="invalid_auth"):
        await start_once(settings_for(slack, database_url, slack_bot_token="xoxb-mistyped"), clock)
