"""The floor card: one for each team and working day, which shows who is here and changes in place."""

import hashlib
from collections.abc import Mapping
from datetime import date

from rules.calendars.calendars import is_open, is_working_day
from rules.calendars.timezones import time_zone
from rules.model.policy import Team
from rules.presence.presence import Presence
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.people import people
from storage.presence.board import last_board_digest, older_boards
from storage.presence.presence import presence_by_person
from storage.transaction import Transaction


def update_boards(tx: Transaction) -> int:
    """Every team that wants one has its card from the opening on, and what changed by itself is redrawn; how many."""
    return sum(update_board(tx, team) for team in tx.policy.teams.values())


def update_boards_of(tx: Transaction, person: str) -> None:
    """The cards of this person's teams are redrawn, after they pressed something or their leave changed."""
    for team in tx.policy.teams.values():
        if person in team.people:
            update_board(tx, team)


def update_board(tx: Transaction, team: Team) -> bool:
    """Whether the card of today was told to show something else. The first one comes when the team opens."""
    calendar = tx.policy.team_calendar(team.key)
    day = tx.now.astimezone(time_zone(calendar.timezone)).date()
    if not (team.has_presence_board and team.channel and is_working_day(calendar, day)):
        return False
    subject = board_subject(team.key, day)
    shown = last_board_digest(tx, destination=team.channel, subject=subject)
    if shown is None and not is_open(calendar, tx.now):
        return False
    found = presence_by_person(tx, team.people, policy=tx.policy, team=team.key, at=tx.now)
    shows = _board_digest(found, people.names_of(tx, team.people))
    if shown == shows:
        return False
    if shown is None:
        _retire_older_boards(tx, team, subject)
    outbox.queue_message(
        tx, MessageKind.PRESENCE_BOARD, destination=team.channel, subject=subject, data={"shows": shows}
    )
    return True


def board_subject(team: str, day: date) -> str:
    """The name of the day's card; those of a channel sort by their day."""
    return f"{day}:{team}"[:64]


def _retire_older_boards(tx: Transaction, team: Team, subject: str) -> None:
    """Yesterday's card loses its buttons."""
    for older in older_boards(tx, destination=team.channel, subject=subject):
        outbox.queue_message(tx, MessageKind.PRESENCE_BOARD, destination=team.channel, subject=older)


def _board_digest(found: Mapping[str, Presence], called: Mapping[str, str]) -> str:
    """Differs when anything that the card shows does, a name that was not known before as well."""
    said = "|".join(
        f"{who} {called[who]} {one.status} {one.activity} {one.until} {one.since}" for who, one in found.items()
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]
