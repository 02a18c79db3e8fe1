"""Looking: one ticket by its number, opened with its story, and lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.blocks import Message, page
from handlers.slack.ids import Button
from handlers.slack.payloads import OldCard, Press
from handlers.slack.router import Router
from handlers.slack.ticket_actions import show
from handlers.tickets.cards import details
from handlers.tickets.cards import lists as cards
from handlers.tickets.cards.ticket import Clocks
from rules.intake.commands import Listing, View
from rules.model.policy import Policy
from rules.people.permissions import Deed, Role, allowed
from services.desk import Desk
from services.permissions import towards
from storage import events
from storage.escalations import escalations
from storage.escalations.approvals import is_asked
from storage.schema.tickets import Event, Ticket
from storage.sla import timers
from storage.tickets import tickets
from storage.tickets.lists import page_of, sight_of
from storage.tickets.tickets import NoSuchTicket
from storage.transaction import Reader


def register(on: Router) -> None:
    on.action(Button.OPEN)(open_ticket)
    on.action(Button.LIST)(turn)
    on.action(Button.LIST_BACK)(turn)


async def open_ticket(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    press = Press.read(body)
    look = await desk.read(looked_at, press.number, policy=desk.policy, by=press.by)
    view = details.opened(look.ticket, look.clocks, look.events, desk.policy, desk.clock(), held=look.held)
    await show(client, press, view)
    await ack()


async def turn(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, desk: Desk) -> None:
    """A list takes the place of the one that was pressed; any other card stays, and the list comes beside it."""
    press = Press.read(body)
    said = await listed(desk, asked_by(press.value), by=press.by)
    of_list = press.block == cards.WAYS
    if not press.response_url:
        await _in_view(client, press, page("Tickets", said.blocks), replace=of_list)
        await ack()
        return
    answer = ephemeral.in_place if of_list else ephemeral.beside
    if not await answer(client, press.response_url, said):
        await ephemeral.in_channel(client, press.channel, press.by, said, press.thread_ts)
    await ack()


async def shown(desk: Desk, number: int, *, by: str) -> Message:
    """The ticket for this person; NoSuchTicket when there is none that they may see."""
    look = await desk.read(looked_at, number, policy=desk.policy, by=by)
    return details.seen(look.ticket, look.clocks, desk.policy, desk.clock(), held=look.held)


async def listed(desk: Desk, asked: Listing, *, by: str) -> Message:
    """The page of the list, of what this person may see."""
    sight = sight_of(desk.policy, by)
    now = desk.clock()
    found = await desk.read(page_of, asked, sight=sight, at=now)
    return cards.listing(found, desk.policy, now, sight=sight)


@dataclass(frozen=True, slots=True)
class Look:
    """A ticket as one person may look at it."""

    ticket: Ticket
    clocks: Clocks
    events: Sequence[Event]
    held: frozenset[Role]


def looked_at(reader: Reader, number: int, *, policy: Policy, by: str) -> Look:
    """The ticket with its clocks and story; NoSuchTicket for whoever may not see it."""
    ticket = tickets.seen(reader, number)
    waiting = escalations.undecided(reader, number)
    held = towards(policy, ticket, by, asked=waiting.team if waiting else None)
    if waiting is not None and waiting.approving is not None and is_asked(reader, waiting, by):
        held |= frozenset({Role.EXPERT})
    if not allowed(Deed.SEE, held):
        raise NoSuchTicket(number)
    return Look(ticket, timers.of(reader, number), events.of_ticket(reader, number), held)


def asked_by(value: str) -> Listing:
    """The page a button leads to; OldCard when it does not say."""
    view, _, rest = value.partition(":")
    number, _, team = rest.partition(":")
    if view not in set(View) or not number.isdigit():
        raise OldCard
    return Listing(View(view), team=team, page=int(number))


async def _in_view(client: AsyncWebClient, press: Press, view: dict[str, Any], *, replace: bool) -> None:
    if replace and press.view.get("type") == "modal":
        await client.views_update(view_id=press.view["id"], hash=press.view.get("hash"), view=view)
    else:
        await show(client, press, view)
