"""People: the names and time zones Slack told us, and what else it says of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from rules.people.slack_status import (
    NO_CUSTOM_STATUS,
    NO_SLACK_STATUS,
    CustomStatus,
    DoNotDisturb,
    SlackStatus,
    current_slack_status,
)
from storage.schema.tickets import Person
from storage.transaction import Reader, Transaction


def names_of(reader: Reader, people: Iterable[str]) -> dict[str, str]:
    """Each person's name in plain text; a person not heard of yet is called by their id."""
    wanted = list(dict.fromkeys(people))
    rows = select(Person.user_id, Person.name).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(wanted)
    )
    known = dict(reader.session.execute(rows).all())
    return {user: known.get(user, user) for user in wanted}


def find_person(reader: Reader, user: str) -> Person | None:
    return reader.session.get(Person, (reader.workspace, user))


def people_to_look_up(reader: Reader, people: Iterable[str], *, since: datetime) -> list[str]:
    """Those whom Slack should be asked about: never seen, or not since then."""
    wanted = list(dict.fromkeys(people))
    fresh = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(wanted), Person.seen_at >= since
    )
    known = set(reader.session.scalars(fresh))
    return [user for user in wanted if user not in known]


def save_person(
    tx: Transaction,
    user: str,
    *,
    name: str,
    tz: str,
    is_guest: bool,
    gone: bool,
    is_bot: bool = False,
    status: CustomStatus = NO_CUSTOM_STATUS,
) -> None:
    """Remembers what Slack says of a person now; what it said of do not disturb stays."""
    tx.session.merge(
        Person(
            workspace_id=tx.workspace,
            user_id=user,
            name=name,
            tz=tz,
            is_guest=is_guest,
            gone=gone,
            is_bot=is_bot,
            seen_at=tx.now,
            status_text=status.text,
            status_emoji=status.emoji,
            status_until=status.until,
        )
    )


def save_do_not_disturb(tx: Transaction, quiet_hours: Mapping[str, DoNotDisturb | None]) -> int:
    """Remembers of each person when Slack disturbs them with nothing, None for never; of how many it is known."""
    known = select(Person).where(Person.workspace_id == tx.workspace, Person.user_id.in_(list(quiet_hours)))
    rows = tx.session.scalars(known).all()
    for row in rows:
        quiet = quiet_hours[row.user_id]
        row.quiet_from = quiet.begins if quiet else None
        row.quiet_until = quiet.ends if quiet else None
        row.quiet_seen_at = tx.now
    return len(rows)


def active_people(reader: Reader, people: Iterable[str]) -> list[str]:
    """Those of them whom Slack knows, and who have not left."""
    there = select(Person.user_id).where(
        Person.workspace_id == reader.workspace,
        Person.user_id.in_(list(people)),
        Person.gone.is_(False),
        Person.is_bot.is_(False),
    )
    return list(reader.session.scalars(there.order_by(Person.user_id)))


def slack_statuses(reader: Reader, people: Iterable[str], *, at: datetime) -> dict[str, SlackStatus]:
    """What Slack says of each of them that counts at that moment; the silent hint where it says nothing."""
    wanted = list(dict.fromkeys(people))
    rows = reader.session.scalars(
        select(Person).where(Person.workspace_id == reader.workspace, Person.user_id.in_(wanted))
    )
    said = {row.user_id: current_slack_status(_status_of(row), _do_not_disturb_of(row), at) for row in rows}
    return {user: said.get(user, NO_SLACK_STATUS) for user in wanted}


def _status_of(row: Person) -> CustomStatus:
    return CustomStatus(row.status_text or "", row.status_emoji or "", row.status_until)


def _do_not_disturb_of(row: Person) -> DoNotDisturb | None:
    if row.quiet_from is None or row.quiet_until is None:
        return None
    return DoNotDisturb(row.quiet_from, row.quiet_until)
