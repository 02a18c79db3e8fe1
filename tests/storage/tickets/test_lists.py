"""Which tickets a list shows, to whom, in which order, and that it is found by an index."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects import sqlite

from rules.escalations.approvals import Approver
from rules.intake.commands import ListView, TicketListing
from rules.intake.requests import TicketRequest
from rules.model.approval import ApprovalMode
from rules.model.tickets import Priority
from rules.people.permissions import Permission
from services.desk import Desk
from services.escalations import escalations
from services.permissions import permitted_ticket
from services.tickets import tickets
from storage.escalations import approvals
from storage.escalations.escalations import undecided_escalation
from storage.tickets import lists
from storage.tickets.lists import TicketPage, Visibility, list_page, visibility_of
from storage.tickets.tickets import NoSuchTicket, get_ticket
from storage.transaction import Reader, Transaction
from tests.desks import MONDAY, POLICY, HeldClock

APPROVER, EX_AGENT = "U0CLIENT3", "U0CLIENT5"  # in no team any more


async def filed(desk: Desk, *, by: str = "U0CLIENT1", type_: str = "network", **more: Any) -> int:
    request = TicketRequest(title="VPN is down", requester=by, registered_by=by, type=type_)
    return await desk.execute(tickets.create_ticket, replace(request, **more))


async def shown(desk: Desk, view: ListView, *, to: str, team: str = "", page: int = 1) -> TicketPage:
    asked = TicketListing(view, team, page)
    return await desk.read(list_page, asked, visibility=visibility_of(POLICY, to), at=desk.clock())


async def numbers(desk: Desk, view: ListView, *, to: str, team: str = "", page: int = 1) -> list[int]:
    found = await shown(desk, view, to=to, team=team, page=page)
    return [ticket.number for ticket in found.tickets]


async def test_an_agents_own_are_those_she_holds(desk: Desk) -> None:
    await filed(desk, by="U0AGENT1")
    held = await filed(desk)
    await desk.execute(tickets.take, held, by="U0AGENT1")

    assert await numbers(desk, ListView.MINE, to="U0AGENT1") == [held]


async def test_a_requesters_own_are_those_they_asked_for(desk: Desk) -> None:
    await filed(desk, by="U0AGENT1")
    asked = await filed(desk, by="U0CLIENT1")

    assert await numbers(desk, ListView.MINE, to="U0CLIENT1") == [asked]


@pytest.mark.parametrize("view", [ListView.MINE, ListView.ALL])
async def test_who_filed_a_ticket_for_another_person_finds_it_as_they_may_open_it(desk: Desk, view: ListView) -> None:
    number = await filed(desk, by="U0CLIENT1", registered_by="U0CLIENT2")

    assert await numbers(desk, view, to="U0CLIENT2") == [number]


@pytest.mark.parametrize("person", ["U0CLIENT1", "U0CLIENT2", "U0AGENT1", "U0EXPERT2", APPROVER, "U0CLIENT4", EX_AGENT])
async def test_the_list_of_all_holds_what_the_person_may_open_and_no_more(desk: Desk, person: str) -> None:
    asked = await filed(desk, by="U0CLIENT1", registered_by="U0CLIENT2")
    escalated = await filed(desk, by="U0CLIENT2")
    experts_own = await filed(desk, by="U0EXPERT1", registered_by="U0EXPERT2", type_="other")
    await desk.execute(tickets.take, escalated, by="U0AGENT1")
    await desk.execute(escalations.escalate, escalated, by="U0AGENT1", team="network", why="Odd", tried="A reboot")
    await desk.execute(leave_to_approver_and_former_agent, escalated, asked)

    may_open = [number for number in (asked, escalated, experts_own) if await opens(desk, number, person)]
    assert sorted(await numbers(desk, ListView.ALL, to=person)) == may_open


def leave_to_approver_and_former_agent(tx: Transaction, escalated: int, assigned: int) -> None:
    escalation = undecided_escalation(tx, escalated)
    assert escalation is not None
    escalation.approving = ApprovalMode.ALL
    approvals.add_approvers(tx, escalation, [Approver(0, APPROVER, APPROVER)])
    get_ticket(tx, assigned).assignee = EX_AGENT


@pytest.mark.parametrize("view", [ListView.MINE, ListView.ASSIGNED])
async def test_a_person_without_a_team_finds_what_is_assigned_to_them(desk: Desk, view: ListView) -> None:
    number, escalated = await filed(desk), await filed(desk)
    await desk.execute(tickets.take, escalated, by="U0AGENT1")
    await desk.execute(escalations.escalate, escalated, by="U0AGENT1", team="network", why="Odd", tried="A reboot")
    await desk.execute(leave_to_approver_and_former_agent, escalated, number)

    assert await numbers(desk, view, to=EX_AGENT) == [number]


@pytest.mark.parametrize(("person", "expected"), [("U0AGENT1", [1]), ("U0CLIENT1", [2]), ("U0CLIENT2", [1, 2])])
async def test_requested_is_what_they_asked_for_whoever_has_it(desk: Desk, person: str, expected: list[int]) -> None:
    await filed(desk, by="U0AGENT1", registered_by="U0CLIENT2")
    await filed(desk, by="U0CLIENT1", registered_by="U0CLIENT2")
    await desk.execute(tickets.take, 1, by="U0AGENT2")

    assert await numbers(desk, ListView.REQUESTED, to=person) == expected


async def opens(desk: Desk, number: int, person: str) -> bool:
    try:
        await desk.read(permitted_ticket, POLICY, Permission.SEE_TICKET, number, by=person)
    except NoSuchTicket:
        return False
    return True


@pytest.mark.parametrize("view", [ListView.ALL, ListView.UNASSIGNED, ListView.BREACHED, ListView.TEAM])
async def test_a_requester_sees_nobody_elses_in_any_list(desk: Desk, clock: HeldClock, view: ListView) -> None:
    await filed(desk, by="U0AGENT1")
    own = await filed(desk, by="U0CLIENT1")
    clock.forward(days=30)

    assert await numbers(desk, view, to="U0CLIENT1", team="support" if view is ListView.TEAM else "") == [own]


async def test_unassigned_are_those_nobody_has(desk: Desk) -> None:
    free, taken = await filed(desk), await filed(desk)
    await desk.execute(tickets.take, taken, by="U0AGENT1")

    assert await numbers(desk, ListView.UNASSIGNED, to="U0AGENT2") == [free]


async def test_a_team_does_not_see_another_teams(desk: Desk) -> None:
    await filed(desk)

    assert await numbers(desk, ListView.ALL, to="U0EXPERT1") == []


async def test_experts_see_what_they_are_asked_about(desk: Desk) -> None:
    asked = await filed(desk)
    await desk.execute(escalations.escalate, asked, by="U0AGENT1", team="network", why="flaps", tried="restart")

    assert await numbers(desk, ListView.ALL, to="U0EXPERT1") == [asked]


@pytest.mark.parametrize("who", ["U0MANAGER1", "U0OBSERVER1", "U0LEAD1"])
async def test_who_leads_or_observes_sees_the_teams_tickets(desk: Desk, who: str) -> None:
    number = await filed(desk)

    assert await numbers(desk, ListView.ALL, to=who) == [number]


async def test_resolved_ones_are_in_all_alone(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    lists_of = {view: await numbers(desk, view, to="U0LEAD1", team="") for view in (ListView.ALL, ListView.UNASSIGNED)}
    assert lists_of == {ListView.ALL: [number], ListView.UNASSIGNED: []}


async def test_the_list_of_resolved_ones_has_no_open_one(desk: Desk) -> None:
    number, _ = await filed(desk), await filed(desk)
    await desk.execute(tickets.resolve, number, by="U0AGENT1", solution="Restarted.")

    assert await numbers(desk, ListView.RESOLVED, to="U0LEAD1") == [number]
    assert await numbers(desk, ListView.RESOLVED, to="U0LEAD2") == []


@pytest.mark.parametrize(("view", "listed"), [(ListView.OPEN, [1]), (ListView.RESOLVED, [3]), (ListView.ALL, [1, 3])])
async def test_a_list_of_a_type_has_no_ticket_of_another_type(desk: Desk, view: ListView, listed: list[int]) -> None:
    for type_ in ("network", "other", "network"):
        await filed(desk, type_=type_)
    await desk.execute(tickets.resolve, 3, by="U0AGENT1", solution="Restarted.")

    asked = TicketListing(view, type="network")
    found = await desk.read(list_page, asked, visibility=visibility_of(POLICY, "U0LEAD1"), at=desk.clock())

    assert sorted(ticket.number for ticket in found.tickets) == listed


async def test_a_teams_list_is_what_it_has_open(desk: Desk) -> None:
    number = await filed(desk)

    assert await numbers(desk, ListView.TEAM, to="U0MANAGER1", team="support") == [number]
    assert await numbers(desk, ListView.TEAM, to="U0MANAGER1", team="network") == []


async def test_overdue_begins_after_the_due_moment_and_the_latest_comes_first(desk: Desk, clock: HeldClock) -> None:
    await filed(desk, type_="other")
    urgent = await filed(desk, priority=Priority.CRITICAL)
    clock.forward(minutes=15)
    on_time = await numbers(desk, ListView.BREACHED, to="U0LEAD1")
    clock.forward(seconds=1)
    late = await numbers(desk, ListView.BREACHED, to="U0LEAD1")
    clock.forward(hours=3)
    later = await numbers(desk, ListView.BREACHED, to="U0LEAD1")

    assert (on_time, late, later) == ([], [urgent], [urgent, 1])


async def test_a_ticket_with_two_late_clocks_is_listed_once(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    clock.forward(days=30)

    found = await shown(desk, ListView.BREACHED, to="U0LEAD1")

    assert ([one.number for one in found.tickets], found.total) == ([number], 1)


async def test_near_is_what_the_desk_has_warned_of(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    before = await numbers(desk, ListView.DUE_SOON, to="U0LEAD1")
    await desk.execute(warned, number)

    assert (before, await numbers(desk, ListView.DUE_SOON, to="U0LEAD1")) == ([], [number])


async def test_what_is_overdue_is_not_near(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(warned, number)
    clock.forward(minutes=31)

    assert await numbers(desk, ListView.DUE_SOON, to="U0LEAD1") == []


async def test_the_first_due_comes_first_whatever_its_priority(desk: Desk, clock: HeldClock) -> None:
    await filed(desk, priority=Priority.NORMAL)
    clock.forward(days=3)
    await filed(desk, priority=Priority.CRITICAL)

    assert await numbers(desk, ListView.UNASSIGNED, to="U0AGENT1") == [1, 2]


async def test_the_most_urgent_comes_first_then_the_oldest(desk: Desk) -> None:
    for urgency in (Priority.NORMAL, Priority.LOW, Priority.CRITICAL, Priority.NORMAL):
        await filed(desk, priority=urgency)

    assert await numbers(desk, ListView.UNASSIGNED, to="U0AGENT1") == [3, 1, 4, 2]


async def test_ten_make_a_page(desk: Desk) -> None:
    for _ in range(23):
        await filed(desk)

    found = await shown(desk, ListView.UNASSIGNED, to="U0AGENT1", page=2)

    assert (found.first_place, found.last_place, found.total, found.has_next) == (11, 20, 23, True)


async def test_a_page_beyond_the_end_is_the_last_one(desk: Desk) -> None:
    for _ in range(12):
        await filed(desk)

    found = await shown(desk, ListView.UNASSIGNED, to="U0AGENT1", page=9)

    assert (found.listing.page, [one.number for one in found.tickets], found.has_next) == (2, [11, 12], False)


async def test_an_empty_list_counts_what_is_unassigned(desk: Desk) -> None:
    await filed(desk)

    found = await shown(desk, ListView.MINE, to="U0AGENT1")

    assert (list(found.tickets), found.unassigned_count) == ([], 1)


OPEN_ALONE = "ix_tickets_resolved (workspace_id=? AND resolved_at=?)"  # reads what is open and nothing else
INDEXES = [
    (ListView.MINE, "", Visibility("U0AGENT1", ("support",)), "ix_tickets_open_assignee"),
    (ListView.MINE, "", Visibility("U0CLIENT1"), "ix_tickets_requester"),
    (ListView.UNASSIGNED, "", Visibility("U0AGENT1", ("support",)), "ix_tickets_open_assignee"),
    (ListView.MINE, "", Visibility("U0CLIENT1"), "ix_tickets_open_assignee"),
    (ListView.ASSIGNED, "", Visibility("U0MANAGER1", everything=True), "ix_tickets_open_assignee"),
    (ListView.REQUESTED, "", Visibility("U0AGENT1", ("support",)), "ix_tickets_requester"),
    (ListView.TEAM, "support", Visibility("U0MANAGER1", everything=True), "ix_tickets_open "),
    (ListView.TEAM, "support", Visibility("U0AGENT1", ("support",)), "ix_tickets_open "),
    (ListView.UNASSIGNED, "support", Visibility("U0AGENT1", ("support",)), "ix_tickets_open"),
    (ListView.BREACHED, "", Visibility("U0AGENT1", ("support",)), "ix_clocks_open"),
    (ListView.DUE_SOON, "", Visibility("U0AGENT1", ("support",)), "ix_clocks_due"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("view", "team", "sight", "index"), INDEXES)
async def test_no_list_of_open_tickets_reads_resolved_ones(
    desk: Desk, view: ListView, team: str, sight: Visibility, index: str
) -> None:
    await filed(desk)

    found = await desk.database.read(lambda connection: plan(connection, TicketListing(view, team), sight))

    assert index in found or OPEN_ALONE in found


def plan(connection: Connection, asked: TicketListing, sight: Visibility) -> str:
    """How SQLite would find that list."""
    listed = lists.select_listed(Reader(None, "T0LOCAL"), asked, sight, MONDAY).limit(lists.PAGE_SIZE)
    compiled = listed.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.construct_params()[name] for name in compiled.positiontup or ())
    processed = tuple(str(value) if hasattr(value, "isoformat") else value for value in values)
    return "\n".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", processed))


def warned(tx: Transaction, number: int) -> None:
    """The first warning of the ticket has been given."""
    tx.execute(text("UPDATE clocks SET level = 1 WHERE number = :n"), {"n": number})
