"""A day with an ill Slack ends as a day with a well one: each fault comes at every step, and heals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

import pytest

from bot.emulator.faults import Fault, Faults
from rules.intake.requests import TicketRequest
from services.tickets import tickets
from storage.outbox import outbox
from storage.transaction import Transaction
from tests.databases import sqlite_file
from tests.desks import HeldClock, Office, opened_office

POST, CHANGE = "chat.postMessage", "chat.update"

Play = Callable[[Faults], None]
Step = Callable[[Transaction], object]


def fail_both(**fault: Unpack[Fault]) -> Play:
    def play(slack: Faults) -> None:
        for method in (POST, CHANGE):
            slack.fail_next(method, **fault)

    return play


FAULTS: dict[str, Play] = {
    "the token is revoked": lambda slack: slack.refuse_app("token_revoked"),
    "the account is inactive": lambda slack: slack.refuse_app("account_inactive"),
    "the scope to post is lost": lambda slack: slack.revoke_scope("chat:write"),
    "too many posts": lambda slack: slack.fail_next(POST, ratelimited="nan", times=2),
    "too many changes": lambda slack: slack.fail_next(CHANGE, ratelimited=2),
    "the server is down": fail_both(status=503),
    "an internal error": fail_both(error="internal_error"),
    "an error nobody knows": lambda slack: slack.fail_next(POST, error="new_in_2027", times=2),
    "a proxy answers": fail_both(page="<html>"),
    "the line breaks before": fail_both(drop_before=True),
    "the answer is lost": fail_both(drop_after=True),
    "cards cannot be changed": lambda slack: slack.fail_next(CHANGE, error="cant_update_message"),
    "cards are too old to change": lambda slack: slack.fail_next(CHANGE, error="edit_window_closed"),
}


def request(title: str) -> TicketRequest:
    return TicketRequest(title=title, requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


STEPS: list[Step] = [
    lambda tx: tickets.create_ticket(tx, request("VPN is down")),
    lambda tx: tickets.create_ticket(tx, request("Screen is dark")),
    lambda tx: tickets.take(tx, 1, by="U0AGENT1"),
    lambda tx: tickets.add_note(tx, 1, by="U0AGENT1", text="It may be the router."),
    lambda tx: tickets.reply(tx, 1, by="U0AGENT1", text="We look at the router."),
    lambda tx: outbox.notify_person(tx, "U0LEAD1", text="Look at this."),
    lambda tx: tickets.resolve(tx, 2, by="U0AGENT2", solution="Plugged in."),
    lambda tx: tickets.reopen(tx, 2, by="U0AGENT1", reason="Dark again."),
]


said_on_a_well_day: list[tuple[str, bool, str, str]] = []


@pytest.mark.parametrize("name", FAULTS)
async def test_the_day_ends_as_if_slack_had_been_well(
    database_url: str, databases: Path, sqlite_desk: Path, name: str
) -> None:
    if not said_on_a_well_day:
        with sqlite_file(databases, sqlite_desk) as other:
            async with opened_office(other, HeldClock()) as office:
                await live_through(office, lambda slack: None)
                said_on_a_well_day.extend(everything_said(office))

    async with opened_office(database_url, HeldClock()) as office:
        await live_through(office, FAULTS[name])
        office.emulator.refusals.clear()

        assert everything_said(office) == said_on_a_well_day
        assert office.desk.health.reasons == []


async def live_through(office: Office, play: Play) -> None:
    """Each step meets the fault; it lasts for ten seconds, and half a minute later the next one comes."""
    for step in STEPS:
        play(office.emulator.faults)
        await office.desk.execute(step)
        for _ in range(2):
            await office.settled()
            office.clock.forward(seconds=5)
        office.emulator.faults.clear()
        for _ in range(4):
            await office.settled()
            office.clock.forward(seconds=8)


def everything_said(office: Office) -> list[tuple[str, bool, str, str]]:
    """Every message of the app that stands: its conversation, whether it is in a thread, its text and its blocks."""
    said = [
        (channel.id if not channel.is_im else "DM", "thread_ts" in message, message["text"], words_of(message))
        for channel in office.emulator.workspace.channels.values()
        for message in channel.messages.values()
        if message.get("bot_id")
    ]
    return sorted(said)


def words_of(message: dict[str, Any]) -> str:
    return " | ".join(texts_in(message.get("blocks") or []))


def texts_in(part: Any) -> list[str]:  # noqa: ANN401 - any part of a block
    if isinstance(part, list):
        return [text for one in part for text in texts_in(one)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return own + [text for value in part.values() for text in texts_in(value)]
