"""`/report who`: who has how many to do, from which days, who has the most and who the most overdue."""

import asyncio

from handlers.reports.cards import open_work as cards
from handlers.slack.blocks import Message
from rules.model.policy import Policy
from rules.reports import queries
from rules.reports.daily import Scope, day_of, still_open
from rules.reports.open_work import holders
from rules.reports.queries import Asked
from services.desk import Desk
from storage.reports.daily import facts
from storage.workload import loads


async def answer(desk: Desk, by: str, asked: Asked) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.scope(policy, by, asked)
    calendar = queries.calendar_for(policy, whose)
    _, last = queries.span_meant(asked, day_of(calendar, None, now).date)
    day = day_of(calendar, last, now)
    found = await desk.read_in_worker(facts, start=day.start, end=day.end)
    whose = queries.spelled(policy, whose, found.teams)
    work = None
    if day.is_today:
        people = {ticket.assignee for ticket in still_open(found, whose) if ticket.assignee}
        work = await desk.read_in_worker(loads, people, policy=policy, at=now)
    counted = await asyncio.to_thread(holders, found, whose, day, policy, loads=work)
    return cards.answer(counted, whose, day, policy, team=_team(policy, whose))


def _team(policy: Policy, whose: Scope) -> list[str]:
    """Everyone of whom it can be said that they have nothing to do."""
    if whose.person is not None:
        return []
    keys = policy.teams.keys() if whose.teams is None else whose.teams
    return list(dict.fromkeys(who for key in keys for who in policy.team(key).people))
