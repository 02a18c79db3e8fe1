"""A list of tickets, one page at a time; an empty list says what to do instead."""

from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import escape_line, local_time
from handlers.tickets.cards.ticket import Timers, open_button, priority_text, status_text, ticket_heading
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import TimerState
from storage.schema.tickets import Ticket
from storage.tickets.lists import MAX_COUNTED, TicketPage, Visibility

LIST_BLOCK_ID = "list.ways"  # a list whose buttons are pressed is replaced


def ticket_list(page: TicketPage, policy: Policy, now: datetime, *, sight: Visibility) -> Message:
    if not page.tickets:
        return _empty_list(page, policy, sight=sight)
    words = f"{_count_text(page.total)} {_listing_text(page.listing, policy, sight)}"
    heading = words if page.total == len(page.tickets) else f"{words}, {page.first_place}-{page.last_place} shown"
    rows = [ticket_row(ticket, page.timers.get(ticket.number, {}), policy, now) for ticket in page.tickets]
    spoken = "; ".join(f"#{ticket.number} {escape_line(ticket.title, 60)}" for ticket in page.tickets)
    return Message(f"{heading}: {spoken}.", [blocks.section(f"*{heading}*"), *rows, *_page_buttons(page)])


def ticket_row(ticket: Ticket, timers: Timers, policy: Policy, now: datetime) -> Block:
    priority, standing = priority_text(ticket.priority), status_text(ticket, policy)
    text = f"{ticket_heading(ticket)}\n{priority} · {standing}"
    due = "" if ticket.status in DONE_STATUSES else _due_text(timers, now)
    way = open_button(ticket.number)
    return blocks.section(text + due, accessory=way)


def _due_text(timers: Timers, now: datetime) -> str:
    running = [timer for timer in timers.values() if timer.state is TimerState.RUNNING]
    if not running:
        return ""
    first = min(running, key=lambda timer: timer.due_at)
    if first.due_at < now:
        return f" · ⚠️ overdue since {local_time(first.due_at)}"
    sign = "⏳ " if first.alert_level else ""
    return f" · {sign}due {local_time(first.due_at)}"


def _page_buttons(page: TicketPage) -> list[Block]:
    listing, buttons = page.listing, []
    if listing.page > 1:
        back = listing_value(TicketListing(listing.view, listing.team, listing.page - 1))
        buttons.append(blocks.button("◀", Button.PREVIOUS_PAGE, back, spoken="Previous page"))
    if page.has_next:
        on = listing_value(TicketListing(listing.view, listing.team, listing.page + 1))
        buttons.append(blocks.button("▶", Button.SHOW_LIST, on, spoken="Next page"))
    return [blocks.actions(*buttons, block_id=LIST_BLOCK_ID)] if buttons else []


def _count_text(total: int) -> str:
    return f"{MAX_COUNTED} or more" if total >= MAX_COUNTED else str(total)


def _listing_text(listing: TicketListing, policy: Policy, sight: Visibility) -> str:
    words = {
        ListView.MINE: "with you" if sight.teams else "you asked for, still open",
        ListView.UNASSIGNED: "unassigned",
        ListView.OVERDUE: "overdue",
        ListView.DUE_SOON: "near their due time",
        ListView.ALL: "you asked for" if sight.only_own else "in all, resolved ones too",
        ListView.TEAM: f"open in {blocks.name_of(policy.team(listing.team))}",
    }[listing.view]
    is_of_team = listing.team and listing.view is not ListView.TEAM
    where = f" in {blocks.name_of(policy.team(listing.team))}" if is_of_team else ""
    return words + where


def _empty_list(page: TicketPage, policy: Policy, *, sight: Visibility) -> Message:
    words = _empty_text(page.listing, policy, sight)
    file = blocks.button("New ticket", Button.NEW_TICKET, "new")
    if page.listing.view is not ListView.UNASSIGNED and page.unassigned_count and not sight.only_own:
        more = f"{_count_text(page.unassigned_count)} unassigned wait for somebody:"
        unassigned = listing_value(TicketListing(ListView.UNASSIGNED))
        show = blocks.button("Show them", Button.SHOW_LIST, unassigned, spoken="Show unassigned tickets")
        spoken = f"{words} {more} type /ticket list unassigned."
        return Message(spoken, [blocks.section(f"{words}\n{more}"), blocks.actions(show, file, block_id=LIST_BLOCK_ID)])
    if page.listing.view is not ListView.ALL:
        every = listing_value(TicketListing(ListView.ALL))
        older = blocks.button("Show all", Button.SHOW_LIST, every, spoken="Show resolved tickets too")
        spoken = f"{words} Resolved ones are in the list of all."
        return Message(spoken, [blocks.section(words), blocks.actions(older, file, block_id=LIST_BLOCK_ID)])
    return Message(words, [blocks.section(words), blocks.actions(file)])


def _empty_text(listing: TicketListing, policy: Policy, sight: Visibility) -> str:
    team = blocks.name_of(policy.team(listing.team))
    return {
        ListView.MINE: "Nothing waits for you." if sight.teams else "Nothing you asked for is open.",
        ListView.UNASSIGNED: "Nothing is unassigned.",
        ListView.OVERDUE: "Nothing is overdue.",
        ListView.DUE_SOON: "Nothing is near its due time.",
        ListView.ALL: "You have asked for nothing yet."
        if sight.only_own
        else "There are no tickets that you can see yet.",
        ListView.TEAM: f"Nothing that you can see is open in {team}.",
    }[listing.view]
