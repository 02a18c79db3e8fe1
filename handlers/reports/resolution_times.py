"""`/report times`: how long tickets took, which took longest, and in which state that time went by."""

import asyncio

from handlers.reports.cards import resolution_times as cards
from handlers.slack.blocks import Message
from rules.reports import queries
from rules.reports.daily import report_day
from rules.reports.queries import ReportQuery
from rules.reports.resolution_times import summarise_resolution_times
from services.desk import Desk
from storage.reports.resolution_times import resolved_between


async def answer_resolution_times(desk: Desk, by: str, asked: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    whose = queries.query_scope(policy, by, asked)
    calendar = queries.report_calendar(policy, whose)
    today = report_day(calendar, None, now)
    first, last = queries.query_span(asked, today.date)
    start, end = report_day(calendar, first, now).start, report_day(calendar, last, now).end
    described = whose.teams if whose.teams is not None and whose.teams <= policy.teams.keys() else None
    found = await desk.read_in_worker(resolved_between, start=start, end=end, teams=described, person=whose.person)
    whose = queries.match_imported_team(policy, whose, {one.team for one in found})
    mine = [one for one in found if whose.teams is None or one.team in whose.teams]
    counted = await asyncio.to_thread(summarise_resolution_times, mine, policy)
    return cards.resolution_times_message(counted, whose, cards.DayRange(first, last, today), policy)
