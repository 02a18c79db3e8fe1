"""Home: what needs me, what I hold, what I asked for, what waits in my teams; a first-timer reads what Baton is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.escalations.cards.outcomes import home_line
from handlers.preferences.cards import choice
from handlers.presence.cards import presence, shifts
from handlers.slack.blocks import Block, actions, button, clip, context, divider, header, line, moment, person, section
from handlers.slack.ids import Button, value_of
from handlers.tickets.cards import ticket as ticket_cards
from handlers.tickets.cards.lists import row
from rules.escalations.escalations import EscalationState
from rules.intake.commands import Listing, View
from rules.model.policy import Policy
from rules.people.permissions import Deed, allowed, desk_roles
from storage.home import Home, Rows
from storage.schema.tickets import Escalation, Ticket

WELCOME = (
    "I take requests for help, hand them to the right people and keep them from being forgotten. "
    "You always see who has yours and by when they answer."
)
BEGIN = (
    "*To begin*\n"
    "• Press *New ticket*, or type `/ticket` and what is wrong, in any channel.\n"
    "• Under ⋯ of any message choose *Create ticket*.\n"
    "• Mention me in a thread: the thread becomes the ticket.\n"
    "The answer comes to you; write back in its thread."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What was found, for whom the words are chosen, and when it is."""

    found: Home
    policy: Policy
    now: datetime


def home(found: Home, policy: Policy, now: datetime, *, of: str = "") -> dict[str, Any]:
    """The view to publish; no part of it is ever blank."""
    shown = Shown(found, policy, now)
    content: list[Block] = [_begin(next_=allowed(Deed.NEXT, desk_roles(policy, of)), team=found.leads)]
    if found.stands_in_for:
        away = ", ".join(map(person, found.stands_in_for))
        content.append(context(f"You stand in for {away}, who is away: you may do what they may, until they are back."))
    if found.works:
        content += [*_decisions(shown), *_mine(shown), *_queues(shown)]
    elif not found.asked.tickets:
        content = [header("Baton, the help desk"), section(WELCOME), section(BEGIN), _begin()]
    if found.asked.tickets:
        way = None if found.works else Listing(View.MINE)
        content += _listed("What you asked for", found.asked, shown, way)
    if found.escalated.escalated:
        content.append(context(home_line(found.escalated)))
    if found.stands is not None:
        content += [divider(), *presence.own(of, found.stands, found.leaves, policy, now)]
        content += shifts.to_come(found.shifts, policy, now)
    if found.hear_by is not None:
        content += [choice(found.hear_by)] if content[-1] == divider() else [divider(), choice(found.hear_by)]
    return {"type": "home", "blocks": content}


def _begin(*, next_: bool = False, team: bool = False) -> Block:
    new = button("New ticket", Button.NEW, "new", style="primary")
    mine = button("My tickets", Button.LIST, value_of(Listing(View.MINE)), says="List my tickets")
    more = [button("Next ticket", Button.NEXT, "next", says="The best ticket for me to take now")] if next_ else []
    more += [button("Team", Button.TEAM, "team", says="My team and what each of them knows")] if team else []
    return actions(new, mine, *more)


def _decisions(shown: Shown) -> list[Block]:
    found = shown.found
    if not (found.asked_of_experts or found.offered.tickets):
        return []
    questions = [_question(escalation, ticket, shown.now) for escalation, ticket in found.asked_of_experts]
    return [
        header("Needs your decision"),
        *questions,
        *(_offered(ticket, shown) for ticket in found.offered.tickets),
    ]


def _mine(shown: Shown) -> list[Block]:
    found, policy = shown.found, shown.policy
    if found.mine.tickets:
        return _listed("With you", found.mine, shown, Listing(View.MINE))
    free = {key: sum(one.assignee is None for one in rows.tickets) for key, rows in found.queues.items()}
    content = [header("With you"), section("You hold no ticket now.")]
    waiting = [f"{many} unassigned in {line(policy.team(key).name, 80)}" for key, many in free.items() if many]
    return [*content, context("Waiting below: " + ", ".join(waiting) + ".")] if waiting else content


def _queues(shown: Shown) -> list[Block]:
    content: list[Block] = []
    for key, rows in shown.found.queues.items():
        name = clip(shown.policy.team(key).name, 80)
        if rows.tickets:
            content += _listed(f"{name}: {rows.total} open", rows, shown, Listing(View.TEAM, team=key))
        else:
            content += [header(f"{name}: nothing open"), context("New tickets appear here.")]
    return content


def _listed(name: str, rows: Rows, shown: Shown, way: Listing | None) -> list[Block]:
    clocks = shown.found.clocks
    lines = (row(ticket, clocks.get(ticket.number, {}), shown.policy, shown.now) for ticket in rows.tickets)
    content = [header(name), *lines]
    if rows.total <= len(rows.tickets):
        return content
    if way is None:
        return [*content, context(f"and {rows.total - len(rows.tickets)} more")]
    all_ = button(f"Show all {rows.total}", Button.LIST, value_of(way), says=f"Show all: {name}")
    return [*content, actions(all_), divider()]


def _question(escalation: Escalation, ticket: Ticket, now: datetime) -> Block:
    if escalation.state is EscalationState.TO_CHECK:
        due = f"look at it before it goes to the experts {moment(escalation.answer_due_at)}"
    elif escalation.state is EscalationState.ASKED_BACK:
        due = "waits for first line's answer"
    else:
        late = "⚠️ your answer was due" if escalation.answer_due_at < now else "your answer by"
        due = f"{late} {moment(escalation.answer_due_at)}"
    words = f"{person(escalation.asked_by)} escalated {ticket_cards.heading(ticket)}\n{due}"
    return section(words, accessory=_open(ticket))


def _offered(ticket: Ticket, shown: Shown) -> Block:
    due = ticket_cards.promises(ticket, shown.found.clocks.get(ticket.number, {}), shown.now)
    return section(f"Given to you: {ticket_cards.heading(ticket)}\n{due}", accessory=_open(ticket))


def _open(ticket: Ticket) -> dict[str, Any]:
    return button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
