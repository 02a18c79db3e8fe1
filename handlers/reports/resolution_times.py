"""`/report times`: how long tickets took, which took longest, and in which state that time went by."""

import asyncio

from handlers.reports.cards import resolution_times as cards
from handlers.slack.blocks import Message
from rules.reports import queries
from rules.reports.daily import day_of
from rules.reports.queries import Asked
from rules.reports.resolution_times import times
from services.desk import Desk
from storage.reports.resolution_times import solved_between


async def answer(desk: Desk, by: str, asked: Asked) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.scope(policy, by, asked)
    calendar = queries.calendar_for(policy, whose)
    today = day_of(calendar, None, now)
    first, last = queries.span_meant(asked, today.date)
    start, end = day_of(calendar, first, now).start, day_of(calendar, last, now).end
    described = whose.teams if whose.teams is not None and whose.teams <= policy.teams.keys() else None
    found = await desk.read_in_worker(solved_between, start=start, end=end, teams=described, person=whose.person)
    whose = queries.spelled(policy, whose, {one.team for one in found})
    mine = [one for one in found if whose.teams is None or one.team in whose.teams]
    counted = await asyncio.to_thread(times, mine, policy)
    return cards.answer(counted, whose, cards.Days(first, last, today), policy)
