"""Each rejection names what is missing; a lead closes the item with what was done."""

from rules.errors import FieldError, Refused
from rules.escalations.escalations import IMPROVEMENT_BY_REASON, ImprovementKind, RejectionReason
from rules.model.policy import Policy
from rules.people.permissions import Permission
from rules.text import Code, Person, _
from rules.typed_text import is_blank
from services.permissions import require_in_teams
from storage.escalations.improvement_items import count_rejection, latest_item, lock_open_item
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction

REPORT = Code("/report escalations")


def record_rejection(tx: Transaction, ticket: Ticket, escalation: Escalation, reason: RejectionReason) -> None:
    count_rejection(
        tx, team=escalation.from_team, type_=ticket.type, kind=IMPROVEMENT_BY_REASON[reason], number=ticket.number
    )


def close_item(tx: Transaction, team: str, type_: str, kind: ImprovementKind, *, by: str, note: str) -> None:
    check_may_close(tx.policy, team, by)
    if is_blank(note):
        raise FieldError(
            "note", _("Say what was done: a guide was written, the form was changed, a colleague was trained.")
        )
    item = lock_open_item(tx, team=team, type_=type_, kind=kind)
    if item is None:
        closed = latest_item(tx, team=team, type_=type_, kind=kind)
        if closed is None:
            raise Refused(_("There is no such recurring gap. {report} shows those there are.", report=REPORT))
        person, note = Person(closed.closed_by or ""), closed.note or ""
        raise Refused(_("{person} already marked it fixed: “{note}”", person=person, note=note))
    item.closed_at, item.closed_by, item.note = tx.now, by, note.strip()


def check_may_close(policy: Policy, team: str, by: str) -> None:
    require_in_teams(policy, Permission.CLOSE_IMPROVEMENT_ITEM, by, [team])
