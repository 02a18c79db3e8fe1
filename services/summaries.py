"""At its own hour a team reads how its day went, and each of its people their own part."""

from dataclasses import replace
from datetime import date
from typing import Any

from rules.calendars.calendars import day_bounds
from rules.model.policy import Team
from rules.reports.summaries import Load, Own, Share, Summary, due_day, summarised
from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.people import people
from storage.reports.summaries import held, moved, soonest, was_told
from storage.transaction import Transaction

FIRST = 5


def tell_all(tx: Transaction) -> int:
    """Every team whose hour has come today is told its day, once; how many were."""
    return sum(_tell(tx, team) for team in tx.policy.teams.values())


def _tell(tx: Transaction, team: Team) -> bool:
    calendar = tx.policy.calendar_of(team.key)
    day = due_day(team, calendar, tx.now)
    if day is None or was_told(tx, _once("team", team.key, day, team.channel)):
        return False
    summary = _summary(tx, team, day)
    _queue(tx, summary, team.channel, team=summary.plain())
    _tell_each(tx, team, summary)
    return True


def _summary(tx: Transaction, team: Team, day: date) -> Summary:
    start, end = day_bounds(tx.policy.calendar_of(team.key), day)
    incoming, changed = moved(tx, team=team.key, start=start, end=end)
    holding = held(tx, team=team.key, at=tx.now)
    summary = summarised(team, day, incoming=incoming, held=holding, moved=changed)
    known = people.names(tx, [one.who for one in summary.people])
    return replace(summary, people=tuple(_named(one, known[one.who]) for one in summary.people))


def _named(share: Share, name: str) -> Share:
    return share if name == share.who else replace(share, name=name)


def _tell_each(tx: Transaction, team: Team, summary: Summary) -> None:
    """Everyone of the team who worked today or has something to do, by direct message."""
    theirs = [one for one in summary.people if one.who in team.people and one.load != Load()]
    waiting = soonest(tx, team=team.key, people=[one.who for one in theirs], at=tx.now, limit=FIRST)
    for one in theirs:
        own = Own(team.key, summary.day, one.load, tuple(waiting.get(one.who, ())))
        _queue(tx, summary, one.who, own=own.plain())


def _queue(tx: Transaction, summary: Summary, lane: str, **told: dict[str, Any]) -> None:
    """`told` is the team's day or one person's own, under its name."""
    if outbox.is_person_or_place(lane):
        (what,) = told
        subject, once = f"{what}:{summary.day}:{summary.team}"[:64], _once(what, summary.team, summary.day, lane)
        outbox.queue(tx, Kind.SUMMARY, lane=lane, subject=subject, data=told, once=once)


def _once(what: str, team: str, day: date, lane: str) -> str:
    return f"summary:{what}:{team}:{day}:{lane}"
