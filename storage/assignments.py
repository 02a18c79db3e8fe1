"""Assignments: who could be given a ticket, the best first, and how each was given last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from rules.policy import Policy
from rules.presence import Here
from rules.routing import Candidate, in_order
from storage.events import Happened
from storage.people import find, names
from storage.routing import candidates, pool_of
from storage.tables import Event, Ticket

AT_ONCE = 500
GIVEN = (Happened.ASSIGNED, Happened.HANDED)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody who could be given it, the best first, with their names, and the reader's time zone."""

    people: Sequence[Candidate]
    names: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    def name(self, who: str) -> str:
        return self.names.get(who, who)


def choices(
    session: Session,
    workspace: str,
    ticket: Ticket,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    reader: str,
) -> Choices:
    """Those of them who have not left: who could begin now first, who is not competent or not here last."""
    pool = pool_of(session, workspace, ticket.team, people, policy=policy, at=at)
    found = candidates(session, workspace, ticket, pool, policy=policy)
    still_here = in_order(one for one in found if one.presence.here is not Here.GONE)
    known = find(session, workspace, reader)
    zone = known.tz if known is not None else policy.calendar_of(ticket.team).timezone
    return Choices(still_here, names(session, workspace, [one.person for one in still_here]), zone)


def given_last(session: Session, workspace: str, numbers: Sequence[int]) -> dict[int, Event]:
    """The event by which each of these tickets, which somebody was given, came to them."""
    found: dict[int, Event] = {}
    for first in range(0, len(numbers), AT_ONCE):
        newest = (
            select(Event.number, func.max(Event.seq))
            .where(
                Event.workspace_id == workspace,
                Event.number.in_(numbers[first : first + AT_ONCE]),
                Event.kind.in_(map(str, GIVEN)),
            )
            .group_by(Event.number)
        )
        those = select(Event).where(Event.workspace_id == workspace, tuple_(Event.number, Event.seq).in_(newest))
        found |= {event.number: event for event in session.scalars(those)}
    return found
