"""Signed HTTP is the same desk as Socket Mode, and what is not signed by Slack gets nowhere."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.emulator.people.participant import Outcome
from bot.emulator.state.workspace import Channel
from bot.emulator.types import Json
from bot.slack.signatures import slack_signature
from tests.bot.written import Written, written
from tests.desks import HeldClock, Office, opened_office

ANA, EVA, LENA, CLEO = "U0AGENT1", "U0EXPERT1", "U0LEAD1", "U0CLIENT1"
SUPPORT, NETWORK, GENERAL = "C0SUPPORT", "C0NETWORK", "C0GENERAL"
ITS_OWN = {"ts", "block_id", "hash", "id", "trigger_id"}
TYPED = "the-gateway-smokes"
COMMAND = f"command=%2Fticket&text={TYPED}&user_id={ANA}&team_id=T0LOCAL&channel_id={SUPPORT}&trigger_id=1.2.3".encode()
TWO_MIB = 2 * 1024 * 1024


def as_read(value: Any) -> Any:  # noqa: ANN401 - any part of a message or a view
    """What a person reads of it: without the numbers that are another each time."""
    if isinstance(value, dict):
        return {key: as_read(part) for key, part in value.items() if key not in ITS_OWN}
    if isinstance(value, list):
        return [as_read(part) for part in value]
    return re.sub(r"http://127[^|>]*/p\d+", "(permalink)", value) if isinstance(value, str) else value


def answered(outcome: Outcome) -> Json:
    view = outcome.view or {}
    shown = {"title": view.get("title"), "blocks": view.get("blocks"), "errors": outcome.errors, "ok": outcome.ok}
    return {**as_read(shown), "whispers": [spoken(one) for one in outcome.ephemerals]}


def spoken(message: Json) -> Json:
    who = message.get("user") or message.get("bot_id")
    return as_read({"by": who, "text": message["text"], "blocks": message.get("blocks")})  # type: ignore[no-any-return]


def everything(office: Office) -> dict[str, list[Json]]:
    """Every place of the workspace, and all that was said there, in threads and to one person alone too."""
    return {_place(one): [spoken(said) for said in _said(one)] for one in office.emulator.workspace.channels.values()}


def _place(channel: Channel) -> str:
    return channel.name or " and ".join(sorted(channel.members))


def _said(channel: Channel) -> list[Json]:
    whispers = [one for alone in channel.ephemerals.values() for one in alone.values()]
    return sorted([*channel.messages.values(), *whispers], key=lambda one: str(one["ts"]))


async def a_day(office: Office) -> list[Json]:
    """What each person was answered, step by step, until the report in the evening."""
    ana, eva, lena, cleo = (office.person(who) for who in (ANA, EVA, LENA, CLEO))
    told = [await office.file("VPN is down on floor 3 !high type:network", by=ANA)]
    told.append(await cleo.command(GENERAL, "/ticket"))
    told.append(await cleo.submit({"title": "\u200b", "type": "other", "priority": "low"}))
    told.append(await cleo.submit({"title": "My chair <squeaks> & rocks"}))
    await office.settled()
    card = office.card(SUPPORT, "VPN is down")["ts"]
    told.append(await ana.press(SUPPORT, card, "ticket.take"))
    told.append(await eva.press(SUPPORT, card, "ticket.take"))
    told.append(await ana.press(SUPPORT, card, "ticket.escalate"))
    told.append(await ana.submit({"team": "network", "why": "Tunnel flaps", "tried": "restarted client"}))
    await office.settled()
    approval = office.app_messages(NETWORK)[-1]["ts"]
    told.append(await eva.press(NETWORK, approval, "escalation.reject"))
    told.append(await eva.submit({"advice": "information_missing", "comment": "Send the gateway log first."}))
    await office.settled()
    await cleo.say(GENERAL, "@baton the printer is jammed")
    await office.settled()
    await again(office, "app_mention")
    await cleo.open_home()
    await office.settled()
    told.append(await lena.command(SUPPORT, "/ticket", "list all"))
    told.append(await lena.command(SUPPORT, "/report"))
    return [*map(answered, told), as_read(cleo.home)["blocks"]]


async def again(office: Office, event: str) -> None:
    """Slack sends the newest of these events a second time."""
    sent = [entry["body"] for entry in office.emulator.traffic.entries_after(0) if entry["name"] == event]
    office.emulator.delivery.send_event(sent[-1])
    await office.settled()


async def test_a_day_goes_over_signed_http_as_over_socket_mode(
    database_url: str, empty_database_url: str, clock: HeldClock
) -> None:
    async with opened_office(database_url, clock) as office:
        over_socket = await a_day(office), everything(office)
    async with opened_office(empty_database_url, clock, http=True) as office:
        over_http = await a_day(office), everything(office)

    assert over_http == over_socket
    assert len([one for one in over_http[1]["support"] if one["text"].startswith("Ticket #")]) == 3


@asynccontextmanager
async def listened_to(sqlite_url: str) -> AsyncIterator[tuple[Office, Written]]:
    """Baton over HTTP, and all that it logs."""
    with written("DEBUG") as page:
        async with opened_office(sqlite_url, HeldClock(), http=True) as office:
            yield office, page


async def knock(office: Office, body: bytes, *, headers: dict[str, str], length: int | None = None) -> int:
    """The status that Baton answers to this request; `length` is what it claims to be long."""
    url = urlsplit(str(office.emulator.delivery.http_url))
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    sent = {"Host": "desk", "Content-Type": "application/x-www-form-urlencoded", **headers}
    if "Transfer-Encoding" not in headers:
        sent["Content-Length"] = str(length or len(body))
    lines = [f"POST {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    status = (await reader.readline()).split()[1]
    writer.close()
    return int(status)


def signing(body: bytes, *, at: str | None = None, secret: bytes = b"local-secret") -> dict[str, str]:
    at = str(int(time.time())) if at is None else at
    signature = slack_signature(secret, at.encode(), body).decode()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}


REFUSED: dict[str, tuple[int, Callable[[], dict[str, str]]]] = {
    "a wrong signature": (401, lambda: signing(COMMAND, secret=b"another")),
    "a signature of other words": (401, lambda: signing(COMMAND + b"!")),
    "no signature": (401, lambda: {"X-Slack-Request-Timestamp": str(int(time.time()))}),
    "no time": (401, lambda: {"X-Slack-Signature": "v0=" + "0" * 64}),
    "nothing at all": (401, lambda: {}),
    "an hour ago": (401, lambda: signing(COMMAND, at=str(int(time.time()) - 3600))),
    "in an hour": (401, lambda: signing(COMMAND, at=str(int(time.time()) + 3600))),
    "a time that is no number": (401, lambda: signing(COMMAND, at="soon")),
    "a time that only looks like a number": (401, lambda: signing(COMMAND, at="1_800_000_000")),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_slack_did_not_sign_is_refused_and_nothing_of_it_is_kept(sqlite_url: str, case: str) -> None:
    status, headers = REFUSED[case]

    async with listened_to(sqlite_url) as (office, page):
        assert await knock(office, COMMAND, headers=headers()) == status
        await office.settled()

        assert office.app_messages(SUPPORT) == []
        assert f"Request refused status={status}" in page()
        assert TYPED not in page()
        assert "v0=" not in page()


async def test_two_mib_are_refused_before_they_are_read(sqlite_url: str) -> None:
    async with listened_to(sqlite_url) as (office, page):
        assert await knock(office, COMMAND, headers=signing(COMMAND), length=TWO_MIB) == 413

        assert TYPED not in page()


async def test_a_body_that_never_said_how_long_it_is_is_refused_when_it_grows_too_long(sqlite_url: str) -> None:
    piece = COMMAND + b"x" * (1024 * 1024)
    chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"

    async with listened_to(sqlite_url) as (office, page):
        headers = {**signing(COMMAND), "Transfer-Encoding": "chunked"}
        assert await knock(office, chunk, headers=headers) == 413

        assert TYPED not in page()


async def test_what_slack_signed_is_answered_and_its_words_are_not_logged_either(sqlite_url: str) -> None:
    async with listened_to(sqlite_url) as (office, page):
        filing = COMMAND.replace(b"smokes", b"smokes+again")
        assert await knock(office, filing, headers=signing(filing)) == 200
        await office.settled()

        assert office.card(SUPPORT, TYPED)
        assert TYPED not in page()
