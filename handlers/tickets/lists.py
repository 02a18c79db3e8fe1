"""Looking at tickets: one by its number, its page with the timeline, and lists one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.blocks import Message, Modal, page_modal
from handlers.slack.ids import Button, More
from handlers.slack.menus import MenuEntry
from handlers.slack.payloads import OldCard, Press, parse_ticket_and_index
from handlers.slack.router import Router
from handlers.tickets.cards import details
from handlers.tickets.cards import lists as cards
from handlers.tickets.cards.ticket import Timers
from rules.intake.commands import VIEW_SYNONYMS, ListView, TicketListing
from rules.model.policy import Policy
from rules.people.permissions import Permission, Role
from rules.text import _
from services.desk import Desk
from services.permissions import require_roles
from storage import events
from storage.schema.tickets import Event, Ticket
from storage.sla import timers
from storage.tickets import tickets
from storage.tickets.lists import list_page, visibility_of
from storage.transaction import Reader


def register(on: Router) -> None:
    on.menu(More.OPEN, Permission.SEE_TICKET, MenuEntry(_("Open"), 70))(open_ticket)
    on.action(Button.OPEN, Permission.SEE_TICKET)(open_ticket)
    on.action(Button.SHOW_LIST, Permission.LIST_TICKETS)(show_list_page)
    on.action(Button.PREVIOUS_PAGE, Permission.LIST_TICKETS)(show_list_page)


async def open_ticket(press: Press, desk: Desk) -> Modal:
    look = await desk.read(ticket_for_viewer, press.ticket, policy=desk.policy, by=press.user)
    view = details.ticket_page(look.ticket, look.timers, look.events, desk.policy, desk.clock(), roles=look.roles)
    return view


async def show_list_page(press: Press, client: AsyncWebClient, desk: Desk) -> Modal | None:
    """A list takes the place of the one that was pressed; any other card stays, and the list comes beside it."""
    said = await answer_list(desk, parse_listing(press.value), by=press.user)
    of_list = press.block_id == cards.LIST_BLOCK_ID
    if press.response_url:
        await ephemeral.answer_press(client, press, said, replace=of_list)
        return None
    page = page_modal(_("Tickets"), said.blocks)
    if not of_list or press.view.get("type") != "modal":
        return page
    shown, hash_ = press.view_id, press.view.get("hash")
    await ephemeral.answer_in_time(client.views_update(view_id=shown, hash=hash_, view=page))
    return None


async def answer_ticket(desk: Desk, number: int, *, by: str) -> Message:
    view = await desk.read(ticket_for_viewer, number, policy=desk.policy, by=by)
    return details.card_for_viewer(view.ticket, view.timers, desk.policy, desk.clock(), roles=view.roles)


async def answer_list(desk: Desk, listing: TicketListing, *, by: str) -> Message:
    sight = visibility_of(desk.policy, by)
    now = desk.clock()
    result = await desk.read_in_worker(list_page, listing, visibility=sight, at=now)
    return cards.ticket_list(result, desk.policy, now, sight=sight)


@dataclass(frozen=True, slots=True)
class OpenedTicket:
    ticket: Ticket
    timers: Timers
    events: Sequence[Event]
    roles: frozenset[Role]


def ticket_for_viewer(reader: Reader, number: int, *, policy: Policy, by: str) -> OpenedTicket:
    """NoSuchTicket when the person may not see it."""
    ticket = tickets.get_ticket(reader, number)
    roles = require_roles(reader, policy, Permission.SEE_TICKET, ticket, by)
    return OpenedTicket(ticket, timers.ticket_timers(reader, number), events.ticket_history(reader, number), roles)


def parse_listing(value: str) -> TicketListing:
    """OldCard when the button's value names no list."""
    view, page, team, type_ = (*value.split(":", 3), "", "", "")[:4]
    known = VIEW_SYNONYMS.get(view, view)
    if known not in set(ListView):
        raise OldCard
    return TicketListing(ListView(known), team=team, page=parse_ticket_and_index(page)[0], type=type_)
