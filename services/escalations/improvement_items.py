"""Each rejection names what is missing; a lead says how it was closed."""

from rules.errors import DeskError, FieldError
from rules.escalations.escalations import GAPS, Advice, GapKind
from rules.model.policy import Policy
from rules.people.permissions import Deed, NotAllowed, allowed, roles
from rules.text import blank
from storage.escalations.improvement_items import add, newest, open_one
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Transaction


def open_(tx: Transaction, ticket: Ticket, escalation: Escalation, advice: Advice) -> None:
    """A rejection shows what the team that asked lacks for this type; the gap counts it."""
    add(tx, team=escalation.from_team, type_=ticket.type, kind=GAPS[advice], number=ticket.number)


def close(tx: Transaction, team: str, type_: str, kind: GapKind, *, by: str, note: str) -> None:
    """The lead says what was done about it; of two the second reads who was first."""
    may_close(tx.policy, team, by)
    if blank(note):
        raise FieldError("note", "Say what was done: a guide written, the form asks for it, somebody was shown.")
    gap = open_one(tx, team=team, type_=type_, kind=kind)
    if gap is None:
        before = newest(tx, team=team, type_=type_, kind=kind)
        who = f"<@{before.closed_by}> closed it: “{before.note}”" if before else "there is no such gap"
        raise DeskError(f"That is not open any more: {who}.")
    gap.closed_at, gap.closed_by, gap.note = tx.now, by, note.strip()


def may_close(policy: Policy, team: str, by: str) -> None:
    """The team's lead and the managers; others read who."""
    if not allowed(Deed.CLOSE_GAP, roles(policy, by, teams=[team])):
        raise NotAllowed(Deed.CLOSE_GAP, [policy.team(team).name])
