"""People: the names and time zones Slack told us, and what else it says of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.people.slack_status import NO_STATUS, SILENT, Hint, Quiet, Status, hint
from storage.schema.tickets import Person
from storage.transaction import Work


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


def keep(
    work: Work,
    user: str,
    *,
    name: str,
    tz: str,
    is_guest: bool,
    gone: bool,
    is_bot: bool = False,
    status: Status = NO_STATUS,
) -> None:
    """Remembers what Slack says of a person now; what it said of do not disturb stays."""
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
            status_text=status.text,
            status_emoji=status.emoji,
            status_until=status.until,
        )
    )


def keep_quiet(work: Work, told: Mapping[str, Quiet | None]) -> int:
    """Remembers of each person when Slack disturbs them with nothing, None for never; of how many it is known."""
    known = select(Person).where(Person.workspace_id == work.workspace, Person.user_id.in_(list(told)))
    rows = work.session.scalars(known).all()
    for row in rows:
        quiet = told[row.user_id]
        row.quiet_from = quiet.begins if quiet else None
        row.quiet_until = quiet.ends if quiet else None
        row.quiet_seen_at = work.now
    return len(rows)


def reachable(session: Session, workspace: str, who: Iterable[str]) -> list[str]:
    """Those of them whom Slack knows, and who have not left."""
    there = select(Person.user_id).where(
        Person.workspace_id == workspace,
        Person.user_id.in_(list(who)),
        Person.gone.is_(False),
        Person.is_bot.is_(False),
    )
    return list(session.scalars(there.order_by(Person.user_id)))


def hints(session: Session, workspace: str, who: Iterable[str], *, at: datetime) -> dict[str, Hint]:
    """What Slack says of each of them that counts at that moment; the silent hint where it says nothing."""
    wanted = list(dict.fromkeys(who))
    rows = session.scalars(select(Person).where(Person.workspace_id == workspace, Person.user_id.in_(wanted)))
    said = {row.user_id: hint(_status(row), _quiet(row), at) for row in rows}
    return {user: said.get(user, SILENT) for user in wanted}


def _status(row: Person) -> Status:
    return Status(row.status_text or "", row.status_emoji or "", row.status_until)


def _quiet(row: Person) -> Quiet | None:
    if row.quiet_from is None or row.quiet_until is None:
        return None
    return Quiet(row.quiet_from, row.quiet_until)
