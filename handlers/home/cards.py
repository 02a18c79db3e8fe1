"""Home: decisions to make, own tickets, requests, team queues; newcomers read what Baton is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.escalations.cards.outcomes import outcomes_home_line
from handlers.preferences.cards import alert_preference_menu
from handlers.presence.cards import presence, shifts
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.ids import Button, listing_value
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.lists import ticket_row
from rules.escalations.escalations import EscalationState
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.people.permissions import Permission, is_allowed, roles_anywhere
from storage.home import HomeContent, TicketList
from storage.schema.tickets import Escalation, Ticket

WELCOME_TEXT = (
    "I take requests for help, hand them to the right people and keep them from being forgotten. "
    "You always see who has yours and by when they answer."
)
FIRST_STEPS_TEXT = (
    "*To begin*\n"
    "• Press *New ticket*, or type `/ticket` and what is wrong, in any channel.\n"
    "• Under ⋯ of any message choose *Create ticket*.\n"
    "• Mention me in a thread: the thread becomes the ticket.\n"
    "The answer comes to you; write back in its thread."
)


@dataclass(frozen=True, slots=True)
class HomeContext:
    home: HomeContent
    policy: Policy
    now: datetime


def home_view(home: HomeContent, policy: Policy, now: datetime, *, user: str = "") -> dict[str, Any]:
    """The view to publish; no section of it is ever blank."""
    view = HomeContext(home, policy, now)
    content: list[Block] = [
        _top_buttons(next_=is_allowed(Permission.TAKE_NEXT_TICKET, roles_anywhere(policy, user)), team=home.is_lead)
    ]
    if home.deputy_for:
        away = ", ".join(map(blocks.mention, home.deputy_for))
        content.append(
            blocks.context(f"You stand in for {away}, who is away: you may do what they may, until they are back.")
        )
    if home.is_staff:
        content += [*_decisions_section(view), *_own_tickets(view), *_team_queues(view)]
    elif not home.requested.tickets:
        content = [
            blocks.header("Baton, the help desk"),
            blocks.section(WELCOME_TEXT),
            blocks.section(FIRST_STEPS_TEXT),
            _top_buttons(),
        ]
    if home.requested.tickets:
        way = None if home.is_staff else TicketListing(ListView.MINE)
        content += _ticket_section("What you asked for", home.requested, view, way)
    if home.outcomes.escalated:
        content.append(blocks.context(outcomes_home_line(home.outcomes)))
    if home.presence is not None:
        content += [blocks.divider(), *presence.own_presence(user, home.presence, home.leaves, policy, now)]
        content += shifts.upcoming_shifts(home.shifts, policy, now)
    if home.alert_channel is not None:
        content += (
            [alert_preference_menu(home.alert_channel)]
            if content[-1] == blocks.divider()
            else [blocks.divider(), alert_preference_menu(home.alert_channel)]
        )
    return {"type": "home", "blocks": content}


def _top_buttons(*, next_: bool = False, team: bool = False) -> Block:
    new = blocks.button("New ticket", Button.NEW_TICKET, "new", style="primary")
    my_tickets = blocks.button(
        "My tickets", Button.SHOW_LIST, listing_value(TicketListing(ListView.MINE)), spoken="List my tickets"
    )
    more = (
        [blocks.button("Next ticket", Button.NEXT_TICKET, "next", spoken="The best ticket for me to take now")]
        if next_
        else []
    )
    more += (
        [blocks.button("Team", Button.TEAM_PAGE, "team", spoken="My team and what each of them knows")] if team else []
    )
    return blocks.actions(new, my_tickets, *more)


def _decisions_section(view: HomeContext) -> list[Block]:
    home = view.home
    if not (home.escalations or home.offered.tickets):
        return []
    questions = [_escalation_row(escalation, ticket, view.now) for escalation, ticket in home.escalations]
    return [
        blocks.header("Needs your decision"),
        *questions,
        *(_assigned_row(ticket, view) for ticket in home.offered.tickets),
    ]


def _own_tickets(view: HomeContext) -> list[Block]:
    home, policy = view.home, view.policy
    if home.assigned.tickets:
        return _ticket_section("With you", home.assigned, view, TicketListing(ListView.MINE))
    free = {key: sum(one.assignee is None for one in rows.tickets) for key, rows in home.queues.items()}
    content = [blocks.header("With you"), blocks.section("You hold no ticket now.")]
    waiting = [
        f"{many} unassigned in {blocks.escape_line(policy.team(key).name, 80)}" for key, many in free.items() if many
    ]
    return [*content, blocks.context("Waiting below: " + ", ".join(waiting) + ".")] if waiting else content


def _team_queues(view: HomeContext) -> list[Block]:
    content: list[Block] = []
    for key, rows in view.home.queues.items():
        name = blocks.clip(view.policy.team(key).name, 80)
        if rows.tickets:
            content += _ticket_section(f"{name}: {rows.total} open", rows, view, TicketListing(ListView.TEAM, team=key))
        else:
            content += [blocks.header(f"{name}: nothing open"), blocks.context("New tickets appear here.")]
    return content


def _ticket_section(name: str, rows: TicketList, view: HomeContext, way: TicketListing | None) -> list[Block]:
    timers = view.home.timers
    lines = (ticket_row(ticket, timers.get(ticket.number, {}), view.policy, view.now) for ticket in rows.tickets)
    content = [blocks.header(name), *lines]
    if rows.total <= len(rows.tickets):
        return content
    if way is None:
        return [*content, blocks.context(f"and {rows.total - len(rows.tickets)} more")]
    all_ = blocks.button(f"Show all {rows.total}", Button.SHOW_LIST, listing_value(way), spoken=f"Show all: {name}")
    return [*content, blocks.actions(all_), blocks.divider()]


def _escalation_row(escalation: Escalation, ticket: Ticket, now: datetime) -> Block:
    if escalation.state is EscalationState.IN_PEER_REVIEW:
        due = f"look at it before it goes to the experts {blocks.local_time(escalation.answer_due_at)}"
    elif escalation.state is EscalationState.INFO_REQUESTED:
        due = "waits for first line's answer"
    else:
        late = "⚠️ your answer was due" if escalation.answer_due_at < now else "your answer by"
        due = f"{late} {blocks.local_time(escalation.answer_due_at)}"
    words = f"{blocks.mention(escalation.asked_by)} escalated {ticket_cards.ticket_heading(ticket)}\n{due}"
    return blocks.section(words, accessory=ticket_cards.open_button(ticket.number))


def _assigned_row(ticket: Ticket, view: HomeContext) -> Block:
    due = ticket_cards.due_times_text(ticket, view.home.timers.get(ticket.number, {}), view.now)
    return blocks.section(
        f"Given to you: {ticket_cards.ticket_heading(ticket)}\n{due}", accessory=ticket_cards.open_button(ticket.number)
    )
