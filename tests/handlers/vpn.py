"""Cleo's VPN is down, in the local workspace: the ticket, its card, and what people read about it."""

from typing import Any

from bot.emulator.people.participant import Outcome
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority, ReplyBy, Status
from services.tickets import tickets
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket
from tests.desks import MONDAY, Office

ANA, BEN, LENA = "U0AGENT1", "U0AGENT2", "U0LEAD1"
EVA, EMIL, LEO = "U0EXPERT1", "U0EXPERT2", "U0LEAD2"
MIA, OTTO, CLEO, BATON = "U0MANAGER1", "U0OBSERVER1", "U0CLIENT1", "U0BATON"
SUPPORT, NETWORK, GENERAL = "C0SUPPORT", "C0NETWORK", "C0GENERAL"


def vpn_ticket(**more: Any) -> Ticket:
    """The ticket as the database would give it."""
    facts = {
        "workspace_id": "T0LOCAL",
        "number": 12,
        "title": "VPN is down on floor 3",
        "description": "",
        "status": Status.NEW,
        "priority": Priority.HIGH,
        "type": "network",
        "team": "support",
        "first_line": "support",
        "requester": CLEO,
        "registered_by": ANA,
        "reply_by": ReplyBy.SLACK,
        "created_at": MONDAY,
        "files": [],
    }
    return Ticket(**(facts | more))


async def filed(office: Office, *, thread: str | None = None) -> int:
    """Ana files for Cleo; the card stands in #support. `thread` is the ts of Cleo's message in #general."""
    where = {"channel": GENERAL, "thread_ts": thread} if thread else {}
    asked = TicketRequest(title="VPN is down", requester=CLEO, registered_by=ANA, type="network", **where)  # type: ignore[arg-type]
    number = await office.desk.execute(tickets.create_ticket, asked)
    await office.settled()
    return number


def card(office: Office) -> dict[str, Any]:
    """The ticket's card in #support."""
    found = [one for one in office.app_messages(SUPPORT) if "Ticket #" in one["text"] and "VPN is" in one["text"]]
    assert len(found) == 1, [one["text"] for one in office.app_messages(SUPPORT)]
    return found[0]


async def presses(office: Office, who: str, button: str, *, choose: object = None) -> Outcome:
    """A button, or a line under ⋯, of the card in #support."""
    outcome = await office.person(who).press(SUPPORT, card(office)["ts"], button, choose=choose)
    await office.settled()
    return outcome


async def submits(office: Office, who: str, **answers: str) -> Outcome:
    outcome = await office.person(who).submit(answers)
    await office.settled()
    return outcome


async def says(office: Office, who: str, channel: str, text: str, *, thread: str | None = None) -> None:
    await office.person(who).say(channel, text, thread)
    await office.settled()


def story(office: Office) -> list[str]:
    """What the team reads in the thread of the card."""
    return [one["text"] for one in office.person(LENA).thread(SUPPORT, card(office)["ts"])[1:]]


def direct(office: Office, who: str) -> list[dict[str, Any]]:
    """What Baton told this person by direct message."""
    person = office.person(who)
    return [one for one in person.visible_messages(person.dm_channel(BATON)) if one.get("bot_id")]


def whispers(office: Office, who: str, channel: str, *, thread: str) -> list[dict[str, Any]]:
    """What only this person reads in that thread."""
    return [one for one in office.person(who).thread(channel, thread) if one.get("is_ephemeral")]


def buttons(message: dict[str, Any]) -> list[str]:
    """The words on its buttons."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row]


async def ticket(office: Office, number: int) -> Ticket:
    return await office.desk.read(get_ticket, number)
