"""`/report who`: who has how many to do, from which days, who has the most and who the most overdue."""

import asyncio

from desk.desk import Desk
from handlers.cards import holders as cards
from handlers.cards.blocks import Message
from rules import report_questions as questions
from rules.holders import holders
from rules.policy import Policy
from rules.report_questions import Asked
from rules.reports import Scope, day_of, still_open
from storage.load import loads
from storage.reports import facts


async def answer(desk: Desk, by: str, asked: Asked) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = questions.scope(policy, by, asked)
    calendar = questions.calendar_for(policy, whose)
    _, last = questions.span_meant(asked, day_of(calendar, None, now).date)
    day = day_of(calendar, last, now)
    found = await desk.ask_aside(facts, start=day.start, end=day.end)
    whose = questions.spelled(policy, whose, found.teams)
    work = None
    if day.is_today:
        people = {ticket.assignee for ticket in still_open(found, whose) if ticket.assignee}
        work = await desk.ask_aside(loads, people, policy=policy, at=now)
    counted = await asyncio.to_thread(holders, found, whose, day, policy, loads=work)
    return cards.answer(counted, whose, day, policy, team=_team(policy, whose))


def _team(policy: Policy, whose: Scope) -> list[str]:
    """Everyone of whom it can be said that they have nothing to do."""
    if whose.person is not None:
        return []
    keys = policy.teams.keys() if whose.teams is None else whose.teams
    return list(dict.fromkeys(who for key in keys for who in policy.team(key).people))
