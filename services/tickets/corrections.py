"""A ticket is corrected: its SLA targets are recalculated, and a new type may move it to another team."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rules.errors import FieldError, Refused
from rules.intake.requests import TicketRequest, company_key_of, first_line_team, first_step_key, validate_request
from rules.model.tickets import DONE_STATUSES, FIELD_LABELS, Priority, ReplyBy, Status, check_transition
from rules.model.timers import TimerKind
from rules.people.permissions import Permission
from rules.text import Person, Text, TicketNumber, _, join_texts
from services.assignment import assignments
from services.notifications.notifications import record_and_publish
from services.permissions import lock_permitted
from services.sla import timers
from storage import events
from storage.events import EventKind
from storage.schema.tickets import Ticket
from storage.transaction import Transaction

CORRECTABLE_FIELDS = ("title", "type", "priority", "customer", "reply_by", "team")


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected values."""

    title: str
    type: str
    priority: Priority
    customer: str | None
    reply_by: ReplyBy


def correct_ticket(tx: Transaction, number: int, *, by: str, to: Correction, last_seen_seq: int | None = None) -> None:
    """Records an event only when something changed.

    `last_seen_seq` is the newest event the person had seen: refused when another person corrected the ticket after
    that.
    """
    ticket = lock_permitted(tx, Permission.CHANGE_TICKET, number, by)
    check_correctable(ticket)
    if last_seen_seq and (newer := events.latest_event(tx, number, EventKind.CHANGED, after=last_seen_seq)):
        raise Refused(
            _(
                "{person} changed {ticket} while this form was open. Nothing was saved: open the form again.",
                person=Person(newer.by),
                ticket=TicketNumber(number),
            )
        )
    before = _shown_values(ticket)
    _apply(tx, ticket, to, by)
    after = _shown_values(ticket)
    changed = {key: [before[key], after[key]] for key in CORRECTABLE_FIELDS if before[key] != after[key]}
    if changed:
        due = timers.recalculate_timers(tx, ticket, why=_changed_text(changed))
        timers.follow_status(tx, ticket)
        data = {"changed": changed} | ({"due": due} if due else {})
        record_and_publish(tx, ticket, EventKind.CHANGED, by=by, **data)


def _changed_text(fields: Iterable[str]) -> Text:
    return _("{fields} changed", fields=join_texts([FIELD_LABELS[name] for name in fields], ", "))


def check_correctable(ticket: Ticket) -> None:
    if ticket.status in DONE_STATUSES:
        raise Refused(_("{ticket} is resolved. Reopen it first, then change it.", ticket=TicketNumber(ticket.number)))


def _apply(tx: Transaction, ticket: Ticket, to: Correction, by: str) -> None:
    corrected = TicketRequest(title=to.title, requester=ticket.requester, registered_by=by, type=to.type)
    request = validate_request(tx.policy, replace(corrected, priority=to.priority))
    ticket.title, ticket.priority, ticket.reply_by = request.title, to.priority, to.reply_by
    ticket.customer = (to.customer or "").strip() or None
    ticket.company = company_key_of(tx.policy, ticket.customer, ticket.requester, ticket.channel)
    if to.type != ticket.type:
        _change_type(tx, ticket, to.type)


def _change_type(tx: Transaction, ticket: Ticket, type_: str) -> None:
    """The steps start over, and the ticket moves to the type's first line unless experts have it. An assignee of
    another team loses it."""
    timers.cancel_timers(tx, ticket, TimerKind.STEP, why=_("the type changed"))
    ticket.type, ticket.step = type_, first_step_key(tx.policy, type_)
    team, old_first_line = first_line_team(tx.policy, type_), ticket.first_line
    if team.key == old_first_line:
        return
    if ticket.status is Status.ESCALATED:
        raise FieldError(
            "type",
            _("This type goes to {team}, but the ticket is escalated. Wait for the experts' answer.", team=team.name),
        )
    ticket.first_line = team.key
    if ticket.team != old_first_line:
        return
    ticket.team = team.key
    if ticket.assignee not in team.people:
        if ticket.status is not Status.NEW:
            ticket.status = check_transition(ticket.status, Status.NEW)
        assignments.clear_assignee(ticket)


def _shown_values(ticket: Ticket) -> dict[str, str | None]:
    values = {field: getattr(ticket, field) for field in CORRECTABLE_FIELDS}
    return values | {"priority": str(ticket.priority), "reply_by": str(ticket.reply_by)}
