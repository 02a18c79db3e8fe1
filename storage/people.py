"""People: the names and time zones Slack told us."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import Person
from storage.work import Work


def names(session: Session, workspace: str, who: Iterable[str]) -> dict[str, str]:
    """Each person's name in plain text; a person not heard of yet is called by their id."""
    wanted = list(dict.fromkeys(who))
    rows = select(Person.user_id, Person.name).where(Person.workspace_id == workspace, Person.user_id.in_(wanted))
    known = dict(session.execute(rows).all())
    return {user: known.get(user, user) for user in wanted}


def find(session: Session, workspace: str, user: str) -> Person | None:
    return session.get(Person, (workspace, user))


def unknown(session: Session, workspace: str, who: Iterable[str], *, since: datetime) -> list[str]:
    """Those whom Slack should be asked about: never seen, or not since then."""
    wanted = list(dict.fromkeys(who))
    fresh = select(Person.user_id).where(
        Person.workspace_id == workspace, Person.user_id.in_(wanted), Person.seen_at >= since
    )
    known = set(session.scalars(fresh))
    return [user for user in wanted if user not in known]


def keep(work: Work, user: str, *, name: str, tz: str, is_guest: bool, gone: bool, is_bot: bool = False) -> None:
    """Remembers what Slack says of a person now."""
    work.session.merge(
        Person(
            workspace_id=work.workspace,
            user_id=user,
            name=name,
            tz=tz,
            is_guest=is_guest,
            gone=gone,
            is_bot=is_bot,
            seen_at=work.now,
        )
    )
