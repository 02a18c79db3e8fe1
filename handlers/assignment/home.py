"""Assignments on Home: tickets that wait for the person to start or pass them back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.home_sections import DECISIONS_TITLE, HomeView
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.text.slack import join
from handlers.tickets.cards.ticket import due_times_text, open_button, ticket_heading
from rules.model.timers import SlaTimer, TimerKind
from rules.text import _
from storage.schema.tickets import Ticket
from storage.sla.timers import timers_by_ticket
from storage.tickets.home import offered_tickets
from storage.tickets.lists import visibility_of


def register(on: Registry) -> None:
    on.home_section(order=30, title=DECISIONS_TITLE)(render_offered)


def render_offered(view: HomeView) -> list[Block]:
    offered = offered_tickets(view.reader, visibility_of(view.policy, view.person), at=view.now)
    timers = timers_by_ticket(view.reader, [ticket.number for ticket in offered]) if offered else {}
    return offered_blocks(offered, timers, view.now)


def offered_blocks(
    offered: Sequence[Ticket], timers: Mapping[int, Mapping[TimerKind, SlaTimer]], now: datetime
) -> list[Block]:
    return [_offered_row(ticket, timers.get(ticket.number, {}), now) for ticket in offered]


def _offered_row(ticket: Ticket, timers: Mapping[TimerKind, SlaTimer], now: datetime) -> Block:
    heading = _("Assigned to you: {ticket}", ticket=ticket_heading(ticket))
    text = join("\n", [heading, due_times_text(ticket, timers, now)])
    return blocks.section(text, accessory=open_button(ticket.number))
