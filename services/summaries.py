"""At its own hour a team gets the summary of its day, and each of its people their own part."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from rules.calendars.calendars import day_bounds
from rules.model.policy import Team
from rules.reports.summaries import (
    DayLoad,
    Helper,
    PersonShare,
    PersonSummary,
    TeamSummary,
    build_team_summary,
    helper_candidates,
    suggested_helpers,
    summary_day_due,
)
from storage.json_values import to_json
from storage.outbox import outbox
from storage.people import people
from storage.presence.presence import absent_people
from storage.reports.summaries import day_activity, most_urgent_tickets, open_by_assignee, was_queued
from storage.transaction import Transaction
from storage.workload import workloads

SUMMARY = outbox.MessageKind("summary", refreshed=True)
TICKETS_PER_PERSON = 5

Named = TypeVar("Named", PersonShare, Helper)


def send_summaries(tx: Transaction) -> int:
    return sum(_send_summary(tx, team) for team in tx.policy.teams.values())


def _send_summary(tx: Transaction, team: Team) -> bool:
    calendar = tx.policy.team_calendar(team.key)
    day = summary_day_due(team, calendar, tx.now)
    if day is None or was_queued(tx, _dedupe_key("team", team.key, day, team.channel)):
        return False
    summary = _build_summary(tx, team, day)
    _queue_summary(tx, summary, team.channel, team=to_json(summary))
    _send_personal_summaries(tx, team, summary)
    return True


def _build_summary(tx: Transaction, team: Team, day: date) -> TeamSummary:
    start, end = day_bounds(tx.policy.team_calendar(team.key), day)
    incoming, activity = day_activity(tx, team=team.key, start=start, end=end)
    open_work = open_by_assignee(tx, team=team.key, at=tx.now)
    summary = build_team_summary(team, day, incoming=incoming, held=open_work, moved=activity)
    helpers = _suggest_helpers(tx, team, summary)
    shown = [*(share.who for share in summary.people), *(helper.who for helper in helpers)]
    names = people.names_of(tx, shown)
    return replace(
        summary,
        people=tuple(_with_name(share, names) for share in summary.people),
        helpers=tuple(_with_name(helper, names) for helper in helpers),
    )


def _suggest_helpers(tx: Transaction, team: Team, summary: TeamSummary) -> tuple[Helper, ...]:
    """By the same minutes of work as *Assign…* shows."""
    absent = absent_people(tx, team.people, policy=tx.policy, team=team.key, at=tx.now)
    candidates = helper_candidates(team, summary, absent)
    loads = workloads(tx, candidates, policy=tx.policy, at=tx.now)
    return suggested_helpers({who: load.minutes for who, load in loads.items()})


def _with_name(person: Named, names: Mapping[str, str]) -> Named:
    name = names[person.who]
    return person if name == person.who else replace(person, name=name)


def _send_personal_summaries(tx: Transaction, team: Team, summary: TeamSummary) -> None:
    shares = [share for share in summary.people if share.who in team.people and share.load != DayLoad()]
    urgent = most_urgent_tickets(
        tx, team=team.key, people=[share.who for share in shares], at=tx.now, limit=TICKETS_PER_PERSON
    )
    for share in shares:
        own = PersonSummary(team.key, summary.day, share.load, tuple(urgent.get(share.who, ())))
        _queue_summary(tx, summary, share.who, own=to_json(own))


def _queue_summary(tx: Transaction, summary: TeamSummary, destination: str, **data: dict[str, Any]) -> None:
    if outbox.is_slack_id(destination):
        (audience,) = data
        subject = f"{audience}:{summary.day}:{summary.team}"[:64]
        dedupe_key = _dedupe_key(audience, summary.team, summary.day, destination)
        outbox.queue_message(tx, SUMMARY, destination=destination, subject=subject, data=data, dedupe_key=dedupe_key)


def _dedupe_key(audience: str, team: str, day: date, destination: str) -> str:
    return f"summary:{audience}:{team}:{day}:{destination}"
