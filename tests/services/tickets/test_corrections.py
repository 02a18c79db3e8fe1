"""A ticket turns out to be something else: other promises, another team."""

from dataclasses import replace

import pytest

from rules.calendars.durations import parse_duration
from rules.errors import FieldError, Refused
from rules.model.policy import SlaRule, Team, TicketType
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from services.desk import Desk
from services.escalations import escalations
from services.tickets import tickets
from services.tickets.corrections import Correction, correct_ticket
from storage.outbox.outbox import TICKET_CARD
from tests.desks import HeldClock
from tests.services.vpn import ANA, BEN, EVA, asked, escalated, filed, history, promise, queued, story, ticket

FAY = "U0FACILITY1"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """The office with a second first line, Facilities, open day and night."""
    facilities = Team("facilities", "Facilities", channel="C0GENERAL", agents=(FAY,))
    desk.policy = replace(
        desk.policy,
        teams={**desk.policy.teams, "facilities": facilities},
        types={**desk.policy.types, "door": TicketType("door", "Door", "facilities")},
    )
    return desk


def corrected(
    *, title: str = "VPN is down", type_: str = "network", priority: Priority = Priority.NORMAL, customer: str = ""
) -> Correction:
    return Correction(title, type_, priority, customer, ReplyBy.SLACK)


async def test_a_new_priority_moves_the_due_time_and_the_story_says_so(desk: Desk) -> None:
    number = await filed(desk)
    before = (await promise(desk, number)).due_at

    await desk.execute(correct_ticket, number, by=ANA, to=corrected(priority=Priority.CRITICAL, customer="Acme"))

    changed = (await history(desk, number))[-1]
    assert changed.data["changed"] == {"priority": ["normal", "critical"], "customer": [None, "Acme"]}
    assert (await promise(desk, number)).due_at < before


async def test_a_change_that_changes_nothing_is_not_told(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(correct_ticket, number, by=ANA, to=corrected())

    assert await story(desk, number) == ["filed"]


async def test_of_two_who_change_it_at_once_the_second_reads_who_was_first(desk: Desk) -> None:
    number = await filed(desk)
    seen = (await ticket(desk, number)).seq
    await desk.execute(correct_ticket, number, by=BEN, to=corrected(title="VPN is slow"), last_seen_seq=seen)

    with pytest.raises(Refused, match=f"{BEN} changed #{number} while this form was open"):
        await desk.execute(correct_ticket, number, by=ANA, to=corrected(title="No VPN"), last_seen_seq=seen)


async def test_an_unknown_type_is_refused_beside_its_field(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(FieldError, match=r"isn.t a type here") as refused:
        await desk.execute(correct_ticket, number, by=ANA, to=corrected(type_="netwrk"))

    assert refused.value.field == "type"


async def test_what_is_resolved_is_not_changed(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")

    with pytest.raises(Refused, match="Reopen it first, then change it"):
        await desk.execute(correct_ticket, number, by=ANA, to=corrected(title="No VPN"))


async def test_another_type_takes_it_to_the_team_that_handles_it(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.take, number, by=ANA)

    await desk.execute(correct_ticket, number, by=ANA, to=corrected(type_="door"))

    moved = await ticket(desk, number)
    assert (moved.team, moved.first_line, moved.status, moved.assignee) == (
        "facilities",
        "facilities",
        Status.NEW,
        None,
    )
    assert "C0GENERAL" in {row.lane for row in await queued(desk, TICKET_CARD)}


async def test_what_was_used_of_the_promise_is_counted_by_the_team_that_had_it(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk, type_="other")
    clock.forward(hours=24)  # eight open hours of Support's

    await desk.execute(correct_ticket, number, by=ANA, to=corrected(type_="door"))

    moved = await promise(desk, number)
    used = moved.total_s - (moved.due_at - clock.now).total_seconds()
    assert used == 8 * 3600


async def test_a_ticket_that_waited_for_the_customer_runs_on_with_its_new_team(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    await desk.execute(correct_ticket, number, by=ANA, to=corrected(type_="door"))

    assert (await promise(desk, number)).state is TimerState.RUNNING


async def test_while_experts_are_asked_the_team_stays(desk: Desk) -> None:
    number = await escalated(desk)

    with pytest.raises(FieldError, match="the ticket is escalated"):
        await desk.execute(correct_ticket, number, by=ANA, to=corrected(type_="door"))


async def test_experts_who_hold_it_keep_it(desk: Desk) -> None:
    number = await filed(desk)
    await asked(desk, number)
    await desk.execute(escalations.accept, number, 1, by=EVA)

    await desk.execute(correct_ticket, number, by=EVA, to=corrected(type_="door"))

    kept = await ticket(desk, number)
    assert (kept.team, kept.first_line, kept.assignee) == ("network", "facilities", EVA)


async def test_what_was_promised_nothing_is_promised_something_from_its_start(desk: Desk) -> None:
    desk.policy = replace(
        desk.policy, sla_rules=(SlaRule(priority=Priority.CRITICAL, resolution=parse_duration("4h")),)
    )
    number = await filed(desk)

    await desk.execute(correct_ticket, number, by=ANA, to=corrected(priority=Priority.CRITICAL))

    assert (await promise(desk, number, TimerKind.RESOLUTION)).started_at == (await ticket(desk, number)).created_at
