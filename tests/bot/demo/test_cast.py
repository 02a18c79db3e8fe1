"""The demo's people do with Slack's own means what they are said to do."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import yaml

from bot.config_file import load_desk_file
from bot.demo import cast
from bot.demo.stories import UNKNOWN_TICKET_SOLUTION, SampleTicket, sample_tickets
from bot.emulator.people.person import Person
from bot.files import resource_path
from bot.slack.manifest import load_manifest
from tests.desks import HeldClock, Office, opened_office

TOKENS = {"bot_token": "xoxb-local", "app_token": "xapp-local", "signing_secret": "local-secret"}
VPN = "VPN drops every ten minutes !high type:network"


@pytest.fixture
async def lake(sqlite_url: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """Orlen Lake with nothing filed yet, where people think fast."""
    monkeypatch.setattr(cast, "PAUSE_SECONDS", (0, 0))
    monkeypatch.setattr(cast, "THINKING_SECONDS", (0, 0))
    company = yaml.safe_load(resource_path("demo/company.yml").read_text(encoding="utf-8"))
    company["app"] |= {"manifest": load_manifest(), **TOKENS}
    plain = load_desk_file(resource_path("demo/desk.yml")).plain
    async with opened_office(sqlite_url, clock, plain=plain, company=company) as opened:
        yield opened


@pytest.fixture
def dice() -> random.Random:
    return random.Random(1)


def cards(lake: Office, channel: str = cast.SUPPORT) -> list[dict[str, Any]]:
    return [
        one
        for one in lake.person("U0LENA").visible_messages(channel)
        if one.get("bot_id") and not one.get("is_ephemeral")
    ]


def words(lake: Office, channel: str = cast.SUPPORT) -> str:
    """Everything that stands in that channel and in the threads of its cards."""
    lena = lake.person("U0LENA")
    return str([lena.thread(channel, one["ts"]) for one in cards(lake, channel)])


async def held(lake: Office, dice: random.Random) -> None:
    """Ana and Ben hold one ticket each."""
    for user in ("U0ANA", "U0BEN"):
        await lake.file(VPN, by=user)
        card = cards(lake)[-1]
        await lake.person(user).press(cast.SUPPORT, card["ts"], "ticket.take")
    await lake.settled()


async def escalated(lake: Office, dice: random.Random) -> Person:
    """One of them has asked the network experts, who are the only ones asked."""
    await held(lake, dice)
    ana = lake.person("U0ANA")
    await ana.press(cast.SUPPORT, cards(lake)[0]["ts"], "ticket.escalate")
    await ana.submit({"team": "network", "why": "Tunnel flaps", "tried": "Restarted"})
    await lake.settled()
    return ana


async def test_cleo_asks_and_ben_makes_a_ticket_of_it(lake: Office, dice: random.Random) -> None:
    await cast.ask_for_help(lake.emulator, dice)
    await lake.settled()

    assert "Requester <@U0CLEO> · Created by <@U0BEN>" in words(lake)


async def test_an_agent_files_what_was_told_on_the_phone(lake: Office, dice: random.Random) -> None:
    await cast.file_ticket(lake.emulator, dice)
    await lake.settled()

    assert len(cards(lake)) == 1


async def test_an_agent_takes_what_nobody_has(lake: Office, dice: random.Random) -> None:
    await lake.file(VPN, by="U0ANA")

    await cast.take_ticket(lake.emulator, dice)
    await lake.settled()

    assert "In progress · Assignee <@U0" in words(lake)


@pytest.mark.parametrize(("noted", "said"), [(0.0, "replied to the requester"), (1.0, "internal note")])
async def test_the_holder_writes_to_the_customer_or_to_the_team(
    lake: Office, dice: random.Random, monkeypatch: pytest.MonkeyPatch, noted: float, said: str
) -> None:
    monkeypatch.setattr(cast, "NOTE_CHANCE", noted)
    await held(lake, dice)

    await cast.answer_requester(lake.emulator, dice)
    await lake.settled()

    assert said in words(lake)


async def test_an_agent_asks_the_experts(lake: Office, dice: random.Random) -> None:
    await held(lake, dice)

    await cast.escalate_ticket(lake.emulator, dice)
    await lake.settled()

    assert "Escalation to" in words(lake, cast.NETWORK) + words(lake, cast.APPS)


@pytest.mark.parametrize(("accepted", "said"), [(1.0, "✓ Accepted by <@U0E"), (0.0, "✗ Rejected by <@U0E")])
async def test_an_expert_decides(
    lake: Office, dice: random.Random, monkeypatch: pytest.MonkeyPatch, accepted: float, said: str
) -> None:
    monkeypatch.setattr(cast, "ACCEPT_CHANCE", accepted)
    await escalated(lake, dice)

    await cast.decide_escalation(lake.emulator, dice)
    await lake.settled()

    assert said in words(lake, cast.NETWORK)


async def test_an_agent_resolves(lake: Office, dice: random.Random) -> None:
    await held(lake, dice)

    await cast.resolve_ticket(lake.emulator, dice)
    await lake.settled()

    assert "✓ Resolved by <@U0" in words(lake)


@pytest.mark.parametrize("sample", sample_tickets(), ids=lambda sample: sample.title)
async def test_a_ticket_is_resolved_with_its_own_solution(
    lake: Office, dice: random.Random, monkeypatch: pytest.MonkeyPatch, sample: SampleTicket
) -> None:
    monkeypatch.setattr(dice, "choice", lambda options: options[0])
    await lake.file(f"{sample.title} type:{sample.type}", by="U0ANA")
    await lake.person("U0ANA").press(cast.SUPPORT, cards(lake)[-1]["ts"], "ticket.take")
    await lake.settled()

    await cast.resolve_ticket(lake.emulator, dice)
    await lake.settled()

    assert sample.solution in words(lake)


async def test_a_visitors_ticket_is_resolved_with_nothing_of_another(lake: Office, dice: random.Random) -> None:
    await lake.file("The coffee machine leaks", by="U0ANA")

    await cast.resolve_ticket(lake.emulator, dice)
    await lake.settled()

    assert UNKNOWN_TICKET_SOLUTION in words(lake)


async def test_a_ticket_is_escalated_to_its_own_experts(lake: Office) -> None:
    await lake.file("Report export from CRM has no totals type:crm", by="U0ANA")

    for seed in range(4):
        with suppress(LookupError):
            await cast.escalate_ticket(lake.emulator, random.Random(seed))
        await lake.settled()

    assert "Escalation to" in words(lake, cast.APPS)
    assert cards(lake, cast.NETWORK) == []


@pytest.mark.parametrize(
    "scene",
    [cast.take_ticket, cast.answer_requester, cast.escalate_ticket, cast.decide_escalation, cast.resolve_ticket],
)
async def test_a_scene_with_nothing_to_do_says_so_and_does_nothing(
    lake: Office, dice: random.Random, scene: cast.Scene
) -> None:
    with pytest.raises(LookupError, match="no card"):
        await scene(lake.emulator, dice)

    assert cards(lake) == []


async def test_the_play_goes_on_after_scenes_with_nothing_to_do(lake: Office) -> None:
    playing = asyncio.create_task(cast.play_scenes(lake.emulator, random.Random(1)))
    await lake.emulator.wait_until(lambda: "✓ Resolved by" in words(lake), seconds=20)

    playing.cancel()

    with suppress(asyncio.CancelledError):
        await playing
    await lake.settled()
