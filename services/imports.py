"""Tickets of another system come in with their history; nobody is told, and nobody is paged for what is past."""

from collections.abc import Sequence

from rules.imports.history import ImportedTicket, build_timers
from rules.model.tickets import ReplyBy
from storage import imports, workspaces
from storage.schema.tickets import Ticket
from storage.sla import timers as promises
from storage.tickets.tickets import add_ticket, next_number
from storage.transaction import Transaction


def import_tickets(tx: Transaction, records: Sequence[ImportedTicket]) -> list[str]:
    """Which of these became tickets now, by their source; those that are here already stay as they are.

    The workspace's row is held from the start, so that of two imports at once the second sees what the first brought.
    """
    workspaces.lock_workspace(tx)
    here = imports.imported_sources(tx, [one.source for one in records])
    new = [one for one in records if one.source not in here]
    for one in new:
        number = next_number(tx)
        add_ticket(tx, _ticket(tx, number, one))
        imports.add_history(tx, number, one.events)
        promises.add_timers(tx, number, build_timers(tx.policy, one))
    return [one.source for one in new]


def _ticket(tx: Transaction, number: int, record: ImportedTicket) -> Ticket:
    last, opened, solved = record.last_event, record.events[0], record.resolution_event
    return Ticket(
        workspace_id=tx.workspace,
        number=number,
        seq=len(record.events),
        title=record.title,
        description=record.description,
        status=last.status,
        priority=last.priority,
        type=last.type,
        team=last.team,
        first_line=opened.team,
        requester=record.requester,
        registered_by=record.registered_by,
        assignee=last.assignee,
        reply_by=ReplyBy.SLACK,
        source=record.source,
        files=[],
        created_at=opened.at,
        first_reply_at=record.first_reply_at,
        resolved_at=solved.at if solved else None,
        resolved_by=solved.by if solved else None,
        reopened=record.reopened,
    )
