"""Lists and the opened ticket, within Slack's limits whatever is written."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from handlers.slack.blocks import Message
from handlers.text.slack import local_time
from handlers.tickets.cards import details
from handlers.tickets.cards.lists import ticket_list
from rules.intake.commands import ListView, TicketListing
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.people.permissions import Role
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket
from storage.tickets.lists import TicketPage, Visibility
from tests.desks import MONDAY, POLICY, problems
from tests.handlers.intake.test_cards import HOSTILE
from tests.handlers.vpn import vpn_ticket

NOW = MONDAY + timedelta(hours=1)
DUE = TimerKind.RESOLUTION


def page(*rows: Ticket, asked: TicketListing | None = None, total: int | None = None, **more: Any) -> TicketPage:
    found = asked or TicketListing(ListView.BREACHED)
    return TicketPage(found, rows, more.pop("clocks", {}), len(rows) if total is None else total, **more)


def whole(message: Message) -> str:
    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    return f"{message.text}{message.blocks}"


AGENT = Visibility("U0AGENT1", ("support",))
CLIENT = Visibility("U0CLIENT1")
MANAGER = Visibility("U0MANAGER1", everything=True)


def said(found: TicketPage, *, to: Visibility = AGENT) -> str:
    return whole(ticket_list(found, POLICY, NOW, sight=to))


def clock(due: timedelta, level: int = 0) -> dict[TimerKind, SlaTimer]:
    return {DUE: SlaTimer(DUE, TimerState.RUNNING, MONDAY, NOW + due, 3600, alert_level=level)}


def test_a_list_says_how_many_there_are_and_which_are_shown() -> None:
    rows = [vpn_ticket(number=number) for number in range(11, 21)]

    assert "23 breached, 11-20 shown" in said(page(*rows, asked=TicketListing(ListView.BREACHED, page=2), total=23))


def test_the_buttons_say_which_page_they_lead_to() -> None:
    rows = [vpn_ticket(number=number) for number in range(11, 21)]

    words = said(page(*rows, asked=TicketListing(ListView.TEAM, "support", 2), total=23))

    assert "'value': 'team:1:support'" in words
    assert "'value': 'team:3:support'" in words


def test_one_page_has_no_buttons_to_turn_it() -> None:
    words = said(page(vpn_ticket()))

    assert "◀" not in words
    assert "▶" not in words


@pytest.mark.parametrize(
    ("due", "level", "words"),
    [
        (timedelta(minutes=-1), 100, "⚠️ breached, was due"),
        (timedelta(minutes=5), 1, "⏳ due"),
        (timedelta(hours=5), 0, " · due"),
    ],
)
def test_a_line_says_when_the_next_thing_is_due(due: timedelta, level: int, words: str) -> None:
    assert words in said(page(vpn_ticket(), clocks={12: clock(due, level)}))


def test_a_resolved_one_is_not_due() -> None:
    done = vpn_ticket(status=Status.RESOLVED, resolved_by="U0AGENT1")

    assert "due" not in said(page(done, asked=TicketListing(ListView.ALL), clocks={12: clock(timedelta(hours=1))}))


@pytest.mark.parametrize("words", HOSTILE)
def test_a_list_of_hostile_titles_is_harmless_and_fits(words: str) -> None:
    rows = [
        vpn_ticket(number=number, title=words, assignee=words, status=Status.IN_PROGRESS) for number in range(1, 11)
    ]

    assert "<!channel>" not in said(page(*rows, total=23))


@pytest.mark.parametrize("view", list(ListView))
@pytest.mark.parametrize("reader", [AGENT, CLIENT, MANAGER])
def test_an_empty_list_says_so_and_what_to_do(view: ListView, reader: Visibility) -> None:
    words = said(page(asked=TicketListing(view, "support" if view is ListView.TEAM else "")), to=reader)

    assert "No " in words or "You have no " in words
    assert "New ticket" in words


@pytest.mark.parametrize(
    ("reader", "words"),
    [(AGENT, "1 assigned to you"), (CLIENT, "Your open requests: 1"), (MANAGER, "Your open requests: 1")],
)
def test_mine_is_what_i_hold_or_what_i_asked_for(reader: Visibility, words: str) -> None:
    assert words in said(page(vpn_ticket(), asked=TicketListing(ListView.MINE)), to=reader)


def test_an_empty_list_leads_to_what_nobody_has() -> None:
    words = said(page(asked=TicketListing(ListView.MINE), unassigned_count=3))

    assert "No tickets assigned to you." in words
    assert "3 unassigned" in words
    assert "'value': 'unassigned:1:'" in words


def event(seq: int, kind: EventKind, **data: Any) -> Event:
    return Event(number=12, seq=seq, kind=str(kind), at=MONDAY, by="U0AGENT1", status=Status.NEW, data=data)


def opened(events: Sequence[Event], *held: Role, about: Ticket | None = None) -> str:
    view = details.ticket_page(about or vpn_ticket(), {}, events, POLICY, NOW, roles=held)
    assert problems("modal", view) == []
    return str(view)


STORY = [
    event(1, EventKind.CREATED),
    event(2, EventKind.NOTED, text="They forgot to pay."),
    event(3, EventKind.PASSED, text="Too hard."),
    event(4, EventKind.REPLIED, text="We look into it."),
]


def test_the_one_who_asked_does_not_read_what_the_team_says_among_itself() -> None:
    page = opened(STORY, Role.REQUESTER)

    assert "We look into it." in page
    assert "They forgot to pay." not in page
    assert "Too hard." not in page


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.MANAGER, Role.OBSERVER])
def test_the_desk_reads_it_all_even_where_it_asked_itself(role: Role) -> None:
    assert "They forgot to pay." in opened(STORY, role, Role.REQUESTER)


def test_a_long_story_shows_its_newest_steps() -> None:
    page = opened([event(seq, EventKind.NOTED, text=f"step {seq:03}") for seq in range(1, 61)], Role.AGENT)

    assert "20 earlier entries are not shown." in page
    assert "step 020" not in page
    assert page.index("step 021") < page.index("step 060")


def test_an_opened_ticket_begins_with_the_moment_it_was_reported() -> None:
    page = opened([event(1, EventKind.CREATED)], Role.REQUESTER)

    assert f"{local_time(MONDAY, starts_sentence=True)} · <@U0AGENT1> created it" in page


@pytest.mark.parametrize("words", HOSTILE)
def test_an_opened_ticket_is_harmless_and_fits(words: str) -> None:
    about = vpn_ticket(title=words, description=words, customer=words, files=[{"name": words, "url": "https://x/y"}])
    events = [event(seq, EventKind.NOTED, text=words) for seq in range(1, 61)]

    assert "<!channel>" not in opened(events, Role.AGENT, about=about)


def test_the_requester_may_reopen_what_is_resolved() -> None:
    done = vpn_ticket(status=Status.RESOLVED, resolved_by="U0AGENT1", priority=Priority.LOW)

    shown = whole(details.card_for_viewer(done, {}, POLICY, NOW, roles=[Role.REQUESTER]))

    assert "ticket.reopen" in shown
