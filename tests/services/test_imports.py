"""Tickets of another system come in once, with their history, and nobody is told."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import count_outcomes
from rules.imports.history import ImportedTicket
from rules.intake.requests import TicketRequest
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from services import imports
from services.config import apply_configuration, recalculate_all_sla_targets, reload_configuration
from services.desk import Desk
from services.imports import ImportOutcome
from services.tickets import corrections, tickets
from storage import events
from storage.escalations.outcomes import escalations_between
from storage.schema.tickets import OutboxMessage
from storage.sla import timers
from storage.tickets.tickets import get_ticket, ticket_from_source
from storage.transaction import Reader
from tests.desks import OFFICE, HeldClock
from tests.rules.logs import LOG, made, row
from tests.services.vpn import ANA, CLEO

SOLVED, _ = made(row("Work", "10:00", agent="Ben", urgency="1"), row("Done", "12:00", solver="Ben S", urgency="1"))
OPEN = replace(made(row("Work", "10:00", agent="Ben", urgency="1"))[0], source="other:A2")
HERE = replace(OPEN, events=tuple(replace(event, team="support", type="other") for event in OPEN.events))


def queued(reader: Reader) -> int:
    return reader.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0


async def brought(desk: Desk, *records: ImportedTicket) -> dict[str, ImportOutcome]:
    return await desk.execute(imports.import_tickets, records)


async def test_a_ticket_has_its_times_people_and_words(desk: Desk) -> None:
    await brought(desk, SOLVED)

    ticket = await desk.read(get_ticket, 1)
    assert (ticket.created_at, ticket.resolved_at) == (at("07:00"), at("10:00"))
    assert (ticket.requester, ticket.assignee, ticket.resolved_by) == ("Cleo", None, "Ben S")
    assert (ticket.status, ticket.priority, ticket.team) == (Status.RESOLVED, Priority.CRITICAL, "Desk")


async def test_its_history_is_told_in_the_order_in_which_it_happened(desk: Desk) -> None:
    await brought(desk, SOLVED)

    history = await desk.read(events.ticket_history, 1)
    assert [(one.kind, one.at, one.by) for one in history] == [
        ("filed", at("07:00"), "Ann"),
        ("assigned", at("08:00"), "Ann"),
        ("resolved", at("10:00"), "Ben S"),
    ]


async def test_a_second_time_changes_nothing(desk: Desk) -> None:
    first = await brought(desk, SOLVED)
    second = await brought(desk, SOLVED, OPEN)

    assert first == {"other:A1": ImportOutcome.NEW}
    assert second == {"other:A1": ImportOutcome.UNCHANGED, "other:A2": ImportOutcome.NEW}
    assert len(await desk.read(events.ticket_history, 1)) == 3


async def test_numbers_go_on_from_those_that_people_filed(desk: Desk) -> None:
    own = await desk.execute(
        tickets.create_ticket, TicketRequest(title="VPN", requester=CLEO, registered_by=ANA, type="network")
    )
    await brought(desk, SOLVED, OPEN)
    next_one = await desk.execute(
        tickets.create_ticket, TicketRequest(title="Mail", requester=CLEO, registered_by=ANA, type="other")
    )

    imported = await desk.read(ticket_from_source, "other:A2")
    assert imported
    assert (own, imported.number, next_one) == (1, 3, 4)


async def test_nobody_is_told_and_nothing_will_alert(desk: Desk, clock: HeldClock) -> None:
    await brought(desk, SOLVED, OPEN)
    clock.forward(days=30)

    due = await desk.read(timers.tickets_to_alert, at=clock.now, limit=10)
    assert await desk.read(queued) == 0
    assert list(due) == []


async def test_its_promise_is_kept_as_the_policy_of_the_desk_has_it(desk: Desk) -> None:
    await brought(desk, SOLVED)

    (clock,) = (await desk.read(timers.ticket_timers, 1)).values()
    assert (clock.state, clock.due_at, clock.closed_at) == (TimerState.MET, at("11:00"), at("10:00"))


async def test_a_ticket_brought_open_can_be_worked_on(desk: Desk) -> None:
    await brought(desk, replace(OPEN, events=tuple(replace(step, team="support") for step in OPEN.events)))

    await desk.execute(tickets.resolve, 1, by=ANA, solution="Restarted.")

    ticket = await desk.read(get_ticket, 1)
    assert (ticket.status, ticket.resolved_by) == (Status.RESOLVED, ANA)


async def test_a_correction_starts_no_first_reply_timer_for_what_was_imported(desk: Desk) -> None:
    """The log does not say when the first reply was."""
    await brought(desk, HERE)

    critical = corrections.Correction("Mail", "other", Priority.CRITICAL, None, ReplyBy.SLACK)
    await desk.execute(corrections.correct_ticket, 1, by=ANA, to=critical)

    assert [*await desk.read(timers.ticket_timers, 1)] == [TimerKind.RESOLUTION]


async def test_a_new_target_of_an_imported_ticket_does_not_alert_of_its_past(desk: Desk) -> None:
    await brought(desk, HERE)

    await desk.execute(apply_configuration, OFFICE | {"sla": [{"first_response": "1h", "resolution": "1h"}]})
    await reload_configuration(desk)
    await recalculate_all_sla_targets(desk)

    running = await desk.read(timers.ticket_timers, 1)
    assert [(one.target, one.next_alert_at) for one in running.values()] == [(TimerKind.RESOLUTION, None)]
    assert list(await desk.read(timers.tickets_to_alert, at=desk.clock(), limit=10)) == []


async def test_imported_escalations_are_counted_and_nothing_is_made_up_of_their_answers(desk: Desk) -> None:
    log = replace(LOG, states={**LOG.states, "expert": Status.ESCALATED})
    ended, _ = made(row("Expert", "10:00", group="Net"), row("Work", "11:00", group="Net"), log=log)
    open_, _ = made(row("New", "09:00", id="A2"), row("Expert", "10:00", id="A2", group="Net"), log=log)
    await brought(desk, ended, open_)

    escalations = await desk.read(escalations_between, start=at("00:00"), end=at("23:00"))
    outcomes = count_outcomes(escalations)
    assert [(one.number, one.experts, one.state) for one in escalations] == [
        (1, "Net", EscalationState.ENDED),
        (2, "Net", EscalationState.PENDING),
    ]
    assert (outcomes.escalated, outcomes.ended, outcomes.answered) == (2, 1, 0)


def at(text: str) -> datetime:
    """That moment of 1 September, in UTC."""
    hours, minutes = map(int, text.split(":"))
    return datetime(2026, 9, 1, hours, minutes, tzinfo=UTC)
