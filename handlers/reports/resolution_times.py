"""`/report times`: resolution times, the slowest tickets, and the time in each status."""

import asyncio

from handlers.reports.cards import resolution_times as cards
from handlers.reports.topics import register_topic
from handlers.slack.blocks import Message
from handlers.slack.router import Router
from rules.reports import queries
from rules.reports.daily import MIN_SHARE_TOTAL, report_day
from rules.reports.queries import ReportQuery, ReportTopic
from rules.reports.resolution_times import summarise_resolution_times
from services.desk import Desk
from storage.reports.resolution_times import resolved_between, team_names

RESOLUTION_TIME_DEFINITIONS = (
    "*TRT*: from the report to the last reply of the final closing, which is the solution; it belongs to the day "
    "of the solution, the team that had the ticket then and the person who resolved it; of several solutions in the "
    "span the last counts, and what is reopened later changes nothing. *Open time* is what of it lay in the opening "
    "hours of its promise, else of its team, as they are now; waiting for the customer is part of both.",
    "*Median*: half took no longer. *90 %*: nine of ten took no longer; between two values it lies on the "
    f"straight line. Below n = {MIN_SHARE_TOTAL} they say little. *Where the time went*: how long all of them "
    "together were "
    "in each state, in open time; in the time that passed, where none of it was open.",
)


def register(on: Router) -> None:
    register_topic(
        on,
        ReportTopic("times"),
        answer_resolution_times,
        help="how long tickets took, by type, the slowest, and in which state the time went by",
        definitions=RESOLUTION_TIME_DEFINITIONS,
    )


async def answer_resolution_times(desk: Desk, by: str, query: ReportQuery) -> Message:
    policy, now = desk.policy, desk.clock()
    scope = queries.query_scope(policy, by, query)
    calendar = queries.report_calendar(policy, scope)
    today = report_day(calendar, None, now)
    first, last = queries.query_span(query, today.date)
    start, end = report_day(calendar, first, now).start, report_day(calendar, last, now).end
    if scope.teams is not None and not scope.teams <= policy.teams.keys():
        scope = queries.match_imported_team(policy, scope, await desk.read_in_worker(team_names))
    resolved = await desk.read_in_worker(resolved_between, start=start, end=end, teams=scope.teams, person=scope.person)
    counted = await asyncio.to_thread(summarise_resolution_times, resolved, policy)
    return cards.resolution_times_message(counted, scope, cards.DayRange(first, last, today), policy)
