"""Each rejection names what is missing; a lead says how it was closed."""

from rules.errors import FieldError, Refused
from rules.escalations.escalations import IMPROVEMENT_BY_REASON, ImprovementKind, RejectionReason
from rules.model.policy import Policy
from rules.people.permissions import NotAllowed, Permission, is_allowed, roles_towards
from rules.text import is_blank
from storage.escalations.improvement_items import count_rejection, latest_item, lock_open_item
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction


def record_rejection(tx: Transaction, ticket: Ticket, escalation: Escalation, advice: RejectionReason) -> None:
    """A rejection shows what the team that asked lacks for this type; the gap counts it."""
    count_rejection(
        tx, team=escalation.from_team, type_=ticket.type, kind=IMPROVEMENT_BY_REASON[advice], number=ticket.number
    )


def close_item(tx: Transaction, team: str, type_: str, kind: ImprovementKind, *, by: str, note: str) -> None:
    """The lead says what was done about it; of two the second reads who was first."""
    check_may_close(tx.policy, team, by)
    if is_blank(note):
        raise FieldError("note", "Say what was done: a guide written, the form asks for it, somebody was shown.")
    gap = lock_open_item(tx, team=team, type_=type_, kind=kind)
    if gap is None:
        before = latest_item(tx, team=team, type_=type_, kind=kind)
        who = f"<@{before.closed_by}> closed it: “{before.note}”" if before else "there is no such gap"
        raise Refused(f"That is not open any more: {who}.")
    gap.closed_at, gap.closed_by, gap.note = tx.now, by, note.strip()


def check_may_close(policy: Policy, team: str, by: str) -> None:
    """The team's lead and the managers; others read who."""
    if not is_allowed(Permission.CLOSE_IMPROVEMENT_ITEM, roles_towards(policy, by, teams=[team])):
        raise NotAllowed(Permission.CLOSE_IMPROVEMENT_ITEM, [policy.team(team).name])
