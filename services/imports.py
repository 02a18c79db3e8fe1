"""Tickets of another system come in with their history; nobody is notified of the past."""

from collections.abc import Sequence
from datetime import datetime

from rules.imports.history import ImportedEvent, ImportedTicket, build_timers
from rules.model.tickets import ReplyBy
from rules.model.timers import SlaTimer
from storage import imports, workspaces
from storage.schema.tickets import NewTicket, Ticket
from storage.sla import timers
from storage.tickets.tickets import add_ticket, next_number
from storage.transaction import Transaction


def import_tickets(tx: Transaction, records: Sequence[ImportedTicket]) -> list[str]:
    """The sources that became tickets now; tickets that are here already stay as they are.

    The workspace's row is locked first, so that of two imports at once the second sees what the first added.
    """
    workspaces.lock_workspace(tx)
    imported = imports.imported_sources(tx, [record.source for record in records])
    new_records = [record for record in records if record.source not in imported]
    for record in new_records:
        number = next_number(tx)
        add_ticket(tx, _ticket(tx, number, record))
        imports.add_history(tx, number, record.events)
        timers.add_timers(tx, number, _build_timers(tx, record.events, record.first_reply_at))
    return [record.source for record in new_records]


def take_over_imported(tx: Transaction, ticket: Ticket) -> bool:
    """The ticket's SLA timers as the first configuration has them, where it was imported before there was one.

    Nobody is notified of what has passed. False for a ticket that is none of these: it is recalculated.
    """
    events = [] if ticket.promised_under else imports.imported_history(tx, ticket)
    for timer in _build_timers(tx, events, ticket.first_reply_at) if events else ():
        timers.save_timer(tx, ticket.number, timer)
    return bool(events)


def _build_timers(tx: Transaction, events: Sequence[ImportedEvent], first_reply_at: datetime | None) -> list[SlaTimer]:
    return build_timers(tx.policy, events, first_reply_at=first_reply_at, now=tx.now)


def _ticket(tx: Transaction, number: int, record: ImportedTicket) -> NewTicket:
    last_event, first_event, resolution = record.last_event, record.events[0], record.resolution_event
    return NewTicket(
        workspace_id=tx.workspace,
        number=number,
        seq=len(record.events),
        title=record.title,
        description=record.description,
        status=last_event.status,
        priority=last_event.priority,
        type=last_event.type,
        team=last_event.team,
        first_line=first_event.team,
        requester=record.requester,
        registered_by=record.registered_by,
        assignee=last_event.assignee,
        reply_by=ReplyBy.SLACK,
        source=record.source,
        files=[],
        created_at=first_event.at,
        first_reply_at=record.first_reply_at,
        resolved_at=resolution.at if resolution else None,
        resolved_by=resolution.by if resolution else None,
        reopened=record.reopened,
        promised_under=tx.policy_version,
    )
