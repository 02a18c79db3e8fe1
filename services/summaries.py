"""At its own hour a team reads how its day went, and each of its people their own part."""

from dataclasses import replace
from datetime import date
from typing import Any

from rules.calendars.calendars import day_bounds
from rules.model.policy import Team
from rules.reports.summaries import (
    DayLoad,
    PersonShare,
    PersonSummary,
    TeamSummary,
    build_team_summary,
    summary_day_due,
)
from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.people import people
from storage.reports.summaries import day_activity, most_urgent_tickets, open_by_assignee, was_queued
from storage.transaction import Transaction

TICKETS_PER_PERSON = 5


def send_summaries(tx: Transaction) -> int:
    """Every team whose hour has come today is told its day, once; how many were."""
    return sum(_send_summary(tx, team) for team in tx.policy.teams.values())


def _send_summary(tx: Transaction, team: Team) -> bool:
    calendar = tx.policy.team_calendar(team.key)
    day = summary_day_due(team, calendar, tx.now)
    if day is None or was_queued(tx, _dedupe_key("team", team.key, day, team.channel)):
        return False
    summary = _build_summary(tx, team, day)
    _queue_summary(tx, summary, team.channel, team=summary.to_json())
    _send_personal_summaries(tx, team, summary)
    return True


def _build_summary(tx: Transaction, team: Team, day: date) -> TeamSummary:
    start, end = day_bounds(tx.policy.team_calendar(team.key), day)
    incoming, changed = day_activity(tx, team=team.key, start=start, end=end)
    holding = open_by_assignee(tx, team=team.key, at=tx.now)
    summary = build_team_summary(team, day, incoming=incoming, held=holding, moved=changed)
    known = people.names_of(tx, [one.who for one in summary.people])
    return replace(summary, people=tuple(_with_name(one, known[one.who]) for one in summary.people))


def _with_name(share: PersonShare, name: str) -> PersonShare:
    return share if name == share.who else replace(share, name=name)


def _send_personal_summaries(tx: Transaction, team: Team, summary: TeamSummary) -> None:
    """Everyone of the team who worked today or has something to do, by direct message."""
    theirs = [one for one in summary.people if one.who in team.people and one.load != DayLoad()]
    waiting = most_urgent_tickets(
        tx, team=team.key, people=[one.who for one in theirs], at=tx.now, limit=TICKETS_PER_PERSON
    )
    for one in theirs:
        own = PersonSummary(team.key, summary.day, one.load, tuple(waiting.get(one.who, ())))
        _queue_summary(tx, summary, one.who, own=own.to_json())


def _queue_summary(tx: Transaction, summary: TeamSummary, lane: str, **told: dict[str, Any]) -> None:
    """`told` is the team's day or one person's own, under its name."""
    if outbox.is_slack_id(lane):
        (what,) = told
        subject, once = f"{what}:{summary.day}:{summary.team}"[:64], _dedupe_key(what, summary.team, summary.day, lane)
        outbox.queue_message(tx, MessageKind.SUMMARY, destination=lane, subject=subject, data=told, dedupe_key=once)


def _dedupe_key(what: str, team: str, day: date, lane: str) -> str:
    return f"summary:{what}:{team}:{day}:{lane}"
