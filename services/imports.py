"""Tickets of another system are imported with their history; no past event notifies anyone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from rules.imports.history import ImportedEvent, ImportedTicket, build_timer_histories
from rules.model.tickets import ReplyBy
from rules.sla.periods import TimerHistory
from storage import imports, workspaces
from storage.imports import KnownTicket
from storage.outbox import outbox
from storage.schema.tickets import Ticket
from storage.sla import timers
from storage.tickets.tickets import add_tickets, lock_ticket, next_numbers
from storage.transaction import Transaction


class ImportOutcome(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT_ALONE = "left_alone"  # something happened to it here since


def import_tickets(tx: Transaction, records: Sequence[ImportedTicket]) -> dict[str, ImportOutcome]:
    """What became of each, by source.

    The workspace's row is locked first, so that of two imports at once the second sees what the first added.
    """
    workspaces.lock_row(tx)
    known = imports.known_tickets(tx, [record.source for record in records])
    new = [record for record in records if record.source not in known]
    _add_tickets(tx, new)
    outcomes = {record.source: ImportOutcome.NEW for record in new}
    for record in records:
        ticket = known.get(record.source)
        if ticket is not None:
            outcome = expected_outcome(record, ticket)
            is_late = outcome is ImportOutcome.UPDATED and not _update_ticket(tx, ticket.number, record)
            outcomes[record.source] = ImportOutcome.LEFT_ALONE if is_late else outcome
    return outcomes


def expected_outcome(record: ImportedTicket, known: KnownTicket | None) -> ImportOutcome:
    """A ticket without stored rows is updated only where this log has more of its events."""
    if known is None:
        return ImportOutcome.NEW
    if record.replaces_seq is None:
        return ImportOutcome.UNCHANGED
    if known.is_worked_on or known.seq != record.replaces_seq:
        return ImportOutcome.LEFT_ALONE
    if known.log.rows or len(record.events) > known.events:
        return ImportOutcome.UPDATED
    return ImportOutcome.UNCHANGED if len(record.events) == known.events else ImportOutcome.LEFT_ALONE


def take_over_imported(tx: Transaction, ticket: Ticket) -> bool:
    """The ticket's SLA timers as the first configuration has them, where it was imported before there was one.

    No past event notifies anyone. False for a ticket that is none of these, or has events of its own: it is
    recalculated.
    """
    events = [] if ticket.promised_under else imports.imported_history(tx, ticket)
    if not events or len(events) < ticket.seq:
        return False
    timers.delete_timers(tx, ticket.number)
    histories = _build_histories(tx, events, ticket.first_reply_at)
    timers.add_timer_histories(tx, [(ticket.number, history) for history in histories])
    return True


def _add_tickets(tx: Transaction, records: Sequence[ImportedTicket]) -> None:
    if not records:
        return
    numbered = list(zip(next_numbers(tx, len(records)), records, strict=True))
    add_tickets(tx, [_ticket_values(tx, record) | {"number": number} for number, record in numbered])
    imports.add_histories(tx, numbered)
    timers.add_timer_histories(tx, list(_timers_of(tx, numbered)))


def _update_ticket(tx: Transaction, number: int, record: ImportedTicket) -> bool:
    """False when the ticket has changed since the log was compared with it."""
    ticket = lock_ticket(tx, number)
    if ticket.seq != record.replaces_seq:
        return False
    seq = imports.replace_history(tx, number, record)
    timers.add_timer_histories(tx, list(_timers_of(tx, [(number, record)])))
    for name, value in (_ticket_values(tx, record) | {"seq": seq}).items():
        setattr(ticket, name, value)
    outbox.refresh_many(tx, {number: ()})  # the messages about it that are in Slack; none is posted
    return True


def _timers_of(tx: Transaction, numbered: Iterable[tuple[int, ImportedTicket]]) -> Iterable[tuple[int, TimerHistory]]:
    for number, record in numbered:
        for history in _build_histories(tx, record.events, record.first_reply_at):
            yield number, history


def _build_histories(
    tx: Transaction, events: Sequence[ImportedEvent], first_reply_at: datetime | None
) -> list[TimerHistory]:
    return build_timer_histories(tx.policy, events, first_reply_at=first_reply_at, now=tx.now)


def _ticket_values(tx: Transaction, record: ImportedTicket) -> dict[str, object]:
    """The columns that a log tells of, as values: a Ticket for each would take a third of the time of all else."""
    last_event, first_event, resolution = record.last_event, record.events[0], record.resolution_event
    return {
        "seq": len(record.events),
        "title": record.title,
        "description": record.description,
        "status": last_event.status,
        "priority": last_event.priority,
        "type": last_event.type,
        "team": last_event.team,
        "first_line": first_event.team,
        "requester": record.requester,
        "registered_by": record.registered_by,
        "assignee": last_event.assignee,
        "reply_by": ReplyBy.SLACK,
        "source": record.source,
        "created_at": first_event.at,
        "first_reply_at": record.first_reply_at,
        "resolved_at": resolution.at if resolution else None,
        "resolved_by": resolution.by if resolution else None,
        "reopened": record.reopened,
        "promised_under": tx.policy_version,
    }
