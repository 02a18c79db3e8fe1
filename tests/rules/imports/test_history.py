"""The rows of one foreign ticket become its history here."""

from dataclasses import replace

from rules.imports.history import (
    ImportedEscalation,
    ImportedEventKind,
    ImportedTicket,
    build_escalations,
    build_timer_histories,
    restore_events,
)
from rules.imports.mappings import RowMeaning, RowOrder
from rules.model.tickets import Priority, Status
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind, TimerState
from tests.desks import POLICY
from tests.rules.logs import LOG, NOW, at, made, row

FROM_NEW_TO_SHUT = (
    row("New", "09:05"),
    row("New", "09:10", agent="Ben", who="Ann"),
    row("Wait", "10:00", agent="Ben", who="Ben"),
    row("Work", "11:00", agent="Ben", who="Ben"),
    row("Done", "12:00", agent="Ben", solver="Ben S", code="6", who="Ben"),
    row("Shut", "15:00", agent="Ben", solver="Ben S", code="6", who="Robot"),
)


def timers_of(ticket: ImportedTicket) -> list[SlaTimer]:
    histories = build_timer_histories(POLICY, ticket.events, first_reply_at=ticket.first_reply_at, now=NOW)
    return [history.timer for history in histories]


def test_each_change_is_an_event_with_its_time_and_who_did_it() -> None:
    ticket, notes = made(*FROM_NEW_TO_SHUT)

    assert [(step.kind, step.at, step.by) for step in ticket.events] == [
        (ImportedEventKind.FILED, at("09:00"), "Ann"),
        (ImportedEventKind.ASSIGNED, at("09:10"), "Ann"),
        (ImportedEventKind.WAITING, at("10:00"), "Ben"),
        (ImportedEventKind.CHANGED, at("11:00"), "Ben"),
        (ImportedEventKind.RESOLVED, at("12:00"), "Ben S"),
        (ImportedEventKind.CLOSED, at("15:00"), "Robot"),
    ]
    assert notes == []


def test_each_event_says_how_the_ticket_stood_after_it() -> None:
    ticket, _ = made(*FROM_NEW_TO_SHUT)

    stood = [(step.status, step.team, step.assignee) for step in ticket.events[:3]]
    assert stood == [(Status.NEW, "Desk", None), (Status.ASSIGNED, "Desk", "Ben"), (Status.WAITING, "Desk", "Ben")]


def test_the_ticket_is_called_by_its_columns_and_known_by_its_number_there() -> None:
    ticket, _ = made(row("New", "09:00"))

    assert (ticket.title, ticket.source, ticket.requester) == ("Mail · Outlook", "other:A1", "Cleo")


def test_a_ticket_without_a_title_is_called_by_its_number() -> None:
    ticket, _ = made(row("New", "09:00", kind="?", about="?"))

    assert (ticket.title, ticket.last_event.type) == ("A1", "Unknown")


def test_a_long_title_is_cut_to_fit_a_card() -> None:
    ticket, notes = made(row("New", "09:00", about="x" * 400))

    assert len(ticket.title) == 150
    assert "x" * 400 in ticket.description
    assert [str(note.text) for note in notes] == [
        "A1: its title is longer than 150 characters; all of it is in the description"
    ]


def test_a_resolution_taken_back_is_a_reopening() -> None:
    ticket, notes = made(
        row("Done", "10:00", solver="Ben"),
        row("Work", "11:00", again="1"),
        row("Done", "12:00", again="1", solver="Al"),
    )

    assert [step.kind for step in ticket.events] == [
        ImportedEventKind.FILED,
        ImportedEventKind.RESOLVED,
        ImportedEventKind.REOPENED,
        ImportedEventKind.RESOLVED,
    ]
    assert ticket.resolution_event
    assert (ticket.reopened, ticket.resolution_event.at, ticket.resolution_event.by) == (1, at("12:00"), "Al")
    assert notes == []


def test_a_reopened_ticket_that_is_still_open_has_no_resolution() -> None:
    ticket, _ = made(row("Done", "10:00"), row("Work", "11:00", again="1"))

    assert ticket.resolution_event is None


def test_reopenings_that_the_rows_do_not_show_count_and_are_noted() -> None:
    ticket, notes = made(row("Done", "10:00", again="2"))

    assert ticket.reopened == 2
    assert [str(note.text) for note in notes] == ["A1: reopened 2 times, of which its rows show 0"]


def test_a_ticket_that_is_only_said_to_be_closed_was_resolved_when_the_log_says_so() -> None:
    ticket, _ = made(row("Work", "09:30"), row("Shut", "15:00", solved="01.09.2026 12:00", solver="Ben"))

    assert [(step.kind, step.at) for step in ticket.events[2:]] == [
        (ImportedEventKind.RESOLVED, at("12:00")),
        (ImportedEventKind.CLOSED, at("15:00")),
    ]


def test_another_team_and_other_words_are_told_as_changes() -> None:
    there = {"group": "Net", "urgency": "1"}
    ticket, _ = made(row("New", "09:00"), row("New", "10:00", **there), row("Work", "11:00", about="VPN", **there))

    moved, changed = ticket.events[1:]
    assert (moved.kind, changed.kind) == (ImportedEventKind.MOVED, ImportedEventKind.CHANGED)
    assert moved.data["changed"] == {"priority": ["normal", "critical"], "team": ["Desk", "Net"]}
    assert changed.data["changed"] == {"status": ["New", "In progress"], "about": ["Outlook", "VPN"]}
    assert ticket.last_event.priority is Priority.CRITICAL


def test_a_ticket_that_is_begun_when_the_log_first_tells_of_it_is_in_progress() -> None:
    ticket, _ = made(row("Work", "09:10", agent="Ben"))

    assert [(step.kind, step.status) for step in ticket.events] == [
        (ImportedEventKind.FILED, Status.NEW),
        (ImportedEventKind.ASSIGNED, Status.IN_PROGRESS),
    ]


def test_what_a_row_does_not_know_of_the_team_stays_as_it_was() -> None:
    ticket, _ = made(row("New", "09:00", group="?"), row("Work", "10:00", group="Net"), row("Work", "11:00", group="?"))

    assert [step.team for step in ticket.events] == ["Net", "Net", "Net"]


def test_a_row_from_before_the_ticket_was_opened_takes_that_time_and_is_noted() -> None:
    ticket, notes = made(row("Work", "08:00"), row("Done", "10:00"))

    assert ticket.events[1].at == at("09:00")
    assert [(note.line, str(note.text)) for note in notes] == [
        (2, "A1: the row is before the ticket was created, and takes that time")
    ]


def test_a_row_later_than_the_one_after_it_is_drawn_back_and_noted() -> None:
    ticket, notes = made(row("Work", "12:00"), row("Done", "11:00"))

    assert [step.at for step in ticket.events] == [at("09:00"), at("11:00"), at("11:00")]
    assert notes[0].line == 2


def test_rows_that_stand_in_any_order_are_put_in_that_of_their_times() -> None:
    ticket, notes = made(row("Done", "12:00"), row("Work", "11:00"), log=replace(LOG, order=RowOrder.TIME))

    assert [step.status for step in ticket.events] == [Status.NEW, Status.IN_PROGRESS, Status.RESOLVED]
    assert notes == []


def test_a_sum_that_differs_from_the_rows_is_noted_and_the_rows_count() -> None:
    ticket, notes = made(row("Done", "10:00", solved="01.09.2026 11:00"))

    assert ticket.resolution_event
    assert ticket.resolution_event.at == at("10:00")
    assert "its rows 2026-09-01 08:00 UTC; the rows count" in str(notes[0].text)


def test_one_row_for_a_whole_ticket_gives_its_filing_solution_and_closing() -> None:
    whole = row("Shut", "?", solved="01.09.2026 11:00", closed="01.09.2026 15:00", solver="Ben")

    ticket, _ = made({**whole, "changed": "?"}, log=replace(LOG, rows=RowMeaning.TICKET))

    assert [(step.kind, step.at) for step in ticket.events] == [
        (ImportedEventKind.FILED, at("09:00")),
        (ImportedEventKind.RESOLVED, at("11:00")),
        (ImportedEventKind.CLOSED, at("15:00")),
    ]


def test_a_promise_is_kept_or_missed_as_the_history_tells_and_never_alerts() -> None:
    kept, _ = made(row("Done", "12:00", urgency="1"))
    missed, _ = made(row("Done", "15:00", urgency="1"))

    (in_time,), (late,) = timers_of(kept), timers_of(missed)

    assert (in_time.state, late.state) == (TimerState.MET, TimerState.BREACHED)
    assert (in_time.next_alert_at, late.next_alert_at) == (None, None)


def test_the_promise_stands_still_while_the_customer_is_asked() -> None:
    ticket, _ = made(
        row("Wait", "10:00", urgency="1"), row("Work", "12:00", urgency="1"), row("Done", "14:30", urgency="1")
    )

    (clock,) = timers_of(ticket)

    assert (clock.due_at, clock.state) == (at("15:00"), TimerState.MET)


def test_asking_the_customer_after_the_last_moment_does_not_make_up_for_it() -> None:
    office = {"group": "support", "urgency": "1", "opened": "01.09.2026 08:00"}
    due_at_noon, _ = made(row("Wait", "12:10", **office), row("Done", "15:00", **office))

    (clock,) = timers_of(due_at_noon)

    assert (clock.due_at, clock.state) == (at("12:00"), TimerState.BREACHED)


def test_an_open_ticket_that_is_overdue_runs_on_and_never_alerts() -> None:
    ticket, _ = made(row("Work", "10:00", urgency="1"))

    (clock,) = timers_of(ticket)

    assert (clock.target, clock.state, clock.next_alert_at) == (TimerKind.RESOLUTION, TimerState.RUNNING, None)
    assert (clock.alert_level, clock.alerted_at) == (BREACH_LEVEL, None)


def test_an_open_ticket_alerts_of_what_is_still_to_come() -> None:
    ticket, _ = made(row("Work", "10:00", urgency="1"))

    (history,) = build_timer_histories(POLICY, ticket.events, first_reply_at=None, now=at("12:30"))
    clock = history.timer

    assert (clock.due_at, clock.alert_level, clock.next_alert_at) == (at("13:00"), 2, at("13:00"))


def test_types_and_priorities_are_known_again_from_the_last_ones_and_what_changed() -> None:
    ticket, _ = made(row("New", "09:00"), row("Work", "10:00", urgency="1"), row("Work", "11:00", kind="Web"))
    stored = [replace(event, type="", priority=Priority.LOW) for event in ticket.events]

    restored = restore_events(stored, last_type="Web", last_priority=Priority.NORMAL)

    assert restored == list(ticket.events)


def test_first_replies_are_promised_only_where_the_log_knows_them() -> None:
    log = replace(LOG, columns={**LOG.columns, "first_reply": "closed"})

    ticket, _ = made(row("Done", "12:00", urgency="1", closed="01.09.2026 09:10"), log=log)

    assert {clock.target: clock.state for clock in timers_of(ticket)} == {
        TimerKind.RESOLUTION: TimerState.MET,
        TimerKind.FIRST_RESPONSE: TimerState.MET,
    }


def test_each_time_in_the_state_escalated_is_an_escalation() -> None:
    log = replace(LOG, states={**LOG.states, "expert": Status.ESCALATED})
    ticket, _ = made(
        row("Work", "10:00", agent="Ben"),
        row("Expert", "11:00", who="Ben", group="Net"),
        row("Expert", "11:30", who="Eva", group="Net", urgency="1"),
        row("Work", "12:00", who="Eva", group="Net"),
        row("Expert", "13:00", who="Eva", group="Core"),
        log=log,
    )

    assert build_escalations(ticket.events) == [
        ImportedEscalation("Desk", "Net", "Ben", at("11:00"), "Eva", at("12:00")),
        ImportedEscalation("Net", "Core", "Eva", at("13:00")),
    ]
