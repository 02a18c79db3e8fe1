"""People: names, time zones and what else Slack says about them."""

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
from storage.transaction import Reader, Transaction, all_where


def names_of(reader: Reader, people: Iterable[str]) -> dict[str, str]:
    """A person not known yet is called by their id."""
    user_ids = list(dict.fromkeys(people))
    is_known = (Person.workspace_id == reader.workspace, Person.user_id.in_(user_ids))
    known_names = dict(reader.session.execute(select(Person.user_id, Person.name).where(*is_known)).all())
    return {user: known_names.get(user, user) for user in user_ids}


def find_person(reader: Reader, user: str) -> Person | None:
    return reader.session.get(Person, (reader.workspace, user))


def find_name(reader: Reader, user: str) -> str | None:
    person = find_person(reader, user)
    return person.name if person else None


def people_to_look_up(reader: Reader, people: Iterable[str], *, since: datetime) -> list[str]:
    user_ids = list(dict.fromkeys(people))
    seen = set(all_where(reader, Person.user_id, Person.user_id.in_(user_ids), Person.seen_at >= since))
    return [user for user in user_ids if user not in seen]


def save_person(
    tx: Transaction,
    user: str,
    *,
    name: str,
    tz: str,
    gone: bool,
    is_bot: bool = False,
    status: CustomStatus = NO_CUSTOM_STATUS,
) -> None:
    """Saves what Slack says now; what it said about do-not-disturb stays."""
    tx.session.merge(
        Person(
            workspace_id=tx.workspace,
            user_id=user,
            name=name,
            tz=tz,
            gone=gone,
            is_bot=is_bot,
            seen_at=tx.now,
            status_text=status.text,
            status_emoji=status.emoji,
            status_until=status.until,
        )
    )


def save_do_not_disturb(tx: Transaction, quiet_hours: Mapping[str, DoNotDisturb | None]) -> int:
    """Saves each person's do-not-disturb hours, None for none; how many of the people are known."""
    rows = all_where(tx, Person, Person.user_id.in_(list(quiet_hours)))
    for row in rows:
        hours = quiet_hours[row.user_id]
        row.quiet_from = hours.begins if hours else None
        row.quiet_until = hours.ends if hours else None
        row.quiet_seen_at = tx.now
    return len(rows)


def active_people(reader: Reader, people: Iterable[str]) -> list[str]:
    is_active = (Person.user_id.in_(list(people)), Person.gone.is_(False), Person.is_bot.is_(False))
    return list(all_where(reader, Person.user_id, *is_active, order_by=Person.user_id))


def people_who_left(reader: Reader, people: Iterable[str]) -> frozenset[str]:
    return frozenset(all_where(reader, Person.user_id, Person.user_id.in_(list(people)), Person.gone.is_(True)))


def slack_statuses(reader: Reader, people: Iterable[str], *, at: datetime) -> dict[str, SlackStatus]:
    user_ids = list(dict.fromkeys(people))
    rows = all_where(reader, Person, Person.user_id.in_(user_ids))
    known_statuses = {row.user_id: current_slack_status(_status_of(row), _do_not_disturb_of(row), at) for row in rows}
    return {user: known_statuses.get(user, NO_SLACK_STATUS) for user in user_ids}


def _status_of(row: Person) -> CustomStatus:
    return CustomStatus(row.status_text or "", row.status_emoji or "", row.status_until)


def _do_not_disturb_of(row: Person) -> DoNotDisturb | None:
    if row.quiet_from is None or row.quiet_until is None:
        return None
    return DoNotDisturb(row.quiet_from, row.quiet_until)
