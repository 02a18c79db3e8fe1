"""Assignments: who could be given a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.policy import Policy
from rules.presence import ABSENT, Presence
from storage.people import names
from storage.presence import presences
from storage.tables import Person
from storage.tickets import open_counts


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be given a ticket, how many open ones they hold, and where they are, if that was asked."""

    user: str
    name: str
    open: int
    stands: Presence | None = None

    @property
    def is_absent(self) -> bool:
        return self.stands is not None and self.stands.here in ABSENT


def candidates(
    session: Session, workspace: str, people: Iterable[str], *, policy: Policy | None = None, at: datetime | None = None
) -> list[Candidate]:
    """Those of them who have not left, the least loaded first; whoever is away comes last."""
    wanted = list(dict.fromkeys(people))
    left = select(Person.user_id).where(
        Person.workspace_id == workspace, Person.user_id.in_(wanted), Person.gone.is_(True)
    )
    gone = set(session.scalars(left))
    counts = open_counts(session, workspace, [user for user in wanted if user not in gone])
    called = names(session, workspace, counts)
    here = presences(session, workspace, counts, policy=policy, team="", at=at) if policy and at else {}
    found = [Candidate(user, called[user], count, here.get(user)) for user, count in counts.items()]
    return sorted(found, key=lambda one: (one.is_absent, one.open, one.name))
