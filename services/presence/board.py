"""The presence board: one card for each team and working day, edited in place."""

import hashlib
from collections.abc import Mapping
from datetime import date

from rules.calendars.calendars import is_open, is_working_day
from rules.calendars.timezones import local_date
from rules.model.policy import Team
from rules.presence.presence import Presence
from storage.outbox import outbox
from storage.people import people
from storage.presence.board import PRESENCE_BOARD, last_board_digest, older_boards
from storage.presence.presence import presence_by_person
from storage.transaction import Transaction


def update_boards(tx: Transaction) -> int:
    return sum(update_board(tx, team) for team in tx.policy.teams.values())


def update_boards_of(tx: Transaction, person: str) -> None:
    for team in tx.policy.teams.values():
        if person in team.people:
            update_board(tx, team)


def update_board(tx: Transaction, team: Team) -> bool:
    """Whether the board of today has changed. The first one is posted when the team opens."""
    calendar = tx.policy.team_calendar(team.key)
    day = local_date(tx.now, calendar.timezone)
    if not (team.has_presence_board and team.channel and is_working_day(calendar, day)):
        return False
    subject = board_subject(team.key, day)
    old_digest = last_board_digest(tx, destination=team.channel, subject=subject)
    if old_digest is None and not is_open(calendar, tx.now):
        return False
    presences = presence_by_person(tx, team.people, policy=tx.policy, team=team.key, at=tx.now)
    new_digest = _board_digest(presences, people.names_of(tx, team.people))
    if old_digest == new_digest:
        return False
    if old_digest is None:
        _retire_older_boards(tx, team, subject)
    outbox.queue_message(tx, PRESENCE_BOARD, destination=team.channel, subject=subject, data={"shows": new_digest})
    return True


def board_subject(team: str, day: date) -> str:
    return f"{day}:{team}"[:64]


def _retire_older_boards(tx: Transaction, team: Team, subject: str) -> None:
    for subject_of_older in older_boards(tx, destination=team.channel, subject=subject):
        outbox.queue_message(tx, PRESENCE_BOARD, destination=team.channel, subject=subject_of_older)


def _board_digest(presences: Mapping[str, Presence], names: Mapping[str, str]) -> str:
    """Changes with anything that the card shows, names included."""
    shown = "|".join(
        f"{person} {names[person]} {presence.status} {presence.activity} {presence.until} {presence.since}"
        for person, presence in presences.items()
    )
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
