"""A list of tickets, a page at a time; an empty one says what to do instead."""

from datetime import datetime

from handlers.slack.blocks import Block, Message, actions, button, line, moment, section
from handlers.slack.ids import Button, value_of
from handlers.tickets.cards import ticket as ticket_cards
from rules.intake.commands import Listing, View
from rules.model.policy import Policy
from rules.model.tickets import DONE
from rules.model.timers import ClockState
from storage.schema.tickets import Ticket
from storage.tickets.lists import COUNTED, Page, Sight

WAYS = "list.ways"  # buttons of a list itself: what they show takes its place


def listing(found: Page, policy: Policy, now: datetime, *, sight: Sight) -> Message:
    """The page, each ticket on two lines with a way into it; ◀ and ▶ where there is more."""
    if not found.tickets:
        return _empty(found, policy, sight=sight)
    words = f"{_counted(found.total)} {_what(found.asked, policy, sight)}"
    shown = words if found.total == len(found.tickets) else f"{words}, {found.first}-{found.last} shown"
    rows = [row(ticket, found.clocks.get(ticket.number, {}), policy, now) for ticket in found.tickets]
    spoken = "; ".join(f"#{ticket.number} {line(ticket.title, 60)}" for ticket in found.tickets)
    return Message(f"{shown}: {spoken}.", [section(f"*{shown}*"), *rows, *_turns(found)])


def row(ticket: Ticket, clocks: ticket_cards.Clocks, policy: Policy, now: datetime) -> Block:
    priority, standing = ticket_cards.priority(ticket.priority), ticket_cards.standing(ticket, policy)
    told = f"{ticket_cards.heading(ticket)}\n{priority} · {standing}"
    due = "" if ticket.status in DONE else _due(clocks, now)
    way = button("Open", Button.OPEN, ticket.number, says=f"Open ticket {ticket.number}")
    return section(told + due, accessory=way)


def _due(clocks: ticket_cards.Clocks, now: datetime) -> str:
    """The next thing that falls due."""
    running = [clock for clock in clocks.values() if clock.state is ClockState.RUNNING]
    if not running:
        return ""
    first = min(running, key=lambda clock: clock.due_at)
    if first.due_at < now:
        return f" · ⚠️ overdue since {moment(first.due_at)}"
    sign = "⏳ " if first.level else ""
    return f" · {sign}due {moment(first.due_at)}"


def _turns(found: Page) -> list[Block]:
    asked, turns = found.asked, []
    if asked.page > 1:
        back = value_of(Listing(asked.view, asked.team, asked.page - 1))
        turns.append(button("◀", Button.LIST_BACK, back, says="Previous page"))
    if found.goes_on:
        on = value_of(Listing(asked.view, asked.team, asked.page + 1))
        turns.append(button("▶", Button.LIST, on, says="Next page"))
    return [actions(*turns, block_id=WAYS)] if turns else []


def _counted(total: int) -> str:
    return f"{COUNTED} or more" if total >= COUNTED else str(total)


def _what(asked: Listing, policy: Policy, sight: Sight) -> str:
    words = {
        View.MINE: "with you" if sight.teams else "you asked for, still open",
        View.UNASSIGNED: "unassigned",
        View.OVERDUE: "overdue",
        View.NEAR: "near their due time",
        View.ALL: "you asked for" if sight.only_own else "in all, resolved ones too",
        View.TEAM: f"open in {line(policy.team(asked.team).name, 80)}",
    }[asked.view]
    where = f" in {line(policy.team(asked.team).name, 80)}" if asked.team and asked.view is not View.TEAM else ""
    return words + where


def _empty(found: Page, policy: Policy, *, sight: Sight) -> Message:
    words = _nothing(found.asked, policy, sight)
    file = button("New ticket", Button.NEW, "new")
    if found.asked.view is not View.UNASSIGNED and found.unassigned and not sight.only_own:
        more = f"{_counted(found.unassigned)} unassigned wait for somebody:"
        show = button("Show them", Button.LIST, value_of(Listing(View.UNASSIGNED)), says="Show unassigned tickets")
        spoken = f"{words} {more} type /ticket list unassigned."
        return Message(spoken, [section(f"{words}\n{more}"), actions(show, file, block_id=WAYS)])
    if found.asked.view is not View.ALL:
        older = button("Show all", Button.LIST, value_of(Listing(View.ALL)), says="Show resolved tickets too")
        spoken = f"{words} Resolved ones are in the list of all."
        return Message(spoken, [section(words), actions(older, file, block_id=WAYS)])
    return Message(words, [section(words), actions(file)])


def _nothing(asked: Listing, policy: Policy, sight: Sight) -> str:
    team = line(policy.team(asked.team).name, 80)
    return {
        View.MINE: "Nothing waits for you." if sight.teams else "Nothing you asked for is open.",
        View.UNASSIGNED: "Nothing is unassigned.",
        View.OVERDUE: "Nothing is overdue.",
        View.NEAR: "Nothing is near its due time.",
        View.ALL: "You have asked for nothing yet." if sight.only_own else "There are no tickets that you can see yet.",
        View.TEAM: f"Nothing that you can see is open in {team}.",
    }[asked.view]
