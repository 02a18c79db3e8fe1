"""Tickets on Home: a person's own, what is unassigned in their teams, their requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handlers.home_sections import HomeView
from handlers.registry import Registry
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import clip, join
from handlers.tickets.cards.lists import ticket_row
from rules.intake.commands import ListView, TicketListing
from rules.model.timers import SlaTimer, TimerKind
from rules.text import Text, _, ngettext
from storage.schema.tickets import Ticket
from storage.sla.timers import timers_by_ticket
from storage.tickets.home import NO_TICKETS, TeamQueue, TicketList, assigned_tickets, requested_tickets, team_queues
from storage.tickets.lists import visibility_of

NAME_LIMIT = 80


@dataclass(frozen=True, slots=True)
class HomeTickets:
    assigned: TicketList = NO_TICKETS
    requested: TicketList = NO_TICKETS
    queues: Mapping[str, TeamQueue] = field(default_factory=dict)
    timers: Mapping[int, Mapping[TimerKind, SlaTimer]] = field(default_factory=dict)


def register(on: Registry) -> None:
    on.home_section(order=40)(render_tickets)


def render_tickets(view: HomeView) -> list[Block]:
    visibility = visibility_of(view.policy, view.person)
    assigned = assigned_tickets(view.reader, visibility, at=view.now)
    requested = requested_tickets(view.reader, visibility, at=view.now)
    queues = team_queues(view.reader, view.visible_teams, visibility, at=view.now)
    lists = (assigned, requested, *(queue.unassigned for queue in queues.values()))
    numbers = {ticket.number for rows in lists for ticket in rows.tickets}
    timers = timers_by_ticket(view.reader, sorted(numbers)) if numbers else {}
    return ticket_blocks(HomeTickets(assigned, requested, queues, timers), view)


def ticket_blocks(home: HomeTickets, view: HomeView) -> list[Block]:
    """No ticket is listed twice: of the person's requests, those assigned to them or listed above are left out."""
    content = [*_assigned(home, view), *_team_queues(home, view)]
    lists = (home.assigned, *(queue.unassigned for queue in home.queues.values()))
    listed = {ticket.number for rows in lists for ticket in rows.tickets}
    rest = [one for one in home.requested.tickets if one.number not in listed and one.assignee != view.person]
    rows = _rows(rest, home, view)
    if not rows:
        return content
    count = home.requested.total
    way = [] if len(rows) == count else [_show_button(_("Show all {count}", count=count), ListView.REQUESTED)]
    return [*content, blocks.header(_("Your requests: {count} open", count=count)), *rows, *way]


def _assigned(home: HomeTickets, view: HomeView) -> list[Block]:
    count = home.assigned.total
    if not count:
        return _nothing_assigned(home, view) if view.visible_teams else []
    rows = _rows(home.assigned.tickets, home, view)
    way = [] if len(rows) == count else [_show_button(_("Show all {count}", count=count), ListView.ASSIGNED)]
    return [blocks.header(_("Assigned to you: {count}", count=count)), *rows, *way]


def _nothing_assigned(home: HomeTickets, view: HomeView) -> list[Block]:
    """With what waits to be taken."""
    unassigned = [
        _("{count} unassigned in {team}", count=queue.unassigned.total, team=view.policy.team(key).name)
        for key, queue in home.queues.items()
        if queue.unassigned.total
    ]
    none = join(" · ", [_("No tickets assigned to you."), *unassigned])
    return [blocks.header(_("Assigned to you: {count}", count=0)), blocks.section(none)]


def _team_queues(home: HomeTickets, view: HomeView) -> list[Block]:
    content = [block for key, queue in home.queues.items() for block in _team_queue(key, queue, home, view)]
    hidden = len(view.visible_teams) - len(home.queues)
    if home.queues and hidden > 0:
        more = ngettext("{n} more team is not shown here.", "{n} more teams are not shown here.", hidden)
        content += [blocks.context(more), _show_button(_("Show all open tickets"), ListView.OPEN)]
    return content


def _team_queue(key: str, queue: TeamQueue, home: HomeTickets, view: HomeView) -> list[Block]:
    team, count = clip(view.policy.team(key).name, NAME_LIMIT), queue.unassigned.total
    if not queue.open_count:
        return [blocks.header(_("{team}: no open tickets", team=team))]
    rows = _rows(queue.unassigned.tickets, home, view)
    title = (
        _("{team}: {count} unassigned", team=team, count=count) if count else _("{team}: none unassigned", team=team)
    )
    content = [blocks.header(title), *rows]
    if len(rows) < count:
        content.append(_show_button(_("Show all {count} unassigned", count=count), ListView.UNASSIGNED, key))
    if queue.overdue_count:
        breached = _("⚠️ {count} breached in {team}", count=queue.overdue_count, team=team)
        content.append(_count_row(breached, ListView.BREACHED, key))
    return [*content, _count_row(_("{count} open in {team}", count=queue.open_count, team=team), ListView.TEAM, key)]


def _rows(tickets: Sequence[Ticket], home: HomeTickets, view: HomeView) -> list[Block]:
    return [ticket_row(ticket, home.timers.get(ticket.number, {}), view.policy, view.now) for ticket in tickets]


def _count_row(text: Text, view: ListView, team: str) -> Block:
    show = blocks.button(_("Show"), Button.SHOW_LIST, listing_value(TicketListing(view, team)), spoken=text)
    return blocks.section(text, accessory=show)


def _show_button(label: Text, view: ListView, team: str = "") -> Block:
    return blocks.actions(blocks.button(label, Button.SHOW_LIST, listing_value(TicketListing(view, team))))
