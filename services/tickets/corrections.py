"""What a ticket is gets corrected: its promises are computed anew, and a new type may move it to another team."""

from dataclasses import dataclass

from rules.errors import DeskError, FieldError
from rules.intake.requests import Request, checked, company_of, first_step, team_for
from rules.model.tickets import DONE, Priority, ReplyBy, Status, move
from rules.model.timers import ClockKind
from rules.people.permissions import Deed
from services.assignment import assignments
from services.notifications.notifications import told
from services.permissions import require
from services.sla import timers
from storage import events
from storage.events import Happened
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get
from storage.transaction import Transaction

SHOWN = ("title", "type", "priority", "customer", "reply_by", "team")


@dataclass(frozen=True, slots=True)
class Correction:
    """How the ticket should read from now on."""

    title: str
    type: str
    priority: Priority
    customer: str | None
    reply_by: ReplyBy


def change(tx: Transaction, number: int, *, by: str, to: Correction, since: int | None = None) -> None:
    """Corrects what the ticket is; the story says what changed, and nothing is told when nothing did.

    `since` is the newest event the person had seen: they read who was first when it was changed after that.
    """
    ticket = get(tx, number)
    require(tx, Deed.CHANGE, ticket, by)
    changeable(ticket)
    if since and (first := events.newest(tx, number, Happened.CHANGED, after=since)):
        raise DeskError(f"<@{first.by}> changed #{number} while you were writing. Open *Change…* again to see it.")
    before = _facts(ticket)
    _apply(tx, ticket, to, by)
    after = _facts(ticket)
    changed = {key: [before[key], after[key]] for key in SHOWN if before[key] != after[key]}
    if changed:
        due = timers.recalculate(tx, ticket, why=f"{', '.join(changed).replace('_', ' ')} changed")
        timers.follow(tx, ticket)
        said = {"changed": changed} | ({"due": due} if due else {})
        told(tx, ticket, events.record(tx, ticket, Happened.CHANGED, by=by, **said))


def changeable(ticket: Ticket) -> None:
    """What is done stays as it was counted."""
    if ticket.status in DONE:
        raise DeskError(f"#{ticket.number} is resolved; reopen it before you change it.")


def _apply(tx: Transaction, ticket: Ticket, to: Correction, by: str) -> None:
    request = checked(
        tx.policy,
        Request(title=to.title, requester=ticket.requester, registered_by=by, type=to.type, priority=to.priority),
    )
    ticket.title, ticket.priority, ticket.reply_by = request.title, to.priority, to.reply_by
    ticket.customer = (to.customer or "").strip() or None
    ticket.company = company_of(tx.policy, ticket.customer, ticket.requester, ticket.channel)
    if to.type != ticket.type:
        _retype(tx, ticket, to.type)


def _retype(tx: Transaction, ticket: Ticket, type_: str) -> None:
    """Its steps begin, and another first line answers for it: experts who hold it keep it, others if they fit there."""
    timers.cancel(tx, ticket, ClockKind.STEP, why="the type changed")
    ticket.type, ticket.step = type_, first_step(tx.policy, type_)
    team, had = team_for(tx.policy, type_), ticket.first_line
    if team.key == had:
        return
    if ticket.status is Status.ESCALATED:
        raise FieldError("type", f"This type goes to {team.name}, but experts are being asked. Wait for their answer.")
    ticket.first_line = team.key
    if ticket.team != had:
        return
    ticket.team = team.key
    if ticket.assignee not in team.people:
        ticket.status = move(ticket.status, Status.NEW) if ticket.status is not Status.NEW else Status.NEW
        assignments.let_go(ticket)


def _facts(ticket: Ticket) -> dict[str, str | None]:
    return {
        "title": ticket.title,
        "type": ticket.type,
        "priority": str(ticket.priority),
        "customer": ticket.customer,
        "reply_by": str(ticket.reply_by),
        "team": ticket.team,
    }
