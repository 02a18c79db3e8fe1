"""Assignments: who could be given a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.people import names
from storage.tables import Person
from storage.tickets import open_counts


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be given a ticket, and how many open ones they hold."""

    user: str
    name: str
    open: int


def candidates(session: Session, workspace: str, people: Iterable[str]) -> list[Candidate]:
    """Those of them who have not left, the least loaded first."""
    wanted = list(dict.fromkeys(people))
    left = select(Person.user_id).where(
        Person.workspace_id == workspace, Person.user_id.in_(wanted), Person.gone.is_(True)
    )
    gone = set(session.scalars(left))
    counts = open_counts(session, workspace, [user for user in wanted if user not in gone])
    called = names(session, workspace, counts)
    found = [Candidate(user, called[user], count) for user, count in counts.items()]
    return sorted(found, key=lambda one: (one.open, one.name))
