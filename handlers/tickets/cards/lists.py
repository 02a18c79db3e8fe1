"""A list of tickets, a page at a time; an empty one says what to do instead."""

from datetime import datetime

from handlers.slack.blocks import Block, Message, actions, button, escape_line, local_time, section
from handlers.slack.ids import Button, listing_value
from handlers.tickets.cards import ticket as ticket_cards
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import TimerState
from storage.schema.tickets import Ticket
from storage.tickets.lists import MAX_COUNTED, TicketPage, Visibility

LIST_BLOCK_ID = "list.ways"  # buttons of a list itself: what they show takes its place


def ticket_list(found: TicketPage, policy: Policy, now: datetime, *, sight: Visibility) -> Message:
    """The page, each ticket on two lines with a way into it; ◀ and ▶ where there is more."""
    if not found.tickets:
        return _empty_list(found, policy, sight=sight)
    words = f"{_count_text(found.total)} {_listing_text(found.listing, policy, sight)}"
    shown = words if found.total == len(found.tickets) else f"{words}, {found.first_place}-{found.last_place} shown"
    rows = [ticket_row(ticket, found.timers.get(ticket.number, {}), policy, now) for ticket in found.tickets]
    spoken = "; ".join(f"#{ticket.number} {escape_line(ticket.title, 60)}" for ticket in found.tickets)
    return Message(f"{shown}: {spoken}.", [section(f"*{shown}*"), *rows, *_page_buttons(found)])


def ticket_row(ticket: Ticket, clocks: ticket_cards.Timers, policy: Policy, now: datetime) -> Block:
    priority, standing = ticket_cards.priority_text(ticket.priority), ticket_cards.status_text(ticket, policy)
    told = f"{ticket_cards.ticket_heading(ticket)}\n{priority} · {standing}"
    due = "" if ticket.status in DONE_STATUSES else _due_text(clocks, now)
    way = button("Open", Button.OPEN, ticket.number, spoken=f"Open ticket {ticket.number}")
    return section(told + due, accessory=way)


def _due_text(clocks: ticket_cards.Timers, now: datetime) -> str:
    """The next thing that falls due."""
    running = [clock for clock in clocks.values() if clock.state is TimerState.RUNNING]
    if not running:
        return ""
    first = min(running, key=lambda clock: clock.due_at)
    if first.due_at < now:
        return f" · ⚠️ overdue since {local_time(first.due_at)}"
    sign = "⏳ " if first.alert_level else ""
    return f" · {sign}due {local_time(first.due_at)}"


def _page_buttons(found: TicketPage) -> list[Block]:
    asked, turns = found.listing, []
    if asked.page > 1:
        back = listing_value(TicketListing(asked.view, asked.team, asked.page - 1))
        turns.append(button("◀", Button.PREVIOUS_PAGE, back, spoken="Previous page"))
    if found.has_next:
        on = listing_value(TicketListing(asked.view, asked.team, asked.page + 1))
        turns.append(button("▶", Button.SHOW_LIST, on, spoken="Next page"))
    return [actions(*turns, block_id=LIST_BLOCK_ID)] if turns else []


def _count_text(total: int) -> str:
    return f"{MAX_COUNTED} or more" if total >= MAX_COUNTED else str(total)


def _listing_text(asked: TicketListing, policy: Policy, sight: Visibility) -> str:
    words = {
        ListView.MINE: "with you" if sight.teams else "you asked for, still open",
        ListView.UNASSIGNED: "unassigned",
        ListView.OVERDUE: "overdue",
        ListView.DUE_SOON: "near their due time",
        ListView.ALL: "you asked for" if sight.only_own else "in all, resolved ones too",
        ListView.TEAM: f"open in {escape_line(policy.team(asked.team).name, 80)}",
    }[asked.view]
    where = (
        f" in {escape_line(policy.team(asked.team).name, 80)}" if asked.team and asked.view is not ListView.TEAM else ""
    )
    return words + where


def _empty_list(found: TicketPage, policy: Policy, *, sight: Visibility) -> Message:
    words = _empty_text(found.listing, policy, sight)
    file = button("New ticket", Button.NEW_TICKET, "new")
    if found.listing.view is not ListView.UNASSIGNED and found.unassigned_count and not sight.only_own:
        more = f"{_count_text(found.unassigned_count)} unassigned wait for somebody:"
        show = button(
            "Show them",
            Button.SHOW_LIST,
            listing_value(TicketListing(ListView.UNASSIGNED)),
            spoken="Show unassigned tickets",
        )
        spoken = f"{words} {more} type /ticket list unassigned."
        return Message(spoken, [section(f"{words}\n{more}"), actions(show, file, block_id=LIST_BLOCK_ID)])
    if found.listing.view is not ListView.ALL:
        older = button(
            "Show all", Button.SHOW_LIST, listing_value(TicketListing(ListView.ALL)), spoken="Show resolved tickets too"
        )
        spoken = f"{words} Resolved ones are in the list of all."
        return Message(spoken, [section(words), actions(older, file, block_id=LIST_BLOCK_ID)])
    return Message(words, [section(words), actions(file)])


def _empty_text(asked: TicketListing, policy: Policy, sight: Visibility) -> str:
    team = escape_line(policy.team(asked.team).name, 80)
    return {
        ListView.MINE: "Nothing waits for you." if sight.teams else "Nothing you asked for is open.",
        ListView.UNASSIGNED: "Nothing is unassigned.",
        ListView.OVERDUE: "Nothing is overdue.",
        ListView.DUE_SOON: "Nothing is near its due time.",
        ListView.ALL: "You have asked for nothing yet."
        if sight.only_own
        else "There are no tickets that you can see yet.",
        ListView.TEAM: f"Nothing that you can see is open in {team}.",
    }[asked.view]
