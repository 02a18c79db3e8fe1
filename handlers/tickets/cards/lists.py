"""A list of tickets, one page at a time; an empty list says what to do instead."""

from dataclasses import replace
from datetime import datetime

from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Button, listing_value
from handlers.text.slack import Markup, bold, escape_line, join
from handlers.tickets.cards.ticket import Timers, open_button, priority_text, status_text, ticket_heading
from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES
from rules.model.timers import TimerState
from rules.text import Moment, Text, _
from storage.schema.tickets import Ticket
from storage.tickets.lists import MAX_COUNTED, TicketPage, Visibility

LIST_BLOCK_ID = "list.ways"  # a list whose buttons are pressed is replaced


def ticket_list(page: TicketPage, policy: Policy, now: datetime, *, sight: Visibility) -> Message:
    if not page.tickets:
        return _empty_list(page, policy, sight=sight)
    heading = join(" · ", [_listing_text(page, policy, sight), *_filter_texts(page.listing, policy)])
    if page.total != len(page.tickets):
        shown = _("{first}-{last} shown", first=page.first_place, last=page.last_place)
        heading = join(", ", [heading, shown])
    rows = [ticket_row(ticket, page.timers.get(ticket.number, {}), policy, now) for ticket in page.tickets]
    spoken = join("; ", (Markup(f"#{ticket.number} {escape_line(ticket.title, 60)}") for ticket in page.tickets))
    return Message(f"{heading}: {spoken}.", [blocks.section(bold(heading)), *rows, *_page_buttons(page)])


def ticket_row(ticket: Ticket, timers: Timers, policy: Policy, now: datetime) -> Block:
    priority, standing = priority_text(ticket.priority), status_text(ticket, policy)
    due = [] if ticket.status in DONE_STATUSES else [_due_text(timers, now)]
    text = join("\n", [ticket_heading(ticket), join(" · ", [priority, standing, *due])])
    return blocks.section(text, accessory=open_button(ticket.number))


def _due_text(timers: Timers, now: datetime) -> Text | Markup:
    """Of the SLA timer that ends first; empty when none runs."""
    running = [timer for timer in timers.values() if timer.state is TimerState.RUNNING]
    if not running:
        return Markup()
    first = min(running, key=lambda timer: timer.due_at)
    if first.due_at < now:
        return _("⚠️ breached, was due {time}", time=Moment(first.due_at))
    if first.alert_level:
        return _("⏳ due {time}", time=Moment(first.due_at))
    return _("due {time}", time=Moment(first.due_at))


def _page_buttons(page: TicketPage) -> list[Block]:
    listing, buttons = page.listing, []
    if listing.page > 1:
        back = listing_value(replace(listing, page=listing.page - 1))
        buttons.append(blocks.button("◀", Button.PREVIOUS_PAGE, back, spoken=_("Previous page")))
    if page.has_next:
        on = listing_value(replace(listing, page=listing.page + 1))
        buttons.append(blocks.button("▶", Button.SHOW_LIST, on, spoken=_("Next page")))
    return [blocks.actions(*buttons, block_id=LIST_BLOCK_ID)] if buttons else []


def _count_text(total: int) -> Text:
    return _("{n} or more", n=MAX_COUNTED) if total >= MAX_COUNTED else Text("{n}", {"n": total})


def _listing_text(page: TicketPage, policy: Policy, sight: Visibility) -> Text:
    listing, count = page.listing, _count_text(page.total)
    team = policy.team(listing.team).name
    return {
        ListView.MINE: _("{count} assigned to you", count=count)
        if sight.teams
        else _("Your open requests: {count}", count=count),
        ListView.ASSIGNED: _("{count} assigned to you", count=count),
        ListView.REQUESTED: _("Your open requests: {count}", count=count),
        ListView.UNASSIGNED: _("{count} unassigned", count=count),
        ListView.BREACHED: _("{count} breached", count=count),
        ListView.DUE_SOON: _("{count} due soon", count=count),
        ListView.RESOLVED: _("{count} resolved", count=count),
        ListView.OPEN: _("{count} open", count=count),
        ListView.ALL: _("Your requests, including resolved: {count}", count=count)
        if sight.only_own
        else _("All tickets, including resolved: {count}", count=count),
        ListView.TEAM: _("{count} open in {team}", count=count, team=team),
    }[listing.view]


def _filter_texts(listing: TicketListing, policy: Policy) -> list[Markup]:
    teams = [blocks.name_of(policy.team(listing.team))] if listing.team and listing.view is not ListView.TEAM else []
    return [*teams, *([blocks.name_of(policy.type(listing.type))] if listing.type else [])]


def _empty_list(page: TicketPage, policy: Policy, *, sight: Visibility) -> Message:
    words = join(" · ", [_empty_text(page.listing, policy, sight), *_filter_texts(page.listing, policy)])
    file = blocks.button(_("New ticket"), Button.NEW_TICKET, "new")
    if page.listing.view is not ListView.UNASSIGNED and page.unassigned_count and not sight.only_own:
        more = _("{count} unassigned", count=_count_text(page.unassigned_count))
        unassigned = listing_value(TicketListing(ListView.UNASSIGNED))
        show = blocks.button(_("Show"), Button.SHOW_LIST, unassigned, spoken=_("Show unassigned tickets"))
        spoken = join(" ", [words, _("{unassigned}: type /ticket list unassigned.", unassigned=more)])
        shown = blocks.section(join("\n", [words, more]))
        return Message(spoken, [shown, blocks.actions(show, file, block_id=LIST_BLOCK_ID)])
    if page.listing.view is not ListView.ALL:
        every = listing_value(TicketListing(ListView.ALL))
        older = blocks.button(_("Show all"), Button.SHOW_LIST, every, spoken=_("Show resolved tickets too"))
        spoken = join(" ", [words, _("Show all lists resolved tickets too.")])
        return Message(spoken, [blocks.section(words), blocks.actions(older, file, block_id=LIST_BLOCK_ID)])
    return Message(words, [blocks.section(words), blocks.actions(file)])


def _empty_text(listing: TicketListing, policy: Policy, sight: Visibility) -> Text:
    return {
        ListView.MINE: _("No tickets assigned to you.") if sight.teams else _("You have no open requests."),
        ListView.ASSIGNED: _("No tickets assigned to you."),
        ListView.REQUESTED: _("You have no open requests."),
        ListView.UNASSIGNED: _("No unassigned tickets."),
        ListView.BREACHED: _("No breached tickets."),
        ListView.DUE_SOON: _("No tickets are due soon."),
        ListView.RESOLVED: _("No resolved tickets."),
        ListView.OPEN: _("No open tickets."),
        ListView.ALL: _("You have no requests yet.") if sight.only_own else _("No tickets yet."),
        ListView.TEAM: _("No open tickets in {team}.", team=policy.team(listing.team).name),
    }[listing.view]
