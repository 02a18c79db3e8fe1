"""The floor card: one for each team and working day, which shows who is here and changes in place."""

import hashlib
from collections.abc import Mapping
from datetime import date

from rules.calendars.calendars import is_open, is_working_day
from rules.calendars.timezones import zone
from rules.model.policy import Team
from rules.presence.presence import Presence
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.people import people
from storage.presence.board import older_cards, shown_last
from storage.presence.presence import presences
from storage.transaction import Transaction


def keep_all(tx: Transaction) -> int:
    """Every team that wants one has its card from the opening on, and what changed by itself is redrawn; how many."""
    return sum(show(tx, team) for team in tx.policy.teams.values())


def show_where(tx: Transaction, person: str) -> None:
    """The cards of this person's teams are redrawn, after they pressed something or their leave changed."""
    for team in tx.policy.teams.values():
        if person in team.people:
            show(tx, team)


def show(tx: Transaction, team: Team) -> bool:
    """Whether the card of today was told to show something else. The first one comes when the team opens."""
    calendar = tx.policy.calendar_of(team.key)
    day = tx.now.astimezone(zone(calendar.timezone)).date()
    if not (team.floor and team.channel and is_working_day(calendar, day)):
        return False
    subject = subject_of(team.key, day)
    shown = shown_last(tx, lane=team.channel, subject=subject)
    if shown is None and not is_open(calendar, tx.now):
        return False
    found = presences(tx, team.people, policy=tx.policy, team=team.key, at=tx.now)
    shows = _digest(found, people.names(tx, team.people))
    if shown == shows:
        return False
    if shown is None:
        _end_older(tx, team, subject)
    outbox.queue(tx, Kind.FLOOR, lane=team.channel, subject=subject, data={"shows": shows})
    return True


def subject_of(team: str, day: date) -> str:
    """The name of the day's card; those of a channel sort by their day."""
    return f"{day}:{team}"[:64]


def _end_older(tx: Transaction, team: Team, subject: str) -> None:
    """Yesterday's card loses its buttons."""
    for older in older_cards(tx, lane=team.channel, subject=subject):
        outbox.queue(tx, Kind.FLOOR, lane=team.channel, subject=older)


def _digest(found: Mapping[str, Presence], called: Mapping[str, str]) -> str:
    """Differs when anything that the card shows does, a name that was not known before as well."""
    said = "|".join(
        f"{who} {called[who]} {one.here} {one.activity} {one.until} {one.since}" for who, one in found.items()
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]
