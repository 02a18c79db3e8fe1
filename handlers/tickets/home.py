"""Tickets on Home: a person's own, their teams' queues, their requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.home_sections import HomeView
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import clip
from handlers.tickets.cards.lists import ticket_row
from rules.intake.commands import ListView, TicketListing
from rules.model.timers import SlaTimer, TimerKind
from storage.sla.timers import timers_by_ticket
from storage.tickets.home import NO_TICKETS, TicketList, assigned_tickets, requested_tickets, team_queues


@dataclass(frozen=True, slots=True)
class HomeTickets:
    assigned: TicketList = NO_TICKETS
    requested: TicketList = NO_TICKETS
    queues: Mapping[str, TicketList] = field(default_factory=dict)
    timers: Mapping[int, Mapping[TimerKind, SlaTimer]] = field(default_factory=dict)


def register(on: Registry) -> None:
    on.home_section(order=40)(render_tickets)


def render_tickets(view: HomeView) -> list[Block]:
    assigned = assigned_tickets(view.reader, view.person, at=view.now)
    requested = requested_tickets(view.reader, view.person, at=view.now)
    queues = team_queues(view.reader, view.visible_teams, at=view.now)
    numbers = {ticket.number for rows in (assigned, requested, *queues.values()) for ticket in rows.tickets}
    timers = timers_by_ticket(view.reader, sorted(numbers)) if numbers else {}
    return ticket_blocks(HomeTickets(assigned, requested, queues, timers), view)


def ticket_blocks(home: HomeTickets, view: HomeView) -> list[Block]:
    is_staff = bool(view.visible_teams)
    content = [*_own_tickets(home, view), *_team_queues(home, view)] if is_staff else []
    if home.requested.tickets:
        way = None if is_staff else TicketListing(ListView.MINE)
        content += _ticket_section("What you asked for", home.requested, home, view, way)
    return content


def _own_tickets(home: HomeTickets, view: HomeView) -> list[Block]:
    policy = view.policy
    if home.assigned.tickets:
        return _ticket_section("With you", home.assigned, home, view, TicketListing(ListView.MINE))
    free = {key: sum(one.assignee is None for one in rows.tickets) for key, rows in home.queues.items()}
    content = [blocks.header("With you"), blocks.section("You hold no ticket now.")]
    waiting = [f"{many} unassigned in {blocks.name_of(policy.team(key))}" for key, many in free.items() if many]
    return [*content, blocks.context("Waiting below: " + ", ".join(waiting) + ".")] if waiting else content


def _team_queues(home: HomeTickets, view: HomeView) -> list[Block]:
    content: list[Block] = []
    for key, rows in home.queues.items():
        name = clip(view.policy.team(key).name, 80)
        if rows.tickets:
            content += _ticket_section(
                f"{name}: {rows.total} open", rows, home, view, TicketListing(ListView.TEAM, team=key)
            )
        else:
            content += [blocks.header(f"{name}: nothing open"), blocks.context("New tickets appear here.")]
    return content


def _ticket_section(
    name: str, rows: TicketList, home: HomeTickets, view: HomeView, way: TicketListing | None
) -> list[Block]:
    lines = (ticket_row(ticket, home.timers.get(ticket.number, {}), view.policy, view.now) for ticket in rows.tickets)
    content = [blocks.header(name), *lines]
    if rows.total <= len(rows.tickets):
        return content
    if way is None:
        return [*content, blocks.context(f"and {rows.total - len(rows.tickets)} more")]
    all_ = blocks.button(f"Show all {rows.total}", Button.SHOW_LIST, listing_value(way), spoken=f"Show all: {name}")
    return [*content, blocks.actions(all_), blocks.divider()]
